//! `[decode]`: how bytes become a raw article, and under which names its fields stand.

use std::collections::BTreeMap;

/// `[decode]`: how bytes become a raw article.
#[derive(Debug, Clone, PartialEq)]
pub struct Decode {
    /// Largest body, unpacked, in bytes.
    pub max_body: u64,
    /// For every field of the raw record the names it may have, first match wins; a dot descends into objects.
    pub fields: BTreeMap<RawField, Vec<String>>,
}

impl Default for Decode {
    fn default() -> Self {
        let fields = RawField::ALL.into_iter().map(|f| (f, vec![f.name().to_owned()])).collect();
        Decode { max_body: 5 << 20, fields }
    }
}

/// The fields of a raw record that have a meaning here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // each is the field of the same name in the raw record
pub enum RawField {
    Id,
    Url,
    Source,
    FetchedAt,
    PublishedAt,
    Language,
    Headline,
    Byline,
    Status,
    EmbargoedUntil,
    Version,
    Html,
    Text,
    Story,
}

impl RawField {
    /// Every field.
    pub const ALL: [RawField; 14] = [
        RawField::Id,
        RawField::Url,
        RawField::Source,
        RawField::FetchedAt,
        RawField::PublishedAt,
        RawField::Language,
        RawField::Headline,
        RawField::Byline,
        RawField::Status,
        RawField::EmbargoedUntil,
        RawField::Version,
        RawField::Html,
        RawField::Text,
        RawField::Story,
    ];

    /// The default name in the record, and the key under `[decode.fields]`.
    pub fn name(self) -> &'static str {
        match self {
            RawField::Id => "id",
            RawField::Url => "url",
            RawField::Source => "source",
            RawField::FetchedAt => "fetched_at",
            RawField::PublishedAt => "published_at",
            RawField::Language => "language",
            RawField::Headline => "headline",
            RawField::Byline => "byline",
            RawField::Status => "status",
            RawField::EmbargoedUntil => "embargoed_until",
            RawField::Version => "version",
            RawField::Html => "html",
            RawField::Text => "text",
            RawField::Story => "story",
        }
    }
}
