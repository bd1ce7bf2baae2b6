//! The envelope every article travels in: where it stood in Kafka, its key, headers and bytes.
//!
//! Knows nothing of Kafka's client and nothing of articles.

use std::sync::Arc;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An offset of a record that exists: the place it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Offset(pub i64);

impl Offset {
    /// What a consumer group commits once this record is done. Kafka stores the next offset to read, so the "+ 1" that
    /// every client gets wrong once exists here and nowhere else.
    pub fn next(self) -> NextOffset {
        NextOffset(self.0 + 1)
    }
}

/// The next offset to read: one past the last record done. Only this type enters a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NextOffset(pub i64);

/// The place of one record in Kafka. Prints as `topic/partition/offset`, the form every verb of the command line accepts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Topic name, shared by all records of a consumer.
    pub topic: Arc<str>,
    /// Partition number, from 0.
    pub partition: i32,
    /// Offset within the partition.
    pub offset: Offset,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.topic, self.partition, self.offset.0)
    }
}

impl std::str::FromStr for Position {
    type Err = String;

    fn from_str(text: &str) -> Result<Position, String> {
        let wrong = || format!("{text:?} is no position; write topic/partition/offset, such as articles.raw/2/11");
        let mut parts = text.rsplitn(3, '/');
        let offset = parts.next().and_then(|o| o.parse().ok()).filter(|o| *o >= 0).ok_or_else(wrong)?;
        let partition = parts.next().and_then(|p| p.parse().ok()).filter(|p| *p >= 0).ok_or_else(wrong)?;
        let named = |t: &&str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        let topic = parts.next().filter(named).ok_or_else(wrong)?;
        Ok(Position { topic: topic.into(), partition, offset: Offset(offset) })
    }
}

/// Header names and values as Kafka holds them: order kept, names may repeat, a value may be null.
pub type Headers = Vec<(String, Option<Bytes>)>;

/// First value of the header `name`, compared without case, when it is there, not null and UTF-8.
pub fn header<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    let (_, value) = headers.iter().find(|(n, v)| v.is_some() && n.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value.as_deref()?).ok().map(str::trim)
}

/// Bytes of memory around a header: two allocations and what points to them. A record has twice as much, at least.
const AROUND: usize = 128;

/// One record on its way.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Where it was read; `None` for records of `process`, which never were in Kafka.
    pub position: Option<Position>,
    /// Message key, byte for byte.
    pub key: Option<Bytes>,
    /// Message headers, byte for byte.
    pub headers: Headers,
    /// Message time in milliseconds since 1970-01-01 UTC, when the broker gave one.
    pub timestamp: Option<i64>,
    /// Message value, byte for byte: what a dead letter returns. `None` is Kafka's null.
    pub raw: Option<Bytes>,
}

impl Record {
    /// Bytes of memory the record holds down while it is in flight, about: value, key and headers, and what stands around each.
    pub fn weight(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, Bytes::len) + AROUND).sum();
        self.raw.as_ref().map_or(0, Bytes::len) + self.key.as_ref().map_or(0, Bytes::len) + headers + 2 * AROUND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_offset_is_one_past_the_last_record_done() {
        assert_eq!(Offset(41).next(), NextOffset(42));
    }

    #[test]
    fn headers_are_found_without_case_and_null_values_are_passed_over() {
        let headers: Headers = vec![
            ("Content-Type".into(), None),
            ("content-type".into(), Some(Bytes::from_static(b" text/html "))),
            ("x".into(), Some(Bytes::from_static(b"\xff"))),
        ];
        assert_eq!(header(&headers, "CONTENT-TYPE"), Some("text/html"));
        assert_eq!(header(&headers, "x"), None);
        assert_eq!(header(&headers, "absent"), None);
    }

    #[test]
    fn what_has_no_value_weighs_too() {
        let record = |headers| Record { position: None, key: None, headers, timestamp: None, raw: None };
        let empty = record(Headers::new()).weight();
        assert!(empty >= size_of::<Record>());
        assert!(
            record(vec![(String::new(), None); 1000]).weight() >= empty + 1000 * size_of::<(String, Option<Bytes>)>()
        );
    }

    #[test]
    fn a_position_prints_as_the_command_line_reads_it() {
        let position = Position { topic: "articles.raw".into(), partition: 2, offset: Offset(11) };
        assert_eq!(position.to_string(), "articles.raw/2/11");
        assert_eq!("articles.raw/2/11".parse(), Ok(position));
        for wrong in ["articles.raw/2", "articles.raw/x/1", "a/b/2/11", "articles.raw/2/-1", "/2/11", "https://a/1/2"] {
            assert!(wrong.parse::<Position>().unwrap_err().contains("topic/partition/offset"), "{wrong}");
        }
    }
}
