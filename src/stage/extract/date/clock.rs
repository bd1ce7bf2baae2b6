//! The clock and the zone as newspapers print them, after a day or before it.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use super::Context;
use super::scan::{Kind, Token};
use super::words::Meaning;
use super::zone;
use crate::article::ZoneSource;

/// Most signs and joining words between a day and its clock. More: a clock of the next sentence is taken.
const MAX_JOINERS: usize = 5;

/// A time of day as printed.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    pub time: Time,
    /// True when seconds were printed.
    pub seconds: bool,
    /// The zone printed with it.
    pub zone: Option<(TimeZone, ZoneSource)>,
    /// Token after it.
    pub end: usize,
}

/// The clock after a day that ends at token `at`, past commas, dashes, weekdays and words such as `at`, `um`, `kl.`
pub(super) fn after(tokens: &[Token], at: usize, text: &str, context: &Context) -> Option<Clock> {
    let scene = Scene { tokens, text, context };
    scene.clock(scene.past_joiners(at), true)
}

/// A clock that begins at token `at` and cannot be anything else.
pub(super) fn at(tokens: &[Token], at: usize, text: &str, context: &Context) -> Option<Clock> {
    Scene { tokens, text, context }.clock(at, false)
}

/// True when only joiners stand between the tokens `from` and `to`.
pub(super) fn joined(tokens: &[Token], from: usize, to: usize, text: &str) -> bool {
    let context = Context::default();
    let scene = Scene { tokens, text, context: &context };
    from <= to && to - from <= MAX_JOINERS && scene.past_joiners(from) >= to
}

struct Scene<'s, 't> {
    tokens: &'s [Token],
    text: &'t str,
    context: &'s Context<'s>,
}

/// How hour and minute were written: what may follow, and how sure it is that this is a clock.
struct Face {
    hour: u64,
    minute: u64,
    second: Option<u64>,
    /// `15:23` and `15h23` are clocks; `15.23`, `1523` and `3` need a zone, a meridiem or a mark beside them.
    sure: bool,
    end: usize,
}

impl Scene<'_, '_> {
    fn number(&self, at: usize) -> Option<(u64, u8)> {
        self.tokens.get(at)?.number()
    }

