//! Tags to a tree, in one pass: which elements are open, which of them a tag closes.
//!
//! Implied end tags and scopes follow the WHATWG standard. Where the standard rearranges the tree (foster parenting,
//! adoption agency), this one keeps document order instead: text never moves, an end tag that would cut through an open
//! block waits until that block ends. All look-ups are by table, so the cost of a tag does not depend on the nesting.

use super::token::{self, Span, Token, Tokens};
use super::{Budget, Document, Kind, Node, OverBudget, Tag};

/// Open elements with names outside the table that an end tag is compared with. Higher: a page of nested unknown elements costs
/// more per end tag. Lower: unclosed ones keep their parents open.
const OTHERS_COMPARED: usize = 16;

/// One open element.
struct Open {
    node: u32,
    tag: Tag,
    /// Its end tag came while a block inside was open: it ends together with that block.
    ended: bool,
    /// Depths, counted from 1, that held before this element was opened: same tag, scope, special. 0 for none.
    same: u16,
    scope: u16,
    special: u16,
}

/// The tree while it grows.
pub(super) struct Builder<'h, 'b> {
    document: Document<'h>,
    budget: &'b Budget,
    stack: Vec<Open>,
    /// Depth of the innermost open element of each tag, counted from 1; 0 for none.
    open: [u16; Tag::COUNT],
    scope: u16,
    special: u16,
    /// Elements opened below the depth limit and not closed yet: they have no place on the stack.
    beyond: usize,
    /// Elements opened, closed or compared so far.
    work: u64,
}

impl<'h, 'b> Builder<'h, 'b> {
    pub(super) fn new(html: &'h str, budget: &'b Budget) -> Builder<'h, 'b> {
        let root = Node { parent: 0, end: 0, span: Span::default(), kind: Kind::Element(Tag::Other) };
        let document = Document {
            html,
            nodes: Vec::with_capacity(html.len() / 40),
            max_attributes: budget.max_attributes,
            work: 0,
        };
        let mut builder = Builder {
            document,
            budget,
            stack: Vec::new(),
            open: [0; Tag::COUNT],
            scope: 0,
            special: 0,
            beyond: 0,
            work: 0,
        };
        builder.document.nodes.push(root);
        builder
    }

