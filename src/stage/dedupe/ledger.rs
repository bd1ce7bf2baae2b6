//! The desk's memory: the print log, applied record by record, answers every print in log order.
//!
//! Life of a print that is published: promised -> told, or promised -> void. A promise older than `promise` of log time
//! has lapsed and counts as void; should its `told` come after all, it was published and counts again. A copy is as
//! good as the story it names: when that is void, so is the copy's verdict, and whoever needs an answer prints again.
//! Only told stories and young promises can be matched; copies never are, so links have length one.
//!
//! It must never read a clock, and its answers must not depend on how its tables lie in memory.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::ALGORITHM;
use super::keys::Keys;
use super::print::{Entry, Judging, LogRecord, Print};
use super::verdict::{self, Found, Ruling};
use crate::outcome::CopyKind;
use crate::record::Position;

/// Log time moves forward only, and by at most this much a record (milliseconds): one wild stamp must not empty the window.
const LARGEST_STEP: i64 = 3_600_000;

/// Where a remembered print stands in the order of all prints ever remembered here.
type Seq = u64;

/// The desk's verdict on one article.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Log offset of the print that was judged.
    pub sequence: i64,
    /// The verdict.
    pub word: Word,
    /// The story it belongs to.
    pub story: Arc<StoryRef>,
}

/// New, or how an article relates to the told or promised one it was matched with.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    /// Not told before.
    New,
    /// Only a link is published.
    Copy(CopyKind, Match),
    /// Another version of the match.
    Revision(Match),
}

/// What an article was matched with.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The told or promised article.
    pub of: Original,
    /// How it was found.
    pub found: Found,
    /// What differs from it.
    pub differs: Vec<String>,
}

impl Answer {
    /// True when the article is a copy, so that its print is never told.
    pub fn is_copy(&self) -> bool {
        matches!(self.word, Word::Copy(..))
    }
}

/// The published article that another one repeats or revises.
#[derive(Debug, Clone, PartialEq)]
pub struct Original {
    /// Article id.
    pub id: String,
    /// Where it was read.
    pub position: Position,
    /// Message time there, milliseconds since 1970-01-01 UTC.
    pub timestamp: Option<i64>,
    /// Log offset of its print: what a link waits for.
    pub print: i64,
}

/// A story: all versions and updates of one article share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryRef {
    /// Id of the first article.
    pub id: String,
    /// Log time of its print, milliseconds since 1970-01-01 UTC.
    pub first_seen: i64,
}

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

#[derive(Debug, Clone)]
struct Remembered {
    log_offset: i64,
    log_time: i64,
    print: Print,
    life: Life,
    ruling: Ruling,
    matched: Option<(Seq, Found)>,
    /// The version before this one by source and id, and by address, alive when this one was judged.
    earlier: [Option<Seq>; 2],
    story: Arc<StoryRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Promised,
    Told,
    Void,
}

