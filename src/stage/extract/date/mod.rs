//! Dates as newspapers print them, to instants: a scanner, a small grammar, jiff for the calendar.
//!
//! Never silently wrong: what was assumed is in `zone_source` and `ambiguous`, a bare day is not midnight, a year outside
//! reason or a relative time without a moment to count from is absent. Linear in the text; a text is looked at up to a limit.

mod clock;
mod day;
mod relative;
mod scan;
mod shared;
mod telling;
mod words;
mod zone;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::article::{Precision, Published, ZoneSource};
use crate::stage::text::{head, tail};
use clock::Clock;
use relative::Relative;
pub use telling::{Telling, telling};
pub use words::Label;

/// Longest text looked at, in bytes. Longer: costs time and finds dates of the story, not of its publication.
const MAX_TEXT: usize = 600;

/// Bytes before a stamp in which a label may stand.
const LABEL: usize = 60;

/// What is known before a date is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'c> {
    /// ISO 639-1 code of the page's language.
    pub language: Option<&'c str>,
    /// ISO 3166 country of the site.
    pub region: Option<&'c str>,
    /// When the page was fetched: relative times count from it, missing years are taken from it.
    pub fetched: Option<Timestamp>,
    /// Where a date can be read in two ways take the later, and look for a missing year ahead as well: what must not be told too
    /// early had better be told too late.
    pub later: bool,
}

impl Context<'_> {
    /// The day of fetching, UTC.
    fn today(&self) -> Option<Date> {
        self.fetched.map(|at| TimeZone::UTC.to_datetime(at).date())
    }

    /// Whether 04/05/2022 has the month first; `None` when nothing tells.
    fn month_first(&self) -> Option<bool> {
        match (self.region.and_then(zone::month_first), self.language) {
            (Some(known), _) => Some(known),
            (None, Some(language)) if language != "en" => Some(false),
            _ => None,
        }
    }

    fn speaks(&self, language: &str) -> bool {
        self.language.is_none_or(|own| own == language)
    }
}

/// True for an ISO 3166 country the tables know.
pub fn is_country(region: &str) -> bool {
    zone::is_country(region)
}

/// A date as printed, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// The day, in the printed zone.
    pub day: Date,
    /// The instant, where a clock was printed, and its offset from UTC in seconds.
    pub instant: Option<(Timestamp, i32)>,
    /// What was printed and assumed.
    pub published: Published,
}

impl Stamp {
    /// RFC 3339 with offset, or YYYY-MM-DD for a bare day.
    pub fn value(&self) -> String {
        match self.instant {
            Some((at, 0)) => at.to_string(),
            Some((at, seconds)) => match Offset::from_seconds(seconds) {
                Ok(offset) => at.display_with_offset(offset).to_string(),
                Err(_) => at.to_string(),
            },
            None => self.day.to_string(),
        }
    }
}

/// A date found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The date.
    pub stamp: Stamp,
    /// What the words before it say it is.
    pub label: Option<Label>,
    /// True when the year was not printed in full.
    pub weak: bool,
    /// Where it stands, in bytes.
    pub span: std::ops::Range<usize>,
}

/// True for the name of a weekday.
pub fn is_weekday(word: &str) -> bool {
    matches!(scan::scan(word).as_slice(), [only] if only.means(words::Meaning::Weekday))
}

/// True for words that say of a day what it is, and nothing else: `Publié le`.
pub fn is_label(text: &str) -> bool {
    words::is_label(text)
}

/// What a text that stands before a date says of it.
pub fn label(text: &str) -> Option<Label> {
    words::label(tail(&text.to_lowercase(), LABEL))
}

/// Every date of a text, in order.
pub fn find(text: &str, context: &Context) -> Vec<Found> {
    let text = head(text, MAX_TEXT);
    let tokens = scan::scan(text);
    let mut found = Vec::new();
    let mut at = 0;
    let mut previous_end = 0;
    let mut clock: Option<(usize, Clock)> = None;
    while at < tokens.len() {
        let before = clock.as_ref().filter(|(_, clock)| clock::joined(&tokens, clock.end, at, text));
        if let Some((stamp, weak, end)) = read_at(&tokens, at, text, context, before.map(|(_, clock)| clock)) {
            let first = before.map_or(at, |(start, _)| *start);
            let span = tokens[first].start..tokens[end - 1].end;
            let stamp = stamp.with_raw(text.get(span.clone()).unwrap_or(""));
            let lead: String = text.get(previous_end..span.start).unwrap_or("").to_lowercase();
            found.push(Found { stamp, label: words::label(tail(&lead, LABEL)), weak, span: span.clone() });
            previous_end = span.end;
            clock = None;
            at = end;
        } else if let Some(next) = clock::at(&tokens, at, text, context) {
            let end = next.end;
            clock = Some((at, next));
            at = end;
        } else {
            at += 1;
        }
    }
    shared::zone(&mut found);
    found
}

/// The one date of a short text such as a meta tag or a field of a record: also packed digits and seconds since 1970.
pub fn read(text: &str, context: &Context) -> Option<Stamp> {
    let text = text.trim();
    if let Some(stamp) = packed(text, context) {
        return Some(stamp);
    }
    let found = find(text, context);
    let labelled = found.iter().find(|found| found.label == Some(Label::Published));
    labelled.or(found.first()).map(|found| found.stamp.clone())
}

