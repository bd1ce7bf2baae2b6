//! The decision chain of one record: what was recognised, what it was compared with, which blocks were kept and why the
//! others were not, where each field came from, what would be published where.
//!
//! Built from what the line itself decided; it must never decide anything. Rendered for a terminal ([`terminal`]), as a
//! page to mail ([`page`]), or as JSON by its fields. Pure: no I/O, no clock.

pub mod apart;
mod asked;
pub mod change;
pub mod page;
pub mod terminal;
pub mod words;

use serde::Serialize;
use serde_json::{Map, Value};

use self::asked::answered;
pub use self::asked::{Asked, Before, Earlier, Logged, Matched, OwnPrint, told};
use crate::article::{Block, Body, Head, RawArticle};
use crate::flow::deliver::{self, Limits};
use crate::outcome::Outcome;
use crate::record::{Headers, Record};
use crate::settings::{DedupeMode, Output, Topics};
use crate::stage::decode::{self, Recognised};
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::ledger::Answer;
use crate::stage::{self, Rules};

/// Fields of the enriched record that are no finding: the text has its blocks, the verdict its own section.
const NO_FINDING: [&str; 10] =
    ["schema", "id", "text", "stats", "provenance", "origin", "produced_by", "extra", "verdict", "story"];

/// Why one record became what it became.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What the person asked for: a file, an address, a position.
    pub name: String,
    /// The value as it arrived.
    pub value: Seen,
    /// What decode read; `None` where it could not.
    pub decoded: Option<Decoded>,
    /// What the desk's memory said; `None` where it was not asked.
    pub dedupe: Option<Asked>,
    /// Every block of the body in order.
    pub blocks: Vec<Block>,
    /// Every fact read out of the article.
    pub fields: Vec<Field>,
    /// What became of it.
    pub outcome: Outcome,
    /// What would be published.
    pub published: Published,
}

/// A value as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Bytes; `None` for a null value.
    pub bytes: Option<usize>,
    /// Message key, as far as it is text.
    pub key: Option<String>,
    /// What was recognised in it.
    #[serde(flatten)]
    pub recognised: Option<Recognised>,
}

/// What decode read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decoded {
    /// `html`, `text`, `story` or `none`.
    pub body: &'static str,
    /// Characters of the body.
    pub characters: usize,
    /// What the record says besides the body.
    pub head: Head,
}

/// A fact of the article.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Name in the enriched record.
    pub name: String,
    /// Value.
    pub value: Value,
    /// Where it came from, by which rule, how sure; absent where that is not told.
    #[serde(flatten)]
    pub from: Option<crate::article::Provenance>,
}

/// What would be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Topic.
    pub topic: String,
    /// Message key, as far as it is text.
    pub key: Option<String>,
    /// Bytes of the value; `None` for a null value.
    pub bytes: Option<usize>,
}

/// What was decided about a record, by the desk that decided it.
#[derive(Debug)]
pub struct Decided<'d> {
    /// What the line was told of the configuration.
    pub rules: &'d Rules,
    /// Names of the topics.
    pub topics: &'d Topics,
    /// The form of what is published.
    pub output: Output,
    /// The record's keys, where it got that far.
    pub keys: Option<&'d Keys>,
    /// The answer of the desk's memory, where it was asked.
    pub answer: Option<&'d Answer>,
    /// What it was compared with.
    pub before: Before<'d>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Explanation {
    /// The decision chain of `record`, called `name`. The blocks are read again from the record by the line's own
    /// functions, so that those of a rejected record show too.
    pub fn new(name: String, record: &Record, decided: Decided<'_>) -> Explanation {
        let Decided { rules, topics, output, keys, answer, before, outcome } = decided;
        let (raw, blocks) = read(record, rules);
        let asked = keys.is_some() && rules.mode != DedupeMode::Off;
        let dedupe = asked.then(|| answered(answer, &before, &blocks, rules));
        Explanation {
            name,
            value: seen(record, rules),
            decoded: raw.map(decoded),
            dedupe,
            blocks,
            fields: fields(&outcome),
            published: published(record, &outcome, topics, output),
            outcome,
        }
    }

    /// Blocks that belong to the story.
    pub fn kept(&self) -> usize {
        self.blocks.iter().filter(|block| block.dropped.is_none()).count()
    }
}

