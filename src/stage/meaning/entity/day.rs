//! Days and spans of days, by rule: a day as YYYY-MM-DD, a month as YYYY-MM, a year as YYYY. A day without its year gets the one that
//! brings it nearest to the publication; what would have to be guessed (`Saturday`, `in July`) gets no normal form.

mod tense;

use std::sync::LazyLock;

use jiff::civil::Date;

use super::found::{Found, Reader};
use crate::article::EntityKind;
use crate::stage::quick::{Map, Set};
use crate::stage::table;

/// Months by language and word, 1 to 12.
static MONTHS: LazyLock<Map<&'static str, Map<&'static str, i8>>> = LazyLock::new(|| {
    let lines = table::lines(include_str!("../../data/months.txt")).filter_map(|line| line.split_once(':'));
    lines.map(|(language, groups)| (language, months(groups))).collect()
});

fn months(groups: &'static str) -> Map<&'static str, i8> {
    let numbered = groups.split('|').zip(1..);
    numbered.flat_map(|(words, month)| words.split_whitespace().map(move |word| (word, month))).collect()
}

/// The words around days.
struct Words {
    weekdays: Set<&'static str>,
    before_year: Set<&'static str>,
    before_year_elsewhere: Set<&'static str>,
    before_month: Set<&'static str>,
    behind_clock: Set<&'static str>,
}

/// Abbreviations of zones, as printed.
static ZONES: LazyLock<Set<&'static str>> = LazyLock::new(|| {
    table::lines(include_str!("../../data/zones.txt")).filter_map(|line| line.split_whitespace().next()).collect()
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let list = |key: &str| table::group(include_str!("../../data/day-words.txt"), key).into_iter().collect();
    Words {
        weekdays: list("weekday"),
        before_year: list("before-year"),
        before_year_elsewhere: list("before-year-elsewhere"),
        before_month: list("before-month"),
        behind_clock: list("behind-clock"),
    }
});

/// A day read so far.
#[derive(Debug, Clone, Copy)]
struct Span {
    end: usize,
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
}

/// All days; `published` is the day of publication.
pub fn read(text: &Reader, published: Option<Date>) -> Vec<Found> {
    let Some(months) = MONTHS.get(text.language) else { return Vec::new() };
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match one(text, at, months, published) {
            Some(one) => {
                at = one.end;
                found.push(one);
            }
            None => at += 1,
        }
    }
    found
}

fn one(text: &Reader, at: usize, months: &Map<&str, i8>, published: Option<Date>) -> Option<Found> {
    if text.language == "en" && text.token(at).starts_with(|c: char| c.is_ascii_lowercase()) {
        return relative(text, at, published); // most words; nothing else begins with a small letter
    }
    let span = iso(text, at)
        .or_else(|| month_first(text, at, months))
        .or_else(|| day_first(text, at, months))
        .or_else(|| year_alone(text, at));
    if let Some(span) = span {
        // a day to come that its sentence tells as past belongs to another year, nobody says which
        let ahead = |norm: &String| span.year.is_none() && published.is_some_and(|day| *norm > day.to_string());
        let norm = norm(span, published).filter(|norm| !(ahead(norm) && tense::is_past(text, at)));
        return Some(Found::new(at, span.end, EntityKind::Date, norm, 0.9));
    }
    if text.language != "en" {
        return None;
    }
    let word = text.lower(at);
    let named = text.token(at).starts_with(char::is_uppercase) && WORDS.weekdays.contains(word.trim_end_matches('.'));
    if named && text.token(at).len() > 3 {
        return Some(Found::new(at, at + 1, EntityKind::Date, None, 0.85));
    }
    relative(text, at, published).or_else(|| decade(text, at)).or_else(|| month_alone(text, at, months))
}

/// `yesterday`
fn relative(text: &Reader, at: usize, published: Option<Date>) -> Option<Found> {
    let step = match text.lower(at) {
        "yesterday" => -1,
        "today" => 0,
        "tomorrow" => 1,
        _ => return None,
    };
    let day = published.and_then(|day| day.checked_add(jiff::Span::new().days(step)).ok());
    Some(Found::new(at, at + 1, EntityKind::Date, day.map(|day| day.to_string()), 0.7))
}

