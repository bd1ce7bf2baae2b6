//! Bytes to a raw article: unpacked, read as text in whatever charset, its fields found by the configured names.
//!
//! Takes every shape feeds and crawlers really send (JSON, a page, plain text; packed or not) and rejects the rest with
//! a reason a person can act on. Never fetches, never cleans, never guesses a field; bytes from outside cannot make it
//! panic, run longer than linear time, or hold more than a small multiple of the body limit.

mod body;
pub mod charset;
mod fields;
mod json;
mod markdown;
mod number;
mod pick;
mod surrogate;
mod unpack;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::article::RawArticle;
use crate::outcome::{Reason, Rejection, Stage};
use crate::record::{Headers, header};
use crate::settings::{Decode, RawField};

use charset::ContentType;
use pick::Picked;

/// Room for everything around the body in a record, in bytes.
const ROOM: u64 = 1 << 20;

/// How much larger a body can be inside JSON: a two-byte character written as `\u0439` takes six bytes, three times as
/// many. Lower: escaped Cyrillic near the body limit is refused. Higher: a bomb costs more memory before it is seen.
const ESCAPED: u64 = 3;

/// Reads one message value; `headers` may say how it is packed, what it is and, for a bare page or text, its fields.
pub fn decode(value: Option<&[u8]>, headers: &Headers, settings: &Decode) -> Result<RawArticle, Rejection> {
    let bytes = unpacked(value, headers, settings)?;
    let content_type = header(headers, "content-type").map(ContentType::parse).unwrap_or_default();
    let charset = content_type.charset;
    match shape(&content_type, &bytes)? {
        Shape::Json => fields::article(record(&bytes, &content_type, settings)?, settings.max_body),
        Shape::Html => bare(RawField::Html, charset::page_text(&bytes, charset), headers, settings),
        Shape::Text => bare(RawField::Text, charset::plain_text(&bytes, charset), headers, settings),
    }
}

/// What a record is called, for people who look for it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Names {
    /// Id that the feed gave it.
    pub id: Option<String>,
    /// Address, as the feed wrote it.
    pub url: Option<String>,
}

/// Id and address of a value that [`decode`] refuses, as far as they can be read: also of JSON that breaks off behind them.
pub fn names(value: Option<&[u8]>, headers: &Headers, settings: &Decode) -> Names {
    let content_type = header(headers, "content-type").map(ContentType::parse).unwrap_or_default();
    let Ok(bytes) = unpacked(value, headers, settings) else { return Names::default() };
    let mut picked = match shape(&content_type, &bytes) {
        Ok(Shape::Json) => record(&bytes, &content_type, settings).unwrap_or_else(|_| beginning(&bytes, settings)),
        Ok(Shape::Html | Shape::Text) => from_headers(headers),
        Err(_) => return Names::default(),
    };
    picked.names()
}

/// What can be read of the names of a record that is not JSON to its end.
fn beginning(bytes: &[u8], settings: &Decode) -> Picked {
    let named = [RawField::Id, RawField::Url].into_iter().filter_map(|field| settings.fields.get(&field)).flatten();
    let keys: Vec<&str> = named.map(|name| name.split('.').next().unwrap_or(name)).collect();
    let text = String::from_utf8_lossy(charset::without_mark(json::without_schema_id(bytes)));
    pick::pick(json::beginning(&text, &keys), &settings.fields)
}

/// The bytes of a message value without their packing; there are some.
pub fn unpacked<'v>(value: Option<&'v [u8]>, headers: &Headers, settings: &Decode) -> Result<Cow<'v, [u8]>, Rejection> {
    let Some(value) = value else {
        return Err(reject(Reason::NullValue, "the message value is null; send the article as the value"));
    };
    let bytes = unpack::unpack(value, header(headers, "content-encoding"), most_unpacked(settings))?;
    if blank(&bytes) {
        return Err(reject(Reason::EmptyValue, "the message value is empty; send the article as the value"));
    }
    Ok(bytes)
}