fn seen(record: &Record, rules: &Rules) -> Seen {
    Seen {
        bytes: record.raw.as_ref().map(|raw| raw.len()),
        key: record.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned()),
        recognised: decode::recognise(record.raw.as_deref(), &record.headers, &rules.decode),
    }
}

fn decoded(raw: RawArticle) -> Decoded {
    let (body, text) = match &raw.body {
        Body::Html(text) => ("html", text.as_str()),
        Body::Text(text) => ("text", text.as_str()),
        Body::Story(text) => ("story", text.as_str()),
        Body::None => ("none", ""),
    };
    Decoded { body, characters: text.chars().count(), head: raw.head }
}

/// What decode and clean make of a record, as far as they get.
fn read(record: &Record, rules: &Rules) -> (Option<RawArticle>, Vec<Block>) {
    let raw = decode::decode(record.raw.as_deref(), &record.headers, &rules.decode).ok();
    let blocks = raw.as_ref().and_then(|raw| stage::blocks(raw).ok()).map(|(_, cleaned)| cleaned.blocks);
    (raw, blocks.unwrap_or_default())
}

/// The facts of the published article, as its record holds them, each with where it came from.
fn fields(outcome: &Outcome) -> Vec<Field> {
    let article = match outcome {
        Outcome::Enriched { article, .. } | Outcome::Revision { article, .. } => article,
        Outcome::Duplicate(_) | Outcome::Dead(_) => return Vec::new(),
    };
    let Ok(Value::Object(record)) = serde_json::to_value(article) else { return Vec::new() };
    let findings = record.into_iter().filter(|(name, _)| !NO_FINDING.contains(&name.as_str()));
    let from = |name: &str| article.provenance.get(name).or_else(|| article.provenance.get(twin(name)?)).cloned();
    findings.map(|(name, value)| Field { from: from(&name), name, value }).collect()
}

/// The field whose provenance another one shares: both are read from the same place.
fn twin(name: &str) -> Option<&'static str> {
    match name {
        "byline" => Some("authors"),
        "published" => Some("published_at"),
        _ => None,
    }
}

fn published(record: &Record, outcome: &Outcome, topics: &Topics, output: Output) -> Published {
    let unlimited =
        Limits { raw: usize::MAX, enriched: usize::MAX, cleaned: usize::MAX, duplicates: usize::MAX, dead: usize::MAX };
    let message = deliver::message(record, outcome, unlimited, output);
    Published {
        topic: topics.name(message.route).to_owned(),
        key: message.key.map(|key| String::from_utf8_lossy(&key).into_owned()),
        bytes: message.value.map(|value| value.len()),
    }
}

/// A record of the command line: its bytes, and what they are where the caller knows.
pub fn record(raw: Vec<u8>, content_type: Option<&'static str>) -> Record {
    let header = content_type.map(|t| ("content-type".to_owned(), Some(bytes::Bytes::from_static(t.as_bytes()))));
    let headers: Headers = header.into_iter().collect();
    Record { headers, raw: Some(raw.into()), ..Record::default() }
}

/// The head as name and value, without what the record does not say.
fn said(head: &Head) -> Map<String, Value> {
    let Ok(Value::Object(mut said)) = serde_json::to_value(head) else { return Map::new() };
    let silent = |value: &Value| match value {
        Value::Null => true,
        Value::Object(inner) => inner.is_empty(),
        _ => false,
    };
    said.retain(|_, value| !silent(value));
    said
}

#[cfg(test)]
pub(crate) mod tests;
