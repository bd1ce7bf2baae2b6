//! Leaders of the output partitions: asked for before the transactional id is taken.
//!
//! It must never let a producer go on without one: what the coordinator does then shows in the output only later.

use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer};

use super::Deliveries;
use crate::http::Health;
use crate::kafka::classify::Trouble;
use crate::kafka::client::{self, FIRST};
use crate::kafka::refusal::Away;
use crate::metrics::RebuildCause;
use crate::settings::Settings;

/// Refuses to go on while an output partition has no leader: a coordinator that has just started
/// takes such partitions for deleted and skips their abort markers (seen with Kafka 4.3.1, one node), and records of an
/// aborted transaction would show with the next commit.
///
/// # Errors
/// [`Trouble`] when a leader is missing, or nobody says.
pub(super) fn led(producer: &BaseProducer<Deliveries>, settings: &Settings, health: &Health) -> Result<(), Trouble> {
    let away = |text: String| Trouble::Rebuild(RebuildCause::Indefinite, text);
    let unheard = |error: KafkaError| {
        producer.poll(FIRST);
        let reason = producer.context().last_reason().unwrap_or_else(|| error.to_string());
        away(Away::new(&settings.kafka, &reason).to_string())
    };
    for route in settings.run.stages.outputs() {
        let name = settings.topics.name(*route);
        health.tick();
        let metadata = producer.client().fetch_metadata(Some(name), client::CALL);
        let metadata = metadata.map_err(unheard)?;
        let partitions = metadata.topics().iter().flat_map(|t| t.partitions());
        if let Some(leaderless) = partitions.into_iter().find(|p| p.leader() < 0) {
            return Err(away(format!("{name}/{} has no leader", leaderless.id())));
        }
    }
    Ok(())
}
