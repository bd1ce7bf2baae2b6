//! The embargo of a record: until when its article must not be published. One reader for all who ask, so that nobody takes for
//! free what another holds back: decode refuses what it cannot read, dedupe matches nothing before its time, the record tells it.
//!
//! What the record does not say its text may ([`of_text`]): it is read once, as soon as there is one, and then stands in the
//! record. Wherever a time can be read in two ways, the later is taken.

pub(super) mod line;

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use self::line::Declared;
use super::date::{self, Context, Stamp};
use super::{language, opening, scene};
use crate::article::page::PageFacts;
use crate::article::{CleanArticle, Head};
use crate::stage::url;

/// Blocks from the first kept one in which a text may declare its embargo. More: a story about one is taken for it.
const TOP: usize = 20;

/// Until when an article must not be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embargo {
    /// As the record of the article tells it: RFC 3339, or YYYY-MM-DD for a bare day.
    pub text: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub until: i64,
}

/// The embargo of an article. One that cannot be read stays as it is written and is never over.
pub fn of(head: &Head) -> Option<Embargo> {
    let text = head.embargoed_until.as_deref()?;
    Some(read(text, head).unwrap_or_else(|| Embargo { text: text.to_owned(), until: i64::MAX }))
}

/// An embargo as written: RFC 3339 of whatever year as it stands, else any date that can be read.
pub fn read(text: &str, head: &Head) -> Option<Embargo> {
    rfc3339(text.trim()).or_else(|| printed(text, head))
}

fn rfc3339(text: &str) -> Option<Embargo> {
    if !is_rfc3339(text.as_bytes()) {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let until = match (pieces.time(), pieces.to_numeric_offset()) {
        // the last day of 9999 is beyond what jiff calls an instant
        (Some(time), Some(offset)) => {
            let at = TimeZone::fixed(offset).to_timestamp(pieces.date().to_datetime(time));
            at.map_or(i64::MAX, |at| at.as_millisecond())
        }
        _ => begun(pieces.date()),
    };
    Some(Embargo { text: text.to_owned(), until })
}

/// A day, or a time of one with its offset; other forms are read as well, but are written anew.
fn is_rfc3339(text: &[u8]) -> bool {
    let stands = |at: usize, mark: u8| text.get(at) == Some(&mark);
    let offset = || matches!(text, [.., b'Z'] | [.., b'+' | b'-', _, _, b':', _, _]);
    let clock = || stands(10, b'T') && stands(13, b':') && stands(16, b':') && offset();
    stands(4, b'-') && stands(7, b'-') && (text.len() == 10 || clock())
}

fn printed(text: &str, head: &Head) -> Option<Embargo> {
    let tag = head.language.as_deref();
    let language = tag.and_then(language::code);
    let known = Known::new(head, &PageFacts::default(), tag, language);
    Some(settled(&date::read(text, &known.dates())?, text))
}

/// A day beside whose clock nobody can read is over when it has ended everywhere.
fn settled(stamp: &Stamp, text: &str) -> Embargo {
    let unread = text.replacen(&stamp.published.raw, "", 1).contains(char::is_numeric);
    let day = if unread { stamp.day.tomorrow().unwrap_or(stamp.day) } else { stamp.day };
    match stamp.instant {
        Some((at, _)) => Embargo { text: stamp.value(), until: at.as_millisecond() },
        None => Embargo { text: day.to_string(), until: begun(day) },
    }
}

/// What helps to read the time of an embargo.
struct Known {
    language: Option<String>,
    region: Option<String>,
    fetched: Option<jiff::Timestamp>,
}

impl Known {
    fn new(head: &Head, page: &PageFacts, tag: Option<&str>, language: Option<String>) -> Known {
        let own = head.url.as_deref().and_then(|own| url::absolute(own, None));
        let region = scene::region(own.as_deref(), page, tag);
        let fetched = head.fetched_at.as_deref().or(head.published_at.as_deref()).and_then(scene::moment);
        Known { language, region, fetched }
    }

    fn dates(&self) -> Context<'_> {
        let (language, region) = (self.language.as_deref(), self.region.as_deref());
        Context { language, region, fetched: self.fetched, later: true }
    }
}

/// The embargo that an article declares at the top of its text or in its headline, as the record wants it.
///
/// # Errors
/// The line, where it declares an embargo whose time nobody can read.
pub fn of_text(article: &CleanArticle) -> Result<Option<String>, String> {
    let lines: Vec<&str> = top(article).filter(|line| line::may_declare(line)).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let (head, page) = (&article.head, &article.page);
    let tag = head.language.as_deref().or(page.lang.as_deref());
    let detected = || language::detect(&article.text(), None).map(|found| found.code);
    let known = Known::new(head, page, tag, tag.and_then(language::code).or_else(detected));
    let mut found: Option<Embargo> = None;
    for line in lines {
        match line::read(line, &known.dates()) {
            None => {}
            Some(Declared::Unreadable) => return Err(line.to_owned()),
            Some(Declared::Until(next)) if found.as_ref().is_some_and(|found| found.until >= next.until) => {}
            Some(Declared::Until(next)) => found = Some(next),
        }
    }
    Ok(found.map(|embargo| embargo.text))
}

