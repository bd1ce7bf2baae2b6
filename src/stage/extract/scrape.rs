//! Visible markup: headings, times, authors and pictures, by the names sites give them. Nothing is judged but whether the place
//! can belong to the article at all: comments, related stories and menus are passed over.

use super::page::{
    BylineMark, Heading, HeadingMark, MAX_ITEMS, PageByline, PageFacts, PageImage, PageStamp, StampKind, StampMark,
    collapse, some,
};
use crate::stage::html::{Document, NodeId, Tag};

/// Longest text of a byline or stamp, in bytes. Longer: a paragraph whose class says "author".
const MAX_LINE: usize = 300;

/// Attributes of one element that names are read from.
#[derive(Default)]
struct Names {
    /// Class and id in lower case.
    class: String,
    itemprop: String,
    rel: String,
    href: Option<String>,
    datetime: Option<String>,
    title: Option<String>,
    content: Option<String>,
}

impl Names {
    fn of(doc: &Document, id: NodeId) -> Names {
        let mut names = Names::default();
        for (key, value) in doc.attrs(id).take(24) {
            match key {
                "class" | "id" | "data-testid" | "data-component" | "data-qa" | "data-type" if value.len() <= 400 => {
                    names.class.push_str(&value.to_ascii_lowercase());
                    names.class.push(' ');
                }
                "itemprop" => names.itemprop = value.to_ascii_lowercase(),
                "rel" => names.rel = value.to_ascii_lowercase(),
                "href" => names.href = some(value.into_owned()),
                "datetime" | "data-datetime" | "data-timestamp" | "data-published" | "data-date"
                    if names.datetime.is_none() =>
                {
                    names.datetime = some(value.trim().to_owned())
                }
                "title"
                    if names.datetime.is_none()
                        && value.bytes().filter(u8::is_ascii_digit).count() >= 6
                        && value.len() < 60 =>
                {
                    names.title = some(value.trim().to_owned())
                }
                "content" => names.content = some(value.trim().to_owned()),
                _ => {}
            }
        }
        names
    }

    /// True when a word of class or id contains one of these.
    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.class.contains(word))
    }
}

/// Reads the visible markup of a page.
pub(super) fn read(doc: &Document, facts: &mut PageFacts) {
    let mut next = doc.descendants(doc.root()).next();
    while let Some(id) = next {
        let skip = doc.tag(id).is_some_and(|tag| element(doc, id, tag, facts));
        next = if skip { doc.after(id) } else { following(doc, id) };
    }
}

fn following(doc: &Document, id: NodeId) -> Option<NodeId> {
    doc.descendants(id).next().or_else(|| doc.after(id))
}

/// Reads one element; true when what lies below is no part of the article.
fn element(doc: &Document, id: NodeId, tag: Tag, facts: &mut PageFacts) -> bool {
    if matches!(
        tag,
        Tag::Script
            | Tag::Style
            | Tag::Nav
            | Tag::Footer
            | Tag::Svg
            | Tag::Template
            | Tag::Head
            | Tag::Meta
            | Tag::Iframe
            | Tag::Select
    ) {
        if tag == Tag::Meta {
            hidden_stamp(doc, id, facts);
        }
        return matches!(
            tag,
            Tag::Script
                | Tag::Style
                | Tag::Nav
                | Tag::Footer
                | Tag::Svg
                | Tag::Template
                | Tag::Iframe
                | Tag::Select
                | Tag::Head
        );
    }
    if tag == Tag::Figure {
        figure(doc, id, facts);
    }
    let names = Names::of(doc, id);
    if is_aside(tag, &names) {
        return true;
    }
    heading(doc, id, tag, &names, facts);
    stamp(doc, id, tag, &names, facts);
    byline(doc, id, tag, &names, facts);
    false
}

/// Comments, related stories, menus: their authors and times are others'.
fn is_aside(tag: Tag, names: &Names) -> bool {
    const ASIDE: [&str; 14] = [
        "comment-",
        "comments",
        "related",
        "recommend",
        "sidebar",
        "most-read",
        "mostread",
        "popular",
        "trending",
        "newsletter",
        "footer",
        "more-stories",
        "read-next",
        "widget-area",
    ];
    matches!(tag, Tag::Div | Tag::Section | Tag::Aside | Tag::Ul | Tag::Ol | Tag::Li)
        && names.says(&ASIDE)
        && !names.says(&[
            "article-body",
            "main-content",
            "has-sidebar",
            "with-sidebar",
            "no-sidebar",
            "content-sidebar",
            "sidebar-right",
            "sidebar-left",
            "commentary",
            "layout",
            "wrapper",
            "container",
            "main",
        ])
}

