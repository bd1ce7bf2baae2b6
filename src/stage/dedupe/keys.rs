//! By what an article is recognised before its text is read: content, source and id, address.
//!
//! Content is hashed with BLAKE3, because whoever can forge a content hash can make the desk file somebody else's story
//! as a copy. The value hash only tells a redelivered record from another one at the same place; xxh3 serves.

use serde::{Deserialize, Serialize};

use crate::article::{Body, CleanArticle, DropReason, Head, RawArticle, Source, Status};

/// The keys of one article, and what of it decides whether it may be matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Article id: the feed's, else a hash of source and address, else of the content.
    pub id: String,
    /// Hash of body, headline, byline, status and embargo; without a usable body also of the identity, since all kill
    /// notices look alike.
    pub content: u128,
    /// Hash of source and the feed's id, where the feed gives one.
    pub identity: Option<u128>,
    /// Hash of the canonical address.
    pub url: Option<u128>,
    /// Status of this version.
    pub status: Status,
    /// Not to be published before, milliseconds since 1970-01-01 UTC. A time that cannot be read counts as never.
    pub embargo: Option<i64>,
    /// Version number given by the feed.
    pub version: Option<i64>,
}

impl Keys {
    /// The keys by which it is a version of others, source and id, then address; cut to 64 bits, 0 for none.
    pub fn versions(&self) -> [u64; 2] {
        [self.identity, self.url].map(|key| key.map_or(0, |key| (key as u64).max(1)))
    }
}

/// The keys of an article. `address` is the canonical address as far as known, `embargo` the embargo in milliseconds.
pub fn keys(article: &RawArticle, address: Option<&str>, embargo: Option<i64>) -> Keys {
    let head = &article.head;
    let content = content(article);
    let source = source_key(&head.source);
    let id = match (&head.id, address) {
        (Some(id), _) => id.clone(),
        (None, Some(address)) => hex(hash(&["article", source, address])),
        (None, None) => hex(content),
    };
    let identity = head.id.as_deref().map(|id| hash(&["identity", source, id]));
    let url = self::address(address);
    let bare = matches!(article.body, Body::None) || head.status != Status::Usable;
    let content = if bare { hash(&["notice", &hex(content), source, &id]) } else { content };
    Keys { id, content, identity, url, status: head.status, embargo, version: head.version }
}

/// The key of a canonical address: one with and without `www.`, which lead to one page.
pub fn address(canonical: Option<&str>) -> Option<u128> {
    let bare = |address: &str| address.replacen("://www.", "://", 1);
    canonical.map(|address| hash(&["url", &bare(address)]))
}

/// Hash of what its reader sees of an article: headline, text, captions, who wrote it and when, wherever the page says so. What
/// stands round it on the page is not in it.
pub fn cleaned(article: &CleanArticle) -> u64 {
    let CleanArticle { head, page, blocks, paragraphs, truncated } = article;
    let said =
        |name: &str| ["author", "byl", "date", "time", "publish", "modif"].iter().any(|part| name.contains(part));
    let own = |reason: &DropReason| {
        matches!(reason, DropReason::Headline | DropReason::Byline | DropReason::Credit | DropReason::Caption)
    };
    let headline = head.headline.as_deref().or_else(|| page.headline());
    let mut parts = vec!["article", if truncated.is_some() { "cut" } else { "whole" }];
    let heads = [headline, head.byline.as_deref(), head.published_at.as_deref()];
    parts.extend(heads.map(Option::unwrap_or_default));
    parts.extend(paragraphs.iter().map(String::as_str));
    parts
        .extend(blocks.iter().filter(|block| block.dropped.as_ref().is_some_and(own)).map(|block| block.text.as_str()));
    parts.extend(page.metas.iter().filter(|(name, _)| said(name)).map(|(_, value)| value.as_str()));
    parts.extend(page.bylines.iter().map(|byline| byline.text.as_str()));
    parts.extend(page.stamps.iter().filter_map(|stamp| stamp.value.as_deref()));
    parts.extend(page.scripted.as_deref());
    for data in &page.articles {
        let fields = [&data.headline, &data.published, &data.modified, &data.correction];
        parts.extend(fields.map(|field| field.as_deref().unwrap_or_default()));
        parts.extend(data.authors.iter().map(|author| author.name.as_str()));
    }
    (hash(&parts) as u64).max(1)
}

