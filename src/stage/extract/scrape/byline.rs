//! Authors, by the names that sites give to bylines and author links.

use super::{MAX_SEEN, Names, Say, short_text};
use crate::article::page::{BylineMark, PageByline, PageFacts};
use crate::stage::extract::page::some;
use crate::stage::html::{Document, NodeId, Tag};
use crate::stage::url;

/// Reads one element.
pub(super) fn byline(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts) {
    if facts.bylines.len() >= MAX_SEEN {
        return;
    }
    let Some(mark) = byline_mark(tag, names) else { return };
    let shown = || short_text(doc, id).map(|text| apart(doc, id, text));
    let Some(text) = names.content.clone().filter(|_| mark == BylineMark::Itemprop).or_else(shown) else {
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

/// `<span>Ann Example</span><span>Political editor</span>` with the blank that the page's style draws between the two: elements
/// that touch are apart where one ends small and the next begins with a capital.
fn apart(doc: &Document, id: NodeId, mut text: String) -> String {
    for parent in std::iter::once(id).chain(doc.descendants(id)) {
        let children: Vec<NodeId> = doc.children(parent).collect();
        for pair in children.windows(2).filter(|pair| pair.iter().all(|id| doc.tag(*id).is_some())) {
            let (one, next) = (doc.text(pair[0]), doc.text(pair[1]));
            if one.ends_with(char::is_lowercase) && next.starts_with(char::is_uppercase) {
                text = text.replacen(&format!("{one}{next}"), &format!("{one} {next}"), 1);
            }
        }
    }
    text
}

fn link_inside(doc: &Document, id: NodeId) -> Option<String> {
    let link = doc.descendants(id).take(30).find(|id| doc.tag(*id) == Some(Tag::A))?;
    doc.attr(link, "href").and_then(|href| some(href.into_owned()))
}

#[cfg(test)]
mod tests {
    use crate::stage::extract::page;
    use crate::stage::html::{Budget, parse};

    #[test]
    fn names_and_roles_in_elements_of_their_own_stay_apart() {
        for (inside, printed) in [
            ("<span>Ann Example</span><span>Political editor</span>", "Ann Example Political editor"),
            ("<b><i>Ann Example</i><i>Bob Sample</i><i>Oslo</i></b>", "Ann Example Bob Sample Oslo"),
            ("<span>A</span><span>nn Example</span>", "Ann Example"),
            ("Ann Mc<b>Example</b>", "Ann McExample"),
            ("<span>Ann</span> <span>Example</span>", "Ann Example"),
        ] {
            let html =
                format!("<main><h1>Bridge closed</h1><p class=byline>{inside}</p>{}</main>", "<p>x</p>".repeat(20));
            let facts = page::read(&parse(&html, &Budget::default()).unwrap());
            assert_eq!(facts.bylines[0].text, printed, "{inside}");
        }
    }
}
