//! What a rebalance does: partitions come, are handed over in order, or are lost.
//!
//! librdkafka's own defaults are not used, because a partition must never be assigned before its start is known: the
//! offset is resolved first and, for a new group, committed before a record is taken.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::attempts::Attempts;
use super::begin::{Begin, starts};
use super::claim::Mark;
use super::{Job, Session, Standing, Starting, State, append, claim};
use crate::flow::{Flow, PrintLog};
use crate::http::Condition;
use crate::kafka::classify::Trouble;
use crate::kafka::client;
use crate::metrics::{Rebalance, RebuildCause, Returned};
use crate::stage::dedupe::print::Entry;

impl<F: Flow> ConsumerContext for Session<F> {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, event: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let cooperative = matches!(consumer.rebalance_protocol(), RebalanceProtocol::Cooperative);
        let done = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.assign(consumer, list, cooperative)
        } else {
            self.lock().give_back(&self.job, consumer, &partitions(list));
            if cooperative { consumer.incremental_unassign(list) } else { consumer.unassign() }
        };
        if let Err(error) = done {
            self.lock().trouble.get_or_insert(Trouble::Rebuild(RebuildCause::Fatal, format!("rebalance: {error}")));
        }
    }
}

impl<F: Flow> Session<F> {
    fn assign(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList, cooperative: bool) -> KafkaResult<()> {
        let topic = &self.job.topic;
        let starts = starts(consumer, topic, list, &self.job.settings.kafka, &self.job.health);
        // Even where the starts are unknown the assignment must be answered; the clients are built anew then.
        let known = starts
            .as_ref()
            .map_or(list.clone(), |starts| offsets(topic, starts.iter().map(|(p, begin)| (*p, begin.offset))));
        if cooperative {
            consumer.incremental_assign(&known)?
        } else {
            consumer.assign(&known)?
        }
        if known.count() > 0 {
            consumer.pause(&known)?;
        }
        match starts {
            Ok(starts) => self.lock().assigned(&self.job, &starts),
            Err(trouble) => self.lock().trouble = Some(trouble),
        }
        Ok(())
    }
}

impl State {
    fn assigned<F: Flow>(&mut self, job: &Job<F>, starts: &BTreeMap<i32, Begin>) {
        self.assignments += 1;
        for (partition, begin) in starts {
            self.lanes.open(*partition, claim::new(), &job.flow);
            self.taken.insert(*partition, begin.offset);
            self.inherited.insert(*partition, begin.mark.claim);
            self.attempts.insert(*partition, Attempts::new(begin.offset, begin.mark));
            if begin.fresh {
                self.fresh.insert(*partition, begin.offset);
            }
            self.shut_uncounted(*partition);
            self.at_end.remove(partition);
            let standing = Standing::new(begin.offset);
            job.standing().insert(*partition, standing);
        }
        let ticket = job.prints.as_ref().map(|prints| prints.catch_up());
        self.starting.push(Starting { partitions: starts.keys().copied().collect(), ticket });
        self.count_rebalance(job, Rebalance::Assigned);
        job.health.met(Condition::Joined);
        tracing::info!(topic = %job.topic, partitions = ?starts.keys().collect::<Vec<_>>(), "assigned");
    }

