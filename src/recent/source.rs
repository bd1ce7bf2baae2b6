//! What one source sends: how often, what becomes of it, what it lacks; and whether it behaves otherwise than usual.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Brief;
use crate::metrics::Field;
use crate::outcome::OutcomeKind;

/// A source is silent after this many of its usual gaps ...
const GAPS: f64 = 8.0;
/// ... and never before this, milliseconds: a feed that is polled every quarter of an hour is not silent.
const PATIENCE: f64 = 30.0 * 60.0 * 1000.0;
/// Articles before anything is called usual.
const USUAL: u64 = 20;
/// Weight of the newest article in a share of now: the last ten or so.
const NOW: f64 = 0.1;
/// ... and in the usual share: the last hundred.
const LONG: f64 = 0.01;
/// By how much the share of now must exceed the usual one before somebody should look.
const JUMP: f64 = 0.4;
/// An hour is counted in so many parts.
const PARTS: i64 = 12;
/// One of them, milliseconds.
const PART: i64 = 3_600_000 / PARTS;

/// How many of the articles are so, lately and usually.
#[derive(Debug, Default, Clone, Copy)]
struct Share {
    now: f64,
    usually: f64,
}

impl Share {
    /// One more article, the `n`th.
    fn add(&mut self, is: bool, n: u64) {
        let is = if is { 1.0 } else { 0.0 };
        // Until there are enough for a moving share, the plain mean.
        let mean = 1.0 / n as f64;
        self.now += (is - self.now) * NOW.max(mean);
        self.usually += (is - self.usually) * LONG.max(mean);
    }

    fn jumped(self) -> bool {
        self.now > self.usually + JUMP
    }
}

/// The articles of the last hour, in parts of it.
#[derive(Debug, Default)]
struct Hour {
    parts: [u64; PARTS as usize],
    /// Number of the newest part since 1970-01-01 UTC.
    newest: i64,
}

impl Hour {
    fn add(&mut self, time: i64) {
        let part = time.div_euclid(PART);
        for passed in (self.newest + 1..=part).rev().take(self.parts.len()) {
            self.of(passed).into_iter().for_each(|part| *part = 0);
        }
        self.newest = self.newest.max(part);
        if part > self.newest - PARTS {
            self.of(part).into_iter().for_each(|part| *part += 1);
        }
    }

    fn of(&mut self, part: i64) -> Option<&mut u64> {
        self.parts.get_mut(usize::try_from(part.rem_euclid(PARTS)).ok()?)
    }

    /// Articles in the hour before `now`, to the part.
    fn until(&self, now: i64) -> u64 {
        let first = now.div_euclid(PART) - PARTS + 1;
        let counted = (first.max(self.newest - PARTS + 1)..=self.newest).map(|part| part.rem_euclid(PARTS));
        counted.filter_map(|part| self.parts.get(usize::try_from(part).ok()?)).sum()
    }
}

/// What was seen of a source.
#[derive(Debug, Default)]
pub(super) struct Habits {
    articles: u64,
    outcomes: BTreeMap<OutcomeKind, u64>,
    missing: BTreeMap<&'static str, u64>,
    /// First and last message time, milliseconds since 1970-01-01 UTC.
    first: i64,
    last: i64,
    /// When its last article was committed, likewise.
    arrived: i64,
    hour: Hour,
    dead: Share,
    /// Of its published articles, by field.
    lacking: BTreeMap<&'static str, Share>,
}

/// A source as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceView {
    /// Articles since this worker started.
    pub articles: u64,
    /// ... by outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Published articles that lack a field, by field.
    pub missing: BTreeMap<&'static str, u64>,
    /// Time of its last article, milliseconds since 1970-01-01 UTC.
    pub last: i64,
    /// Articles in the last hour, by message time.
    pub last_hour: u64,
    /// Articles an hour since this worker saw the first; `None` before there are two.
    pub per_hour: Option<f64>,
    /// It used to send, and has not for much longer than usual.
    pub silent: bool,
    /// Far more of its last articles died than usual: probably its pages were redesigned.
    pub breaking: bool,
    /// Fields that far more of its last published articles lack than usual: likewise.
    pub losing: Vec<&'static str>,
}

impl Habits {
    /// One more article, committed at `now`.
    pub fn add(&mut self, brief: &Brief, now: i64) {
        let time = brief.time.unwrap_or(now).min(now);
        if self.articles == 0 {
            (self.first, self.last) = (time, time);
        }
        self.articles += 1;
        (self.first, self.last) = (self.first.min(time), self.last.max(time));
        self.arrived = now;
        self.hour.add(time);
        self.dead.add(brief.kind == OutcomeKind::Dead, self.articles);
        *self.outcomes.entry(brief.kind).or_default() += 1;
        if matches!(brief.kind, OutcomeKind::Enriched | OutcomeKind::Revision) {
            self.published(brief);
        }
    }

    fn published(&mut self, brief: &Brief) {
        let n = self.count_published();
        for field in Field::ALL.map(Field::name) {
            self.lacking.entry(field).or_default().add(brief.missing.contains(&field), n);
        }
        for field in &brief.missing {
            *self.missing.entry(field).or_default() += 1;
        }
    }

    fn count_published(&self) -> u64 {
        [OutcomeKind::Enriched, OutcomeKind::Revision].iter().filter_map(|kind| self.outcomes.get(kind)).sum()
    }

    /// When its last article was committed, milliseconds since 1970-01-01 UTC.
    pub fn arrived(&self) -> i64 {
        self.arrived
    }

