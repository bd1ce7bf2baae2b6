//! Values as a person reads them, in one line. Never decides what is shown, and never writes markup.

use serde::Serialize;
use serde_json::Value;

use super::Explanation;
use crate::outcome::{Outcome, RevisionKind};

/// Keys under which an object says what it is, best first.
const SAYS_WHAT: [&str; 5] = ["name", "text", "code", "url", "raw"];

/// What machines need of the items of a list and a reader does not: places, numbers, codes.
const FOR_MACHINES: [&str; 12] =
    ["confidence", "count", "end", "entity_id", "id", "mentions", "norm", "qcode", "score", "start", "uri", "wikidata"];

/// A value in one line as a reader wants it: of lists without what only machines need.
pub fn shown(value: &Value) -> String {
    let Value::Array(items) = value else { return brief(value) };
    items.iter().map(|item| brief_inside(&for_people(item))).collect::<Vec<_>>().join(", ")
}

/// An item without what only machines need, and its parts by their names.
fn for_people(item: &Value) -> Value {
    let Value::Object(object) = item else { return item.clone() };
    let named = |value: &Value| match value {
        Value::Object(part) => SAYS_WHAT.iter().find_map(|key| part.get(*key)).unwrap_or(value).clone(),
        _ => value.clone(),
    };
    let kept = object.iter().filter(|(key, _)| !FOR_MACHINES.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), named(value))).collect())
}

