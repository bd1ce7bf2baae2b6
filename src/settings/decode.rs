//! `[decode]`: how bytes become a raw article, and under which names its fields stand.

use std::collections::BTreeMap;

use crate::closed::closed;

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

closed! {
    /// The fields of a raw record that have a meaning here. Their names are the default names in the record, and the keys
    /// under `[decode.fields]`.
    #[allow(missing_docs)] // each is the field of the same name in the raw record
    pub enum RawField {
        Id = "id",
        Url = "url",
        Source = "source",
        FetchedAt = "fetched_at",
        PublishedAt = "published_at",
        Language = "language",
        Headline = "headline",
        Byline = "byline",
        Status = "status",
        EmbargoedUntil = "embargoed_until",
        Version = "version",
        Html = "html",
        Text = "text",
        Story = "story",
    }
}
