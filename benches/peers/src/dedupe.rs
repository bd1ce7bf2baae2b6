//! Looks for copies among the same stories with copydesk's ledger and with gaoya's MinHash index, in turn on one thread.
//!
//! usage: dedupe STORIES... [--rounds N]; STORIES is a .jsonl or .jsonl.gz with members `text`, `title`, `source`; all files
//! fill one memory. A story is hashed, asked for and remembered. copydesk also compares numbers, source and headline, checks
//! a match word by word, and keeps the log's states; gaoya gets the setting that does best on news: windows of three words,
//! 42 bands of 3, compared by signature from 0.5. Time is the thread's CPU time (Linux), in batches that alternate.

#[allow(dead_code)] // folders of pages are for the other program
mod pages;

use std::fs;
use std::hint::black_box;

use anyhow::Context;
use copydesk::article::Status;
use copydesk::record::{Offset, Position};
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::ledger::{Applied, Ledger, Word};
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use copydesk::stage::dedupe::wording::Wording;
use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher32};

/// Stories between two looks at the clock.
const BATCH: usize = 250;
/// Log time between two stories, milliseconds: 10,000 of them lie within three hours.
const APART: i64 = 1_000;
const BANDS: usize = 42;
const ROWS: usize = 3;
const SIMILAR: f64 = 0.5;

/// A story as it comes out of cleaning.
struct Story {
    title: String,
    source: String,
    paragraphs: Vec<String>,
    /// The same text for who takes one string, lower case.
    text: String,
}

fn main() -> anyhow::Result<()> {
    let (paths, rounds) = arguments()?;
    let mut stories = Vec::new();
    for path in &paths {
        stories.extend(pages::lines(path)?.iter().map(story));
    }
    let start = cpu_seconds()?;
    stories.iter().for_each(|story| drop(black_box(wording(story))));
    let hashing = cpu_seconds()? - start;
    let bytes: usize = stories.iter().map(|story| story.text.len()).sum();
    println!("{} stories of {} bytes on average", stories.len(), bytes / stories.len().max(1));
    println!("copydesk hashes alone: {:.0}/s", stories.len() as f64 / hashing);
    for round in 1..=rounds {
        let (ours, theirs) = compare(&stories)?;
        println!(
            "round {round}: copydesk {:6.0}/s, {} of them repeat, {} bytes each   gaoya {:6.0}/s, {} repeat   copydesk is {:.2} times as fast",
            stories.len() as f64 / ours.seconds,
            ours.repeats,
            ours.bytes / stories.len().max(1),
            stories.len() as f64 / theirs.seconds,
            theirs.repeats,
            theirs.seconds / ours.seconds,
        );
    }
    Ok(())
}

fn arguments() -> anyhow::Result<(Vec<String>, usize)> {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    let mut rounds = 3;
    if let Some(at) = paths.iter().position(|argument| argument == "--rounds") {
        rounds = paths.get(at + 1).map_or(Ok(rounds), |n| n.parse())?;
        paths.drain(at..paths.len().min(at + 2));
    }
    anyhow::ensure!(!paths.is_empty(), "usage: dedupe STORIES... [--rounds N]");
    Ok((paths, rounds))
}

fn story(line: &serde_json::Value) -> Story {
    let member = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let text = member("text");
    Story {
        title: member("title"),
        source: member("source"),
        paragraphs: text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        text: text.to_lowercase(),
    }
}

#[derive(Default)]
struct Tally {
    seconds: f64,
    repeats: usize,
    bytes: usize,
}

fn compare(stories: &[Story]) -> anyhow::Result<(Tally, Tally)> {
    let (mut ours, mut theirs) = (Tally::default(), Tally::default());
    let (mut desk, mut index) = (Desk::new(), Index::new());
    for (at, batch) in stories.chunks(BATCH).enumerate() {
        let first = at * BATCH;
        let start = cpu_seconds()?;
        ours.repeats += batch.iter().enumerate().filter(|(i, story)| desk.repeats(first + i, story)).count();
        let between = cpu_seconds()?;
        theirs.repeats += batch.iter().enumerate().filter(|(i, story)| index.repeats(first + i, story)).count();
        let end = cpu_seconds()?;
        ours.seconds += between - start;
        theirs.seconds += end - between;
    }
    ours.bytes = desk.ledger.bytes();
    Ok((ours, theirs))
}

/// copydesk's memory, fed as a worker feeds it.
struct Desk {
    ledger: Ledger,
    offset: i64,
}

impl Desk {
    fn new() -> Desk {
        let judging =
            Judging { algorithm: ALGORITHM, window: 72 * 3_600_000, max_articles: 2_000_000, promise: 120_000 };
        Desk { ledger: Ledger::new(1, judging), offset: 0 }
    }

    /// Whether the story repeats an earlier one; from now on it is one itself.
    fn repeats(&mut self, number: usize, story: &Story) -> bool {
        let wording = wording(story);
        let print = Print {
            algorithm: ALGORITHM,
            nonce: number as u64,
            position: Position { topic: "raw".into(), partition: 0, offset: Offset(number as i64) },
            timestamp: None,
            claim: 1,
            value: number as u128,
            keys: keys(number),
            wording,
        };
        let Applied::Judged(_, answer) = self.append(Entry::Print(print)) else { return false };
        if !answer.is_copy() {
            self.append(Entry::Told(vec![answer.sequence]));
        }
        black_box(answer.word) != Word::New
    }

    fn append(&mut self, entry: Entry) -> Applied {
        self.offset += 1;
        self.ledger.apply(self.offset, self.offset * APART, &LogRecord { desk: 1, entry })
    }
}

fn wording(story: &Story) -> Wording {
    let source = Some(story.source.as_str()).filter(|name| !name.is_empty());
    Wording::new(&story.paragraphs, Some(&story.title), source)
}

/// Keys by which nothing is recognised, so that the words decide.
fn keys(number: usize) -> Keys {
    Keys {
        id: format!("story-{number}"),
        content: number as u128 + 1,
        identity: None,
        url: None,
        status: Status::Usable,
        embargo: None,
        version: None,
    }
}

/// gaoya, used as its documentation says; copies are remembered too, since nothing tells them apart.
struct Index {
    hasher: MinHasher32<fnv::FnvBuildHasher>,
    index: MinHashIndex<u32, usize>,
}

impl Index {
    fn new() -> Index {
        Index { hasher: MinHasher32::new(BANDS * ROWS), index: MinHashIndex::new(BANDS, ROWS, SIMILAR) }
    }

    fn repeats(&mut self, number: usize, story: &Story) -> bool {
        let words: Vec<&str> = story.text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let signature = self.hasher.create_signature(words.windows(words.len().clamp(1, 3)));
        let found = self.index.query_one(&signature).is_some();
        self.index.insert(number, signature);
        black_box(found)
    }
}

/// CPU seconds of this thread.
fn cpu_seconds() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").context("needs Linux with scheduler statistics")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}
