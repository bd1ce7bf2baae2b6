//! Which part of the page holds the story.
//!
//! Every block speaks for the element it stands in: running text for it, links and scraps against it. The story's container is
//! the element with the highest sum, and the smallest such: an outer element must add something of its own to win.

mod score;

use super::candidate::{Candidate, Page, Part};
use super::measure::is_running;
use super::rule::Headlines;
use crate::article::{BlockKind, DropReason};
use crate::stage::html::{Document, NodeId, Tag};
use score::scores;

/// Share of all running text from which on a part is not believed to be what its class name says: some pages call their
/// whole column "sidebar-left" or "comments-open".
const BELIEVED: f32 = 0.5;
/// The same for parts whose names are used loosely, or that seldom hold running text at all.
const DOUBTED: f32 = 0.2;
/// Weight of running text that a menu, a toolbar or a dialog does not have.
const FEW_LINES: f32 = 300.0;
/// Weight of running text that hidden labels and messages do not have; more is unfolded by a click.
const A_LINE: f32 = 100.0;
/// A part with more than this share of what the page itself calls its story's body is the story.
const HALF: f32 = 0.5;
/// The same for paywalls: a notice is short; a part with more text is the story behind it.
const NOTICE: f32 = 0.15;
/// The same for parts that say so by tag or role, and for comments, which may be longer than the story.
const STRONGLY_BELIEVED: f32 = 0.85;
/// An outer element must be worth this many times its best child.
const OUTER_GAIN: f32 = 1.08;

/// Drops what stands in a part that is not the story or outside the container, which is returned.
pub(super) fn choose(doc: &Document, page: &mut Page, headlines: &Headlines) -> NodeId {
    let masses = Masses::of(doc, page);
    let marked = masses.marks_what_it_locks(doc, page);
    let believes = |part: &Part| masses.believes(part) && !(marked && is_marked(doc, part));
    let mut believed: Vec<bool> = page.parts.iter().map(believes).collect();
    drop_parts(page, &believed);
    let mut best = self::best(doc, page, headlines);
    // A page whose story is nearly empty had its story inside something believed: the largest such part is the culprit.
    for _ in 0..SECOND_THOUGHTS {
        if masses.share_kept(doc, page, best) >= LEAST_SHARE {
            break;
        }
        let Some(culprit) = masses.largest(page, &believed) else { break };
        believed[culprit] = false;
        drop_parts(page, &believed);
        best = self::best(doc, page, headlines);
    }
    // Where the best element is a mere paragraph, its neighbours stand among so many scraps that no element around them wins.
    let around = doc.parent(best).filter(|_| doc.tag(best) == Some(Tag::P));
    for c in page.candidates.iter_mut().filter(|c| c.block.dropped.is_none()) {
        let inside = c.node == best || doc.contains(best, c.node);
        let beside = around.is_some() && doc.parent(c.node) == around && is_running(&c.measure);
        if !inside && !beside {
            c.block.dropped = Some(DropReason::OutsideContainer);
        }
    }
    keep_lede(&mut page.candidates, headlines);
    best
}

/// A paragraph, heading or list named after a paywall, no box.
fn is_marked(doc: &Document, part: &Part) -> bool {
    let is_box = matches!(doc.tag(part.node), Some(Tag::Div | Tag::Section | Tag::Aside | Tag::Form | Tag::Dialog));
    part.reason == DropReason::Paywall && !is_box
}

/// Takes back the lede: running text without links that stands between the headline and the container.
fn keep_lede(candidates: &mut [Candidate], headlines: &Headlines) {
    let Some(headline) = headline(candidates, headlines) else { return };
    let kept = |c: &Candidate| c.block.dropped.is_none() && is_running(&c.measure);
    let Some(until) = candidates[headline..].iter().take(LEDE_WITHIN).position(kept) else { return };
    for c in &mut candidates[headline..headline + until] {
        let misplaced = matches!(c.block.dropped, Some(DropReason::OutsideContainer | DropReason::Related));
        if misplaced && is_running(&c.measure) && c.measure.linked == 0 && c.block.kind != BlockKind::Caption {
            c.block.dropped = None;
        }
    }
}

/// Blocks between headline and story among which a lede is looked for.
const LEDE_WITHIN: usize = 40;

/// Times a part is put back because next to nothing is left without it.
const SECOND_THOUGHTS: usize = 4;
/// Share of the page's running text that a story has at least.
const LEAST_SHARE: f32 = 0.12;

/// Drops what stands in a part that is believed, for what the innermost such part claims to be.
fn drop_parts(page: &mut Page, believed: &[bool]) {
    let mut reasons: Vec<Option<DropReason>> = Vec::with_capacity(page.parts.len());
    for (part, believed) in page.parts.iter().zip(believed) {
        let around = part.within.and_then(|outer| reasons[outer]);
        reasons.push(if *believed { Some(part.reason) } else { around });
    }
    for c in &mut page.candidates {
        c.block.dropped = c.part.and_then(|part| reasons[part]);
    }
}

/// The element that holds the story.
fn best(doc: &Document, page: &Page, headlines: &Headlines) -> NodeId {
    let headline = headline(&page.candidates, headlines);
    let sums = sums(doc, &scores(&page.candidates, headline), &page.candidates);
    let mut best = doc.root();
    for id in doc.descendants(doc.root()) {
        if sums[id.index()] >= sums[best.index()] {
            best = id;
        }
    }
    while let Some(child) = doc.children(best).find(|c| sums[c.index()] * OUTER_GAIN >= sums[best.index()]) {
        best = child;
    }
    best
}

