//! What a print says of the story's words: the hashes of all its shingles, which of them open it, its numbers, its headline.
//!
//! A shingle is a window of three tokens. Longer windows break at every edit, shorter ones recur in every brief of a kind.
//! Bounded: of a long text only the smallest hashes are kept, below a limit that the wording names. What cannot be a
//! wording does not deserialise.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::rice;
use super::token::{mix, tokens};

/// Most shingles kept. More: one print may take a broker's record; fewer: books and long reports are compared by less.
const MAX_SHINGLES: usize = 8192;
/// Most numbers kept.
const MAX_NUMBERS: usize = 256;
/// Shingles that open a text at least: a headline's worth of sentences, where a story says what is new.
const OPENING: usize = 32;
/// ... and of a long text one part in so many.
const OPENING_PART: usize = 8;
/// Most numbers of the opening kept.
const MAX_OPENING_NUMBERS: usize = 16;

/// The words of one story, hashed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording {
    /// Distinct shingle hashes, ascending, none above `limit`.
    pub shingles: Vec<u32>,
    /// Largest hash that was kept; `u32::MAX` when all were.
    pub limit: u32,
    /// Distinct hashes of its numbers, ascending; the smallest of many.
    pub numbers: Vec<u16>,
    /// Those of the shingles that stand at the beginning of the text, ascending.
    pub opening: Vec<u32>,
    /// Distinct hashes of the numbers there, ascending.
    pub opening_numbers: Vec<u16>,
    /// Hash of the headline's words; 0 without a headline.
    pub headline: u32,
    /// Hash of the source; 0 where none is known.
    pub source: u64,
    /// It says of itself that it corrects or withdraws something: never filed as a near copy.
    pub corrects: bool,
    /// It says of itself that it is a later take: never filed as a near copy where it says something else.
    pub updates: bool,
    /// Hash of what its reader sees of the article, by [`super::keys::cleaned`]; 0 where nobody hashed it.
    pub article: u64,
}

impl Wording {
    /// The wording of a story's paragraphs. `source` names who sent it.
    pub fn new(paragraphs: &[String], headline: Option<&str>, source: Option<&str>) -> Wording {
        let mut reader = Reader::default();
        for paragraph in paragraphs {
            tokens(paragraph, |token| {
                reader.numbers.extend(token.number.map(|number| (reader.count, number)));
                reader.token(token.hash);
            });
        }
        let in_order = reader.shingles();
        let opens = in_order.len().min(OPENING.max(in_order.len() / OPENING_PART));
        let (mut opening, _) = bounded(in_order[..opens].to_vec());
        let (shingles, limit) = bounded(in_order);
        opening.retain(|hash| *hash <= limit);
        let smallest = |first: usize, most: usize| {
            let there = reader.numbers.iter().filter(|(at, _)| *at < first);
            let mut numbers: Vec<u16> = there.map(|(_, number)| *number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers.truncate(most);
            numbers
        };
        let (numbers, opening_numbers) = (smallest(usize::MAX, MAX_NUMBERS), smallest(opens + 2, MAX_OPENING_NUMBERS));
        let headline = headline.map(headline_hash).unwrap_or_default();
        let source = source.filter(|name| !name.is_empty()).map(|name| xxhash_rust::xxh3::xxh3_64(name.as_bytes()) | 1);
        let source = source.unwrap_or_default();
        Wording {
            shingles,
            limit,
            numbers,
            opening,
            opening_numbers,
            headline,
            source,
            corrects: false,
            updates: false,
            article: 0,
        }
    }

    /// True when there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.shingles.is_empty()
    }
}

fn headline_hash(headline: &str) -> u32 {
    let mut hash = 0u64;
    tokens(headline, |token| hash = mix(hash.rotate_left(5) ^ token.hash));
    (hash >> 32) as u32
}

/// Turns tokens into shingles.
#[derive(Default)]
struct Reader {
    last: [u64; 2],
    count: usize,
    hashes: Vec<u32>,
    /// With the place of their token.
    numbers: Vec<(usize, u16)>,
}

