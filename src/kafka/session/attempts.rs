//! Crash loops: a record that ends the process each time must not stop its partition for ever.
//!
//! How often a partition was begun at an offset without a commit travels with that offset, so it survives the process and
//! a move to another worker. Counted is only an assignment that took a record: it is written before that record goes
//! down its lane, which is shut until then, and taken back when the partition is handed over in order. From the third on,
//! one record is under way at a time, over the stretch in which the culprit must lie; where that stretch ends travels with
//! the count. The record that was alone under way when two more workers ended is set aside unread.

mod care;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset as KafkaOffset;

use super::claim::Mark;
use super::{Job, Session, State};
use crate::flow::Flow;
use crate::kafka::classify::Trouble;
use crate::kafka::client;
use crate::metrics::RebuildCause;
pub(super) use care::{Attempts, Care};

impl State {
    /// How the record that comes next in `partition` is to be handled.
    pub(super) fn care(&self, partition: i32) -> Care {
        self.attempts.get(&partition).map_or(Care::Usual, Attempts::care)
    }

    /// Shuts the lane of a partition whose attempt is not counted yet: until then no record goes down it.
    pub(super) fn shut_uncounted(&mut self, partition: i32) {
        if self.attempts.get(&partition).is_some_and(|attempts| attempts.count().is_some()) {
            self.lanes.shut(partition);
        }
    }

    /// Counts the attempts of the partitions whose first records wait, in a transaction of their own, and lets those in.
    ///
    /// # Errors
    /// [`Trouble`]: nothing was counted, or nobody knows; the records are read again.
    pub(super) fn count_attempts<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
    ) -> Result<(), Trouble> {
        let waiting = self.lanes.before();
        if waiting.is_empty() {
            return Ok(());
        }
        let begun: Vec<(i32, Attempts)> = waiting.iter().filter_map(|p| Some((*p, *self.attempts.get(p)?))).collect();
        self.write(job, consumer, begun.iter().filter_map(|(p, a)| Some((*p, a.begin, a.count()?))))?;
        for (partition, attempts) in begun {
            warn(partition, &attempts);
            self.attempts.insert(partition, attempts.counted());
        }
        waiting.into_iter().for_each(|partition| self.lanes.let_in(partition));
        Ok(())
    }

    /// Lets nothing of `partition` come until the record just taken is committed.
    pub(super) fn leave_alone<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>, partition: i32) {
        match consumer.pause(&client::partitions(&job.topic, [partition])) {
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
        let resumed = consumer.resume(&client::partitions(&job.topic, done));
        resumed.map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, format!("resume: {error}")))
    }

    /// Whether the open transaction holds a record that goes alone: it is committed at once.
    pub(super) fn alone_entered(&self) -> bool {
        self.alone.iter().any(|partition| self.open.cut.holds(*partition))
    }

    /// The mark of a commit at `next`.
    pub(super) fn mark(&self, partition: i32, claim: u32, next: i64) -> Mark {
        let usual = Mark { claim: Some(claim), ..Mark::default() };
        self.attempts.get(&partition).map_or(usual, |attempts| attempts.carried(claim, next))
    }

    /// A commit at `next` stands.
    pub(super) fn got_on(&mut self, partition: i32, next: i64) {
        if let Some(left) = self.attempts.remove(&partition).and_then(|attempts| attempts.moved_to(next)) {
            self.attempts.insert(partition, left);
        }
    }

    /// Nothing that was counted is taken back any more.
    pub fn attempts_stand(&mut self) {
        self.attempts.clear();
    }

    /// What was counted for these partitions and is to be taken back, since nothing has crashed. Never where a commit may
    /// stand that nobody has confirmed: writing the begin again would undo it.
    pub(super) fn vain(&self, partitions: &[i32]) -> Vec<(i32, i64, Mark)> {
        let free = partitions.iter().filter(|partition| !self.open.cut.holds(**partition));
        let vain = |partition: &i32| {
            let attempts = self.attempts.get(partition)?;
            Some((*partition, attempts.begin, attempts.take_back()?))
        };
        free.filter_map(vain).collect()
    }

    /// Commits marks at offsets that are committed already. In a transaction like every other offset: what is still on its way
    /// from elsewhere could undo a later commit, and a plain commit waits without an end for a coordinator that is away.
    ///
    /// # Errors
    /// [`Trouble`] of the calls.
    pub(super) fn write<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        marks: impl IntoIterator<Item = (i32, i64, Mark)>,
    ) -> Result<(), Trouble> {
        let offsets = marked(job, marks).map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, error.to_string()))?;
        if offsets.count() == 0 {
            return Ok(());
        }
        self.commit(job, consumer)?;
        job.health.tick();
        self.open.outbox.begin()?;
        self.open.outbox.commit(consumer, &offsets, consumer.group_metadata().as_ref())
    }
}

fn warn(partition: i32, attempts: &Attempts) {
    let (offset, before) = (attempts.begin, attempts.inherited.attempts);
    match attempts.care() {
        Care::Usual => {}
        Care::Alone => tracing::warn!(
            partition,
            offset,
            attempts = before,
            "workers ended here without a commit: records go one at a time"
        ),
        Care::Unread => tracing::error!(
            partition,
            offset,
            attempts = before,
            "workers ended with this record under way: it goes to the dead letters unread"
        ),
    }
}

/// Offsets with their marks, as a commit takes them.
pub(super) fn marked<F>(
    job: &Job<F>,
    marks: impl IntoIterator<Item = (i32, i64, Mark)>,
) -> Result<TopicPartitionList, KafkaError> {
    let mut offsets = TopicPartitionList::new();
    for (partition, offset, mark) in marks {
        let mut element = offsets.add_partition(&job.topic, partition);
        element.set_offset(KafkaOffset::Offset(offset))?;
        element.set_metadata(mark.to_string());
    }
    Ok(offsets)
}
