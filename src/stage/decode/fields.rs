//! The fields of a record: checked for type and size, put into a raw article.
//!
//! Keeps every value as the feed wrote it, but for control characters. Never guesses: the only thing derived is the source's
//! domain, from the URL.

use serde_json::{Map, Value};

use super::pick::{Picked, says_nothing};
use super::{Names, body, excerpt, number, reject};
use crate::article::{Body, Head, RawArticle, Source, Status, weight};
use crate::outcome::{Reason, Rejection};
use crate::settings::RawField;
use crate::stage::extract::embargo;
use crate::stage::url;

/// The fields that hold the body, in the order they are preferred.
pub(super) const BODIES: [RawField; 3] = [RawField::Html, RawField::Text, RawField::Story];

/// Longest id and URL, in bytes: both become message keys and are kept in the print log.
const MAX_NAME: usize = url::MAX_URL;

/// Longest of every other field besides the body, in bytes. Real headlines and bylines stay under 1 KiB; a whole
/// article in such a field is a mapping gone wrong.
const MAX_FIELD: usize = 16 << 10;

/// Most unknown fields that travel along ...
const MAX_EXTRA_FIELDS: usize = 512;

/// ... and their size together, in bytes. Higher: the enriched record outgrows the topic. Lower: feeds that send their
/// whole metadata are refused.
const MAX_EXTRA: usize = 256 << 10;

/// Status of an HTTP answer that has the page.
const OK: u64 = 200;

/// What a value or a name takes as JSON besides its text, about.
const OTHER: usize = 4;

/// The raw article these values make; a body larger than `max_body` bytes is refused. Once the id is read, every
/// rejection names it.
pub(super) fn article(mut picked: Picked, max_body: u64) -> Result<RawArticle, Rejection> {
    let id = picked.text_or_integer(RawField::Id)?;
    let named = id.clone();
    let head = picked.head(id);
    head.and_then(|head| Ok(RawArticle { body: picked.body(&head, max_body)?, head }))
        .map_err(|rejection| Rejection { id: named, ..rejection })
}

impl Picked {
    /// What the record is called; a name that cannot be one is none.
    pub(super) fn names(&mut self) -> Names {
        let id = self.text_or_integer(RawField::Id).ok().flatten();
        Names { id, url: self.text(RawField::Url).ok().flatten() }
    }

    fn head(&mut self, id: Option<String>) -> Result<Head, Rejection> {
        let url = self.text(RawField::Url)?;
        let mut source = self.source()?;
        if source.domain.is_none() {
            source.domain = url.as_deref().and_then(url::domain);
        }
        let head = Head {
            id,
            url,
            source,
            fetched_at: self.time(RawField::FetchedAt)?,
            published_at: self.time(RawField::PublishedAt)?,
            language: self.listed(RawField::Language, 1)?,
            headline: self.text(RawField::Headline)?,
            byline: self.listed(RawField::Byline, usize::MAX)?,
            status: self.status()?,
            embargoed_until: self.time(RawField::EmbargoedUntil)?,
            version: self.version()?,
            extra: std::mem::take(&mut self.extra),
        };
        check_extra(&head.extra)?;
        check_embargo(&head)?;
        Ok(head)
    }

    /// The value of a field, unless it says nothing. A list of one is the one: item loaders of crawlers make lists of all they
    /// find.
    fn value(&mut self, field: RawField) -> Option<Value> {
        let value = match self.values.remove(&field) {
            Some(Value::Array(mut list)) if list.len() == 1 => list.pop(),
            value => value,
        };
        value.filter(|value| !says_nothing(value))
    }

    fn text(&mut self, field: RawField) -> Result<Option<String>, Rejection> {
        self.value(field).map_or(Ok(None), |value| named(field.name(), value, longest(field)))
    }

