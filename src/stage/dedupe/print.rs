//! The records of the print log and their bytes.
//!
//! A log record is a magic byte, a format version, a postcard body and a checksum; what does not read back whole is
//! [`Damaged`] and passed over by everybody alike. Fields are only added under a new format version.

use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::wording::Wording;
use crate::article::Status;
use crate::record::Position;

const MAGIC: u8 = 0xCD;
/// How records of the log are written; the second byte of each.
pub const FORMAT: u8 = 4;

/// Asks: was this story told? One for each article that is not recognised without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// Rules it asks to be judged by, [`super::ALGORITHM`] of the worker that wrote it.
    pub algorithm: u16,
    /// Names this append, so that a worker knows its own print in the log even when the broker's answer got lost.
    pub nonce: u64,
    /// Where the article was read.
    pub position: Position,
    /// Message time at that position, milliseconds since 1970-01-01 UTC.
    pub timestamp: Option<i64>,
    /// Names the assignment of the partition to the worker that asks. Only the prints that an assignment asked, or asked
    /// again, may be taken for published because its commits have passed them.
    pub claim: u32,
    /// Hash of the record's bytes at that position.
    pub value: u128,
    /// By what the article is recognised.
    pub keys: Keys,
    /// The words of its story; empty where it has none.
    pub wording: Wording,
}

impl Print {
    /// The words to look for, when this article tells a story at all: a withdrawal or a hold does not, whatever it says.
    pub fn story(&self) -> Option<&Wording> {
        (self.keys.status == Status::Usable && !self.wording.is_empty()).then_some(&self.wording)
    }
}

/// The values every worker judges by from a place of the log on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judging {
    /// Rules, [`super::ALGORITHM`].
    pub algorithm: u16,
    /// How long a story is remembered, milliseconds of log time.
    pub window: i64,
    /// How many prints are remembered at most.
    pub max_articles: u64,
    /// How long an unpublished print may be matched, milliseconds of log time.
    pub promise: i64,
}

/// What the four kinds of record say.
#[allow(clippy::large_enum_variant)] // entries are read or written one at a time; none is ever kept
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// Was this story told?
    Print(Print),
    /// The prints at these log offsets were published: their transaction has committed.
    Told(Vec<i64>),
    /// The prints at these log offsets will never be published.
    Void(Vec<i64>),
    /// From here on everybody judges by these values.
    Settings(Judging),
}

/// One record of the print log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// Which desk it belongs to: a hash of cluster and enriched topic. Records of other desks are passed over.
    pub desk: u64,
    /// What it says.
    pub entry: Entry,
}

/// Bytes that are no record of the print log, or one of a format this program does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// Not written by copydesk, or changed since.
    #[error("not a record of the print log")]
    Foreign,
    /// Written by another version of copydesk.
    #[error("print format {0}, this program reads {FORMAT}")]
    Format(u8),
}

impl LogRecord {
    /// The record as bytes: magic, format, body, checksum.
    pub fn encode(&self) -> Vec<u8> {
        // Serialising to a growing vector cannot fail for these types; an empty value would be passed over by readers.
        let body = postcard::to_allocvec(self).unwrap_or_default();
        let mut bytes = Vec::with_capacity(body.len() + 6);
        bytes.extend([MAGIC, FORMAT]);
        bytes.extend(&body);
        bytes.extend(checksum(&body));
        bytes
    }

    /// Reads a record back.
    ///
    /// # Errors
    /// [`Damaged`] when the bytes are not exactly one record of the known format.
    pub fn decode(bytes: &[u8]) -> Result<LogRecord, Damaged> {
        let [MAGIC, format, rest @ ..] = bytes else { return Err(Damaged::Foreign) };
        if *format != FORMAT {
            return Err(Damaged::Format(*format));
        }
        let (body, sum) = rest.split_last_chunk::<4>().ok_or(Damaged::Foreign)?;
        if *sum != checksum(body) {
            return Err(Damaged::Foreign);
        }
        match postcard::take_from_bytes(body) {
            Ok((record, [])) => Ok(record),
            Ok(_) | Err(_) => Err(Damaged::Foreign),
        }
    }
}

fn checksum(body: &[u8]) -> [u8; 4] {
    (xxhash_rust::xxh3::xxh3_64(body) as u32).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Body, Head, RawArticle};
    use crate::record::Offset;
    use crate::stage::dedupe::keys::keys;

    fn print() -> LogRecord {
        let article = RawArticle {
            head: Head { id: Some("x-1".into()), ..Head::default() },
            body: Body::Story("Ferries run again.".into()),
        };
        let print = Print {
            algorithm: 1,
            nonce: 7,
            claim: 6,
            position: Position { topic: "articles.raw".into(), partition: 3, offset: Offset(12) },
            timestamp: Some(1_700_000_000_000),
            value: 99,
            keys: keys(&article, Some("https://a.test/x"), None),
            wording: Wording::new(&["Ferries run again after the storm.".into()], Some("Ferries"), Some("a.test")),
        };
        LogRecord { desk: 5, entry: Entry::Print(print) }
    }

    #[test]
    fn records_read_back_as_written() {
        let judging = Judging { algorithm: 1, window: 1, max_articles: 2, promise: 3 };
        for entry in [print().entry, Entry::Told(vec![1, 5]), Entry::Void(vec![]), Entry::Settings(judging)] {
            let record = LogRecord { desk: 5, entry };
            assert_eq!(LogRecord::decode(&record.encode()), Ok(record));
        }
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_noticed() {
        let bytes = print().encode();
        for end in 0..bytes.len() {
            assert!(LogRecord::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            assert!(LogRecord::decode(&changed).is_err(), "changed at {at}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(LogRecord::decode(&longer).is_err());
    }

    #[test]
    fn a_print_stays_small() {
        assert!(print().encode().len() < 200, "{}", print().encode().len());
    }

    #[test]
    fn another_format_is_told_apart_from_rubbish() {
        let mut bytes = print().encode();
        bytes[1] = 9;
        assert_eq!(LogRecord::decode(&bytes), Err(Damaged::Format(9)));
        assert_eq!(LogRecord::decode(b"{\"json\":1}"), Err(Damaged::Foreign));
    }
}
