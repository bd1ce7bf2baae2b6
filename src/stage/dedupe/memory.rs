//! What the desk remembers of each print, as small as it can be: every byte here is paid for each article in the window.
//!
//! Strings and rare fields stand outside, topics are numbered, keys are cut to what they are needed for. Nothing is
//! decided here.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answer::StoryRef;
use super::postings::Seq;
use super::print::Print;
use super::sketch::Sketch;
use super::verdict::{Differs, Facts, Found, Ruling};
use crate::article::Status;
use crate::record::{Offset, Position};

/// Whether a print was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Life {
    /// May be.
    Promised,
    /// It was.
    Told,
    /// It will not be.
    Void,
}

/// One print and its verdict.
#[derive(Debug, Serialize, Deserialize)]
pub struct Remembered {
    /// Offset in the log.
    pub log_offset: i64,
    /// Log time, milliseconds since 1970-01-01 UTC.
    pub log_time: i64,
    /// Where the article was read.
    pub position: NumberedPosition,
    /// Message time there; `i64::MIN` for none.
    timestamp: i64,
    /// Hash of its bytes.
    pub value: u64,
    /// The assignment that asked last.
    pub claim: u32,
    content: [u64; 2],
    /// Keys by which it is a version of others: source and id, address. 0 for none.
    pub versions: [u64; 2],
    /// Article id.
    pub id: Box<str>,
    /// The story of what it was matched with; an article that was new has none beside itself.
    pub story: Option<Arc<StoryRef>>,
    rare: Option<Box<Rare>>,
    /// Its words, where it is published and has any.
    pub sketch: Sketch,
    /// How far back its match lies; 0 for none.
    pub matched: Seq,
    /// Hash of its headline.
    pub headline: u32,
    /// Hash of what its reader sees of it; 0 for none.
    pub article: u64,
    /// Share of it that the match covers, in parts of a thousand, where compared.
    pub similarity: Option<u16>,
    /// What differs from the match.
    pub differs: Differs,
    status: Status,
    /// Whether it was published.
    pub life: Life,
    /// The verdict.
    pub ruling: Ruling,
    /// How the match was found.
    pub found: Found,
}

/// A position whose topic is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberedPosition {
    topic: u32,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// What few articles have.
#[derive(Debug, Serialize, Deserialize)]
struct Rare {
    embargo: Option<i64>,
    version: Option<i64>,
}

impl Remembered {
    /// A print that stands alone: new, and of no version before it.
    pub fn new(print: &Print, position: NumberedPosition, log_offset: i64, log_time: i64) -> Remembered {
        let keys = &print.keys;
        let rare = keys.embargo.is_some() || keys.version.is_some();
        Remembered {
            log_offset,
            log_time,
            position,
            timestamp: print.timestamp.unwrap_or(i64::MIN),
            value: print.value as u64,
            claim: print.claim,
            content: [(keys.content >> 64) as u64, keys.content as u64],
            versions: keys.versions(),
            id: keys.id.as_str().into(),
            story: None,
            rare: rare.then(|| Box::new(Rare { embargo: keys.embargo, version: keys.version })),
            sketch: Sketch::default(),
            matched: 0,
            headline: print.wording.headline,
            article: print.wording.article,
            similarity: None,
            differs: Differs::default(),
            status: keys.status,
            life: Life::Promised,
            ruling: Ruling::New,
            found: Found::ByContent,
        }
    }

    /// What the rules read.
    pub fn facts(&self) -> Facts {
        Facts {
            content: u128::from(self.content[0]) << 64 | u128::from(self.content[1]),
            url: self.versions[1],
            status: self.status,
            embargo: self.rare.as_ref().and_then(|rare| rare.embargo),
            version: self.rare.as_ref().and_then(|rare| rare.version),
        }
    }

    /// Message time where it was read.
    pub fn timestamp(&self) -> Option<i64> {
        Some(self.timestamp).filter(|time| *time != i64::MIN)
    }

    /// The story it belongs to.
    pub fn story(&self) -> Arc<StoryRef> {
        let own = || Arc::new(StoryRef { id: self.id.to_string(), first_seen: self.log_time });
        self.story.clone().unwrap_or_else(own)
    }

    /// Bytes held beside this struct, without the allocator's own.
    fn bytes(&self) -> usize {
        self.id.len() + self.sketch.bytes() + self.rare.as_ref().map_or(0, |_| size_of::<Rare>())
    }
}

/// Names of topics as numbers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Topics(Vec<Arc<str>>);

