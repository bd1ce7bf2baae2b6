//! What a partition holds, as a stretch of offsets.

/// What a partition holds: from its first offset to one past its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Partition number.
    pub partition: i32,
    /// First offset to read.
    pub low: i64,
    /// One past the last.
    pub high: i64,
}

impl Range {
    /// Offsets in it.
    pub fn len(self) -> i64 {
        (self.high - self.low).max(0)
    }

    /// True when it holds no offset.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The last `most` offsets of it.
    pub fn last(self, most: i64) -> Range {
        Range { low: self.low.max(self.high - most.max(0)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_range_is_within_it_and_what_was_deleted_is_no_offset() {
        let range = Range { partition: 3, low: 10, high: 14 };
        assert_eq!((range.len(), range.last(3)), (4, Range { low: 11, ..range }));
        assert_eq!((range.last(9), range.last(-1)), (range, Range { low: 14, ..range }));
        assert!(range.last(0).is_empty() && Range { low: 20, ..range }.is_empty());
    }
}
