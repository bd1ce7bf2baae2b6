//! Ascending numbers as the gaps between them, Golomb-Rice coded: about 1.5 bits over the logarithm of the mean gap.
//!
//! R. F. Rice, "Some practical universal noiseless coding techniques", JPL 79-22, 1979. The parameter is the first byte.
//! Decoding takes work in proportion to the bytes and gives up at the first thing that cannot be.

/// The coded form of distinct ascending numbers.
pub fn encode(ascending: &[u32]) -> Vec<u8> {
    let (Some(last), count) = (ascending.last(), ascending.len()) else { return Vec::new() };
    let mean = u64::from(*last) / count as u64;
    let low = mean.checked_ilog2().unwrap_or(0);
    let mut bits = Bits { bytes: vec![low as u8], free: 0 };
    let mut next = 0u64;
    for number in ascending {
        // A number below the one before it would be a defect of the caller; `decode` cannot give it back.
        let gap = u64::from(*number).saturating_sub(next);
        for _ in 0..gap >> low {
            bits.push(1, 1);
        }
        bits.push(0, 1);
        bits.push(gap & ((1 << low) - 1), low);
        next = u64::from(*number) + 1;
    }
    bits.bytes
}

/// Reads `count` numbers back; `None` when the bytes are not exactly those of that many.
pub fn decode(bytes: &[u8], count: usize) -> Option<Vec<u32>> {
    let Some((&low, coded)) = bytes.split_first() else { return (count == 0).then(Vec::new) };
    // Every number takes a bit at least: a count beyond that is no reason to allocate.
    if low > 31 || count == 0 || count > coded.len().saturating_mul(8) {
        return None;
    }
    let mut bits = Reader { coded, at: 0 };
    let mut numbers = Vec::with_capacity(count);
    let mut next = 0u64;
    for _ in 0..count {
        let high = bits.ones()?;
        let number = next + ((high << low) | bits.take(u32::from(low))?);
        numbers.push(u32::try_from(number).ok()?);
        next = number + 1;
    }
    (bits.at.div_ceil(8) == coded.len()).then_some(numbers)
}

struct Bits {
    bytes: Vec<u8>,
    /// Unused low bits of the last byte.
    free: u32,
}

impl Bits {
    /// Appends the `count` low bits of `value`, highest first.
    fn push(&mut self, value: u64, mut count: u32) {
        while count > 0 {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            let now = count.min(self.free);
            let part = (value >> (count - now)) & ((1 << now) - 1);
            self.free -= now;
            count -= now;
            if let Some(last) = self.bytes.last_mut() {
                *last |= (part as u8) << self.free;
            }
        }
    }
}

struct Reader<'b> {
    coded: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next 57 bits at least, highest first; zeros behind the end.
    fn window(&self) -> u64 {
        let start = (self.at / 8).min(self.coded.len());
        let mut eight = [0; 8];
        let rest = &self.coded[start..];
        let have = rest.len().min(8);
        eight[..have].copy_from_slice(&rest[..have]);
        u64::from_be_bytes(eight) << (self.at % 8)
    }

    /// Counts ones up to the zero that ends them.
    fn ones(&mut self) -> Option<u64> {
        let mut ones = 0;
        while self.at < self.coded.len() * 8 {
            let run = self.window().leading_ones().min(32);
            ones += u64::from(run);
            self.at += run as usize;
            if run < 32 {
                self.at += 1;
                return (ones <= u64::from(u32::MAX)).then_some(ones);
            }
        }
        None
    }

    fn take(&mut self, count: u32) -> Option<u64> {
        let value = if count == 0 { 0 } else { self.window() >> (64 - count) };
        self.at += count as usize;
        (self.at <= self.coded.len() * 8).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_edges_read_back() {
        for numbers in [vec![], vec![0], vec![u32::MAX], vec![0, 1, 2], vec![0, u32::MAX], vec![7, 8, 4_000_000_000]] {
            assert_eq!(decode(&encode(&numbers), numbers.len()), Some(numbers));
        }
    }

    proptest! {
        #[test]
        fn any_set_reads_back(set in prop::collection::btree_set(any::<u32>(), 0..200)) {
            let numbers: Vec<u32> = set.into_iter().collect();
            prop_assert_eq!(decode(&encode(&numbers), numbers.len()), Some(numbers));
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..100), count in 0usize..1000) {
            if let Some(numbers) = decode(&bytes, count) {
                prop_assert!(numbers.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
