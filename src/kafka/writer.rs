//! Records written to any topic by name, for the verbs that repair and fill: idempotent, acknowledged by all replicas, no
//! transaction. It must never be used by `run`, whose outputs and offsets share one transaction.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, NoCustomPartitioner, Producer, ProducerContext};

use super::client::{self, CALL, EVENTS, FIRST};
use super::context::{Context, hand_on};
use super::outbox::{PAUSE, owned};
use super::refusal::{Away, Denied};
use crate::record::Record;
use crate::settings::{Kafka, Settings};

/// How long records may wait for their acknowledgement. Higher: a verb hangs on a dead broker. Lower: an election of
/// leaders ends it.
const ACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Why something was not written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError {
    /// No broker takes it.
    #[error(transparent)]
    Away(Away),
    /// It may not be written there.
    #[error(transparent)]
    Denied(Denied),
    /// The broker refuses it, and would again.
    #[error("{topic} does not take the record: {reason}")]
    Refused {
        /// Topic.
        topic: String,
        /// In the client's words.
        reason: String,
    },
}

/// Writes records. What was sent counts only once [`settle`](Writer::settle) has said so.
pub struct Writer {
    producer: BaseProducer<Losses>,
    kafka: Kafka,
}

/// Hears of every record that was lost; keeps the first.
struct Losses {
    context: Context,
    failed: Mutex<Option<(String, KafkaError)>>,
}

impl ClientContext for Losses {
    hand_on!(log);
    hand_on!(error);
    hand_on!(rest);
}

impl ProducerContext<NoCustomPartitioner> for Losses {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        use rdkafka::message::Message as _;
        if let Err((error, message)) = result {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert_with(|| (message.topic().to_owned(), error.clone()));
        }
    }
}

impl Writer {
    /// A writer; connects when it first sends.
    ///
    /// # Errors
    /// When the client does not accept its configuration.
    pub fn new(settings: &Settings) -> Result<Writer, WriteError> {
        let mut config = client::producer(settings, None);
        config.set("message.timeout.ms", ACKNOWLEDGED.as_millis().to_string());
        let made =
            config.create_with_context(Losses { context: Context::new(&settings.kafka), failed: Mutex::new(None) });
        let away = |error: KafkaError| WriteError::Away(Away::new(&settings.kafka, &error.to_string()));
        let producer: BaseProducer<Losses> = made.map_err(away)?;
        // Lets the client ask for a token before it is called.
        producer.poll(FIRST);
        Ok(Writer { producer, kafka: settings.kafka.clone() })
    }

    /// How many partitions a topic has.
    ///
    /// # Errors
    /// [`WriteError`] when no broker answers or there is no such topic.
    pub fn partitions(&self, topic: &str) -> Result<i32, WriteError> {
        let metadata = self.producer.client().fetch_metadata(Some(topic), CALL);
        let metadata = metadata.map_err(|error| self.error(topic, &error))?;
        let found = metadata.topics().iter().find(|t| t.name() == topic && t.error().is_none());
        match found.map(|t| t.partitions().len()) {
            Some(partitions) if partitions > 0 => Ok(i32::try_from(partitions).unwrap_or(i32::MAX)),
            _ => Err(WriteError::Refused { topic: topic.to_owned(), reason: "there is no such topic".to_owned() }),
        }
    }

    /// Queues key, value and headers of `record` for `topic`; without a partition the key decides. Waits while the queue
    /// is full.
    ///
    /// # Errors
    /// [`WriteError`] when it is refused, or an earlier one was.
    pub fn send(&self, topic: &str, partition: Option<i32>, record: &Record) -> Result<(), WriteError> {
        let mut message: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).headers(owned(&record.headers));
        (message.key, message.payload, message.partition) = (record.key.as_deref(), record.raw.as_deref(), partition);
        loop {
            match self.producer.send(message) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(5));
                    message = back;
                    self.failure()?;
                }
                Err((error, _)) => return Err(self.error(topic, &error)),
            }
        }
        self.producer.poll(Duration::ZERO);
        self.failure()
    }

    /// Waits until everything sent was acknowledged.
    ///
    /// # Errors
    /// The first [`WriteError`] of what was sent.
    pub fn settle(&self) -> Result<(), WriteError> {
        let deadline = Instant::now() + ACKNOWLEDGED + CALL;
        while let left @ 1.. = self.producer.in_flight_count() {
            self.producer.poll(Duration::ZERO);
            if self.producer.in_flight_count() == left {
                std::thread::park_timeout(PAUSE);
            }
            if Instant::now() > deadline {
                return Err(self.error("", &KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut)));
            }
        }
        self.failure()
    }

    fn failure(&self) -> Result<(), WriteError> {
        let failed = self.producer.context().failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        failed.map_or(Ok(()), |(topic, error)| Err(self.error(&topic, &error)))
    }

    fn error(&self, topic: &str, error: &KafkaError) -> WriteError {
        let refused = |reason: String| WriteError::Refused { topic: topic.to_owned(), reason };
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                refused("it is larger than kafka.max_message or the topic's max.message.bytes allow".to_owned())
            }
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
                refused("there is no such topic or partition".to_owned())
            }
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => WriteError::Denied(Denied::topic(topic, "Write")),
            _ => {
                // Reasons reach the context only while the client is polled; it goes on reconnecting, so there is always more.
                for _ in 0..EVENTS {
                    self.producer.poll(Duration::ZERO);
                }
                let reason = self.producer.context().context.last_reason().unwrap_or_else(|| error.to_string());
                WriteError::Away(Away::new(&self.kafka, &reason))
            }
        }
    }
}
