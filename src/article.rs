//! The types that pass between the stages: raw article in, clean article between, enriched record out.
//!
//! [`Article`] is a contract (`copydesk/article/1`): within the version fields are only added, and a field that is not
//! known is absent, never guessed. Nothing here reads or decides anything.

mod block;
mod byline;
mod cleaned;
mod enriched;
mod meaning;
pub mod ninjs;
pub mod page;
mod provenance;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::record::{Offset, Position};
use page::PageFacts;

pub use block::{Block, BlockKind, DropReason};
pub use byline::{Agency, Author, Credit, CreditRole};
pub use cleaned::CleanedRecord;
pub use enriched::{
    Article, Dateline, Editorial, EditorialKind, Image, ImageRole, Language, Precision, Published, Stats, ZoneSource,
};
pub use meaning::{Entity, EntityKind, Keyword, Quote, QuoteKind, Speaker, Topic};
pub use provenance::{FieldSource, Judged, ProducedBy, Provenance, Story, Verdict, VerdictKind};

/// Version of the enriched record.
pub const SCHEMA_ARTICLE: &str = "copydesk/article/1";
/// Version of the record between the two halves of the line.
pub const SCHEMA_CLEANED: &str = "copydesk/cleaned/1";
/// Version of the link record.
pub const SCHEMA_DUPLICATE: &str = "copydesk/duplicate/1";

/// Publication status, as news agencies use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// May be published.
    #[default]
    Usable,
    /// Held back: not to be published for now.
    Withheld,
    /// Withdrawn or killed: must not be published any more. Needs no body.
    Canceled,
}

/// Who sent the article.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Name as the feed gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Host of the publisher, lower case, without `www.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Feed or crawl it came by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
}

impl Source {
    /// True when nothing is known of the source.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.domain.is_none() && self.feed.is_none()
    }
}

/// The text as it arrived. A record with several bodies uses the first of html, text, story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A page or a fragment of one.
    Html(String),
    /// Text that a scraper stored, furniture still in it.
    Text(String),
    /// The bare story: only normalised, never judged too short.
    Story(String),
    /// No body: allowed only for withdrawn and withheld articles.
    None,
}

/// A raw record, decoded: what the feed said of the article, and its body. Dates are still as printed.
#[derive(Debug, Clone, PartialEq)]
pub struct RawArticle {
    /// What the record says besides the body.
    pub head: Head,
    /// The body.
    pub body: Body,
}

/// What a raw record says of its article besides the body. Every field is as the feed wrote it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Id given by the feed.
    pub id: Option<String>,
    /// Address it was read at.
    pub url: Option<String>,
    /// Who sent it.
    pub source: Source,
    /// When the feed or crawler fetched it, as written.
    pub fetched_at: Option<String>,
    /// When it was published, as written.
    pub published_at: Option<String>,
    /// Language tag, as written.
    pub language: Option<String>,
    /// Headline, as written.
    pub headline: Option<String>,
    /// Byline, as written.
    pub byline: Option<String>,
    /// Status; usable when the feed says nothing.
    pub status: Status,
    /// Not to be published before this time, as written.
    pub embargoed_until: Option<String>,
    /// Version number given by the feed.
    pub version: Option<i64>,
    /// Fields this program does not know; they travel along.
    pub extra: Map<String, Value>,
}

/// What clean makes of a raw article: the story in paragraphs, and everything extract will want to know of the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CleanArticle {
    /// What the record said; embargo and withdrawal also where only the text declares them.
    pub head: Head,
    /// What the page said outside its text; empty for text and story bodies.
    pub page: PageFacts,
    /// Every block of the page or text in order, kept or dropped with its reason.
    pub blocks: Vec<Block>,
    /// The story: normalised paragraphs, without headline, byline and furniture.
    pub paragraphs: Vec<String>,
    /// By what it is known that the rest is behind a paywall or was cut, if it is.
    pub truncated: Option<Truncation>,
}

/// By what it is known that a text is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Truncation {
    /// It ends with a mark that says so.
    Mark,
    /// A notice follows it.
    Notice,
    /// The page's data calls the rest locked, and it is not there.
    Locked,
}

impl CleanArticle {
    /// The text as published: paragraphs joined by one blank line.
    pub fn text(&self) -> String {
        self.paragraphs.join("\n\n")
    }

    /// Bytes of memory it takes, about.
    pub fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|block| size_of::<Block>() + block.text.capacity()).sum();
        let paragraphs: usize = self.paragraphs.iter().map(|text| size_of::<String>() + text.capacity()).sum();
        // What the page says is small, and never nested.
        let page = postcard::serialize_with_flavor(&self.page, postcard::ser_flavors::Size::default()).unwrap_or(0);
        size_of::<CleanArticle>() + blocks + paragraphs + page + weight(&self.head.extra, size_of::<Value>())
    }
}

/// What fields with unknown values weigh: their names and text, and `each` more for every name and every value. Walks
/// without recursion.
pub fn weight(fields: &Map<String, Value>, each: usize) -> usize {
    let names = |fields: &Map<String, Value>| fields.keys().map(|name| name.len() + each).sum::<usize>();
    let mut total = names(fields);
    let mut open: Vec<&Value> = fields.values().collect();
    while let Some(value) = open.pop() {
        total += each;
        match value {
            Value::String(text) => total += text.len(),
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                total += names(fields);
                open.extend(fields.values());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    total
}

/// A place in Kafka, as records name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// Topic.
    pub topic: String,
    /// Partition, from 0.
    pub partition: i32,
    /// Offset in the partition.
    pub offset: i64,
    /// Message time, RFC 3339 UTC, when the broker gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

impl Origin {
    /// The origin of a record read at `position`; `timestamp` in milliseconds since 1970-01-01 UTC.
    pub fn new(position: &Position, timestamp: Option<i64>) -> Origin {
        Origin {
            topic: position.topic.to_string(),
            partition: position.partition,
            offset: position.offset.0,
            timestamp: timestamp.and_then(rfc3339),
        }
    }

    /// Where that is.
    pub fn position(&self) -> Position {
        Position { topic: self.topic.as_str().into(), partition: self.partition, offset: Offset(self.offset) }
    }
}

/// Milliseconds since 1970-01-01 UTC as RFC 3339; `None` outside the years that has room for.
pub fn rfc3339(milliseconds: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(milliseconds).ok().map(|t| t.to_string())
}
