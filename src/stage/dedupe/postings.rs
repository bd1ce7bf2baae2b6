//! From a 32-bit hash to the prints that have it: an inverted index whose answers do not depend on its layout.
//!
//! The high half of the hash chooses one of 65,536 lists, the low half is the tag in it, so nothing is found by chance. A
//! list is in log order and drops what has left the window from its front when it needs room. Lists grow by an eighth,
//! each on its own: no table is ever rehashed, six bytes an entry and little slack.

/// Lists that are allocated together, at their first use: a small desk pays for what it remembers, not for all lists.
const GROUP: usize = 16;
const GROUPS: usize = LISTS / GROUP;
/// Lists of an index.
pub const LISTS: usize = 1 << 16;

/// Where a print stands in the order of all prints ever remembered; wraps around.
pub type Seq = u32;

/// The index. See the module's header.
#[derive(Debug, Default)]
pub struct Postings {
    groups: Vec<Vec<List>>,
    /// Kept as it grows: whoever asks holds everybody else up meanwhile, and the lists are many.
    bytes: usize,
}

#[derive(Debug, Default, Clone)]
struct List {
    tags: Vec<u16>,
    seqs: Vec<Seq>,
}

impl Postings {
    /// Adds an entry; `seq` is later than all that were added, and everything before `first` is forgotten.
    pub fn add(&mut self, hash: u32, seq: Seq, first: Seq) {
        if self.groups.is_empty() {
            self.groups = vec![Vec::new(); GROUPS];
            self.bytes += GROUPS * size_of::<Vec<List>>();
        }
        let (group, at) = list_of(hash);
        let group = &mut self.groups[group];
        if group.is_empty() {
            group.resize(GROUP, List::default());
            self.bytes += GROUP * size_of::<List>();
        }
        let list = &mut group[at];
        let before = list.bytes();
        if list.tags.len() == list.tags.capacity() {
            list.make_room(first);
        }
        list.tags.push(hash as u16);
        list.seqs.push(seq);
        self.bytes = self.bytes + list.bytes() - before;
    }

    /// Hands every entry of `hash` that is not before `first` to `each`, oldest first, until it says `false`.
    pub fn find(&self, hash: u32, first: Seq, mut each: impl FnMut(Seq) -> bool) {
        let Some(list) = self.list(hash) else { return };
        list.find(hash as u16, |seq| is_before(seq, first) || each(seq));
    }

    /// The same, latest first.
    pub fn find_back(&self, hash: u32, first: Seq, mut each: impl FnMut(Seq) -> bool) {
        let Some(list) = self.list(hash) else { return };
        let mut end = list.tags.len();
        while let Some(at) = list.tags[..end].iter().rposition(|tag| *tag == hash as u16) {
            if is_before(list.seqs[at], first) || !each(list.seqs[at]) {
                return;
            }
            end = at;
        }
    }

    /// Entries of the list that `hash` falls into which are not before `first`.
    pub fn crowd(&self, hash: u32, first: Seq) -> usize {
        let Some(list) = self.list(hash) else { return 0 };
        list.seqs.len() - list.seqs.partition_point(|seq| is_before(*seq, first))
    }

    /// Entries of one of the [`LISTS`] lists that are not before `first`, oldest first: tag and how far after `first`.
    pub fn entries(&self, list: u16, first: Seq) -> impl Iterator<Item = (u16, u32)> {
        let list = self.list(u32::from(list) << 16);
        let entries = list.into_iter().flat_map(|list| list.tags.iter().zip(&list.seqs));
        entries.map(move |(tag, seq)| (*tag, seq.wrapping_sub(first))).filter(|(_, after)| *after <= Seq::MAX / 2)
    }

