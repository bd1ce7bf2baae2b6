//! What happens, as the rest of the program reports it. One event moves every number that belongs to it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{
    CommitResult, Level, Metrics, ProduceError, Rebalance, RebuildCause, RetryCause, Returned, SkippedPrint, Tally,
};
use crate::outcome::{OutcomeKind, Reason, Route, Stage};

/// The source of a field that the article does not have.
pub(super) const MISSING: &str = "missing";

/// Where the group stands in one partition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Partition {
    /// Committed offset: the next record to read.
    pub position: i64,
    /// One past the last record of the partition.
    pub end: i64,
    /// Age of the last record committed.
    pub age: Duration,
}

/// Records.
impl Metrics {
    /// A record was taken from `route`; `bytes` is [`crate::record::Record::weight`]. A raw record is in flight from
    /// here on, a link is not: it ends in `fetches_total`.
    pub fn consumed(&self, route: Route, bytes: usize) {
        let m = &self.0.families;
        let topic = self.0.topics.name(route);
        m.consumed.with_label_values(&[topic]).inc();
        m.consumed_bytes.with_label_values(&[topic]).inc_by(bytes as u64);
        if route != Route::Links {
            m.in_flight.inc();
        }
    }

    /// A commit stands: its outcomes count now. `now` is the wall clock.
    pub fn committed(&self, tally: &Tally, now: SystemTime) {
        self.commit(CommitResult::Ok);
        tally.count(self);
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.0.families.last_commit.set(seconds.as_secs_f64());
    }

    /// Records that ended as `kind` so far.
    pub fn ended_as(&self, kind: OutcomeKind) -> u64 {
        self.0.families.ended.of(kind).get()
    }

    /// `records` were given back unfinished.
    pub fn returned(&self, cause: Returned, records: u64) {
        self.0.families.returned.of(cause).inc_by(records);
        self.0.families.in_flight.sub(records as i64);
    }

    pub(super) fn dead_letters(&self, stage: Stage, reason: Reason, records: u64) {
        let labels = [stage.name(), reason.name(), reason.class().name()];
        self.0.families.dead.with_label_values(&labels).inc_by(records);
    }

    /// The records in flight and the open transaction hold `bytes`.
    pub fn in_flight_bytes(&self, bytes: usize) {
        self.0.families.in_flight_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// The oldest record in flight has been here for `age`; `None` when nothing is in flight.
    pub fn oldest_in_flight(&self, age: Option<Duration>) {
        self.0.families.oldest_in_flight.set(age.unwrap_or_default().as_secs_f64());
    }
}

/// Times.
impl Metrics {
    /// One record took `time` in `stage`.
    pub fn stage(&self, stage: Stage, time: Duration) {
        self.0.families.stage.with_label_values(&[stage.name()]).observe(time.as_secs_f64());
    }

    /// A record's outcome was committed `time` after the record's timestamp.
    pub fn end_to_end(&self, time: Duration) {
        self.0.families.end_to_end.observe(time.as_secs_f64());
    }

    /// A revoke or a shutdown waited `time` for the records on the line.
    pub fn drained(&self, time: Duration) {
        self.0.families.drain.observe(time.as_secs_f64());
    }

    /// A print had its verdict `time` after it was appended.
    pub fn print_waited(&self, time: Duration) {
        self.0.families.print_wait.observe(time.as_secs_f64());
    }
}

/// Broker.
impl Metrics {
    /// A commit ended without standing, or stood; for the latter `committed` is the call to use.
    pub fn commit(&self, result: CommitResult) {
        self.0.families.commits.of(result).inc();
    }

    /// A call is made again.
    pub fn retried(&self, cause: RetryCause) {
        self.0.families.retries.of(cause).inc();
    }

    /// Consumer and producer are built anew.
    pub fn rebuilt(&self, cause: RebuildCause) {
        self.0.families.rebuilds.of(cause).inc();
    }

    /// A rebalance happened; `owned` partitions are this worker's now.
    pub fn rebalanced(&self, event: Rebalance, owned: usize) {
        self.0.families.rebalances.of(event).inc();
        self.0.families.assigned.set(owned as i64);
    }

    /// A message to `route` was acknowledged `time` after it was sent.
    pub fn produced(&self, route: Route, time: Duration) {
        let topic = self.0.topics.name(route);
        self.0.families.produced.with_label_values(&[topic]).inc();
        self.0.families.produce_duration.with_label_values(&[topic]).observe(time.as_secs_f64());
    }

