//! Which part of the page holds the story.
//!
//! Every block speaks for the element it stands in: running text for it, links and scraps against it. The story's container is
//! the element with the highest sum, and the smallest such: an outer element must add something of its own to win.

use super::block::{Candidate, Page, Part};
use super::measure::Measure;
use super::rule::Headlines;
use super::{BlockKind, DropReason};
use crate::stage::html::Document;

/// Share of all running text from which on a part is not believed to be what its class name says: some pages call their
/// whole column "sidebar-left" or "comments-open".
const BELIEVED: f32 = 0.5;
/// The same for parts whose names are used loosely, or that seldom hold running text at all.
const DOUBTED: f32 = 0.2;
/// The same for parts that say so by tag or role, and for comments, which may be longer than the story.
const STRONGLY_BELIEVED: f32 = 0.85;
/// An outer element must be worth this many times its best child.
const OUTER_GAIN: f32 = 1.05;

/// Drops what stands in a part that is not the story or outside the container.
pub(super) fn choose(doc: &Document, page: &mut Page, headlines: &Headlines) {
    let believed = believed(doc, page);
    for c in &mut page.candidates {
        let mut part = c.part;
        while let Some(index) = part {
            if believed[index] {
                c.block.dropped = Some(page.parts[index].reason);
                break;
            }
            part = page.parts[index].within;
        }
    }
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
    for c in &mut page.candidates {
        if c.block.dropped.is_none() && c.node != best && !doc.contains(best, c.node) {
            c.block.dropped = Some(DropReason::OutsideContainer);
        }
    }
}

/// Which parts are what they claim to be: not those that hold much of the page's running text.
fn believed(doc: &Document, page: &Page) -> Vec<bool> {
    let (mut running, mut all, mut linked) =
        (vec![0.0f32; doc.len()], vec![0.0f32; doc.len()], vec![0.0f32; doc.len()]);
    for c in &page.candidates {
        let (at, m) = (c.node.index(), &c.measure);
        running[at] += if is_running(m) { m.weight as f32 } else { 0.0 };
        all[at] += m.weight as f32;
        linked[at] += m.linked as f32;
    }
    for values in [&mut running, &mut all, &mut linked] {
        sum_up(doc, values);
    }
    let total = running[0].max(1.0);
    let part = |p: &Part| {
        let at = p.node.index();
        let link_share = linked[at] / all[at].max(1.0);
        running[at] / total <= credit(p, link_share)
    };
    page.parts.iter().map(part).collect()
}

/// The share of a page's running text up to which a part is believed.
fn credit(part: &Part, link_share: f32) -> f32 {
    match part.reason {
        DropReason::Comment | DropReason::AuthorBox => STRONGLY_BELIEVED,
        _ if part.strong => STRONGLY_BELIEVED,
        DropReason::Consent | DropReason::Copyright | DropReason::Paywall | DropReason::Footer => BELIEVED,
        _ if link_share > 0.2 => BELIEVED,
        _ => DOUBTED,
    }
}

/// Running text: sentences, few links.
pub(super) fn is_running(m: &Measure) -> bool {
    m.weight >= 60 && m.stops > 0 && m.link_share() < 0.33
}

/// Where the headline stands: of the blocks that repeat it the highest heading, else the last that is no link.
fn headline(candidates: &[Candidate], headlines: &Headlines) -> Option<usize> {
    let rank = |c: &Candidate| match c.block.kind {
        BlockKind::Heading(level) => i32::from(level),
        _ if c.measure.link_share() < 0.5 => 7,
        _ => 8,
    };
    let found = candidates.iter().enumerate().filter(|(_, c)| c.measure.weight < 300 && headlines.has(&c.block.text));
    found.min_by_key(|(i, c)| (rank(c), std::cmp::Reverse(*i))).map(|(i, _)| i)
}

/// What each block says for the element it stands in.
fn scores(candidates: &[Candidate], headline: Option<usize>) -> Vec<f32> {
    let own: Vec<f32> = candidates.iter().map(score).collect();
    let around = |i: usize| {
        let before = own[..i].last().copied().unwrap_or(0.0);
        let after = own.get(i + 1).copied().unwrap_or(0.0);
        before.max(after)
    };
    let nearness = nearness(candidates, &own, headline);
    // A single text between links and scraps is a teaser more often than a story.
    let alone =
        |i: usize, s: f32| if s > 0.0 && s < TEASER && around(i) <= 0.0 && nearness[i] < NEXT { s * 0.2 } else { s };
    own.iter().enumerate().map(|(i, s)| alone(i, *s) * nearness[i]).collect()
}

/// Score up to which a text between scraps is taken for a teaser.
const TEASER: f32 = 300.0;
/// Nearness of the first text under the headline.
const NEXT: f32 = 1.5;
/// Weight of links and scraps after which a text is half as near to the headline.
const HALF_WAY: f32 = 1500.0;

/// How much a block counts for its distance from the headline: little before it, most right below, less the more scraps lie
/// between.
fn nearness(candidates: &[Candidate], scores: &[f32], headline: Option<usize>) -> Vec<f32> {
    let Some(headline) = headline else { return vec![1.0; candidates.len()] };
    let mut gap = 0.0;
    let mut first = true;
    let after = |(c, score): (&Candidate, &f32)| {
        if *score <= 0.0 {
            gap += c.measure.weight.min(200) as f32;
        }
        let near = 1.0 / (1.0 + gap / HALF_WAY);
        let next = *score > 0.0 && std::mem::take(&mut first);
        if next { NEXT } else { near }
    };
    let before = std::iter::repeat_n(0.3, headline);
    before.chain(candidates[headline..].iter().zip(&scores[headline..]).map(after)).collect()
}

fn score(c: &Candidate) -> f32 {
    let m = &c.measure;
    let weight = m.weight as f32;
    if c.block.dropped.is_some() {
        return -0.1 * weight.min(100.0);
    }
    match c.block.kind {
        BlockKind::Caption => 0.0,
        BlockKind::Heading(_) if m.link_share() < 0.5 => 0.0,
        _ if m.link_share() >= 0.5 => -0.5 * weight.min(60.0),
        _ if is_running(m) => (weight - m.linked as f32).min(800.0),
        _ if weight >= 30.0 && m.stops > 0 => 0.4 * weight,
        BlockKind::ListItem | BlockKind::TableRow if m.linked == 0 => 0.0,
        _ => -8.0,
    }
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
fn sum_up(doc: &Document, values: &mut [f32]) {
    for id in doc.descendants(doc.root()).rev() {
        if let Some(parent) = doc.parent(id) {
            values[parent.index()] += values[id.index()];
        }
    }
}
