//! What would become of one record, and why, by the same functions as `run` and `explain`.
//!
//! The desk's memory is not asked: the answer says what the record is, not whether it was told.

use axum::body::Bytes;

use crate::explain::{Before, Decided, Explanation};
use crate::outcome::Outcome;
use crate::record::Record;
use crate::settings::Settings;
use crate::stage::{self, Prepared, Rules};

/// The decision chain of a record with these bytes. `kind` is its content type, where the sender says one.
pub(super) fn explain(rules: &Rules, settings: &Settings, raw: Bytes, kind: Option<String>) -> Explanation {
    let header = kind.map(|kind| ("content-type".to_owned(), Some(Bytes::from(kind))));
    let headers = header.into_iter().collect();
    let record = Record { headers, raw: Some(raw), ..Record::default() };
    let outcome = match stage::prepare(&record, rules, |_| None, &mut ()) {
        Err(rejection) => Outcome::Dead(rejection),
        Ok(Prepared::Known(keys, kind, matched)) => stage::file(keys.id, kind, &matched, None),
        Ok(Prepared::Clean(keys, article, ..)) => stage::finish(keys.id, &article, None, None, rules, &mut ()),
    };
    let (topics, output) = (&settings.topics, settings.output);
    let decided = Decided { rules, topics, output, keys: None, answer: None, before: Before::Run(&[]), outcome };
    Explanation::new("the record".to_owned(), &record, decided)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const PAGE: &str = "<nav><a href='/'>Home</a> <a href='/s'>Sport</a></nav><h1>Ferry runs again</h1><p>By Ana Ruiz</p>\
        <p>The night ferry left on time on Tuesday, for the first time since the storm closed the harbour in March.</p>\
        <p>Passengers said that they had waited for hours in the weeks before, and that nobody had told them why.</p>";

    fn explained(raw: &str, kind: &str) -> Value {
        let rules = Rules { max_text: 1 << 20, ..Rules::default() };
        let raw = Bytes::from(raw.to_owned());
        serde_json::to_value(explain(&rules, &Settings::default(), raw, Some(kind.to_owned()))).unwrap()
    }

    #[test]
    fn a_page_shows_its_blocks_and_where_its_fields_came_from() {
        let value = explained(PAGE, "text/html");
        assert_eq!(
            (&value["outcome"]["outcome"], &value["published"]["topic"]),
            (&"enriched".into(), &"articles.enriched".into())
        );
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
