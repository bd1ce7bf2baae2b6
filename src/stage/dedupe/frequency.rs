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
    /// How often each of `keys` was counted in this generation and the one before, up to [`MOST`].
    pub fn counts(&self, keys: impl Iterator<Item = u64>) -> Vec<u8> {
        let hashes: Vec<u64> = keys.map(mix).collect();
        self.fetch(&hashes);
        hashes.iter().map(|hash| self.count(*hash)).collect()
    }

    /// Counts each of `keys` once more.
    pub fn add(&mut self, keys: impl Iterator<Item = u64>) {
        if self.cells.is_empty() {
            self.cells = vec![0; ALL];
        }
        let hashes: Vec<u64> = keys.map(mix).collect();
        self.fetch(&hashes);
        hashes.iter().for_each(|hash| self.count_in(*hash));
    }

    /// Reads the lines of these hashes and does nothing with them: next to nothing stands between two reads, so that the
    /// processor waits for many lines at once, and has them when they are looked into.
    fn fetch(&self, hashes: &[u64]) {
        let lines = self.cells.as_chunks::<64>().0;
        let read = hashes.iter().filter_map(|hash| lines.get(line(*hash))).fold(0, |all, line| all ^ line[0]);
        std::hint::black_box(read);
    }

    fn count(&self, hash: u64) -> u8 {
        let Some(line) = self.cells.as_chunks::<64>().0.get(line(hash)) else { return 0 };
        let [one, two] = cells(hash).map(|at| line[at]);
        match self.generation.wrapping_sub(generation(line)) {
            0 => ((one & FULL) + (one >> 4)).min((two & FULL) + (two >> 4)),
            1 => (one & FULL).min(two & FULL),
            _ => 0,
        }
    }

    fn count_in(&mut self, hash: u64) {
        let Some(line) = self.cells.as_chunks_mut::<64>().0.get_mut(line(hash)) else { return };
        turn(line, self.generation);
        let [one, two] = cells(hash);
        let (first, second) = (line[one] & FULL, line[two] & FULL);
        let least = first.min(second);
        let room = least < FULL;
        line[one] += u8::from(room & (first == least));
        // The same cell twice is counted once.
        line[two] += u8::from(room & (second == least) & (one != two));
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

/// The line of a hash.
fn line(hash: u64) -> usize {
    ((hash >> 32) % LINES) as usize
}

/// Its two cells there.
fn cells(hash: u64) -> [usize; 2] {
    [hash % CELLS, (hash >> 8) % CELLS].map(|at| at as usize + HEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(seen: &Frequency, key: u64) -> u8 {
        seen.counts([key].into_iter())[0]
    }

    #[test]
    fn counts_are_right_while_there_is_room() {
        let mut seen = Frequency::default();
        for key in 0..20_000u64 {
            seen.add((0..key % 5).map(|_| key));
        }
        let wrong = (0..20_000u64).filter(|key| u64::from(count(&seen, *key)) != key % 5).count();
        assert!(wrong < 20, "{wrong}");
        assert!((0..20_000u64).all(|key| u64::from(count(&seen, key)) >= key % 5));
    }

    #[test]
    fn two_generations_count_and_the_third_forgets() {
        let mut seen = Frequency::default();
        seen.add([7; 3].into_iter());
        seen.age();
        seen.add([7; 2].into_iter());
        assert_eq!(count(&seen, 7), 5);
        seen.age();
        assert_eq!(count(&seen, 7), 2);
        seen.age();
        assert_eq!(count(&seen, 7), 0);
    }

    #[test]
    fn counters_stop_at_the_top() {
        let mut seen = Frequency::default();
        seen.add([7; 100].into_iter());
        seen.age();
        seen.add([7; 100].into_iter());
        assert_eq!(count(&seen, 7), MOST);
    }
}
