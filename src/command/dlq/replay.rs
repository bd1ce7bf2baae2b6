//! `dlq replay`: dead letters back to the topic they came from, byte for byte, each with a count against loops.
//!
//! How far a selection has come is kept in Kafka, so that a replay that was broken off goes on where it stopped. What was
//! sent after the last note is sent again then; the line files what had passed as a copy.

mod destination;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::select::{self, Found, Selection};
use crate::command::explain::unread;
use crate::command::when::{Pace, rate};
use crate::command::{Exit, Global, print};
use crate::explain::terminal::short;
use crate::explain::words::count;
use crate::kafka::bookmark::Bookmark;
use crate::kafka::reader::Reader;
use crate::kafka::writer::{WriteError, Writer};
use crate::letter;
use crate::record::Record;
use crate::settings::{Settings, Topics};
use destination::{Stays, destination};

/// Letters sent between two notes of how far it has come.
const NOTE_EVERY: u64 = 100;
/// Time between two notes.
const NOTE_AFTER: Duration = Duration::from_secs(1);

/// Sends dead letters back to the topic they came from; without --yes only says what it would do
///
/// All that match are sent, also those that would die again: `dlq show` says of one whether it would.
/// A letter keeps its partition but comes after what was written since: the order for its key is broken. A replay that was
/// broken off goes on where it stopped. Letters that die again are new letters, with one more replay counted.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Really does it
    #[arg(long)]
    yes: bool,
    /// Records a second; 0 is without a limit
    #[arg(long, value_name = "RATE", default_value = "50", value_parser = rate)]
    rate: f64,
    /// Leaves letters alone that were replayed this often
    #[arg(long, value_name = "N", default_value_t = 3)]
    max_replays: u32,
    /// At most so many letters
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Begins at the oldest letter again, also with what was replayed before
    #[arg(long)]
    again: bool,
    /// Also into this topic, where letters came from it; without it only into topics.raw, topics.links and topics.cleaned
    #[arg(long, value_name = "TOPIC")]
    into: Vec<String>,
}

/// What was done, or would be.
#[derive(Debug, Default, PartialEq)]
struct Done {
    sent: BTreeMap<String, u64>,
    stays: BTreeMap<Stays, u64>,
}

impl Done {
    fn total(&self) -> u64 {
        self.sent.values().sum()
    }
}

/// The purpose under which is kept how far this selection has come: another selection begins at its own beginning, since
/// what one has passed over the other may want.
fn purpose(args: &Args, topic: &str) -> String {
    let Selection { stage, reason, since, .. } = &args.selection;
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
    let (since, most) = (since.as_ref().map_or("", |since| &since.typed), args.max_replays.to_string());
    let all = [topic, &lower(stage), &lower(reason), since, &most, &args.into.join(" ")].join("\0");
    let hash = blake3::hash(all.as_bytes()).to_hex();
    format!("dlq-{}", hash.get(..8).unwrap_or_default())
}

/// Sends, or only counts.
struct Replay<'r> {
    args: &'r Args,
    topics: &'r Topics,
    reader: &'r Reader,
    writer: Option<Writer>,
    partitions: BTreeMap<String, i32>,
    pace: Pace,
    done: Done,
}

impl Replay<'_> {
    /// Deals with one letter.
    fn letter(&mut self, found: &Found) -> anyhow::Result<()> {
        let topic = match destination(&found.letter, self.args, self.topics) {
            Ok(topic) => topic,
            Err(stays) => return self.stays(stays),
        };
        let Ok(record) = select::original(found, self.reader)? else { return self.stays(Stays::Cut) };
        let headers = letter::counted(&record.headers, found.letter.replays + 1);
        self.send(topic, found.letter.partition, &Record { headers, ..record })?;
        *self.done.sent.entry(topic.to_owned()).or_default() += 1;
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps)] // every way a letter goes ends alike
    fn stays(&mut self, why: Stays) -> anyhow::Result<()> {
        *self.done.stays.entry(why).or_default() += 1;
        Ok(())
    }

    fn send(&mut self, topic: &str, partition: Option<i32>, record: &Record) -> anyhow::Result<()> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let known = match self.partitions.get(topic) {
            Some(known) => *known,
            None => writer.partitions(topic).map_err(unwritten)?,
        };
        self.partitions.insert(topic.to_owned(), known);
        self.pace.wait();
        writer.send(topic, partition.filter(|p| *p < known), record).map_err(unwritten)
    }
}

/// The exit a failed write leads to.
pub(in crate::command) fn unwritten(error: WriteError) -> anyhow::Error {
    match error {
        WriteError::Away(ref away) => Exit::away(away).because(error),
        WriteError::Denied(_) => Exit::Config.because(error),
        WriteError::Refused { .. } => Exit::No.because(error),
    }
}

