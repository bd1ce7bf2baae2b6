//! The dateline a wire story begins with: place or places, day, agency, then a dash. `PORTLAND, Ore., Feb 26 (Reuters) - `.

mod place;
mod unspaced;

use std::sync::LazyLock;

use super::date::{self, Context};
use super::{agency, name};
use crate::stage::quick::Set;
use crate::stage::table;
use crate::stage::text::head;
use place::{is_known, places};
use unspaced::unspaced;

const WORDS: &str = include_str!("../data/datelines.txt");

/// Longest dateline, in bytes. Longer: a sentence with a dash in it is taken for one.
const MAX_DATELINE: usize = 140;

static STOP: LazyLock<Set<&'static str>> = LazyLock::new(|| table::group(WORDS, "stop").into_iter().collect());
static NEVER: LazyLock<Set<&'static str>> = LazyLock::new(|| table::group(WORDS, "never").into_iter().collect());
static SMALL: LazyLock<Set<&'static str>> = LazyLock::new(|| table::group(WORDS, "small").into_iter().collect());

/// A dateline as printed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Line {
    /// The place as printed; empty when only a day or an agency was.
    pub place: String,
    /// The places in normal case.
    pub places: Vec<String>,
    /// Year if printed, month and day.
    pub day: Option<(Option<i16>, i8, i8)>,
    /// The agency's usual name.
    pub agency: Option<&'static str>,
    /// A byline that stood before the place, without its `By`.
    pub byline: Option<String>,
    /// A place and a colon, and nothing else that makes it a dateline.
    pub bare: bool,
}

impl Line {
    /// True when an agency or a day stood beside the place.
    fn is_sure(&self) -> bool {
        self.agency.is_some() || self.day.is_some()
    }
}

/// The dateline of a paragraph.
pub(super) fn read(paragraph: &str, context: &Context) -> Option<Line> {
    let head = head(paragraph, MAX_DATELINE);
    unspaced(head, context).or_else(|| {
        let (end, mut line) = separators(head).find_map(|end| Some((end, ended(head, end, context)?)))?;
        let rest = head.get(end..)?;
        if !line.is_sure() {
            line.day = day_behind(rest, context);
        }
        if line.place.is_empty() && line.day.is_none() {
            line = place_behind(rest, context).map_or(line.clone(), |place| Line { agency: line.agency, ..place });
        }
        Some(line)
    })
}

/// The dateline that ends before the sign at `end`. Without a dash it must be surer of its place.
fn ended(head: &str, end: usize, context: &Context) -> Option<Line> {
    let line = line(head.get(..end)?, context)?;
    let sign = head.get(end..)?.chars().next()?;
    let known = || line.places.iter().all(|place| is_known(place));
    let capitals = || !line.place.is_empty() && !line.place.chars().any(char::is_lowercase);
    match sign {
        ':' if !line.is_sure() => known().then(|| Line { bare: true, ..line.clone() }),
        ' ' | '\u{a0}' => (line.agency.is_some() && (line.day.is_some() || capitals() || known())).then_some(line),
        _ => Some(line),
    }
}

/// `(ANSA) - ROMA, 03 MAR - `: place and day behind the agency, with a dash of their own.
fn place_behind(text: &str, context: &Context) -> Option<Line> {
    let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let found = separators(rest).find_map(|end| line(rest.get(..end)?, context))?;
    let fits = found.agency.is_none() && found.byline.is_none() && !found.place.is_empty();
    (fits && (found.day.is_some() || found.places.iter().all(|place| is_known(place)))).then_some(found)
}

/// `RENO, Nev. - March 4 - `: a day behind the first dash, with a dash of its own.
fn day_behind(text: &str, context: &Context) -> Option<(Option<i16>, i8, i8)> {
    let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = separators(rest).next()?;
    let (year, month, day, used) = date::month_day(rest.get(..end)?, context)?;
    rest.get(used..end)?.chars().all(|c| !c.is_alphanumeric()).then_some((year, month, day))
}

