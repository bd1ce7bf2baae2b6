//! The writer of a snapshot: a ledger to blocks.
//!
//! Whoever writes holds the ledger for one block at a time. It must never leave out what a verdict reads.

use serde::Serialize;

use super::{FORMAT, FRAME, Head, MAGIC, Mark, Part};
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::frequency::Frequency;
use crate::stage::dedupe::ledger::Ledger;
use crate::stage::dedupe::memory::Prints;
use crate::stage::dedupe::postings::LISTS;

/// Bytes from which on a block of prints is full. A block is made under a lock: larger ones would keep verdicts waiting.
const FULL: usize = 128 << 10;
/// Counters in a block.
const CELLS: usize = 1 << 20;
/// Lists of the index in a block.
const POSTED: usize = 256;

/// Makes the snapshot of a ledger, block by block, so that nobody has to hold the ledger, or a second one, for all of it.
/// The ledger must not be moved between the blocks; a snapshot of one that was is refused.
#[derive(Debug)]
pub struct Writer {
    mark: Mark,
    /// The part that comes next, and how much of it was written.
    next: Option<(usize, usize)>,
    checksum: u64,
    /// The block being made.
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    /// Begins a snapshot of a ledger whose last log record is `mark`.
    pub fn new(mark: Mark) -> Writer {
        Writer { mark, next: Some((0, 0)), checksum: 0, bytes: Vec::new() }
    }

    /// The next bytes to write; `None` when all are written.
    pub fn block(&mut self, ledger: &Ledger) -> Option<&[u8]> {
        let (at, done) = self.next?;
        let part = *Part::ALL.get(at)?;
        self.bytes.clear();
        if part == Part::Head {
            self.bytes.extend(MAGIC);
            self.bytes.push(FORMAT);
        }
        let frame = self.bytes.len();
        self.bytes.extend([0; FRAME]);
        self.bytes.push(at as u8);
        let rest = match part {
            Part::Head => self.put(&head(ledger, self.mark), None),
            Part::Prints => self.prints(&ledger.prints, done),
            Part::Sources => self.sources(ledger),
            Part::Furniture => self.counts(&ledger.near.furniture, done),
            Part::Phrases => self.counts(&ledger.near.phrases, done),
            Part::Postings => self.postings(ledger, done),
            Part::End => self.put(&ledger.next_offset, None),
        };
        self.next = match rest {
            Some(done) => Some((at, done)),
            None => (part != Part::End).then_some((at + 1, 0)),
        };
        self.seal(frame);
        Some(&self.bytes)
    }

    /// Writes length and checksum of the block before it.
    pub(super) fn seal(&mut self, frame: usize) {
        let body = &self.bytes[frame + FRAME..];
        self.checksum = xxhash_rust::xxh3::xxh3_64_with_seed(body, self.checksum);
        let length = (body.len() as u32).to_le_bytes();
        self.bytes[frame..frame + 4].copy_from_slice(&length);
        self.bytes[frame + 4..frame + FRAME].copy_from_slice(&self.checksum.to_le_bytes());
    }

    /// Appends a value. A growing vector takes whatever these types hold; what it did not take would not read back.
    pub(super) fn put(&mut self, value: &impl Serialize, rest: Option<usize>) -> Option<usize> {
        if let Ok(bytes) = postcard::to_extend(value, std::mem::take(&mut self.bytes)) {
            self.bytes = bytes;
        }
        rest
    }

    fn prints(&mut self, prints: &Prints, mut done: usize) -> Option<usize> {
        while let Some(print) = prints.at(done) {
            if self.bytes.len() >= FULL {
                return Some(done);
            }
            self.put(print, None);
            done += 1;
        }
        None
    }

    fn sources(&mut self, ledger: &Ledger) -> Option<usize> {
        let mut sources: Vec<_> = ledger.near.sources.iter().map(|(source, counts)| (*source, *counts)).collect();
        sources.sort_unstable();
        self.put(&sources, None)
    }

    fn counts(&mut self, counts: &Frequency, done: usize) -> Option<usize> {
        let (generation, cells) = counts.parts();
        let end = cells.len().min(done + CELLS);
        self.put(&generation, None);
        self.bytes.extend_from_slice(&cells[done..end]);
        (end < cells.len()).then_some(end)
    }

    /// Of each list the number of its entries, then the entries.
    fn postings(&mut self, ledger: &Ledger, done: usize) -> Option<usize> {
        let end = (done + POSTED).min(LISTS);
        for list in done..end {
            let entries = || ledger.near.postings.entries(list as u16, ledger.prints.first());
            self.put(&(entries().count() as u32), None);
            for (tag, after) in entries() {
                self.bytes.extend(tag.to_le_bytes());
                self.bytes.extend(after.to_le_bytes());
            }
        }
        (end < LISTS).then_some(end)
    }
}

/// What stands before everything else.
pub(super) fn head(ledger: &Ledger, mark: Mark) -> Head {
    Head {
        algorithm: ALGORITHM,
        desk: ledger.desk,
        mark,
        judging: ledger.judging,
        settled: ledger.settled,
        now: ledger.now,
        next_offset: ledger.next_offset,
        topics: ledger.topics.clone(),
        first: ledger.prints.first(),
        generation: ledger.near.generation,
    }
}
