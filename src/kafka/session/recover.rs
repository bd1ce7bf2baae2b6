//! Ways back: to the committed offsets after an abort, to one record after a lapsed promise, to nothing before the clients
//! are built anew.

use rdkafka::Offset as KafkaOffset;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::{Job, Session, State, attempts};
use crate::flow::Flow;
use crate::flow::cut::Cut;
use crate::kafka::classify::Trouble;
use crate::kafka::client::{self, CALL};
use crate::metrics::{RebuildCause, Returned};

impl State {
    /// Aborts, then reads again from the committed offsets, keeping the membership.
    ///
    /// # Errors
    /// [`Trouble`] when abort or seek fail; then only building anew helps.
    pub fn rewind<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        self.in_vain += 1;
        self.abort(job)?;
        // Read again, they are set aside: else each would be refused again, and nothing of any partition committed.
        self.oversize.extend(self.open.outbox.take_oversize()?);
        // Of what is not begun yet nothing was taken.
        let mut begun = self.lanes.partitions();
        begun.retain(|partition| !self.fresh.contains_key(partition));
        if begun.is_empty() {
            return Ok(());
        }
        for partition in &begun {
            self.reopen(job, *partition);
        }
        let wanted = client::partitions(&job.topic, begun);
        job.health.tick();
        let rebuild = |error: KafkaError| Trouble::Rebuild(RebuildCause::Indefinite, format!("rewind: {error}"));
        let committed = consumer.committed_offsets(wanted, CALL).map_err(rebuild)?;
        for element in committed.elements() {
            let KafkaOffset::Offset(offset) = element.offset() else {
                return Err(rebuild(KafkaError::OffsetFetch(RDKafkaErrorCode::NoOffset)));
            };
            self.taken.insert(element.partition(), offset);
        }
        job.health.tick();
        let sought = consumer.seek_partitions(committed, CALL).map_err(rebuild)?;
        sought.elements().iter().try_for_each(|element| element.error()).map_err(rebuild)?;
        self.not_done(job, consumer)
    }

    /// Takes back what has entered; without anything open, nothing.
    ///
    /// # Errors
    /// [`Trouble`] when the abort itself fails.
    pub fn abort<F: Flow>(&mut self, job: &Job<F>) -> Result<(), Trouble> {
        self.count_returned(job, Returned::Abort, self.open.cut.len());
        self.open.abort()
    }

    fn reopen<F: Flow>(&mut self, job: &Job<F>, partition: i32) {
        let lost = self.lanes.reopen(partition, &job.flow);
        self.shut_uncounted(partition);
        self.at_end.remove(&partition);
        self.count_returned(job, Returned::Abort, lost);
    }

    /// Reads a partition again from `offset`: the verdict of that record rested on a promise that is void.
    ///
    /// # Errors
    /// [`Trouble`] when the consumer cannot seek.
    pub fn read_again<F: Flow>(
        &mut self,
        job: &Job<F>,
        consumer: &BaseConsumer<Session<F>>,
        partition: i32,
        offset: i64,
    ) -> Result<(), Trouble> {
        tracing::debug!(partition, offset, "a promise lapsed: the record is judged again");
        self.reopen(job, partition);
        self.taken.insert(partition, offset);
        let seek = consumer.seek(&job.topic, partition, KafkaOffset::Offset(offset), CALL);
        seek.map_err(|error| Trouble::Rebuild(RebuildCause::Indefinite, format!("seek: {error}")))?;
        self.not_done(job, consumer)
    }

    /// Gives everything up without a word to the broker: before the clients are built anew, or when the worker stops.
    pub fn forsake<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>) {
        // The process lives. The broker may be away and is not waited for: this goes out with the membership, or never.
        let given_back = attempts::marked(job, self.vain(&self.lanes.partitions()));
        let sent = given_back.and_then(|offsets| match offsets.count() {
            0 => Ok(()),
            _ => consumer.commit(&offsets, CommitMode::Async),
        });
        if let Err(error) = sent {
            tracing::debug!(error = %error, "the count of attempts stands");
        }
        self.attempts.clear();
        self.alone.clear();
        let cause = if self.leaving { Returned::Shutdown } else { Returned::Abort };
        let inside: usize = self.lanes.partitions().into_iter().map(|p| self.lanes.abandon(p)).sum();
        self.count_returned(job, cause, inside + self.open.cut.len());
        self.open.cut = Cut::default();
        job.standing().clear();
    }

    pub(super) fn count_returned<F: Flow>(&self, job: &Job<F>, cause: Returned, records: usize) {
        if job.in_law() {
            job.metrics.returned(cause, records as u64);
        }
    }
}