/// Where a dateline may end: before a dash or a lone underscore with space behind it, before a dash glued to a bracket, before a
/// colon and a capital, behind an agency in brackets (`TOKYO (Kyodo) The council`, `/ТАСС/.`).
fn separators(head: &str) -> impl Iterator<Item = usize> {
    head.char_indices().filter_map(move |(at, c)| {
        let before = head[..at].chars().next_back()?;
        let after = head[at + c.len_utf8()..].chars().next();
        let spaced = before.is_whitespace() && after.is_none_or(|c| c.is_whitespace() || c == '-' || c == '—');
        let glued = matches!(before, ')' | '.') || (before.is_numeric() && after.is_some_and(char::is_whitespace));
        match c {
            '-' | '–' | '—' | '―' | '_' | '‐' | '−' if spaced || glued => Some(at),
            '–' | '—' | '―' if before.is_alphabetic() => Some(at),
            ':' if before == ')' || before.is_numeric() => Some(at),
            ':' if before.is_uppercase() && opens(&head[at + 1..]) => Some(at),
            '.' if before == '/' => Some(at),
            ' ' | '\u{a0}' if before == ')' && opens(&head[at..]) => Some(at),
            _ => None,
        }
    })
}

/// True when a sentence begins here, after white space.
fn opens(text: &str) -> bool {
    let rest = text.trim_start();
    rest.len() < text.len() && rest.trim_start_matches(['"', '“', '«', '‘', '\'']).starts_with(char::is_uppercase)
}

/// Everything before the dash, as a dateline or not.
fn line(text: &str, context: &Context) -> Option<Line> {
    let mut line = Line::default();
    let mut rest = text
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—'))
        .trim_start_matches(['*', ' ', '\u{a0}', '/', '>']);
    if let (Some(_), after) = name::without_lead(rest) {
        let (byline, place) = glued_byline(after)?;
        line.byline = Some(byline.to_owned());
        rest = place;
    }
    rest = take_agency(rest, &mut line);
    rest = take_day(rest, &mut line, context);
    rest = take_agency(rest, &mut line);
    let rest = without_stop(rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':')));
    if rest.is_empty() {
        return (line.agency.is_some() && line.byline.is_none()).then_some(line);
    }
    let sender = sender(rest).filter(|_| !line.is_sure());
    let rest = sender.unwrap_or(rest);
    let sure = line.is_sure() || sender.is_some();
    is_place(rest, sure).then(|| {
        line.place = rest.to_owned();
        line.places = places(rest);
        line
    })
}

/// `Ann Example PANAMA CITY`: the names end where the capitals begin.
fn glued_byline(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    let mut mixed = false;
    for word in text.split(' ') {
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        if mixed && letters >= 3 && capitals == letters {
            return Some((text[..at].trim(), &text[at..]));
        }
        mixed |= letters > capitals;
        at += word.len() + 1;
    }
    None
}

/// Longest name of a sender in brackets, in bytes.
const MAX_SENDER: usize = 24;

/// `Nairobi, Kenya (CNN)`, `ATLANTA, Ga. (Quay News First)`: a known place before the letters of a sender that is no agency, or one
/// in capitals before its name.
fn sender(text: &str) -> Option<&str> {
    let (place, letters) = text.strip_suffix(')')?.rsplit_once('(')?;
    let is_short = (2..=6).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase());
    let place = place.trim_end();
    let known = || is_short && places(place).iter().all(|place| is_known(place));
    let town = place.split(',').next().unwrap_or("");
    let capitals = town.chars().filter(|c| c.is_uppercase()).count() > 2 && !town.contains(char::is_lowercase);
    let named = || {
        let is_name = |word: &str| word.starts_with(char::is_uppercase);
        (2..=MAX_SENDER).contains(&letters.len()) && letters.split(' ').all(is_name) && !is_known(letters)
    };
    (known() || capitals && named()).then_some(place)
}

