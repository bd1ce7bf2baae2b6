//! Where the group stands in each partition of this worker, for the thread that reports lag.
//!
//! The end of a partition may lie beyond its last record: the marks of transactions take offsets too, and nobody commits
//! over them. Only the consumer knows that no record lies there, when it reads to the end.

use std::time::Instant;

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::{Job, Session, State};
use crate::flow::Flow;
use crate::flow::cut::Reached;
use crate::kafka::classify::Trouble;
use crate::kafka::client;
use crate::metrics::RebuildCause;

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
    /// What comes next of a partition lies beyond what is to be done: no more of it is fetched, only to be thrown away.
    pub fn done<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>, partition: i32) {
        self.at_end.insert(partition);
        match consumer.pause(&client::partitions(&job.topic, [partition])) {
            Ok(()) => drop(self.done.insert(partition)),
            Err(error) => tracing::debug!(partition, error = %error, "what lies beyond the end goes on to be fetched"),
        }
    }

    /// Fetches again those of them that are read again from an earlier record.
    ///
    /// # Errors
    /// [`Trouble`] when the consumer cannot be resumed.
    pub fn not_done<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        let again: Vec<i32> = self.done.difference(&self.at_end).copied().collect();
        if again.is_empty() {
            return Ok(());
        }
        self.done.retain(|partition| !again.contains(partition));
        let resumed = consumer.resume(&client::partitions(&job.topic, again));
        resumed.map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, format!("resume: {error}")))
    }

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
