//! A page as a tree: what `clean` and `extract` read, parsed once.
//!
//! An own parser and not html5ever, for three reasons (measured, one thread): html5ever with a tree reaches 100 to 150
//! MB/s, which is the whole budget of parsing and cleaning together; it is quadratic in nesting (512 KB of `<ul><li>` took 94
//! seconds); and its tree costs an allocation a node. This one makes a single pass, keeps byte ranges of the page, and needs
//! 20 bytes a node; it reads news pages at more than 1 GB/s. The price: misnested tags are repaired approximately (see `tree`).
//!
//! Nodes lie in document order, so "the descendants of a node" is a range of numbers and nothing here recurses. Any text is
//! accepted; only the budget can refuse one. It never reads a URL, never runs a script, never judges content.

mod attribute;
mod entity;
mod tag;
mod token;
mod tree;

use std::borrow::Cow;

use attribute::{ATTRIBUTE_BYTES, Attributes};
pub use entity::{decode, windows_1252};
pub use tag::Tag;
use token::Span;

/// What one page may cost. Bytes are limited where the page is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Elements and runs of text. A page with more is refused: cutting it would publish half a story.
    pub max_nodes: usize,
    /// Deepest nesting followed; what lies deeper is attached at this depth. Higher: hostile nesting costs memory. Lower: deep
    /// but real layouts lose their shape.
    pub max_depth: usize,
    /// Attributes read per element; the rest is passed over.
    pub max_attributes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { max_nodes: 200_000, max_depth: 512, max_attributes: 256 }
    }
}

/// A page that costs more than the budget allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverBudget {
    /// Too many elements and runs of text.
    #[error("the page has more than {limit} nodes")]
    Nodes {
        /// The budget.
        limit: usize,
    },
    /// Longer than byte ranges of four bytes can say.
    #[error("the page has more than {limit} bytes")]
    Bytes {
        /// The limit.
        limit: usize,
    },
}

/// A node of one document. Numbers grow in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The root of any document.
    pub const ROOT: NodeId = NodeId(0);

    /// The node's number, for tables as long as [`Document::len`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Element(Tag),
    Text,
    /// Text without character references, as in `script`.
    RawText,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: u32,
    /// One past the last descendant.
    end: u32,
    /// Of text, the text; of an element, its name and attributes.
    span: Span,
    kind: Kind,
}

/// A parsed page. Borrows its text; names, attributes and text are decoded when asked for.
#[derive(Debug)]
pub struct Document<'h> {
    html: &'h str,
    /// In document order; the first is the root, which stands for the page and has no tag.
    nodes: Vec<Node>,
    max_attributes: usize,
    work: u64,
}

/// Parses a page or a fragment of one. Time and memory are linear in its length.
pub fn parse<'h>(html: &'h str, budget: &Budget) -> Result<Document<'h>, OverBudget> {
    if html.len() >= u32::MAX as usize {
        return Err(OverBudget::Bytes { limit: u32::MAX as usize - 1 });
    }
    tree::Builder::new(html, budget).build(token::Tokens::new(html))
}

