//! A message of a topic as the line takes it, byte for byte. It must never read what a value says.

use std::sync::Arc;

use bytes::Bytes;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};

use crate::record::{Headers, Offset, Position, Record};

/// The record that a message of `topic` is.
pub fn record(topic: &Arc<str>, message: &BorrowedMessage<'_>) -> Record {
    let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    let headers: Headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|header| (header.key.to_owned(), header.value.map(copy))).collect()
    });
    let offset = Offset(message.offset());
    Record {
        position: Some(Position { topic: topic.clone(), partition: message.partition(), offset }),
        key: message.key().map(copy),
        headers,
        timestamp: message.timestamp().to_millis(),
        raw: message.payload().map(copy),
    }
}
