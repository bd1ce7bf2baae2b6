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
