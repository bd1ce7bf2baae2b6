//! How far a verb has come in a topic, kept as the committed offsets of a group that never has members.

use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};
use std::collections::BTreeMap;

use super::client::{self, CALL};
use super::reader::{Range, ReadError, Reader};
use crate::record::{NextOffset, Position};
use crate::settings::Kafka;

/// A reader that can say, and later find again, where it stopped.
pub struct Bookmark {
    reader: Reader,
    done: BTreeMap<i32, NextOffset>,
}

impl Bookmark {
    /// The bookmark of this name: the group's name and `purpose`.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn new(kafka: &Kafka, purpose: &str) -> Result<Bookmark, ReadError> {
        Bookmark::of_group(kafka, &format!("{}-{purpose}", kafka.group))
    }

    /// The bookmark that is the committed offsets of `group`, which must have no members yet.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn of_group(kafka: &Kafka, group: &str) -> Result<Bookmark, ReadError> {
        Ok(Bookmark { reader: Reader::of_group(kafka, group)?, done: BTreeMap::new() })
    }

    /// The reader it belongs to.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// `ranges` without what was done before.
    ///
    /// # Errors
    /// [`ReadError::Away`] when no broker answers.
    pub fn rest(&self, topic: &str, ranges: &[Range]) -> Result<Vec<Range>, ReadError> {
        let committed = self.committed(topic, ranges)?;
        let done: BTreeMap<i32, i64> =
            committed.elements().iter().filter_map(|e| Some((e.partition(), e.offset().to_raw()?))).collect();
        let from = |range: &Range| {
            let done = done.get(&range.partition).copied().unwrap_or(0);
            Range { low: range.low.max(done).min(range.high), ..*range }
        };
        Ok(ranges.iter().map(from).collect())
    }

    /// Lets the group begin at the start of each range, where it has no place yet: it goes on where it was else.
    ///
    /// # Errors
    /// [`ReadError::Away`] when the broker does not take it.
    pub fn begin(&mut self, topic: &str, ranges: &[Range]) -> Result<(), ReadError> {
        let committed = self.committed(topic, ranges)?;
        let begun = |partition: i32| {
            committed
                .elements()
                .iter()
                .any(|e| e.partition() == partition && matches!(e.offset(), KafkaOffset::Offset(_)))
        };
        let fresh = ranges.iter().filter(|range| !begun(range.partition));
        self.done = fresh.map(|range| (range.partition, NextOffset(range.low))).collect();
        self.keep(topic)
    }

    fn committed(&self, topic: &str, ranges: &[Range]) -> Result<TopicPartitionList, ReadError> {
        let list = client::partitions(topic, ranges.iter().map(|range| range.partition));
        self.reader.consumer().committed_offsets(list, CALL).map_err(|error| self.reader.away(&error))
    }

    /// The record at `position` is done, and all before it in its partition.
    pub fn pass(&mut self, position: &Position) {
        self.done.insert(position.partition, position.offset.next());
    }

    /// Keeps what was passed.
    ///
    /// # Errors
    /// [`ReadError::Away`] when the broker does not take it.
    pub fn keep(&mut self, topic: &str) -> Result<(), ReadError> {
        if self.done.is_empty() {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for (partition, next) in &self.done {
            let added = list.add_partition_offset(topic, *partition, KafkaOffset::Offset(next.0));
            added.map_err(|error| self.reader.away(&error))?;
        }
        let kept = self.reader.consumer().commit(&list, CommitMode::Sync);
        kept.map_err(|error| self.reader.away(&error))?;
        self.done.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::mock::Mock;
    use crate::settings::{Settings, Topics};

    #[test]
    fn what_was_passed_and_kept_is_not_read_again_by_the_same_purpose() {
        let mock = Mock::start(&Topics::default(), 2).unwrap();
        let mut settings = Settings::default();
        settings.kafka.brokers = mock.brokers();
        let all = [Range { partition: 0, low: 0, high: 9 }, Range { partition: 1, low: 3, high: 5 }];
        let mut bookmark = Bookmark::new(&settings.kafka, "dlq").unwrap();
        assert_eq!(bookmark.rest("articles.dead", &all).unwrap(), all);
        bookmark.pass(&"articles.dead/0/5".parse().unwrap());
        bookmark.pass(&"articles.dead/0/6".parse().unwrap());
        bookmark.keep("articles.dead").unwrap();
        bookmark.keep("articles.dead").unwrap();
        let again = Bookmark::new(&settings.kafka, "dlq").unwrap().rest("articles.dead", &all).unwrap();
        assert_eq!(again, [Range { partition: 0, low: 7, high: 9 }, all[1]]);
        let other = || Bookmark::new(&settings.kafka, "dlq-other").unwrap();
        assert_eq!(other().rest("articles.dead", &all).unwrap(), all);
        other().begin("articles.dead", &[Range { low: 4, ..all[0] }]).unwrap();
        other().begin("articles.dead", &[Range { low: 0, ..all[0] }, all[1]]).unwrap();
        let rest = other().rest("articles.dead", &all).unwrap();
        assert_eq!(rest, [Range { low: 4, ..all[0] }, all[1]], "a place that was kept stays");
    }
}
