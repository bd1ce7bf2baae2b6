//! Which words a page's running text has: what a block shares with the rest of the story, and with its headline.

use xxhash_rust::xxh3::xxh3_64;

use super::candidate::Candidate;
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
        for (i, c) in candidates.iter().enumerate().filter(|(_, c)| c.is_solid()) {
            words(c.key(), |word| {
                let slot = &mut slots[word as usize % SLOTS];
                let own = i as u32 + 1;
                *slot = if *slot == 0 || *slot == own { own } else { MANY };
            });
        }
        Vocabulary { slots }
    }

    /// Share of the words of block `i` that kept running text elsewhere has too; -1.0 for a block without words.
    pub(super) fn shared(&self, i: usize, words: &[u64]) -> f32 {
        let is_shared = |word: &u64| {
            let slot = self.slots[*word as usize % SLOTS];
            slot != 0 && slot != i as u32 + 1
        };
        share(words, is_shared)
    }
}

/// Share of the words of a block that the headline has.
pub(super) fn likeness(headline: &[u64], words: &[u64]) -> f32 {
    share(&words[..words.len().min(64)], |word| headline.contains(word))
}

fn share(words: &[u64], has: impl Fn(&u64) -> bool) -> f32 {
    if words.is_empty() {
        return -1.0;
    }
    words.iter().filter(|word| has(word)).count() as f32 / words.len() as f32
}

/// Hashes of the words of a key that say something: four bytes or more; of ideographs and kana the pairs.
pub(super) fn words(key: &str, mut each: impl FnMut(u64)) {
    let mut start = 0;
    for end in memchr::memchr_iter(b' ', key.as_bytes()).chain([key.len()]) {
        let word = &key[start..end];
        start = end + 1;
        if word.starts_with(is_dense) {
            let pairs = word.char_indices().zip(word.char_indices().skip(1));
            pairs.for_each(|((at, _), (next, c))| each(xxh3_64(&word.as_bytes()[at..next + c.len_utf8()])));
        } else if word.len() >= SAYING {
            each(xxh3_64(word.as_bytes()));
        }
    }
}

/// Bytes of a word that says something.
const SAYING: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::plain;

    fn hashes(key: &str) -> Vec<u64> {
        let mut all = Vec::new();
        words(key, |word| all.push(word));
        all
    }

    #[test]
    fn a_block_shares_words_with_the_others_but_not_with_itself() {
        let lines = [
            "The harbour council voted on Monday night to keep the old crane for another ten years, after a campaign.",
            "The mayor of the harbour, who had wanted to sell the crane, would look for other money after the vote.",
            "Harbour crane",
            "Popular recipes",
        ];
        let candidates = lines.map(|line| plain::candidate(line.to_owned()));
        let vocabulary = Vocabulary::of(&candidates);
        assert_eq!(vocabulary.shared(2, &hashes("harbour crane")), 1.0);
        assert_eq!(vocabulary.shared(3, &hashes("popular recipes")), 0.0);
        assert_eq!(vocabulary.shared(0, &hashes("council campaign")), 0.0);
        assert_eq!(vocabulary.shared(3, &hashes("a b")), -1.0);
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_pairs() {
        assert_eq!(likeness(&hashes("港口议会"), &hashes("港口议会")), 1.0);
        assert_eq!(likeness(&hashes("港口议会"), &hashes("学校屋顶")), 0.0);
    }
}