    /// Usual time between two articles, milliseconds; `None` before there are two at different times.
    fn gap(&self) -> Option<f64> {
        let span = (self.last - self.first) as f64;
        (self.articles > 1 && span > 0.0).then(|| span / (self.articles - 1) as f64)
    }

    fn losing(&self) -> Vec<&'static str> {
        let jumped = self.lacking.iter().filter(|(_, share)| share.jumped()).map(|(field, _)| *field);
        if self.count_published() >= USUAL { jumped.collect() } else { Vec::new() }
    }

    /// How it looks at `now`.
    pub fn view(&self, now: i64) -> SourceView {
        let gap = self.gap();
        // Both times: an old backlog that is being worked off is not silence.
        let quiet = (now - self.last.max(self.arrived)) as f64;
        SourceView {
            articles: self.articles,
            outcomes: self.outcomes.iter().map(|(kind, records)| (kind.name(), *records)).collect(),
            missing: self.missing.clone(),
            last: self.last,
            last_hour: self.hour.until(now),
            per_hour: gap.map(|gap| 3_600_000.0 / gap),
            silent: gap.is_some_and(|gap| quiet > PATIENCE.max(gap * GAPS)) && self.articles >= USUAL / 4,
            breaking: self.articles >= USUAL && self.dead.jumped(),
            losing: self.losing(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::brief;
    use super::*;

    const MINUTE: i64 = 60_000;

    fn source(articles: i64, dead: impl Fn(i64) -> bool) -> Habits {
        let mut habits = Habits::default();
        (0..articles).for_each(|n| habits.add(&brief("x", dead(n), n * 10 * MINUTE), n * 10 * MINUTE));
        habits
    }

    #[test]
    fn a_source_is_silent_after_much_longer_than_usual_and_not_before() {
        let habits = source(10, |_| false);
        let last = 90 * MINUTE;
        assert_eq!(habits.view(last).per_hour, Some(6.0));
        assert!(!habits.view(last + 79 * MINUTE).silent, "eight gaps of ten minutes");
        assert!(habits.view(last + 81 * MINUTE).silent);
        assert!(!source(4, |_| false).view(1000 * MINUTE).silent, "four articles are no habit");
    }

    #[test]
    fn a_backlog_is_not_silence() {
        let mut habits = Habits::default();
        (0..50).for_each(|n| habits.add(&brief("x", false, n * MINUTE), 10_000 * MINUTE));
        assert!(!habits.view(10_010 * MINUTE).silent, "it was read ten minutes ago");
    }

    #[test]
    fn more_dead_than_usual_shows_and_as_many_as_usual_do_not() {
        assert!(source(200, |n| n >= 190).view(0).breaking);
        assert!(!source(200, |n| n % 2 == 0).view(0).breaking, "half of them always die");
        assert!(!source(200, |_| true).view(0).breaking);
        assert!(!source(10, |n| n >= 5).view(0).breaking, "ten articles are no habit");
    }

    /// Article `n` of a source, published without these fields.
    fn published(n: i64, missing: &[&'static str]) -> Brief {
        let dead = brief("x", true, n * 10 * MINUTE);
        Brief { kind: OutcomeKind::Enriched, missing: missing.to_vec(), ..(*dead).clone() }
    }

    #[test]
    fn a_field_that_is_suddenly_missing_shows_and_one_that_always_is_does_not() {
        let stream = |missing: fn(i64) -> &'static [&'static str]| {
            let mut habits = Habits::default();
            (0..100).for_each(|n| habits.add(&published(n, missing(n)), n * 10 * MINUTE));
            habits.view(0)
        };
        let redesigned = stream(|n| if n < 90 { &["agency"] } else { &["agency", "authors", "headline"] });
        assert_eq!(redesigned.losing, ["authors", "headline"]);
        assert_eq!(redesigned.missing, BTreeMap::from([("agency", 100), ("authors", 10), ("headline", 10)]));
        assert!(!redesigned.breaking, "none of them died");
        assert!(stream(|n| if n % 3 == 0 { &["authors"] } else { &[] }).losing.is_empty(), "a third never has one");
        assert!(stream(|n| if n == 99 { &["authors"] } else { &[] }).losing.is_empty(), "one alone is no redesign");
    }

    #[test]
    fn the_last_hour_stands_beside_the_usual_rate() {
        let mut habits = source(100, |_| false);
        let last = 990 * MINUTE;
        assert_eq!((habits.view(last).last_hour, habits.view(last).per_hour), (6, Some(6.0)));
        assert_eq!(habits.view(last + 30 * MINUTE).last_hour, 3, "half of them are older by now");
        assert_eq!(habits.view(last + 90 * MINUTE).last_hour, 0);
        (0..50).for_each(|_| habits.add(&brief("x", false, last + MINUTE), last + MINUTE));
        assert_eq!(habits.view(last + MINUTE).last_hour, 56, "a burst");
        habits.add(&brief("x", false, 0), last + MINUTE);
        assert_eq!(habits.view(last + MINUTE).last_hour, 56, "an old one counts to its own hour");
        assert_eq!(habits.view(last + 100_000 * MINUTE).last_hour, 0);
    }

    #[test]
    fn outcomes_are_counted() {
        let view = source(10, |n| n == 3).view(0);
        assert_eq!(view.outcomes, BTreeMap::from([("dead", 1), ("duplicate", 9)]));
        assert_eq!((view.articles, view.last), (10, 90 * MINUTE));
    }
}
