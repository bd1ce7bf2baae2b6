//! The open transaction with its broker's part: what enters it, with which membership, and what follows once it stands.
//!
//! What a commit promises is promised here: its prints are told and its outcomes counted only afterwards. It must never
//! decide when a commit is due, nor what comes after one that failed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};

use super::{Job, Session, Standing, State, append, attempts};
use crate::flow::cut::Cut;
use crate::flow::lanes::{Gate, Held, Ready};
use crate::flow::{Delivery, Flow, Parcel, PrintLog, Stop};
use crate::kafka::classify::Trouble;
use crate::kafka::outbox::Outbox;
use crate::kafka::print_log::KafkaPrintLog;
use crate::metrics::RebuildCause;
use crate::stage::dedupe::ledger::State as PrintState;
use crate::stage::dedupe::print::Entry;

/// The open transaction with its broker's part.
pub(super) struct Open {
    /// What is in it.
    pub(super) cut: Cut,
    /// How it leaves.
    pub(super) outbox: Outbox,
    group: Option<ConsumerGroupMetadata>,
    /// Prints published by this worker whose `told` the own tail has not seen yet.
    committed: HashSet<i64>,
    prints: Option<Arc<KafkaPrintLog>>,
}

impl Open {
    /// With nothing in it.
    pub(super) fn new(outbox: Outbox, prints: Option<Arc<KafkaPrintLog>>) -> Open {
        Open { cut: Cut::default(), outbox, group: None, committed: HashSet::new(), prints }
    }

    /// Takes back what has entered.
    ///
    /// # Errors
    /// [`Trouble`] when the abort itself fails.
    pub(super) fn abort(&mut self) -> Result<(), Trouble> {
        self.cut = Cut::default();
        self.group = None;
        self.outbox.abort()
    }
}

/// [`Open`], while deliveries enter: needs the consumer to know the group when a transaction begins.
struct Entering<'a, F: Flow> {
    open: &'a mut Open,
    consumer: &'a BaseConsumer<Session<F>>,
    /// `run.commit_records`: what a crash repeats at most, where outputs are no part of a transaction.
    most: usize,
}

impl<F: Flow> Gate for Entering<'_, F> {
    type Error = Trouble;

    fn full(&self) -> bool {
        self.open.cut.len() >= self.most
    }

    fn ready(&self, parcel: &Parcel) -> Ready {
        let Some(prints) = &self.open.prints else { return Ready::Enter };
        self.open.cut.ready(parcel, &self.open.committed, |print| prints.look(|ledger| ledger.state(print)))
    }

    fn enter(&mut self, delivery: &Delivery, parcel: &Parcel) -> Result<(), Trouble> {
        if self.open.outbox.begin()? {
            // Read now, never at commit: then it may carry a generation in which the partitions are not ours any more.
            self.open.group = self.consumer.group_metadata();
        }
        self.open.outbox.send(&parcel.message, (delivery.lane.partition, delivery.offset.0))?;
        self.open.cut.enter(delivery.lane, delivery.offset, parcel, delivery.timestamp, Instant::now());
        Ok(())
    }
}

impl State {
    /// Lets in what is finished and may enter now.
    ///
    /// # Errors
    /// [`Trouble`] of the outbox.
    pub(super) fn enter<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
    ) -> Result<Held, Trouble> {
        let most = job.settings.run.commit_records;
        self.lanes.pass(Instant::now(), &mut Entering { open: &mut self.open, consumer, most })
    }

    /// Commits what has entered; without anything in it, nothing.
    ///
    /// # Errors
    /// [`Trouble`]: nothing is committed, or nobody knows; or too much of it was rejected.
    pub(super) fn commit<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        if self.open.cut.is_empty() {
            return Ok(());
        }
        let marks = self.open.cut.offsets().map(|(partition, reached)| {
            let next = reached.next.0;
            (partition, next, self.mark(partition, reached.claim, next))
        });
        let offsets = attempts::marked(job, marks);
        let offsets = offsets.map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, error.to_string()))?;
        self.open.outbox.commit(consumer, &offsets, self.open.group.as_ref())?;
        self.open.group = None;
        self.committed(job)
    }

    /// The commit stands: its prints are told, its outcomes count.
    fn committed<F: Flow>(&mut self, job: &Job<F>) -> Result<(), Trouble> {
        let cut = std::mem::take(&mut self.open.cut);
        self.in_vain = 0;
        let told = cut.told();
        if let Some(prints) = &job.prints {
            // What is not remembered any more never comes to be told here.
            let pending = |state| match state {
                PrintState::Promised | PrintState::Void => true,
                PrintState::Told | PrintState::Unknown => false,
            };
            prints.look(|ledger| self.open.committed.retain(|print| pending(ledger.state(*print))));
        }
        if !told.is_empty() {
            self.open.committed.extend(&told);
            append(job, Entry::Told(told));
        }
        let now = SystemTime::now();
        job.metrics.committed(cut.tally(), now);
        job.recent.add(cut.tally().briefs(), now);
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
        // Of links it would say how slow sites are.
        for time in cut.timestamps().iter().filter(|_| job.in_law()) {
            job.metrics.end_to_end(Duration::from_millis(u64::try_from(since_epoch - time).unwrap_or_default()));
        }
        for (partition, reached) in cut.offsets() {
            self.got_on(partition, reached.next.0);
            self.oversize.retain(|(of, offset)| *of != partition || *offset >= reached.next.0);
            let mut standing = job.standing();
            standing.entry(partition).or_insert_with(|| Standing::new(0)).reaches(reached);
        }
        match self.rejects.add(Instant::now(), cut.len() as u64, cut.tally().faults()) {
            Some(share) => Err(Trouble::Stop(Stop::RejectLimit(share))),
            None => Ok(()),
        }
    }
}
