//! A message of a topic as the line takes it, byte for byte. It must never read what a value says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Headers as _, Message as _};

use crate::record::{Headers, Offset, Position, Record};

/// The record that a message of `topic` is.
pub fn record(topic: &Arc<str>, message: &BorrowedMessage<'_>) -> Record {
    let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    let headers = message.headers().map_or_else(Headers::new, headers);
    let offset = Offset(message.offset());
    Record {
        position: Some(Position { topic: topic.clone(), partition: message.partition(), offset }),
        key: message.key().map(copy),
        headers,
        timestamp: message.timestamp().to_millis(),
        raw: message.payload().map(copy),
    }
}

/// Stands for headers whose names cannot be read: how many.
const UNREADABLE: &str = "copydesk-unreadable-headers";

/// The headers of a message. Any bytes may be sent for a name, and the client panics over one that is not UTF-8: such a header
/// is left out and counted, since no story may be lost over it.
fn headers(sent: &BorrowedHeaders) -> Headers {
    let read = |at: usize| {
        let header = sent.try_get(at)?;
        Some((header.key.to_owned(), header.value.map(Bytes::copy_from_slice)))
    };
    let all = || (0..sent.count()).filter_map(read).collect::<Headers>();
    if let Ok(headers) = catch_unwind(AssertUnwindSafe(all)) {
        return headers;
    }
    let each = (0..sent.count()).map(|at| catch_unwind(AssertUnwindSafe(|| read(at))));
    let mut headers: Headers = each.filter_map(|read| read.ok().flatten()).collect();
    let lost = (sent.count() - headers.len()).to_string();
    headers.push((UNREADABLE.to_owned(), Some(Bytes::from(lost))));
    headers
}

#[cfg(test)]
mod tests {
    use rdkafka::message::{Header, OwnedHeaders};

    use super::*;

    /// No safe call makes such a name here; another client's does.
    #[test]
    #[allow(unsafe_code)]
    fn a_header_name_of_any_bytes_costs_only_itself() {
        let value = Some(b"v".as_slice());
        let bytes = vec![0xff];
        let broken = unsafe { str::from_utf8_unchecked(&bytes) };
        let sent = OwnedHeaders::new().insert(Header { key: "a", value }).insert(Header { key: broken, value });
        let sent = sent.insert(Header { key: "b", value: None::<&[u8]> });
        let value = Some(Bytes::from_static(b"v"));
        let counted = (UNREADABLE.to_owned(), Some(Bytes::from_static(b"1")));
        assert_eq!(headers(sent.as_borrowed()), [("a".to_owned(), value), ("b".to_owned(), None), counted]);
    }
}
