//! Which hashes may be in the index at all: most of a text's are not, and one byte says so.
//!
//! A story is indexed by its smallest hashes, so the higher a hash, the fewer stories have it there. A cell holds when a
//! hash of its range was last indexed. It may let through what is not there, it never holds back what is.

use super::postings::Seq;

/// A cell for so many hashes, as a power of two. More: the index is asked in vain more often; fewer: memory, 4 MiB now.
const RANGE: u32 = 10;
const CELLS: usize = 1 << (u32::BITS - RANGE);
/// Prints of one age, as a power of two.
const AGE: u32 = 17;
/// Ages come round again after so many.
const AGES: u8 = 128;
/// Marks a cell that was written.
const WRITTEN: u8 = AGES;

/// The cells, allocated when the first hash comes.
#[derive(Debug, Default)]
pub struct Sieve(Vec<u8>);

impl Sieve {
    /// A hash was indexed for the print `seq`, later than all before.
    pub fn add(&mut self, hash: u32, seq: Seq) {
        if self.0.is_empty() {
            self.0 = vec![0; CELLS];
        }
        if let Some(cell) = self.0.get_mut((hash >> RANGE) as usize) {
            *cell = WRITTEN | age(seq);
        }
    }

    /// Those of `hashes` that a print may have which is not before `first`; `next` is the print that comes next.
    pub fn pass(&self, hashes: &[u32], first: Seq, next: Seq) -> Vec<u32> {
        let oldest = (next.wrapping_sub(first) >> AGE) + 1;
        let may = |cell: u8| {
            let since = age(next).wrapping_sub(cell) % AGES;
            (cell & WRITTEN != 0) & (u32::from(since) <= oldest)
        };
        // All cells first, without a decision between them: the processor then waits for many at once.
        let cell = |hash: &u32| self.0.get((hash >> RANGE) as usize).copied().unwrap_or_default();
        let cells: Vec<u8> = hashes.iter().map(cell).collect();
        hashes.iter().zip(cells).filter(|(_, cell)| may(*cell)).map(|(hash, _)| *hash).collect()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

fn age(seq: Seq) -> u8 {
    (seq >> AGE) as u8 % AGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_window_is_held_back_across_the_end_of_the_numbers() {
        let mut sieve = Sieve::default();
        let (start, window) = (Seq::MAX - 40_000_000, 3_000_000);
        let hash = |n: u32| n.wrapping_mul(0x9e37_79b9);
        for n in 0..80_000u32 {
            let next = start.wrapping_add(n * 1000);
            let oldest = n.saturating_sub(window / 1000);
            let first = start.wrapping_add(oldest * 1000);
            let asked = [hash(oldest), hash(n.saturating_sub(1))];
            assert!(n == 0 || sieve.pass(&asked, first, next) == asked, "{n}");
            sieve.add(hash(n), next);
        }
    }

    #[test]
    fn what_was_never_indexed_and_what_is_long_gone_is_held_back() {
        let mut sieve = Sieve::default();
        assert!(sieve.pass(&[1, 2], 0, 0).is_empty());
        sieve.add(1 << 20, 0);
        assert_eq!(sieve.pass(&[0, 1 << 20, 1 << 30], 0, 1), [1 << 20]);
        assert!(sieve.pass(&[1 << 20], 1_000_000, 1_000_001).is_empty());
    }
}
