//! Why nothing could be read, in words for whoever asked.

use crate::kafka::refusal::{Away, Denied};
use crate::record::Position;

/// Why nothing could be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// No broker answers, or it refuses.
    #[error(transparent)]
    Away(Away),
    /// The topic may not be read.
    #[error(transparent)]
    Denied(Denied),
    /// The topic does not exist.
    #[error(
        "there is no topic {0}; copydesk topics shows those of this desk, topics.* in the configuration names them"
    )]
    NoTopic(String),
    /// The partition does not exist.
    #[error("{topic} has partitions 0 to {last}, not {partition}")]
    NoPartition {
        /// Topic.
        topic: String,
        /// Asked for.
        partition: i32,
        /// The last one.
        last: i32,
    },
    /// Nothing is at that offset any more, or yet.
    #[error("{position} is not there: the partition holds {}", held(.low, .high))]
    NoOffset {
        /// Asked for.
        position: Position,
        /// First offset kept.
        low: i64,
        /// One past the last.
        high: i64,
    },
}

fn held(low: &i64, high: &i64) -> String {
    if low >= high { "nothing".to_owned() } else { format!("offsets {low} to {}", high - 1) }
}
