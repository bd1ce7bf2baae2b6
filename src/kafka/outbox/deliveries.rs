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

use crate::kafka::context::{Context, hand_on};
use crate::kafka::refusal::Denied;
use crate::metrics::{Metrics, ProduceError};
use crate::outcome::Route;
use crate::settings::{Settings, Topics};

/// Hears of every message that was written or lost.
pub(super) struct Deliveries {
    context: Context,
    /// Where deliveries count.
    pub(super) metrics: Metrics,
    failed: Mutex<Option<KafkaError>>,
    /// An output that may not be written.
    denied: Mutex<Option<Denied>>,
    topics: Topics,
}

impl Deliveries {
    /// Nothing was heard of yet.
    pub(super) fn new(settings: &Settings, metrics: Metrics) -> Deliveries {
        Deliveries {
            context: Context::new(&settings.kafka),
            metrics,
            failed: Mutex::new(None),
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

    /// The last error librdkafka spoke of.
    pub(super) fn last_reason(&self) -> Option<String> {
        self.context.last_reason()
    }

    fn deny(&self, topic: &str) {
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.get_or_insert_with(|| Denied::topic(topic, "Write"));
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == "ADDPARTS"
            && let Some(topic) = refused_topic(message)
        {
            self.deny(topic);
        }
        self.context.log(level, facility, message);
    }

    hand_on!(error);
    hand_on!(rest);
}

impl ProducerContext<NoCustomPartitioner> for Deliveries {
    type DeliveryOpaque = Box<(Route, Instant)>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Self::DeliveryOpaque) {
        let (route, at) = *sent;
        match result {
            Ok(_) => self.metrics.produced(route, at.elapsed()),
            // An abort purges what it takes back: nothing failed.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight), _)) => {
            }
            Err((error, _)) => {
                self.metrics.produce_failed(route, produce_error(error));
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::TopicAuthorizationFailed) {
                    self.deny(self.topics.name(route));
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
