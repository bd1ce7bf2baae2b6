//! A dead letter read back: where the record came from, why it died, and the record as it was.
//!
//! Reads our own headers (the names of KIP-1034, and `copydesk-*`) and those that Kafka Streams, Kafka Connect and Spring
//! write. Pure, and the inverse of [`dead_letter`](crate::flow::deliver::dead_letter). Never guesses an origin.

use bytes::Bytes;
use serde::Serialize;

use crate::closed::closed;
use crate::record::{Headers, Offset, Position, Record};

/// Counts how often a record came back from the dead letters: the guard against loops.
const REPLAYS: &str = "copydesk-replays";

/// The reason of a letter that gives none.
pub const NO_REASON: &str = "unknown";

/// Headers that our dead letters carry behind those of the record. `copydesk-attempts` is of earlier builds,
/// whose letters a topic may still hold.
const OURS: [&str; 13] = [
    "__streams.errors.topic",
    "__streams.errors.partition",
    "__streams.errors.offset",
    "__streams.errors.exception",
    "__streams.errors.message",
    "copydesk-stage",
    "copydesk-reason",
    "copydesk-attempts",
    "copydesk-version",
    "copydesk-cut-from-bytes",
    "copydesk-cut-headers-bytes",
    "copydesk-cut-key-bytes",
    "copydesk-blake3",
];

closed! {
    /// Who wrote a dead letter.
    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Style {
        /// This program.
        Copydesk = "copydesk",
        /// Kafka Streams (KIP-1034).
        Streams = "streams",
        /// Kafka Connect.
        Connect = "connect",
        /// Spring for Apache Kafka.
        Spring = "spring",
        /// Nobody we know.
        Unknown = "unknown",
    }
}

/// What a dead letter says of its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Who wrote it.
    pub style: Style,
    /// Topic the record was read from.
    pub topic: Option<String>,
    /// Partition there.
    pub partition: Option<i32>,
    /// Offset there.
    pub offset: Option<i64>,
    /// Where in the program it died.
    pub stage: String,
    /// Why, in a word.
    pub reason: String,
    /// Why, in a sentence.
    pub message: String,
    /// How often it was replayed before it died this time.
    pub replays: u32,
    /// Bytes of the whole value, where the letter holds only its beginning.
    pub cut_from: Option<u64>,
    /// BLAKE3 of the whole value, hex, where the letter holds only its beginning.
    pub hash: Option<String>,
}

impl Letter {
    /// Where the record was read, where the letter says all of it.
    pub fn position(&self) -> Option<Position> {
        let (topic, partition, offset) = (self.topic.as_deref()?, self.partition?, self.offset?);
        Some(Position { topic: topic.into(), partition, offset: Offset(offset) })
    }
}

/// What a dead letter says.
pub fn read(headers: &Headers) -> Letter {
    let style = style(headers);
    // What was cut we say behind the reason; before it stands what the record brought, perhaps from a letter of its own.
    let reason = headers.iter().rposition(|(name, _)| name == "copydesk-reason");
    let ours = reason.and_then(|reason| headers.get(reason..)).unwrap_or_default();
    let (topic, partition, offset) = origin(headers, style);
    let (stage, reason, message) = cause(headers, style);
    Letter {
        style,
        topic,
        partition,
        offset,
        stage,
        reason,
        message,
        replays: last_text(headers, REPLAYS).and_then(|n| n.parse().ok()).unwrap_or(0),
        cut_from: last_text(ours, "copydesk-cut-from-bytes").and_then(|n| n.parse().ok()),
        hash: last_text(ours, "copydesk-blake3"),
    }
}

fn style(headers: &Headers) -> Style {
    let has = |name: &str| headers.iter().any(|(n, _)| n == name);
    let starts = |start: &str| headers.iter().any(|(n, _)| n.starts_with(start));
    if has("copydesk-reason") {
        Style::Copydesk
    } else if starts("__streams.errors.") {
        Style::Streams
    } else if starts("__connect.errors.") {
        Style::Connect
    } else if starts("kafka_dlt-") {
        Style::Spring
    } else {
        Style::Unknown
    }
}

