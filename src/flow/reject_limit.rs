//! Stops a bad deploy before it turns a whole topic into dead letters: the share of faults over a sliding window.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Fewer records than this say nothing about a deploy.
const LEAST_RECORDS: u64 = 5000;
/// The window moves in this many steps.
const STEPS: u32 = 10;

/// Counts committed records and faults, and says when too many of them died.
#[derive(Debug)]
pub struct RejectLimit {
    limit: Option<f64>,
    step: Duration,
    steps: VecDeque<(Instant, u64, u64)>,
}

impl RejectLimit {
    /// Trips above `limit` (0.0 to 1.0) over `window`; `None` never trips.
    pub fn new(limit: Option<f64>, window: Duration) -> RejectLimit {
        RejectLimit { limit, step: window / STEPS, steps: VecDeque::new() }
    }

    /// Adds a commit's records, of which `faults` died of a fault, and gives the share when it is too high.
    pub fn add(&mut self, now: Instant, records: u64, faults: u64) -> Option<f64> {
        let limit = self.limit?;
        match self.steps.back_mut().filter(|(start, ..)| now.duration_since(*start) < self.step) {
            Some((_, all, bad)) => (*all, *bad) = (*all + records, *bad + faults),
            None => self.steps.push_back((now, records, faults)),
        }
        while self.steps.front().is_some_and(|(start, ..)| now.duration_since(*start) >= self.step * STEPS) {
            self.steps.pop_front();
        }
        let (all, bad) = self.steps.iter().fold((0, 0), |(a, b), (_, all, bad)| (a + all, b + bad));
        let share = bad as f64 / all.max(1) as f64;
        (all >= LEAST_RECORDS && share > limit).then_some(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trips_only_on_many_records_and_above_the_limit() {
        let start = Instant::now();
        let mut limit = RejectLimit::new(Some(0.5), Duration::from_secs(10));
        assert_eq!(limit.add(start, 4000, 4000), None, "too few to tell");
        assert_eq!(limit.add(start, 4000, 0), None, "half is allowed");
        assert!(limit.add(start, 100, 100).is_some());
    }

    #[test]
    fn forgets_what_left_the_window_and_can_be_off() {
        let start = Instant::now();
        let mut limit = RejectLimit::new(Some(0.5), Duration::from_secs(10));
        limit.add(start, 6000, 2900);
        let later = start + Duration::from_secs(11);
        assert_eq!(limit.add(later, 4000, 4000), None);
        assert_eq!(RejectLimit::new(None, Duration::from_secs(10)).add(start, 9000, 9000), None);
    }
}
