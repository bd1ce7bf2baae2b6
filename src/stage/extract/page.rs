//! What a page says of its article outside the running text: candidates for every field, collected while the page's tree is
//! alive. Nothing is judged here beyond "this may be a byline"; every list and string is bounded.

mod own;
mod scripted;

use super::{jsonld, scrape};
use crate::article::page::{HeadingMark, LdArticle, PageFacts};
use crate::stage::html::{Document, NodeId, Tag};
use scripted::scripted;

/// Most metas, stamps, bylines, images, headings of one page. Real pages have fewer that matter.
const MAX_METAS: usize = 120;
pub(super) const MAX_ITEMS: usize = 24;

/// Longest value kept, in bytes.
const MAX_VALUE: usize = 600;

/// Collects what the page says of its article.
pub fn read(doc: &Document) -> PageFacts {
    let mut facts = PageFacts { articles: articles(doc), ..PageFacts::default() };
    for id in doc.descendants(doc.root()) {
        match doc.tag(id) {
            Some(Tag::Meta) => meta(doc, id, &mut facts),
            Some(Tag::Title) if facts.title.is_none() => facts.title = some(doc.text(id)),
            Some(Tag::Html) => {
                facts.lang =
                    doc.attr(id, "lang").or_else(|| doc.attr(id, "xml:lang")).and_then(|lang| some(lang.into_owned()))
            }
            Some(Tag::Link) => link(doc, id, &mut facts),
            _ => {}
        }
    }
    scrape::read(doc, &mut facts);
    if facts.articles.iter().all(|article| article.body.is_none()) {
        facts.template = template(doc);
    }
    if facts.articles.iter().all(|article| article.published.is_none()) {
        facts.scripted = doc.find_all(Tag::Script).find_map(|id| scripted(&doc.raw_text(id)));
    }
    facts
}

fn articles(doc: &Document) -> Vec<LdArticle> {
    let is_data = |id: &NodeId| doc.attr(*id, "type").is_some_and(|kind| kind.to_ascii_lowercase().contains("ld+json"));
    let scripts: Vec<_> =
        doc.find_all(Tag::Script).filter(is_data).take(MAX_ITEMS).map(|id| doc.raw_text(id)).collect();
    jsonld::read(scripts.iter().map(|script| script.as_ref()))
}

/// The one template that holds a text and nothing to be filled in: so some blogs keep their posts.
fn template(doc: &Document) -> Option<String> {
    let is_template =
        |id: &NodeId| doc.attr(*id, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("text/template"));
    let is_text = |text: &String| text.contains("<p") && !["{{", "<%", "${"].iter().any(|field| text.contains(field));
    let mut found =
        doc.find_all(Tag::Script).filter(is_template).map(|id| doc.raw_text(id).into_owned()).filter(is_text);
    found.next().filter(|_| found.next().is_none())
}

fn meta(doc: &Document, id: NodeId, facts: &mut PageFacts) {
    if facts.metas.len() >= MAX_METAS {
        return;
    }
    let (mut name, mut content) = (None, None);
    for (key, value) in doc.attrs(id) {
        match key.to_ascii_lowercase().as_str() {
            "name" | "property" | "itemprop" if name.is_none() => name = some(value.trim().to_ascii_lowercase()),
            "content" => content = some(collapse(&value)),
            _ => {}
        }
    }
    if let (Some(name), Some(content)) = (name, content)
        && name.len() <= 80
    {
        facts.metas.push((name, content));
    }
}

fn link(doc: &Document, id: NodeId, facts: &mut PageFacts) {
    let is_canonical = doc.attr(id, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"));
    if facts.canonical.is_none() && is_canonical {
        facts.canonical = doc.attr(id, "href").and_then(|href| some(href.trim().to_owned()));
    }
}

/// White space collapsed, control characters gone and the length bounded.
pub(super) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_VALUE));
    for word in text.split_whitespace().filter(|word| !word.chars().all(char::is_control)) {
        if out.len() + word.len() >= MAX_VALUE {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().filter(|c| !c.is_control()));
    }
    out
}

/// `None` for nothing.
pub(super) fn some(text: String) -> Option<String> {
    is_some(&text).then_some(text)
}

/// Neither nothing nor longer than any name or address.
pub(super) fn is_some(text: &str) -> bool {
    !text.is_empty() && text.len() <= 2048
}

impl PageFacts {
    /// The first meta of one of these names.
    pub(super) fn meta(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.metas.iter().find(|(key, _)| key == name))
            .map(|(_, content)| content.as_str())
    }

    /// All metas of one of these names, in the order of the page.
    pub(super) fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(|(key, _)| names.contains(&key.as_str())).map(|(_, content)| content.as_str())
    }

    /// The article the scripts describe, when they describe the page's own.
    pub(super) fn article(&self) -> Option<&LdArticle> {
        self.articles.first().filter(|article| jsonld::weight(article) >= 5)
    }

    /// The likeliest headline: an anchor for clean, not yet without the site's tail.
    pub fn headline(&self) -> Option<&str> {
        self.headlines().next()
    }

    /// What may be the headline, the likeliest first.
    pub(super) fn headlines(&self) -> impl Iterator<Item = &str> {
        let data = self.article().and_then(|article| article.headline.as_deref());
        let meta = self.meta(&["og:title", "twitter:title"]);
        let first = self.headings.iter().find(|heading| heading.mark != HeadingMark::Deck);
        let first = first.map(|heading| heading.text.as_str());
        [data, meta, first, self.title.as_deref()].into_iter().flatten()
    }

    /// The body as schema.org data or a template gives it, its first part: an anchor for clean.
    pub fn article_body(&self) -> Option<&str> {
        self.articles.iter().find_map(|article| article.body.as_deref()).or(self.template.as_deref())
    }

    /// True when that body can only be the page's own: no other article there has one.
    pub fn tells_one_story(&self) -> bool {
        self.template.is_some()
            || self.article().is_some_and(|article| article.body.is_some())
                && self.articles.iter().filter(|article| article.body.is_some()).count() == 1
    }

    /// Without the bodies, which nobody asks for once the page is clean.
    pub fn without_bodies(mut self) -> PageFacts {
        self.template = None;
        self.articles.iter_mut().for_each(|article| article.body = None);
        self
    }

    /// What the page's data says is not free to read: CSS selectors of those parts, none for the whole article; `None` when
    /// it says nothing of the kind. Of the page itself and the likeliest article, not of other stories it lists.
    pub fn locked(&self) -> Option<Vec<String>> {
        let pages = self.articles.iter().filter(|article| jsonld::weight(article) < 5);
        let locked: Vec<_> = self.article().into_iter().chain(pages).filter(|article| article.locked).collect();
        let parts = locked.iter().flat_map(|article| &article.locked_parts).cloned().collect();
        (!locked.is_empty()).then_some(parts)
    }

    /// The canonical address the page names, as written.
    pub fn canonical(&self) -> Option<&str> {
        self.canonical.as_deref().or_else(|| self.meta(&["og:url"]))
    }
}