    /// A field that producers fill with a list where it may hold several: its first texts, with commas between them.
    fn listed(&mut self, field: RawField, most: usize) -> Result<Option<String>, Rejection> {
        let texts = match self.values.get(&field) {
            Some(Value::Array(list)) => list.iter().map(name).collect::<Option<Vec<_>>>(),
            Some(object @ Value::Object(_)) => name(object).map(|name| vec![name]),
            _ => None,
        };
        if let Some(texts) = texts {
            let texts: Vec<&str> = texts.into_iter().filter(|text| !text.trim().is_empty()).take(most).collect();
            self.values.insert(field, Value::String(texts.join(", ")));
        }
        self.text(field)
    }

    /// An integer counts as its digits: ids are numbered, and times count seconds or milliseconds.
    fn text_or_integer(&mut self, field: RawField) -> Result<Option<String>, Rejection> {
        match self.value(field) {
            Some(Value::Number(number)) if !number.is_f64() => Ok(Some(number.to_string())),
            Some(value @ Value::String(_)) => named(field.name(), value, longest(field)),
            Some(other) => Err(wrong_type(field.name(), &other, "text or a 64-bit integer")),
            None => Ok(None),
        }
    }

    /// A time counts seconds or milliseconds where it is a number; Python's `time.time()` has a fraction of seconds.
    fn time(&mut self, field: RawField) -> Result<Option<String>, Rejection> {
        match self.values.get(&field) {
            Some(Value::Number(number)) => match number.as_f64().filter(|_| number.is_f64()).and_then(number::digits) {
                Some(digits) => Ok(Some(digits)),
                None => self.text_or_integer(field),
            },
            _ => self.text_or_integer(field),
        }
    }

    fn version(&mut self) -> Result<Option<i64>, Rejection> {
        let Some(value) = self.value(RawField::Version) else { return Ok(None) };
        let number = match &value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| wrong_type("version", &value, "an integer"))
    }

    fn status(&mut self) -> Result<Status, Rejection> {
        let Some(value) = self.value(RawField::Status) else { return Ok(Status::default()) };
        // What crawlers note of an answer says nothing of publication.
        if value.as_u64() == Some(OK) {
            return Ok(Status::Usable);
        }
        match value.as_str().map(|s| s.trim().to_ascii_lowercase()).as_deref() {
            // The second is WordPress's word.
            Some("usable" | "publish" | "published") => Ok(Status::Usable),
            Some("withheld") => Ok(Status::Withheld),
            Some("canceled" | "cancelled") => Ok(Status::Canceled),
            _ => Err(wrong_type("status", &value, "usable, withheld or canceled")),
        }
    }

    fn source(&mut self) -> Result<Source, Rejection> {
        let mut object = match self.value(RawField::Source) {
            Some(Value::Object(object)) => object,
            Some(value @ Value::String(_)) => Map::from_iter([("name".to_owned(), value)]),
            Some(other) => return Err(wrong_type("source", &other, "text or an object of name, domain, feed")),
            None => return Ok(Source::default()),
        };
        let mut part = |key: &str, name: &str| {
            let value = object.shift_remove(key).filter(|value| !says_nothing(value));
            value.map_or(Ok(None), |value| named(name, value, MAX_FIELD))
        };
        let (name, domain) = (part("name", "source.name")?, part("domain", "source.domain")?);
        let feed = part("feed", "source.feed")?;
        if !object.is_empty() {
            self.extra.entry(RawField::Source.name()).or_insert(Value::Object(object));
        }
        Ok(Source { name, domain: domain.map(|d| domain_of(&d)), feed })
    }

    /// The first body that holds anything.
    fn body(&mut self, head: &Head, max_body: u64) -> Result<Body, Rejection> {
        let sent = BODIES.into_iter().find(|field| self.values.get(field).is_some_and(|v| !v.is_null()));
        for field in BODIES {
            let Some(value) = self.value(field).map(body::joined).filter(|value| !says_nothing(value)) else {
                continue;
            };
            let text = string(field.name(), value, usize::MAX)?;
            if text.len() as u64 > max_body {
                let detail =
                    format!("{} has {} bytes, more than decode.max_body, {max_body}", field.name(), text.len());
                return Err(reject(Reason::TooLarge, detail));
            }
            return Ok(body::body(field, text, max_body));
        }
        match (head.status, sent) {
            (Status::Canceled | Status::Withheld, _) => Ok(Body::None),
            (Status::Usable, None) if head.url.is_some() => Err(url_only()),
            (Status::Usable, sent) => Err(empty_body(sent)),
        }
    }
}

