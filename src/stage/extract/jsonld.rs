//! schema.org data in a page's scripts: the articles it describes. Read leniently, for sites write it by template: trailing
//! commas, raw line breaks, quotation marks inside strings, CDATA, a cut end are mended before the second attempt.
//!
//! Bounded in bytes, nodes and items; walks with a stack of its own, never by recursion over the input.

mod mend;
mod value;

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::article::page::LdArticle;
use crate::stage::text::head;
use mend::parse;
use value::{images, is_locked, locked_parts, name_of, people, resolve, string};

/// Most JSON values looked at in one page.
const MAX_VALUES: usize = 20_000;

/// Most articles kept of one page: more is a list of other stories.
const MAX_ARTICLES: usize = 6;

/// Most authors or images kept of one article.
const MAX_ITEMS: usize = 24;

/// Longest string kept, in bytes, but for the body.
const MAX_STRING: usize = 1_000;

/// Longest article body kept, in bytes.
const MAX_BODY: usize = 100_000;

/// How much a type says that the object is the page's article; 0 for none.
fn rank(kind: &str) -> u8 {
    match kind {
        "NewsArticle"
        | "ReportageNewsArticle"
        | "AnalysisNewsArticle"
        | "OpinionNewsArticle"
        | "BackgroundNewsArticle"
        | "ReviewNewsArticle"
        | "AskPublicNewsArticle"
        | "AdvertiserContentArticle" => 9,
        "LiveBlogPosting"
        | "Report"
        | "BlogPosting"
        | "TechArticle"
        | "SatiricalArticle"
        | "ScholarlyArticle"
        | "MedicalScholarlyArticle" => 8,
        "Article" => 7,
        "SocialMediaPosting" | "DiscussionForumPosting" | "Review" | "Recipe" | "HowTo" | "PodcastEpisode" => 5,
        "VideoObject" | "Event" | "Product" | "Book" => 2,
        "WebPage" | "ItemPage" | "CreativeWork" | "MediaObject" => 3,
        _ => 0,
    }
}

/// How much an article's type says that it is the page's own, 0 to 9.
pub(super) fn weight(article: &LdArticle) -> u8 {
    rank(&article.kind)
}

/// The articles that the scripts of one page describe, the likeliest first.
pub(super) fn read<'s>(scripts: impl IntoIterator<Item = &'s str>) -> Vec<LdArticle> {
    let values: Vec<Value> = scripts.into_iter().filter_map(parse).collect();
    let mut objects: Vec<(u8, &Map<String, Value>)> = Vec::new();
    let mut named: HashMap<&str, &Map<String, Value>> = HashMap::new();
    let mut budget = MAX_VALUES;
    let mut stack: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = stack.pop() {
        budget = match budget.checked_sub(1) {
            Some(left) => left,
            None => break,
        };
        match value {
            Value::Array(items) => stack.extend(items.iter().rev()),
            Value::Object(object) => {
                if let Some(id) = object.get("@id").and_then(Value::as_str)
                    && object.len() > 1
                {
                    named.entry(id).or_insert(object);
                }
                let rank = kinds(object).map(rank).max().unwrap_or(0);
                if rank > 0 {
                    objects.push((rank, object));
                }
                stack.extend(object.iter().filter(|(key, _)| descends(key, rank)).map(|(_, value)| value).rev());
            }
            _ => {}
        }
    }
    // stable: of equals the first in the page
    objects.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    objects.into_iter().take(MAX_ARTICLES).map(|(_, object)| article(object, &named)).collect()
}

/// Other stories hang under these keys; inside an article only what may hold the article itself is followed.
fn descends(key: &str, rank: u8) -> bool {
    let lists = matches!(
        key,
        "itemListElement"
            | "hasPart"
            | "relatedLink"
            | "comment"
            | "mentions"
            | "about"
            | "isPartOf"
            | "citation"
            | "liveBlogUpdate"
            | "review"
            | "suggestedAnswer"
    );
    !lists && (rank < 5 || matches!(key, "@graph" | "mainEntity" | "mainEntityOfPage" | "author" | "creator" | "image"))
}

fn kinds(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let value = object.get("@type");
    let many = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or(&[]);
    let names = value.and_then(Value::as_str).into_iter().chain(many.iter().filter_map(Value::as_str));
    names.map(|name| name.rsplit(['/', '#', ':']).next().unwrap_or(name))
}

