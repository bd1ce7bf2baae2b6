//! Who hears of deliveries: counts what was written, keeps what was lost and which output may not be written.
//!
//! Called by librdkafka in the middle of the outbox's calls. It must never decide what is done about what it hears: the
//! outbox asks when it can act on it.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryResult, NoCustomPartitioner, ProducerContext};

use crate::flow::deliver::Message;
use crate::kafka::context::{Context, hand_on};
use crate::kafka::refusal::Denied;
use crate::metrics::{Metrics, ProduceError};
use crate::outcome::Route;
use crate::settings::{Settings, Topics};

/// What is known of a message once it has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its topic.
    pub(super) route: Route,
    /// Partition and offset of the record it was made from.
    pub(super) of: (i32, i64),
    /// No other can be in its batch: what is refused for its size is this message itself.
    pub(super) alone: bool,
    /// When it left.
    pub(super) at: Instant,
}

impl Sent {
    /// Whether its record can be set aside for it. A dead letter would only be refused again; and where a whole batch is too
    /// large, none of its records is.
    pub(super) fn is_to_blame(&self) -> bool {
        self.alone && self.route != Route::Dead
    }
}

/// Hears of every message that was written or lost.
pub(super) struct Deliveries {
    context: Context,
    /// Where deliveries count.
    pub(super) metrics: Metrics,
    failed: Mutex<Option<KafkaError>>,
    /// Messages that were refused for their size.
    oversize: Mutex<Vec<Sent>>,
    /// Bytes of the largest batch with more than one message.
    batch: u64,
    /// An output that may not be written.
    denied: Mutex<Option<Denied>>,
    topics: Topics,
}

impl Deliveries {
    /// Nothing was heard of yet.
    pub(super) fn new(settings: &Settings, metrics: Metrics, batch: u64) -> Deliveries {
        Deliveries {
            context: Context::new(&settings.kafka),
            metrics,
            failed: Mutex::new(None),
            oversize: Mutex::new(Vec::new()),
            batch,
            denied: Mutex::new(None),
            topics: settings.topics.clone(),
        }
    }

    /// The output that may not be written, if there is one.
    pub(super) fn denied(&self) -> Option<Denied> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first message that was lost since this was asked last.
    pub(super) fn take_failed(&self) -> Option<KafkaError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What is to be remembered of a message on its way, made from the record `of`.
    pub(super) fn sends(&self, message: &Message, of: (i32, i64)) -> Sent {
        Sent { route: message.route, of, alone: message.bytes() as u64 > self.batch, at: Instant::now() }
    }

    /// A message was refused for its size.
    pub(super) fn refused(&self, sent: Sent) {
        let (topic, (partition, offset)) = (self.topics.name(sent.route), sent.of);
        if sent.is_to_blame() {
            tracing::warn!(topic, partition, offset, "what becomes of this record is too large for its topic");
        }
        self.oversize.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
    }

    /// What was refused for its size since this was asked last.
    pub(super) fn take_oversize(&self) -> Vec<Sent> {
        std::mem::take(&mut self.oversize.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The last error librdkafka spoke of.
    pub(super) fn last_reason(&self) -> Option<String> {
        self.context.last_reason()
    }

    /// An output may not be written.
    pub(super) fn deny(&self, route: Route) {
        self.deny_topic(self.topics.name(route));
    }

    fn deny_topic(&self, topic: &str) {
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.get_or_insert_with(|| Denied::topic(topic, "Write"));
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == "ADDPARTS"
            && let Some(topic) = refused_topic(message)
        {
            self.deny_topic(topic);
        }
        self.context.log(level, facility, message);
    }

    hand_on!(error);
    hand_on!(rest);
}

impl ProducerContext<NoCustomPartitioner> for Deliveries {
    type DeliveryOpaque = Box<Sent>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Self::DeliveryOpaque) {
        let Sent { route, at, .. } = *sent;
        match result {
            Ok(_) => self.metrics.produced(route, at.elapsed()),
            // An abort purges what it takes back: nothing failed.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight), _)) => {
            }
            Err((error, _)) => {
                self.metrics.produce_failed(route, produce_error(error));
                match error.rdkafka_error_code() {
                    Some(RDKafkaErrorCode::TopicAuthorizationFailed) => self.deny(route),
                    Some(RDKafkaErrorCode::MessageSizeTooLarge) => self.refused(*sent),
                    _ => {}
                }
                self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.clone());
            }
        }
    }
}

/// The topic of the line that says why a transaction failed: `Failed to add partition "articles.enriched" [3] to transaction: Broker:
/// Topic authorization failed`.
fn refused_topic(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("Failed to add partition \"")?;
    let (topic, reason) = rest.split_once('"')?;
    reason.contains("Topic authorization failed").then_some(topic)
}

fn produce_error(error: &KafkaError) -> ProduceError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => ProduceError::TooLarge,
        Some(RDKafkaErrorCode::MessageTimedOut) => ProduceError::Timeout,
        Some(RDKafkaErrorCode::TopicAuthorizationFailed) => ProduceError::Denied,
        Some(
            RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownPartition,
        ) => ProduceError::UnknownTopic,
        _ => ProduceError::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_that_is_not_there_is_called_so() {
        let named = |code| produce_error(&KafkaError::MessageProduction(code));
        for code in [
            RDKafkaErrorCode::UnknownTopic,
            RDKafkaErrorCode::UnknownTopicOrPartition,
            RDKafkaErrorCode::UnknownPartition,
        ] {
            assert_eq!(named(code), ProduceError::UnknownTopic);
        }
        assert_eq!(named(RDKafkaErrorCode::MessageTimedOut), ProduceError::Timeout);
        assert_eq!(named(RDKafkaErrorCode::NotEnoughReplicas), ProduceError::Other);
    }
}
