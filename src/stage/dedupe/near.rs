//! The near question: which told story has these words?
//!
//! Shingles that a source prints on many of its pages are furniture, shingles that many stories share are phrases of a
//! kind of story; neither says which story this is. Both are counted along the log. The rest is looked up in the index,
//! and whatever shares enough with the text is compared by its sketch. Copies count as pages of their source, unless they
//! say word for word what was told ([`verdict::again`]); they are never indexed.
//!
//! The hashes are public, so anybody can make texts that collide: entries of one hash, of one list, and candidates
//! are bounded, the oldest kept. What is found depends on the log alone, never on how memory lies.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::frequency::{Frequency, MOST};
use super::postings::{Postings, Seq};
use super::sieve::Sieve;
use super::sketch::{Hits, Likeness, POSTED, Question, Sketch};
use super::verdict;
use super::wording::Wording;

/// Log records to a generation of counts. Longer: the counters fill up; shorter: phrases of rare templates are forgotten.
const GENERATION: i64 = 32_768;
/// Earlier articles of one source that have a shingle, before it can be furniture.
const FURNITURE: u8 = 3;
/// ... and of the source's articles one in so many at least: an agency's re-sends are not furniture.
const FURNITURE_SHARE: u32 = 64;
/// Earlier articles of one source that had most of a text, before it cannot be a further take of one story: such a text
/// tells nothing, and matches nothing.
const WORN: u8 = 4;
/// Published articles that have a shingle, before it is a phrase.
const PHRASE: u8 = 10;
/// Entries of one hash.
const SAME_HASH: usize = 64;
/// Entries found for one text.
const MOST_FOUND: usize = 1 << 16;
/// Stories compared with one text.
const MOST_COMPARED: usize = 64;

/// A part of the log: counts of this one and the one before are in force.
pub type Generation = (i64, i64);

/// The generation of a place in the log: it ends after so many records, or after half the window, whichever comes first,
/// so that no count is older than the window.
pub fn generation(offset: i64, now: i64, window: i64) -> Generation {
    (offset / GENERATION, now / (window / 2).max(1))
}

/// Counts and index. See the module's header.
#[derive(Debug, Default)]
pub struct Near {
    pub(super) generation: Option<Generation>,
    pub(super) furniture: Frequency,
    pub(super) phrases: Frequency,
    /// Articles of each source, in this generation and the one before.
    pub(super) sources: HashMap<u64, [u32; 2]>,
    pub(super) postings: Postings,
    /// What may be in there.
    sieve: Sieve,
}

impl Near {
    /// Moves on to a place in the log.
    pub fn turn(&mut self, to: Generation) {
        if self.generation.replace(to).is_none_or(|generation| generation == to) {
            return;
        }
        self.furniture.age();
        self.phrases.age();
        self.sources.retain(|_, counts| {
            *counts = [0, counts[0]];
            counts[1] > 0
        });
    }

