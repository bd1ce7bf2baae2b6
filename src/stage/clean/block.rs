//! A page to candidates: its blocks in order, each with what can be counted and where it stands, in one pass over the tree.
//!
//! Judges nothing: every visible text of the page is in exactly one candidate.

use std::ops::Range;

use super::candidate::{Candidate, Page, Part};
use super::hint::{self, Claim, Known};
use super::measure::{is_word, weight};
use crate::article::{BlockKind, DropReason};
use crate::stage::html::{Document, NodeId, Tag};
use crate::stage::text::{is_lead_of_space, normalise};

/// An open element on the way down.
#[derive(Clone, Copy)]
struct Level {
    node: NodeId,
    end: usize,
    breaks: bool,
    kind: BlockKind,
    linked: bool,
    row: bool,
    figure: bool,
    part: Option<usize>,
}

/// Text of the block being read.
#[derive(Default)]
struct Buffer {
    text: String,
    /// Byte ranges inside links.
    links: Vec<(usize, usize)>,
}

struct Walk<'d, 'h> {
    doc: &'d Document<'h>,
    levels: Vec<Level>,
    buffer: Buffer,
    page: Page,
    claims: Known<'h>,
}

/// The blocks of a page.
pub(super) fn blocks(doc: &Document) -> Page {
    let root = Level {
        node: doc.root(),
        end: doc.len(),
        breaks: true,
        kind: BlockKind::Paragraph,
        linked: false,
        row: false,
        figure: false,
        part: None,
    };
    let mut walk =
        Walk { doc, levels: vec![root], buffer: Buffer::default(), page: Page::default(), claims: Known::new() };
    let mut next = doc.next(doc.root());
    while let Some(id) = next {
        walk.leave(id);
        let skip = walk.enter(id);
        next = if skip { doc.after(id) } else { doc.next(id) };
    }
    walk.flush();
    walk.page
}

impl Walk<'_, '_> {
    fn top(&self) -> Level {
        self.levels[self.levels.len() - 1]
    }

    /// Leaves the elements that end before `id`.
    fn leave(&mut self, id: NodeId) {
        while self.levels.len() > 1 && self.top().end <= id.index() {
            let inside_row = self.levels[self.levels.len() - 2].row;
            if self.top().breaks && inside_row {
                self.buffer.text.push(' ');
            } else if self.top().breaks {
                self.flush();
            }
            self.levels.pop();
        }
    }

    /// Takes in a node; true when what lies below it is to be passed over.
    fn enter(&mut self, id: NodeId) -> bool {
        let Some(tag) = self.doc.tag(id) else {
            self.text(id);
            return false;
        };
        let top = self.top();
        let in_heading = matches!(top.kind, BlockKind::Heading(_));
        if tag.is_unseen() || is_control(tag) && !in_heading {
            return true;
        }
        if tag == Tag::Br {
            self.buffer.text.push(if top.row { ' ' } else { '\n' });
            return false;
        }
        let breaks = tag.breaks_line() || tag == Tag::Other && self.doc.name(id).contains('-');
        if breaks && top.row {
            self.buffer.text.push(' ');
        } else if breaks {
            self.flush();
        }
        self.push(id, tag, breaks);
        false
    }

    fn push(&mut self, id: NodeId, tag: Tag, breaks: bool) {
        let Some(end) = self.doc.descendants(id).next_back().map(|last| last.index() + 1) else { return };
        let top = self.top();
        let claim =
            if matches!(tag, Tag::Html | Tag::Body) { None } else { hint::claim(self.doc, id, tag, &mut self.claims) };
        let mut level = Level {
            node: if breaks { id } else { top.node },
            end,
            breaks,
            kind: kind(tag, top.kind),
            linked: top.linked || tag == Tag::A && self.is_link(id),
            row: top.row || tag == Tag::Tr && self.is_data_row(id),
            figure: tag == Tag::Figure || top.figure && !matches!(tag, Tag::Table | Tag::Blockquote | Tag::Pre),
            part: top.part,
        };
        if level.figure && (tag == Tag::Figcaption || level.kind == BlockKind::Paragraph) {
            level.kind = BlockKind::Caption;
        }
        match claim {
            Some(Claim::Part { reason: DropReason::Caption, .. }) if breaks => level.kind = BlockKind::Caption,
            Some(Claim::Part { reason, strong }) => {
                level.part = Some(self.page.parts.len());
                self.page.parts.push(Part { node: id, within: top.part, reason, strong });
            }
            Some(Claim::Story) | None => {}
        }
        if level.row {
            level.kind = BlockKind::TableRow;
        }
        self.levels.push(level);
    }

    fn is_link(&self, id: NodeId) -> bool {
        self.doc.attr(id, "href").is_some_and(|href| !href.starts_with('#'))
    }

    /// Rows of tables that hold data. Tables that hold a layout have long texts, single columns or tables in their cells.
    fn is_data_row(&self, row: NodeId) -> bool {
        let mut cells = 0;
        let mut bytes = 0;
        for id in self.doc.descendants(row) {
            match self.doc.tag(id) {
                Some(Tag::Td | Tag::Th) => cells += 1,
                Some(Tag::Table | Tag::Form | Tag::H1 | Tag::H2 | Tag::Article) => return false,
                None => bytes += self.doc.raw_text(id).trim().len(),
                _ => {}
            }
        }
        cells > 1 && bytes / cells < LAYOUT_CELL_BYTES
    }