pub fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    args.selection.check()?;
    let settings = global.look()?.settings;
    let topic = args.selection.topic(&settings).to_owned();
    let purpose = purpose(args, &topic);
    let mut bookmark = Bookmark::new(&settings.kafka, &purpose).map_err(unread)?;
    // Where the letters end now: what dies again while we send is none of this replay.
    let all = args.selection.ranges(bookmark.reader(), &topic)?;
    let ranges = if args.again { all } else { bookmark.rest(&topic, &all).map_err(unread)? };
    let done = replay(args, &settings, &topic, &ranges, &mut bookmark)?;
    print(&report(&done, args, &topic))?;
    Ok(Exit::Done)
}

fn replay(
    args: &Args,
    settings: &Settings,
    topic: &str,
    ranges: &[crate::kafka::reader::Range],
    bookmark: &mut Bookmark,
) -> anyhow::Result<Done> {
    let letters = Reader::new(&settings.kafka).map_err(unread)?;
    let originals = Reader::new(&settings.kafka).map_err(unread)?;
    let writer = if args.yes { Some(Writer::new(settings).map_err(unwritten)?) } else { None };
    let mut replay = Replay {
        args,
        topics: &settings.topics,
        reader: &originals,
        writer,
        partitions: BTreeMap::new(),
        pace: Pace::new(args.rate),
        done: Done::default(),
    };
    let (mut failed, mut noted, mut at) = (None, 0, Instant::now());
    args.selection.each(&letters, topic, ranges, |found| {
        if args.limit.is_some_and(|limit| replay.done.total() >= limit) {
            return ControlFlow::Break(());
        }
        let mut step = replay.letter(&found);
        bookmark.pass(&found.position);
        let sent = replay.done.total();
        if step.is_ok() && (sent >= noted + NOTE_EVERY || at.elapsed() > NOTE_AFTER) {
            step = note(&replay, bookmark, topic);
            (noted, at) = (sent, Instant::now());
        }
        match step {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    match failed {
        Some(error) => Err(error),
        None => note(&replay, bookmark, topic).map(|()| replay.done),
    }
}

/// Notes how far it has come, once all of it is written. A dry run notes nothing.
fn note(replay: &Replay<'_>, bookmark: &mut Bookmark, topic: &str) -> anyhow::Result<()> {
    let Some(writer) = &replay.writer else { return Ok(()) };
    writer.settle().map_err(unwritten)?;
    bookmark.keep(topic).map_err(unread)
}

fn report(done: &Done, args: &Args, topic: &str) -> String {
    let letters = |n: u64| count(usize::try_from(n).unwrap_or(usize::MAX), "dead letter");
    let mut out = String::new();
    let verb = if args.yes { "replayed" } else { "would replay" };
    if done.sent.is_empty() {
        out.push_str(&format!("nothing to replay in {}\n", short(topic, 80)));
    }
    for (topic, n) in &done.sent {
        out.push_str(&format!("{verb} {} to {}\n", letters(*n), short(topic, 80)));
    }
    for (why, n) in &done.stays {
        out.push_str(&format!("  {} left alone: {why}\n", letters(*n)));
    }
    if !args.yes && !done.sent.is_empty() {
        out.push_str("nothing was written: add --yes; letters come after what was written since, so order by key is broken\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::typed;

    #[test]
    fn each_selection_keeps_its_own_place() {
        let purpose = |flags: &[&str]| purpose(&typed(flags), "articles.dead");
        assert_eq!(purpose(&["--since", "24h"]), purpose(&["--since", "24h"]), "the time moves, the place does not");
        assert_eq!(purpose(&["--reason", "TOO_SHORT"]), purpose(&["--reason", "too_short", "--limit", "5"]));
        let all: [&[&str]; 7] = [
            &[],
            &["--since", "24h"],
            &["--since", "2h"],
            &["--reason", "too_short"],
            &["--stage", "too_short"],
            &["--max-replays", "9"],
            &["--into", "wire.in"],
        ];
        let places: std::collections::BTreeSet<String> = all.iter().map(|flags| purpose(flags)).collect();
        assert_eq!(places.len(), all.len());
    }

    #[test]
    fn a_dry_run_says_that_it_was_one() {
        let mut done = Done::default();
        done.sent.insert("articles.raw".into(), 2);
        done.stays.insert(Stays::TooOften(3), 1);
        let dry = report(&done, &typed(&[]), "articles.dead");
        assert!(dry.starts_with("would replay 2 dead letters to articles.raw\n"), "{dry}");
        assert!(dry.contains("1 dead letter left alone: replayed 3 times") && dry.contains("add --yes"), "{dry}");
        assert_eq!(report(&Done::default(), &typed(&["--yes"]), "d"), "nothing to replay in d\n");
    }
}