/// The text of one item of a list, or the name of a person, as JSON-LD and feeds write authors.
fn name(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("name")?.as_str())
}

fn longest(field: RawField) -> usize {
    if matches!(field, RawField::Id | RawField::Url) { MAX_NAME } else { MAX_FIELD }
}

/// The string `value` must be, of at most `longest` bytes.
fn string(field: &str, value: Value, longest: usize) -> Result<String, Rejection> {
    match value {
        Value::String(text) if text.len() <= longest => Ok(text),
        Value::String(text) => Err(too_large(format!("{field} has {} bytes, more than {longest}", text.len()))),
        other => Err(wrong_type(field, &other, "text")),
    }
}

/// The same for every field but the body, without the control characters in it, and nothing when nothing else is left.
/// They steer terminals, and databases refuse them; a body loses them when it is cleaned.
fn named(field: &str, value: Value, longest: usize) -> Result<Option<String>, Rejection> {
    let text = string(field, value, longest)?;
    let steers = |c: char| c.is_control() && !c.is_whitespace();
    let text = if text.contains(steers) { text.replace(steers, "") } else { text };
    Ok((!text.trim().is_empty()).then_some(text))
}

fn wrong_type(field: &str, found: &Value, expected: &str) -> Rejection {
    let found = match found {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => excerpt(text),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    reject(Reason::WrongType, format!("{field} is {found}; it must be {expected}"))
}

fn too_large(what: String) -> Rejection {
    reject(Reason::TooLarge, format!("{what}; send less, or map another field in decode.fields"))
}

fn url_only() -> Rejection {
    let detail = "only a URL; send links to the links topic (topics.links) and run the fetch stage (fetch.enabled)";
    reject(Reason::UrlOnly, detail)
}

fn empty_body(sent: Option<RawField>) -> Rejection {
    let what = match sent {
        Some(field) => format!("{} is empty", field.name()),
        None => "no html, text or story".to_owned(),
    };
    reject(
        Reason::EmptyBody,
        format!("{what}; send a body, or status canceled or withheld; see decode.fields for names"),
    )
}

fn check_extra(extra: &Map<String, Value>) -> Result<(), Rejection> {
    if extra.len() > MAX_EXTRA_FIELDS {
        return Err(too_large(format!("{} unknown fields, more than {MAX_EXTRA_FIELDS}", extra.len())));
    }
    let size = weight(extra, OTHER);
    if size > MAX_EXTRA {
        return Err(too_large(format!("unknown fields have {size} bytes together, more than {MAX_EXTRA}")));
    }
    Ok(())
}

/// An embargo that nobody can read is one that nobody can keep.
fn check_embargo(head: &Head) -> Result<(), Rejection> {
    match &head.embargoed_until {
        Some(text) if embargo::read(text, head).is_none() => {
            let found = Value::String(text.clone());
            Err(wrong_type(RawField::EmbargoedUntil.name(), &found, "a time, written as 2026-05-01T10:00:00Z"))
        }
        _ => Ok(()),
    }
}

/// A domain as a feed gives it, which may be a whole URL.
fn domain_of(given: &str) -> String {
    url::domain(given).unwrap_or_else(|| url::bare_host(given.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn domains_are_bare_hosts() {
        assert_eq!(domain_of(" WWW.Example.org. "), "example.org");
        assert_eq!(domain_of("https://www.example.org/"), "example.org");
    }

    #[test]
    fn the_weight_counts_nested_names_and_text() {
        let Value::Object(fields) = json!({"ab": ["cde", {"f": null}]}) else { panic!("an object") };
        assert_eq!(weight(&fields, OTHER), (2 + 4) + 4 + (3 + 4) + (4 + 1 + 4) + 4);
    }
}
