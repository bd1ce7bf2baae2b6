//! Topics read by position, by range and by time, for the verbs that look: never as a member of a group, and it commits
//! nothing. Aborted records are not shown.

mod error;
mod range;

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};

use super::client::{self, CALL};
use super::context::Context;
use super::message::record;
use super::refusal::{Away, Denied};
use crate::record::{Position, Record};
use crate::settings::Kafka;
pub use error::ReadError;
pub use range::Range;

/// How long a partition may stay silent before the reader gives up. Higher: a verb hangs on a dead broker for long.
/// Lower: one election of a leader ends it.
const SILENCE: Duration = Duration::from_secs(20);
/// One poll.
const POLL: Duration = Duration::from_millis(100);

/// Reads topics of one cluster.
pub struct Reader {
    consumer: BaseConsumer<Context>,
    kafka: Kafka,
}

impl Reader {
    /// A reader; connects when it is first asked.
    ///
    /// # Errors
    /// When the client does not accept its configuration.
    pub fn new(kafka: &Kafka) -> Result<Reader, ReadError> {
        Reader::of_group(kafka, &format!("{}-reader", kafka.group))
    }

    /// A reader that commits offsets of `group`, without being its member.
    pub(super) fn of_group(kafka: &Kafka, group: &str) -> Result<Reader, ReadError> {
        let mut config = client::reader(kafka);
        // The group is only for commits; what was aborted is not shown, and each partition says where it ends.
        config
            .set("group.id", group)
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("enable.auto.offset.store", "false");
        let consumer = config.create_with_context(Context::new(kafka));
        let away = |error: KafkaError| ReadError::Away(Away::new(kafka, &error.to_string()));
        let consumer = consumer.map_err(away)?;
        client::serve(&consumer);
        Ok(Reader { consumer, kafka: kafka.clone() })
    }

    pub(super) fn consumer(&self) -> &BaseConsumer<Context> {
        &self.consumer
    }

    pub(super) fn away(&self, error: &KafkaError) -> ReadError {
        // Reasons reach the context only while the client is polled.
        client::serve(&self.consumer);
        let reason = self.consumer.context().last_reason().unwrap_or_else(|| error.to_string());
        ReadError::Away(Away::new(&self.kafka, &reason))
    }

    /// What each partition of a topic holds.
    ///
    /// # Errors
    /// [`ReadError`] when the topic does not exist or no broker answers.
    pub fn ranges(&self, topic: &str) -> Result<Vec<Range>, ReadError> {
        let metadata = self.consumer.fetch_metadata(Some(topic), CALL).map_err(|error| self.away(&error))?;
        let found = metadata.topics().iter().find(|t| t.name() == topic);
        if found
            .and_then(|t| t.error())
            .is_some_and(|e| RDKafkaErrorCode::from(e) == RDKafkaErrorCode::TopicAuthorizationFailed)
        {
            return Err(ReadError::Denied(Denied::topic(topic, "Describe")));
        }
        let found = found.filter(|t| t.error().is_none() && !t.partitions().is_empty());
        let partitions = found.ok_or_else(|| ReadError::NoTopic(topic.to_owned()))?.partitions().iter().map(|p| p.id());
        let mut ranges: Vec<Range> = partitions.map(|p| self.range(topic, p)).collect::<Result<_, _>>()?;
        ranges.sort_by_key(|range| range.partition);
        Ok(ranges)
    }

    fn range(&self, topic: &str, partition: i32) -> Result<Range, ReadError> {
        let marks = self.consumer.fetch_watermarks(topic, partition, CALL);
        let (low, high) = marks.map_err(|error| self.away(&error))?;
        Ok(Range { partition, low, high })
    }

    /// `ranges` from the first record not older than `since`, milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`ReadError`] when no broker answers.
    pub fn since(&self, topic: &str, ranges: &[Range], since: i64) -> Result<Vec<Range>, ReadError> {
        let mut times = TopicPartitionList::new();
        for range in ranges {
            let added = times.add_partition_offset(topic, range.partition, KafkaOffset::Offset(since.max(0)));
            added.map_err(|error| self.away(&error))?;
        }
        let found = self.consumer.offsets_for_times(times, CALL).map_err(|error| self.away(&error))?;
        let starts: HashMap<i32, KafkaOffset> = found.elements().iter().map(|e| (e.partition(), e.offset())).collect();
        let from = |range: &Range| match starts.get(&range.partition) {
            Some(KafkaOffset::Offset(offset)) => Range { low: range.low.max(*offset), ..*range },
            // No record is that young.
            _ => Range { low: range.high, ..*range },
        };
        Ok(ranges.iter().map(from).collect())
    }

    /// The record at `position`.
    ///
    /// # Errors
    /// [`ReadError`] when nothing is there: deleted, not written yet, or a mark of a transaction.
    pub fn at(&self, position: &Position) -> Result<Record, ReadError> {
        let (topic, partition, offset) = (&*position.topic, position.partition, position.offset.0);
        let ranges = self.ranges(topic)?;
        let Some(range) = ranges.iter().find(|range| range.partition == partition) else {
            let last = ranges.last().map_or(0, |range| range.partition);
            return Err(ReadError::NoPartition { topic: topic.to_owned(), partition, last });
        };
        let nothing = || ReadError::NoOffset { position: position.clone(), low: range.low, high: range.high };
        if offset < range.low || offset >= range.high {
            return Err(nothing());
        }
        let mut found = None;
        self.scan(topic, &[Range { partition, low: offset, high: offset + 1 }], |record| {
            found = Some(record);
            ControlFlow::Break(())
        })?;
        found.ok_or_else(nothing)
    }