    fn text(&mut self, id: NodeId) {
        let top = self.top();
        let text = self.doc.raw_text(id);
        let start = self.buffer.text.len();
        let preformatted = top.kind == BlockKind::Preformatted;
        let out = &mut self.buffer.text;
        let (mut run, mut at) = (0, 0);
        while let Some((space, c)) = space(&text, at) {
            at = space + c.len_utf8();
            if c == ' ' && space > run && text.as_bytes()[space - 1] != b' ' {
                continue; // a single space between words stays where it is
            }
            if c == '\u{A0}' && text[..space].ends_with(is_lead_of_space) {
                continue; // half of a misread letter
            }
            out.push_str(&text[run..space]);
            run = at;
            if preformatted && c == '\n' {
                out.push('\n');
            } else if !matches!(out.as_bytes().last(), Some(b' ' | b'\n')) {
                out.push(' ');
            }
        }
        out.push_str(&text[run..]);
        if top.linked {
            self.buffer.links.push((start, self.buffer.text.len()));
        }
    }

    /// Ends the block being read and makes candidates of it: one, or more when line breaks separate paragraphs.
    fn flush(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        if !buffer.text.trim_ascii_start().is_empty() {
            self.candidates(&buffer);
        }
        buffer.text.clear();
        buffer.links.clear();
        self.buffer = buffer;
    }

    fn candidates(&mut self, buffer: &Buffer) {
        let mut links = buffer.links.as_slice();
        let (mut start, mut line) = (0, 0);
        for at in memchr::memchr_iter(b'\n', buffer.text.as_bytes()) {
            if ends_paragraph(&buffer.text[line..at], &buffer.text[at + 1..]) {
                links = self.candidate(&buffer.text, start..at, links);
                start = at;
            }
            line = at + 1;
        }
        self.candidate(&buffer.text, start..buffer.text.len(), links);
    }

    /// Makes a candidate of a piece of the buffer. Takes the links from there on and returns those behind it, so that each is
    /// looked at once.
    fn candidate<'l>(
        &mut self,
        buffer: &str,
        piece: Range<usize>,
        links: &'l [(usize, usize)],
    ) -> &'l [(usize, usize)] {
        let (inside, behind) = links.split_at(links.partition_point(|(from, _)| *from < piece.end));
        // pages are printed with blanks around their texts; without them most are plain
        let text = normalise(buffer[piece].trim_matches([' ', '\n']));
        if !text.chars().any(is_word) {
            return behind;
        }
        let top = self.top();
        let mut candidate = Candidate::new(top.kind, text, top.node);
        candidate.measure.linked = inside.iter().map(|(from, to)| weight(&buffer[*from..*to])).sum();
        candidate.part = top.part;
        self.page.candidates.push(candidate);
        behind
    }
}

/// The first white space of `text` from `from` on. Most characters are passed over by their first byte: outside ASCII white
/// space begins with one of four.
fn space(text: &str, from: usize) -> Option<(usize, char)> {
    let mut at = from;
    loop {
        let may_be = |b: &u8| *b <= b' ' || matches!(b, 0xC2 | 0xE1 | 0xE2 | 0xE3);
        at += text.as_bytes()[at..].iter().position(may_be)?;
        let c = text[at..].chars().next()?;
        if c.is_whitespace() {
            return Some((at, c));
        }
        at += c.len_utf8();
    }
}

/// Elements that hold no text of a story. A button inside a heading unfolds what stands under it: its text is the heading.
fn is_control(tag: Tag) -> bool {
    matches!(tag, Tag::Head | Tag::Button | Tag::Select | Tag::Audio | Tag::Video | Tag::Object | Tag::Canvas)
}

/// Mean bytes of a cell from which on a row is layout, not data.
const LAYOUT_CELL_BYTES: usize = 200;

/// The kind of a block whose innermost telling element is `tag`, inside one of kind `outer`.
fn kind(tag: Tag, outer: BlockKind) -> BlockKind {
    match (tag, outer) {
        (Tag::Pre | Tag::Xmp, _) => BlockKind::Preformatted,
        (Tag::Blockquote, BlockKind::Caption) => BlockKind::Quote,
        (_, BlockKind::Caption) => BlockKind::Caption,
        (Tag::Li | Tag::Dd | Tag::Dt, _) => BlockKind::ListItem,
        (Tag::Blockquote, _) => BlockKind::Quote,
        (Tag::Table, _) => BlockKind::Paragraph,
        (Tag::Figcaption | Tag::Caption, _) => BlockKind::Caption,
        _ => tag.heading_level().map_or(outer, BlockKind::Heading),
    }
}

/// True when a line break between `before` and `after` separates paragraphs: two in a row, or one after a whole sentence of
/// some length.
fn ends_paragraph(before: &str, after: &str) -> bool {
    let empty = after.trim_start_matches(' ').starts_with('\n');
    empty || weight(before) >= LINE_WEIGHT && super::measure::ends_sentence(before.trim_end())
}

/// Weight from which on a line that ends like a sentence is a paragraph of its own.
const LINE_WEIGHT: u32 = 80;
