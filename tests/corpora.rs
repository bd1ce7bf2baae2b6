//! Replays the seeds of the fuzz targets (`fuzz/corpus`) and seeded mutations of them, in every `cargo test`.
//!
//! `ROUNDS=n` mutates each seed n times. A panic names the target and leaves its input in the message.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

#[path = "support/chance.rs"]
#[allow(dead_code)] // what other tests need of it
mod chance;
#[path = "../fuzz/drive.rs"]
mod drive;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use chance::Chance;
use copydesk::article::Status;
use copydesk::record::{Offset, Position};
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::ledger::Ledger;
use copydesk::stage::dedupe::print::{Entry, LogRecord, Print};
use copydesk::stage::dedupe::snapshot::{self, Mark, Writer};
use copydesk::stage::dedupe::wording::Wording;

/// Pieces that parsers trip over.
const PIECES: [&[u8]; 16] = [
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\"",
    b"\\u",
    b"{\"a\":",
    b"]]>",
    b"<!--",
    b"<p",
    b"&#x",
    b"%",
    b"\r\n\r\n",
    b"9999999999999999999",
    b"-1",
    "\u{202e}".as_bytes(),
    "ä\u{301}".as_bytes(),
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// The seeds of a target by file name, in the order of their names.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(corpus().join(target)).unwrap().map(|file| file.unwrap().path());
    let files: BTreeSet<PathBuf> = files.collect();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    files.into_iter().map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
}

/// One to four small changes.
fn mutated(seed: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        let to = at + chance.below((bytes.len() - at).min(64) + 1);
        match chance.below(6) {
            0 => drop(bytes.splice(at..at, PIECES[chance.below(PIECES.len())].iter().copied())),
            1 => drop(bytes.drain(at..to)),
            2 => drop(bytes.splice(at..at, bytes[at..to].to_vec().repeat(chance.below(8)))),
            3 => bytes.truncate(at),
            4 => drop(bytes.splice(at..to, other[other.len() / 3..other.len() / 2].iter().copied())),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << chance.below(8)),
        }
    }
    bytes
}

#[test]
fn every_seed_and_its_mutations_pass() {
    let rounds = std::env::var("ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    for (target, drive) in drive::TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() >= 3, "{target} has {} seeds", seeds.len());
        let mut chance = Chance::new(8);
        for (name, seed) in &seeds {
            let run = |bytes: &[u8]| {
                let passed = catch_unwind(|| drive(bytes));
                assert!(passed.is_ok(), "{target}, seed {name}: {:?}", String::from_utf8_lossy(bytes));
            };
            run(seed);
            for _ in 0..rounds {
                let other = &seeds[chance.below(seeds.len())].1;
                run(&mutated(seed, other, &mut chance));
            }
        }
    }
}

#[test]
fn every_target_has_a_program_and_every_corpus_a_target() {
    let names = |folder: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(corpus().join("..").join(folder)).unwrap();
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    let targets: BTreeSet<String> = drive::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("targets"), targets);
    assert_eq!(names("corpus"), targets);
}

/// Writes a seed where `UPDATE=1` asks for it; it must be what a program of today writes.
fn current(target: &str, name: &str, bytes: &[u8]) {
    let path = corpus().join(target).join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(corpus().join(target)).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let written = std::fs::read(&path).unwrap_or_default();
    assert!(written == bytes, "{target}/{name}: UPDATE=1 cargo test --test corpora");
}

/// The print of an article that was read at `offset`; without words the ledger keeps no counters, and its snapshot is small.
fn print(offset: i64, wording: Wording) -> LogRecord {
    let keys = Keys {
        id: format!("id-{offset}"),
        content: offset as u128,
        identity: Some(9),
        url: Some(offset as u128 + 100),
        status: Status::Usable,
        embargo: None,
        version: Some(offset),
    };
    let position = Position { topic: "raw".into(), partition: 2, offset: Offset(offset) };
    let (algorithm, timestamp) = (ALGORITHM, Some(1_700_000_000_000));
    let print = Print { algorithm, nonce: 1, position, timestamp, claim: 3, value: 4, keys, wording };
    LogRecord { desk: drive::DESK, entry: Entry::Print(print) }
}

/// Mutations of what cannot be read would test little. `UPDATE=1` writes the seeds.
#[test]
fn the_print_seeds_are_records_of_today() {
    let wording =
        Wording::new(&["The ferry of Kettle Quay is late again.".to_owned()], Some("Ferry late"), Some("a.test"));
    let record = |entry| LogRecord { desk: drive::DESK, entry };
    let records = [
        ("told.bin", record(Entry::Told(vec![1, 2, i64::MAX]))),
        ("void.bin", record(Entry::Void(vec![0]))),
        ("empty.bin", record(Entry::Told(Vec::new()))),
        ("print.bin", print(5, wording)),
        ("settings.bin", record(Entry::Settings(drive::JUDGING))),
    ];
    for (name, record) in records {
        current("print", name, &record.encode());
    }
}

#[test]
fn the_snapshot_seeds_are_snapshots_of_today() {
    let mut ledger = Ledger::new(drive::DESK, drive::JUDGING);
    let empty = ledger.is_empty();
    let entries = [print(0, Wording::default()), print(1, Wording::default()), print(2, Wording::default())];
    for (offset, record) in (0..).zip(entries) {
        ledger.apply(offset, 1000 * offset, &record);
    }
    assert!(empty && ledger.len() == 3);
    let (mut writer, mut blocks) = (Writer::new(Mark { offset: 2, hash: 5 }), Vec::<Vec<u8>>::new());
    while let Some(block) = writer.block(&ledger) {
        blocks.push(block.to_vec());
    }
    let whole = blocks.concat();
    assert_eq!(snapshot::read(&mut &*whole, drive::DESK).map(|(ledger, _)| ledger.len()), Ok(3));
    current("snapshot", "whole.bin", &whole);
    current("snapshot", "prints.bin", &blocks[..2].concat());
    current("snapshot", "head.bin", &blocks[0]);
}
