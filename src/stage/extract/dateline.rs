//! The dateline a wire story begins with: place or places, day, agency, then a dash. `PORTLAND, Ore., Feb 26 (Reuters) - `.

mod place;
mod unspaced;

use std::sync::LazyLock;

use super::date::{self, Context};
use super::{agency, name};
use crate::stage::quick::Set;
use crate::stage::table;
use place::places;
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
}

/// The dateline of a paragraph.
pub(super) fn read(paragraph: &str, context: &Context) -> Option<Line> {
    let head = head(paragraph);
    unspaced(head, context).or_else(|| {
        let (end, mut line) = separators(head).find_map(|end| Some((end, line(head.get(..end)?, context)?)))?;
        if line.day.is_none() && line.agency.is_none() {
            line.day = day_behind(head.get(end..)?, context);
        }
        Some(line)
    })
}

/// `RENO, Nev. - March 4 - `: a day behind the first dash, with a dash of its own.
fn day_behind(text: &str, context: &Context) -> Option<(Option<i16>, i8, i8)> {
    let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = separators(rest).next()?;
    let (year, month, day, used) = date::month_day(rest.get(..end)?, context)?;
    rest.get(used..end)?.chars().all(|c| !c.is_alphanumeric()).then_some((year, month, day))
}

fn head(paragraph: &str) -> &str {
    let mut end = paragraph.len().min(MAX_DATELINE);
    while !paragraph.is_char_boundary(end) {
        end -= 1;
    }
    &paragraph[..end]
}

/// Where a dateline may end: before a dash or a lone underscore with space behind it, before a dash glued to a bracket.
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
            _ => None,
        }
    })
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
    let sure = line.agency.is_some() || line.day.is_some();
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

/// Takes `(Reuters)` or `, Reuter` from the end.
fn take_agency<'t>(text: &'t str, line: &mut Line) -> &'t str {
    let text = text.trim_end().trim_end_matches(',');
    let text = text.strip_suffix('.').filter(|text| text.ends_with(')')).unwrap_or(text);
    if line.agency.is_some() {
        return text;
    }
    if let Some(open) = text.rfind('(')
        && text.ends_with(')')
        && let Some(name) = agency::bracketed(&text[open + 1..text.len() - 1])
    {
        line.agency = Some(name);
        return text[..open].trim_end();
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
mod tests {
    use super::*;

    fn short(text: &str) -> String {
        match read(text, &Context::default()) {
            None => "-".into(),
            Some(line) => {
                let day = line.day.map_or(String::new(), |(year, month, day)| {
                    format!(" {}-{month:02}-{day:02}", year.map_or("-".into(), |y| y.to_string()))
                });
                format!("{} [{}]{day} {}", line.place, line.places.join("; "), line.agency.unwrap_or("-"))
            }
        }
    }

    #[test]
    fn datelines_of_many_agencies() {
        for (text, expected) in [
            ("PANAMA CITY (Reuters) – The minister said", "PANAMA CITY [Panama City] Reuters"),
            ("By Ann Example PANAMA CITY (Reuters) – The minister said", "PANAMA CITY [Panama City] Reuters"),
            ("WASHINGTON, Feb 26 - The department said", "WASHINGTON [Washington] --02-26 -"),
            ("NAIROBI, Kenya (AP) _ The river rose", "NAIROBI, Kenya [Nairobi, Kenya] AP"),
            ("Washington (AFP) – The house voted", "Washington [Washington] AFP"),
            ("LONDON/PARIS, May 3 (Reuters) - Markets fell", "LONDON/PARIS [London; Paris] --05-03 Reuters"),
            ("PORTLAND, Ore., Feb 26 - The brewery said", "PORTLAND, Ore. [Portland, Ore.] --02-26 -"),
            ("WHITE PLAINS, N.Y., March 23 - The firm said", "WHITE PLAINS, N.Y. [White Plains, N.Y.] --03-23 -"),
            ("NEW YORK, MARCH 20 - The stock rose", "NEW YORK [New York] --03-20 -"),
            ("NEW YORK, March 119 - The firm is", "NEW YORK [New York] -"),
            ("NEW YORK, Narch 2 - The firm is", "NEW YORK [New York] -"),
            ("PITTSBURGH, MArch 2 - The firm is", "PITTSBURGH [Pittsburgh] --03-02 -"),
            ("LONDON, Mar 2 - The firm is", "LONDON [London] --03-02 -"),
            ("BATON ROUGE, La, March 6 - The firm is", "BATON ROUGE, La [Baton Rouge, La] --03-06 -"),
            ("RENO, Nev., - March 4 - The firm is", "RENO, Nev. [Reno, Nev.] --03-04 -"),
            ("New york, March 2 - The firm is", "New york [New york] --03-02 -"),
            ("ROME, March 13, Reuter - The rate rose", "ROME [Rome] --03-13 Reuters"),
            ("Sydney, March 3 - Money supply rose", "Sydney [Sydney] --03-03 -"),
            ("Dec 29 (Reuters) - The candidate said", " [] --12-29 Reuters"),
            ("NEW YORK, Nov. 19 (UPI) — The former", "NEW YORK [New York] --11-19 UPI"),
            ("Berlin (dpa) - Der Bundestag", "Berlin [Berlin] DPA"),
            ("Madrid, 3 may (EFE).- El Gobierno", "Madrid [Madrid] --05-03 EFE"),
            ("RIO DE JANEIRO (AP) — The carnival", "RIO DE JANEIRO [Rio de Janeiro] AP"),
            ("PORT-AU-PRINCE, Haiti (AP) — The port", "PORT-AU-PRINCE, Haiti [Port-au-Prince, Haiti] AP"),
            ("Москва. 20 апреля. INTERFAX.RU - Глава", "Москва [Москва] --04-20 Interfax"),
            ("OSLO — The council", "OSLO [Oslo] -"),
            ("МОСКВА, 20 апр - РИА Новости. Министр", "МОСКВА [Москва] --04-20 -"),
            ("新华社北京4月20日电 外交部", "北京 [北京] --04-20 Xinhua"),
            ("(서울=연합뉴스) 기자", "서울 [서울] Yonhap"),
            ("【ロンドン共同】首相は", "ロンドン [ロンドン] Kyodo"),
            ("The plan — which was new — failed", "-"),
            ("WATCH - the video", "-"),
            ("BREAKING — a fire", "-"),
            ("A well-known man said so", "-"),
            ("I am - he said", "-"),
            ("", "-"),
        ] {
            assert_eq!(short(text), expected, "{text}");
        }
    }

    #[test]
    fn a_byline_before_the_place_is_kept() {
        let line =
            read("By Ann Example and Bob Sample NEW DELHI, April 3 (Reuters) - Rain", &Context::default()).unwrap();
        assert_eq!(line.byline.as_deref(), Some("Ann Example and Bob Sample"));
    }
}
