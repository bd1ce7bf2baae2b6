//! A snapshot is the ledger, or it is refused.

use super::writer::head;
use super::*;
use crate::article::Status;
use crate::record::{Offset, Position};
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::ledger::Ledger;
use crate::stage::dedupe::print::{Entry, LogRecord, Print};
use crate::stage::dedupe::wording::Wording;

fn judging() -> Judging {
    Judging { algorithm: ALGORITHM, window: 72 * 3_600_000, max_articles: 30, promise: 120_000 }
}

/// A ledger that holds something in every part.
fn ledger() -> Ledger {
    let mut ledger = Ledger::new(7, judging());
    for n in 0..40i64 {
        let keys = Keys {
            id: format!("id-{}", n % 9),
            content: n as u128 % 11,
            identity: Some(n as u128 % 9 + 1),
            url: None,
            status: Status::Usable,
            embargo: (n % 5 == 0).then_some(n),
            version: None,
        };
        let print = Print {
            algorithm: ALGORITHM,
            nonce: 1,
            position: Position { topic: "raw".into(), partition: 0, offset: Offset(n) },
            timestamp: None,
            claim: 2,
            value: 3,
            keys,
            wording: Wording::new(&[format!("The ferry number {n} is late again today.")], None, Some("a.test")),
        };
        ledger.apply(n, n * 1000, &LogRecord { desk: 7, entry: Entry::Print(print) });
    }
    ledger
}

fn bytes(ledger: &Ledger, mark: Mark) -> Vec<u8> {
    let (mut writer, mut bytes) = (Writer::new(mark), Vec::new());
    while let Some(block) = writer.block(ledger) {
        bytes.extend_from_slice(block);
    }
    bytes
}

const MARK: Mark = Mark { offset: 39, hash: 5 };

fn refusal(bytes: &[u8], desk: u64) -> Option<Refused> {
    read(&mut &*bytes, desk).err()
}

#[test]
fn what_is_read_back_writes_the_same_bytes() {
    let ledger = ledger();
    let written = bytes(&ledger, MARK);
    let (back, mark) = read(&mut &*written, 7).unwrap();
    assert_eq!((mark, back.len(), back.next_offset()), (MARK, 30, 40));
    assert_eq!(bytes(&back, MARK), written);
    let empty = bytes(&Ledger::new(7, judging()), MARK);
    assert!(read(&mut &*empty, 7).unwrap().0.is_empty());
}

/// Places of bytes: those of the first and the last blocks, and some between.
fn places(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let (first, last, step) = (200, bytes.len() - 60, bytes.len() / 20 + 1);
    (0..bytes.len()).filter(move |at| *at < first || *at > last || at % step == 0)
}

#[test]
fn every_cut_and_every_changed_byte_is_refused() {
    for ledger in [Ledger::new(7, judging()), ledger()] {
        let mut bytes = bytes(&ledger, MARK);
        // Counters make it large: then only the places after which little is read are tried.
        let few = if ledger.is_empty() { bytes.len() } else { 150 };
        for at in places(&bytes.clone()).filter(|at| *at < few) {
            assert!(refusal(&bytes[..at], 7).is_some(), "cut at {at}");
            bytes[at] ^= 0x10;
            assert!(refusal(&bytes, 7).is_some(), "changed at {at}");
            bytes[at] ^= 0x10;
        }
        assert_eq!(refusal(&bytes, 7), None);
        bytes.push(0);
        assert_eq!(refusal(&bytes, 7), Some(Refused::Damaged));
    }
}

#[test]
fn what_is_not_ours_is_refused_with_the_reason() {
    let ledger = Ledger::new(7, judging());
    let written = bytes(&ledger, MARK);
    assert_eq!(refusal(&written, 8), Some(Refused::Desk));
    assert_eq!(refusal(b"a text that is longer than the head", 7), Some(Refused::Foreign));
    assert_eq!(refusal(b"", 7), Some(Refused::Foreign));
    let mut later = written.clone();
    later[MAGIC.len()] += 1;
    assert_eq!(refusal(&later, 7), Some(Refused::Format(FORMAT + 1)));
    let mut writer = Writer::new(MARK);
    let frame = MAGIC.len() + 1;
    writer.bytes = written[..=frame + FRAME].to_vec();
    writer.put(&Head { algorithm: ALGORITHM + 1, ..head(&ledger, MARK) }, None);
    writer.seal(frame);
    assert_eq!(refusal(&writer.bytes, 7), Some(Refused::Algorithm(ALGORITHM + 1)));
}

#[test]
fn a_ledger_that_moved_between_the_blocks_and_blocks_out_of_order_are_refused() {
    let mut ledger = Ledger::new(7, judging());
    let (mut writer, mut blocks) = (Writer::new(MARK), Vec::new());
    while let Some(block) = writer.block(&ledger) {
        blocks.push(block.to_vec());
    }
    blocks.swap(10, 11);
    assert_eq!(refusal(&blocks.concat(), 7), Some(Refused::Damaged));
    let mut writer = Writer::new(MARK);
    let mut bytes = writer.block(&ledger).unwrap().to_vec();
    ledger.pass(40, 50);
    while let Some(block) = writer.block(&ledger) {
        bytes.extend_from_slice(block);
    }
    assert_eq!(refusal(&bytes, 7), Some(Refused::Damaged));
}
