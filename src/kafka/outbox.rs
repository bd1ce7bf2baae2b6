//! The transactional producer: open, send, commit, abort. Or, at least once, the idempotent one: send, then commit the
//! offsets once everything was acknowledged.
//!
//! Owned by the driver's thread. Never flushes: librdkafka's flush polls in steps of 100 ms, draining by poll does not.

mod deliveries;
mod leaders;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use self::deliveries::{Deliveries, Sent};
use super::admin::Outputs;
use super::classify::{Names, Trouble, transactional};
use super::client::{self, FIRST};
use super::refusal::Denied;
use crate::flow::Stop;
use crate::flow::deliver::Message;
use crate::http::Health;
use crate::metrics::{CommitResult, Metrics, RebuildCause, RetryCause};
use crate::record::Headers;
use crate::settings::{Delivery, Settings, Topics};

/// Between two looks at what was acknowledged. rdkafka's own wait rounds its rest down to whole milliseconds, so that one of
/// a millisecond is a busy loop.
pub(super) const PAUSE: Duration = Duration::from_micros(500);

/// How the outputs of one driver leave.
pub struct Outbox {
    producer: BaseProducer<Deliveries>,
    names: Names,
    topics: Topics,
    dead_partitions: i32,
    exactly_once: bool,
    limit: Duration,
    open: bool,
    /// Each call keeps its limit; together they may take longer than the watchdog waits.
    health: Arc<Health>,
}

impl Outbox {
    /// Makes the producer; with exactly once it takes its transactional id, which fences its own past.
    ///
    /// # Errors
    /// [`Trouble`] when the broker does not answer or refuses.
    pub fn connect(
        settings: &Settings,
        names: Names,
        outputs: Outputs,
        metrics: Metrics,
        health: Arc<Health>,
    ) -> Result<Outbox, Trouble> {
        let exactly_once = settings.run.delivery == Delivery::ExactlyOnce;
        let deliveries = Deliveries::new(settings, metrics, outputs.batch);
        let mut config = client::producer(settings, exactly_once.then_some(names.transactional_id.as_str()));
        client::prefer(&mut config, "batch.size", outputs.batch.to_string());
        let producer: BaseProducer<Deliveries> = config
            .create_with_context(deliveries)
            .map_err(|error| Trouble::Rebuild(RebuildCause::Fatal, error.to_string()))?;
        producer.poll(FIRST);
        let limit = settings.kafka.transaction_timeout;
        if exactly_once {
            leaders::led(&producer, settings, &health)?;
            producer.init_transactions(limit).map_err(|error| transactional("init_transactions", &error, &names))?;
        }
        Ok(Outbox {
            producer,
            names,
            topics: settings.topics.clone(),
            dead_partitions: outputs.dead_partitions,
            exactly_once,
            limit,
            open: false,
            health,
        })
    }

    /// Begins a transaction where none is open. True when it began one.
    ///
    /// # Errors
    /// [`Trouble`] of the call.
    pub fn begin(&mut self) -> Result<bool, Trouble> {
        if self.open {
            return Ok(false);
        }
        if self.exactly_once {
            self.producer.begin_transaction().map_err(|error| self.trouble("begin_transaction", &error))?;
        }
        self.open = true;
        Ok(true)
    }