/// Weight of running text, of all text and of links, summed up for every element.
struct Masses(Vec<Mass>);

#[derive(Debug, Clone, Copy, Default)]
struct Mass {
    running: f32,
    anchored: f32,
    all: f32,
    linked: f32,
}

impl std::ops::AddAssign for Mass {
    fn add_assign(&mut self, other: Mass) {
        self.running += other.running;
        self.anchored += other.anchored;
        self.all += other.all;
        self.linked += other.linked;
    }
}

impl Masses {
    fn of(doc: &Document, page: &Page) -> Masses {
        let mut masses = vec![Mass::default(); doc.len()];
        for c in &page.candidates {
            let m = &c.measure;
            let weight = m.weight as f32;
            masses[c.node.index()] += Mass {
                running: if is_running(m) { weight } else { 0.0 },
                anchored: if c.anchored { weight } else { 0.0 },
                all: weight,
                linked: m.linked as f32,
            };
        }
        sum_up(doc, &mut masses);
        Masses(masses)
    }

    fn of_page(&self) -> Mass {
        self.0[0]
    }

    fn at(&self, id: NodeId) -> Mass {
        self.0[id.index()]
    }

    /// The part of the page's running text that stands in an element.
    fn share(&self, id: NodeId) -> f32 {
        self.at(id).running / self.of_page().running.max(1.0)
    }

    /// True when a part is what it claims to be, and not a piece of the story with a misleading name.
    fn believes(&self, part: &Part) -> bool {
        if self.at(part.node).anchored > self.of_page().anchored * HALF {
            return false;
        }
        let (share, link_share) = (self.share(part.node), self.link_share(part.node));
        match part.reason {
            DropReason::Comment | DropReason::AuthorBox => share <= STRONGLY_BELIEVED,
            _ if part.strong => share <= STRONGLY_BELIEVED,
            DropReason::Consent | DropReason::Copyright | DropReason::Footer | DropReason::Dialog => share <= BELIEVED,
            DropReason::Paywall => share <= NOTICE,
            _ if link_share > 0.2 => share <= BELIEVED,
            DropReason::Related | DropReason::Ad | DropReason::Newsletter => share <= DOUBTED,
            DropReason::Hidden => self.at(part.node).running < A_LINE || link_share > 0.1,
            _ => share <= DOUBTED && (self.at(part.node).running < FEW_LINES || link_share > 0.1),
        }
    }

    /// True when a page names each paragraph that it locks after its paywall: together they are more than a notice.
    fn marks_what_it_locks(&self, doc: &Document, page: &Page) -> bool {
        let marked = page.parts.iter().filter(|part| is_marked(doc, part));
        marked.map(|part| self.share(part.node)).sum::<f32>() > NOTICE
    }

    fn link_share(&self, id: NodeId) -> f32 {
        self.at(id).linked / self.at(id).all.max(1.0)
    }

    /// The part of the page's running text that is kept if `best` is the container.
    fn share_kept(&self, doc: &Document, page: &Page, best: NodeId) -> f32 {
        let inside = |node| node == best || doc.contains(best, node);
        let kept =
            page.candidates.iter().filter(|c| c.block.dropped.is_none() && inside(c.node) && is_running(&c.measure));
        kept.map(|c| c.measure.weight as f32).sum::<f32>() / self.of_page().running.max(1.0)
    }

    /// Of the believed parts that may be wrong the one with the most running text.
    fn largest(&self, page: &Page, believed: &[bool]) -> Option<usize> {
        let mut largest: Option<usize> = None;
        for (i, part) in page.parts.iter().enumerate().filter(|(i, p)| believed[*i] && p.reason != DropReason::Comment)
        {
            let more = |l: usize| self.at(part.node).running > self.at(page.parts[l].node).running;
            if self.share(part.node) > LEAST_SHARE && largest.is_none_or(more) {
                largest = Some(i);
            }
        }
        largest
    }
}

/// Where the headline stands: of the blocks that repeat it the highest heading, else the last that is no link.
pub(super) fn headline(candidates: &[Candidate], headlines: &Headlines) -> Option<usize> {
    let rank = |c: &Candidate| match c.block.kind {
        BlockKind::Heading(level) => i32::from(level),
        _ if c.measure.link_share() < 0.5 => 7,
        _ => 8,
    };
    let found = candidates.iter().enumerate().filter(|(_, c)| headlines.repeated_by(c));
    found.min_by_key(|(i, c)| (rank(c), std::cmp::Reverse(*i))).map(|(i, _)| i)
}

fn sums(doc: &Document, scores: &[f32], candidates: &[Candidate]) -> Vec<f32> {
    let mut sums = vec![0.0f32; doc.len()];
    for (c, score) in candidates.iter().zip(scores) {
        sums[c.node.index()] += score;
    }
    sum_up(doc, &mut sums);
    sums
}

/// Adds to every element what lies below it. Nodes are in document order, so going backwards meets children first.
fn sum_up<V: Copy + std::ops::AddAssign>(doc: &Document, values: &mut [V]) {
    for id in doc.descendants(doc.root()).rev() {
        if let Some(parent) = doc.parent(id) {
            let own = values[id.index()];
            values[parent.index()] += own;
        }
    }
}
