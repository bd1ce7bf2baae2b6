//! The desk's memory: the print log, applied record by record, answers every print in log order.
//!
//! Life of a print that is published: promised -> told, or promised -> void. A promise older than `promise` of log time
//! has lapsed and counts as void; should its `told` come after all, it was published and counts again. A copy is as
//! good as the story it names: when that is void, so is the copy's verdict, and whoever needs an answer prints again.
//! Only told stories and young promises can be matched; copies never are, so links have length one.
//!
//! It must never read a clock, and its answers must not depend on how its tables lie in memory.

mod find;
mod judge;
mod question;

use std::collections::HashSet;
use std::hash::RandomState;

use super::ALGORITHM;
pub use super::answer::{Answer, Match, Original, Word};
use super::memory::{Life, Prints, Remembered, Topics};
use super::near::Near;
use super::postings::Postings;
use super::print::{Entry, Judging, LogRecord, Print};
use super::verdict::Ruling;
use crate::record::Position;
use judge::Judged;

/// Log time moves forward only, and by at most this much a record (milliseconds): one wild stamp must not empty the window.
const LARGEST_STEP: i64 = 3_600_000;

/// What is known of a print by its log offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// May still be published.
    Promised,
    /// Published.
    Told,
    /// Will not be published, or the promise lapsed.
    Void,
    /// Not remembered: never seen, or out of the window.
    Unknown,
}

/// What applying one log record did.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// The print with this nonce has its answer.
    Judged(u64, Answer),
    /// States or settings moved.
    Moved,
    /// Passed over.
    Skipped(Skip),
}

/// Why a log record was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Skip {
    /// It belongs to another desk.
    ForeignDesk,
    /// It asks for rules this program does not know.
    UnknownVersion,
}

/// The memory of one desk. See the module's header.
#[derive(Debug)]
pub struct Ledger {
    pub(super) desk: u64,
    pub(super) judging: Judging,
    /// Settings records seen; the first worker with a new configuration appends one.
    pub(super) settled: bool,
    pub(super) now: Option<i64>,
    pub(super) next_offset: i64,
    pub(super) topics: Topics,
    pub(super) prints: Prints,
    /// Spreads the keys of the next three: who cannot guess it cannot crowd one of their lists. Decides nothing.
    hasher: RandomState,
    positions: Postings,
    contents: Postings,
    versions: [Postings; 2],
    pub(super) near: Near,
    /// Positions for which this worker has appended a print that the log does not show yet. Moves no verdict.
    asked: HashSet<Position>,
}

impl Ledger {
    /// An empty memory of `desk`, judging by `judging` until the log says otherwise.
    pub fn new(desk: u64, judging: Judging) -> Ledger {
        Ledger {
            desk,
            judging,
            settled: false,
            now: None,
            next_offset: 0,
            topics: Topics::default(),
            prints: Prints::default(),
            hasher: RandomState::new(),
            positions: Postings::default(),
            contents: Postings::default(),
            versions: [Postings::default(), Postings::default()],
            near: Near::default(),
            asked: HashSet::new(),
        }
    }

    /// Applies the record at `offset` of the log, stamped `timestamp` (milliseconds) by the broker. In log order, each once.
    pub fn apply(&mut self, offset: i64, timestamp: i64, record: &LogRecord) -> Applied {
        self.pass(offset, timestamp);
        if record.desk != self.desk {
            return Applied::Skipped(Skip::ForeignDesk);
        }
        match &record.entry {
            Entry::Print(print) if print.algorithm != ALGORITHM => Applied::Skipped(Skip::UnknownVersion),
            Entry::Settings(judging) if judging.algorithm != ALGORITHM => Applied::Skipped(Skip::UnknownVersion),
            Entry::Print(print) => {
                let answer = self.judge(offset, print);
                self.evict();
                Applied::Judged(print.nonce, answer)
            }
            Entry::Told(offsets) => self.settle(offsets, Life::Told),
            Entry::Void(offsets) => self.settle(offsets, Life::Void),
            Entry::Settings(judging) => {
                self.judging = *judging;
                self.settled = true;
                self.evict();
                Applied::Moved
            }
        }
    }

    /// Passes a log record that could not be read: only time and place move.
    pub fn pass(&mut self, offset: i64, timestamp: i64) {
        let now = self.now.map_or(timestamp, |now| timestamp.clamp(now, now.saturating_add(LARGEST_STEP)));
        self.now = Some(now);
        self.next_offset = self.next_offset.max(offset + 1);
    }

    /// One past the last log offset applied.
    pub fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// The values in force, when a settings record was seen.
    pub fn settings(&self) -> Option<Judging> {
        self.settled.then_some(self.judging)
    }

    /// Prints remembered.
    pub fn len(&self) -> usize {
        self.prints.len()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.prints.len() == 0
    }

    /// Bytes held, without the allocator's own.
    pub fn bytes(&self) -> usize {
        let [identities, urls] = &self.versions;
        let keys: usize = [&self.positions, &self.contents, identities, urls].into_iter().map(Postings::bytes).sum();
        self.prints.bytes() + keys + self.near.bytes()
    }

    /// Says that this worker appends a print for `position`; [`Ledger::remembers`] it from now on.
    pub fn asked(&mut self, position: &Position) {
        self.asked.insert(position.clone());
    }

    /// A print of a record that has a living one gets that one's answer, and takes it over.
    fn ask_again(&mut self, print: &Print) -> Option<Answer> {
        let seq = self.same(&print.position, print.value)?;
        self.prints.get_mut(seq)?.claim = print.claim;
        self.prints.get(seq).map(|own| self.answer(seq, own))
    }

    fn remember(&mut self, judged: Judged) {
        let (seq, first) = (self.prints.next(), self.prints.first());
        let mut new = judged.own;
        if let Some(question) = judged.question {
            if !judged.again {
                self.near.count_for_source(question.wording);
            }
            if !matches!(new.ruling, Ruling::Copy(_)) {
                new.sketch = self.near.add(&question, seq, first, self.prints.len());
            }
        }
        self.keep(new);
    }

    /// Appends a print with its verdict, to be found by its keys.
    pub(super) fn keep(&mut self, print: Remembered) {
        let (seq, first) = (self.prints.next(), self.prints.first());
        self.positions.add(self.hash(print.position), seq, first);
        if !matches!(print.ruling, Ruling::Copy(_)) {
            for (by, key) in print.versions.into_iter().enumerate().filter(|(_, key)| *key != 0) {
                let hash = self.hash(key);
                self.versions[by].add(hash, seq, first);
            }
            self.contents.add(self.hash(print.facts().content), seq, first);
        }
        self.prints.push(print);
    }

    fn settle(&mut self, offsets: &[i64], life: Life) -> Applied {
        for offset in offsets {
            if let Some(print) = self.prints.seq_at(*offset).and_then(|seq| self.prints.get_mut(seq)) {
                // A story that was published stays published, whatever is said of it later.
                if print.life != Life::Told {
                    print.life = life;
                }
            }
        }
        Applied::Moved
    }

    fn evict(&mut self) {
        let now = self.now.unwrap_or_default();
        while let Some(oldest) = self.prints.at(0) {
            let full = self.prints.len() as u64 > self.judging.max_articles;
            if !full && now.saturating_sub(oldest.log_time) <= self.judging.window {
                break;
            }
            self.prints.pop();
        }
    }
}

#[cfg(test)]
mod tests;
