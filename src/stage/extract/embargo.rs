//! The embargo of a record: until when its article must not be published. One reader for all who ask, so that nobody takes for
//! free what another holds back: decode refuses what it cannot read, dedupe matches nothing before its time, the record tells it.
//!
//! It knows what the record says, never the page, which is read too late for the first two.

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use super::date::{self, Context};
use super::page::PageFacts;
use super::{language, scene};
use crate::article::Head;
use crate::stage::url;

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
    let own = head.url.as_deref().and_then(|own| url::absolute(own, None));
    let tag = head.language.as_deref();
    let language = tag.and_then(language::code);
    let region = scene::region(own.as_deref(), &PageFacts::default(), tag);
    let fetched = head.fetched_at.as_deref().and_then(scene::moment);
    let stamp = date::read(text, &Context { language: language.as_deref(), region: region.as_deref(), fetched })?;
    let until = stamp.instant.map_or_else(|| begun(stamp.day), |(at, _)| at.as_millisecond());
    Some(Embargo { text: stamp.value(), until })
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
    fn what_cannot_be_read_is_never_over() {
        for text in ["Friday noon", "tomorrow", "22022-04-20", "0", "2100-01-01T00:00:00", "2026-13-01T00:00:00Z"] {
            assert_eq!(told(text), None, "{text}");
            let head = Head { embargoed_until: Some(text.into()), ..Head::default() };
            assert_eq!(of(&head), Some(Embargo { text: text.into(), until: i64::MAX }));
        }
        assert_eq!(of(&Head::default()), None);
    }
}
