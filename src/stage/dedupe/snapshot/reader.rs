//! The reader of a snapshot: blocks back to the ledger they were made of.
//!
//! Nothing of a block is used before its checksum fits. It must never give a ledger that is not the one written: what is
//! in doubt is refused.

use std::io::{ErrorKind, Read};

use serde::Deserialize;

use super::{FORMAT, FRAME, Head, MAGIC, Mark, Part, Refused};
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::frequency::Frequency;
use crate::stage::dedupe::ledger::Ledger;
use crate::stage::dedupe::memory::{Prints, Remembered};
use crate::stage::dedupe::postings::LISTS;

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
