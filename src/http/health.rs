//! Is this worker alive, and is it ready? Set by whoever knows, read by the probes.
//!
//! Alive means that the driver makes steps; it never depends on the broker, else an outage would restart the fleet.
//! Ready means that every condition holds.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::closed::closed;
use crate::settings::Stages;

closed! {
    /// What must hold before a worker is ready.
    pub enum Condition {
        /// It has partitions, or knows that none is left for it.
        Joined = "joined",
        /// The producer is made; with exactly once it has its id too, by which it fences its own past.
        Producer = "producer",
        /// The own tail of the print log has caught up once, at the start.
        PrintLog = "print_log",
    }
}

impl Condition {
    /// Those of a worker that runs these stages.
    pub fn of(stages: Stages) -> &'static [Condition] {
        if stages.judges() { &Condition::ALL } else { &[Condition::Joined, Condition::Producer] }
    }
}

/// The state behind `/livez` and `/readyz`. Shared as an `Arc`.
#[derive(Debug)]
pub struct Health {
    stalled_after: Duration,
    last_tick: Mutex<Instant>,
    unmet: Mutex<BTreeMap<Condition, String>>,
}

impl Health {
    /// Not ready until each of `conditions` was reported met; alive while the last tick is younger than `stalled_after`.
    /// Being made counts as the first tick.
    pub fn new(stalled_after: Duration, conditions: &[Condition]) -> Health {
        let unmet = conditions.iter().map(|condition| (*condition, "not yet".to_owned())).collect();
        Health { stalled_after, last_tick: Mutex::new(Instant::now()), unmet: Mutex::new(unmet) }
    }

    /// The driver made a step.
    pub fn tick(&self) {
        self.tick_at(Instant::now());
    }

    fn tick_at(&self, now: Instant) {
        *self.last_tick.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// How long ago the driver made a step.
    pub fn since_tick(&self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.last_tick.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nothing when alive, else why not.
    pub fn stalled(&self, now: Instant) -> Option<String> {
        let age = self.since_tick(now);
        (age > self.stalled_after).then(|| format!("the driver made no step for {:.1} s", age.as_secs_f64()))
    }

    /// `condition` holds from now on.
    pub fn met(&self, condition: Condition) {
        self.unmet.lock().unwrap_or_else(PoisonError::into_inner).remove(&condition);
    }

    /// `condition` does not hold; `reason` is shown to whoever asks.
    pub fn unmet(&self, condition: Condition, reason: impl Into<String>) {
        self.unmet.lock().unwrap_or_else(PoisonError::into_inner).insert(condition, reason.into());
    }

    /// What keeps this worker from being ready; empty when it is.
    pub fn reasons(&self) -> BTreeMap<Condition, String> {
        self.unmet.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True when every condition holds.
    pub fn is_ready(&self) -> bool {
        self.unmet.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_needs_every_condition_and_can_be_lost_again() {
        let health = Health::new(Duration::from_secs(60), &Condition::ALL);
        assert_eq!(health.reasons().len(), 3);
        Condition::ALL.into_iter().for_each(|condition| health.met(condition));
        assert!(health.is_ready());
        health.unmet(Condition::PrintLog, "12 records behind");
        assert_eq!(health.reasons(), BTreeMap::from([(Condition::PrintLog, "12 records behind".to_owned())]));
        assert!(!health.is_ready());
    }

    #[test]
    fn alive_means_a_step_within_the_bound_and_nothing_else() {
        let health = Health::new(Duration::from_secs(60), &Condition::ALL);
        let start = Instant::now();
        health.tick_at(start);
        assert_eq!(health.stalled(start + Duration::from_secs(60)), None, "not ready, and alive");
        let why = health.stalled(start + Duration::from_secs(61)).unwrap();
        assert!(why.contains("61.0 s"), "{why}");
        health.tick_at(start + Duration::from_secs(61));
        assert_eq!(health.stalled(start + Duration::from_secs(62)), None);
    }
}
