//! The ledger as bytes and back: a cache of what reading the log to an offset gives, so that a restart is quick.
//!
//! A magic word, a format, then blocks: length, checksum, body. The checksum of a block is seeded with that of the block
//! before it, so that nothing can be cut, changed, left out or swapped unnoticed. Everything a verdict reads is written;
//! the indexes of keys are made again, since their hashes are secret to each process. A snapshot that is not whole, or not
//! of this desk and these rules, is refused with the reason: reading the log gives the same ledger.

mod reader;
mod writer;

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

pub use self::reader::read;
pub use self::writer::Writer;
use super::ALGORITHM;
use super::memory::Topics;
use super::near::Generation;
use super::postings::Seq;
use super::print::Judging;

const MAGIC: &[u8; 8] = b"copydesk";
const FORMAT: u8 = 1;
/// Length and checksum of a block.
const FRAME: usize = 12;
/// The log record that a snapshot ends with, by which it is told whether it belongs to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its offset.
    pub offset: i64,
    /// Hash of its bytes, by [`Mark::of`].
    pub hash: u64,
}

impl Mark {
    /// The mark of a log record.
    pub fn of(offset: i64, bytes: &[u8]) -> Mark {
        Mark { offset, hash: xxhash_rust::xxh3::xxh3_64(bytes) }
    }
}

/// Why a snapshot is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Bytes of something else.
    #[error("it is no snapshot of the print log")]
    Foreign,
    /// Written by another version of copydesk.
    #[error("its format is {0}, this program reads {FORMAT}")]
    Format(u8),
    /// Judged by other rules.
    #[error("it was judged by the rules of version {0}, this program judges by {ALGORITHM}")]
    Algorithm(u16),
    /// Of another cluster or another enriched topic.
    #[error("it is of another desk")]
    Desk,
    /// Cut off or changed.
    #[error("it is damaged")]
    Damaged,
    /// It could not be read.
    #[error("it cannot be read: {0}")]
    Unreadable(ErrorKind),
}

#[derive(Serialize, Deserialize)]
struct Head {
    algorithm: u16,
    desk: u64,
    mark: Mark,
    judging: Judging,
    settled: bool,
    now: Option<i64>,
    next_offset: i64,
    topics: Topics,
    first: Seq,
    generation: Option<Generation>,
}

/// What a block holds: the first byte of its body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Prints,
    Sources,
    Furniture,
    Phrases,
    Postings,
    End,
}

impl Part {
    const ALL: [Part; 7] =
        [Part::Head, Part::Prints, Part::Sources, Part::Furniture, Part::Phrases, Part::Postings, Part::End];
}

#[cfg(test)]
mod tests;
