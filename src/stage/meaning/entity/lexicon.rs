//! What was counted of words in a large amount of news: their cluster, and how often they have a capital. Part of the weights file.

use super::hash::text;

/// Bytes of an entry: the upper half of the form's hash, cluster, capitals.
pub const ENTRY: usize = 7;

/// What is known of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// Words used alike share it; 0 when not known.
    pub cluster: u16,
    /// 1 (never) to 8 (always with a capital inside a sentence); 0 when not known.
    pub capitals: u8,
}

/// Sorted entries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lexicon<'m> {
    bytes: &'m [u8],
}

impl<'m> Lexicon<'m> {
    /// Over bytes made of whole entries in ascending order; what is over at the end is not read.
    pub fn new(bytes: &'m [u8]) -> Lexicon<'m> {
        Lexicon { bytes }
    }

    /// The key under which a form stands.
    pub fn key(form: &str) -> u32 {
        (text(form) >> 32) as u32
    }

    /// The cluster of the form, else of its lower case; the capitals of its lower case, of which all forms are one word.
    pub fn entry(&self, form: &str, lower: &str) -> Entry {
        let own = self.find(Self::key(form));
        let small = self.find(Self::key(lower));
        let known = own.filter(|entry| entry.cluster != 0).or(small).unwrap_or_default();
        Entry { cluster: known.cluster, capitals: small.unwrap_or_default().capitals }
    }

    fn find(&self, key: u32) -> Option<Entry> {
        let (mut low, mut high) = (0, self.bytes.len() / ENTRY);
        while low < high {
            let middle = (low + high) / 2;
            let &[a, b, c, d, e, f, capitals] = self.bytes.get(middle * ENTRY..(middle + 1) * ENTRY)? else {
                return None;
            };
            match u32::from_le_bytes([a, b, c, d]).cmp(&key) {
                std::cmp::Ordering::Equal => {
                    return Some(Entry { cluster: u16::from_le_bytes([e, f]), capitals });
                }
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}
