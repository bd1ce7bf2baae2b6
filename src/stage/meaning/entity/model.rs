//! The weights file: a lexicon, the weights of the features, the weights of label after label. Read where it lies, never copied.
//!
//! Layout, little endian: magic, version `u32`, step of a weight `f32`, number of lexicon entries `u32`, number of slots `u32`,
//! transitions `f32` 9 x 9, lexicon entries, slots. A slot is a check `u16` and a weight `i8` for each label but "none", whose weight is
//! always 0. The slots are a hash table with linear probing in which check 0 is an empty slot.

use std::borrow::Cow;

use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use super::lexicon::{ENTRY, Lexicon};

/// Begins every weights file.
pub const MAGIC: [u8; 8] = *b"copydesk";
/// Version of the file and of the features it was trained with.
pub const VERSION: u32 = 1;
/// Labels: none, then beginning and inside of person, organisation, place, misc.
pub const LABELS: usize = 9;
/// Bytes of a slot.
pub const SLOT: usize = LABELS + 1;
/// Bytes before the lexicon.
pub const HEAD: usize = 8 + 4 * 4 + 4 * LABELS * LABELS;
/// Slots that are compared at once, as the parts of one number: four searches in five end there.
const WINDOW: usize = 4;
/// Features that are looked up together.
const BATCH: usize = 64;
/// Most windows that one search passes. Longer runs do not occur in a table that the training program wrote.
const MAX_WINDOWS: usize = 64;

/// A weight for each label.
pub type Scores = [i32; LABELS];

/// Why bytes are no weights file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ModelError {
    /// Too short, or another beginning.
    #[error("no weights file of copydesk")]
    Foreign,
    /// Written for other features.
    #[error("weights file of version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// Cut off or padded.
    #[error("weights file of {found} bytes that says of itself it has {expected}")]
    Length {
        /// Bytes that came.
        found: usize,
        /// Bytes its head promises.
        expected: usize,
    },
    /// A number that is none.
    #[error("weights file with a number that is none")]
    Number,
}

/// The weights of the program.
static EMBEDDED: &[u8] = include_bytes!("../../data/names/entities.model");

/// A weights file that was checked.
#[derive(Clone)]
pub struct Model {
    bytes: Cow<'static, [u8]>,
    name: String,
    step: f32,
    lexicon: usize,
    /// The checks of all slots, apart from the weights: most features are not there, and half a megabyte of checks stays in
    /// the cache where three of slots do not. The first of them stand behind the last once more, so that a window may go over
    /// the end.
    checks: Vec<u16>,
    slots: usize,
    transitions: [[f32; LABELS]; LABELS],
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({})", self.name)
    }
}

impl Model {
    /// The weights of the program.
    ///
    /// # Errors
    /// Never for a program that passed its tests.
    pub fn embedded() -> Result<Model, ModelError> {
        Model::read(EMBEDDED)
    }

    /// Version of the format and hash of the weights, for `produced_by.models`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks magic, version and length before anything else is read.
    ///
    /// # Errors
    /// [`ModelError`] says what is wrong.
    pub fn read(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Model, ModelError> {
        let bytes = bytes.into();
        if bytes.len() < HEAD || bytes[..8] != MAGIC {
            return Err(ModelError::Foreign);
        }
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if word(8) != VERSION {
            return Err(ModelError::Version(word(8)));
        }
        let (step, lexicon, slots) = (f32::from_bits(word(12)), word(16) as usize, word(20) as usize);
        let sum = || HEAD.checked_add(lexicon.checked_mul(ENTRY)?)?.checked_add(slots.checked_mul(SLOT)?);
        let expected = sum().unwrap_or(usize::MAX);
        if expected != bytes.len() || slots == 0 {
            return Err(ModelError::Length { found: bytes.len(), expected });
        }
        let mut transitions = [[0.0; LABELS]; LABELS];
        for (at, weight) in transitions.iter_mut().flatten().enumerate() {
            *weight = f32::from_bits(word(24 + 4 * at));
        }
        let usable = transitions.iter().flatten().all(|weight| weight.abs() < 1e4);
        if !usable || step.is_nan() || step <= 0.0 || step >= 1.0 {
            return Err(ModelError::Number);
        }
        let name = format!("{VERSION}-{:08x}", xxh3_64(&bytes) >> 32);
        let lexicon = HEAD + lexicon * ENTRY;
        let checks = bytes[lexicon..].chunks_exact(SLOT).map(|slot| u16::from_le_bytes([slot[0], slot[1]]));
        let checks = checks.clone().chain(checks.cycle().take(WINDOW)).collect();
        Ok(Model { name, lexicon, checks, slots, step, transitions, bytes })
    }

    /// What was counted of words.
    pub fn lexicon(&self) -> Lexicon<'_> {
        Lexicon::new(&self.bytes[HEAD..self.lexicon])
    }

    /// What one unit of a score is worth.
    pub fn step(&self) -> f32 {
        self.step
    }

    /// Weight of a label (column) after another (row).
    pub fn transitions(&self) -> &[[f32; LABELS]; LABELS] {
        &self.transitions
    }