/// What a value is, before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A record in JSON.
    Json,
    /// The page itself.
    Html,
    /// The text itself.
    Text,
}

/// What was recognised in a value before its fields are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recognised {
    /// How it was packed: `gzip` or `zstd`.
    pub packing: Option<&'static str>,
    /// Bytes without the packing.
    pub unpacked: usize,
    /// What it is; `None` where nothing is recognised.
    pub shape: Option<Shape>,
}

/// What [`decode`] sees first; `None` for a null value and for one that does not unpack.
pub fn recognise(value: Option<&[u8]>, headers: &Headers, settings: &Decode) -> Option<Recognised> {
    let value = value?;
    let bytes = unpack::unpack(value, header(headers, "content-encoding"), most_unpacked(settings)).ok()?;
    let content_type = header(headers, "content-type").map(ContentType::parse).unwrap_or_default();
    Some(Recognised {
        packing: unpack::packing(value),
        unpacked: bytes.len(),
        shape: shape(&content_type, &bytes).ok(),
    })
}

/// Most bytes a value may have without its packing.
pub fn most_unpacked(settings: &Decode) -> u64 {
    settings.max_body.saturating_mul(ESCAPED).saturating_add(ROOM)
}

/// The content type decides; without one that says anything, the first character does.
fn shape(content_type: &ContentType, bytes: &[u8]) -> Result<Shape, Rejection> {
    if content_type.is_json() {
        return Ok(Shape::Json);
    }
    if content_type.is_html() {
        return Ok(Shape::Html);
    }
    if content_type.essence == "text/plain" {
        return Ok(Shape::Text);
    }
    match first_character(json::without_schema_id(bytes)) {
        Some(b'{' | b'[') => Ok(Shape::Json),
        Some(b'<') => Ok(Shape::Html),
        _ => Err(json::not_json(bytes)),
    }
}

/// First byte of the text that is no white space; zero bytes are passed over, so that UTF-16 reads the same.
fn first_character(bytes: &[u8]) -> Option<u8> {
    let text = charset::without_mark(bytes);
    text.iter().copied().find(|b| !b.is_ascii_whitespace() && *b != 0)
}

/// The fields of a JSON record, found by their configured names.
fn record(bytes: &[u8], content_type: &ContentType, settings: &Decode) -> Result<Picked, Rejection> {
    let text = json::text(json::without_schema_id(bytes), content_type.charset)?;
    let mut object = json::object(&text)?;
    if content_type.essence == "application/cloudevents+json" {
        object = json::event_data(object)?;
    }
    Ok(pick::pick(object, &settings.fields))
}

/// The one JSON object of a value that is nothing else: no packing, no charset but UTF-8 and what a mark says.
pub(crate) fn object(value: &[u8]) -> Result<Map<String, Value>, Rejection> {
    json::object(&json::text(json::without_schema_id(value), None)?)
}

/// A value that is the body itself: its other fields are in the headers, under the default names.
fn bare(body: RawField, text: String, headers: &Headers, settings: &Decode) -> Result<RawArticle, Rejection> {
    let mut picked = from_headers(headers);
    picked.values.insert(body, Value::String(text));
    fields::article(picked, settings.max_body)
}

/// The fields that headers give, under the default names.
fn from_headers(headers: &Headers) -> Picked {
    let named = RawField::ALL.into_iter().filter(|f| !fields::BODIES.contains(f));
    let values = named.filter_map(|f| Some((f, Value::from(header(headers, f.name())?))));
    Picked { values: values.collect(), extra: Map::new() }
}

/// True when there is nothing but white space and perhaps a byte order mark.
fn blank(bytes: &[u8]) -> bool {
    charset::without_mark(bytes).iter().all(|b| b.is_ascii_whitespace())
}

/// A rejection of this stage.
fn reject(reason: Reason, detail: impl Into<String>) -> Rejection {
    Rejection::new(Stage::Decode, reason, detail)
}

/// At most 60 characters of `text` for a message, quoted, control characters escaped.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() || shown.chars().count() == SHOWN {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

#[cfg(test)]
mod tests;