impl Reader {
    fn token(&mut self, hash: u64) {
        let [first, second] = self.last;
        self.count += 1;
        if self.count > 2 {
            self.hashes.push(shingle([first, second, hash]));
        }
        self.last = [second, hash];
    }

    /// All shingles; a text of one or two words gives one.
    fn shingles(&mut self) -> Vec<u32> {
        if self.count > 0 && self.hashes.is_empty() {
            self.hashes.push(shingle([0, self.last[0], self.last[1]]));
        }
        std::mem::take(&mut self.hashes)
    }
}

/// 32 bits of three tokens in their order.
fn shingle([a, b, c]: [u64; 3]) -> u32 {
    (mix(a.wrapping_mul(3).rotate_left(21) ^ b.wrapping_mul(5).rotate_left(42) ^ c) >> 32) as u32
}

/// Sorted and distinct; of too many the smallest, and the limit below which nothing is missing.
fn bounded(mut hashes: Vec<u32>) -> (Vec<u32>, u32) {
    hashes.sort_unstable();
    hashes.dedup();
    if hashes.len() <= MAX_SHINGLES {
        return (hashes, u32::MAX);
    }
    hashes.truncate(MAX_SHINGLES);
    let limit = hashes.last().copied().unwrap_or(u32::MAX);
    (hashes, limit)
}

/// As the print log holds it.
#[derive(Serialize, Deserialize)]
struct Packed {
    count: u32,
    shingles: Vec<u8>,
    limit: u32,
    numbers: Vec<u16>,
    opens: u32,
    /// Places of the opening's shingles among all.
    opening: Vec<u8>,
    opening_numbers: Vec<u16>,
    headline: u32,
    source: u64,
    corrects: bool,
    updates: bool,
    article: u64,
}

impl Serialize for Wording {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = |list: &[u32]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let place = |hash: &u32| self.shingles.binary_search(hash).ok().and_then(|at| u32::try_from(at).ok());
        let opening: Vec<u32> = self.opening.iter().filter_map(place).collect();
        let packed = Packed {
            count: count(&self.shingles),
            shingles: rice::encode(&self.shingles),
            limit: self.limit,
            numbers: self.numbers.clone(),
            opens: count(&opening),
            opening: rice::encode(&opening),
            opening_numbers: self.opening_numbers.clone(),
            headline: self.headline,
            source: self.source,
            corrects: self.corrects,
            updates: self.updates,
            article: self.article,
        };
        packed.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Wording {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Wording, D::Error> {
        let packed = Packed::deserialize(deserializer)?;
        let Packed { limit, numbers, opening_numbers, headline, source, corrects, updates, article, .. } = packed;
        let fits = |numbers: &[u16], most| numbers.len() <= most && numbers.is_sorted_by(|a, b| a < b);
        let [count, opens] = [packed.count, packed.opens].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let numbers_fit = fits(&numbers, MAX_NUMBERS) && fits(&opening_numbers, MAX_OPENING_NUMBERS);
        if count > MAX_SHINGLES || opens > count || !numbers_fit {
            return Err(D::Error::custom("more than a wording can hold"));
        }
        let read =
            |coded: &[u8], count| rice::decode(coded, count).ok_or_else(|| D::Error::custom("does not read back"));
        let shingles = read(&packed.shingles, count)?;
        if shingles.last().is_some_and(|last| *last > limit) {
            return Err(D::Error::custom("a shingle above the limit"));
        }
        let places = read(&packed.opening, opens)?;
        let hash = |place: &u32| shingles.get(*place as usize).copied();
        let opening: Option<Vec<u32>> = places.iter().map(hash).collect();
        let opening = opening.ok_or_else(|| D::Error::custom("an opening outside of the text"))?;
        Ok(Wording { shingles, limit, numbers, opening, opening_numbers, headline, source, corrects, updates, article })
    }
}

#[cfg(test)]
mod tests;