    fn is_sign(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_sign(sign))
    }

    fn means(&self, at: usize, meaning: Meaning) -> bool {
        self.tokens.get(at).is_some_and(|token| token.means(meaning))
    }

    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(token) if matches!(token.kind, Kind::Word(_)) => self.text.get(token.start..token.end).unwrap_or(""),
            _ => "",
        }
    }

    fn past_joiners(&self, at: usize) -> usize {
        let joins = |at: &usize| match self.tokens.get(*at) {
            Some(Token { kind: Kind::Sign(c), .. }) => ",-–—|·•@(.:;/~∙)（）".contains(*c),
            Some(token) => {
                (token.means(Meaning::At) || token.means(Meaning::Weekday) || matches!(self.word(*at), "T" | "t"))
                    && !token.means(Meaning::Am)
            }
            None => false,
        };
        (at..at + MAX_JOINERS).find(|at| !joins(at)).unwrap_or(at + MAX_JOINERS)
    }

    /// `loose`: directly after a day, where `15.23` is a clock without further signs.
    fn clock(&self, at: usize, loose: bool) -> Option<Clock> {
        let before = self.meridiem(at);
        let at = before.map_or(at, |(_, next)| next);
        let face = self
            .marked(at)
            .or_else(|| self.signed(at, loose))
            .or_else(|| self.packed(at, loose))
            .or_else(|| self.bare(at))?;
        let (pm, next) = match before.map(|(pm, _)| pm) {
            Some(pm) => (Some(pm), face.end),
            None => self.meridiem(face.end).map_or((None, face.end), |(pm, next)| (Some(pm), next)),
        };
        let marked = self.means(next, Meaning::HourMark);
        let next = next + usize::from(marked);
        let zone = self.zone(next);
        if !face.sure && pm.is_none() && !marked && zone.is_none() {
            return None;
        }
        let hour = match pm {
            Some(true) if face.hour < 12 => face.hour + 12,
            Some(false) if face.hour == 12 => 0,
            _ => face.hour,
        };
        let time = Time::new(hour as i8, face.minute as i8, face.second.unwrap_or(0) as i8, 0).ok()?;
        let (zone, end) = zone.map_or((None, next), |(zone, source, end)| (Some((zone, source)), end));
        Some(Clock { time, seconds: face.second.is_some(), zone, end })
    }

    fn hour(&self, at: usize) -> Option<u64> {
        let (hour, 1..=2) = self.number(at)? else { return None };
        (hour < 24).then_some(hour)
    }

    fn sixty(&self, at: usize, least: u8) -> Option<u64> {
        let (value, digits) = self.number(at)?;
        (digits >= least && digits <= 2 && value < 60).then_some(value)
    }

    /// `15h23`, `15 h`, `15時23分`, `3시 23분`, `15 Uhr 23`
    fn marked(&self, at: usize) -> Option<Face> {
        let hour = self.hour(at)?;
        if !self.means(at + 1, Meaning::HourMark)
            || self.tokens.get(at + 1)?.means(Meaning::Ago(super::words::Unit::Hour)) && self.word(at + 1) == "hours"
        {
            return None;
        }
        let Some(minute) = self.sixty(at + 2, 1) else {
            return Some(Face { hour, minute: 0, second: None, sure: true, end: at + 2 });
        };
        let end = at + 3 + usize::from(self.means(at + 3, Meaning::MinuteMark));
        let second = self.sixty(end, 1).filter(|_| self.means(end + 1, Meaning::SecondMark));
        Some(Face { hour, minute, second, sure: true, end: end + 2 * usize::from(second.is_some()) })
    }

    /// `15:23`, `15:23:00`, `15:23:00.000`, `15.23`
    fn signed(&self, at: usize, loose: bool) -> Option<Face> {
        let hour = self.hour(at)?;
        let colon = self.is_sign(at + 1, ':') || self.is_sign(at + 1, '：');
        if !colon && !self.is_sign(at + 1, '.') {
            return None;
        }
        let minute = self.sixty(at + 2, 2)?;
        if !colon {
            let more = self.is_sign(at + 3, '.') && self.number(at + 4).is_some();
            return (!more).then_some(Face { hour, minute, second: None, sure: loose, end: at + 3 });
        }
        let second = self.sixty(at + 4, 2).filter(|_| self.is_sign(at + 3, ':'));
        let mut end = at + 3 + 2 * usize::from(second.is_some());
        if second.is_some()
            && (self.is_sign(end, '.') || self.is_sign(end, ','))
            && self.number(end + 1).is_some_and(|_| !self.tokens[end + 1].spaced)
        {
            end += 2;
        }
        Some(Face { hour, minute, second, sure: true, end })
    }

    /// `152300`, `1523 GMT`
    fn packed(&self, at: usize, loose: bool) -> Option<Face> {
        let (value, digits) = self.number(at)?;
        let face = match digits {
            6 if loose => Face {
                hour: value / 10_000,
                minute: value / 100 % 100,
                second: Some(value % 100),
                sure: true,
                end: at + 1,
            },
            4 => Face { hour: value / 100, minute: value % 100, second: None, sure: false, end: at + 1 },
            _ => return None,
        };
        (face.hour < 24 && face.minute < 60).then_some(face)
    }

    /// `3 pm`
    fn bare(&self, at: usize) -> Option<Face> {
        let hour = self.hour(at)?;
        self.meridiem(at + 1)?;
        Some(Face { hour, minute: 0, second: None, sure: false, end: at + 1 })
    }

    fn meridiem(&self, at: usize) -> Option<(bool, usize)> {
        let token = self.tokens.get(at)?;
        let pm = token.means(Meaning::Pm);
        // one-letter and everyday words count only in their own language
        let own = token.senses().iter().any(|sense| {
            matches!(sense.meaning, Meaning::Am | Meaning::Pm)
                && (matches!(sense.language, "en" | "ar" | "zh" | "ja" | "ko" | "hi" | "el")
                    || Some(sense.language) == self.context.language)
        });
        (own && (pm || token.means(Meaning::Am))).then_some((pm, at + 1))
    }

    /// The zone at token `at`, in brackets or not.
    fn zone(&self, at: usize) -> Option<(TimeZone, ZoneSource, usize)> {
        if self.is_sign(at, '(') {
            let (zone, source, end) = self.zone(at + 1)?;
            return Some((zone, source, end + usize::from(self.is_sign(end, ')'))));
        }
        if let Some((zone, end)) = self.offset(at, false) {
            return Some((zone, ZoneSource::Explicit, end));
        }
        let word = self.word(at);
        if matches!(word, "UTC" | "GMT" | "utc" | "gmt" | "Z" | "z" | "Utc" | "Gmt") {
            let (zone, end) = self.offset(at + 1, true).unwrap_or((TimeZone::UTC, at + 1));
            return Some((zone, ZoneSource::Explicit, end));
        }
        self.named(at).or_else(|| {
            let zone = zone::abbreviation(word, self.context.region)?;
            Some((zone.clone(), ZoneSource::Abbreviation, at + 1))
        })
    }

    /// `+02:00`, `-0400`, `+2` after UTC.
    fn offset(&self, at: usize, after_utc: bool) -> Option<(TimeZone, usize)> {
        let negative = match self.tokens.get(at)?.kind {
            Kind::Sign('+') => false,
            Kind::Sign('-' | '−') => true,
            _ => return None,
        };
        let token = self.tokens.get(at + 1)?;
        let (value, digits) = token.number().filter(|_| !token.spaced)?;
        let minutes = self.sixty(at + 3, 2).filter(|_| self.is_sign(at + 2, ':'));
        let (hours, minutes, end) = match (digits, minutes) {
            (1..=2, Some(minutes)) => (value, minutes, at + 4),
            (4, _) => (value / 100, value % 100, at + 2),
            (1..=2, None) if after_utc || (!negative && !self.tokens[at].spaced) => (value, 0, at + 2),
            _ => return None,
        };
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|seconds| *seconds <= 15 * 3600)?;
        let offset = jiff::tz::Offset::from_seconds(if negative { -seconds } else { seconds }).ok()?;
        Some((TimeZone::fixed(offset), end))
    }

    /// `Eastern Daylight Time`, `Pacific time`, `Europe/Berlin`
    fn named(&self, at: usize) -> Option<(TimeZone, ZoneSource, usize)> {
        let short = match self.word(at) {
            "Eastern" | "eastern" => "ET",
            "Central" | "central" => "CT",
            "Mountain" | "mountain" => "MT",
            "Pacific" | "pacific" => "PT",
            area @ ("Europe" | "America" | "Asia" | "Africa" | "Australia") if self.is_sign(at + 1, '/') => {
                let zone = TimeZone::get(&format!("{area}/{}", self.word(at + 2))).ok()?;
                return Some((zone, ZoneSource::Abbreviation, at + 3));
            }
            _ => return None,
        };
        let kind = matches!(self.word(at + 1), "Daylight" | "Standard" | "daylight" | "standard");
        let time = at + 1 + usize::from(kind);
        matches!(self.word(time), "Time" | "time").then_some(())?;
        Some((zone::abbreviation(short, None)?.clone(), ZoneSource::Abbreviation, time + 1))
    }
}

/// A local time in a zone as an instant with its offset.
pub(super) fn offset_seconds(zone: &TimeZone, local: DateTime) -> Option<i32> {
    zone::offset(zone, local).map(|offset| offset.seconds())
}