    /// A message to `route` could not be written.
    pub fn produce_failed(&self, route: Route, reason: ProduceError) {
        let topic = self.0.topics.name(route);
        self.0.families.produce_errors.with_label_values(&[topic, reason.name()]).inc();
    }

    /// Where the group stands in an owned partition. Never negative: the end may be older than the commit.
    pub fn partition(&self, topic: &str, partition: i32, at: Partition) {
        let lag = (at.end - at.position).max(0);
        let behind = if lag == 0 { 0.0 } else { at.age.as_secs_f64() };
        let number = partition.to_string();
        let labels = [topic, number.as_str()];
        self.0.families.lag.with_label_values(&labels).set(lag);
        self.0.families.position.with_label_values(&labels).set(at.position.max(0));
        self.0.families.behind.with_label_values(&labels).set(behind);
    }

    /// A partition is not owned any more: its series end, else they would stand still for ever.
    pub fn partition_gone(&self, topic: &str, partition: i32) {
        let number = partition.to_string();
        let labels = [topic, number.as_str()];
        // An error means there was no such series, which is what is wanted.
        let _ = self.0.families.lag.remove_label_values(&labels);
        let _ = self.0.families.position.remove_label_values(&labels);
        let _ = self.0.families.behind.remove_label_values(&labels);
    }
}

/// Readiness, print log, logs.
impl Metrics {
    /// Whether this worker is ready; asked when the metrics are read.
    pub fn ready(&self, ready: bool) {
        self.0.families.ready.set(ready.into());
    }

    /// The index holds `entries` stories in `bytes` of memory.
    pub fn index(&self, entries: usize, bytes: usize) {
        self.0.families.index_entries.set(entries as i64);
        self.0.families.index_bytes.set(bytes as i64);
    }

    /// `records` of the print log are not read yet.
    pub fn print_log_behind(&self, records: i64) {
        self.0.families.print_log_behind.set(records.max(0));
    }

    /// A record of the print log was passed over.
    pub fn print_skipped(&self, cause: SkippedPrint) {
        self.0.families.prints_skipped.of(cause).inc();
    }

    /// A log message was written.
    pub fn logged(&self, level: Level) {
        self.0.families.log_messages.of(level).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Outcome, Rejection};
    use crate::settings::Topics;

    fn metrics() -> Metrics {
        Metrics::new(&Topics::default()).unwrap()
    }

    fn holds(metrics: &Metrics, line: &str) -> bool {
        metrics.text().unwrap().lines().any(|l| l == line)
    }

    #[test]
    fn records_are_in_flight_until_they_end_or_are_returned() {
        let metrics = metrics();
        (0..5).for_each(|_| metrics.consumed(Route::Raw, 100));
        metrics.consumed(Route::Links, 10);
        let mut tally = Tally::default();
        tally.add(&Outcome::Dead(Rejection::new(Stage::Decode, Reason::NotJson, "")));
        metrics.committed(&tally, UNIX_EPOCH + Duration::from_secs(9));
        metrics.returned(Returned::Abort, 2);
        Tally::handed_over().count(&metrics);
        assert!(holds(&metrics, "copydesk_records_handed_over_total 1"));
        assert!(holds(&metrics, "copydesk_records_in_flight 1"));
        assert!(holds(&metrics, "copydesk_last_commit_timestamp_seconds 9"));
        assert!(holds(&metrics, "copydesk_commits_total{result=\"ok\"} 1"));
        assert!(holds(&metrics, "copydesk_consumed_bytes_total{topic=\"articles.raw\"} 500"));
    }

    #[test]
    fn lag_is_never_negative_and_ends_with_the_ownership() {
        let metrics = metrics();
        let age = Duration::from_secs(40);
        metrics.partition("articles.raw", 3, Partition { position: 10, end: 7, age });
        assert!(holds(&metrics, "copydesk_consumer_lag_records{partition=\"3\",topic=\"articles.raw\"} 0"));
        assert!(holds(&metrics, "copydesk_consumer_behind_seconds{partition=\"3\",topic=\"articles.raw\"} 0"));
        metrics.partition("articles.raw", 3, Partition { position: 10, end: 17, age });
        assert!(holds(&metrics, "copydesk_consumer_lag_records{partition=\"3\",topic=\"articles.raw\"} 7"));
        assert!(holds(&metrics, "copydesk_consumer_behind_seconds{partition=\"3\",topic=\"articles.raw\"} 40"));
        metrics.partition_gone("articles.raw", 3);
        metrics.partition_gone("articles.raw", 4);
        assert!(!metrics.text().unwrap().contains("partition=\""));
    }
}
