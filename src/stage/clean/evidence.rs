//! What speaks for and against a block, as numbers: the second opinion's view of a page or text.
//!
//! Everything is a share, a logarithm or a distance: no class name, no word of any language, no site. The forests in `data/` know
//! a number by its place in the row, and reasons and kinds by their place in their lists: they are grown anew when these change.

mod text;

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::candidate::{Candidate, Page};
use super::container;
use super::measure::is_running;
use super::rule::Headlines;
use super::surroundings::Surroundings;
use super::vocabulary::{Vocabulary, likeness, words};
use crate::article::DropReason;
use crate::stage::html::{Document, NodeId};

/// Numbers that scraped text has for a line.
pub const LINE: usize = 70;
/// Numbers that a page has for a block: those of a line, then its place in the tree.
pub const PAGE: usize = LINE + 31;

/// The numbers of one block, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The numbers; those of a line only use the first [`LINE`].
    pub values: [f32; PAGE],
    len: usize,
}

impl Row {
    fn new() -> Row {
        Row { values: [0.0; PAGE], len: 0 }
    }

    /// Adds a number.
    pub(super) fn push(&mut self, value: f32) {
        if let Some(slot) = self.values.get_mut(self.len) {
            *slot = value;
        }
        self.len += 1;
    }

    /// Adds numbers.
    pub(super) fn all(&mut self, values: &[f32]) {
        values.iter().for_each(|v| self.push(*v));
    }
}

/// The judged blocks of a page or text, with what is summed up over them.
pub(super) struct Scene<'a> {
    candidates: &'a [Candidate],
    /// The tree and the container; none for scraped text.
    surroundings: Option<Surroundings<'a>>,
    headline: Option<usize>,
    /// Of the headline, see [`words`].
    headline_words: Vec<u64>,
    /// First and last block of running text that is kept.
    solid: Option<(usize, usize)>,
    /// Weight before each block: of all, of running text, of kept running text, of links, of what ends like a sentence. One longer
    /// than the blocks.
    before: Vec<[f32; 5]>,
    vocabulary: Vocabulary,
    repeats: HashMap<u64, u32>,
    /// For each block the nearest kept running text before and after it.
    near: Vec<(usize, usize)>,
}

