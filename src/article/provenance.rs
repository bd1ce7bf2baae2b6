//! How an enriched record came about: which story it tells and why it was published, where each field came from, which program
//! wrote it. Part of the contract of the record; nothing here reads or decides anything.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::closed::closed;

/// The story an article tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Story {
    /// Id of the first article that told it.
    pub id: String,
    /// Place in the order of all verdicts: where versions overtake each other, the highest is the newest.
    pub sequence: i64,
    /// When the first article that told it was judged, RFC 3339; absent in `process`, which has no log clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen_at: Option<String>,
}

/// What the desk decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VerdictKind {
    /// Not told before.
    New,
    /// Told before; published only where `dedupe.mode = "mark"`.
    Copy,
    /// Same source and id, or same canonical URL, with other content: a new version.
    Revision,
    /// Another article that repeats a told story, by its words, and adds to it or corrects it; which of these its own marker says is
    /// in `editorial`.
    Update,
}

/// Why an article was published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What the desk decided.
    pub kind: VerdictKind,
    /// Id of the article it repeats or revises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Where that article was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_origin: Option<Origin>,
    /// 0.0 to 1.0, where compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// What differs, as far as the prints tell.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub differs: Vec<String>,
}

/// The desk's answer as the record of its article tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The story the article tells.
    pub story: Story,
    /// Why it is published.
    pub verdict: Verdict,
}

closed! {
    /// Where a field came from.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum FieldSource {
        /// The raw record said so.
        Record = "record",
        /// schema.org data in the page.
        JsonLd = "json_ld",
        /// A meta tag.
        Meta = "meta",
        /// Visible markup.
        Html = "html",
        /// The running text.
        Text = "text",
        /// The address.
        Url = "url",
        /// A trained model.
        Model = "model",
    }
}

/// Where a field came from, by which rule, how sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Where it was read.
    pub source: FieldSource,
    /// Name of the rule that chose it.
    pub rule: String,
    /// 0.0 to 1.0.
    pub confidence: f64,
}

/// Which program wrote the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProducedBy {
    /// Version of copydesk.
    pub version: String,
    /// Versions of the models used, by name.
    #[serde(default)]
    pub models: BTreeMap<String, String>,
}

impl Default for ProducedBy {
    fn default() -> Self {
        ProducedBy { version: env!("CARGO_PKG_VERSION").to_owned(), models: BTreeMap::new() }
    }
}