fn norm(span: Span, published: Option<Date>) -> Option<String> {
    match (span.year, span.month, span.day) {
        (Some(year), Some(month), Some(day)) => Some(Date::new(year, month, day).ok()?.to_string()),
        (Some(year), Some(month), None) => Some(format!("{year:04}-{month:02}")),
        (Some(year), None, None) => Some(format!("{year:04}")),
        (None, Some(month), Some(day)) => nearest(month, day, published?).map(|date| date.to_string()),
        _ => None,
    }
}

/// The day of this name nearest to another.
fn nearest(month: i8, day: i8, to: Date) -> Option<Date> {
    let years = (-1..=1).filter_map(|step| to.year().checked_add(step));
    years.filter_map(|year| Date::new(year, month, day).ok()).min_by_key(|date| (*date - to).get_days().abs())
}

/// `2026-03-01`, which the tokeniser keeps whole.
fn iso(text: &Reader, at: usize) -> Option<Span> {
    let token = text.token(at);
    let date: Date = (token.len() == 10).then(|| token.parse().ok()).flatten()?;
    Some(Span { end: at + 1, year: Some(date.year()), month: Some(date.month()), day: Some(date.day()) })
}

/// `Sept. 1, 1987`, `April 5th`, `December 1993`. A month alone is too often something else.
fn month_first(text: &Reader, at: usize, months: &Map<&str, i8>) -> Option<Span> {
    let month = month(text, at, months)?;
    let after = at + 1 + usize::from(text.lower(at + 1) == "." && text.touches(at));
    if let Some(day) = day(text, after).filter(|_| text.language == "en") {
        let comma = usize::from(text.token(after + 1) == ",");
        let year = year(text, after + 1 + comma);
        let end = if year.is_some() { after + 2 + comma } else { after + 1 };
        return Some(Span { end, year, month: Some(month), day: Some(day) });
    }
    let link = usize::from(matches!(text.lower(after), "," | "de" | "del" | "of"));
    let year = year(text, after + link)?;
    Some(Span { end: after + link + 1, year: Some(year), month: Some(month), day: None })
}

/// `5 April 1994`, `1er avril`, `5 de abril de 2021`, `3. März`.
fn day_first(text: &Reader, at: usize, months: &Map<&str, i8>) -> Option<Span> {
    let day = day(text, at)?;
    let dot = usize::from(text.token(at + 1) == "." && text.touches(at));
    let link = usize::from(matches!(text.lower(at + 1 + dot), "de" | "di" | "of"));
    let place = at + 1 + dot + link;
    let month = month(text, place, months)?;
    let stop = usize::from(text.token(place + 1) == "." && text.touches(place) && text.token(place).len() < 5);
    let after = place + 1 + stop;
    let link = usize::from(matches!(text.lower(after), "de" | "del" | ","));
    match year(text, after + link) {
        Some(year) => Some(Span { end: after + link + 1, year: Some(year), month: Some(month), day: Some(day) }),
        None => Some(Span { end: place + 1, year: None, month: Some(month), day: Some(day) }),
    }
}

/// A year behind a word that goes with one.
fn year_alone(text: &Reader, at: usize) -> Option<Span> {
    let year = year(text, at).filter(|_| !is_clock(text, at))?;
    let before = at.checked_sub(1).map_or("", |before| text.lower(before));
    let fits = match text.language {
        "en" => WORDS.before_year.contains(before) && !matches!(text.lower(at + 1), "people" | "%" | "percent"),
        _ => WORDS.before_year_elsewhere.contains(before),
    };
    fits.then_some(Span { end: at + 1, year: Some(year), month: None, day: None })
}

/// `1900 GMT`, `2030 hrs`: four digits before a zone or a word for hours are a time of day.
fn is_clock(text: &Reader, at: usize) -> bool {
    ZONES.contains(text.token(at + 1)) || WORDS.behind_clock.contains(text.lower(at + 1))
}