fn article(object: &Map<String, Value>, named: &HashMap<&str, &Map<String, Value>>) -> LdArticle {
    let text = |key: &str| object.get(key).and_then(string);
    let mut authors = Vec::new();
    for key in ["author", "creator"] {
        if authors.is_empty() {
            object.get(key).into_iter().for_each(|value| people(value, named, &mut authors));
        }
    }
    let mut pictures = Vec::new();
    for key in ["image", "thumbnailUrl"] {
        object.get(key).into_iter().for_each(|value| images(value, named, &mut pictures));
    }
    let parts = locked_parts(object);
    LdArticle {
        locked: is_locked(object) || parts.is_some(),
        locked_parts: parts.unwrap_or_default(),
        kind: kinds(object).max_by_key(|kind| rank(kind)).unwrap_or("").to_owned(),
        headline: text("headline").or_else(|| text("name")),
        subheadline: text("alternativeHeadline").or_else(|| text("alternateName")),
        authors,
        published: text("datePublished"),
        modified: text("dateModified"),
        created: text("dateCreated").or_else(|| text("uploadDate")),
        section: text("articleSection"),
        genre: text("genre"),
        language: object.get("inLanguage").and_then(|value| name_of(value).or_else(|| string(value))),
        body: object.get("articleBody").and_then(Value::as_str).map(|body| head(body, MAX_BODY).to_owned()),
        images: pictures,
        publisher: object
            .get("publisher")
            .and_then(|value| resolve(value, named))
            .and_then(|p| p.get("name").and_then(string)),
        url: ["url", "mainEntityOfPage", "@id"].iter().find_map(|key| {
            let value = object.get(*key)?;
            let address = value.as_str().or_else(|| value.get("@id")?.as_str())?;
            address.starts_with("http").then(|| head(address, MAX_STRING).to_owned())
        }),
        dateline: text("dateline"),
        correction: text("correction"),
    }
}

#[cfg(test)]
mod tests {
    use super::mend::MAX_SCRIPT;
    use super::*;
    use crate::article::page::LdAuthor;

    #[test]
    fn an_article_in_a_graph_with_its_author_elsewhere() {
        let script = r#"{"@context":"https://schema.org","@graph":[
            {"@type":"WebPage","@id":"https://example.com/a#page","name":"A page"},
            {"@type":["NewsArticle","Article"],"headline":"Bridge &amp; road closed","author":{"@id":"https://example.com/#ann"},
             "datePublished":"2022-04-20T15:23:00Z","image":{"@type":"ImageObject","url":"https://example.com/a.jpg","width":"800","height":{"value":600}},
             "publisher":{"name":"The Desk"},"mainEntityOfPage":{"@id":"https://example.com/a"}},
            {"@type":"Person","@id":"https://example.com/#ann","name":"Ann Example","jobTitle":"Reporter"}]}"#;
        let articles = read([script]);
        let first = &articles[0];
        assert_eq!(first.kind, "NewsArticle");
        assert_eq!(first.headline.as_deref(), Some("Bridge & road closed"));
        assert_eq!(
            first.authors,
            [LdAuthor { name: "Ann Example".into(), url: None, role: Some("Reporter".into()), person: Some(true) }]
        );
        assert_eq!((first.images[0].width, first.images[0].height), (Some(800), Some(600)));
        assert_eq!(first.publisher.as_deref(), Some("The Desk"));
        assert_eq!(first.url.as_deref(), Some("https://example.com/a"));
    }

    #[test]
    fn broken_scripts_are_mended() {
        for script in [
            "{\"@type\":\"Article\",\"headline\":\"One\",}",
            "//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"One\"}\n//]]>",
            "{\"@type\":\"Article\",\n\"headline\":\"One\",\"description\":\"line\nbreak\ttab\"}",
            "{\"@type\":\"Article\",\"description\":\"she said \"no\" twice\",\"headline\":\"One\"}",
            "{\"@type\":\"Article\",\"headline\":\"One\",\"author\":[{\"name\":\"Ann Exam",
            "{\"@type\":\"Article\",\"description\":\"it\\'s\",\"headline\":\"One\"};",
            "/* data */ {\"@type\":\"Article\", /* x */ \"headline\":\"One\"}",
            "[{\"@type\":\"Article\",\"headline\":\"One\"},]",
        ] {
            let articles = read([script]);
            assert_eq!(articles.first().and_then(|article| article.headline.as_deref()), Some("One"), "{script}");
        }
    }

    #[test]
    fn hostile_scripts_are_bounded() {
        let authors =
            format!("{{\"@type\":\"Article\",\"author\":[{}]}}", "{\"name\":\"Ann Example\"},".repeat(10_000));
        assert_eq!(read([authors.as_str()])[0].authors.len(), MAX_ITEMS);
        assert!(read(["[".repeat(100_000).as_str()]).is_empty());
        assert!(read([&*"x".repeat(MAX_SCRIPT + 1)]).is_empty());
        assert!(read(["", "null", "3", "{", "\"", "{\"@type\":{}}", "\u{0}"]).is_empty());
    }

    #[test]
    fn a_list_of_other_stories_is_no_article() {
        let script = r#"{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"Other"}]}"#;
        assert!(read([script]).is_empty());
    }
}
