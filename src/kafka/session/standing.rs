//! Where the group stands in each partition of this worker, for the thread that reports lag.
//!
//! The end of a partition may lie beyond its last record: the marks of transactions take offsets too, and nobody commits
//! over them. Only the consumer knows that no record lies there, when it reads to the end.

use std::time::Instant;

use super::{Job, State};
use crate::flow::Flow;
use crate::flow::cut::Reached;

/// Where the group stands in an owned partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Committed: the next offset to read.
    pub committed: i64,
    /// Message time of the last record committed, milliseconds since 1970-01-01 UTC.
    pub time: Option<i64>,
    at_end: Option<AtEnd>,
}

/// The consumer came to the end, and no record has come since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct AtEnd {
    /// Next offset to take.
    next: i64,
    since: Instant,
}

impl Standing {
    /// In a partition that begins at the offset `committed`.
    pub fn new(committed: i64) -> Standing {
        Standing { committed, time: None, at_end: None }
    }

    /// A commit stands.
    pub(super) fn reaches(&mut self, reached: Reached) {
        self.committed = reached.next.0;
        self.time = reached.time.or(self.time);
    }

    /// The consumer came to the end, having taken everything below `next`.
    pub fn ends(&mut self, next: i64, since: Instant) {
        self.at_end = Some(AtEnd { next, since });
    }

    /// Since when the partition holds nothing that is not done; none while it may hold something.
    pub fn at_rest(&self) -> Option<Instant> {
        self.at_end.filter(|end| self.committed >= end.next).map(|end| end.since)
    }
}

impl State {
    /// The consumer has read a partition to its end.
    pub fn reached_end<F: Flow>(&mut self, job: &Job<F>, partition: i32) {
        self.at_end.insert(partition);
        let mut standing = job.standing();
        if let (Some(standing), Some(next)) = (standing.get_mut(&partition), self.taken.get(&partition)) {
            standing.ends(*next, Instant::now());
        }
    }

    /// A record came, or one that comes would not be seen.
    pub fn goes_on<F: Flow>(&self, job: &Job<F>, partition: i32) {
        if let Some(standing) = job.standing().get_mut(&partition) {
            standing.at_end = None;
        }
    }
}