    /// Commits where the group begins in partitions that are new to it. Not in the callback: what commits there waits without an
    /// end for a coordinator that is away.
    ///
    /// # Errors
    /// [`Trouble`]: nothing is committed, or nobody knows.
    pub(super) fn write_begins<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
    ) -> Result<(), Trouble> {
        let begins: Vec<_> =
            self.fresh.iter().map(|(partition, offset)| (*partition, *offset, Mark::default())).collect();
        self.write(job, consumer, begins)?;
        self.fresh.clear();
        Ok(())
    }

    /// Opens the intake of assigned partitions for which the print log is read far enough.
    ///
    /// # Errors
    /// [`Trouble`] when the log cannot be read, or the consumer not be resumed.
    pub fn start_ready<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        let mut at = 0;
        while let Some(starting) = self.starting.get(at) {
            let read = starting.ticket.as_ref().map_or(Ok(Some(())), |ticket| ticket.done());
            match read.map_err(Trouble::Stop)? {
                Some(()) => {
                    let ready = self.starting.swap_remove(at);
                    self.open_intake(job, consumer, &ready.partitions)?;
                }
                None => at += 1,
            }
        }
        Ok(())
    }

    fn open_intake<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        came: &[i32],
    ) -> Result<(), Trouble> {
        let held = self.lanes.partitions();
        let held: Vec<i32> = came.iter().copied().filter(|p| held.contains(p)).collect();
        if held.is_empty() {
            return Ok(());
        }
        self.tell_published(job, &held);
        let resumed = consumer.resume(&client::partitions(&job.topic, held));
        resumed.map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, format!("resume: {error}")))
    }

    /// Prints below the committed offset that nobody told: a crash fell between the commit and its `told`.
    fn tell_published<F: Flow>(&mut self, job: &Job<F>, partitions: &[i32]) {
        let mut committed = BTreeMap::new();
        for partition in partitions {
            let claim = self.inherited.remove(partition).flatten();
            if let (Some(claim), Some(offset)) = (claim, self.taken.get(partition)) {
                committed.insert(*partition, (*offset, claim));
            }
        }
        let Some(prints) = job.prints.as_ref().filter(|_| !committed.is_empty()) else { return };
        let untold = prints.look(|ledger| ledger.untold(&job.topic, &committed));
        if !untold.is_empty() {
            tracing::info!(prints = untold.len(), "told for a worker that crashed before it could");
            append(job, Entry::Told(untold));
        }
    }

    /// Hands partitions over: commits what has entered, lets the rest run dry up to the deadline, commits that.
    fn give_back<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>, leaving: &[i32]) {
        let lost = consumer.assignment_lost();
        let begun = Instant::now();
        for partition in leaving {
            self.lanes.close(*partition);
        }
        if lost {
            job.health.unmet(Condition::Joined, "the group dropped this worker; it joins again");
        }
        let handed = if lost { self.drop_lost(job, leaving) } else { self.hand_over(job, consumer, leaving) };
        if let Err(trouble) = handed {
            tracing::warn!("while partitions were handed over: {trouble}");
            self.trouble.get_or_insert(trouble);
        }
        let cause = if self.leaving { Returned::Shutdown } else { Returned::Revoke };
        for partition in leaving {
            let left = self.lanes.abandon(*partition);
            self.count_returned(job, cause, left);
            self.released(job, *partition);
        }
        job.metrics.drained(begun.elapsed());
        self.count_rebalance(job, if lost { Rebalance::Lost } else { Rebalance::Revoked });
        tracing::info!(topic = %job.topic, partitions = ?leaving, lost, "handed over");
    }

    /// What has entered and what runs dry is committed; what came to nothing is no attempt.
    fn hand_over<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        leaving: &[i32],
    ) -> Result<(), Trouble> {
        self.drain(job, consumer, leaving)?;
        let vain = self.vain(leaving);
        self.write(job, consumer, vain)
    }

    fn drain<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        leaving: &[i32],
    ) -> Result<(), Trouble> {
        self.commit(job, consumer)?;
        let deadline = Instant::now() + job.settings.run.drain_timeout;
        while !self.lanes.dry(leaving) && Instant::now() < deadline {
            job.health.tick();
            self.collect(Duration::from_millis(5));
            // A head whose verdict is void cannot be judged again here: it stays, and is given back unfinished.
            self.enter(job, consumer)?;
            self.open.outbox.poll();
            if self.open.cut.due(
                Instant::now(),
                job.settings.run.commit_records,
                job.settings.run.commit_interval,
                false,
            ) {
                self.commit(job, consumer)?;
            }
        }
        self.commit(job, consumer)
    }

    /// Nothing of a lost partition may be committed, and the open transaction may hold some of it.
    fn drop_lost<F: Flow>(&mut self, job: &Job<F>, leaving: &[i32]) -> Result<(), Trouble> {
        if self.open.cut.offsets().any(|(partition, _)| leaving.contains(&partition)) {
            self.abort(job)?;
            return Err(Trouble::Abort("partitions were lost with a transaction open".into()));
        }
        Ok(())
    }

    fn count_rebalance<F: Flow>(&self, job: &Job<F>, event: Rebalance) {
        if job.in_law() {
            job.metrics.rebalanced(event, self.lanes.partitions().len());
        }
    }

    fn released<F: Flow>(&mut self, job: &Job<F>, partition: i32) {
        self.taken.remove(&partition);
        self.inherited.remove(&partition);
        self.fresh.remove(&partition);
        self.attempts.remove(&partition);
        self.alone.remove(&partition);
        self.oversize.retain(|(of, _)| *of != partition);
        self.at_end.remove(&partition);
        self.done.remove(&partition);
        self.paused.remove(&partition);
        // Else the old ticket opens the partition when it comes again, before the log is read to where it ended by then.
        for starting in &mut self.starting {
            starting.partitions.retain(|waiting| *waiting != partition);
        }
        job.standing().remove(&partition);
        job.metrics.partition_gone(&job.topic, partition);
    }
}

fn offsets(topic: &str, starts: impl Iterator<Item = (i32, i64)>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in starts {
        // Fails only for offsets that are no number; these are.
        let _: Result<(), KafkaError> = list.add_partition_offset(topic, partition, KafkaOffset::Offset(offset));
    }
    list
}

fn partitions(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(|element| element.partition()).collect()
}