fn heading(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts) {
    if facts.headings.len() >= MAX_ITEMS {
        return;
    }
    let is_deck = names.says(&[
        "subhead",
        "sub-head",
        "subtitle",
        "sub-title",
        "standfirst",
        "article-deck",
        "headline-deck",
        "dek",
        "article__deck",
        "kicker-text",
    ]) || names.itemprop == "alternativeheadline";
    let mark = match tag {
        Tag::H1 => HeadingMark::First,
        Tag::H2 | Tag::P | Tag::Div | Tag::H3 | Tag::H4 if is_deck => HeadingMark::Deck,
        Tag::H2 | Tag::Div | Tag::Span | Tag::P if names.itemprop.contains("headline") => HeadingMark::Headline,
        Tag::H2 if names.says(&["headline", "article-title", "entry-title", "post-title", "article__title"]) => {
            HeadingMark::Headline
        }
        _ => return,
    };
    let text = collapse(&doc.text(id));
    if (2..=MAX_LINE).contains(&text.len()) {
        facts.headings.push(Heading { text, mark, place: id.index() as u32 });
    }
}

/// A `meta itemprop=datePublished` in the body.
fn hidden_stamp(doc: &Document, id: NodeId, facts: &mut PageFacts) {
    let names = Names::of(doc, id);
    if let Some(kind) = itemprop_kind(&names.itemprop)
        && let Some(value) = names.content
    {
        push_stamp(
            facts,
            PageStamp {
                value: Some(value),
                text: String::new(),
                kind,
                mark: StampMark::Itemprop,
                place: id.index() as u32,
            },
        );
    }
}

fn itemprop_kind(itemprop: &str) -> Option<StampKind> {
    if itemprop.contains("datepublished") {
        Some(StampKind::Published)
    } else if itemprop.contains("datemodified") {
        Some(StampKind::Modified)
    } else if itemprop.contains("datecreated") {
        Some(StampKind::Unknown)
    } else {
        None
    }
}

fn push_stamp(facts: &mut PageFacts, stamp: PageStamp) {
    if facts.stamps.len() < MAX_ITEMS {
        facts.stamps.push(stamp);
    }
}

const STAMP_CLASSES: [&str; 25] = [
    "date",
    "time",
    "publish",
    "posted",
    "datum",
    "fecha",
    "datetime",
    "byline",
    "entry-meta",
    "article-meta",
    "post-meta",
    "article-info",
    "meta-info",
    "pub-",
    "updated",
    "modified",
    "zeit",
    "uhrzeit",
    "article__meta",
    "articlemeta",
    "postmeta",
    "created",
    "dato",
    "tarih",
    "publi",
];

fn stamp(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts) {
    let itemprop = itemprop_kind(&names.itemprop);
    let mark = if itemprop.is_some() {
        StampMark::Itemprop
    } else if tag == Tag::Time {
        StampMark::Time
    } else if matches!(
        tag,
        Tag::Span
            | Tag::Div
            | Tag::P
            | Tag::Li
            | Tag::A
            | Tag::Abbr
            | Tag::Em
            | Tag::Small
            | Tag::Strong
            | Tag::Td
            | Tag::H4
            | Tag::H5
            | Tag::H6
            | Tag::Dd
            | Tag::B
            | Tag::I
    ) && names.says(&STAMP_CLASSES)
    {
        StampMark::Class
    } else {
        return;
    };
    let text = short_text(doc, id).unwrap_or_default();
    let value = names.datetime.clone().or_else(|| names.content.clone()).or_else(|| names.title.clone());
    if mark == StampMark::Class && !text.chars().any(char::is_numeric) || value.is_none() && text.is_empty() {
        return;
    }
    let modified = names.says(&["updated", "modif", "update"]) && !names.says(&["publish"]);
    let kind = itemprop.unwrap_or(match (modified, names.says(&["publish", "posted", "pubdate", "created"])) {
        (true, _) => StampKind::Modified,
        (false, true) => StampKind::Published,
        _ => StampKind::Unknown,
    });
    push_stamp(facts, PageStamp { value, text, kind, mark, place: id.index() as u32 });
}

/// Nodes below an element.
fn size(doc: &Document, id: NodeId) -> usize {
    doc.descendants(id).size_hint().0
}

/// The text of an element that is no longer than a line.
fn short_text(doc: &Document, id: NodeId) -> Option<String> {
    // an element of many nodes holds more than a line: not worth reading
    if size(doc, id) > 60 {
        return None;
    }
    let text = doc.text(id);
    (text.len() <= MAX_LINE && !text.is_empty()).then_some(text)
}