    /// The question of a text.
    pub fn question<'w>(&self, wording: &'w Wording) -> Question<'w> {
        Question::new(wording, self.without_phrases(self.without_furniture(wording)))
    }

    fn without_furniture(&self, wording: &Wording) -> Vec<u32> {
        let all = &wording.shingles;
        let Some([young, old]) = self.sources.get(&wording.source) else { return all.clone() };
        let articles = young + old;
        // All counts first, without a decision between them: the processor then waits for many cells at once.
        let counts = self.furniture.counts(all.iter().map(|hash| of_source(*hash, wording.source)));
        let seen =
            |count: u8, often: u8| count >= often && (count == MOST || u32::from(count) * FURNITURE_SHARE >= articles);
        let counted = all.iter().zip(&counts);
        let rest: Vec<u32> = counted.filter(|(_, count)| !seen(**count, FURNITURE)).map(|(hash, _)| *hash).collect();
        if rest.len() >= 5 || rest.len() * 10 >= all.len() {
            return rest;
        }
        // All of it was on earlier pages: a further take of one story, or a page of which only furniture is left.
        let worn = counts.iter().filter(|count| seen(**count, WORN)).count();
        if worn * 2 > all.len() { Vec::new() } else { all.clone() }
    }

    /// From now on the text counts as a page of its source.
    pub fn count_for_source(&mut self, wording: &Wording) {
        if wording.source == 0 {
            return;
        }
        self.sources.entry(wording.source).or_default()[0] += 1;
        self.furniture.add(wording.shingles.iter().map(|hash| of_source(*hash, wording.source)));
    }

    fn without_phrases(&self, all: Vec<u32>) -> Vec<u32> {
        let counts = self.phrases.counts(all.iter().map(|hash| u64::from(*hash)));
        let counted = all.iter().zip(&counts);
        let rest: Vec<u32> = counted.filter(|(_, count)| **count < PHRASE).map(|(hash, _)| *hash).collect();
        if rest.len() < 8 && rest.len() * 8 < all.len() { all } else { rest }
    }

    /// The story that has most of these words, of those that `told` gives with the hash of its headline; between equals the
    /// earliest. The window begins at `first` and ends before `next`.
    pub fn best<'s>(
        &self,
        question: &mut Question,
        (first, next): (Seq, Seq),
        told: impl Fn(Seq) -> Option<(&'s Sketch, u32)>,
    ) -> Option<(Seq, Likeness)> {
        let shingles = self.sieve.pass(&question.shingles, first, next);
        let candidates = self.candidates(&shingles, &question.opening, first).into_iter();
        let told = candidates.filter_map(|(hits, at)| {
            let seq = first.wrapping_add(at);
            let (sketch, headline) = told(seq).filter(|(sketch, _)| hits.all > 1 || sketch.posted() == 1)?;
            Some((hits, at, seq, sketch, headline))
        });
        let compared = told.take(MOST_COMPARED).filter_map(|(hits, at, seq, sketch, headline)| {
            question.prepare();
            let like = sketch.compare(question, hits);
            let titled = headline != 0 && headline == question.wording.headline;
            Some((verdict::score(&like, titled)?, Reverse(at), seq, like))
        });
        compared.max_by_key(|(score, at, ..)| (*score, *at)).map(|(_, _, seq, like)| (seq, like))
    }

    /// The prints found, as hits and distance from `first`: most hits first, then the earliest.
    fn candidates(&self, shingles: &[u32], opening: &[u32], first: Seq) -> Vec<(Hits, u32)> {
        let mut found = Vec::new();
        for hash in shingles {
            let mut room = SAME_HASH;
            let opens = opening.binary_search(hash).is_ok();
            self.postings.find(spread(*hash), first, |seq| {
                found.push((seq.wrapping_sub(first), opens));
                room -= 1;
                room > 0
            });
            if found.len() > MOST_FOUND {
                break;
            }
        }
        found.sort_unstable();
        let same = found.chunk_by(|a, b| a.0 == b.0).filter_map(|same| {
            let opening = same.iter().filter(|(_, opens)| *opens).count();
            Some((Hits { all: same.len(), opening }, same.first()?.0))
        });
        let mut candidates: Vec<_> = same.collect();
        candidates.sort_unstable_by_key(|(hits, at)| (Reverse(hits.all), *at));
        candidates
    }

    /// Remembers a text that is published. `remembered` prints are in the window, which begins at `first`.
    pub fn add(&mut self, question: &Question, seq: Seq, first: Seq, remembered: usize) -> Sketch {
        self.phrases.add(question.shingles.iter().map(|hash| u64::from(*hash)));
        // Sixteen times what falls into a list by chance.
        let room = 1024 + remembered / 256;
        let mut posted = 0;
        for hash in question.shingles.iter().take(POSTED) {
            let spread = spread(*hash);
            if self.postings.crowd(spread, first) >= room || self.is_full(spread, first) {
                break;
            }
            self.postings.add(spread, seq, first);
            self.sieve.add(*hash, seq);
            posted += 1;
        }
        Sketch::new(question, posted)
    }

    /// True when as many stories have this hash as may.
    fn is_full(&self, spread: u32, first: Seq) -> bool {
        let mut room = SAME_HASH;
        self.postings.find(spread, first, |_| {
            room -= 1;
            room > 0
        });
        room == 0
    }

    /// Takes back an entry of the index as [`Postings::entries`] gave it; `next` is the print that comes next.
    pub fn restore(&mut self, spread: u32, seq: Seq, first: Seq, next: Seq) {
        self.postings.add(spread, seq, first);
        self.sieve.add(hash_of(spread), next);
    }

    /// Bytes held by counts and index.
    pub fn bytes(&self) -> usize {
        self.postings.bytes()
            + self.sieve.bytes()
            + self.sources.len() * 32
            + self.furniture.bytes()
            + self.phrases.bytes()
    }
}

fn of_source(hash: u32, source: u64) -> u64 {
    source.wrapping_add(u64::from(hash) << 20)
}

/// Spreads hashes over the lists: a story's entries are its smallest hashes, which would all fall into the first lists. One
/// to one (the finalizer of MurmurHash3), so nothing collides by it.
fn spread(hash: u32) -> u32 {
    let mut x = hash;
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// The hash that was spread to this: the steps of [`spread`] backwards.
fn hash_of(spread: u32) -> u32 {
    let mut x = spread;
    x = (x ^ (x >> 16)).wrapping_mul(0x7ed1_b41d);
    x = (x ^ (x >> 13) ^ (x >> 26)).wrapping_mul(0xa5cb_9243);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_from_what_it_was_spread_to() {
        for hash in (0..=u32::MAX).step_by(65_521) {
            assert_eq!(hash_of(spread(hash)), hash);
        }
    }
}
