//! `schema`: the records as JSON Schema.

use schemars::{JsonSchema, Schema, schema_for};
use serde_json::{Map, Value};

use super::{Exit, Global, print};
use crate::article::{Article, CleanedRecord, Status};
use crate::outcome::{Duplicate, Outcome};

/// Prints the JSON Schema of a record
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// article: what articles.enriched holds; duplicate: what articles.duplicates holds; raw: what articles.raw may
    /// hold; outcome: what process prints; cleaned: what topics.cleaned holds between the halves of the line
    #[arg(value_enum, default_value_t = Record::Article)]
    record: Record,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Record {
    Article,
    Duplicate,
    Raw,
    Outcome,
    Cleaned,
}

pub(super) fn run(args: &Args, _global: &Global) -> anyhow::Result<Exit> {
    print(&format!("{}\n", serde_json::to_string_pretty(&schema(args.record))?))?;
    Ok(Exit::Done)
}

fn schema(record: Record) -> Schema {
    match record {
        Record::Article => schema_for!(Article),
        Record::Duplicate => schema_for!(Duplicate),
        Record::Raw => schema_for!(RawRecord),
        Record::Outcome => schema_for!(Outcome),
        Record::Cleaned => schema_for!(CleanedRecord),
    }
}

/// A raw record with the default field names (`[decode.fields]` gives others). Every field may be absent or null; a
/// record with several bodies uses the first of html, text, story. A list of one value is that value. Unknown fields
/// travel along in `extra`.
#[derive(JsonSchema)]
#[allow(dead_code)] // exists for its schema: decode reads the record by the names of the configuration
struct RawRecord {
    /// Id given by the feed.
    id: Option<TextOrInteger>,
    /// Address it was read at.
    url: Option<String>,
    /// Who sent it: a name, or an object.
    source: Option<RawSource>,
    /// When the feed or crawler fetched it: any form of a date, or seconds or milliseconds since 1970.
    fetched_at: Option<Time>,
    /// When it was published, likewise.
    published_at: Option<Time>,
    /// Language tag; of several the first counts.
    language: Option<TextOrTexts>,
    /// Headline.
    headline: Option<String>,
    /// Byline, or several; of an object its `name`.
    byline: Option<TextOrTexts>,
    /// Status; usable when absent. A canceled or withheld record needs no body.
    status: Option<Status>,
    /// Not to be published before this time, likewise; what cannot be read is refused.
    embargoed_until: Option<Time>,
    /// Version number; text holds one too.
    version: Option<TextOrInteger>,
    /// A page or a fragment of one, or a list of elements.
    html: Option<TextOrTexts>,
    /// Text that a scraper stored, furniture still in it, or a list of paragraphs; Markdown too.
    text: Option<TextOrTexts>,
    /// The bare story, or a list of its paragraphs: only normalised.
    story: Option<TextOrTexts>,
    /// Any other field.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // see RawRecord
enum TextOrInteger {
    Text(String),
    Integer(i64),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // see RawRecord
enum TextOrTexts {
    Text(String),
    Texts(Vec<String>),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // see RawRecord
enum Time {
    /// Any form of a date.
    Text(String),
    /// Seconds or milliseconds, with or without a fraction.
    Number(f64),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // see RawRecord
enum RawSource {
    /// The name alone.
    Name(String),
    /// All of them.
    Parts { name: Option<String>, domain: Option<String>, feed: Option<String> },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{CopyKind, Reason, Rejection, Stage};
    use serde_json::json;

    fn valid(record: Record, value: &Value) -> bool {
        jsonschema::validator_for(schema(record).as_value()).unwrap().is_valid(value)
    }

    #[test]
    fn records_are_valid_by_their_own_schema_and_others_are_not() {
        let link = Duplicate::new("b".into(), "a".into(), CopyKind::Near);
        assert!(valid(Record::Duplicate, &serde_json::to_value(&link).unwrap()));
        assert!(valid(Record::Outcome, &serde_json::to_value(Outcome::Duplicate(link)).unwrap()));
        let dead = Outcome::Dead(Rejection::new(Stage::Clean, Reason::NoStory, "no story"));
        assert!(valid(Record::Outcome, &serde_json::to_value(dead).unwrap()));
        assert!(valid(Record::Article, &serde_json::to_value(Article::default()).unwrap()));
        assert!(!valid(Record::Article, &json!({"id": "a"})));
        assert!(!valid(Record::Outcome, &json!({"outcome": "lost"})));
    }

    #[test]
    fn a_raw_record_may_have_fields_of_its_own() {
        assert!(valid(Record::Raw, &json!({"id": 7, "html": "<p>x", "source": {"name": "Herald"}, "desk": [1]})));
        assert!(valid(Record::Raw, &json!({"text": "x", "source": "Herald", "byline": null})));
        assert!(valid(Record::Raw, &json!({"text": "x", "byline": ["Ann Example", "Bob Sample"], "language": ["en"]})));
        assert!(!valid(Record::Raw, &json!({"text": "x", "byline": 5})));
        assert!(!valid(Record::Raw, &json!({"text": 7})));
        assert!(!valid(Record::Raw, &json!([])));
    }

    #[test]
    fn the_raw_schema_has_the_fields_that_decode_reads() {
        let schema = schema(Record::Raw);
        let properties = schema.get("properties").and_then(Value::as_object).unwrap();
        for field in crate::settings::RawField::ALL {
            assert!(properties.contains_key(field.name()), "{}", field.name());
        }
        assert_eq!(properties.len(), crate::settings::RawField::ALL.len());
    }
}
