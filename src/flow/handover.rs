//! Between the halves of the line, where they run apart: a judged article to a message on topics.cleaned, and back.
//!
//! What comes back must give the same outcome as if it had never left: the record it was read from keeps its place, time
//! and headers. Admission was a promise, so a message is made to fit here, never refused.

use bytes::Bytes;

use super::deliver::{Message, json, output_headers, room};
use crate::article::page::PageFacts;
use crate::article::{CleanArticle, CleanedRecord, Judged, Origin, SCHEMA_CLEANED};
use crate::outcome::{Reason, Rejection, Route, Stage};
use crate::record::{Position, Record};
use crate::settings::Decode;
use crate::stage::decode::{most_unpacked, unpacked};

/// zstd's own default: a page's blocks shrink to a quarter, at some 200 MB a second.
const LEVEL: i32 = 3;

/// An article that was handed over.
#[derive(Debug)]
pub struct Handed {
    /// The record it came from, as far as its outcome tells of it: place, time and headers.
    pub from: Record,
    /// Article id.
    pub id: String,
    /// The article.
    pub article: CleanArticle,
    /// The verdict, where one was asked for.
    pub judged: Option<Judged>,
    /// Place and time as the outcome tells them.
    pub origin: Option<Origin>,
}

/// The message that hands `cleaned` over, made from `record`. A value too large for the topic is packed; what is too large
/// even so, or would be refused by [`read`] for what it unpacks to, loses what the page says around its story, as an enriched record
/// would.
pub fn message(record: &Record, cleaned: CleanedRecord, limit: usize, settings: &Decode) -> Message {
    let key = Bytes::from(cleaned.id.clone().into_bytes());
    let mut headers = output_headers(&record.headers, limit);
    let room = room(limit, key.len(), &headers);
    let (value, packed) = fit(cleaned, room, most_unpacked(settings));
    if packed {
        headers.push(("content-encoding".into(), Some(Bytes::from_static(b"zstd"))));
    }
    Message { route: Route::Cleaned, partition: None, key: Some(key), value: Some(value), headers }
}

/// The value in `limit` bytes, and whether it is packed; never more than `unpacked` bytes without the packing.
fn fit(mut cleaned: CleanedRecord, limit: usize, unpacked: u64) -> (Bytes, bool) {
    let shed: [fn(&mut CleanedRecord); 3] =
        [|c| c.extra = "{}".to_owned(), |c| c.article.blocks.clear(), |c| c.article.page = PageFacts::default()];
    let mut shed = shed.into_iter();
    loop {
        let whole = json(&cleaned);
        let readable = whole.len() as u64 <= unpacked;
        if readable && whole.len() <= limit {
            return (whole, false);
        }
        let packed = pack(&whole);
        if readable && packed.len() <= limit {
            return (packed, true);
        }
        let Some(drop) = shed.next() else { return (packed, true) };
        drop(&mut cleaned);
    }
}

fn pack(bytes: &[u8]) -> Bytes {
    // Writing into memory does not fail.
    Bytes::from(zstd::stream::encode_all(bytes, LEVEL).unwrap_or_default())
}

/// Reads a message of topics.cleaned.
///
/// # Errors
/// The [`Rejection`] by which anything else that lies there becomes a dead letter, to be replayed into that topic.
pub fn read(record: &Record, settings: &Decode) -> Result<Handed, Rejection> {
    let bytes = unpacked(record.raw.as_deref(), &record.headers, settings)?;
    let cleaned: CleanedRecord = serde_json::from_slice(&bytes).map_err(|error| foreign(&error.to_string()))?;
    if cleaned.schema != SCHEMA_CLEANED {
        return Err(foreign(&format!("its schema is {:.80}", cleaned.schema)));
    }
    let origin = cleaned.origin.clone();
    let (id, article, judged) = cleaned.open().map_err(|error| foreign(&format!("extra: {error}")))?;
    let (position, timestamp) = origin.as_ref().map(position).unzip();
    let from = Record { position, timestamp: timestamp.flatten(), raw: None, ..record.clone() };
    Ok(Handed { from, id, article, judged, origin })
}

fn position(origin: &Origin) -> (Position, Option<i64>) {
    let time = origin.timestamp.as_deref().and_then(|time| time.parse::<jiff::Timestamp>().ok());
    (origin.position(), time.map(|time| time.as_millisecond()))
}