    /// Queues a message in the open transaction: what becomes of the record `of`, partition and offset.
    ///
    /// # Errors
    /// [`Trouble`] when librdkafka refuses it.
    pub fn send(&self, message: &Message, of: (i32, i64)) -> Result<(), Trouble> {
        let mut record = self.record(message, of);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.context().metrics.retried(RetryCause::Busy);
                    self.producer.poll(Duration::from_millis(5));
                    record = back;
                }
                Err((error, back)) => {
                    self.producer.poll(Duration::ZERO);
                    match error.rdkafka_error_code() {
                        // No report follows on what was never queued: librdkafka knows the topic's limit and rights by now.
                        Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                            self.producer.context().refused(Sent { alone: true, ..*back.delivery_opaque });
                        }
                        Some(RDKafkaErrorCode::TopicAuthorizationFailed) => self.producer.context().deny(message.route),
                        _ => {}
                    }
                    let aborts = || Trouble::Abort(format!("send: {error}"));
                    return Err(self.denied().map_or_else(aborts, Trouble::from));
                }
            }
        }
    }

    fn record<'m>(&'m self, message: &'m Message, of: (i32, i64)) -> BaseRecord<'m, [u8], [u8], Box<Sent>> {
        let topic = self.topics.name(message.route);
        let mut record = BaseRecord::with_opaque_to(topic, Box::new(self.producer.context().sends(message, of)));
        if let Some(key) = &message.key {
            record = record.key(key.as_ref());
        }
        if let Some(value) = &message.value {
            record = record.payload(value.as_ref());
        }
        // A dead letter keeps its partition where its topic has as many.
        if let Some(partition) = message.partition.filter(|p| *p < self.dead_partitions) {
            record = record.partition(partition);
        }
        record.headers(owned(&message.headers))
    }

    /// Lets delivery reports in.
    pub fn poll(&self) {
        self.producer.poll(Duration::ZERO);
    }

    /// Commits what was sent, and with it `offsets`. `group` is the membership as it was when the transaction began: the
    /// broker refuses it when the group has moved on since.
    ///
    /// # Errors
    /// [`Trouble`]: nothing is committed, or nobody knows.
    pub fn commit<C: ConsumerContext>(
        &mut self,
        consumer: &BaseConsumer<C>,
        offsets: &TopicPartitionList,
        group: Option<&ConsumerGroupMetadata>,
    ) -> Result<(), Trouble> {
        let ended = self.end(consumer, offsets, group);
        match &ended {
            Err(Trouble::Rebuild(RebuildCause::Indefinite, _)) => self.count(CommitResult::Indefinite),
            Err(Trouble::Rebuild(..) | Trouble::Stop(_)) => self.count(CommitResult::Failed),
            // One that stands counts with its outcomes, one that asks for an abort there.
            Ok(()) | Err(Trouble::Abort(_)) => {}
        }
        ended
    }

    fn count(&self, result: CommitResult) {
        self.producer.context().metrics.commit(result);
    }

    fn end<C: ConsumerContext>(
        &mut self,
        consumer: &BaseConsumer<C>,
        offsets: &TopicPartitionList,
        group: Option<&ConsumerGroupMetadata>,
    ) -> Result<(), Trouble> {
        self.drain()?;
        self.health.tick();
        if self.exactly_once {
            let Some(group) = group else {
                return Err(Trouble::Rebuild(RebuildCause::Fatal, "the consumer has no group".into()));
            };
            self.health.tick();
            let sent = self.producer.send_offsets_to_transaction(offsets, group, self.limit);
            sent.map_err(|error| self.trouble("send_offsets_to_transaction", &error))?;
            self.health.tick();
            let committed = self.producer.commit_transaction(self.limit);
            committed.map_err(|error| self.trouble("commit_transaction", &error))?;
        } else {
            let committed = consumer.commit(offsets, CommitMode::Sync);
            committed.map_err(|error| self.names.committing(&error))?;
        }
        self.open = false;
        Ok(())
    }

    /// What an error of the producer asks for. Which output may not be written stands only in the client's log.
    fn trouble(&self, call: &str, error: &KafkaError) -> Trouble {
        self.producer.poll(Duration::ZERO);
        self.denied().map_or_else(|| transactional(call, error, &self.names), Trouble::from)
    }

    fn denied(&self) -> Option<Denied> {
        self.producer.context().denied()
    }

    /// Waits until everything sent was acknowledged.
    fn drain(&self) -> Result<(), Trouble> {
        let deadline = Instant::now() + self.limit;
        while let left @ 1.. = self.producer.in_flight_count() {
            self.poll();
            // What may not be written is never acknowledged.
            if let Some(denied) = self.denied() {
                return Err(denied.into());
            }
            if self.producer.in_flight_count() == left {
                std::thread::park_timeout(PAUSE);
            }
            if Instant::now() > deadline {
                return Err(Trouble::Rebuild(RebuildCause::Indefinite, "outputs were not acknowledged in time".into()));
            }
        }
        if let Some(denied) = self.denied() {
            return Err(denied.into());
        }
        match self.producer.context().take_failed() {
            Some(error) => Err(Trouble::Abort(format!("an output was not written: {error}"))),
            None => Ok(()),
        }
    }

    /// The records, partition and offset, whose message was refused for its size since this was asked last.
    ///
    /// # Errors
    /// [`Trouble::Stop`] where no record is to blame: a topic takes less than it said at the start.
    pub fn take_oversize(&self) -> Result<Vec<(i32, i64)>, Trouble> {
        let refused = self.producer.context().take_oversize();
        match refused.iter().find(|sent| !sent.is_to_blame()) {
            Some(sent) => Err(Stop::Broken(shrunk(self.topics.name(sent.route))).into()),
            None => Ok(refused.into_iter().map(|sent| sent.of).collect()),
        }
    }

    /// Aborts the open transaction, if there is one. Afterwards nothing that was sent in it exists.
    ///
    /// # Errors
    /// [`Trouble`] when the abort itself fails.
    pub fn abort(&mut self) -> Result<(), Trouble> {
        if std::mem::take(&mut self.open) {
            let aborted = self.abort_open();
            self.count(if aborted.is_ok() { CommitResult::Aborted } else { CommitResult::Indefinite });
            aborted?;
        }
        self.producer.context().take_failed();
        Ok(())
    }

    fn abort_open(&self) -> Result<(), Trouble> {
        if !self.exactly_once {
            return Ok(());
        }
        self.health.tick();
        let aborted = self.producer.abort_transaction(self.limit);
        aborted.map_err(|error| Trouble::Rebuild(RebuildCause::Indefinite, format!("abort_transaction: {error}")))
    }
}

/// What to do where a topic refuses what it should take.
fn shrunk(topic: &str) -> String {
    format!(
        "{topic} refused for its size what it takes by all that was known at the start: a new start reads its max.message.bytes \
         again. Where the user may not read it (DescribeConfigs), kafka.max_message must be no larger"
    )
}

/// Headers as librdkafka takes them.
pub fn owned(headers: &Headers) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |owned, (key, value)| {
        owned.insert(Header { key, value: value.as_deref() })
    })
}

#[cfg(test)]
mod tests;