impl<'h> Document<'h> {
    /// The node that holds the whole page. Its tag is [`Tag::Other`], its name empty.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// Bytes looked at and elements handled while parsing. The time of parsing is proportional to it, so tests hold it to the
    /// length of the page.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// How many nodes there are, the root included.
    #[allow(clippy::len_without_is_empty)] // there is always a root
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, id: NodeId) -> Node {
        const NONE: Node = Node { parent: 0, end: 0, span: Span { start: 0, end: 0 }, kind: Kind::Text };
        self.nodes.get(id.index()).copied().unwrap_or(NONE)
    }

    /// Children in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).end;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(NodeId(next))?;
            next = self.node(child).end.max(next + 1);
            Some(child)
        })
    }

    /// Everything below, in document order, without the node itself.
    pub fn descendants(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (id.0 + 1..self.node(id).end).map(NodeId)
    }

    /// True when `inner` lies below `outer`.
    pub fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        outer < inner && inner.0 < self.node(outer).end
    }

    /// The first node after `id` and everything below it; `None` at the end of the page.
    pub fn after(&self, id: NodeId) -> Option<NodeId> {
        let end = self.node(id).end.max(id.0 + 1);
        ((end as usize) < self.nodes.len()).then_some(NodeId(end))
    }

    /// The next node in document order: the first below `id`, else the one after it.
    pub fn next(&self, id: NodeId) -> Option<NodeId> {
        (id.index() + 1 < self.nodes.len()).then(|| NodeId(id.0 + 1))
    }

    /// The parent, its parent, and so on up to the root.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// The parent; `None` for the root.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id.0 > 0).then(|| NodeId(self.node(id).parent))
    }

    /// The tag; `None` for text.
    pub fn tag(&self, id: NodeId) -> Option<Tag> {
        match self.node(id).kind {
            Kind::Element(tag) => Some(tag),
            Kind::Text | Kind::RawText => None,
        }
    }

    /// The name of an element in lower case; empty for text. A name outside the table that is written in capitals comes as it
    /// is written.
    pub fn name(&self, id: NodeId) -> &str {
        match self.node(id).kind {
            Kind::Element(Tag::Other) => self.written_name(id.0),
            Kind::Element(tag) => tag.name(),
            Kind::Text | Kind::RawText => "",
        }
    }

    fn written_name(&self, node: u32) -> &'h str {
        let tag = self.node(NodeId(node)).span.of(self.html);
        tag.split([' ', '>', '/', '\n', '\t', '\r', '\u{0C}']).next().unwrap_or("")
    }

    /// Attributes in order: names as written, values with their character references, for [`decode`]. At most `max_attributes`
    /// and 64 KiB.
    pub fn attributes(&self, id: NodeId) -> impl Iterator<Item = (&'h str, &'h str)> + use<'h> {
        let node = self.node(id);
        let is_element = matches!(node.kind, Kind::Element(_));
        let name = match node.kind {
            Kind::Element(Tag::Other) => self.written_name(id.0).len(),
            Kind::Element(tag) => tag.name().len(),
            Kind::Text | Kind::RawText => 0,
        };
        let start = node.span.start as usize + name;
        let end = if is_element { node.span.end as usize } else { start };
        let end = end.min(start + ATTRIBUTE_BYTES);
        let mut attributes = Attributes::new(self.html, start);
        let next = std::iter::from_fn(move || (attributes.at < end).then(|| attributes.next()).flatten());
        next.take(self.max_attributes)
    }

    /// The value of an attribute, its name given in lower case; of a repeated one the first, as in browsers.
    pub fn attr(&self, id: NodeId, name: &str) -> Option<Cow<'h, str>> {
        let found = self.attributes(id).find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| decode(value, true))
    }

    /// Every attribute: names as written, values decoded.
    pub fn attrs(&self, id: NodeId) -> impl Iterator<Item = (&'h str, Cow<'h, str>)> + use<'h> {
        self.attributes(id).map(|(name, value)| (name, decode(value, true)))
    }

    /// The exact content of a text node, or of an element such as `script` or `title` whose content is text; empty for others.
    pub fn raw_text(&self, id: NodeId) -> Cow<'h, str> {
        let node = self.node(id);
        match node.kind {
            Kind::Text => decode(node.span.of(self.html), false),
            Kind::RawText => Cow::Borrowed(node.span.of(self.html)),
            Kind::Element(tag) if tag.is_raw() && node.end == id.0 + 2 => self.raw_text(NodeId(id.0 + 1)),
            Kind::Element(_) => Cow::Borrowed(""),
        }
    }

    /// All text a reader sees below the node (or in it), white space collapsed, a space where lines break. Scripts, styles and
    /// the like are left out, unless the node itself is one.
    pub fn text(&self, id: NodeId) -> String {
        let mut out = String::new();
        if self.tag(id).is_none_or(Tag::is_raw) {
            push_collapsed(&mut out, &self.raw_text(id));
            out.truncate(out.trim_end().len());
            return out;
        }
        let mut next = id.0 + 1;
        let end = self.node(id).end;
        while next < end {
            let here = NodeId(next);
            let unseen = self.tag(here).is_some_and(Tag::is_unseen);
            next = if unseen { self.node(here).end } else { next + 1 };
            match self.tag(here) {
                None => {
                    if self.line_breaks_before(here) {
                        push_collapsed(&mut out, " ");
                    }
                    push_collapsed(&mut out, &self.raw_text(here));
                }
                Some(tag) if tag.breaks_line() => push_collapsed(&mut out, " "),
                Some(_) => {}
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// True when an element that breaks the line ends right before this node.
    fn line_breaks_before(&self, id: NodeId) -> bool {
        let parent = self.parent(id);
        let before = NodeId(id.0.saturating_sub(1));
        let ended =
            std::iter::successors(Some(before), |n| self.parent(*n)).take_while(|n| Some(*n) != parent && n.0 > 0);
        ended.take(LINE_BREAK_LOOKBACK).any(|n| self.tag(n).is_some_and(Tag::breaks_line))
    }

    /// Elements with this tag, in document order.
    pub fn find_all(&self, tag: Tag) -> impl Iterator<Item = NodeId> + '_ {
        let nodes = self.nodes.iter().enumerate().skip(1);
        nodes.filter(move |(_, node)| node.kind == Kind::Element(tag)).map(|(id, _)| NodeId(id as u32))
    }
}

/// Elements that end right before a text and are looked at for a line break. Bounds the cost of deep nesting; real pages close
/// a handful of elements in one place.
const LINE_BREAK_LOOKBACK: usize = 16;

/// Appends text with white space collapsed to single spaces, none at the front.
fn push_collapsed(out: &mut String, text: &str) {
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
}

#[cfg(test)]
mod tests;