    /// Sums the weights of features. First all tables of checks are asked, then all weights are read: what the processor waits
    /// for is memory, and so it waits for many slots at once.
    pub fn sum(&self, features: &[u32]) -> Scores {
        let mut scores = [0; LABELS];
        for features in features.chunks(BATCH) {
            let mut begun = [(0, 0, 0); BATCH];
            for (begun, feature) in begun.iter_mut().zip(features) {
                let (at, check) = slot(*feature, self.slots);
                *begun = (at, check, self.window(at));
            }
            let (mut slots, mut found) = ([0; BATCH], 0);
            for slot in begun[..features.len()].iter().filter_map(|begun| self.find(*begun)) {
                slots[found] = slot;
                found += 1;
            }
            slots[..found].iter().for_each(|slot| self.add_slot(*slot, &mut scores));
        }
        scores
    }

    /// The checks of the slots from one on.
    fn window(&self, at: usize) -> u64 {
        self.checks.get(at..).and_then(|from| from.first_chunk()).map_or(0, joined)
    }

    /// The slot of a feature, from where its search begins, its check, and the window there.
    fn find(&self, (mut at, check, mut window): (usize, u16, u64)) -> Option<usize> {
        for _ in 0..MAX_WINDOWS {
            let (found, empty) = (first_zero(window ^ joined(&[check; WINDOW])), first_zero(window));
            if found < empty {
                return Some(self.wrapped(at + found));
            }
            if empty < WINDOW {
                return None;
            }
            at = self.wrapped(at + WINDOW);
            window = self.window(at);
        }
        None
    }

    /// A division takes longer than the rest of a search, and is hardly ever needed.
    fn wrapped(&self, slot: usize) -> usize {
        if slot < self.slots { slot } else { slot % self.slots }
    }

    fn add_slot(&self, slot: usize, scores: &mut Scores) {
        let start = self.lexicon + slot * SLOT + 2;
        let Some(weights) = self.bytes.get(start..).and_then(|from| from.first_chunk::<{ LABELS - 1 }>()) else {
            return;
        };
        for (score, weight) in scores[1..].iter_mut().zip(weights) {
            *score += i32::from(*weight as i8);
        }
    }
}

/// Four checks as one number, the first lowest.
fn joined(&[a, b, c, d]: &[u16; WINDOW]) -> u64 {
    u64::from(a) | u64::from(b) << 16 | u64::from(c) << 32 | u64::from(d) << 48
}

/// Which of the four parts is the first that is 0; [`WINDOW`] where none is. (Mycroft's test: what is subtracted is borrowed
/// from the next part only behind a part that is 0.)
fn first_zero(window: u64) -> usize {
    const ONES: u64 = 0x0001_0001_0001_0001;
    let zeros = window.wrapping_sub(ONES) & !window & (ONES << 15);
    zeros.trailing_zeros() as usize / 16
}

/// Where the search for a feature begins, and the check it is known by.
pub fn slot(key: u32, slots: usize) -> (usize, u16) {
    let at = (u64::from(key) * slots as u64) >> 32;
    (at as usize, ((key as u16) ^ (key >> 16) as u16).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(slots: &[(u32, i8)], capacity: usize) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for word in [VERSION, 0.01f32.to_bits(), 0, capacity as u32] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend([0; 4 * LABELS * LABELS]);
        let mut table = vec![[0u8; SLOT]; capacity];
        for (key, weight) in slots {
            let (mut at, check) = slot(*key, capacity);
            while table[at][0] != 0 || table[at][1] != 0 {
                at = (at + 1) % capacity;
            }
            table[at][..2].copy_from_slice(&check.to_le_bytes());
            table[at][2..].fill(*weight as u8);
        }
        bytes.extend(table.concat());
        bytes
    }

    #[test]
    fn a_feature_is_found_and_another_is_not() {
        let model = Model::read(file(&[(7, -3), (u32::MAX, 5)], 4)).unwrap();
        for (key, weight) in [(7, -3), (u32::MAX, 5), (1 << 31, 0)] {
            let scores = model.sum(&[key]);
            assert_eq!(scores[1..], [weight; LABELS - 1], "{key}");
            assert_eq!(scores[0], 0);
        }
        assert_eq!(model.sum(&[7, u32::MAX, 7].repeat(BATCH))[1], -(BATCH as i32));
    }

    #[test]
    fn what_is_cut_padded_or_foreign_is_refused() {
        let whole = file(&[(7, 1)], 4);
        assert!(Model::read(whole.clone()).is_ok());
        for length in 0..whole.len() {
            assert!(Model::read(whole[..length].to_vec()).is_err(), "{length}");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert!(matches!(Model::read(longer), Err(ModelError::Length { .. })));
        let mut other = whole.clone();
        other[8] = 99;
        assert_eq!(Model::read(other).unwrap_err(), ModelError::Version(99));
        let mut huge = whole.clone();
        huge[16..24].fill(0xff);
        assert!(matches!(Model::read(huge), Err(ModelError::Length { .. })));
        let mut wrong = whole;
        wrong[12..16].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(Model::read(wrong).unwrap_err(), ModelError::Number);
    }

    #[test]
    fn a_table_without_an_empty_slot_ends_the_search() {
        let full: Vec<(u32, i8)> = (0..4).map(|at| (at << 30 | at, 1)).collect();
        let model = Model::read(file(&full, 4)).unwrap();
        assert_eq!(model.sum(&[12345]), [0; LABELS]);
    }
}
