//! Which words a page's running text has: what a block shares with the rest of the story, and with its headline.

use xxhash_rust::xxh3::xxh3_64;

use super::block::Candidate;
use super::evidence::is_solid;
use super::measure::is_dense;

/// Slots of the table of words: more than a long page has different words.
const SLOTS: usize = 1 << 13;

/// Which words kept running text has, and whether in more than one block.
pub(super) struct Vocabulary {
    /// For each slot the block the word stands in, counted from 1, or `MANY`; 0 for none.
    slots: Vec<u32>,
}

const MANY: u32 = u32::MAX;

impl Vocabulary {
    /// The words of kept running text.
    pub(super) fn of(candidates: &[Candidate]) -> Vocabulary {
        let mut slots = vec![0; SLOTS];
        for (i, c) in candidates.iter().enumerate().filter(|(_, c)| is_solid(c)) {
            for word in words(c.key()) {
                let slot = &mut slots[word as usize % SLOTS];
                let own = i as u32 + 1;
                *slot = if *slot == 0 || *slot == own { own } else { MANY };
            }
        }
        Vocabulary { slots }
    }

    /// Share of the words of block `i` that kept running text elsewhere has too; -1.0 for a block without words.
    pub(super) fn shared(&self, i: usize, key: &str) -> f32 {
        let (mut all, mut shared) = (0u32, 0u32);
        for word in words(key) {
            let slot = self.slots[word as usize % SLOTS];
            all += 1;
            shared += u32::from(slot != 0 && slot != i as u32 + 1);
        }
        if all == 0 { -1.0 } else { shared as f32 / all as f32 }
    }
}

/// Share of the words of a block that the headline has.
pub(super) fn likeness(headline: &str, key: &str) -> f32 {
    let headline: Vec<u64> = words(headline).collect();
    let (mut all, mut shared) = (0u32, 0u32);
    for word in words(key).take(64) {
        all += 1;
        shared += u32::from(headline.contains(&word));
    }
    if all == 0 { -1.0 } else { shared as f32 / all as f32 }
}

/// Hashes of the words of a key that say something: four bytes or more; of ideographs and kana the pairs.
fn words(key: &str) -> impl Iterator<Item = u64> + '_ {
    key.split(' ').flat_map(|word| {
        let dense = word.starts_with(is_dense);
        let long = (!dense && word.len() >= SAYING).then(|| xxh3_64(word.as_bytes()));
        let pairs = word.char_indices().zip(word.char_indices().skip(1)).take(if dense { usize::MAX } else { 0 });
        long.into_iter().chain(pairs.map(|((at, _), (next, c))| xxh3_64(&word.as_bytes()[at..next + c.len_utf8()])))
    })
}

/// Bytes of a word that says something.
const SAYING: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::plain;

    #[test]
    fn a_block_shares_words_with_the_others_but_not_with_itself() {
        let lines = [
            "The harbour council voted on Monday night to keep the old crane for another ten years, after a campaign.",
            "The mayor of the harbour, who had wanted to sell the crane, would look for other money after the vote.",
            "Harbour crane",
            "Popular recipes",
        ];
        let candidates = lines.map(|line| plain::candidate(line.to_owned()));
        let words = Vocabulary::of(&candidates);
        assert_eq!(words.shared(2, "harbour crane"), 1.0);
        assert_eq!(words.shared(3, "popular recipes"), 0.0);
        assert_eq!(words.shared(0, "council campaign"), 0.0);
        assert_eq!(words.shared(3, "a b"), -1.0);
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_pairs() {
        assert_eq!(likeness("港口议会", "港口议会"), 1.0);
        assert_eq!(likeness("港口议会", "学校屋顶"), 0.0);
    }
}
