//! Names of the meta tags in which pages say when the article was published or changed.
//!
//! Names alone: how far each is believed stands with the reader.

/// Meta tags of first publication, the surest first.
pub(super) const PUBLISHED: [&str; 36] = [
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "date.published",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "publicationdate",
    "publication-date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.published",
    "citation_publication_date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "og:published_time",
    "article.published",
    "published_time",
    "published_time_telegram",
    "rnews:datepublished",
    "datepublicacion",
    "date_published",
    "vr:published_time",
    "pdate",
    "article_date_original",
    "originalpublicationdate",
    "dateposted",
    "og:pubdate",
    "bt:pubdate",
    "article:post_date",
    "published-date",
];

/// Meta tags of a date that is usually the publication's.
pub(super) const DATED: [&str; 13] = [
    "date",
    "dc.date",
    "dcterms.date",
    "dc.date.created",
    "dcterms.created",
    "article:created",
    "datecreated",
    "created",
    "displaydate",
    "og:release_date",
    "og:date",
    "release_date",
    "article.created",
];

/// Meta tags of a change.
pub(super) const MODIFIED: [&str; 17] = [
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "date.modified",
    "lastmod",
    "last-modified",
    "last_modified",
    "article:modified",
    "dc.date.modified",
    "dcterms.modified",
    "article.updated",
    "revision_date",
    "updated_time",
    "modified_time",
    "article:updated",
    "cxenseparse:recs:modifiedtime",
];

/// Names that templates make up, `w-published-date`.
pub(super) fn is_made_up(key: &str) -> bool {
    key.contains("publi")
        && !["publisher", "modif", "expir", "unpubl", "publication_name"].iter().any(|word| key.contains(word))
        && !PUBLISHED.contains(&key)
}
