//! The ledger as bytes and back: a cache of what reading the log to an offset gives, so that a restart is quick.
//!
//! A magic word, a format, then blocks: length, checksum, body. The checksum of a block is seeded with that of the block
//! before it, so that nothing can be cut, changed, left out or swapped unnoticed. Everything a verdict reads is written;
//! the indexes of keys are made again, since their hashes are secret to each process. A snapshot that is not whole, or not
//! of this desk and these rules, is refused with the reason: reading the log gives the same ledger.

use std::io::{ErrorKind, Read};

use serde::{Deserialize, Serialize};

use super::ALGORITHM;
use super::frequency::Frequency;
use super::ledger::Ledger;
use super::memory::{Prints, Remembered, Topics};
use super::near::Generation;
use super::postings::{LISTS, Seq};
use super::print::Judging;

const MAGIC: &[u8; 8] = b"copydesk";
const FORMAT: u8 = 1;
/// Length and checksum of a block.
const FRAME: usize = 12;
/// Bytes from which on a block of prints is full. A block is made under a lock: larger ones would keep verdicts waiting.
const FULL: usize = 128 << 10;
/// Counters in a block.
const CELLS: usize = 1 << 20;
/// Lists of the index in a block.
const POSTED: usize = 256;

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

/// Makes the snapshot of a ledger, block by block, so that nobody has to hold the ledger, or a second one, for all of it.
/// The ledger must not be moved between the blocks; a snapshot of one that was is refused.
#[derive(Debug)]
pub struct Writer {
    mark: Mark,
    /// The part that comes next, and how much of it was written.
    next: Option<(usize, usize)>,
    checksum: u64,
    bytes: Vec<u8>,
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

    fn seal(&mut self, frame: usize) {
        let body = &self.bytes[frame + FRAME..];
        self.checksum = xxhash_rust::xxh3::xxh3_64_with_seed(body, self.checksum);
        let length = (body.len() as u32).to_le_bytes();
        self.bytes[frame..frame + 4].copy_from_slice(&length);
        self.bytes[frame + 4..frame + FRAME].copy_from_slice(&self.checksum.to_le_bytes());
    }

    /// Appends a value. A growing vector takes whatever these types hold; what it did not take would not read back.
    fn put(&mut self, value: &impl Serialize, rest: Option<usize>) -> Option<usize> {
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

fn head(ledger: &Ledger, mark: Mark) -> Head {
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

/// Reads the snapshot of a ledger of `desk` back, and the log record it ends with.
///
/// # Errors
/// [`Refused`] when the bytes are not exactly one whole snapshot of this desk, judged by these rules.
pub fn read(from: &mut impl Read, desk: u64) -> Result<(Ledger, Mark), Refused> {
    let mut start = [0; MAGIC.len() + 1];
    from.read_exact(&mut start)
        .map_err(|error| if is_short(&error) { Refused::Foreign } else { unreadable(&error) })?;
    let [magic @ .., format] = start;
    if magic != *MAGIC {
        return Err(Refused::Foreign);
    }
    if format != FORMAT {
        return Err(Refused::Format(format));
    }
    let mut blocks = Blocks { from, checksum: 0, body: Vec::new() };
    let (part, head) = blocks.next()?;
    let head: Head = if part == Part::Head { whole(head)? } else { return Err(Refused::Damaged) };
    if head.algorithm != ALGORITHM {
        return Err(Refused::Algorithm(head.algorithm));
    }
    if head.desk != desk {
        return Err(Refused::Desk);
    }
    let mark = head.mark;
    let mut reading = Reading { ledger: begin(head), list: 0 };
    while reading.block(blocks.next()?)? {}
    blocks.end()?;
    Ok((reading.ledger, mark))
}

fn begin(head: Head) -> Ledger {
    let mut ledger = Ledger::new(head.desk, head.judging);
    ledger.settled = head.settled;
    ledger.now = head.now;
    ledger.next_offset = head.next_offset;
    ledger.topics = head.topics;
    ledger.prints = Prints::beginning(head.first);
    ledger.near.generation = head.generation;
    ledger
}

/// The blocks of a snapshot, each checked before anything of it is used.
struct Blocks<'r, R> {
    from: &'r mut R,
    checksum: u64,
    body: Vec<u8>,
}

impl<R: Read> Blocks<'_, R> {
    fn next(&mut self) -> Result<(Part, &[u8]), Refused> {
        let mut frame = [0; FRAME];
        self.from.read_exact(&mut frame).map_err(|error| cut(&error))?;
        let [a, b, c, d, sum @ ..] = frame;
        let (length, sum) = (u32::from_le_bytes([a, b, c, d]), u64::from_le_bytes(sum));
        self.body.clear();
        // Grows with what is there: a length that was changed is no reason to allocate.
        self.from.take(length.into()).read_to_end(&mut self.body).map_err(|error| cut(&error))?;
        self.checksum = xxhash_rust::xxh3::xxh3_64_with_seed(&self.body, self.checksum);
        if self.body.len() != length as usize || sum != self.checksum {
            return Err(Refused::Damaged);
        }
        let (part, rest) = self.body.split_first().ok_or(Refused::Damaged)?;
        let part = Part::ALL.get(usize::from(*part)).ok_or(Refused::Damaged)?;
        Ok((*part, rest))
    }

    fn end(&mut self) -> Result<(), Refused> {
        match self.from.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Refused::Damaged),
            Err(error) => Err(unreadable(&error)),
        }
    }
}