/// Month and day of a dateline such as `Feb 26`, the year if printed, and how many bytes they take from the start.
pub fn month_day(text: &str, context: &Context) -> Option<(Option<i16>, i8, i8, usize)> {
    let text = head(text, MAX_TEXT);
    let tokens = scan::scan(text);
    // "Domingo" is a day of the week in Spanish and part of a place elsewhere
    let own = |language: &str| language == "en" || context.language == Some(language);
    let weekday = |token: &scan::Token| {
        let mut senses = token.senses().iter();
        token.month(None).is_none()
            && senses.any(|sense| sense.meaning == words::Meaning::Weekday && own(sense.language))
    };
    let first = tokens.iter().position(|token| !weekday(token) && !token.is_sign(','))?;
    let day = day::at(&tokens, first, text, context)?;
    Some((day.year.filter(|_| !day.short_year), day.month, day.day, tokens.get(day.end.checked_sub(1)?)?.end))
}

/// True for a word and a number and nothing else: a day, printed right or not (`March 119`, `Narch 2`).
pub fn is_word_and_number(text: &str) -> bool {
    let tokens = scan::scan(head(text, MAX_TEXT));
    matches!(tokens.as_slice(), [month, number] if matches!(month.kind, scan::Kind::Word(_)) && number.number().is_some_and(|(_, digits)| digits <= 3))
}

/// `20220420`, `20220420T152300Z`, `1650468180`, `1650468180000`.
fn packed(text: &str, context: &Context) -> Option<Stamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: i64 = text.get(..digits)?.parse().ok()?;
    let rest = &text[digits..];
    match digits {
        10 if rest.is_empty() => instant(Timestamp::from_second(number).ok()?, text),
        13 if rest.is_empty() => instant(Timestamp::from_millisecond(number).ok()?, text),
        8 | 12 | 14 if digits == 8 || rest.is_empty() => {
            let iso = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]);
            let clock = if digits == 8 { rest.to_owned() } else { format!("T{}", pad(&text[8..digits])) };
            let stamp = find(&format!("{iso}{clock}"), context).into_iter().next()?.stamp;
            Some(stamp.with_raw(text))
        }
        _ => None,
    }
}

/// `1523` to `152300`.
fn pad(clock: &str) -> String {
    format!("{clock:0<6}")
}

fn instant(at: Timestamp, raw: &str) -> Option<Stamp> {
    let day = TimeZone::UTC.to_datetime(at).date();
    (1990..=2099).contains(&day.year()).then(|| Stamp {
        day,
        instant: Some((at, 0)),
        published: Published {
            raw: raw.to_owned(),
            precision: Precision::Second,
            zone_source: Some(ZoneSource::Explicit),
            ambiguous: false,
        },
    })
}

fn read_at(
    tokens: &[scan::Token],
    at: usize,
    text: &str,
    context: &Context,
    before: Option<&Clock>,
) -> Option<(Stamp, bool, usize)> {
    match relative::at(tokens, at, text, context) {
        Some(Relative::Instant(time, end)) => {
            let mut stamp = instant(time, "")?;
            stamp.published.precision = Precision::Minute;
            return Some((stamp, false, end));
        }
        Some(Relative::Day(date, end)) => {
            let clock = clock::after(tokens, end, text, context);
            let end = clock.as_ref().map_or(end, |clock| clock.end);
            return Some((stamp(date, clock.as_ref().or(before), false, context), true, end));
        }
        None => {}
    }
    let day = day::at(tokens, at, text, context)?;
    let weak = day.year.is_none() || day.short_year;
    let date = day.date(context)?;
    let after = day.clock.clone().or_else(|| clock::after(tokens, day.end, text, context));
    let end = after.as_ref().map_or(day.end, |clock| clock.end.max(day.end));
    Some((stamp(date, after.as_ref().or(before), day.ambiguous, context), weak, end))
}

fn stamp(day: Date, clock: Option<&Clock>, ambiguous: bool, context: &Context) -> Stamp {
    let bare = Published { raw: String::new(), precision: Precision::Day, zone_source: None, ambiguous };
    let Some(clock) = clock else { return Stamp { day, instant: None, published: bare } };
    let (zone, source) = match &clock.zone {
        Some((zone, source)) => (zone.clone(), *source),
        None => match context.region.and_then(zone::of_country) {
            Some(zone) => (zone.clone(), ZoneSource::Site),
            None => (TimeZone::UTC, ZoneSource::Assumed),
        },
    };
    let local = day.to_datetime(clock.time);
    let instant = clock::offset_seconds(&zone, local)
        .and_then(|seconds| Some((Offset::from_seconds(seconds).ok()?.to_timestamp(local).ok()?, seconds)));
    let precision = if clock.seconds { Precision::Second } else { Precision::Minute };
    let published = Published { precision, zone_source: Some(source), ..bare.clone() };
    Stamp { day, instant, published: if instant.is_some() { published } else { bare } }
}

impl Stamp {
    fn with_raw(mut self, raw: &str) -> Stamp {
        self.published.raw = raw.trim().to_owned();
        self
    }
}

#[cfg(test)]
mod cases;