/// Takes `(Reuters)`, `/ТАСС/` or `, Reuter` from the end.
fn take_agency<'t>(text: &'t str, line: &mut Line) -> &'t str {
    let text = text.trim_end().trim_end_matches(',');
    let text = text.strip_suffix('.').filter(|text| text.ends_with(')')).unwrap_or(text);
    if line.agency.is_some() {
        return text;
    }
    for (open, close) in [('(', ')'), ('/', '/')] {
        if let Some((before, inner)) = text.strip_suffix(close).and_then(|text| text.rsplit_once(open))
            && let Some(name) = agency::bracketed(inner)
        {
            line.agency = Some(name);
            // "NEW YORK--(BUSINESS WIRE)"
            return before.trim_end_matches([' ', '-', '–', '—']);
        }
    }
    let named = [",", "/", ". "].iter().find_map(|sign| {
        let (before, last) = text.rsplit_once(sign)?;
        Some((before, agency::named(last)?))
    });
    line.agency = named.map(|(_, name)| name);
    named.map_or(text, |(before, _)| before)
}

/// Takes `, Feb 26` or `, 3 mai` from the end.
fn take_day<'t>(text: &'t str, line: &mut Line, context: &Context) -> &'t str {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let starts = text.char_indices().filter(|(at, c)| *at == 0 || matches!(c, ',' | ' ' | '.'));
    for (at, c) in starts {
        let start = if at == 0 && c.is_alphanumeric() { 0 } else { at + c.len_utf8() };
        let tail = &text[start..];
        if !tail.starts_with(char::is_alphanumeric) {
            continue;
        }
        if let Some((year, month, day, end)) = date::month_day(tail, context)
            && tail[end..].chars().all(|c| !c.is_alphanumeric())
        {
            line.day = Some((year, month, day));
            return text[..start].trim_end_matches([',', ' ']);
        }
        // a misprinted day ("March 119") still ends the place
        if date::is_word_and_number(tail) {
            return text[..start].trim_end_matches([',', ' ']);
        }
    }
    text
}

/// A full stop ends the place (`Москва.`) unless it belongs to an abbreviation behind it (`PORTLAND, Ore.`, `WASHINGTON D.C.`).
fn without_stop(place: &str) -> &str {
    let last = place.rsplit([' ', ',']).next().unwrap_or("");
    let abbreviation = place.contains(',') || last.trim_end_matches('.').contains('.');
    if abbreviation { place } else { place.trim_end_matches('.') }
}

/// True for what may be the place of a dateline: capitals, or, when an agency or a day stood beside it, capitalised words.
fn is_place(text: &str, sure: bool) -> bool {
    let city = text.split([',', '(']).next().unwrap_or(text).trim();
    let letters = city.chars().filter(|c| c.is_alphabetic()).count();
    let words = text.split_whitespace().count();
    if letters < 2 || words > 9 || text.len() > 80 || text.chars().any(|c| c.is_numeric() || "?!\"“”:;".contains(c))
    {
        return false;
    }
    let never = |word: &str| NEVER.contains(word.to_lowercase().as_str());
    if STOP.contains(city.to_lowercase().as_str()) || !sure && text.split_whitespace().any(never) {
        return false;
    }
    let capital = |word: &str| word.chars().find(|c| c.is_alphabetic()).is_none_or(|c| !c.is_lowercase());
    let all_capital_words =
        text.split([' ', ',', '/']).all(|word| capital(word) || SMALL.contains(word.trim_matches('.')));
    let in_capitals = city.chars().all(|c| !c.is_lowercase()) || (letters > 4 && city.starts_with("Mc"));
    // "New york, March 2": misprinted capitals, where a day or an agency says what it is
    let misprinted = sure && words <= 3 && capital(city);
    (all_capital_words || misprinted) && (in_capitals && letters >= 3 || sure)
}

#[cfg(test)]
mod tests;
