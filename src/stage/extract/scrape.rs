//! Visible markup: headings, times, authors and pictures, by the names sites give them. Nothing is judged but whether the place
//! can belong to the article at all: comments, related stories and menus are passed over.

mod byline;
mod figure;
mod say;
mod stamp;
mod teaser;

use std::borrow::Cow;

use super::page::{MAX_ITEMS, collapse, is_some, some};
use crate::article::page::{Heading, HeadingMark, PageFacts};
use crate::stage::html::{Document, NodeId, Tag, decode};
use crate::stage::quick::Recent;
use say::{Said, Say};
use teaser::Story;

/// Longest text of a byline or stamp, in bytes. Longer: a paragraph whose class says "author".
const MAX_LINE: usize = 300;

/// Most stamps or bylines looked at in one page, of which [`MAX_ITEMS`] are kept. Fewer: the teasers of a long menu use
/// them up before the headline comes.
const MAX_SEEN: usize = 240;

/// Attributes of one element that names are read from.
#[derive(Default)]
struct Names<'h> {
    /// What class and id say.
    said: Said,
    itemprop: String,
    rel: String,
    href: Option<Cow<'h, str>>,
    datetime: Option<String>,
    title: Option<String>,
    content: Option<String>,
}

/// What the names of a page say that were read before.
type Known<'h> = Recent<'h, Said>;

impl<'h> Names<'h> {
    fn of(doc: &Document<'h>, id: NodeId, known: &mut Known<'h>) -> Names<'h> {
        let mut names = Names::default();
        for (key, value) in doc.attributes(id).take(24) {
            let decoded = || decode(value, true);
            match key {
                "class" | "id" | "data-testid" | "data-component" | "data-qa" | "data-type" => {
                    names.said |= known.get(value, said);
                }
                "itemprop" => names.itemprop = decoded().to_ascii_lowercase(),
                "rel" => names.rel = decoded().to_ascii_lowercase(),
                "href" => names.href = Some(decoded()).filter(|href| is_some(href)),
                "datetime" | "data-datetime" | "data-timestamp" | "data-published" | "data-date"
                    if names.datetime.is_none() =>
                {
                    names.datetime = some(decoded().trim().to_owned())
                }
                "title" if names.datetime.is_none() && is_dated(&decoded()) => {
                    names.title = some(decoded().trim().to_owned())
                }
                "content" => names.content = some(decoded().trim().to_owned()),
                _ => {}
            }
        }
        names
    }

    fn say(&self, what: Say) -> bool {
        self.said.has(what)
    }
}

/// What a class or the like says; longer ones are no names.
fn said(value: &str) -> Said {
    let value = decode(value, true);
    if value.len() <= 400 { Said::of(&value) } else { Said::default() }
}

/// A short text with digits enough for a day.
fn is_dated(title: &str) -> bool {
    title.bytes().filter(u8::is_ascii_digit).count() >= 6 && title.len() < 60
}

/// Reads the visible markup of a page.
pub(super) fn read(doc: &Document, facts: &mut PageFacts) {
    let mut known = Known::new();
    let mut story = Story::new(facts);
    let mut next = doc.next(doc.root());
    while let Some(id) = next {
        story.pass(doc, id);
        let others = |tag| story.is_others(doc, id, tag);
        let skip = doc.tag(id).is_some_and(|tag| others(tag) || element(doc, id, tag, facts, &mut known));
        next = if skip { doc.after(id) } else { doc.next(id) };
    }
    let headline =
        facts.headings.iter().find(|heading| heading.mark == HeadingMark::First).map(|heading| heading.place);
    nearest(&mut facts.stamps, headline, |stamp| stamp.place);
    nearest(&mut facts.bylines, headline, |byline| byline.place);
}

/// Keeps what stands nearest to the headline, in the order of the page; without a headline what comes first.
fn nearest<T>(items: &mut Vec<T>, headline: Option<u32>, place: impl Fn(&T) -> u32) {
    if let Some(headline) = headline.filter(|_| items.len() > MAX_ITEMS) {
        items.sort_by_key(|item| headline.abs_diff(place(item)));
        items.truncate(MAX_ITEMS);
        items.sort_by_key(place);
    }
    items.truncate(MAX_ITEMS);
}

