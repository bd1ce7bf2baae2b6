//! What a print says of the story's words: the hashes of all its shingles, its numbers, its headline.
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

/// The words of one story, hashed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording {
    /// Distinct shingle hashes, ascending, none above `limit`.
    pub shingles: Vec<u32>,
    /// Largest hash that was kept; `u32::MAX` when all were.
    pub limit: u32,
    /// Distinct hashes of its numbers, ascending; the smallest of many.
    pub numbers: Vec<u16>,
    /// Hash of the headline's words; 0 without a headline.
    pub headline: u32,
    /// Hash of the source; 0 where none is known.
    pub source: u64,
    /// It says of itself that it corrects or withdraws something: never filed as a near copy.
    pub corrects: bool,
}

impl Wording {
    /// The wording of a story's paragraphs. `source` names who sent it.
    pub fn new(paragraphs: &[String], headline: Option<&str>, source: Option<&str>) -> Wording {
        let mut reader = Reader::default();
        for paragraph in paragraphs {
            tokens(paragraph, |token| {
                reader.numbers.extend(token.number);
                reader.token(token.hash);
            });
        }
        let (shingles, limit) = bounded(reader.shingles());
        let mut numbers = reader.numbers;
        numbers.sort_unstable();
        numbers.dedup();
        numbers.truncate(MAX_NUMBERS);
        let headline = headline.map(headline_hash).unwrap_or_default();
        let source = source.filter(|name| !name.is_empty()).map(|name| xxhash_rust::xxh3::xxh3_64(name.as_bytes()) | 1);
        Wording { shingles, limit, numbers, headline, source: source.unwrap_or_default(), corrects: false }
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
    numbers: Vec<u16>,
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
    headline: u32,
    source: u64,
    corrects: bool,
}

impl Serialize for Wording {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Wording { shingles, limit, numbers, headline, source, corrects } = self;
        let count = u32::try_from(shingles.len()).unwrap_or(u32::MAX);
        let (limit, numbers) = (*limit, numbers.clone());
        let (headline, source, corrects) = (*headline, *source, *corrects);
        Packed { count, shingles: rice::encode(shingles), limit, numbers, headline, source, corrects }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Wording {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Wording, D::Error> {
        let Packed { count, shingles, limit, numbers, headline, source, corrects } = Packed::deserialize(deserializer)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > MAX_SHINGLES || numbers.len() > MAX_NUMBERS || !numbers.is_sorted_by(|a, b| a < b) {
            return Err(D::Error::custom("more than a wording can hold"));
        }
        let shingles = rice::decode(&shingles, count).ok_or_else(|| D::Error::custom("shingles do not read back"))?;
        if shingles.last().is_some_and(|last| *last > limit) {
            return Err(D::Error::custom("a shingle above the limit"));
        }
        Ok(Wording { shingles, limit, numbers, headline, source, corrects })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(text: &str) -> Wording {
        Wording::new(&[text.to_owned()], None, None)
    }

    #[test]
    fn the_order_of_words_counts_and_their_printing_does_not() {
        let ferry = wording("The last ferry of the day left early.");
        assert_eq!(ferry.shingles.len(), 6);
        assert_eq!(ferry, wording("the last FERRY of the day, left early"));
        assert_ne!(ferry.shingles, wording("The last day of the ferry left early.").shingles);
        assert_eq!(wording("Rain again").shingles.len(), 1);
        assert!(wording("").is_empty());
    }

    #[test]
    fn windows_run_across_paragraphs() {
        let split = Wording::new(&["The last ferry".into(), "left early".into()], None, None);
        assert_eq!(split, wording("The last ferry left early"));
    }

    #[test]
    fn of_a_long_text_the_smallest_hashes_are_kept() {
        let text: String = (0..30_000).map(|n| format!("word{} ", n * 7)).collect();
        let long = wording(&text);
        assert_eq!((long.shingles.len(), long.numbers.len()), (MAX_SHINGLES, MAX_NUMBERS));
        assert_eq!(long.shingles.last(), Some(&long.limit));
        assert!(long.limit < u32::MAX / 3);
    }

    #[test]
    fn a_wording_reads_back_and_what_is_none_does_not() {
        let text = "Ferries carried 1,250 people on 3 May, 12 more than on 2 May.";
        let own = Wording::new(&[text.to_owned()], Some("Ferries full"), Some("harbour.test"));
        let bytes = postcard::to_allocvec(&own).unwrap();
        assert_eq!(postcard::from_bytes::<Wording>(&bytes).unwrap(), own);
        let packed = |count, limit, numbers| {
            let shingles = rice::encode(&own.shingles);
            Packed { count, shingles, limit, numbers, headline: 0, source: 0, corrects: false }
        };
        let (count, all) = (own.shingles.len() as u32, u32::MAX);
        for wrong in [packed(count + 1, all, vec![]), packed(count, 1, vec![]), packed(count, all, vec![2, 1])] {
            let bytes = postcard::to_allocvec(&wrong).unwrap();
            assert!(postcard::from_bytes::<Wording>(&bytes).is_err());
        }
    }

    #[test]
    fn three_hundred_shingles_take_less_than_a_kilobyte() {
        let text: String = (0..302).map(|n| format!("w{} ", mix(n))).collect();
        let coded = rice::encode(&wording(&text).shingles).len();
        assert!((900..1000).contains(&coded), "{coded}");
    }
}
