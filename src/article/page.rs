//! What a page says of its article outside the running text, as candidates for every field. Part of the contract of the record
//! between the two halves; `stage::extract` collects and weighs it, nothing here does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Candidates read from the page; small enough to keep after the page itself is gone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PageFacts {
    /// Meta tags: name, property or itemprop in lower case, and content.
    pub metas: Vec<(String, String)>,
    /// Articles that schema.org scripts describe, the likeliest first.
    pub articles: Vec<LdArticle>,
    /// The title element.
    pub title: Option<String>,
    /// First-level headings in order, then what is marked up as the headline.
    pub headings: Vec<Heading>,
    /// The `lang` of the page.
    pub lang: Option<String>,
    /// `link rel=canonical`, as written.
    pub canonical: Option<String>,
    /// A publication time in a script's data, where no schema.org data was found.
    pub scripted: Option<String>,
    /// The body of its article in a template that a script would show, as mark-up. Taken out when the page is clean.
    #[serde(skip)]
    pub template: Option<String>,
    /// Marked-up times.
    pub stamps: Vec<PageStamp>,
    /// Marked-up authors.
    pub bylines: Vec<PageByline>,
    /// Pictures in figures.
    pub images: Vec<PageImage>,
}

/// A heading that may be the headline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Heading {
    /// Its text.
    pub text: String,
    /// How it is marked up.
    pub mark: HeadingMark,
    /// Its place in the page, in nodes.
    pub place: u32,
}

/// How a heading is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeadingMark {
    /// `h1`
    First,
    /// `itemprop=headline`, or a class that says headline.
    Headline,
    /// A class that says subheadline, deck or standfirst.
    Deck,
}

/// A time in the markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageStamp {
    /// The machine-readable value, if any.
    pub value: Option<String>,
    /// The visible text.
    pub text: String,
    /// Published, modified or not said.
    pub kind: StampKind,
    /// How it is marked up.
    pub mark: StampMark,
    /// Its place in the page, in nodes.
    pub place: u32,
}

/// What the markup says a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StampKind {
    /// First publication.
    Published,
    /// Last change.
    Modified,
    /// Not said.
    Unknown,
}

/// How a time is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StampMark {
    /// `itemprop`
    Itemprop,
    /// `time`
    Time,
    /// A class or id.
    Class,
}

/// An author in the markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageByline {
    /// The visible text.
    pub text: String,
    /// The author's page, as written.
    pub url: Option<String>,
    /// How it is marked up.
    pub mark: BylineMark,
    /// Its place in the page, in nodes.
    pub place: u32,
}

/// How an author is marked up, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BylineMark {
    /// `itemprop=author`
    Itemprop,
    /// `rel=author`
    Rel,
    /// A class that says byline.
    Byline,
    /// A link to an author's page.
    Link,
    /// A class that says author.
    Class,
}

/// A picture as the page names it, in a figure or in its data; every value as written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PageImage {
    /// Address.
    pub url: String,
    /// Caption: a figure's, or `caption` or `description` of the data.
    pub caption: Option<String>,
    /// Credit, when marked up apart: `creditText`, `creator` or `copyrightHolder` of the data.
    pub credit: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
}

/// An article as schema.org data describes it; every value as written, entities decoded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LdArticle {
    /// The type that ranked best, `NewsArticle`.
    pub kind: String,
    /// `headline`, else `name`.
    pub headline: Option<String>,
    /// `alternativeHeadline`
    pub subheadline: Option<String>,
    /// `author`, then `creator`.
    pub authors: Vec<LdAuthor>,
    /// `datePublished`
    pub published: Option<String>,
    /// `dateModified`
    pub modified: Option<String>,
    /// `dateCreated` or `uploadDate`
    pub created: Option<String>,
    /// `articleSection`
    pub section: Option<String>,
    /// `genre`
    pub genre: Option<String>,
    /// `inLanguage`
    pub language: Option<String>,
    /// `articleBody`, its first part. Taken out when the page is clean.
    #[serde(skip)]
    pub body: Option<String>,
    /// `image` and `thumbnailUrl`
    pub images: Vec<PageImage>,
    /// `publisher.name`
    pub publisher: Option<String>,
    /// `url`, `mainEntityOfPage` or `@id` when it is an address.
    pub url: Option<String>,
    /// `dateline`
    pub dateline: Option<String>,
    /// `correction`
    pub correction: Option<String>,
    /// Some of it is said not to be free: `isAccessibleForFree` of the article or of one of its parts.
    pub locked: bool,
    /// `cssSelector` of the parts that are not free.
    pub locked_parts: Vec<String>,
}

/// An author as schema.org data names it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LdAuthor {
    /// Name as written.
    pub name: String,
    /// Page of the author.
    pub url: Option<String>,
    /// `jobTitle`
    pub role: Option<String>,
    /// `Some(true)` for a Person, `Some(false)` for an organisation.
    pub person: Option<bool>,
}
