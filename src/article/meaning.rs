//! What a text is about, as the record tells it: entities, quotes, keywords, topics. A contract like the rest of the record.
//! Offsets count Unicode code points of `text`; an end is exclusive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of thing a name or an expression stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// A human being.
    Person,
    /// A company, party, team, authority, agency.
    Organisation,
    /// A country, town, region, river, building.
    Place,
    /// Any other name: a people, an event, a law, a work.
    Misc,
    /// A sum with its currency.
    Money,
    /// A share.
    Percent,
    /// A day or a span of days.
    Date,
}

/// Something the text names, with all its mentions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// `e1`, `e2`, … in the order of first mention; quotes refer to it.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EntityKind,
    /// The fullest form of the name in the text.
    pub name: String,
    /// How often it is mentioned.
    pub count: u32,
    /// Start and end of each mention.
    pub mentions: Vec<[u32; 2]>,
    /// Normal form: an ISO 3166 code for a country, `USD 1200000` for money, `12.5` for a percentage, YYYY-MM-DD for a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub norm: Option<String>,
    /// 0.0 to 1.0.
    pub confidence: f64,
}

/// Whether a quote is a sentence of its own or woven into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuoteKind {
    /// Whole sentences between quotation marks.
    Direct,
    /// Part of a sentence between quotation marks.
    Mixed,
}

/// Who said a quote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Speaker {
    /// The fullest name known for the speaker, else what the text calls them.
    pub name: String,
    /// What the text calls them at the quote.
    pub text: String,
    /// Where that stands.
    pub start: u32,
    /// Exclusive.
    pub end: u32,
    /// The entity, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<String>,
}

/// Words between quotation marks, and who said them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// The words, without the marks.
    pub text: String,
    /// Where the words start.
    pub start: u32,
    /// Exclusive.
    pub end: u32,
    /// Direct or mixed.
    pub kind: QuoteKind,
    /// Who said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// The word that says that they said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cue: Option<String>,
    /// 0.0 to 1.0, of the speaker where there is one.
    pub confidence: f64,
}

/// A phrase the text is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Keyword {
    /// As it stands in the text.
    pub text: String,
    /// 0.0 to 1.0, falling.
    pub score: f64,
}

/// A subject of the IPTC Media Topics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Topic {
    /// `http://cv.iptc.org/newscodes/mediatopic/20000771`
    pub uri: String,
    /// `medtop:20000771`
    pub qcode: String,
    /// English name.
    pub name: String,
    /// 0.0 to 1.0.
    pub confidence: f64,
}
