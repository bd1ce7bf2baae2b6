//! The enriched record (`copydesk/article/1`) and its parts: what articles.enriched holds. A contract: within the version
//! fields are only added, and a field that is not known is absent. Nothing here reads or decides anything.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Agency, Author, CleanArticle, Credit, Entity, Keyword, Origin, ProducedBy, Provenance, Quote, SCHEMA_ARTICLE,
    Source, Status, Story, Topic, Verdict,
};

/// The enriched record: what `process` puts into an outcome and what articles.enriched holds, byte for byte.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Article {
    /// Version of this record, `copydesk/article/1`.
    pub schema: String,
    /// Article id: the feed's, else a hash of source and canonical URL, else of the content.
    pub id: String,
    /// Address it was read at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address without tracking parameters, mobile and AMP forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// Who sent it.
    #[serde(skip_serializing_if = "Source::is_empty", default)]
    pub source: Source,
    /// Publication status: the record's; canceled too where a text withdraws itself beyond doubt, by an advisory line that is nothing
    /// but the marker, or by a marker and a text that says so.
    pub status: Status,
    /// Not to be published before this time, RFC 3339; a bare day (YYYY-MM-DD) when only the day is known. The record's, else what
    /// the text declares at its top; where day and month can be read in two orders and nothing decides, the later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embargoed_until: Option<String>,
    /// Headline, without the site's tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Line under the headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subheadline: Option<String>,
    /// First paragraph of the story that is not the line under its headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// The story: paragraphs joined by one blank line. Offsets elsewhere count its Unicode code points.
    pub text: String,
    /// True when the page says that the rest is behind a paywall or was cut.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
    /// Section of the site or wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Kind of piece: analysis, opinion, obituary, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre: Option<String>,
    /// The byline as printed, without the day and clock beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byline: Option<String>,
    /// The people in the byline.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub authors: Vec<Author>,
    /// People credited at the end of the story.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub credits: Vec<Credit>,
    /// News agency the story came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<Agency>,
    /// First publication, RFC 3339 with offset; a bare day (YYYY-MM-DD) when only the day is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// Last change, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<String>,
    /// How the publication time was printed and what was assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// Place and day a wire story begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dateline: Option<Dateline>,
    /// Language of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Phrases the text is about, best first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub keywords: Vec<Keyword>,
    /// Subjects, surest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub topics: Vec<Topic>,
    /// Who and what is named, in the order of first mention.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entities: Vec<Entity>,
    /// Words between quotation marks with their speakers, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub quotes: Vec<Quote>,
    /// Pictures that belong to the story.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub images: Vec<Image>,
    /// Wire marker: update, correction, withdrawal, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editorial: Option<Editorial>,
    /// The story this article tells: shared by all its versions and updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// Why it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Counts of the text.
    pub stats: Stats,
    /// Where each field came from.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub provenance: BTreeMap<String, Provenance>,
    /// Where the raw record was read; absent in `process`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Which program wrote this.
    pub produced_by: ProducedBy,
    /// Fields of the raw record this program does not know.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub extra: Map<String, Value>,
}

impl Article {
    /// Drops entities, quotes, keywords and topics: what is shed from a record that is too large.
    pub fn forget_meaning(&mut self) {
        (self.entities, self.quotes) = Default::default();
        (self.keywords, self.topics) = Default::default();
    }

    /// The record of an article of which nothing could be read but what it brought along, without what must be looked at first:
    /// its address and its embargo.
    pub fn bare(article: &CleanArticle) -> Article {
        let head = &article.head;
        Article {
            schema: SCHEMA_ARTICLE.to_owned(),
            source: head.source.clone(),
            status: head.status,
            headline: head.headline.clone(),
            lead: article.paragraphs.first().cloned(),
            text: article.text(),
            truncated: article.truncated.is_some(),
            extra: head.extra.clone(),
            ..Article::default()
        }
    }
}

/// How precisely a time was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Only year and month.
    Month,
    /// The day.
    Day,
    /// Hour and minute.
    Minute,
    /// Seconds.
    Second,
}

/// Where the zone of a printed time came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ZoneSource {
    /// An offset, `Z`, `UTC` or `GMT` was printed.
    Explicit,
    /// A zone abbreviation or name was printed.
    Abbreviation,
    /// Taken from the site or its country.
    Site,
    /// None was printed; UTC was assumed.
    Assumed,
}

/// How the publication time was printed and what was assumed to read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// The time as printed.
    pub raw: String,
    /// How precisely.
    pub precision: Precision,
    /// Where the zone came from; absent for a bare day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_source: Option<ZoneSource>,
    /// True when day and month could be read either way.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub ambiguous: bool,
}

/// Place and day a wire story begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dateline {
    /// The place as printed.
    pub text: String,
    /// The places in normal case.
    pub places: Vec<String>,
    /// YYYY-MM-DD, or --MM-DD when no year is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Language of the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Language {
    /// ISO 639-1 code, lower case.
    pub code: String,
    /// 0.0 to 1.0.
    pub confidence: f64,
}

/// What a picture is to the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImageRole {
    /// The one that stands for the story.
    Lead,
    /// Inside the text.
    Inline,
}

/// A picture that belongs to the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// Absolute http(s) address.
    pub url: String,
    /// Caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Photographer or agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// What it is to the story.
    pub role: ImageRole,
}

/// What a wire marker says of the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EditorialKind {
    /// A later take.
    Update,
    /// Corrects an earlier version.
    Correction,
    /// Sent again to mend a formal error.
    Refile,
    /// Sent again unchanged.
    Repeat,
    /// A rewritten whole.
    Writethru,
    /// A note to editors.
    Advisory,
    /// Withdrawn or killed.
    Withdrawal,
}

/// A wire marker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Editorial {
    /// What it says.
    pub kind: EditorialKind,
    /// Its number: 2 of `UPDATE 2-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// Its text, for corrections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Counts of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Stats {
    /// Words; for scripts without spaces, characters that carry meaning.
    pub words: u32,
    /// Unicode code points.
    pub characters: u32,
    /// Sentences.
    pub sentences: u32,
    /// Seconds at 240 words a minute, 500 characters for scripts without spaces; rounded up.
    pub reading_time_seconds: u32,
}