impl Topics {
    /// The numbered form of a position, when its topic was seen.
    pub fn find(&self, position: &Position) -> Option<NumberedPosition> {
        let topic = self.0.iter().position(|name| *name == position.topic)?;
        let topic = u32::try_from(topic).ok()?;
        Some(NumberedPosition { topic, partition: position.partition, offset: position.offset.0 })
    }

    /// The numbered form of a position; a topic seen for the first time gets the next number.
    pub fn number(&mut self, position: &Position) -> NumberedPosition {
        self.find(position).unwrap_or_else(|| {
            self.0.push(position.topic.clone());
            let topic = u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX);
            NumberedPosition { topic, partition: position.partition, offset: position.offset.0 }
        })
    }

    /// The position as it was given.
    pub fn named(&self, position: NumberedPosition) -> Position {
        let topic = self.0.get(position.topic as usize).cloned().unwrap_or_else(|| "".into());
        Position { topic, partition: position.partition, offset: Offset(position.offset) }
    }

    /// True when a position lies in this topic.
    pub fn is(&self, position: NumberedPosition, topic: &str) -> bool {
        self.0.get(position.topic as usize).is_some_and(|name| **name == *topic)
    }
}

/// The prints in log order. Kept in pieces: growing never moves what is there.
#[derive(Debug, Default)]
pub struct Prints {
    pieces: VecDeque<Vec<Remembered>>,
    /// Prints of the first piece that have left.
    gone: usize,
    len: usize,
    first: Seq,
    /// Bytes that hang on the prints.
    outside: usize,
}

/// Prints in a piece.
const PIECE: usize = 256;

impl Prints {
    /// No prints; the first gets the sequence number `first`.
    pub fn beginning(first: Seq) -> Prints {
        Prints { first, ..Prints::default() }
    }

    /// Sequence number of the oldest.
    pub fn first(&self) -> Seq {
        self.first
    }

    /// Sequence number that the next one gets.
    pub fn next(&self) -> Seq {
        self.first.wrapping_add(self.len as Seq)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The print with a sequence number.
    pub fn get(&self, seq: Seq) -> Option<&Remembered> {
        self.at(seq.wrapping_sub(self.first) as usize)
    }

    /// The print with a sequence number, to change it.
    pub fn get_mut(&mut self, seq: Seq) -> Option<&mut Remembered> {
        let at = seq.wrapping_sub(self.first) as usize;
        if at >= self.len {
            return None;
        }
        let at = at + self.gone;
        self.pieces.get_mut(at / PIECE)?.get_mut(at % PIECE)
    }

    /// The print so many after the oldest.
    pub fn at(&self, at: usize) -> Option<&Remembered> {
        if at >= self.len {
            return None;
        }
        let at = at + self.gone;
        self.pieces.get(at / PIECE)?.get(at % PIECE)
    }

    /// All of them, oldest first, with their sequence numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Seq, &Remembered)> {
        (0..self.len).filter_map(|at| Some((self.first.wrapping_add(at as Seq), self.at(at)?)))
    }

    /// The print at a log offset.
    pub fn seq_at(&self, log_offset: i64) -> Option<Seq> {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            let own = self.at(middle)?;
            match own.log_offset.cmp(&log_offset) {
                std::cmp::Ordering::Equal => return Some(self.first.wrapping_add(middle as Seq)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Appends.
    pub fn push(&mut self, print: Remembered) {
        self.outside += print.bytes();
        match self.pieces.back_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push(print),
            None => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(print);
                self.pieces.push_back(piece);
            }
        }
        self.len += 1;
    }

    /// Forgets the oldest.
    pub fn pop(&mut self) {
        if self.len == 0 {
            return;
        }
        if let Some(oldest) = self.pieces.front_mut().and_then(|piece| piece.get_mut(self.gone)) {
            self.outside -= oldest.bytes();
            // The piece stays until all of it may go; what hangs on the print goes now.
            (oldest.id, oldest.sketch) = (Box::default(), Sketch::default());
            (oldest.story, oldest.rare) = (None, None);
        }
        self.gone += 1;
        self.len -= 1;
        self.first = self.first.wrapping_add(1);
        if self.gone == PIECE {
            self.pieces.pop_front();
            self.gone = 0;
        }
    }

    /// Bytes held, without the allocator's own.
    pub fn bytes(&self) -> usize {
        self.pieces.len() * PIECE * size_of::<Remembered>() + self.outside
    }
}
