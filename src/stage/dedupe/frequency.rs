//! How often a shingle was seen lately: a count-min sketch that ages along the log.
//!
//! Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch", 2005, with the conservative update
//! of Estan and Varghese, 2002: only the smaller of the two counters grows. A count is never too low while both its
//! generations last; too high it is where two shingles share both their cells. Fixed memory, allocated at the first count.

use super::token::mix;

/// Counters. Fewer: more shingles are counted too high (two generations hold some ten million); more: memory, a byte each.
const CELLS: usize = 1 << 23;
/// Both counters of a key lie in one cache line: one miss a key.
const LINE: u64 = 64;
/// Counters stop here.
const FULL: u8 = 15;

/// The highest count there is: both generations full.
pub const MOST: u8 = 2 * FULL;

/// Counts of two generations: four bits each in one byte, the younger one low.
#[derive(Debug, Default)]
pub struct Frequency {
    cells: Vec<u8>,
}

impl Frequency {
    /// How often `key` was counted in this generation and the one before, up to [`MOST`].
    pub fn count(&self, key: u64) -> u8 {
        let [one, two] = places(key);
        let both = |at: usize| self.cells.get(at).map_or(0, |cell| (cell & FULL) + (cell >> 4));
        both(one).min(both(two))
    }

    /// Counts `key` once more.
    pub fn add(&mut self, key: u64) {
        if self.cells.is_empty() {
            self.cells = vec![0; CELLS];
        }
        let places = places(key);
        let young = places.map(|at| self.cells[at] & FULL);
        let least = young[0].min(young[1]);
        if least == FULL {
            return;
        }
        for (at, young) in places.into_iter().zip(young) {
            // The same cell twice is counted once.
            if young == least && self.cells[at] & FULL == least {
                self.cells[at] += 1;
            }
        }
    }

    /// Begins a new generation; the one before the last is forgotten.
    pub fn age(&mut self) {
        for cell in &mut self.cells {
            *cell <<= 4;
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.cells.len()
    }
}

fn places(key: u64) -> [usize; 2] {
    let hash = mix(key);
    let line = (hash >> 32) % (CELLS as u64 / LINE) * LINE;
    [hash % LINE, (hash >> 6) % LINE].map(|at| (line + at) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_right_while_there_is_room() {
        let mut seen = Frequency::default();
        for key in 0..20_000u64 {
            (0..key % 5).for_each(|_| seen.add(key));
        }
        let wrong = (0..20_000u64).filter(|key| u64::from(seen.count(*key)) != key % 5).count();
        assert!(wrong < 20, "{wrong}");
        assert!((0..20_000u64).all(|key| u64::from(seen.count(key)) >= key % 5));
    }

    #[test]
    fn two_generations_count_and_the_third_forgets() {
        let mut seen = Frequency::default();
        (0..3).for_each(|_| seen.add(7));
        seen.age();
        (0..2).for_each(|_| seen.add(7));
        assert_eq!(seen.count(7), 5);
        seen.age();
        assert_eq!(seen.count(7), 2);
        seen.age();
        assert_eq!(seen.count(7), 0);
    }

    #[test]
    fn counters_stop_at_the_top() {
        let mut seen = Frequency::default();
        (0..100).for_each(|_| seen.add(7));
        seen.age();
        (0..100).for_each(|_| seen.add(7));
        assert_eq!(seen.count(7), MOST);
    }
}