/// Reads one element; true when what lies below is no part of the article.
fn element<'h>(doc: &Document<'h>, id: NodeId, tag: Tag, facts: &mut PageFacts, known: &mut Known<'h>) -> bool {
    if tag == Tag::Meta {
        stamp::hidden(doc, id, facts, known);
        return false;
    }
    if is_passed(tag) {
        return true;
    }
    if tag == Tag::Figure {
        figure::figure(doc, id, facts, known);
    }
    let names = Names::of(doc, id, known);
    // its author and time are the commenter's
    if names.itemprop.split(' ').any(|name| name == "comment") {
        return true;
    }
    // a name on what holds most of the page speaks of the layout
    let part = size(doc, id) * 3 < size(doc, doc.root());
    if part && (is_aside(tag, &names) || is_masthead(doc, id, tag, &names, facts)) {
        return true;
    }
    heading(doc, id, tag, &names, facts, known);
    stamp::stamp(doc, id, tag, &names, facts);
    byline::byline(doc, id, tag, &names, facts);
    false
}

/// What shows no part of an article.
fn is_passed(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Script
            | Tag::Style
            | Tag::Nav
            | Tag::Footer
            | Tag::Svg
            | Tag::Template
            | Tag::Head
            | Tag::Iframe
            | Tag::Select
    )
}

/// Comments, related stories, menus: their authors and times are others'.
fn is_aside(tag: Tag, names: &Names) -> bool {
    matches!(tag, Tag::Div | Tag::Section | Tag::Aside | Tag::Ul | Tag::Ol | Tag::Li)
        && names.say(Say::Aside)
        && !names.say(Say::Layout)
}

/// The head of the page with its menu, above every heading and without one: its date is the day of reading.
fn is_masthead(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &PageFacts) -> bool {
    let holds_story = |tag: Tag| matches!(tag, Tag::Article | Tag::Main);
    let inside = |wanted: fn(Tag) -> bool| doc.descendants(id).filter_map(|below| doc.tag(below)).any(wanted);
    let head = || {
        let menu = inside(|below| matches!(below, Tag::Nav | Tag::Ul));
        tag == Tag::Header && menu && !doc.ancestors(id).filter_map(|above| doc.tag(above)).any(holds_story)
    };
    facts.headings.is_empty() && (names.say(Say::Masthead) || head()) && !inside(Tag::is_heading)
}

fn heading<'h>(doc: &Document<'h>, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts, known: &mut Known<'h>) {
    if facts.headings.len() >= MAX_ITEMS {
        return;
    }
    let is_deck = names.say(Say::Deck) || names.itemprop == "alternativeheadline";
    let mark = match tag {
        Tag::H1 => HeadingMark::First,
        Tag::H2 | Tag::P | Tag::Div | Tag::H3 | Tag::H4 if is_deck => HeadingMark::Deck,
        Tag::H2 | Tag::Div | Tag::Span | Tag::P if names.itemprop.contains("headline") => HeadingMark::Headline,
        Tag::H2 if names.say(Say::Headline) => HeadingMark::Headline,
        _ => return,
    };
    let text = short_text(doc, id).map(|text| collapse(&text)).unwrap_or_default();
    let text = without_kicker(doc, id, text, known);
    if text.len() >= 2 {
        facts.headings.push(Heading { text, mark, place: id.index() as u32 });
    }
}

/// The text of a heading without the kicker that stands first in it.
fn without_kicker<'h>(doc: &Document<'h>, id: NodeId, text: String, known: &mut Known<'h>) -> String {
    let mut inside = doc.descendants(id).filter(|id| doc.tag(*id).is_some()).take(HEADING_NODES);
    let kicker = inside.find(|id| Names::of(doc, *id, known).say(Say::Kicker)).map(|id| collapse(&doc.text(id)));
    let rest = kicker.as_deref().and_then(|kicker| text.strip_prefix(kicker));
    let rest = rest.map(|rest| rest.trim_start_matches(|c: char| c.is_whitespace() || ":|–-".contains(c)));
    rest.filter(|rest| rest.contains(' ')).map(str::to_owned).unwrap_or(text)
}

/// Elements of a heading among which its kicker is looked for.
const HEADING_NODES: usize = 8;

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