/// The memory of one desk. See the module's header.
#[derive(Debug)]
pub struct Ledger {
    desk: u64,
    judging: Judging,
    /// Settings records seen; the first worker with a new configuration appends one.
    settled: bool,
    now: Option<i64>,
    next_offset: i64,
    first: Seq,
    prints: VecDeque<Remembered>,
    places: HashMap<Position, Seq>,
    /// Positions for which this worker has appended a print that the log does not show yet. Moves no verdict.
    asked: HashSet<Position>,
    contents: HashMap<u128, Seq>,
    versions: [HashMap<u128, Seq>; 2],
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
            first: 0,
            prints: VecDeque::new(),
            places: HashMap::new(),
            asked: HashSet::new(),
            contents: HashMap::new(),
            versions: [HashMap::new(), HashMap::new()],
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
        self.prints.is_empty()
    }

    /// Bytes held, estimated: what the tables and the prints' own strings take.
    pub fn bytes(&self) -> usize {
        const TABLE_SLOT: usize = 48;
        let slots = self.places.len() + self.contents.len() + self.versions.iter().map(HashMap::len).sum::<usize>();
        self.prints.len() * (size_of::<Remembered>() + 96) + slots * TABLE_SLOT
    }

    /// The answer that the record at `position` with this value already has, while that answer holds.
    pub fn find(&self, position: &Position, value: u128) -> Option<Answer> {
        let seq = *self.places.get(position)?;
        let own = self.get(seq)?;
        (own.print.value == value && self.alive(seq)).then(|| self.answer(own))
    }

    /// Says that this worker appends a print for `position`; [`Ledger::remembers`] it from now on.
    pub fn asked(&mut self, position: &Position) {
        self.asked.insert(position.clone());
    }

    /// True when a print of this position is remembered or under way, whatever became of it. Such a record is never filed
    /// without a print of its own: it might be told for published when a crash falls between commit and `told`.
    pub fn remembers(&self, position: &Position) -> bool {
        self.places.contains_key(position) || self.asked.contains(position)
    }

    /// Log offset of the print of this position, when it might still count as published.
    pub fn open_print(&self, position: &Position) -> Option<i64> {
        let print = self.get(*self.places.get(position)?)?;
        (print.life == Life::Promised).then_some(print.log_offset)
    }

    /// The exact question, without a print: is an article with these keys a copy of something told or promised?
    /// `None` is no verdict, it only means that a print must ask.
    pub fn copy_of(&self, keys: &Keys) -> Option<(CopyKind, Match)> {
        let (seq, found, ruling) = self.compare(keys)?;
        let Ruling::Copy(kind) = ruling else { return None };
        Some((kind, compared(keys, self.get(seq)?, found)))
    }

    /// What is known of the print at a log offset.
    pub fn state(&self, log_offset: i64) -> State {
        let Some(seq) = self.seq_at(log_offset) else { return State::Unknown };
        match self.get(seq) {
            None => State::Unknown,
            Some(print) if print.life == Life::Told => State::Told,
            Some(_) if self.alive(seq) => State::Promised,
            Some(_) => State::Void,
        }
    }

    /// Log offsets of prints for records of `topic`/`partition` below `below` that were published for certain, since the
    /// group has committed past them, and are neither told, void nor copies: a crash fell between commit and `told`.
    pub fn untold(&self, topic: &str, partition: i32, below: i64) -> Vec<i64> {
        let committed = |p: &Position| &*p.topic == topic && p.partition == partition && p.offset.0 < below;
        let candidates = self.prints.iter().enumerate().filter(|(_, p)| committed(&p.print.position));
        candidates
            .filter(|(_, p)| p.life == Life::Promised && !matches!(p.ruling, Ruling::Copy(_)))
            .filter(|(at, p)| self.places.get(&p.print.position) == Some(&(self.first + *at as Seq)))
            .map(|(_, p)| p.log_offset)
            .collect()
    }

    fn judge(&mut self, offset: i64, print: &Print) -> Answer {
        self.asked.remove(&print.position);
        if let Some(answer) = self.find(&print.position, print.value) {
            return answer;
        }
        let now = self.now.unwrap_or_default();
        let matched = self.compare(&print.keys);
        let story = matched.and_then(|(seq, ..)| self.get(seq)).map(|of| of.story.clone());
        let remembered = Remembered {
            log_offset: offset,
            log_time: now,
            life: Life::Promised,
            ruling: matched.map_or(Ruling::New, |(_, _, ruling)| ruling),
            matched: matched.map(|(seq, found, _)| (seq, found)),
            earlier: [None, None],
            story: story.unwrap_or_else(|| Arc::new(StoryRef { id: print.keys.id.clone(), first_seen: now })),
            print: print.clone(),
        };
        let answer = self.answer(&remembered);
        self.remember(remembered);
        answer
    }

    /// The first article that matches, in the order identity, address, content, and the rule's word on it.
    fn compare(&self, keys: &Keys) -> Option<(Seq, Found, Ruling)> {
        let (seq, found) = self.latest(0, keys.identity).map(|seq| (seq, Found::ByIdentity)).or_else(|| {
            let by_url = self.latest(1, keys.url).map(|seq| (seq, Found::ByUrl));
            by_url.or_else(|| self.same_content(keys).map(|seq| (seq, Found::ByContent)))
        })?;
        Some((seq, found, verdict::rule(keys, &self.get(seq)?.print.keys, found)))
    }

    /// The latest version alive by one of the two version keys: 0 source and id, 1 address.
    fn latest(&self, by: usize, key: Option<u128>) -> Option<Seq> {
        let mut seq = *self.versions[by].get(&key?)?;
        while !self.alive(seq) {
            seq = self.get(seq)?.earlier[by]?;
        }
        Some(seq)
    }

    fn same_content(&self, keys: &Keys) -> Option<Seq> {
        let seq = *self.contents.get(&keys.content)?;
        let told = self.get(seq).filter(|_| self.alive(seq))?;
        let known = &told.print.keys;
        let latest = [self.latest(0, known.identity), self.latest(1, known.url), Some(seq)];
        let mut versions = latest.into_iter().flatten().filter_map(|seq| self.get(seq));
        versions.all(|v| verdict::matchable(&v.print.keys, self.now.unwrap_or_default())).then_some(seq)
    }

    fn remember(&mut self, mut new: Remembered) {
        let seq = self.first + self.prints.len() as Seq;
        self.places.insert(new.print.position.clone(), seq);
        if !matches!(new.ruling, Ruling::Copy(_)) {
            let keys = [new.print.keys.identity, new.print.keys.url];
            for (by, key) in keys.into_iter().enumerate() {
                new.earlier[by] = self.latest(by, key);
                if let Some(key) = key {
                    self.versions[by].insert(key, seq);
                }
            }
            let holder = self.contents.get(&new.print.keys.content).copied();
            if !holder.is_some_and(|holder| self.alive(holder)) {
                self.contents.insert(new.print.keys.content, seq);
            }
        }
        self.prints.push_back(new);
    }

    fn settle(&mut self, offsets: &[i64], life: Life) -> Applied {
        for offset in offsets {
            let at = self.seq_at(*offset).and_then(|seq| usize::try_from(seq - self.first).ok());
            if let Some(print) = at.and_then(|at| self.prints.get_mut(at)) {
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
        while let Some(oldest) = self.prints.front() {
            let full = self.prints.len() as u64 > self.judging.max_articles;
            if !full && now - oldest.log_time <= self.judging.window {
                break;
            }
            let Some(old) = self.prints.pop_front() else { break };
            forget(&mut self.places, &old.print.position, self.first);
            forget(&mut self.contents, &old.print.keys.content, self.first);
            for (by, key) in [old.print.keys.identity, old.print.keys.url].into_iter().enumerate() {
                if let Some(key) = key {
                    forget(&mut self.versions[by], &key, self.first);
                }
            }
            self.first += 1;
        }
    }

    fn alive(&self, seq: Seq) -> bool {
        let Some(print) = self.get(seq) else { return false };
        let story = match (print.ruling, print.matched) {
            (Ruling::Copy(_), Some((of, _))) => self.get(of),
            _ => Some(print),
        };
        let young = |p: &Remembered| self.now.unwrap_or_default() - p.log_time <= self.judging.promise;
        print.life != Life::Void
            && story.is_some_and(|s| s.life == Life::Told || (s.life == Life::Promised && young(s)))
    }

    fn answer(&self, print: &Remembered) -> Answer {
        let of = print.matched.and_then(|(seq, found)| Some((self.get(seq)?, found)));
        let matched = of.map(|(of, found)| compared(&print.print.keys, of, found));
        // A match that has left the window since is not named any more; a copy is not alive without it, so only a
        // revision read again long after is published as new.
        let word = match (print.ruling, matched) {
            (Ruling::New, _) | (_, None) => Word::New,
            (Ruling::Copy(kind), Some(matched)) => Word::Copy(kind, matched),
            (Ruling::Revision, Some(matched)) => Word::Revision(matched),
        };
        Answer { sequence: print.log_offset, word, story: print.story.clone() }
    }

    fn get(&self, seq: Seq) -> Option<&Remembered> {
        self.prints.get(usize::try_from(seq.checked_sub(self.first)?).ok()?)
    }

    fn seq_at(&self, log_offset: i64) -> Option<Seq> {
        let at = self.prints.binary_search_by_key(&log_offset, |p| p.log_offset).ok()?;
        Some(self.first + at as Seq)
    }
}

fn compared(new: &Keys, told: &Remembered, found: Found) -> Match {
    let Print { keys, position, timestamp, .. } = &told.print;
    let of =
        Original { id: keys.id.clone(), position: position.clone(), timestamp: *timestamp, print: told.log_offset };
    Match { of, found, differs: verdict::differs(new, keys) }
}

/// Removes `key` only while it still points at the print that leaves.
fn forget<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Seq>, key: &K, seq: Seq) {
    if table.get(key) == Some(&seq) {
        table.remove(key);
    }
}

#[cfg(test)]
mod tests;
