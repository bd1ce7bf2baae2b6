//! How often a shingle was seen lately: a count-min sketch that ages along the log.
//!
//! Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch", 2005, with the conservative update
//! of Estan and Varghese, 2002: only the smaller of the two counters grows. A count is never too low while both its
//! generations last; too high it is where two shingles share both their cells. Fixed memory, allocated at the first count.

use super::token::mix;

/// Lines. Fewer: more shingles are counted too high (two generations hold some ten million); more: memory, 64
/// bytes each.
const LINES: u64 = 1 << 17;
/// Counters of a line: both of a key lie in one, so a key costs one cache miss.
const CELLS: u64 = 60;
/// Counters stop here.
const FULL: u8 = 15;

/// The highest count there is: both generations full.
pub const MOST: u8 = 2 * FULL;

/// Counts of two generations.
#[derive(Debug, Default)]
pub struct Frequency {
    /// All lines, one behind the other: a plain vector of zeros costs memory only where it is written.
    cells: Vec<u8>,
    generation: u32,
}

/// Four bytes of the generation it was last moved to, then counters: four bits of the younger generation low, four of the
/// older one high.
type Line = [u8; 64];

/// Bytes of all lines.
const ALL: usize = LINES as usize * size_of::<Line>();

/// Where the counters of a line begin.
const HEAD: usize = 4;

fn generation([a, b, c, d, ..]: &Line) -> u32 {
    u32::from_le_bytes([*a, *b, *c, *d])
}

/// Moves a line to a generation. Each line is moved when it is counted in, so that no new generation ever costs a pause.
fn turn(line: &mut Line, to: u32) {
    match to.wrapping_sub(generation(line)) {
        0 => return,
        1 => line[HEAD..].iter_mut().for_each(|cell| *cell <<= 4),
        _ => line[HEAD..].fill(0),
    }
    line[..HEAD].copy_from_slice(&to.to_le_bytes());
}

impl Frequency {
    /// How often `key` was counted in this generation and the one before, up to [`MOST`].
    pub fn count(&self, key: u64) -> u8 {
        let (line, cells) = places(key);
        let Some(line) = self.cells.as_chunks::<64>().0.get(line) else { return 0 };
        let both = |at: usize| match self.generation.wrapping_sub(generation(line)) {
            0 => (line[at] & FULL) + (line[at] >> 4),
            1 => line[at] & FULL,
            _ => 0,
        };
        cells.map(both).into_iter().min().unwrap_or_default()
    }

    /// Counts `key` once more.
    pub fn add(&mut self, key: u64) {
        if self.cells.is_empty() {
            self.cells = vec![0; ALL];
        }
        let (line, [one, two]) = places(key);
        let Some(line) = self.cells.as_chunks_mut::<64>().0.get_mut(line) else { return };
        turn(line, self.generation);
        let least = (line[one] & FULL).min(line[two] & FULL);
        if least == FULL {
            return;
        }
        // The same cell twice is counted once.
        for at in [one, two] {
            if line[at] & FULL == least {
                line[at] += 1;
            }
        }
    }

    /// The generation in force, and all counters.
    pub fn parts(&self) -> (u32, &[u8]) {
        (self.generation, &self.cells)
    }

    /// Takes on a generation and the next of the counters that [`Frequency::parts`] gave; false when these are too many.
    pub fn restore(&mut self, generation: u32, cells: &[u8]) -> bool {
        self.generation = generation;
        if self.cells.is_empty() && !cells.is_empty() {
            self.cells.reserve_exact(ALL);
        }
        self.cells.extend_from_slice(cells);
        self.cells.len() <= ALL
    }

    /// True when no counter is missing.
    pub fn is_whole(&self) -> bool {
        self.cells.is_empty() || self.cells.len() == ALL
    }

    /// Begins a new generation; the one before the last is forgotten.
    pub fn age(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.cells.len()
    }
}

/// The line of a key and its two cells there.
fn places(key: u64) -> (usize, [usize; 2]) {
    let hash = mix(key);
    let line = (hash >> 32) % LINES;
    (line as usize, [hash % CELLS, (hash >> 8) % CELLS].map(|at| at as usize + HEAD))
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
