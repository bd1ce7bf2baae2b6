//! The closed sets everything else hangs on: what can become of a record, why one is rejected, where each outcome goes.
//!
//! A new outcome, reason or topic is added here; no match over these types has a catch-all arm, so the compiler then
//! names every place that must decide. Nothing here does I/O.

mod reason;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::article::{Article, Origin};
use crate::closed::closed;
pub use reason::{Class, Reason, Rejection};

closed! {
    /// The stages of the line, in order; the label of stage metrics and of dead letters.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Stage {
        /// Bytes to a raw article.
        Decode = "decode",
        /// Was this, or this story, already told?
        Dedupe = "dedupe",
        /// Page to paragraphs.
        Clean = "clean",
        /// Paragraphs and page to the facts a newsroom files by.
        Extract = "extract",
        /// Link to page; only where the fetch stage runs.
        Fetch = "fetch",
    }
}

/// How sure a copy is: the same article, or the same story in nearly the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CopyKind {
    /// Equal content, or another version of one article whose headline, text, byline and dates are equal.
    Exact,
    /// A story already told, in nearly the same words, or an older version of it that arrived late.
    Near,
}

/// Why an article is published although it is no new story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RevisionKind {
    /// Same source and id, or same canonical URL, with other content.
    Revision,
    /// Another article that repeats a told story, by its words, and adds to it or corrects it; which of these its own marker says is
    /// in `editorial`.
    Update,
}

/// The link record of a duplicate: what `process` prints and what articles.duplicates holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Duplicate {
    /// Version of this record, `copydesk/duplicate/1`; absent in `process`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Id of the article that was not published.
    pub id: String,
    /// Id of the published article it repeats.
    pub of: String,
    /// How sure.
    pub kind: CopyKind,
    /// 0.0 to 1.0, share of the new text that the told story covers; 1.0 for equal content, absent where not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// Where the published article was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_origin: Option<Origin>,
    /// What differs, as far as the prints tell: `content`, `url`, `version`, `headline`, `numbers`, `text added`, `text cut`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub differs: Vec<String>,
    /// Where this article was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl Duplicate {
    /// A link of `id` to `of`, without the optional fields.
    pub fn new(id: String, of: String, kind: CopyKind) -> Duplicate {
        Duplicate { schema: None, id, of, kind, similarity: None, of_origin: None, differs: Vec::new(), origin: None }
    }
}

/// What became of one record. Exactly one of these for every record taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// A new story.
    Enriched {
        /// Article id.
        id: String,
        /// What is published.
        article: Box<Article>,
    },
    /// A told story in a new version, or with something added.
    Revision {
        /// Article id.
        id: String,
        /// Id of the published article this one revises.
        revises: String,
        /// Why it is published again.
        kind: RevisionKind,
        /// What is published.
        article: Box<Article>,
    },
    /// A story already told: only a link is published.
    Duplicate(Duplicate),
    /// Nothing to publish: the original bytes go to the dead letters.
    Dead(Rejection),
}

closed! {
    /// The name of an outcome, the label of `records_total`.
    pub enum OutcomeKind {
        /// See [`Outcome::Enriched`].
        Enriched = "enriched",
        /// See [`Outcome::Revision`].
        Revision = "revision",
        /// See [`Outcome::Duplicate`].
        Duplicate = "duplicate",
        /// See [`Outcome::Dead`].
        Dead = "dead",
    }
}

impl OutcomeKind {
    /// The topic an outcome goes to.
    pub fn route(self) -> Route {
        match self {
            OutcomeKind::Enriched | OutcomeKind::Revision => Route::Enriched,
            OutcomeKind::Duplicate => Route::Duplicates,
            OutcomeKind::Dead => Route::Dead,
        }
    }
}

impl Outcome {
    /// Which of the four.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Enriched { .. } => OutcomeKind::Enriched,
            Outcome::Revision { .. } => OutcomeKind::Revision,
            Outcome::Duplicate(_) => OutcomeKind::Duplicate,
            Outcome::Dead(_) => OutcomeKind::Dead,
        }
    }
}

closed! {
    /// The topics this program writes or reads, by what they are for; the name is the key under `[topics]`. Settings, `check`
    /// and `topics` walk this list.
    pub enum Route {
        /// Input: raw articles.
        Raw = "raw",
        /// Output: new stories and revisions.
        Enriched = "enriched",
        /// Output: link records.
        Duplicates = "duplicates",
        /// Output: original bytes and the reason.
        Dead = "dead",
        /// The print log: one partition, read and written by every worker.
        Prints = "prints",
        /// Input of the fetch stage: records that carry only a URL.
        Links = "links",
        /// Between the halves of the line, where they run apart: cleaned articles with their verdicts.
        Cleaned = "cleaned",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_serde_writes() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
        for stage in Stage::ALL {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.name());
        }
    }

    #[test]
    fn a_dead_outcome_prints_as_the_contract_says() {
        let dead = Outcome::Dead(Rejection::new(Stage::Decode, Reason::NotJson, "no JSON at byte 0"));
        assert_eq!(
            serde_json::to_string(&dead).unwrap(),
            r#"{"outcome":"dead","stage":"decode","reason":"not_json","detail":"no JSON at byte 0"}"#
        );
    }
}
