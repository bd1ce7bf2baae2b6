//! Back-pressure: partitions are paused while what was taken in fills its share of `run.memory`.
//!
//! One partition that takes more than its share is paused alone, so that it never starves the others. It must never drop
//! what was taken in.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::Driver;
use crate::flow::Flow;
use crate::kafka::session::{Session, State};

/// The part of `run.memory` for records taken in, as they came.
const TAKEN_SHARE: u64 = 3;

impl<F: Flow> Driver<F> {
    /// Pauses partitions while too much is held, all of them or one that takes more than its share; and resumes them.
    pub(super) fn pressure(&self, state: &mut State, consumer: &BaseConsumer<Session<F>>) {
        let all = usize::try_from(self.job.settings.run.memory / TAKEN_SHARE).unwrap_or(usize::MAX);
        let partitions = state.open_partitions();
        let share = (all / partitions.len().max(1)).max(1 << 20);
        let (full, low) = (state.held_bytes() >= all, state.held_bytes() <= all / 2);
        let (mut pause, mut resume) = (TopicPartitionList::new(), TopicPartitionList::new());
        for partition in partitions {
            let held = state.lanes.bytes_of(partition);
            let paused = state.paused.contains(&partition);
            if !paused && (full || held >= share) {
                pause.add_partition(&self.job.topic, partition);
                state.paused.insert(partition);
                state.goes_on(&self.job, partition);
            } else if paused && low && held <= share / 2 {
                resume.add_partition(&self.job.topic, partition);
                state.paused.remove(&partition);
            }
        }
        let moved = [
            (pause.count() > 0).then(|| consumer.pause(&pause)),
            (resume.count() > 0).then(|| consumer.resume(&resume)),
        ];
        for error in moved.into_iter().flatten().filter_map(Result::err) {
            tracing::warn!(error = %error, "back-pressure");
        }
    }
}
