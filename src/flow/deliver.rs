//! Outcomes to messages: which topic, which key, which headers, and never more bytes than the topic takes.

use bytes::Bytes;

use super::event;
use crate::article::{Article, ninjs};
use crate::outcome::{Outcome, Rejection, Route};
use crate::record::{Headers, Record};
use crate::settings::{Format, Output};

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic by its use.
    pub route: Route,
    /// Partition to write to, where that topic has it; `None` lets the key decide.
    pub partition: Option<i32>,
    /// Key.
    pub key: Option<Bytes>,
    /// Value; `None` is Kafka's null.
    pub value: Option<Bytes>,
    /// Headers.
    pub headers: Headers,
}

/// The largest value a message may have, bytes, by what it is.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// On the enriched topic.
    pub enriched: usize,
    /// On the topic between the halves of the line.
    pub cleaned: usize,
    /// On the dead-letter topic.
    pub dead: usize,
}

/// The message for an outcome of `record`.
pub fn message(record: &Record<()>, outcome: &Outcome, limits: Limits, output: Output) -> Message {
    let (id, value) = match outcome {
        Outcome::Enriched { id, article } | Outcome::Revision { id, article, .. } => {
            (id, fit(article, output.format, limits.enriched))
        }
        Outcome::Duplicate(link) => (&link.id, json(link)),
        Outcome::Dead(rejection) => return dead_letter(record, rejection, limits.dead),
    };
    let mut headers = output_headers(&record.headers);
    if output.cloudevents {
        headers.extend(event::headers(record, outcome.kind(), id, output.format));
    }
    let key = Some(Bytes::from(id.clone().into_bytes()));
    Message { route: outcome.kind().route(), partition: None, key, value: Some(value), headers }
}

/// Original key, value and headers byte for byte, and after them what went wrong: the names of KIP-1034 and our own.
/// A value too large for the topic is cut, and two headers say so.
pub fn dead_letter(record: &Record<()>, rejection: &Rejection, limit: usize) -> Message {
    let mut headers = record.headers.clone();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), Some(Bytes::from(value))));
    if let Some(position) = &record.position {
        add("__streams.errors.topic", position.topic.to_string());
        add("__streams.errors.partition", position.partition.to_string());
        add("__streams.errors.offset", position.offset.0.to_string());
    }
    add("__streams.errors.exception", rejection.reason.name().to_owned());
    add("__streams.errors.message", rejection.detail.clone());
    add("copydesk-stage", rejection.stage.name().to_owned());
    add("copydesk-reason", rejection.reason.name().to_owned());
    add("copydesk-attempts", "1".to_owned());
    add("copydesk-version", env!("CARGO_PKG_VERSION").to_owned());
    let mut value = record.raw.clone();
    let around = record.key.as_ref().map_or(0, Bytes::len) + headers_size(&headers) + 256;
    let room = limit.saturating_sub(around);
    if let Some(whole) = value.as_ref().filter(|v| v.len() > room) {
        headers.push(("copydesk-cut-from-bytes".into(), Some(Bytes::from(whole.len().to_string()))));
        headers.push(("copydesk-blake3".into(), Some(Bytes::from(blake3::hash(whole).to_hex().to_string()))));
        value = Some(whole.slice(..room));
    }
    let partition = record.position.as_ref().map(|p| p.partition);
    Message { route: Route::Dead, partition, key: record.key.clone(), value, headers }
}

fn headers_size(headers: &Headers) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Bytes::len) + 8).sum()
}

/// Foreign headers pass through; those that described the old value give way to ours.
pub fn output_headers(headers: &Headers) -> Headers {
    let described = ["content-type", "content-encoding", "content-length"];
    let foreign = headers.iter().filter(|(name, _)| {
        !described.iter().chain(&event::ATTRIBUTES).any(|described| name.eq_ignore_ascii_case(described))
    });
    let mut headers: Headers = foreign.cloned().collect();
    headers.push(("content-type".into(), Some(Bytes::from_static(b"application/json"))));
    headers
}

/// The article in its form, shedding what is optional until it fits. The text always fits: clean saw to that.
fn fit(article: &Article, format: Format, limit: usize) -> Bytes {
    let form = |article: &Article| match format {
        Format::Copydesk => json(article),
        Format::Ninjs => json(&ninjs::item(article)),
    };
    let whole = form(article);
    if whole.len() <= limit {
        return whole;
    }
    let mut lean = article.clone();
    let shed: [fn(&mut Article); 5] = [
        |a| a.extra.clear(),
        |a| a.images.clear(),
        Article::forget_meaning,
        |a| a.provenance.clear(),
        |a| a.authors.clear(),
    ];
    for drop in shed {
        drop(&mut lean);
        let value = form(&lean);
        if value.len() <= limit {
            return value;
        }
    }
    let Article { id, text, status, source, url, story, verdict, origin, schema, .. } = lean;
    form(&Article { id, text, status, source, url, story, verdict, origin, schema, ..Article::default() })
}

