//! Broker errors to what is to be done about them: one table (observed and injected errors, librdkafka 2.12).

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::refusal::Denied;
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

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Trouble {
        Trouble::Stop(stop)
    }
}

/// Who we are to the broker, to name what we lack.
#[derive(Debug, Clone)]
pub struct Names {
    /// Input topic.
    pub topic: String,
    /// Consumer group.
    pub group: String,
    /// Transactional id.
    pub transactional_id: String,
}

impl Names {
    /// The right that an error of the broker says we lack.
    fn denied(&self, code: RDKafkaErrorCode) -> Option<Denied> {
        match code {
            RDKafkaErrorCode::TopicAuthorizationFailed => Some(Denied::topic(&self.topic, "Read")),
            RDKafkaErrorCode::GroupAuthorizationFailed => Some(Denied::group(&self.group, "Read")),
            RDKafkaErrorCode::TransactionalIdAuthorizationFailed => {
                Some(Denied::transactional_id(&self.transactional_id, "Write"))
            }
            RDKafkaErrorCode::ClusterAuthorizationFailed => {
                Some(Denied { resource: "the cluster".into(), right: "IdempotentWrite" })
            }
            _ => None,
        }
    }

    /// What an error of a commit without a transaction asks for.
    pub fn committing(&self, error: &KafkaError) -> Trouble {
        let denied = error.rdkafka_error_code().and_then(|code| self.denied(code));
        denied.map_or_else(|| Trouble::Abort(format!("commit of offsets: {error}")), Trouble::from)
    }
}

impl From<Denied> for Trouble {
    fn from(denied: Denied) -> Trouble {
        Trouble::Stop(Stop::Denied(denied.to_string()))
    }
}

/// Sorts an error of a transactional call.
///
/// A timeout there is an indefinite result: the broker may have committed. Only a new `init_transactions` settles it.
pub fn transactional(call: &str, error: &KafkaError, names: &Names) -> Trouble {
    let text = format!("{call}: {error}");
    let KafkaError::Transaction(inner) = error else { return Trouble::Rebuild(RebuildCause::Fatal, text) };
    if let Some(denied) = names.denied(inner.code()) {
        return denied.into();
    }
    match inner.code() {
        RDKafkaErrorCode::Fenced | RDKafkaErrorCode::ProducerFenced | RDKafkaErrorCode::InvalidProducerEpoch => {
            Trouble::Rebuild(RebuildCause::Fenced, text)
        }
        _ if inner.is_fatal() => Trouble::Rebuild(RebuildCause::Fatal, text),
        _ if inner.txn_requires_abort() => Trouble::Abort(text),
        _ => Trouble::Rebuild(RebuildCause::Indefinite, text),
    }
}

/// What a consumer's error asks for; `None` is one that librdkafka mends by itself.
pub fn consuming(error: &KafkaError, names: &Names) -> Option<Trouble> {
    let text = format!("consumer: {error}");
    match error {
        KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId) => {
            // The younger of the two goes on. Started again, this one would take its place, and so in turn for ever.
            Some(Trouble::Stop(Stop::Setup(format!("{text}; two workers share kafka.instance, give each its own"))))
        }
        KafkaError::MessageConsumptionFatal(_) => Some(Trouble::Rebuild(RebuildCause::Fatal, text)),
        KafkaError::MessageConsumption(code) => names.denied(*code).map(Trouble::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { topic: "articles.raw".into(), group: "desk".into(), transactional_id: "desk-0".into() }
    }

    #[test]
    fn an_error_that_librdkafka_mends_asks_for_nothing() {
        let lost = KafkaError::MessageConsumption(RDKafkaErrorCode::BrokerTransportFailure);
        assert!(consuming(&lost, &names()).is_none());
    }

    #[test]
    fn a_shared_instance_is_the_configurations_trouble() {
        let fenced = KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId);
        let asked = consuming(&fenced, &names());
        let Some(Trouble::Stop(Stop::Setup(text))) = asked else {
            unreachable!("again would fence the other: {asked:?}")
        };
        assert!(text.contains("two workers share kafka.instance"), "{text}");
    }

    #[test]
    fn a_missing_right_stops_and_is_named() {
        let stopped = |code| {
            let Some(Trouble::Stop(stop)) = consuming(&KafkaError::MessageConsumption(code), &names()) else {
                unreachable!("rights are for a person to grant")
            };
            stop.to_string()
        };
        assert!(stopped(RDKafkaErrorCode::GroupAuthorizationFailed).contains("right to Read on group desk is missing"));
        assert!(stopped(RDKafkaErrorCode::TopicAuthorizationFailed).contains("right to Read on topic articles.raw"));
    }

    #[test]
    fn an_error_outside_a_transaction_rebuilds() {
        let odd = KafkaError::MessageProduction(RDKafkaErrorCode::Fatal);
        assert!(matches!(transactional("send", &odd, &names()), Trouble::Rebuild(RebuildCause::Fatal, _)));
    }
}