fn byline(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts) {
    if facts.bylines.len() >= MAX_ITEMS {
        return;
    }
    let Some(mark) = byline_mark(tag, names) else { return };
    let Some(text) = names.content.clone().filter(|_| mark == BylineMark::Itemprop).or_else(|| short_text(doc, id))
    else {
        return;
    };
    let url = names.href.clone().or_else(|| link_inside(doc, id));
    facts.bylines.push(PageByline { text, url, mark, place: id.index() as u32 });
}

fn byline_mark(tag: Tag, names: &Names) -> Option<BylineMark> {
    const BIO: [&str; 12] = [
        "bio",
        "avatar",
        "image",
        "photo",
        "description",
        "social",
        "follow",
        "authority",
        "authoriz",
        "author-box",
        "about",
        "share",
    ];
    if names.itemprop.split(' ').any(|name| name == "author" || name == "creator") {
        return Some(BylineMark::Itemprop);
    }
    if names.rel.split(' ').any(|rel| rel == "author") {
        return Some(BylineMark::Rel);
    }
    if matches!(
        tag,
        Tag::Img
            | Tag::Body
            | Tag::Main
            | Tag::Article
            | Tag::Html
            | Tag::Form
            | Tag::Button
            | Tag::Figure
            | Tag::Figcaption
    ) {
        return None;
    }
    if names.says(&["byline", "by-line", "signature"]) && !names.says(&BIO) {
        return Some(BylineMark::Byline);
    }
    if tag == Tag::A {
        const PATHS: [&str; 14] = [
            "/author/",
            "/authors/",
            "/autor/",
            "/auteur/",
            "/autore/",
            "/autori/",
            "/staff/",
            "/people/",
            "/by/",
            "/profile/",
            "/contributor/",
            "/contributors/",
            "/journalist/",
            "/reporter/",
        ];
        if names.href.as_deref().is_some_and(|href| PATHS.iter().any(|path| href.contains(path))) {
            return Some(BylineMark::Link);
        }
    }
    let says = names.says(&[
        "author",
        "auteur",
        "autor",
        "writer",
        "reporter",
        "contributor",
        "redakteur",
        "journalist",
        "creator",
        "skribent",
        "firma",
    ]);
    (says && !names.says(&BIO)).then_some(BylineMark::Class)
}

fn link_inside(doc: &Document, id: NodeId) -> Option<String> {
    let link = doc.descendants(id).take(30).find(|id| doc.tag(*id) == Some(Tag::A))?;
    doc.attr(link, "href").and_then(|href| some(href.into_owned()))
}

fn figure(doc: &Document, id: NodeId, facts: &mut PageFacts) {
    if facts.images.len() >= MAX_ITEMS || size(doc, id) > 200 {
        return;
    }
    let Some(image) = doc.descendants(id).find(|id| doc.tag(*id) == Some(Tag::Img)) else { return };
    let attr = |name: &str| doc.attr(image, name).map(|value| value.trim().to_owned());
    let source = ["src", "data-src", "data-original", "data-lazy-src"]
        .iter()
        .filter_map(|name| attr(name))
        .find(|url| !url.is_empty() && !url.starts_with("data:"));
    let Some(url) = source.or_else(|| largest(&attr("srcset").or_else(|| attr("data-srcset"))?)) else { return };
    let text = doc.descendants(id).find(|id| doc.tag(*id) == Some(Tag::Figcaption));
    let credit = doc.descendants(text.unwrap_or(id)).find(|id| {
        let names = Names::of(doc, *id);
        doc.tag(*id).is_some() && names.says(&["credit", "copyright", "source", "photographer", "byline"])
    });
    let credit_text = credit.map(|id| collapse(&doc.text(id))).filter(|text| !text.is_empty());
    let caption =
        text.map(|id| collapse(&doc.text(id))).and_then(|caption| without_credit(&caption, credit_text.as_deref()));
    let pixels = |name: &str| {
        attr(name).and_then(|value| value.parse::<u32>().ok()).filter(|pixels| (1..100_000).contains(pixels))
    };
    facts.images.push(PageImage {
        url,
        caption,
        credit: credit_text,
        width: pixels("width"),
        height: pixels("height"),
    });
}

/// The caption without the credit that stands inside it.
fn without_credit(caption: &str, credit: Option<&str>) -> Option<String> {
    let rest = match credit {
        Some(credit) => caption.replacen(credit, "", 1),
        None => caption.to_owned(),
    };
    some(rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '|' | '/' | '-' | '–')).to_owned())
}

/// The last address of a srcset, which is the largest by custom.
fn largest(srcset: &str) -> Option<String> {
    let last = srcset.split(", ").filter_map(|part| part.split_whitespace().next()).last()?;
    some(last.trim_end_matches(',').to_owned()).filter(|url| !url.starts_with("data:"))
}
