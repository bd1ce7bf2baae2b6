//! One hash for words and features. Its values stand in the weights file, so it must never change within a version of that file.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// Hash of a word.
pub fn text(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

/// Two values to one.
pub fn mix(a: u64, b: u64) -> u64 {
    let x = (a ^ b.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ (x >> 29) ^ b).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (x >> 32)
}

/// A map whose keys are hashes already.
pub type Map<V> = HashMap<u64, V, BuildHasherDefault<Same>>;

/// Takes a `u64` for its own hash.
#[derive(Debug, Default, Clone, Copy)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mix(self.0, u64::from(*byte)));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
