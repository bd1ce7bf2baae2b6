//! A block on trial: the block, what was counted in it, where it stands; and the page as such blocks.
//!
//! What is asked several times is kept. It must never judge: rules say why a block is dropped.

use std::cell::OnceCell;

use super::measure::{Measure, is_running};
use super::phrase;
use crate::article::{Block, BlockKind, DropReason};
use crate::stage::html::NodeId;

/// A block that may be part of the story.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The block; dropped as soon as a rule says why.
    pub block: Block,
    /// What was counted in it.
    pub measure: Measure,
    /// The element whose text it is; the root for plain text.
    pub node: NodeId,
    /// The innermost part it stands in, an index into [`Page::parts`].
    pub part: Option<usize>,
    /// What the page says of its story outside the text contains it.
    pub anchored: bool,
    key: OnceCell<String>,
    /// See [`rule::named`], which is asked several times.
    pub named: OnceCell<Option<DropReason>>,
    /// See [`Headlines::repeated_by`].
    pub headline: OnceCell<bool>,
}

impl Candidate {
    /// A block before anything is known of its place.
    pub(super) fn new(kind: BlockKind, text: String, node: NodeId) -> Candidate {
        let measure = Measure::of(&text);
        let block = Block { kind, text, dropped: None };
        let (key, named, headline) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Candidate { block, measure, node, part: None, anchored: false, key, named, headline }
    }

    /// The text as phrases are written, see [`phrase::key`]; made once.
    pub(super) fn key(&self) -> &str {
        self.key.get_or_init(|| phrase::key(&self.block.text))
    }

    /// True for running text that is kept.
    pub(super) fn is_solid(&self) -> bool {
        self.block.dropped.is_none() && is_running(&self.measure)
    }
}

/// An element that claims to be something else than the story.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The element.
    pub node: NodeId,
    /// The part it stands in itself.
    pub within: Option<usize>,
    /// What it claims to be.
    pub reason: DropReason,
    /// Said by tag or role.
    pub strong: bool,
}

/// A page as its blocks.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// In document order.
    pub candidates: Vec<Candidate>,
    /// In document order.
    pub parts: Vec<Part>,
}