pub(super) fn json(value: &impl serde::Serialize) -> Bytes {
    // Records hold strings, numbers and maps with string keys: serde_json cannot fail on them.
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{CopyKind, Duplicate, Reason, Stage};
    use crate::record::{Offset, Position, header};

    const LIMITS: Limits = Limits { enriched: 2000, cleaned: 2000, dead: 2000 };

    fn record(value: &'static [u8]) -> Record<()> {
        Record {
            position: Some(Position { topic: "articles.raw".into(), partition: 4, offset: Offset(17) }),
            key: Some(Bytes::from_static(b"\xffk")),
            headers: vec![("traceparent".into(), Some(Bytes::from_static(b"00-a"))), ("null".into(), None)],
            timestamp: None,
            raw: Some(Bytes::from_static(value)),
            body: (),
        }
    }

    #[test]
    fn a_dead_letter_keeps_key_value_and_headers_byte_for_byte_and_says_where_it_was() {
        let record = record(b"\x00broken");
        let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::NotJson, "no JSON"));
        let message = message(&record, &outcome, LIMITS, Output::default());
        assert_eq!((message.route, message.partition), (Route::Dead, Some(4)));
        assert_eq!((message.key, message.value), (record.key.clone(), record.raw.clone()));
        assert_eq!(message.headers[..2], record.headers[..]);
        let say = |name| header(&message.headers, name).unwrap().to_owned();
        assert_eq!(say("__streams.errors.topic"), "articles.raw");
        assert_eq!(say("__streams.errors.partition"), "4");
        assert_eq!(say("__streams.errors.offset"), "17");
        assert_eq!(say("copydesk-reason"), "not_json");
    }

    #[test]
    fn a_null_value_stays_null() {
        let record = Record { raw: None, ..record(b"") };
        let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::NullValue, "null"));
        assert_eq!(message(&record, &outcome, LIMITS, Output::default()).value, None);
    }

    #[test]
    fn a_dead_letter_too_large_for_its_topic_is_cut_and_says_so() {
        let big: &'static [u8] = &[b'x'; 5000];
        let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::TooLarge, "too large"));
        let message = message(&record(big), &outcome, LIMITS, Output::default());
        assert!(message.value.unwrap().len() < 2000);
        assert_eq!(header(&message.headers, "copydesk-cut-from-bytes"), Some("5000"));
        assert!(header(&message.headers, "copydesk-blake3").is_some());
    }

    #[test]
    fn links_are_keyed_by_their_own_id_and_foreign_headers_pass_through() {
        let link = Duplicate::new("b".into(), "a".into(), CopyKind::Exact);
        let message = message(&record(b"{}"), &Outcome::Duplicate(link), LIMITS, Output::default());
        assert_eq!(message.route, Route::Duplicates);
        assert_eq!(message.key.as_deref(), Some(b"b".as_slice()));
        assert_eq!(header(&message.headers, "traceparent"), Some("00-a"));
        assert!(!String::from_utf8_lossy(&message.value.unwrap()).contains("outcome"));
    }

    #[test]
    fn an_article_sheds_what_is_optional_until_it_fits() {
        let mut article = Article { id: "a".into(), text: "story".into(), ..Article::default() };
        article.extra.insert("blob".into(), "x".repeat(3000).into());
        article.headline = Some("kept".into());
        let outcome = Outcome::Enriched { id: "a".into(), article: Box::new(article) };
        let value = message(&record(b"{}"), &outcome, LIMITS, Output::default()).value.unwrap();
        let read: Article = serde_json::from_slice(&value).unwrap();
        assert!(value.len() <= 2000 && read.extra.is_empty());
        assert_eq!(read.headline.as_deref(), Some("kept"));
    }
    #[test]
    fn an_article_goes_out_as_ninjs_where_that_is_wanted_and_sheds_likewise() {
        let mut article = Article { id: "a".into(), text: "story".into(), ..Article::default() };
        article.byline = Some("By Ann Example".into());
        article.authors = vec![crate::article::Author { name: "x".repeat(3000), ..Default::default() }];
        let outcome = Outcome::Enriched { id: "a".into(), article: Box::new(article) };
        let output = Output { format: Format::Ninjs, cloudevents: false };
        let value = message(&record(b"{}"), &outcome, LIMITS, output).value.unwrap();
        let item: serde_json::Value = serde_json::from_slice(&value).unwrap();
        assert!(value.len() <= 2000 && item.get("people").is_none());
        assert_eq!((&item["uri"], &item["by"]), (&"urn:copydesk:a".into(), &"By Ann Example".into()));
    }
}
