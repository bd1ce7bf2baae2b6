//! Values of schema.org data in all the shapes that templates write them: a text, a list of texts, an object, the name of an
//! object elsewhere in the page.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{MAX_ITEMS, MAX_STRING, kinds};
use crate::article::page::{LdAuthor, PageImage};
use crate::stage::html;
use crate::stage::text::head;

/// The object a value is, or the one its `@id` names elsewhere in the page.
pub(super) fn resolve<'v>(
    value: &'v Value,
    named: &HashMap<&str, &'v Map<String, Value>>,
) -> Option<&'v Map<String, Value>> {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(items) => items.first()?.as_object()?,
        _ => return None,
    };
    let id = object.get("@id").and_then(Value::as_str);
    if object.contains_key("name") { Some(object) } else { id.and_then(|id| named.get(id).copied()).or(Some(object)) }
}

pub(super) fn people(value: &Value, named: &HashMap<&str, &Map<String, Value>>, out: &mut Vec<LdAuthor>) {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    for item in items.iter().take(MAX_ITEMS) {
        if let Some(name) = item.as_str() {
            // an address names a profile, no person
            if !name.starts_with("http") {
                out.extend(clean(name).map(|name| LdAuthor { name, ..LdAuthor::default() }));
            }
            continue;
        }
        let Some(object) = resolve(item, named) else { continue };
        let kind = kinds(object).find_map(|kind| match kind {
            "Person" => Some(true),
            "Organization" | "NewsMediaOrganization" | "Corporation" | "WebSite" => Some(false),
            _ => None,
        });
        let role = object.get("jobTitle").and_then(string);
        let url = object.get("url").and_then(string);
        match object.get("name") {
            Some(Value::Array(names)) => {
                let names = names.iter().take(MAX_ITEMS).filter_map(string);
                out.extend(names.map(|name| LdAuthor { name, person: kind, ..LdAuthor::default() }));
            }
            Some(name) => out.extend(string(name).map(|name| LdAuthor { name, url, role, person: kind })),
            None => {}
        }
    }
    out.truncate(MAX_ITEMS);
}

/// Whether an object says that it is not free to read: `false`, `"False"`, `"https://schema.org/False"`.
pub(super) fn is_locked(object: &Map<String, Value>) -> bool {
    match object.get("isAccessibleForFree") {
        Some(Value::Bool(free)) => !free,
        Some(Value::String(free)) => {
            free.trim().rsplit('/').next().is_some_and(|word| word.eq_ignore_ascii_case("false"))
        }
        _ => false,
    }
}

/// The selectors of the parts of an article that are not free; `None` when it names no such part.
pub(super) fn locked_parts(object: &Map<String, Value>) -> Option<Vec<String>> {
    let parts = object.get("hasPart")?;
    let parts = parts.as_array().map_or(std::slice::from_ref(parts), Vec::as_slice);
    let locked: Vec<_> =
        parts.iter().take(MAX_ITEMS).filter_map(Value::as_object).filter(|part| is_locked(part)).collect();
    let selectors = locked.iter().filter_map(|part| part.get("cssSelector")).flat_map(|selector| {
        let many = selector.as_array().map_or(std::slice::from_ref(selector), Vec::as_slice);
        many.iter().take(MAX_ITEMS).filter_map(Value::as_str)
    });
    let selectors = selectors.flat_map(|list| head(list, MAX_STRING).split(',')).take(MAX_ITEMS);
    (!locked.is_empty()).then(|| selectors.map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect())
}

pub(super) fn images(value: &Value, named: &HashMap<&str, &Map<String, Value>>, out: &mut Vec<PageImage>) {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    for item in items.iter().take(MAX_ITEMS) {
        let image = match item {
            Value::String(url) => Some(PageImage { url: head(url, 2 * MAX_STRING).to_owned(), ..PageImage::default() }),
            _ => resolve(item, named).and_then(image),
        };
        out.extend(image.filter(|image| !image.url.is_empty()));
    }
    out.truncate(MAX_ITEMS);
}

fn image(object: &Map<String, Value>) -> Option<PageImage> {
    let url = ["url", "contentUrl", "@id"].iter().find_map(|key| {
        let value = object.get(*key)?;
        value.as_str().or_else(|| value.as_array()?.first()?.as_str())
    })?;
    let credit = ["creditText", "creator", "copyrightHolder", "author", "copyrightNotice"];
    Some(PageImage {
        url: head(url, 2 * MAX_STRING).to_owned(),
        caption: object.get("caption").or(object.get("description")).and_then(string),
        credit: credit
            .iter()
            .find_map(|key| object.get(*key).and_then(|value| string(value).or_else(|| name_of(value)))),
        width: object.get("width").and_then(pixels),
        height: object.get("height").and_then(pixels),
    })
}

fn pixels(value: &Value) -> Option<u32> {
    let text = |text: &str| text.trim_end_matches("px").trim().parse::<f64>().ok();
    let number = value
        .as_f64()
        .or_else(|| text(value.as_str()?))
        .or_else(|| value.get("value").and_then(|v| v.as_f64().or_else(|| text(v.as_str()?))))?;
    (1.0..=100_000.0).contains(&number).then_some(number as u32)
}

pub(super) fn name_of(value: &Value) -> Option<String> {
    value.get("name").and_then(string).or_else(|| value.get("alternateName").and_then(string))
}

/// A string, or the first of a list of strings.
pub(super) fn string(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => clean(text),
        Value::Array(items) => items.iter().take(MAX_ITEMS).find_map(|item| item.as_str().and_then(clean)),
        _ => None,
    }
}

/// White space collapsed, entities decoded, tags and control characters gone; `None` when nothing is left.
fn clean(text: &str) -> Option<String> {
    let decoded = html::decode(head(text, MAX_STRING), true);
    let mut out = String::with_capacity(decoded.len());
    let mut in_tag = false;
    let mut chars = decoded.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '<' if chars.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '/') => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    (!out.is_empty()).then_some(out)
}
