//! What the desk says of an article: new, or how it relates to one it was matched with.
//!
//! Plain values, made by the ledger alone. They must not depend on what the desk learns later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::verdict::Found;
use crate::outcome::CopyKind;
use crate::record::Position;

/// The desk's verdict on one article.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Log offset of the print that was judged.
    pub sequence: i64,
    /// The verdict.
    pub word: Word,
    /// The story it belongs to.
    pub story: Arc<StoryRef>,
}

/// New, or how an article relates to the told or promised one it was matched with.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    /// Not told before.
    New,
    /// Only a link is published.
    Copy(CopyKind, Match),
    /// Another version of the match.
    Revision(Match),
    /// Repeats the match and adds to it.
    Update(Match),
}

/// What an article was matched with.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The told or promised article.
    pub of: Original,
    /// How it was found.
    pub found: Found,
    /// 0.0 to 1.0, share of the new text that the match covers; absent where the words were not compared.
    pub similarity: Option<f64>,
    /// What differs from it.
    pub differs: Vec<String>,
}

impl Answer {
    /// True when the article is a copy, so that its print is never told.
    pub fn is_copy(&self) -> bool {
        matches!(self.word, Word::Copy(..))
    }
}

/// The published article that another one repeats or revises.
#[derive(Debug, Clone, PartialEq)]
pub struct Original {
    /// Article id.
    pub id: String,
    /// Where it was read.
    pub position: Position,
    /// Message time there, milliseconds since 1970-01-01 UTC.
    pub timestamp: Option<i64>,
    /// Log offset of its print: what a link waits for.
    pub print: i64,
}

/// A story: all versions and updates of one article share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryRef {
    /// Id of the first article.
    pub id: String,
    /// Log time of its print, milliseconds since 1970-01-01 UTC.
    pub first_seen: i64,
}
