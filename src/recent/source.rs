//! What one source sends: how often, what becomes of it, what it lacks; and whether it behaves otherwise than usual.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Brief;
use crate::outcome::OutcomeKind;

/// A source is silent after this many of its usual gaps ...
const GAPS: f64 = 8.0;
/// ... and never before this, milliseconds: a feed that is polled every quarter of an hour is not silent.
const PATIENCE: f64 = 30.0 * 60.0 * 1000.0;
/// Articles before anything is called usual.
const USUAL: u64 = 20;
/// Weight of the newest article in the share of dead ones now: the last ten or so.
const NOW: f64 = 0.1;
/// ... and in the usual share: the last hundred.
const LONG: f64 = 0.01;
/// By how much the share of now must exceed the usual one before somebody should look.
const JUMP: f64 = 0.4;

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
    dead_now: f64,
    dead_usually: f64,
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
    /// Articles an hour; `None` before there are two.
    pub per_hour: Option<f64>,
    /// It used to send, and has not for much longer than usual.
    pub silent: bool,
    /// Far more of its last articles died than usual: probably its pages were redesigned.
    pub breaking: bool,
}

impl Habits {
    /// One more article, committed at `now`.
    pub fn add(&mut self, brief: &Brief, now: i64) {
        let time = brief.time.unwrap_or(now).min(now);
        let dead = if brief.kind == OutcomeKind::Dead { 1.0 } else { 0.0 };
        if self.articles == 0 {
            (self.first, self.last) = (time, time);
        }
        self.articles += 1;
        (self.first, self.last) = (self.first.min(time), self.last.max(time));
        self.arrived = now;
        // Until there are enough for a moving share, the plain mean.
        let mean = 1.0 / self.articles as f64;
        self.dead_now += (dead - self.dead_now) * NOW.max(mean);
        self.dead_usually += (dead - self.dead_usually) * LONG.max(mean);
        *self.outcomes.entry(brief.kind).or_default() += 1;
        for field in &brief.missing {
            *self.missing.entry(field).or_default() += 1;
        }
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
            per_hour: gap.map(|gap| 3_600_000.0 / gap),
            silent: gap.is_some_and(|gap| quiet > PATIENCE.max(gap * GAPS)) && self.articles >= USUAL / 4,
            breaking: self.articles >= USUAL && self.dead_now > self.dead_usually + JUMP,
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

    #[test]
    fn outcomes_are_counted() {
        let view = source(10, |n| n == 3).view(0);
        assert_eq!(view.outcomes, BTreeMap::from([("dead", 1), ("duplicate", 9)]));
        assert_eq!((view.articles, view.last), (10, 90 * MINUTE));
    }
}
