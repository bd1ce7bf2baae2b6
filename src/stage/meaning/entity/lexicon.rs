//! What was counted of words in a large amount of news: their cluster, how often they have a capital, and what a first
//! tagger took them and their neighbours for. Part of the weights file.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::hash::text;

/// Bytes of an entry: the upper half of the form's hash, cluster, capitals, three kinds.
pub const ENTRY: usize = 10;

/// What is known of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// Words used alike share it; 0 when not known.
    pub cluster: u16,
    /// 1 (never) to 8 (always with a capital inside a sentence), 9 mostly in capitals; 0 when not known.
    pub capitals: u8,
    /// What a first tagger mostly took it for, and how mostly; 0 when not known.
    pub kind: u8,
    /// Likewise, of the names that follow it.
    pub leads: u8,
    /// Likewise, of the names before it.
    pub trails: u8,
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

    /// What is known of the form, else of its lower case; the capitals of its lower case, of which all forms are one word.
    pub fn entry(&self, form: &str, lower: &str) -> Entry {
        let own = self.find(Self::key(form));
        let small = if form == lower { own } else { self.find(Self::key(lower)) };
        let known = own.filter(|entry| entry.cluster != 0).or(small).unwrap_or_default();
        let kind = own.unwrap_or_default().kind;
        Entry { capitals: small.unwrap_or_default().capitals, kind, ..known }
    }

    /// The entry under a key.
    pub fn find(&self, key: u32) -> Option<Entry> {
        let (mut low, mut high) = (0, self.bytes.len() / ENTRY);
        while low < high {
            let middle = (low + high) / 2;
            let (found, entry) = self.at(middle)?;
            match found.cmp(&key) {
                Ordering::Equal => return Some(entry),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// All keys with their entries.
    pub fn all(&self) -> impl Iterator<Item = (u32, Entry)> {
        (0..self.bytes.len() / ENTRY).filter_map(|at| self.at(at))
    }

    fn at(&self, at: usize) -> Option<(u32, Entry)> {
        let &[a, b, c, d, e, f, capitals, kind, leads, trails] = self.bytes.get(at * ENTRY..(at + 1) * ENTRY)? else {
            return None;
        };
        let cluster = u16::from_le_bytes([e, f]);
        Some((u32::from_le_bytes([a, b, c, d]), Entry { cluster, capitals, kind, leads, trails }))
    }

    /// The bytes of entries.
    pub fn write(entries: &BTreeMap<u32, Entry>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(entries.len() * ENTRY);
        for (key, entry) in entries {
            bytes.extend(key.to_le_bytes());
            bytes.extend(entry.cluster.to_le_bytes());
            bytes.extend([entry.capitals, entry.kind, entry.leads, entry.trails]);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_found() {
        let entry = |cluster, kind| Entry { cluster, capitals: 2, kind, leads: 3, trails: 4 };
        let entries: BTreeMap<u32, Entry> = [("Oak", entry(7, 1)), ("oak", entry(9, 0)), ("elm", entry(0, 0))]
            .map(|(f, e)| (Lexicon::key(f), e))
            .into();
        let bytes = Lexicon::write(&entries);
        let lexicon = Lexicon::new(&bytes);
        assert_eq!(lexicon.all().collect::<BTreeMap<u32, Entry>>(), entries);
        assert_eq!(lexicon.entry("Oak", "oak"), entry(7, 1));
        assert_eq!(lexicon.entry("Elm", "elm"), entry(0, 0));
        assert_eq!(lexicon.entry("Ash", "ash"), Entry::default());
        assert_eq!(Lexicon::new(&bytes[..ENTRY + 3]).all().count(), 1);
    }
}
