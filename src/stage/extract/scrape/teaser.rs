//! What stands under the running text with a headline of its own: teasers of other stories, the next article of an endless page.
//! Their authors and times are others'.
//!
//! A part counts as another story's only when it begins after the story is well under way; what stands before or around the text
//! is never judged.

use super::Say;
use crate::article::page::PageFacts;
use crate::stage::extract::name;
use crate::stage::extract::opening::key;
use crate::stage::html::{Document, NodeId, Tag};
use crate::stage::url;

/// Shortest text that is part of a sentence, in bytes. Shorter: menus and headings are taken for running text.
const SENTENCE: usize = 60;

/// Running text under the headline behind which other stories are looked for, in bytes.
const UNDER_WAY: usize = 400;

/// Most nodes and most bytes of text in a teaser. More: the foot of the story itself is taken for one.
const MAX_NODES: usize = 120;
const MAX_TEXT: usize = 600;

/// Shortest headline of another story, in characters: what is shorter names a section or a person.
const HEADLINE: usize = 15;

/// Most nodes of a row of a list, and most words of the day in it.
const MAX_ROW: usize = 24;
const MAX_DAY: usize = 5;

/// The page's own story, as far as the page was read.
pub(super) struct Story {
    /// What may be its headline, as letters.
    titles: Vec<String>,
    /// Its address as the page names it, without what stands behind a `#`.
    address: Option<String>,
    begun: bool,
    /// Its headline was met, by its words.
    met: bool,
    running: usize,
}

impl Story {
    /// Before the first node.
    pub(super) fn new(facts: &PageFacts) -> Story {
        let titles = facts.headlines().map(key).filter(|title| title.len() >= 8).collect();
        let address = facts.canonical().map(|own| bare(own).to_owned());
        Story { titles, address, begun: false, met: false, running: 0 }
    }

    /// Takes one node of the page into account, in document order.
    pub(super) fn pass(&mut self, doc: &Document, id: NodeId) {
        match doc.tag(id) {
            None if self.begun => {
                let length = doc.raw_text(id).trim().len();
                self.running += if length >= SENTENCE { length } else { 0 };
            }
            Some(tag) if tag.heading_level().is_some_and(|level| level <= 3) && !self.met => {
                self.met = super::short_text(doc, id).is_some_and(|text| self.is_title(&text));
                self.begun |= self.met || tag == Tag::H1;
            }
            _ => {}
        }
    }

    /// True for a part that tells of another story.
    pub(super) fn is_others(&self, doc: &Document, id: NodeId, tag: Tag) -> bool {
        if tag == Tag::Aside && self.running >= UNDER_WAY && !is_of_author(doc, id) {
            return true;
        }
        let holds = matches!(tag, Tag::Li | Tag::Div | Tag::Article | Tag::Section | Tag::Aside | Tag::Td | Tag::A);
        holds
            && self.running >= UNDER_WAY
            && (self.is_teaser(doc, id) || self.is_row(doc, id) || self.is_next(doc, id, tag))
    }

    /// A link to another story beside its day, and nothing else.
    fn is_row(&self, doc: &Document, id: NodeId) -> bool {
        if super::size(doc, id) > MAX_ROW {
            return false;
        }
        let mut links = doc.descendants(id).filter(|below| doc.tag(*below) == Some(Tag::A));
        let (Some(link), None) = (links.next(), links.next()) else { return false };
        let (text, whole) = (doc.text(link), doc.text(id));
        let words = |text: &str| text.split_whitespace().count();
        let beside = words(&whole).saturating_sub(words(&text));
        let dated = whole.bytes().filter(u8::is_ascii_digit).count() > text.bytes().filter(u8::is_ascii_digit).count();
        let elsewhere = || doc.attr(link, "href").is_some_and(|href| self.is_elsewhere(&href));
        dated
            && words(&text) >= 3
            && (1..=MAX_DAY).contains(&beside)
            && !name::is_person(&text)
            && !self.is_title(&text)
            && elsewhere()
    }

    /// A small part with one heading that links elsewhere.
    fn is_teaser(&self, doc: &Document, id: NodeId) -> bool {
        if super::size(doc, id) > MAX_NODES {
            return false;
        }
        let is_heading = |below: &NodeId| doc.tag(*below).is_some_and(|tag| tag.heading_level().is_some());
        let mut linked =
            doc.descendants(id).filter(is_heading).filter_map(|heading| Some((heading, link(doc, id, heading)?)));
        let (Some((heading, link)), None) = (linked.next(), linked.next()) else { return false };
        let text = doc.text(heading);
        (text.chars().count() >= HEADLINE || text.split_whitespace().count() >= 3)
            && !self.is_title(&text)
            && self.is_elsewhere(&link)
            && doc.text(id).len() <= MAX_TEXT
    }