/// A value in one line: what an object is, and the rest of it in brackets.
pub fn brief(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(brief_inside).collect::<Vec<_>>().join(", "),
        Value::Object(_) => brief_inside(value),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The same one level down, where deeper values are only JSON: values of records nest as deep as their sender likes.
fn brief_inside(value: &Value) -> String {
    let Value::Object(object) = value else { return plain(value) };
    let what = SAYS_WHAT.iter().find(|key| object.contains_key(**key));
    let rest = object.iter().filter(|(key, _)| Some(&key.as_str()) != what);
    let rest: Vec<String> = rest.map(|(key, value)| format!("{key} {}", plain(value))).collect();
    match what.and_then(|key| object.get(*key)) {
        Some(value) if rest.is_empty() => plain(value),
        Some(value) => format!("{} ({})", plain(value), rest.join(", ")),
        None => rest.join(", "),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The name of a unit variant as its record writes it, in words.
pub fn named(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name.replace('_', " "),
        Ok(Value::Object(object)) => object.keys().next().map(|name| name.replace('_', " ")).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A size in the largest unit that leaves three digits.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..=999 => format!("{bytes} bytes"),
        1000..=999_999 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `count` things, with the plural.
pub fn count(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// What became of a record, in a sentence.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Enriched { .. } => "enriched: a new story".to_owned(),
        Outcome::Revision { revises, kind: RevisionKind::Revision, .. } => format!("revision of {revises}"),
        Outcome::Revision { revises, kind: RevisionKind::Update, .. } => format!("update of {revises}"),
        Outcome::Duplicate(link) => format!("duplicate of {}: only a link is published", link.of),
        Outcome::Dead(rejection) => {
            format!("dead: {} {}, {}", rejection.stage.name(), rejection.reason.name(), rejection.detail)
        }
    }
}

/// What was recognised in the value, in a line.
pub fn recognised(explanation: &Explanation) -> String {
    let value = &explanation.value;
    let Some(bytes) = value.bytes else { return "null".to_owned() };
    let mut said = vec![size(bytes)];
    match value.recognised {
        Some(seen) => {
            said.extend(seen.packing.map(|packing| format!("{packing} of {}", size(seen.unpacked))));
            said.push(seen.shape.map_or_else(|| "not recognised".to_owned(), |shape| named(&shape)));
        }
        None => said.push("not recognised".to_owned()),
    }
    if let Some(decoded) = &explanation.decoded {
        said.push(match decoded.body {
            "none" => "no body".to_owned(),
            body => format!("{body} of {}", count(decoded.characters, "character")),
        });
    }
    said.join(", ")
}

/// What the desk's memory said, in a line.
pub fn asked(explanation: &Explanation) -> String {
    let Some(asked) = &explanation.dedupe else { return "not asked".to_owned() };
    match &asked.matched {
        None if asked.log.is_some() => {
            format!(
                "{}: not like any of the {} that the print log remembers",
                asked.verdict,
                count(asked.before, "article")
            )
        }
        None if asked.before == 0 => {
            format!("{}: nothing came before it in this run (--against-log asks what the desk has told)", asked.verdict)
        }
        None => {
            format!("{}: not like any of the {} before it in this run", asked.verdict, count(asked.before, "record"))
        }
        Some(matched) => {
            let differs = match matched.differs.as_slice() {
                [] => String::new(),
                differs => format!("; differs: {}", differs.join(", ")),
            };
            let alike = matched.similarity.map(|s| format!(", {s:.2} alike")).unwrap_or_default();
            format!("{} of {} ({}), by {}{alike}{differs}", asked.verdict, matched.id, matched.name, matched.by)
        }
    }
}

/// What the print log holds of the record itself, in a line; `None` where it was not asked.
pub fn logged(explanation: &Explanation) -> Option<String> {
    let log = explanation.dedupe.as_ref()?.log.as_ref()?;
    let Some(own) = &log.own else {
        return Some(
            "it has no print in the log: asked as if it came now (a copy of equal content needs none)".to_owned(),
        );
    };
    let of = own.of.as_deref().map(|of| format!(" of {of}")).unwrap_or_default();
    let since = match own.state {
        "published" => "published since",
        "promised" => "not known as published yet",
        "void" => "not published: given up, or its promise lapsed",
        "filed" => "filed as a link",
        _ => "forgotten since, out of the window",
    };
    let other = if own.same { "" } else { "; it was another record then, at the same place of a topic made anew" };
    let (position, time, verdict, story) = (&own.position, &own.time, own.verdict, &own.story);
    Some(format!("its print {position} of {time} got: {verdict}{of}, story {story}; {since}{other}"))
}

/// Where it goes, in a line.
pub fn published(explanation: &Explanation) -> String {
    let published = &explanation.published;
    let key = published.key.as_deref().map_or_else(|| "no key".to_owned(), |key| format!("key {key}"));
    let bytes = published.bytes.map_or_else(|| "null".to_owned(), size);
    format!("{}, {key}, {bytes}", published.topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_told_in_a_line() {
        assert_eq!(brief(&json!("a")), "a");
        assert_eq!(brief(&json!([{"name": "Ada Holm", "role": "reporter"}, "B"])), "Ada Holm (role reporter), B");
        assert_eq!(brief(&json!({"code": "de", "confidence": 0.5})), "de (confidence 0.5)");
        assert_eq!(brief(&json!({"feed": "x", "n": [1, 2]})), "feed x, n [1,2]");
    }

    #[test]
    fn lists_are_shown_without_what_only_machines_need() {
        let quotes = json!([{"text": "We are back", "start": 1, "end": 12, "speaker": {"name": "Lena Okoro", "start": 20}, "cue": "said"}]);
        assert_eq!(shown(&quotes), "We are back (speaker Lena Okoro, cue said)");
        assert_eq!(
            shown(&json!([{"name": "society", "uri": "http://x", "confidence": 0.7}, "plain"])),
            "society, plain"
        );
        assert_eq!(shown(&json!({"code": "de", "confidence": 0.5})), "de (confidence 0.5)", "alone it is told whole");
    }

    #[test]
    fn names_and_sizes_read_well() {
        assert_eq!(named(&crate::article::DropReason::OutsideContainer), "outside container");
        assert_eq!(named(&crate::article::BlockKind::Heading(2)), "heading");
        assert_eq!(
            (size(999).as_str(), size(14_250).as_str(), size(5_000_000).as_str()),
            ("999 bytes", "14.2 kB", "5.0 MB")
        );
        assert_eq!((count(1, "record"), count(0, "record")), ("1 record".into(), "0 records".into()));
    }
}
