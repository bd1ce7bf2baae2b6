//! Tables of the program's own texts that are asked for every word, and a memory for texts that come again and again.
//!
//! The hash of [`Map`] and [`Set`] is not salted: what comes from outside may be asked for, but not be a key unless there are few;
//! [`Salted`] is for that.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// A table whose keys are the program's own.
pub type Map<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;
/// A list whose entries are the program's own.
pub type Set<K> = HashSet<K, BuildHasherDefault<Quick>>;

/// A table whose keys come from outside: its hash is salted, so nobody can choose keys that fall together.
pub type Salted<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// A list whose entries come from outside.
pub type SaltedSet<K> = HashSet<K, foldhash::fast::RandomState>;

/// xxh3 of one text, without the state that the streaming hash sets up.
#[derive(Debug, Default, Clone, Copy)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = self.0.rotate_left(5) ^ xxh3_64(bytes);
    }

    /// The mark that the standard library sets behind a text: no text of a key stands before another.
    fn write_u8(&mut self, _: u8) {}
}

/// Texts remembered at once: more than a page has different class names.
const SLOTS: usize = 512;

/// What was made of texts such as the class names of a page. A text may be forgotten at any time: memory is bounded, and no
/// choice of texts makes it slower than making everything anew.
#[derive(Debug)]
pub struct Recent<'t, V> {
    slots: Vec<Option<(&'t str, V)>>,
}

impl<'t, V: Copy> Recent<'t, V> {
    /// Nothing yet.
    pub fn new() -> Recent<'t, V> {
        Recent { slots: vec![None; SLOTS] }
    }

    /// What `make` makes of the text, now or earlier.
    pub fn get(&mut self, text: &'t str, make: impl FnOnce(&str) -> V) -> V {
        let slot = &mut self.slots[xxh3_64(text.as_bytes()) as usize % SLOTS];
        match slot {
            Some((known, value)) if *known == text => *value,
            _ => {
                let value = make(text);
                *slot = Some((text, value));
                value
            }
        }
    }
}

impl<V: Copy> Default for Recent<'_, V> {
    fn default() -> Self {
        Recent::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_find_what_they_hold() {
        let map: Map<&str, u8> = [("ferry", 1), ("harbour", 2)].into_iter().collect();
        assert_eq!((map.get("ferry"), map.get("harbour"), map.get("crane")), (Some(&1), Some(&2), None));
    }

    #[test]
    fn a_text_is_made_once_and_more_texts_than_slots_come_out_right() {
        let texts: Vec<String> = (0..SLOTS * 3).map(|n| format!("name-{n}")).collect();
        let mut recent = Recent::new();
        assert_eq!(recent.get("a", str::len), 1);
        assert_eq!(recent.get("a", |_| 9), 1);
        for _ in 0..2 {
            assert!(texts.iter().all(|text| recent.get(text, str::len) == text.len()));
        }
    }
}
