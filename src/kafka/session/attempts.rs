//! Crash loops: a record that ends the process each time must not stop its partition for ever.
//!
//! How often a partition was begun at an offset without a commit travels with that offset, so it survives the process and
//! a move to another worker. Counted is only an assignment that took a record: it is written before that record goes
//! down its lane, and taken back when the partition is handed over in order. From the third on, one record is under way
//! at a time, over the stretch in which the culprit must lie; the record that was alone under way when a worker ended
//! once more is set aside unread.

use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset as Place;

use super::claim::Mark;
use super::{Job, Session, State};
use crate::flow::Flow;
use crate::kafka::classify::Trouble;
use crate::metrics::RebuildCause;

/// Assignments without progress after which records go one at a time. Lower: two unlucky kills slow a partition down.
/// Higher: more restarts before it gets on.
const ALONE_FROM: u32 = 3;
/// Offsets over which records go one at a time: above what can be under way before a commit (1,000 records by default).
const STRETCH: i64 = 2_000;

/// A commit that is waited for and takes longer says that the group's coordinator is away. librdkafka waits for it without
/// a limit of ours, so no more are waited for: one for each partition would outlast the watchdog.
const SLOW: Duration = Duration::from_secs(1);

/// How a record is to be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Like any other.
    Usual,
    /// With no other of its partition beside it.
    Alone,
    /// To the dead letters, unread.
    Unread,
}

/// What an assignment knows of those before it. Forgotten once the partition gets on as usual.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempts {
    begin: i64,
    inherited: Mark,
    counted: bool,
    moved: bool,
}

impl Attempts {
    /// Of a partition that begins at the committed offset `begin`, which bears `inherited`.
    pub(super) fn new(begin: i64, inherited: Mark) -> Attempts {
        Attempts { begin, inherited, counted: false, moved: false }
    }

    /// What to commit at the begin before a record is taken; `None` when that was done.
    fn count(&mut self) -> Option<Mark> {
        let first = !std::mem::replace(&mut self.counted, true);
        first.then_some(Mark { attempts: self.inherited.attempts.saturating_add(1), ..self.inherited })
    }

    /// What to commit at the begin when the partition is handed over in order, where it was counted and got nowhere.
    fn take_back(&self) -> Option<Mark> {
        (self.counted && !self.moved).then_some(self.inherited)
    }

    fn care(&self) -> Care {
        match self.inherited.attempts {
            attempts if attempts > ALONE_FROM && !self.moved => Care::Unread,
            attempts if attempts >= ALONE_FROM => Care::Alone,
            _ => Care::Usual,
        }
    }

    /// The count that a commit at `next` bears: within the stretch, an heir goes on one record at a time.
    fn carried(&self, next: i64) -> u32 {
        if self.care() != Care::Usual && next < self.begin.saturating_add(STRETCH) { ALONE_FROM } else { 0 }
    }

    /// Takes note of a commit at `next`; `None` once all goes as usual.
    fn moved_to(self, next: i64) -> Option<Attempts> {
        (self.carried(next) > 0).then_some(Attempts { moved: true, ..self })
    }
}