/// Hash that tells a redelivery from another record at the same position.
pub fn value_hash(value: Option<&[u8]>) -> u128 {
    xxhash_rust::xxh3::xxh3_128(value.unwrap_or_default())
}

fn content(article: &RawArticle) -> u128 {
    let (kind, body) = match &article.body {
        Body::Html(html) => ("html", html.as_str()),
        Body::Text(text) => ("text", text.as_str()),
        Body::Story(story) => ("story", story.as_str()),
        Body::None => ("none", ""),
    };
    let Head { headline, byline, status, embargoed_until, .. } = &article.head;
    let status = match status {
        Status::Usable => "usable",
        Status::Withheld => "withheld",
        Status::Canceled => "canceled",
    };
    let [headline, byline, embargo] = [headline, byline, embargoed_until].map(|field| field.as_deref().unwrap_or(""));
    hash(&["content", kind, body, headline, byline, status, embargo])
}

/// What two records must share to come from one source: the name where given, else the host.
fn source_key(source: &Source) -> &str {
    source.name.as_deref().or(source.domain.as_deref()).unwrap_or_default()
}

/// 128 bits of BLAKE3 over the parts, each with its length before it, so that no two lists of parts collide.
fn hash(parts: &[&str]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

fn hex(hash: u128) -> String {
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(id: Option<&str>, body: Body) -> RawArticle {
        let head = Head { id: id.map(Into::into), ..Head::default() };
        RawArticle { head, body }
    }

    #[test]
    fn the_same_content_has_the_same_hash_whoever_sends_it() {
        let one = article(Some("a"), Body::Html("<p>The ferry is late</p>".into()));
        let two = article(Some("b"), Body::Html("<p>The ferry is late</p>".into()));
        let (one, two) = (keys(&one, None, None), keys(&two, Some("https://b.test/x"), None));
        assert_eq!(one.content, two.content);
        assert_ne!(one.identity, two.identity);
    }

    #[test]
    fn a_changed_headline_or_status_is_other_content() {
        let plain = article(Some("a"), Body::Story("The ferry is late.".into()));
        let mut headline = plain.clone();
        headline.head.headline = Some("Ferry late".into());
        let mut embargoed = plain.clone();
        embargoed.head.embargoed_until = Some("2026-01-01T00:00:00Z".into());
        let hashes = [&plain, &headline, &embargoed].map(|a| keys(a, None, None).content);
        assert_ne!(hashes[0], hashes[1]);
        assert_ne!(hashes[0], hashes[2]);
    }

    #[test]
    fn two_kill_notices_are_not_each_others_copies() {
        let mut one = article(Some("a"), Body::None);
        let mut two = article(Some("b"), Body::None);
        one.head.status = Status::Canceled;
        two.head.status = Status::Canceled;
        assert_ne!(keys(&one, None, None).content, keys(&two, None, None).content);
        assert_eq!(keys(&one, None, None).content, keys(&one.clone(), None, None).content);
    }

    #[test]
    fn an_article_without_id_is_named_by_its_address_then_by_its_content() {
        let page = article(None, Body::Html("<p>x</p>".into()));
        let by_address = keys(&page, Some("https://a.test/x"), None).id;
        assert_eq!(by_address, keys(&article(None, Body::Html("other".into())), Some("https://a.test/x"), None).id);
        assert_eq!(by_address.len(), 32);
        assert_ne!(by_address, keys(&page, None, None).id);
        assert_eq!(keys(&page, None, None).identity, None);
    }

    #[test]
    fn an_address_is_one_with_and_without_www() {
        let [www, bare, other] = ["https://www.a.test/x", "https://a.test/x", "https://b.a.test/x"];
        assert_eq!(address(Some(www)), address(Some(bare)));
        assert_ne!(address(Some(bare)), address(Some(other)));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }
}