    fn list(&self, hash: u32) -> Option<&List> {
        let (group, at) = list_of(hash);
        self.groups.get(group)?.get(at)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The group of a hash, and its list there.
fn list_of(hash: u32) -> (usize, usize) {
    let list = (hash >> 16) as usize;
    (list / GROUP, list % GROUP)
}

/// True when `seq` was remembered before `first`; both lie less than half the numbers apart.
fn is_before(seq: Seq, first: Seq) -> bool {
    seq.wrapping_sub(first) > Seq::MAX / 2
}

impl List {
    /// Bytes of its entries.
    fn bytes(&self) -> usize {
        self.tags.capacity() * 2 + self.seqs.capacity() * 4
    }

    fn make_room(&mut self, first: Seq) {
        let gone = self.seqs.partition_point(|seq| is_before(*seq, first));
        self.tags.drain(..gone);
        self.seqs.drain(..gone);
        let (len, room) = (self.tags.len(), self.tags.capacity());
        if len >= room - room / 8 {
            self.tags.reserve_exact(len / 8 + 4);
            self.seqs.reserve_exact(len / 8 + 4);
        } else if len < room / 2 {
            self.tags.shrink_to(len + len / 8 + 4);
            self.seqs.shrink_to(len + len / 8 + 4);
        }
    }

    /// Two bytes an entry are read; blocks without the tag are passed over in vectors.
    fn find(&self, tag: u16, mut each: impl FnMut(Seq) -> bool) {
        const BLOCK: usize = 32;
        for (block, tags) in self.tags.chunks(BLOCK).enumerate() {
            if !tags.iter().fold(false, |any, other| any | (*other == tag)) {
                continue;
            }
            let seqs = self.seqs[block * BLOCK..].iter();
            for (seq, _) in seqs.zip(tags).filter(|(_, other)| **other == tag) {
                if !each(*seq) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::dedupe::token::mix;
    use std::collections::HashMap;

    fn all(postings: &Postings, hash: u32, first: Seq) -> Vec<Seq> {
        let mut found = Vec::new();
        postings.find(hash, first, |seq| {
            found.push(seq);
            true
        });
        found
    }

    /// A slow, obvious twin: the same entries in a map of vectors.
    #[test]
    fn finds_what_a_map_finds_across_the_end_of_the_numbers() {
        let (mut postings, mut twin) = (Postings::default(), HashMap::<u32, Vec<u64>>::new());
        let start = u64::from(u32::MAX) - 5_000;
        for n in 0..20_000u64 {
            let hash = (mix(n) % 300) as u32 * 2_000_003;
            let (seq, first) = (start + n, start + n.saturating_sub(3_000));
            postings.add(hash, seq as Seq, first as Seq);
            twin.entry(hash).or_default().push(seq);
            if n % 97 == 0 {
                let live = twin[&hash].iter().filter(|seq| **seq >= first).map(|seq| *seq as Seq);
                assert_eq!(all(&postings, hash, first as Seq), live.collect::<Vec<_>>());
            }
        }
        let held: usize = postings.groups.iter().flatten().map(|list| list.seqs.len()).sum();
        assert!(held < 8_000, "entries out of the window are dropped: {held}");
        let lists = postings.groups.iter().flatten().map(|list| size_of::<List>() + list.bytes());
        let walked = postings.groups.len() * size_of::<Vec<List>>() + lists.sum::<usize>();
        assert_eq!(postings.bytes(), walked, "what is kept is what a walk finds");
    }

    #[test]
    fn backwards_gives_the_same_entries() {
        let mut postings = Postings::default();
        (0..500).for_each(|seq| postings.add(seq % 7, seq, 0));
        let mut back = Vec::new();
        postings.find_back(3, 100, |seq| {
            back.push(seq);
            true
        });
        back.reverse();
        assert_eq!(back, all(&postings, 3, 100));
        assert_eq!(back.len(), 57);
    }

    #[test]
    fn neighbours_in_a_list_are_not_found() {
        let mut postings = Postings::default();
        postings.add(0x1234_0001, 1, 0);
        assert!(all(&postings, 0x1234_0002, 0).is_empty());
        assert!(all(&postings, 0x4321_0001, 0).is_empty());
        assert_eq!((postings.crowd(0x1234_0002, 0), postings.crowd(0x1234_0002, 2)), (1, 0));
    }
}