/// `1980s`, `'60s`; not `in his 60s`, `in her early 60s`.
fn decade(text: &Reader, at: usize) -> Option<Found> {
    let before = |step: usize| at.checked_sub(step).map_or("", |before| text.lower(before));
    let part = matches!(before(1), "early" | "mid" | "late");
    if matches!(before(1 + usize::from(part)), "his" | "her" | "their" | "my" | "your" | "our") {
        return None;
    }
    let digits = text.token(at).strip_suffix('s')?;
    let whole = matches!(digits.len(), 2 | 4) && digits.ends_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    let fits = whole
        && (digits.len() == 2 || digits.starts_with("19") || digits.starts_with("20") || digits.starts_with("18"));
    fits.then(|| Found::new(at, at + 1, EntityKind::Date, None, 0.8))
}

/// `in July`, `last December`
fn month_alone(text: &Reader, at: usize, months: &Map<&str, i8>) -> Option<Found> {
    month(text, at, months)?;
    let before = at.checked_sub(1).map_or("", |before| text.lower(before));
    let fits = WORDS.before_month.contains(before);
    fits.then(|| Found::new(at, at + 1, EntityKind::Date, None, 0.8))
}

/// A month; in English only with a capital, for "may" and "march" are words.
fn month(text: &Reader, at: usize, months: &Map<&str, i8>) -> Option<i8> {
    let written = text.language != "en" || text.token(at).starts_with(char::is_uppercase);
    months.get(text.lower(at).trim_end_matches('.')).copied().filter(|_| written)
}

fn day(text: &Reader, at: usize) -> Option<i8> {
    let token = text.lower(at);
    let digits = token.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h', 'º', 'e', '.']);
    let short = (1..=2).contains(&digits.len()) && token.len() <= digits.len() + 3;
    digits.parse().ok().filter(|day| short && (1..=31).contains(day))
}

fn year(text: &Reader, at: usize) -> Option<i16> {
    let token = text.token(at);
    let whole = token.len() == 4 && token.bytes().all(|b| b.is_ascii_digit());
    whole.then(|| token.parse().ok()).flatten().filter(|year| (1700..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, language: &str) -> Vec<(String, Option<String>)> {
        let tokens = crate::stage::meaning::entity::token::tokens(text);
        let reader = Reader::new(text, &tokens, language);
        let place = |found: &Found| text[tokens[found.start].start..tokens[found.end - 1].end].to_owned();
        let found = read(&reader, Date::new(2026, 3, 4).ok());
        found.into_iter().map(|found| (place(&found), found.norm)).collect()
    }

    #[test]
    fn days_months_and_years() {
        for (language, text, form, norm) in [
            ("en", "on Sept. 1, 1987 it", "Sept. 1, 1987", Some("1987-09-01")),
            ("en", "on December 30 it", "December 30", Some("2025-12-30")),
            ("en", "on 5 April 1994 it", "5 April 1994", Some("1994-04-05")),
            ("en", "by April 1994 it", "April 1994", Some("1994-04")),
            ("en", "born in 1965 she", "1965", Some("1965")),
            ("en", "it said Saturday that", "Saturday", None),
            ("en", "it said yesterday that", "yesterday", Some("2026-03-03")),
            ("en", "in the 1980s it", "1980s", None),
            ("en", "on 2025-11-30 it", "2025-11-30", Some("2025-11-30")),
            ("de", "am 3. März 2021 war", "3. März 2021", Some("2021-03-03")),
            ("fr", "le 5 avril 2021 à", "5 avril 2021", Some("2021-04-05")),
            ("es", "el 5 de abril de 2021 en", "5 de abril de 2021", Some("2021-04-05")),
            ("it", "il 5 aprile 2021 a", "5 aprile 2021", Some("2021-04-05")),
            ("nl", "op 5 april 2021 in", "5 april 2021", Some("2021-04-05")),
        ] {
            assert_eq!(all(text, language), [(form.to_owned(), norm.map(str::to_owned))], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_day_is_none() {
        for text in [
            "she may 5 times",
            "we march in line",
            "by 1900 GMT",
            "at around 2030 hrs",
            "2000 people came",
            "the 45 men",
            "February 31 20",
            "Sat down",
        ] {
            let found = all(text, "en");
            assert!(found.iter().all(|(_, norm)| norm.is_none()), "{text}: {found:?}");
        }
        assert_eq!(all("she may go", "en"), []);
        assert_eq!(all("a man in his 60s, and a woman in her early 70s", "en"), []);
        assert_eq!(all("on 5 April", "xx"), []);
    }
}
