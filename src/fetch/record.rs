//! A link record in, a raw record out: what the fetch stage reads from the links topic and writes to the raw topic.
//!
//! Pure; the caller fetches, and says what time it is.

use serde_json::{Map, Value};

use super::Page;
use crate::article::Body;
use crate::outcome::{Reason, Rejection, Stage};
use crate::stage::decode;
use crate::stage::url::MAX_URL;

/// Largest link record, in bytes: a URL and what a feed says of it, no bodies.
const MAX_LINK: usize = 512 << 10;

/// Reads a record of the links topic: a JSON object with `url`, or a bare URL.
pub fn link(value: Option<&[u8]>) -> Result<Map<String, Value>, Rejection> {
    let value = value.ok_or_else(|| reject(Reason::NullValue, "the message value is null; send a URL"))?;
    if value.len() > MAX_LINK {
        return Err(reject(Reason::TooLarge, format!("a link of {} bytes, more than {MAX_LINK}", value.len())));
    }
    let trimmed = value.trim_ascii();
    if trimmed.is_empty() {
        return Err(reject(Reason::EmptyValue, "the message value is empty; send a URL"));
    }
    let link = match bare_url(trimmed) {
        Some(url) => Map::from_iter([("url".to_owned(), Value::from(url))]),
        None => decode::object(value).map_err(|rejection| Rejection { stage: Stage::Fetch, ..rejection })?,
    };
    url_of(&link).map_err(|detail| Rejection { id: id_of(&link), ..detail })?;
    Ok(link)
}

/// The URL of a link record that [`link`] has accepted.
pub fn url_of(link: &Map<String, Value>) -> Result<&str, Rejection> {
    match link.get("url") {
        Some(Value::String(url)) if url.len() > MAX_URL => {
            Err(reject(Reason::TooLarge, format!("url has {} bytes, more than {MAX_URL}", url.len())))
        }
        Some(Value::String(url)) if !url.trim().is_empty() => Ok(url.trim()),
        Some(_) => Err(reject(Reason::WrongType, "url must be text that is not empty")),
        None => Err(reject(Reason::WrongType, "a link without url; send an object with url, or the bare URL")),
    }
}

/// The raw record of a fetched page: the link's own fields, the address the page was read at, the page, and
/// `fetched_at` (RFC 3339). Where redirects led elsewhere, `requested_url` keeps the link's address.
pub fn raw_record(link: &Map<String, Value>, page: Page, fetched_at: &str) -> Vec<u8> {
    let mut record = link.clone();
    for body in ["html", "text", "story"] {
        record.shift_remove(body);
    }
    let asked = record.insert("url".to_owned(), Value::from(page.final_url.as_str()));
    if let Some(asked) = asked.filter(|asked| *asked != page.final_url) {
        record.insert("requested_url".to_owned(), asked);
    }
    record.insert("fetched_at".to_owned(), Value::from(fetched_at));
    let (field, text) = match page.body {
        Body::Html(text) => ("html", text),
        Body::Text(text) | Body::Story(text) => ("text", text),
        Body::None => ("text", String::new()),
    };
    record.insert(field.to_owned(), Value::from(text));
    Value::Object(record).to_string().into_bytes()
}

/// The value as one URL, when it looks like one: no object, no white space, a scheme.
fn bare_url(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    let plain = !text.starts_with('{') && !text.contains(char::is_whitespace);
    (plain && text.contains("://")).then_some(text)
}

fn id_of(link: &Map<String, Value>) -> Option<String> {
    link.get("id")?.as_str().filter(|id| id.len() <= MAX_URL).map(str::to_owned)
}

fn reject(reason: Reason, detail: impl Into<String>) -> Rejection {
    Rejection::new(Stage::Fetch, reason, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Decode;
    use serde_json::json;

    #[test]
    fn links_are_objects_or_bare_urls() {
        assert_eq!(url_of(&link(Some(b" https://example.org/a?b=c\n")).unwrap()).unwrap(), "https://example.org/a?b=c");
        let object = link(Some(br#"{"url":"https://example.org/","id":"1","desk":"city"}"#)).unwrap();
        assert_eq!(Value::Object(object), json!({"url": "https://example.org/", "id": "1", "desk": "city"}));
    }

    #[test]
    fn what_is_no_link_dies_with_a_reason() {
        let long = format!(r#"{{"id":"7","url":"https://example.org/{}"}}"#, "x".repeat(5000));
        let cases: [(Option<&[u8]>, Reason); 9] = [
            (None, Reason::NullValue),
            (Some(b" "), Reason::EmptyValue),
            (Some(b"two words"), Reason::NotJson),
            (Some(b"https://example.org/ https://example.org/"), Reason::NotJson),
            (Some(b"{\"url\":"), Reason::NotJson),
            (Some(b"{\"id\":\"1\"}"), Reason::WrongType),
            (Some(b"{\"url\":5}"), Reason::WrongType),
            (Some(b"{\"url\":\"\xff\"}"), Reason::InvalidUtf8),
            (Some(long.as_bytes()), Reason::TooLarge),
        ];
        for (value, reason) in cases {
            let rejection = link(value).unwrap_err();
            assert_eq!((rejection.stage, rejection.reason), (Stage::Fetch, reason), "{value:?}");
        }
        assert_eq!(link(Some(long.as_bytes())).unwrap_err().id.as_deref(), Some("7"));
    }

    #[test]
    fn the_raw_record_is_what_decode_reads() {
        let link = link(Some(br#"{"url":"http://example.org/a","id":"1","text":"old","desk":"city"}"#)).unwrap();
        let page = Page {
            final_url: "https://www.example.org/b".into(),
            body: Body::Html("<p>\"Grüße\"".into()),
            content_type: "text/html".into(),
            status: 200,
        };
        let record = raw_record(&link, page.clone(), "2026-03-01T10:00:00Z");
        let article = decode::decode(Some(&record), &Vec::new(), &Decode::default()).unwrap();
        assert_eq!(article.body, page.body);
        assert_eq!(article.head.id.as_deref(), Some("1"));
        assert_eq!(article.head.url.as_deref(), Some("https://www.example.org/b"));
        assert_eq!(article.head.source.domain.as_deref(), Some("example.org"));
        assert_eq!(article.head.fetched_at.as_deref(), Some("2026-03-01T10:00:00Z"));
        assert_eq!(Value::Object(article.head.extra), json!({"desk": "city", "requested_url": "http://example.org/a"}));
    }
}
