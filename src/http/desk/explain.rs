//! What would become of one record, and why, by the same functions as `run`: each block kept or dropped with its reason,
//! each field with where it came from.
//!
//! The desk's memory is not asked: the answer says what the record is, not whether it was told.

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use crate::article::Article;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::settings::Topics;
use crate::stage::{self, Place, Prepared, Rules, decode};

/// Fields of the enriched record that are no finding.
const NO_FINDING: [&str; 8] = ["schema", "id", "text", "provenance", "origin", "produced_by", "extra", "verdict"];

/// The decision chain of a record with these bytes. `kind` is its content type, where the sender says one.
pub(super) fn explain(rules: &Rules, topics: &Topics, raw: Bytes, kind: Option<String>) -> Value {
    let header = kind.map(|kind| ("content-type".to_owned(), Some(Bytes::from(kind))));
    let headers = header.into_iter().collect();
    let record = Record { position: None, key: None, headers, timestamp: None, raw: Some(raw), body: () };
    let outcome = match stage::prepare(&record, rules, |_| None, &mut ()) {
        Err(rejection) => Outcome::Dead(rejection),
        Ok(Prepared::Known(keys, kind, matched)) => stage::file(keys.id, kind, &matched, &Place::default()),
        Ok(Prepared::Clean(keys, article, ..)) => {
            stage::finish(keys.id, &article, None, &Place::default(), rules, &mut ())
        }
    };
    let fields = match &outcome {
        Outcome::Enriched { article, .. } | Outcome::Revision { article, .. } => fields(article),
        Outcome::Duplicate(_) | Outcome::Dead(_) => Vec::new(),
    };
    json!({
        "blocks": blocks(&record, rules),
        "fields": fields,
        "topic": topics.name(outcome.kind().route()),
        "outcome": outcome,
    })
}

/// Every block in order with its judgement, of a record that was rejected too.
fn blocks(record: &Record<()>, rules: &Rules) -> Value {
    let read = || {
        let raw = decode::decode(record.raw.as_deref(), &record.headers, &rules.decode).ok()?;
        let (_, cleaned) = stage::blocks(&raw).ok()?;
        serde_json::to_value(cleaned.blocks).ok()
    };
    // What makes the line panic makes this panic too; the line has said so already.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok().flatten().unwrap_or(Value::Array(Vec::new()))
}

/// Every fact of an article with where it came from.
fn fields(article: &Article) -> Vec<Value> {
    let Ok(Value::Object(record)) = serde_json::to_value(article) else { return Vec::new() };
    let findings = record.into_iter().filter(|(name, _)| !NO_FINDING.contains(&name.as_str()));
    findings
        .map(|(name, value)| {
            let mut field = Map::new();
            if let Some(Ok(Value::Object(from))) = article.provenance.get(&name).map(serde_json::to_value) {
                field = from;
            }
            field.insert("name".into(), name.into());
            field.insert("value".into(), value);
            Value::Object(field)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<nav><a href='/'>Home</a> <a href='/s'>Sport</a></nav><h1>Ferry runs again</h1><p>By Ana Ruiz</p>\
        <p>The night ferry left on time on Tuesday, for the first time since the storm closed the harbour in March.</p>\
        <p>Passengers said that they had waited for hours in the weeks before, and that nobody had told them why.</p>";

    fn explained(raw: &str, kind: &str) -> Value {
        let rules = Rules { max_text: 1 << 20, ..Rules::default() };
        explain(&rules, &Topics::default(), Bytes::from(raw.to_owned()), Some(kind.to_owned()))
    }

    #[test]
    fn a_page_shows_its_blocks_and_where_its_fields_came_from() {
        let value = explained(PAGE, "text/html");
        assert_eq!((&value["outcome"]["outcome"], &value["topic"]), (&"enriched".into(), &"articles.enriched".into()));
        let blocks = value["blocks"].as_array().unwrap();
        assert!(
            blocks.iter().any(|b| b["dropped"].is_null()) && blocks.iter().any(|b| b["dropped"].is_string()),
            "{value}"
        );
        let headline = value["fields"].as_array().unwrap().iter().find(|f| f["name"] == "headline").unwrap();
        assert_eq!((&headline["value"], &headline["source"]), (&"Ferry runs again".into(), &"html".into()));
    }

    #[test]
    fn a_rejected_record_shows_its_blocks_too_and_any_bytes_have_an_answer() {
        let value = explained("<nav><a href='/'>Home</a></nav><p>Too short", "text/html");
        assert_eq!(value["outcome"]["outcome"], "dead");
        assert!(!value["blocks"].as_array().unwrap().is_empty(), "{value}");
        for raw in ["{", "\u{0}", "[1]", "null", "{\"text\": 7}"] {
            assert_eq!(explained(raw, "application/json")["outcome"]["outcome"], "dead", "{raw}");
        }
    }
}