/// The headline, and the lines up to the second paragraph of the story.
fn top(article: &CleanArticle) -> impl Iterator<Item = &str> {
    let blocks = &article.blocks;
    let first = blocks.iter().position(|block| block.dropped.is_none()).unwrap_or(0);
    let is_told = |block: &&crate::article::Block| block.dropped.is_none() && opening::is_paragraph(block);
    let second = blocks.iter().filter(is_told).nth(1).map(|block| block.text.as_str());
    let before = blocks.iter().take(first + TOP).map(|block| block.text.as_str());
    let before = before.take_while(move |text| second.is_none_or(|second| !std::ptr::eq(*text, second)));
    article.head.headline.as_deref().into_iter().chain(before).flat_map(str::lines)
}

/// When a day has begun everywhere: noon, UTC. Earlier would be too early for somebody.
fn begun(day: Date) -> i64 {
    TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0)).map_or(i64::MAX, |at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(String, i64)> {
        read(text, &Head::default()).map(|embargo| (embargo.text, embargo.until))
    }

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn an_instant_is_kept_as_written_whatever_the_year() {
        for text in [
            "2026-05-01T10:00:00Z",
            "2026-05-01T10:00:00.250+02:00",
            "0001-01-01T00:00:00Z",
            "2100-01-01T00:00:00Z",
            "9999-12-30T00:00:00Z",
        ] {
            assert_eq!(told(text), Some((text.to_owned(), at(text))), "{text}");
        }
        assert_eq!(told("9999-12-31T23:59:59Z"), Some(("9999-12-31T23:59:59Z".to_owned(), i64::MAX)));
        assert_eq!(told(" 2026-05-01T10:00:00Z\n").map(|(text, _)| text).as_deref(), Some("2026-05-01T10:00:00Z"));
    }

    #[test]
    fn a_bare_day_has_begun_when_it_has_begun_everywhere() {
        for text in ["2026-05-01", "2100-01-01", "1 May 2026"] {
            let (day, until) = told(text).unwrap();
            assert_eq!(until, at(&format!("{day}T12:00:00Z")), "{text}");
        }
        assert_eq!(told("9999-12-31"), Some(("9999-12-31".to_owned(), i64::MAX)));
    }

    #[test]
    fn other_forms_are_written_anew() {
        for (text, instant) in [
            ("2026-05-01T10:00:00", "2026-05-01T10:00:00Z"),
            ("2026-05-01 10:00Z", "2026-05-01T10:00:00Z"),
            ("1777629600", "2026-05-01T10:00:00Z"),
            ("1777629600000", "2026-05-01T10:00:00Z"),
            ("1 May 2026, 12:00 CEST", "2026-05-01T12:00:00+02:00"),
        ] {
            assert_eq!(told(text), Some((instant.to_owned(), at(instant))), "{text}");
        }
        let irish = Head { url: Some("https://example.ie/a".into()), ..Head::default() };
        let read = read("2026-05-01T10:00:00", &irish).unwrap();
        assert_eq!(read.text, "2026-05-01T10:00:00+01:00");
    }

    #[test]
    fn of_two_readings_the_later_is_taken_unless_the_source_decides() {
        for text in ["05/06/2026", "06/05/2026"] {
            assert_eq!(told(text), Some(("2026-06-05".into(), at("2026-06-05T12:00:00Z"))), "{text}");
        }
        let british = Head { url: Some("https://example.co.uk/a".into()), ..Head::default() };
        assert_eq!(read("06/05/2026", &british).unwrap().text, "2026-05-06");
        let american = Head { language: Some("en-US".into()), ..Head::default() };
        assert_eq!(read("05/06/2026", &american).unwrap().text, "2026-05-06");
        // a year that is not printed is the nearest, not the last
        let fetched = Head { fetched_at: Some("2026-12-30T10:00:00Z".into()), ..Head::default() };
        assert_eq!(read("2 January, 00:01", &fetched).unwrap().text, "2027-01-02T00:01:00Z");
        assert_eq!(read("29 December, 00:01", &fetched).unwrap().text, "2026-12-29T00:01:00Z");
        // a clock that nobody can read: the day has ended everywhere
        assert_eq!(told("1 May 2026 2330").map(|(text, _)| text).as_deref(), Some("2026-05-02"));
    }

    #[test]
    fn what_cannot_be_read_is_never_over() {
        for text in ["Friday noon", "tomorrow", "22022-04-20", "0", "2100-01-01T00:00:00", "2026-13-01T00:00:00Z"] {
            assert_eq!(told(text), None, "{text}");
            let head = Head { embargoed_until: Some(text.into()), ..Head::default() };
            assert_eq!(of(&head), Some(Embargo { text: text.into(), until: i64::MAX }));
        }
        assert_eq!(of(&Head::default()), None);
    }
}
