//! Where a block stands in the tree, as numbers: its part of the evidence that scraped text does not have.
//!
//! Names are only compared with each other: blocks of one form are counted together, whatever the form is called.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::candidate::Page;
use super::evidence::{Row, number};
use super::measure::is_running;
use crate::stage::html::{Document, NodeId, Tag};

/// Where blocks stand in the tree.
pub(super) struct Surroundings<'a> {
    doc: &'a Document<'a>,
    page: &'a Page,
    container: NodeId,
    /// For each node: weight of running text and of kept running text, blocks, under the same parent.
    parents: Vec<[f32; 3]>,
    /// The same by tag and class of the element and its parent.
    forms: HashMap<u64, [f32; 3]>,
    /// By block.
    form: Vec<u64>,
    /// Running text of each part.
    parts: Vec<f32>,
    anchored: f32,
    /// Running text and kept running text of the page.
    whole: [f32; 2],
}

impl<'a> Surroundings<'a> {
    /// Counts over all blocks of the page.
    pub(super) fn new(doc: &'a Document<'a>, page: &'a Page, container: NodeId) -> Surroundings<'a> {
        let form = forms_of(doc, page);
        let mut parents = vec![[0.0; 3]; doc.len()];
        let mut forms: HashMap<u64, [f32; 3]> = HashMap::new();
        let mut parts = vec![0.0; page.parts.len()];
        let mut anchored = 0.0;
        let mut whole = [0.0; 2];
        for (c, form) in page.candidates.iter().zip(&form) {
            let running = if is_running(&c.measure) { c.measure.weight as f32 } else { 0.0 };
            let kept = if c.is_solid() { running } else { 0.0 };
            for sums in [&mut parents[parent(doc, c.node).index()], forms.entry(*form).or_default()] {
                sums[0] += running;
                sums[1] += kept;
                sums[2] += 1.0;
            }
            whole = [whole[0] + running, whole[1] + kept];
            anchored += if c.anchored { c.measure.weight as f32 } else { 0.0 };
            if let Some(part) = c.part {
                parts[part] += running;
            }
        }
        for i in (0..parts.len()).rev() {
            if let Some(outer) = page.parts[i].within {
                parts[outer] += parts[i];
            }
        }
        Surroundings { doc, page, container, parents, forms, form, parts, anchored, whole }
    }

    /// Adds the numbers of block `i`.
    pub(super) fn numbers(&self, row: &mut Row, i: usize) {
        let c = &self.page.candidates[i];
        let around = self.ancestors(c.node);
        row.all(&around);
        let [running, kept] = self.whole;
        let of_form = self.forms.get(&self.form[i]).copied().unwrap_or_default();
        for sums in [self.parents[parent(self.doc, c.node).index()], of_form] {
            row.all(&[
                sums[0] / running.max(1.0),
                sums[1] / kept.max(1.0),
                sums[1] / sums[0].max(1.0),
                sums[2].min(50.0),
            ]);
        }
        row.push(f32::from(u8::from(c.anchored)));
        row.push((self.anchored + 1.0).ln());
        let part = c.part.map(|part| &self.page.parts[part]);
        row.push(number(part.map(|p| p.reason)));
        row.push(part.map_or(-1.0, |p| f32::from(u8::from(p.strong))));
        row.push(c.part.map_or(-1.0, |p| self.parts[p] / running.max(1.0)));
        let outer = part.and_then(|p| p.within);
        row.push(number(outer.map(|p| self.page.parts[p].reason)));
        row.push(outer.map_or(-1.0, |p| self.parts[p] / running.max(1.0)));
        let tag = |id| self.doc.tag(id).map_or(-1.0, rank);
        row.push(tag(c.node));
        row.push(tag(parent(self.doc, c.node)));
        row.push(self.doc.parent(c.node).map_or(0.0, |p| self.doc.children(p).take(40).count() as f32));
    }

    /// Steps up to the container or to what holds it too, whether it is inside, and what elements are on the way to the root.
    fn ancestors(&self, node: NodeId) -> [f32; 13] {
        let inside = node == self.container || self.doc.contains(self.container, node);
        let (mut up, mut depth, mut below) = (0.0, 0.0, 0.0);
        let mut seen = [0.0f32; 7];
        let mut met = node == self.container;
        for id in std::iter::once(node).chain(self.doc.ancestors(node)).take(DEEPEST) {
            met = met || id == self.container || self.doc.contains(id, self.container);
            up += if met { 0.0 } else { 1.0 };
            depth += 1.0;
            let group = match self.doc.tag(id) {
                Some(Tag::Article | Tag::Main) => 0,
                Some(Tag::Section) => 1,
                Some(Tag::Ul | Tag::Ol | Tag::Dl) => 2,
                Some(Tag::Table | Tag::Tr) => 3,
                Some(Tag::Aside | Tag::Nav | Tag::Footer | Tag::Header) => 4,
                Some(Tag::Figure | Tag::Blockquote) => 5,
                Some(Tag::Form | Tag::A) => 6,
                _ => continue,
            };
            seen[group] += 1.0;
            below = if below == 0.0 { depth } else { below };
        }
        let own = self.doc.contains(node, self.container);
        let mut out = [0.0; 13];
        out[..6].copy_from_slice(&[
            f32::from(u8::from(inside)),
            f32::from(u8::from(own)),
            up,
            depth,
            below,
            self.distance(node),
        ]);
        out[6..].copy_from_slice(&seen);
        out
    }

    /// Nodes between the block and the container, as a share of the page; 0.0 inside.
    fn distance(&self, node: NodeId) -> f32 {
        let (at, start) = (node.index() as f32, self.container.index() as f32);
        let end = self.doc.descendants(self.container).next_back().map_or(start, |last| last.index() as f32);
        let n = self.doc.len().max(1) as f32;
        if at < start {
            (at - start) / n
        } else if at > end {
            (at - end) / n
        } else {
            0.0
        }
    }
}

/// Elements looked at on the way up.
const DEEPEST: usize = 40;

fn parent(doc: &Document, node: NodeId) -> NodeId {
    doc.parent(node).unwrap_or(node)
}

/// The form of each block's element: its tag and class and those of its parent. Blocks of one form are mostly of one sort,
/// and blocks in a row mostly have one parent, which is read once.
fn forms_of(doc: &Document, page: &Page) -> Vec<u64> {
    let one = |id: NodeId| {
        let class = doc.attr(id, "class").unwrap_or_default();
        xxh3_64(class.as_bytes()) ^ doc.tag(id).map_or(0, |tag| tag as u64 + 1)
    };
    let mut last: Option<(NodeId, u64)> = None;
    let form = |node: NodeId| {
        let outer = parent(doc, node);
        let of_outer = last.filter(|(known, _)| *known == outer).map_or_else(|| one(outer), |(_, form)| form);
        last = Some((outer, of_outer));
        one(node).rotate_left(7) ^ of_outer
    };
    page.candidates.iter().map(|c| c.node).map(form).collect()
}

/// Elements by what they mostly hold.
fn rank(tag: Tag) -> f32 {
    match tag {
        Tag::P => 0.0,
        Tag::Div => 1.0,
        Tag::Article | Tag::Main | Tag::Section => 2.0,
        Tag::Blockquote | Tag::Pre => 3.0,
        Tag::Li => 4.0,
        Tag::Ul | Tag::Ol | Tag::Dl => 5.0,
        Tag::Td | Tag::Th | Tag::Tr => 6.0,
        Tag::Body | Tag::Html => 7.0,
        Tag::Header => 8.0,
        Tag::Other => 10.0,
        _ if tag.is_heading() => 9.0,
        _ => 11.0,
    }
}
