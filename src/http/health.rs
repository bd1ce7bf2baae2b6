//! Is this worker alive, and is it ready? Set by whoever knows, read by the probes.
//!
//! Alive means that the driver makes steps; it never depends on the broker, else an outage would restart the fleet.
//! Ready means that every condition holds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::closed::closed;
use crate::settings::Settings;

closed! {
    /// What must hold before a worker is ready.
    pub enum Condition {
        /// It has partitions, or knows that none is left for it.
        Joined = "joined",
        /// The producer is made; with exactly once it has its id too, by which it fences its own past.
        Producer = "producer",
        /// The own tail of the print log has caught up once, at the start.
        PrintLog = "print_log",
        /// The fetch stage is in its group and has its producer.
        Fetch = "fetch",
    }
}

impl Condition {
    /// Those of a worker with these settings.
    pub fn of(settings: &Settings) -> Vec<Condition> {
        let mut conditions = vec![Condition::Joined, Condition::Producer];
        conditions.extend(settings.run.stages.judges().then_some(Condition::PrintLog));
        conditions.extend(settings.fetches().then_some(Condition::Fetch));
        conditions
    }
}

/// The state behind `/livez` and `/readyz`. Shared as an `Arc`.
#[derive(Debug)]
pub struct Health {
    stalled_after: Duration,
    last_tick: Mutex<Instant>,
    unmet: Mutex<BTreeMap<Condition, String>>,
    /// The worker of which this is the fetch stage.
    whole: Option<Arc<Health>>,
}

impl Health {
    /// Not ready until each of `conditions` was reported met; alive while the last tick is younger than `stalled_after`.
    /// Being made counts as the first tick.
    pub fn new(stalled_after: Duration, conditions: &[Condition]) -> Health {
        let unmet = conditions.iter().map(|condition| (*condition, "not yet".to_owned())).collect();
        Health { stalled_after, last_tick: Mutex::new(Instant::now()), unmet: Mutex::new(unmet), whole: None }
    }

    /// Of the fetch stage of the worker `whole`: it makes steps of its own, and all its conditions are one of the worker's.
    pub fn of_fetch(whole: Arc<Health>) -> Health {
        let own = Health::new(whole.stalled_after, &[Condition::Joined, Condition::Producer]);
        Health { whole: Some(whole), ..own }
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
        self.tell_whole();
    }

    /// `condition` does not hold; `reason` is shown to whoever asks.
    pub fn unmet(&self, condition: Condition, reason: impl Into<String>) {
        self.unmet.lock().unwrap_or_else(PoisonError::into_inner).insert(condition, reason.into());
        self.tell_whole();
    }

    fn tell_whole(&self) {
        let Some(whole) = &self.whole else { return };
        match self.reasons().into_iter().next() {
            None => whole.met(Condition::Fetch),
            Some((condition, reason)) => whole.unmet(Condition::Fetch, format!("{}: {reason}", condition.name())),
        }
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
        assert_eq!(health.reasons().len(), 4);
        Condition::ALL.into_iter().for_each(|condition| health.met(condition));
        assert!(health.is_ready());
        health.unmet(Condition::PrintLog, "12 records behind");
        assert_eq!(health.reasons(), BTreeMap::from([(Condition::PrintLog, "12 records behind".to_owned())]));
        assert!(!health.is_ready());
    }

    #[test]
    fn a_worker_whose_fetch_stage_is_out_of_its_group_is_not_ready() {
        let mut settings = Settings::default();
        assert!(!Condition::of(&settings).contains(&Condition::Fetch));
        settings.fetch.enabled = true;
        assert!(Condition::of(&settings).contains(&Condition::Fetch));
        let whole = Arc::new(Health::new(Duration::from_secs(60), &[Condition::Fetch]));
        let fetch = Health::of_fetch(whole.clone());
        fetch.met(Condition::Producer);
        assert!(!whole.is_ready());
        fetch.met(Condition::Joined);
        assert!(whole.is_ready());
        fetch.unmet(Condition::Joined, "the group dropped this worker");
        let reason = "joined: the group dropped this worker".to_owned();
        assert_eq!(whole.reasons(), BTreeMap::from([(Condition::Fetch, reason)]));
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