/// The value of a header as bytes: of several with the name the last, since each hop appends its own.
fn last<'h>(headers: &'h [(String, Option<Bytes>)], name: &str) -> Option<&'h [u8]> {
    headers.iter().rev().find(|(n, _)| n == name)?.1.as_deref()
}

fn last_text(headers: &[(String, Option<Bytes>)], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(last(headers, name)?).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Spring writes numbers as big-endian bytes, everybody else as text; a number that is neither is no number.
fn number(headers: &Headers, name: &str, style: Style) -> Option<i64> {
    let value = last(headers, name)?;
    match (style, value.len()) {
        (Style::Spring, 4) => Some(i32::from_be_bytes(value.try_into().ok()?).into()),
        (Style::Spring, 8) => Some(i64::from_be_bytes(value.try_into().ok()?)),
        _ => std::str::from_utf8(value).ok()?.trim().parse().ok(),
    }
}

fn origin(headers: &Headers, style: Style) -> (Option<String>, Option<i32>, Option<i64>) {
    let start = match style {
        Style::Copydesk | Style::Streams => "__streams.errors.",
        Style::Connect => "__connect.errors.",
        Style::Spring => "kafka_dlt-original-",
        Style::Unknown => return (None, None, None),
    };
    let number = |name: &str| number(headers, &format!("{start}{name}"), style).filter(|n| *n >= 0);
    let partition = number("partition").and_then(|p| i32::try_from(p).ok());
    (last_text(headers, &format!("{start}topic")), partition, number("offset"))
}

/// Stage, reason, message. A class name of Java is cut to its last part, which is what people call it.
fn cause(headers: &Headers, style: Style) -> (String, String, String) {
    let text = |name: &str| last_text(headers, name);
    let (stage, reason, message) = match style {
        Style::Copydesk => (text("copydesk-stage"), text("copydesk-reason"), text("__streams.errors.message")),
        Style::Streams => (None, text("__streams.errors.exception"), text("__streams.errors.message")),
        Style::Connect => (
            text("__connect.errors.stage").map(|stage| stage.to_lowercase()),
            text("__connect.errors.exception.class.name"),
            text("__connect.errors.exception.message"),
        ),
        Style::Spring => (
            None,
            text("kafka_dlt-exception-cause-fqcn").or_else(|| text("kafka_dlt-exception-fqcn")),
            text("kafka_dlt-exception-message"),
        ),
        Style::Unknown => (None, None, None),
    };
    let reason = reason.map(|class| class.rsplit(['.', '$']).next().unwrap_or(&class).to_owned());
    (
        stage.unwrap_or_else(|| style.name().to_owned()),
        reason.unwrap_or_else(|| NO_REASON.to_owned()),
        message.unwrap_or_else(|| "the letter does not say why".to_owned()),
    )
}

/// The record as it was before it died: key and value byte for byte, headers without what the dead letter added.
/// Position and time are the letter's.
pub fn original(letter: &Record) -> Record {
    let mut record = letter.clone();
    match style(&record.headers) {
        Style::Copydesk => strip_ours(&mut record.headers),
        Style::Streams => record.headers.retain(|(name, _)| !name.starts_with("__streams.errors.")),
        Style::Connect => record.headers.retain(|(name, _)| !name.starts_with("__connect.errors.")),
        Style::Spring => record.headers.retain(|(name, _)| !name.starts_with("kafka_dlt-")),
        Style::Unknown => {}
    }
    record
}

/// Takes off what we appended: from the end, each name once, so that a record that brought such headers keeps its own.
fn strip_ours(headers: &mut Headers) {
    let mut taken = Vec::new();
    while let Some((name, _)) = headers.last() {
        let Some(ours) = OURS.iter().find(|ours| *ours == name).filter(|ours| !taken.contains(ours)) else { return };
        taken.push(ours);
        headers.pop();
    }
}

/// The headers of a record that is sent back: its own, and one that counts how often that was done.
pub fn counted(headers: &Headers, replays: u32) -> Headers {
    let mut headers = headers.clone();
    headers.retain(|(name, _)| name != REPLAYS);
    headers.push((REPLAYS.to_owned(), Some(Bytes::from(replays.to_string()))));
    headers
}

#[cfg(test)]
mod tests;