impl State {
    /// Counts the attempt, and says how the record that comes next in `partition` is to be handled.
    pub(super) fn attempt<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        partition: i32,
    ) -> Care {
        let Some(attempts) = self.attempts.get_mut(&partition) else { return Care::Usual };
        let (begin, care) = (attempts.begin, attempts.care());
        let Some(mark) = attempts.count() else { return care };
        self.write(job, consumer, partition, begin, mark, CommitMode::Sync);
        match care {
            Care::Usual => {}
            Care::Alone => tracing::warn!(
                partition,
                offset = begin,
                attempts = mark.attempts - 1,
                "workers ended here without a commit: records go one at a time"
            ),
            Care::Unread => tracing::error!(
                partition,
                offset = begin,
                attempts = mark.attempts - 1,
                "workers ended with this record under way: it goes to the dead letters unread"
            ),
        }
        care
    }

    /// Lets nothing of `partition` come until the record just taken is committed.
    pub(super) fn leave_alone<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>, partition: i32) {
        match consumer.pause(&list(job, [partition])) {
            Ok(()) => drop(self.alone.insert(partition)),
            Err(error) => tracing::warn!(partition, error = %error, "a record could not be handled alone"),
        }
    }

    /// Partitions whose record that went alone is committed, or was given back, go on.
    pub(super) fn next_alone<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
    ) -> Result<(), Trouble> {
        let busy = |p: &i32| !self.lanes.dry(&[*p]) || self.open.cut.holds(*p);
        let done: Vec<i32> = self.alone.iter().copied().filter(|p| !busy(p)).collect();
        if done.is_empty() {
            return Ok(());
        }
        self.alone.retain(|p| !done.contains(p));
        let resumed = consumer.resume(&list(job, done));
        resumed.map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, format!("resume: {error}")))
    }

    /// Whether the open transaction holds a record that goes alone: it is committed at once.
    pub(super) fn alone_entered(&self) -> bool {
        self.alone.iter().any(|partition| self.open.cut.holds(*partition))
    }

    /// The mark of a commit at `next`.
    pub(super) fn mark(&self, partition: i32, claim: u32, next: i64) -> Mark {
        let attempts = self.attempts.get(&partition).map_or(0, |attempts| attempts.carried(next));
        Mark { claim: Some(claim), attempts }
    }

    /// A commit at `next` stands.
    pub(super) fn got_on(&mut self, partition: i32, next: i64) {
        if let Some(left) = self.attempts.remove(&partition).and_then(|attempts| attempts.moved_to(next)) {
            self.attempts.insert(partition, left);
        }
    }

    /// Nothing has crashed: what was counted for these partitions is taken back, where the broker still lets us. Never where
    /// a commit may stand that nobody has confirmed: writing the begin again would undo it.
    pub(super) fn take_back<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        partitions: &[i32],
        mode: CommitMode,
    ) {
        for partition in partitions {
            let Some(attempts) = self.attempts.get(partition).filter(|_| !self.open.cut.holds(*partition)) else {
                continue;
            };
            if let (begin, Some(mark)) = (attempts.begin, attempts.take_back()) {
                self.write(job, consumer, *partition, begin, mark, mode);
            }
        }
    }

    /// Commits a mark at an offset that is committed already. What cannot be written is not counted.
    fn write<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        partition: i32,
        offset: i64,
        mark: Mark,
        mode: CommitMode,
    ) {
        job.health.tick();
        let (mode, begun) = (if self.coordinator_away { CommitMode::Async } else { mode }, Instant::now());
        let mut offsets = list(job, [partition]);
        let written =
            place(&mut offsets, &job.topic, partition, offset, mark).and_then(|()| consumer.commit(&offsets, mode));
        self.coordinator_away |= begun.elapsed() > SLOW;
        if let Err(error) = written {
            tracing::warn!(partition, offset, error = %error, "the count of attempts was not committed");
        }
    }
}

/// Puts an offset and its mark into a list that has the partition.
pub(super) fn place(
    offsets: &mut TopicPartitionList,
    topic: &str,
    partition: i32,
    offset: i64,
    mark: Mark,
) -> Result<(), KafkaError> {
    let mut element = offsets.add_partition(topic, partition);
    element.set_offset(Place::Offset(offset))?;
    element.set_metadata(mark.to_string());
    Ok(())
}

fn list<F>(job: &Job<F>, partitions: impl IntoIterator<Item = i32>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(&job.topic, partition);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 100;

    fn inherits(attempts: u32) -> Attempts {
        Attempts::new(AT, Mark { claim: Some(7), attempts })
    }

    /// The mark that the next owner finds after an assignment took a record and its process ended.
    fn crashed(mark: Mark) -> (Care, Mark) {
        let mut attempts = Attempts::new(AT, mark);
        (attempts.care(), attempts.count().unwrap())
    }

    #[test]
    fn the_third_attempt_in_vain_makes_records_go_alone_and_the_fourth_sets_one_aside() {
        let mut mark = Mark { claim: Some(7), attempts: 0 };
        let mut cares = Vec::new();
        for _ in 0..6 {
            let (care, next) = crashed(mark);
            cares.push(care);
            mark = next;
        }
        use Care::{Alone, Unread, Usual};
        assert_eq!(cares, [Usual, Usual, Usual, Alone, Unread, Unread]);
        assert_eq!(mark, Mark { claim: Some(7), attempts: 6 });
    }

    #[test]
    fn an_attempt_is_counted_once_and_only_when_a_record_is_taken() {
        let mut attempts = inherits(1);
        assert_eq!(attempts.take_back(), None);
        assert_eq!(attempts.count(), Some(Mark { claim: Some(7), attempts: 2 }));
        assert_eq!(attempts.count(), None);
    }

    #[test]
    fn handed_over_in_order_the_count_is_what_it_was() {
        let mut attempts = inherits(2);
        attempts.count();
        assert_eq!(attempts.take_back(), Some(Mark { claim: Some(7), attempts: 2 }));
    }

    #[test]
    fn progress_forgets_the_count() {
        let mut attempts = inherits(2);
        attempts.count();
        assert_eq!(attempts.carried(AT + 1), 0);
        assert!(attempts.moved_to(AT + 1).is_none());
    }

    #[test]
    fn over_the_stretch_records_stay_alone_through_a_crash_and_only_the_first_is_set_aside() {
        let mut attempts = inherits(4);
        attempts.count();
        assert_eq!((attempts.care(), attempts.carried(AT + 1)), (Care::Unread, ALONE_FROM));
        let on = attempts.moved_to(AT + 1).unwrap();
        assert_eq!((on.care(), on.take_back()), (Care::Alone, None));
        assert_eq!(on.carried(AT + STRETCH), 0);
        assert!(on.moved_to(AT + STRETCH).is_none());
    }
}
