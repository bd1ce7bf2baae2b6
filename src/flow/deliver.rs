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

impl Message {
    /// Bytes it has, without what a batch puts around it.
    pub fn bytes(&self) -> usize {
        let of = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        of(&self.key) + of(&self.value) + headers_size(&self.headers)
    }
}

/// The part of a message's limit that headers which pass through may fill. A text takes two thirds at most, escaped.
const HEADERS_SHARE: usize = 8;

/// The largest value a message may have, bytes, by what it is. Key and headers of our own stand beside it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// On the raw topic.
    pub raw: usize,
    /// On the enriched topic.
    pub enriched: usize,
    /// On the topic of links to copies.
    pub duplicates: usize,
    /// On the topic between the halves of the line.
    pub cleaned: usize,
    /// On the dead-letter topic.
    pub dead: usize,
}

/// The message for an outcome of `record`.
pub fn message(record: &Record, outcome: &Outcome, limits: Limits, output: Output) -> Message {
    let headers = |id: &str| {
        let limit = if let Outcome::Duplicate(_) = outcome { limits.duplicates } else { limits.enriched };
        let mut headers = output_headers(&record.headers, limit);
        if output.cloudevents {
            headers.extend(event::headers(record, outcome.kind(), id, output.format));
        }
        headers
    };
    let sent = |id: &str, headers, value| {
        let key = Some(Bytes::from(id.to_owned().into_bytes()));
        Message { route: outcome.kind().route(), partition: None, key, value: Some(value), headers }
    };
    match outcome {
        Outcome::Enriched { id, article } | Outcome::Revision { id, article, .. } => {
            let headers = headers(id);
            let room = room(limits.enriched, id.len(), &headers);
            sent(id, headers, fit(article, output.format, room))
        }
        Outcome::Duplicate(link) => sent(&link.id, headers(&link.id), json(link)),
        Outcome::Dead(rejection) => dead_letter(record, rejection, limits.dead),
    }
}

/// Original key, value and headers byte for byte, and after them what went wrong: the names of KIP-1034 and our own.
/// What is too large for the topic is cut, and headers say so: the value; before it headers, then a key, that leave no room.
pub fn dead_letter(record: &Record, rejection: &Rejection, limit: usize) -> Message {
    let mut headers = record.headers.clone();
    let mut key = record.key.clone();
    headers.extend(epitaph(record, rejection));
    let around =
        |key: &Option<Bytes>, headers: &Headers| key.as_ref().map_or(0, Bytes::len) + headers_size(headers) + 256;
    let mut cut = false;
    if around(&key, &headers) > limit {
        headers.drain(..record.headers.len());
        headers.push(told("copydesk-cut-headers-bytes", headers_size(&record.headers)));
        cut = true;
    }
    if around(&key, &headers) > limit {
        headers.push(told("copydesk-cut-key-bytes", key.take().map_or(0, |key| key.len())));
    }
    let room = limit.saturating_sub(around(&key, &headers));
    let mut value = record.raw.clone();
    if let Some(whole) = value.as_ref().filter(|whole| cut || whole.len() > room) {
        headers.push(told("copydesk-cut-from-bytes", whole.len()));
        headers.push(told("copydesk-blake3", blake3::hash(whole).to_hex()));
        value = Some(whole.slice(..room.min(whole.len())));
    }
    let partition = record.position.as_ref().map(|p| p.partition);
    Message { route: Route::Dead, partition, key, value, headers }
}

/// The headers that say of what a record died, and where.
fn epitaph(record: &Record, rejection: &Rejection) -> Headers {
    let mut headers = Headers::new();
    if let Some(position) = &record.position {
        headers.push(told("__streams.errors.topic", &position.topic));
        headers.push(told("__streams.errors.partition", position.partition));
        headers.push(told("__streams.errors.offset", position.offset.0));
    }
    headers.push(told("__streams.errors.exception", rejection.reason.name()));
    headers.push(told("__streams.errors.message", &rejection.detail));
    headers.push(told("copydesk-stage", rejection.stage.name()));
    headers.push(told("copydesk-reason", rejection.reason.name()));
    headers.push(told("copydesk-version", env!("CARGO_PKG_VERSION")));
    headers
}

fn told(name: &str, value: impl ToString) -> (String, Option<Bytes>) {
    (name.to_owned(), Some(Bytes::from(value.to_string())))
}

/// Bytes that are left to the value of a message of at most `limit`, by a key of so many and by headers.
pub fn room(limit: usize, key: usize, headers: &Headers) -> usize {
    limit.saturating_sub(key + headers_size(headers))
}

/// Bytes of headers in a message.
pub fn headers_size(headers: &Headers) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Bytes::len) + 8).sum()
}

/// The headers of an output whose limit is `limit`. Foreign headers pass through; those that described the old value give way to
/// ours. Too many to be carried are left out, and a header says so.
pub fn output_headers(headers: &Headers, limit: usize) -> Headers {
    let described = ["content-type", "content-encoding", "content-length"];
    let foreign = headers.iter().filter(|(name, _)| {
        !described.iter().chain(&event::ATTRIBUTES).any(|described| name.eq_ignore_ascii_case(described))
    });
    let mut headers: Headers = foreign.cloned().collect();
    let size = headers_size(&headers);
    if size > limit / HEADERS_SHARE {
        headers = vec![told("copydesk-cut-headers-bytes", size)];
    }
    headers.push(told("content-type", "application/json"));
    headers
}

/// The article in its form, shedding what is optional until it fits. The text fits: clean saw to that. Where what stays with it is
/// too large all the same, the topic refuses the message and the record is set aside ([`super::Aside`]).
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
mod tests;