struct Reading {
    ledger: Ledger,
    /// Lists of the index that were read.
    list: usize,
}

impl Reading {
    /// Takes a block in; false when it was the last.
    fn block(&mut self, (part, mut body): (Part, &[u8])) -> Result<bool, Refused> {
        let near = &mut self.ledger.near;
        match part {
            Part::Head => return Err(Refused::Damaged),
            Part::Prints => {
                while !body.is_empty() {
                    let print = take(&mut body)?;
                    self.print(print);
                }
            }
            Part::Sources => near.sources = whole::<Vec<_>>(body)?.into_iter().collect(),
            Part::Furniture => counts(&mut near.furniture, body)?,
            Part::Phrases => counts(&mut near.phrases, body)?,
            Part::Postings => self.postings(&mut body)?,
            Part::End => return if self.is_whole(whole(body)?) { Ok(false) } else { Err(Refused::Damaged) },
        }
        Ok(true)
    }

    fn is_whole(&self, next_offset: i64) -> bool {
        let near = &self.ledger.near;
        next_offset == self.ledger.next_offset
            && self.list == LISTS
            && near.furniture.is_whole()
            && near.phrases.is_whole()
    }

    fn print(&mut self, mut print: Remembered) {
        let prints = &self.ledger.prints;
        let matched = prints.get(prints.next().wrapping_sub(print.matched));
        // Versions of one article share their story in memory.
        if let Some(of) = matched.filter(|of| of.story == print.story) {
            print.story = of.story.clone();
        }
        self.ledger.keep(print);
    }

    fn postings(&mut self, body: &mut &[u8]) -> Result<(), Refused> {
        let (first, next) = (self.ledger.prints.first(), self.ledger.prints.next());
        while !body.is_empty() {
            let list = u16::try_from(self.list).map_err(|_| Refused::Damaged)?;
            for _ in 0..take::<u32>(body)? {
                let ([a, b, after @ ..], rest) = body.split_first_chunk::<6>().ok_or(Refused::Damaged)?;
                *body = rest;
                let hash = u32::from(list) << 16 | u32::from(u16::from_le_bytes([*a, *b]));
                let seq = first.wrapping_add(u32::from_le_bytes(*after));
                self.ledger.near.restore(hash, seq, first, next);
            }
            self.list += 1;
        }
        Ok(())
    }
}

fn counts(counts: &mut Frequency, mut body: &[u8]) -> Result<(), Refused> {
    let generation = take(&mut body)?;
    if counts.restore(generation, body) { Ok(()) } else { Err(Refused::Damaged) }
}

/// The next value of a block.
fn take<'b, T: Deserialize<'b>>(body: &mut &'b [u8]) -> Result<T, Refused> {
    let (value, rest) = postcard::take_from_bytes(body).map_err(|_| Refused::Damaged)?;
    *body = rest;
    Ok(value)
}

/// The only value of a block.
fn whole<'b, T: Deserialize<'b>>(mut body: &'b [u8]) -> Result<T, Refused> {
    let value = take(&mut body)?;
    if body.is_empty() { Ok(value) } else { Err(Refused::Damaged) }
}

fn is_short(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::UnexpectedEof
}

fn cut(error: &std::io::Error) -> Refused {
    if is_short(error) { Refused::Damaged } else { unreadable(error) }
}

fn unreadable(error: &std::io::Error) -> Refused {
    Refused::Unreadable(error.kind())
}

#[cfg(test)]
mod tests;