impl<'a> Scene<'a> {
    /// The scene of a page.
    pub(super) fn page(doc: &'a Document<'a>, page: &'a Page, container: NodeId, headlines: &Headlines) -> Scene<'a> {
        let headline = container::headline(&page.candidates, headlines);
        let surroundings = Some(Surroundings::new(doc, page, container));
        Scene::new(&page.candidates, surroundings, headline)
    }

    /// The scene of scraped text.
    pub(super) fn text(candidates: &'a [Candidate]) -> Scene<'a> {
        let headline = candidates.iter().position(|c| c.block.dropped == Some(DropReason::Headline));
        Scene::new(candidates, None, headline)
    }

    fn new(candidates: &'a [Candidate], surroundings: Option<Surroundings<'a>>, headline: Option<usize>) -> Scene<'a> {
        let mut before = vec![[0.0; 5]];
        let mut repeats: HashMap<u64, u32> = HashMap::with_capacity(candidates.len());
        for c in candidates {
            let mut sums = before[before.len() - 1];
            sums[0] += c.measure.weight as f32;
            sums[1] += if is_running(&c.measure) { c.measure.weight as f32 } else { 0.0 };
            sums[2] += if c.is_solid() { c.measure.weight as f32 } else { 0.0 };
            sums[3] += c.measure.linked as f32;
            sums[4] += if c.measure.closed { c.measure.weight as f32 } else { 0.0 };
            before.push(sums);
            *repeats.entry(xxh3_64(c.block.text.as_bytes())).or_default() += 1;
        }
        let first = candidates.iter().position(Candidate::is_solid);
        let solid = first.map(|first| (first, candidates.iter().rposition(Candidate::is_solid).unwrap_or(first)));
        let mut headline_words = Vec::new();
        if let Some(headline) = headline {
            words(candidates[headline].key(), |word| headline_words.push(word));
        }
        let (vocabulary, near) = (Vocabulary::of(candidates), near(candidates));
        Scene { candidates, surroundings, headline, headline_words, solid, before, vocabulary, repeats, near }
    }

    /// The numbers of block `i`.
    pub(super) fn row(&self, i: usize) -> Row {
        let mut row = Row::new();
        let c = &self.candidates[i];
        text::of_text(&mut row, c);
        self.of_words(&mut row, i);
        self.of_order(&mut row, i);
        self.of_neighbours(&mut row, i);
        self.of_whole(&mut row);
        debug_assert_eq!(row.len, LINE);
        if let Some(surroundings) = &self.surroundings {
            surroundings.numbers(&mut row, i);
            debug_assert_eq!(row.len, PAGE);
        }
        row
    }

    fn of_words(&self, row: &mut Row, i: usize) {
        let c = &self.candidates[i];
        let repeats = self.repeats.get(&xxh3_64(c.block.text.as_bytes())).copied().unwrap_or(1);
        row.push(repeats.min(20) as f32);
        let mut own = Vec::new();
        words(c.key(), |word| own.push(word));
        row.push(self.vocabulary.shared(i, &own));
        row.push(self.headline.map_or(-1.0, |_| likeness(&self.headline_words, &own)));
    }

    /// Where the block stands between the first and the last block, headline and running text.
    fn of_order(&self, row: &mut Row, i: usize) {
        let n = self.candidates.len();
        let [all, running, kept, ..] = self.before[n];
        let here = self.before[i];
        row.all(&[i as f32 / n as f32, (n - i).min(100) as f32]);
        row.push(here[0] / all.max(1.0));
        row.push(here[1] / running.max(1.0));
        row.push(here[2] / kept.max(1.0));
        row.push(self.headline.map_or(-200.0, |h| (i as f32 - h as f32).clamp(-100.0, 100.0)));
        row.push(self.headline.map_or(-1.0, |h| ((here[2] - self.before[h][2]) / kept.max(1.0)).clamp(-1.0, 1.0)));
        let (first, last) = self.solid.unwrap_or((n, 0));
        row.push((i as f32 - first as f32).clamp(-50.0, 50.0));
        row.push((last as f32 - i as f32).clamp(-50.0, 50.0));
        let (left, right) = self.near[i];
        row.push((i - left.min(i)).min(50) as f32);
        row.push((right.max(i) - i).min(50) as f32);
        row.push(if left < i { (here[0] - self.before[left + 1][0]).min(5000.0) } else { 5000.0 });
        row.push(if right < n { (self.before[right][0] - self.before[i + 1][0]).min(5000.0) } else { 5000.0 });
    }

    fn of_neighbours(&self, row: &mut Row, i: usize) {
        for step in [-3isize, -2, -1, 1, 2, 3] {
            match i.checked_add_signed(step).and_then(|at| self.candidates.get(at)) {
                Some(c) => row.all(&[log(c.measure.weight), c.measure.link_share(), verdict(c)]),
                None => row.all(&[-1.0, -1.0, -1.0]),
            }
        }
        for wide in [4, 12] {
            let sums = self.around(i, wide);
            row.all(&[1, 2, 3, 4].map(|which| sums[which] / sums[0].max(1.0)));
        }
        let sums = self.around(i, 40);
        row.all(&[1, 2].map(|which| sums[which] / sums[0].max(1.0)));
    }

    /// The sums over the blocks up to so far before and after.
    fn around(&self, i: usize, wide: usize) -> [f32; 5] {
        let (from, to) = (i.saturating_sub(wide), (i + wide + 1).min(self.candidates.len()));
        std::array::from_fn(|which| self.before[to][which] - self.before[from][which])
    }

    fn of_whole(&self, row: &mut Row) {
        let n = self.candidates.len();
        let [all, running, kept, linked, closed] = self.before[n];
        row.all(&[(n as f32 + 1.0).ln(), (kept + 1.0).ln(), kept / running.max(1.0), running / all.max(1.0)]);
        row.all(&[linked / all.max(1.0), closed / all.max(1.0)]);
    }
}

fn log(n: u32) -> f32 {
    (n as f32 + 1.0).ln()
}

/// What the rules said, as a number.
fn verdict(c: &Candidate) -> f32 {
    number(c.block.dropped)
}

/// A reason as a number: 0 for none, else its place in the list of reasons.
pub(super) fn number(reason: Option<DropReason>) -> f32 {
    reason.map_or(0.0, |reason| f32::from(reason as u8 + 1))
}

/// For each block the nearest kept running text before and after it; the block itself and the end where there is none.
fn near(candidates: &[Candidate]) -> Vec<(usize, usize)> {
    let n = candidates.len();
    let mut near = vec![(0, n); n];
    let mut last = None;
    for (i, c) in candidates.iter().enumerate() {
        near[i].0 = last.unwrap_or(i);
        last = if c.is_solid() { Some(i) } else { last };
    }
    let mut next = n;
    for (i, c) in candidates.iter().enumerate().rev() {
        near[i].1 = next;
        next = if c.is_solid() { i } else { next };
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::{Anchors, judged, plain};
    use crate::stage::html::{Budget, parse};

    const STORY: &str = "<ul><li><a href=/>Home</a></ul><div class=x><p>The harbour council voted on Monday night to keep the old crane.\
        <p>The mayor of the harbour said after the vote that she would look for the money elsewhere.</div><p>Most read";

    #[test]
    fn a_row_has_the_numbers_it_says() {
        let doc = parse(STORY, &Budget::default()).unwrap();
        let headlines = Headlines::default();
        let (page, container) = judged(&doc, &Anchors::default(), &headlines);
        let scene = Scene::page(&doc, &page, container, &headlines);
        assert!((0..page.candidates.len()).all(|i| scene.row(i).len == PAGE));
        let lines = plain::judged("Home\n\nThe council voted.\n\nMost read", &headlines);
        assert!((0..lines.len()).all(|i| Scene::text(&lines).row(i).len == LINE));
    }
}