    /// Every record of `ranges`, in order within a partition, until `visit` has enough.
    ///
    /// # Errors
    /// [`ReadError::Away`] when the brokers stay silent.
    pub fn scan(
        &self,
        topic: &str,
        ranges: &[Range],
        mut visit: impl FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let mut open: BTreeMap<i32, i64> =
            ranges.iter().filter(|range| !range.is_empty()).map(|range| (range.partition, range.high)).collect();
        let mut from = TopicPartitionList::new();
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            let added = from.add_partition_offset(topic, range.partition, KafkaOffset::Offset(range.low));
            added.map_err(|error| self.away(&error))?;
        }
        self.consumer.assign(&from).map_err(|error| self.away(&error))?;
        let done = self.pump(topic, &mut open, &mut visit);
        // Nothing depends on letting go: the next scan assigns anew.
        let _ = self.consumer.unassign();
        done
    }

    /// Polls until every partition of `open` has reached its end.
    fn pump(
        &self,
        topic: &str,
        open: &mut BTreeMap<i32, i64>,
        visit: &mut impl FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let (name, mut heard): (Arc<str>, _) = (topic.into(), Instant::now());
        while !open.is_empty() {
            let message = match self.consumer.poll(POLL) {
                None if heard.elapsed() > SILENCE => {
                    return Err(self.away(&KafkaError::Global(RDKafkaErrorCode::OperationTimedOut)));
                }
                None => continue,
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                    heard = Instant::now();
                    continue;
                }
                Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::TopicAuthorizationFailed))) => {
                    return Err(ReadError::Denied(Denied::topic(topic, "Read")));
                }
                // The client mends what it can by itself; what it cannot shows as silence.
                Some(Err(error)) if heard.elapsed() > SILENCE => return Err(self.away(&error)),
                Some(Err(_)) => continue,
                Some(Ok(message)) => message,
            };
            let (partition, offset) = (message.partition(), message.offset());
            let high = open.get(&partition).copied();
            let enough = high.is_some_and(|high| offset < high) && visit(record(&name, &message)).is_break();
            // The visitor may take its time; that is no silence of the brokers.
            heard = Instant::now();
            let Some(high) = high else { continue };
            if enough {
                return Ok(());
            }
            if offset + 1 >= high {
                open.remove(&partition);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::kafka::mock::{Mock, Plain};
    use crate::outcome::Route;
    use crate::settings::{Settings, Topics};

    fn filled(values: &[&str]) -> (Mock, Reader) {
        let mock = Mock::start(&Topics::default(), 1).unwrap();
        let plain = |value: &&str| Plain {
            key: Some(b"k".to_vec()),
            value: Some(value.as_bytes().to_vec()),
            headers: vec![("x".into(), Some(Bytes::from_static(b"\xff"))), ("null".into(), None)],
        };
        mock.write(Route::Raw, &values.iter().map(plain).collect::<Vec<_>>()).unwrap();
        let mut settings = Settings::default();
        settings.kafka.brokers = mock.brokers();
        let reader = Reader::new(&settings.kafka).unwrap();
        (mock, reader)
    }

    fn position(text: &str) -> Position {
        text.parse().unwrap()
    }

    #[test]
    fn a_record_is_read_at_its_position_byte_for_byte() {
        let (_mock, reader) = filled(&["a", "b", "c"]);
        let record = reader.at(&position("articles.raw/0/1")).unwrap();
        assert_eq!((record.raw.as_deref(), record.key.as_deref()), (Some(&b"b"[..]), Some(&b"k"[..])));
        assert_eq!(record.headers[0].1.as_deref(), Some(&b"\xff"[..]));
        assert_eq!(record.headers[1], ("null".to_owned(), None));
        assert_eq!(record.position, Some(position("articles.raw/0/1")));
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let (_mock, reader) = filled(&["a", "b"]);
        let error = |text: &str| reader.at(&position(text)).unwrap_err().to_string();
        assert!(error("articles.raw/0/9").contains("holds offsets 0 to 1"), "{}", error("articles.raw/0/9"));
        assert!(error("articles.raw/7/0").contains("partitions 0 to 0, not 7"), "{}", error("articles.raw/7/0"));
        assert!(error("articles.dead/0/0").contains("holds nothing"), "{}", error("articles.dead/0/0"));
    }

    #[test]
    fn a_scan_ends_at_the_end_it_was_given_and_when_the_visitor_has_enough() {
        let (_mock, reader) = filled(&["a", "b", "c", "d"]);
        let read = |ranges: &[Range], most: usize| {
            let mut values = Vec::new();
            let visit = |record: Record| {
                values.push(String::from_utf8(record.raw.unwrap().to_vec()).unwrap());
                if values.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            reader.scan("articles.raw", ranges, visit).unwrap();
            values.concat()
        };
        let all = reader.ranges("articles.raw").unwrap();
        assert_eq!(all, [Range { partition: 0, low: 0, high: 4 }]);
        assert_eq!(read(&all, 9), "abcd");
        assert_eq!(read(&[all[0].last(2)], 9), "cd");
        assert_eq!(read(&[Range { high: 3, ..all[0] }], 9), "abc");
        assert_eq!(read(&all, 2), "ab");
        assert_eq!(read(&[all[0].last(0)], 9), "");
    }
}
