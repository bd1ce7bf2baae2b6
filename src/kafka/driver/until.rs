//! When the driver's work is done by itself: how far it goes, and whether it is there.
//!
//! It must never end a worker that is to go on until it is told to stop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message as _};

use crate::flow::{Flow, Stop};
use crate::kafka::client::CALL;
use crate::kafka::session::{Session, State};

/// When the driver's work is done by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// Never: only a signal ends it.
    Stopped,
    /// When everything is done that the input held when the driver started (`--once`).
    Caught,
    /// When everything below these offsets of its partitions is done; what lies beyond is not taken (`--until`).
    Before(Arc<BTreeMap<i32, i64>>),
}

impl Until {
    /// Where what is to be done ends in each partition, looked at now; `None` where nothing ends it.
    ///
    /// # Errors
    /// [`Stop`] when the brokers do not say.
    pub(super) fn ends<F: Flow>(
        &self,
        consumer: &BaseConsumer<Session<F>>,
        topic: &str,
    ) -> Result<Option<BTreeMap<i32, i64>>, Stop> {
        match self {
            Until::Caught => ends(consumer, topic).map(Some),
            Until::Before(ends) => Ok(Some(ends.as_ref().clone())),
            Until::Stopped => Ok(None),
        }
    }

    /// Whether a record lies beyond what is to be done.
    pub(super) fn ends_before(&self, message: &BorrowedMessage<'_>) -> bool {
        match self {
            Until::Before(ends) => ends.get(&message.partition()).is_none_or(|end| message.offset() >= *end),
            Until::Caught | Until::Stopped => false,
        }
    }
}

/// Where the partitions of the input end now.
fn ends<F: Flow>(consumer: &BaseConsumer<Session<F>>, topic: &str) -> Result<BTreeMap<i32, i64>, Stop> {
    let failed = |error: KafkaError| Stop::Broken(format!("the ends of {topic} cannot be read: {error}"));
    // Nothing comes yet; the client asks for its token, where it needs one.
    let _ = consumer.poll(Duration::ZERO);
    let metadata = consumer.fetch_metadata(Some(topic), CALL).map_err(failed)?;
    let partitions = metadata.topics().iter().flat_map(|t| t.partitions()).map(|p| p.id());
    partitions.map(|p| Ok((p, consumer.fetch_watermarks(topic, p, CALL).map_err(failed)?.1))).collect()
}

/// True when this worker has its assignment and has done everything below `ends` in it.
pub(super) fn caught(state: &State, ends: &BTreeMap<i32, i64>) -> bool {
    let read = |p: i32| {
        let next = state.taken.get(&p).copied().unwrap_or_default();
        state.at_end.contains(&p) || ends.get(&p).is_none_or(|end| next >= *end)
    };
    state.assignments > 0 && state.idle() && state.lanes.partitions().into_iter().all(read)
}