    /// Reads the whole page.
    pub(super) fn build(mut self, mut tokens: Tokens<'h>) -> Result<Document<'h>, OverBudget> {
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(span) => self.text(span, Kind::Text)?,
                Token::End { tag, name } => self.end(tag, name),
                Token::Start { tag, name, attributes, self_closing } => {
                    self.start(tag, name, attributes, self_closing)?;
                    if tag.is_raw() && (tag != Tag::Title || self.open[Tag::Svg as usize] == 0) {
                        let kind = if tag.is_escapable_raw() { Kind::Text } else { Kind::RawText };
                        self.text(tokens.raw_text(tag), kind)?;
                        self.end(tag, name);
                    }
                }
            }
        }
        self.pop_to(0);
        self.document.nodes[0].end = self.document.nodes.len() as u32;
        self.document.work = tokens.work + self.work;
        Ok(self.document)
    }

    fn add(&mut self, span: Span, kind: Kind) -> Result<u32, OverBudget> {
        self.work += 1;
        let id = self.document.nodes.len();
        if id >= self.budget.max_nodes {
            return Err(OverBudget::Nodes { limit: self.budget.max_nodes });
        }
        let parent = self.stack.last().map_or(0, |open| open.node);
        self.document.nodes.push(Node { parent, end: id as u32 + 1, span, kind });
        Ok(id as u32)
    }

    fn text(&mut self, span: Span, kind: Kind) -> Result<(), OverBudget> {
        if span.start < span.end {
            self.leave_head_for_text(span);
            self.add(span, kind)?;
        }
        Ok(())
    }

    fn leave_head_for_text(&mut self, span: Span) {
        let in_head = self.top().is_some_and(|tag| tag == Tag::Head);
        if in_head && !span.of(self.document.html).trim_ascii().is_empty() {
            self.pop();
        }
    }

    fn start(&mut self, tag: Tag, name: Span, attributes: Span, self_closing: bool) -> Result<(), OverBudget> {
        if self.is_repeated(tag) {
            return Ok(());
        }
        let foreign = self.open[Tag::Svg as usize].max(self.open[Tag::Math as usize]);
        if foreign > 0 && (tag.is_block() || matches!(tag, Tag::Img | Tag::Body | Tag::Span)) {
            self.pop_to(usize::from(foreign) - 1);
        }
        self.close_before(tag);
        let node = self.add(Span::new(name.start as usize, attributes.end as usize), Kind::Element(tag))?;
        let foreign = foreign > 0 || matches!(tag, Tag::Svg | Tag::Math);
        if tag.is_void() || (self_closing && foreign) {
            return Ok(());
        }
        if self.stack.len() >= self.budget.max_depth.min(usize::from(u16::MAX)) {
            self.beyond += 1;
        } else {
            self.push(node, tag);
        }
        Ok(())
    }

    /// A second `html`, `body` or nested `form` opens nothing.
    fn is_repeated(&self, tag: Tag) -> bool {
        match tag {
            Tag::Html => self.depth_of(&[Tag::Html, Tag::Body]) > 0,
            Tag::Body | Tag::Form => self.open[tag as usize] > 0,
            Tag::Head => self.depth_of(&[Tag::Head, Tag::Body]) > 0,
            _ => false,
        }
    }

    fn push(&mut self, node: u32, tag: Tag) {
        let depth = self.stack.len() as u16 + 1;
        let same = std::mem::replace(&mut self.open[tag as usize], depth);
        self.stack.push(Open { node, tag, ended: false, same, scope: self.scope, special: self.special });
        if tag.is_scope() {
            self.scope = depth;
        }
        if tag.is_special() {
            self.special = depth;
        }
    }

    fn top(&self) -> Option<Tag> {
        self.stack.last().map(|open| open.tag)
    }

    fn pop(&mut self) {
        if let Some(open) = self.stack.pop() {
            self.work += 1;
            self.document.nodes[open.node as usize].end = self.document.nodes.len() as u32;
            self.open[open.tag as usize] = open.same;
            self.scope = open.scope;
            self.special = open.special;
        }
    }

    /// Closes every element deeper than `depth`, and those above it that only waited for that.
    fn pop_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.pop();
        }
        while self.stack.last().is_some_and(|open| open.ended) {
            self.pop();
        }
        self.beyond = 0;
    }

    fn depth_of(&self, tags: &[Tag]) -> u16 {
        tags.iter().map(|tag| self.open[*tag as usize]).max().unwrap_or(0)
    }

    /// Closes the innermost of `tags` unless one of `walls` or a scope is open inside it.
    fn close_within(&mut self, tags: &[Tag], walls: &[Tag]) {
        let depth = self.depth_of(tags);
        if depth > self.depth_of(walls).max(self.scope) {
            self.pop_to(usize::from(depth) - 1);
        }
    }

    /// The same inside a table, whose cells are no walls.
    fn close_in_table(&mut self, tags: &[Tag]) {
        let table = self.open[Tag::Table as usize];
        let outermost = tags.iter().map(|tag| self.open[*tag as usize]).filter(|depth| *depth > table).min();
        if let Some(depth) = outermost {
            self.pop_to(usize::from(depth) - 1);
        }
    }

    /// Ends what the start of `tag` implies to be over.
    fn close_before(&mut self, tag: Tag) {
        if self.top() == Some(Tag::Head) && !tag.is_head_content() || tag == Tag::Body {
            self.close_within(&[Tag::Head], &[]);
        }
        if tag.is_block() {
            self.close_within(&[Tag::P], &[Tag::Button]);
        }
        match tag {
            Tag::Li => self.close_within(&[Tag::Li], &[Tag::Ul, Tag::Ol, Tag::Menu, Tag::Dir]),
            Tag::Dd | Tag::Dt => self.close_within(&[Tag::Dd, Tag::Dt], &[Tag::Dl]),
            Tag::Option => self.close_within(&[Tag::Option], &[Tag::Select]),
            Tag::Optgroup => self.close_within(&[Tag::Option, Tag::Optgroup], &[Tag::Select]),
            Tag::Rt | Tag::Rp => self.close_within(&[Tag::Rt, Tag::Rp], &[Tag::Ruby]),
            Tag::Button => self.close_within(&[Tag::Button], &[]),
            Tag::A => self.end_inline(Tag::A),
            Tag::Td | Tag::Th => self.close_in_table(&[Tag::Td, Tag::Th, Tag::Caption]),
            Tag::Tr => self.close_in_table(&[Tag::Tr, Tag::Caption, Tag::Colgroup]),
            Tag::Thead | Tag::Tbody | Tag::Tfoot => {
                self.close_in_table(&[Tag::Thead, Tag::Tbody, Tag::Tfoot, Tag::Tr, Tag::Caption, Tag::Colgroup])
            }
            _ if tag.is_heading() && self.top().is_some_and(Tag::is_heading) => self.pop_to(self.stack.len() - 1),
            _ => {}
        }
    }

    fn end(&mut self, tag: Tag, name: Span) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        match tag {
            Tag::Html | Tag::Body => {}
            Tag::Other => self.end_other(name),
            Tag::P => self.close_within(&[Tag::P], &[Tag::Button]),
            Tag::Li => self.close_within(&[Tag::Li], &[Tag::Ul, Tag::Ol, Tag::Menu, Tag::Dir]),
            Tag::Td | Tag::Th | Tag::Tr | Tag::Thead | Tag::Tbody | Tag::Tfoot | Tag::Caption => {
                self.close_in_table(&[tag])
            }
            Tag::Form => self.end_inline(tag),
            Tag::Table | Tag::Template | Tag::Object | Tag::Svg => self.close_innermost(tag),
            _ if tag.is_heading() => {
                self.close_within(&[Tag::H1, Tag::H2, Tag::H3, Tag::H4, Tag::H5, Tag::H6], &[]);
            }
            _ if tag.is_special() => self.close_within(&[tag], &[]),
            _ => self.end_inline(tag),
        }
    }

    fn close_innermost(&mut self, tag: Tag) {
        let depth = usize::from(self.open[tag as usize]);
        if depth > 0 {
            self.pop_to(depth - 1);
        }
    }

    /// Ends an inline element. With a block open inside it waits for that block: `<a><h3>headline</a></h3>`.
    fn end_inline(&mut self, tag: Tag) {
        let depth = self.open[tag as usize];
        if depth == 0 || depth < self.scope {
            return;
        }
        let at = usize::from(depth) - 1;
        if self.special > depth {
            self.stack[at].ended = true;
        } else {
            self.pop_to(at);
        }
    }

    /// Ends an element with a name outside the table, found by comparing names. Such elements are custom ones that hold
    /// blocks, so open blocks do not keep them open. The end tag's length alone bounds a comparison: the names of the open
    /// elements may be as long as the page.
    fn end_other(&mut self, name: Span) {
        let html = self.document.html;
        let own = name.of(html).as_bytes();
        let mut depth = self.open[Tag::Other as usize];
        for _ in 0..OTHERS_COMPARED {
            if depth == 0 || depth < self.scope {
                return;
            }
            let open = &self.stack[usize::from(depth) - 1];
            let start = self.document.nodes[open.node as usize].span.start as usize;
            let rest = &html.as_bytes()[start..];
            self.work += 1 + own.len() as u64;
            let begins = rest.get(..own.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(own));
            if begins && rest.get(own.len()).is_none_or(|b| token::ends_name(*b)) {
                return self.pop_to(usize::from(depth) - 1);
            }
            depth = open.same;
        }
    }
}