    /// An article with a first-rank heading other than that of this story.
    fn is_next(&self, doc: &Document, id: NodeId, tag: Tag) -> bool {
        let first = || doc.descendants(id).take(MAX_NODES).find(|below| doc.tag(*below) == Some(Tag::H1));
        self.met && tag == Tag::Article && first().is_some_and(|heading| !self.is_title(&doc.text(heading)))
    }

    fn is_title(&self, text: &str) -> bool {
        let text = key(text);
        text.len() >= 8 && self.titles.iter().any(|title| title.contains(&text) || text.contains(title.as_str()))
    }

    /// True for a link that leads neither to this page nor to its author.
    fn is_elsewhere(&self, link: &str) -> bool {
        let own = self.address.as_deref().is_some_and(|own| !bare(link).is_empty() && own.ends_with(bare(link)));
        !link.starts_with('#') && !own && !url::is_author_page(link)
    }
}

/// True for an aside whose names say that it tells of an author.
fn is_of_author(doc: &Document, id: NodeId) -> bool {
    let tells = |key| {
        let said = doc.attr(id, key).map(|value| super::said(&value)).unwrap_or_default();
        [Say::Author, Say::Byline, Say::Bio].into_iter().any(|what| said.has(what))
    };
    tells("class") || tells("id")
}

fn bare(address: &str) -> &str {
    address.split('#').next().unwrap_or(address).trim()
}

/// The address a heading links to: a link in it, or around it within this part.
fn link(doc: &Document, part: NodeId, heading: NodeId) -> Option<String> {
    let around = doc.ancestors(heading).take_while(|above| *above >= part);
    let found = doc.descendants(heading).chain(around).find(|id| doc.tag(*id) == Some(Tag::A))?;
    doc.attr(found, "href").map(|href| href.into_owned())
}

#[cfg(test)]
mod tests {
    use crate::stage::extract::page;
    use crate::stage::html::{Budget, parse};

    /// Authors and times that are read of a page with this under its story.
    fn read(under: &str) -> (Vec<String>, usize) {
        let text =
            "<p>The harbour authority closed the old bridge on Tuesday after engineers found cracks in two piers.</p>";
        let html = format!(
            "<title>Old bridge closed over cracks | The Desk</title><link rel=canonical href=https://desk.example/bridge>\
             <main><h1>Old bridge closed over cracks</h1><p class=byline>By Ann Example</p><time>May 3, 2026</time>\
             <div>{}</div>{under}</main>",
            text.repeat(6)
        );
        let facts = page::read(&parse(&html, &Budget::default()).unwrap());
        (facts.bylines.into_iter().map(|byline| byline.text).collect(), facts.stamps.len())
    }

    #[test]
    fn teasers_under_the_story_and_the_next_article_name_nobody() {
        let meta = "<span class=byline>By Cy Third</span><time>May 1, 2026</time>";
        for under in [
            format!(
                "<section class=more><h2>More</h2><div><h3><a href=/x>Ferry runs again after the storm</a></h3>{meta}</div></section>"
            ),
            format!("<aside class=css-1x><a href=/x><h3>Ferry runs again after the storm</h3>{meta}</a></aside>"),
            format!(
                "<ul><li><a href=/x><div><h4>Ferry runs again after the storm</h4></div></a>{meta}<p>It had been in dock.</p></li></ul>"
            ),
            format!(
                "<article><h1>Ferry runs again after the storm</h1>{meta}<p>{}</p></article>",
                "It runs. ".repeat(200)
            ),
            format!("<div><h3><a href=/x>Fares go up</a></h3>{meta}</div>"),
            format!("<ul><li>{} <a href=/x>Ferry runs again</a></li></ul>", "<time>May 1, 2026</time>"),
            "<aside class=voices><h3>Columnists</h3><a rel=author href=/author/cy>Cy Third</a></aside>".to_owned(),
        ] {
            assert_eq!(read(&under), (vec!["By Ann Example".to_owned()], 1), "{under}");
        }
    }

    #[test]
    fn the_foot_of_the_story_is_its_own() {
        let meta = "<span class=byline>By Cy Third</span><time>May 1, 2026</time>";
        for under in [
            meta.to_owned(),
            format!("<div><h4>About the authors</h4>{meta}</div>"),
            format!("<div><h4><a href=/authors/cy>Cy Third of the harbour desk</a></h4>{meta}</div>"),
            format!("<div><h3><a href=/topics>Harbour</a></h3>{meta}</div>"),
            format!("<aside class=author-box>{meta}</aside>"),
            format!("<div>Posted in <a href=/news>News of the harbour</a> {meta}</div>"),
            format!("<div><h3><a href=#two>Ferry runs again after the storm</a></h3>{meta}</div>"),
            format!("<div><h3><a href=/bridge>Share: the bridge is closed</a></h3>{meta}</div>"),
        ] {
            let (bylines, stamps) = read(&under);
            assert_eq!((bylines.last().map(String::as_str), stamps), (Some("By Cy Third"), 2), "{under}");
        }
    }
}
