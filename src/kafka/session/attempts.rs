//! Crash loops: a record that ends the process each time must not stop its partition for ever.
//!
//! How often a partition was begun at an offset without a commit travels with that offset, so it survives the process and
//! a move to another worker. Counted is only an assignment that took a record: it is written before that record goes
//! down its lane, which is shut until then, and taken back when the partition is handed over in order. From the third on,
//! one record is under way at a time, over the stretch in which the culprit must lie; where that stretch ends travels with
//! the count. The record that was alone under way when two more workers ended is set aside unread.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
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
/// Assignments without progress after which the record is not read any more: two of them had nothing else under way. Lower: a
/// worker that is killed by chance just as it begins takes an innocent record with it.
const UNREAD_FROM: u32 = 5;
/// Offsets over which records go one at a time: above what can be under way before a commit (1,000 records by default).
const STRETCH: i64 = 2_000;

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

    /// What to commit at the begin before a record goes down its lane; `None` when that was done.
    fn count(&self) -> Option<Mark> {
        let mark = Mark { attempts: self.inherited.attempts.saturating_add(1), ..self.inherited };
        (!self.counted).then_some(mark)
    }

    /// The count stands.
    fn counted(self) -> Attempts {
        Attempts { counted: true, ..self }
    }

    /// What to commit at the begin when the partition is handed over in order, where it was counted and got nowhere.
    fn take_back(&self) -> Option<Mark> {
        (self.counted && !self.moved).then_some(self.inherited)
    }

    fn care(&self) -> Care {
        match self.inherited.attempts {
            attempts if attempts >= UNREAD_FROM && !self.moved => Care::Unread,
            attempts if attempts >= ALONE_FROM => Care::Alone,
            _ => Care::Usual,
        }
    }

    /// What a commit at `next` bears, made under `claim`: within the stretch, an heir goes on one record at a time.
    fn carried(&self, claim: u32, next: i64) -> Mark {
        let until = self.inherited.until.unwrap_or(self.begin.saturating_add(STRETCH));
        let within = self.care() != Care::Usual && next < until;
        let (attempts, until) = if within { (ALONE_FROM, Some(until)) } else { (0, None) };
        Mark { claim: Some(claim), attempts, until }
    }

    /// Takes note of a commit at `next`; `None` once all goes as usual.
    fn moved_to(self, next: i64) -> Option<Attempts> {
        (self.carried(0, next).attempts > 0).then_some(Attempts { moved: true, ..self })
    }
}

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
        let usual = Mark { claim: Some(claim), ..Mark::default() };
        self.attempts.get(&partition).map_or(usual, |attempts| attempts.carried(claim, next))
    }

    /// A commit at `next` stands.
    pub(super) fn got_on(&mut self, partition: i32, next: i64) {
        if let Some(left) = self.attempts.remove(&partition).and_then(|attempts| attempts.moved_to(next)) {
            self.attempts.insert(partition, left);
        }
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
        element.set_offset(Place::Offset(offset))?;
        element.set_metadata(mark.to_string());
    }
    Ok(offsets)
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
        Attempts::new(AT, Mark { claim: Some(7), attempts, until: None })
    }

    /// The mark that the next owner finds after an assignment took a record and its process ended.
    fn crashed(mark: Mark) -> (Care, Mark) {
        let attempts = Attempts::new(AT, mark);
        (attempts.care(), attempts.count().unwrap())
    }

    #[test]
    fn after_three_attempts_in_vain_records_go_alone_and_after_two_more_one_is_set_aside() {
        let mut mark = Mark { claim: Some(7), ..Mark::default() };
        let mut cares = Vec::new();
        for _ in 0..7 {
            let (care, next) = crashed(mark);
            cares.push(care);
            mark = next;
        }
        use Care::{Alone, Unread, Usual};
        assert_eq!(cares, [Usual, Usual, Usual, Alone, Alone, Unread, Unread]);
        assert_eq!(mark, Mark { claim: Some(7), attempts: 7, until: None });
    }

    #[test]
    fn an_attempt_is_counted_once_and_only_when_a_record_is_taken() {
        let attempts = inherits(1);
        assert_eq!(attempts.take_back(), None);
        assert_eq!(attempts.count().map(|mark| mark.attempts), Some(2));
        assert_eq!(attempts.counted().count(), None);
    }

    #[test]
    fn handed_over_in_order_the_count_is_what_it_was() {
        let attempts = inherits(2).counted();
        assert_eq!(attempts.take_back().map(|mark| mark.attempts), Some(2));
    }

    #[test]
    fn progress_forgets_the_count() {
        let attempts = inherits(2).counted();
        assert_eq!(attempts.carried(8, AT + 1), Mark { claim: Some(8), attempts: 0, until: None });
        assert!(attempts.moved_to(AT + 1).is_none());
    }

    #[test]
    fn over_the_stretch_records_stay_alone_through_a_crash_and_only_the_first_is_set_aside() {
        let attempts = inherits(5).counted();
        assert_eq!((attempts.care(), attempts.carried(8, AT + 1).attempts), (Care::Unread, ALONE_FROM));
        let on = attempts.moved_to(AT + 1).unwrap();
        assert_eq!((on.care(), on.take_back()), (Care::Alone, None));
        assert_eq!(on.carried(8, AT + STRETCH).attempts, 0);
        assert!(on.moved_to(AT + STRETCH).is_none());
    }

    #[test]
    fn an_heir_within_the_stretch_does_not_make_it_longer() {
        let mark = inherits(3).counted().carried(8, AT + 50);
        let heir = Attempts::new(AT + 50, mark);
        assert_eq!((heir.care(), heir.carried(9, AT + STRETCH - 1).attempts), (Care::Alone, ALONE_FROM));
        assert_eq!(heir.carried(9, AT + STRETCH).attempts, 0);
        assert_eq!(heir.count().and_then(|mark| mark.until), Some(AT + STRETCH));
    }
}
