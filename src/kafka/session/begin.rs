//! Where a partition begins: at its committed offset, or where the settings say.
//!
//! Asked before anything is assigned. It must never skip records in silence: what was deleted unread is told, and partitions
//! that came later begin at their oldest record.

use std::collections::BTreeMap;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::claim::{self, Mark};
use crate::flow::Stop;
use crate::http::Health;
use crate::kafka::classify::Trouble;
use crate::kafka::client::{self, CALL};
use crate::metrics::RebuildCause;
use crate::settings::{Kafka, OnLostOffset, Start};

/// Where a partition begins, and the mark that offset bears; fresh where it is not committed yet.
#[derive(Clone, Copy)]
pub(super) struct Begin {
    pub(super) offset: i64,
    pub(super) mark: Mark,
    pub(super) fresh: bool,
}

/// Where each partition starts: its committed offset; for a group new to it, by `kafka.start`.
/// Partitions that appear after the group began start at their oldest record, else what they hold would be skipped.
///
/// # Errors
/// [`Trouble`] when the broker does not say, or the group stands where nothing is and is not to go on by itself.
pub(super) fn starts<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
    list: &TopicPartitionList,
    kafka: &Kafka,
    health: &Health,
) -> Result<BTreeMap<i32, Begin>, Trouble> {
    let rebuild = |error: KafkaError| Trouble::Rebuild(RebuildCause::Indefinite, format!("starts of {topic}: {error}"));
    let (mut starts, mut chosen, mut fresh) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    if list.count() == 0 {
        return Ok(starts);
    }
    for element in consumer.committed_offsets(list.clone(), CALL).map_err(rebuild)?.elements() {
        let partition = element.partition();
        health.tick();
        let held = consumer.fetch_watermarks(topic, partition, CALL).map_err(rebuild)?;
        match element.offset() {
            KafkaOffset::Offset(offset) if (held.0..=held.1).contains(&offset) => {
                starts.insert(partition, Begin { offset, mark: claim::read(element.metadata()), fresh: false });
            }
            KafkaOffset::Offset(lost) => {
                chosen.insert(partition, instead_of(lost, topic, partition, held, kafka)?);
            }
            _ => fresh.push((partition, held)),
        }
    }
    if !fresh.is_empty() {
        let begun = !starts.is_empty() || !chosen.is_empty();
        let earliest = kafka.start == Start::Earliest || begun || group_has_begun(consumer, topic).map_err(rebuild)?;
        chosen.extend(fresh.into_iter().map(|(partition, (low, high))| (partition, if earliest { low } else { high })));
    }
    let begin = |offset| Begin { offset, mark: Mark::default(), fresh: true };
    starts.extend(chosen.into_iter().map(|(partition, offset)| (partition, begin(offset))));
    Ok(starts)
}

/// Where to go on when the committed offset `lost` is not among those the topic holds, by `kafka.on_lost_offset`.
fn instead_of(lost: i64, topic: &str, partition: i32, held: (i64, i64), kafka: &Kafka) -> Result<i64, Trouble> {
    let (low, high) = held;
    let to = match kafka.on_lost_offset {
        OnLostOffset::Earliest => low,
        OnLostOffset::Latest => high,
        OnLostOffset::Stop => {
            return Err(Trouble::Stop(Stop::Broken(format!(
                "{topic}/{partition}: the group stands at offset {lost}, the topic holds {low} to {high}; records were deleted \
                 unread or the topic was made anew. Set kafka.on_lost_offset to \"earliest\" or \"latest\" to go on"
            ))));
        }
    };
    tracing::error!(topic, partition, stood_at = lost, goes_on_at = to, "records were deleted before they were read");
    Ok(to)
}

/// Whether the group has committed anything in any partition of the topic.
fn group_has_begun<C: ConsumerContext>(consumer: &BaseConsumer<C>, topic: &str) -> KafkaResult<bool> {
    let metadata = consumer.fetch_metadata(Some(topic), CALL)?;
    let all = metadata.topics().iter().flat_map(|t| t.partitions());
    let all = client::partitions(topic, all.map(|partition| partition.id()));
    let committed = consumer.committed_offsets(all, CALL)?;
    Ok(committed.elements().iter().any(|e| matches!(e.offset(), KafkaOffset::Offset(_))))
}
