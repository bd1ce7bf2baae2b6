//! The record between the two halves of the line (`copydesk/cleaned/1`): what topics.cleaned holds where they run apart.
//! It carries everything that the second half reads, so that both together tell the same as one worker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CleanArticle, Judged, Origin, SCHEMA_CLEANED, Story, Verdict};

/// The record between the two halves of the line: a cleaned article that was judged, is to be published, and counts as told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CleanedRecord {
    /// Version of this record, `copydesk/cleaned/1`. A worker reads its own only.
    pub schema: String,
    /// Article id.
    pub id: String,
    /// Where the raw record was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The story it tells, with the place of its print in the log; absent where nobody asks (`dedupe.mode = "off"`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// Why it is published; absent likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The clean article, but for what the record said in fields that this program does not know.
    pub article: CleanArticle,
    /// Those fields, as the text of a JSON object: they may be nested as deep as JSON is read, and here stand no deeper.
    pub extra: String,
}

impl CleanedRecord {
    /// What is handed over for an admitted article that was read at `origin`.
    pub fn new(id: String, mut article: CleanArticle, judged: Option<Judged>, origin: Option<Origin>) -> CleanedRecord {
        // Maps with string keys: serde_json cannot fail on them.
        let extra = serde_json::to_string(&std::mem::take(&mut article.head.extra)).unwrap_or_default();
        let (story, verdict) = judged.map(|Judged { story, verdict }| (story, verdict)).unzip();
        CleanedRecord { schema: SCHEMA_CLEANED.to_owned(), id, origin, story, verdict, article, extra }
    }

    /// What the second half goes on with: the article with all its fields, and the verdict on it.
    ///
    /// # Errors
    /// When `extra` is no JSON object.
    pub fn open(self) -> serde_json::Result<(String, CleanArticle, Option<Judged>)> {
        let CleanedRecord { id, story, verdict, mut article, extra, .. } = self;
        article.head.extra = serde_json::from_str::<Map<String, Value>>(&extra)?;
        let judged = story.zip(verdict).map(|(story, verdict)| Judged { story, verdict });
        Ok((id, article, judged))
    }
}
