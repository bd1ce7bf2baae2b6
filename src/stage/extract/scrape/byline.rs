//! Authors, by the names that sites give to bylines and author links.

use super::{MAX_SEEN, Names, Say, short_text};
use crate::stage::extract::page::{BylineMark, PageByline, PageFacts, some};
use crate::stage::html::{Document, NodeId, Tag};
use crate::stage::url;

/// Reads one element.
pub(super) fn byline(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts) {
    if facts.bylines.len() >= MAX_SEEN {
        return;
    }
    let Some(mark) = byline_mark(tag, names) else { return };
    let Some(text) = names.content.clone().filter(|_| mark == BylineMark::Itemprop).or_else(|| short_text(doc, id))
    else {
        return;
    };
    let url = names.href.as_deref().map(str::to_owned).or_else(|| link_inside(doc, id));
    facts.bylines.push(PageByline { text, url, mark, place: id.index() as u32 });
}

fn byline_mark(tag: Tag, names: &Names) -> Option<BylineMark> {
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
    if names.say(Say::Byline) && !names.say(Say::Bio) {
        return Some(BylineMark::Byline);
    }
    if tag == Tag::A && names.href.as_deref().is_some_and(url::is_author_page) {
        return Some(BylineMark::Link);
    }
    (names.say(Say::Author) && !names.say(Say::Bio)).then_some(BylineMark::Class)
}

fn link_inside(doc: &Document, id: NodeId) -> Option<String> {
    let link = doc.descendants(id).take(30).find(|id| doc.tag(*id) == Some(Tag::A))?;
    doc.attr(link, "href").and_then(|href| some(href.into_owned()))
}
