//! A text as a bag of hashed words: what the topic models are trained on and read with.

use xxhash_rust::xxh3::xxh3_64;

use crate::stage::quick::Map;
use crate::stage::text::push_lower;

/// Words of a text that are looked at; what it is about has been said by then.
const MAX_READ: usize = 3000;
/// Longest word, in bytes.
const MAX_WORD: usize = 40;

/// How often each word stands in headline and text, by hash, in order of the hash. Words of the headline count twice.
pub fn bag(headline: &str, text: &str) -> Vec<(u32, u32)> {
    let mut counts: Map<u32, u32> = Map::default(); // not many: at most two times MAX_READ
    let mut lower = String::new();
    for (source, weight) in [(headline, 2), (text, 1)] {
        let words =
            source.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && word.len() <= MAX_WORD);
        for word in words.take(MAX_READ) {
            lower.clear();
            push_lower(&mut lower, word);
            *counts.entry(hash(&lower)).or_default() += weight;
        }
    }
    let mut bag: Vec<(u32, u32)> = counts.into_iter().collect();
    bag.sort_unstable();
    bag
}

/// The hash of a word in lower case; a number counts by its length alone.
fn hash(lower: &str) -> u32 {
    if lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return xxh3_64(&[lower.len() as u8]) as u32;
    }
    xxh3_64(lower.as_bytes()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_words_whatever_their_case() {
        let counted = bag("Bridge", "The bridge, the BRIDGE.");
        assert_eq!(counted.iter().map(|(_, count)| *count).max(), Some(4));
        assert_eq!(counted.len(), 2);
        assert_eq!(bag("", "12 34"), bag("", "99 11"));
    }
}