fn foreign(what: &str) -> Rejection {
    let detail = format!("no {SCHEMA_CLEANED}: {what}; both halves of the line must be of one version");
    Rejection::new(Stage::Decode, Reason::WrongType, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Block, BlockKind, Head, Status, Truncation};
    use crate::record::{Offset, header};
    use serde_json::json;

    fn record() -> Record {
        let header = |name: &str, value: &'static [u8]| (name.to_owned(), Some(Bytes::from_static(value)));
        Record {
            position: Some(Position { topic: "articles.raw".into(), partition: 4, offset: Offset(17) }),
            key: Some(Bytes::from_static(b"k")),
            headers: vec![header("content-encoding", b"gzip"), header("traceparent", b"00-a")],
            timestamp: Some(1_650_468_180_123),
            raw: Some(Bytes::from_static(b"raw")),
        }
    }

    fn cleaned(record: &Record, filler: usize) -> CleanedRecord {
        let extra = json!({"desk": [1.0, 31.245270191439438, -0.1], "deep": nested(125)}).as_object().cloned().unwrap();
        let head = Head { id: Some("a".into()), status: Status::Usable, extra, ..Head::default() };
        // Text that does not pack.
        let text: String = (0..filler as u64).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        let blocks = vec![Block { kind: BlockKind::Heading(2), text, dropped: None }];
        let article = CleanArticle {
            head,
            page: PageFacts::default(),
            blocks,
            paragraphs: vec!["Story.".into()],
            truncated: Some(Truncation::Notice),
        };
        let origin = Origin::new(record.position.as_ref().unwrap(), record.timestamp);
        CleanedRecord::new("a".into(), article, None, Some(origin))
    }

    fn nested(levels: usize) -> serde_json::Value {
        (0..levels).fold(json!("x"), |inner, _| json!([inner]))
    }

    fn back(message: Message) -> Result<Handed, Rejection> {
        let position = Some(Position { topic: "articles.cleaned".into(), partition: 0, offset: Offset(3) });
        let Message { key, headers, value: raw, .. } = message;
        read(&Record { position, key, headers, timestamp: Some(1), raw }, &Decode::default())
    }

    #[test]
    fn what_is_handed_over_comes_back_as_it_was() {
        for limit in [1 << 20, 12_000] {
            let (record, filler) = (record(), if limit < 1 << 20 { 1000 } else { 0 });
            let message = message(&record, cleaned(&record, filler), limit, &Decode::default());
            assert_eq!(header(&message.headers, "content-encoding"), (filler > 0).then_some("zstd"));
            assert!(message.value.as_ref().is_some_and(|value| value.len() <= limit));
            let handed = back(message).unwrap();
            assert_eq!(
                (handed.from.position.as_ref(), handed.from.timestamp),
                (record.position.as_ref(), record.timestamp)
            );
            assert_eq!(output_headers(&handed.from.headers, 2000), output_headers(&record.headers, 2000));
            let origin = cleaned(&record, filler).origin;
            let (id, article, judged) = cleaned(&record, filler).open().unwrap();
            assert_eq!((handed.id, handed.article, handed.origin), (id, article, origin));
            assert!(handed.judged.is_none() && judged.is_none());
        }
    }

    #[test]
    fn what_is_too_large_even_packed_keeps_its_story() {
        let record = record();
        let message = message(&record, cleaned(&record, 10_000), 2000, &Decode::default());
        assert!(message.value.as_ref().is_some_and(|value| value.len() <= 2000));
        assert_eq!(back(message).unwrap().article.paragraphs, ["Story."]);
    }

    /// A text of short lines packs to little and unpacks to much: more than the other half reads.
    #[test]
    fn what_would_unpack_to_more_than_is_read_keeps_its_story() {
        let (record, settings) = (record(), Decode { max_body: 100_000, ..Decode::default() });
        let mut lines = cleaned(&record, 0);
        let line = Block { kind: BlockKind::Paragraph, text: "x".into(), dropped: None };
        lines.article.blocks = vec![line; 50_000];
        let message = message(&record, lines, 1 << 20, &settings);
        let (headers, raw) = (message.headers, message.value);
        let came = Record { position: None, key: None, headers, timestamp: None, raw };
        assert_eq!(read(&came, &settings).unwrap().article.paragraphs, ["Story."]);
    }

    #[test]
    fn anything_else_on_the_topic_is_a_dead_letter() {
        let record = record();
        let mut other = cleaned(&record, 0);
        other.schema = "copydesk/cleaned/9".into();
        let reason = |value: Option<Vec<u8>>| {
            let record = Record { raw: value.map(Bytes::from), headers: vec![], ..record.clone() };
            read(&record, &Decode::default()).unwrap_err().reason
        };
        assert_eq!(reason(Some(serde_json::to_vec(&other).unwrap())), Reason::WrongType);
        assert_eq!(reason(Some(b"{\"id\":\"a\",\"story\":\"raw\"}".to_vec())), Reason::WrongType);
        assert_eq!(reason(Some(b"\xff\x00".to_vec())), Reason::WrongType);
        assert_eq!((reason(None), reason(Some(Vec::new()))), (Reason::NullValue, Reason::EmptyValue));
    }
}
