//! Broker errors to what is to be done about them: one table (observed and injected errors, librdkafka 2.12).

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::flow::Stop;
use crate::metrics::RebuildCause;

/// What an error of the consumer or the transactional producer asks for.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The transaction is lost, the clients are sound: abort, then read again in place.
    Abort(String),
    /// The result is unknown or the clients are spent: throw both away and begin at the committed offsets.
    Rebuild(RebuildCause, String),
    /// Nothing helps but a person.
    Stop(Stop),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Abort(text) | Trouble::Rebuild(_, text) => f.write_str(text),
            Trouble::Stop(stop) => stop.fmt(f),
        }
    }
}

/// Sorts an error of a transactional call.
///
/// A timeout there is an indefinite result: the broker may have committed. Only a new `init_transactions` settles it.
pub fn transactional(call: &str, error: &KafkaError) -> Trouble {
    let text = format!("{call}: {error}");
    let KafkaError::Transaction(inner) = error else { return Trouble::Rebuild(RebuildCause::Fatal, text) };
    match inner.code() {
        RDKafkaErrorCode::Fenced | RDKafkaErrorCode::ProducerFenced | RDKafkaErrorCode::InvalidProducerEpoch => {
            Trouble::Rebuild(RebuildCause::Fenced, text)
        }
        RDKafkaErrorCode::TopicAuthorizationFailed
        | RDKafkaErrorCode::GroupAuthorizationFailed
        | RDKafkaErrorCode::TransactionalIdAuthorizationFailed
        | RDKafkaErrorCode::ClusterAuthorizationFailed => Trouble::Stop(Stop::Broken(denied(&text))),
        _ if inner.is_fatal() => Trouble::Rebuild(RebuildCause::Fatal, text),
        _ if inner.txn_requires_abort() => Trouble::Abort(text),
        _ => Trouble::Rebuild(RebuildCause::Indefinite, text),
    }
}

/// What a consumer's error asks for; `None` is one that librdkafka mends by itself.
pub fn consuming(error: &KafkaError) -> Option<Trouble> {
    let text = format!("consumer: {error}");
    match error {
        KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId) => {
            Some(Trouble::Stop(Stop::Broken(format!("{text}; two workers share kafka.instance, give each its own"))))
        }
        KafkaError::MessageConsumptionFatal(_) => Some(Trouble::Rebuild(RebuildCause::Fatal, text)),
        KafkaError::MessageConsumption(
            RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::GroupAuthorizationFailed,
        ) => Some(Trouble::Stop(Stop::Broken(denied(&text)))),
        _ => None,
    }
}

fn denied(text: &str) -> String {
    format!("{text}; grant the worker's user the missing right and start again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_librdkafka_mends_asks_for_nothing() {
        let lost = KafkaError::MessageConsumption(RDKafkaErrorCode::BrokerTransportFailure);
        assert!(consuming(&lost).is_none());
    }

    #[test]
    fn missing_rights_stop_and_say_so() {
        let denied = KafkaError::MessageConsumption(RDKafkaErrorCode::GroupAuthorizationFailed);
        let Some(Trouble::Stop(stop)) = consuming(&denied) else { unreachable!("rights are for a person to mend") };
        assert!(stop.to_string().contains("grant"), "{stop}");
    }

    #[test]
    fn an_error_outside_a_transaction_rebuilds() {
        let odd = KafkaError::MessageProduction(RDKafkaErrorCode::Fatal);
        assert!(matches!(transactional("send", &odd), Trouble::Rebuild(RebuildCause::Fatal, _)));
    }
}
