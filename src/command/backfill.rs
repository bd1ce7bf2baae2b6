//! `backfill`: articles from files into the input, at a pace, so that the line takes them like any others.
//!
//! How far each file has come is kept in a state file, so that a backfill that was broken off goes on where it stopped.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;

use super::dlq::unwritten;
use super::process::{blank, open_counted, read_batch, record};
use super::when::{Pace, rate};
use super::{Exit, Global, print};
use crate::explain::words::count;
use crate::flow::deliver::headers_size;
use crate::kafka::writer::Writer;
use crate::record::Record;
use crate::settings::{Decode, Settings};
use crate::stage::decode;
use crate::stage::dedupe::keys::keys;
use crate::stage::url::canonical;

mod progress;
mod state;
mod warc;

use progress::Progress;
use state::State;

/// Records between two notes of how far it has come.
const NOTE_EVERY: u64 = 5000;
/// Bytes of a message around key, value and headers, at most.
const AROUND: usize = 1024;
/// Time between two notes.
const NOTE_AFTER: Duration = Duration::from_secs(2);
/// Time between two words about the progress: on a terminal, and off it.
const BAR_AFTER: Duration = Duration::from_millis(500);
const WORD_AFTER: Duration = Duration::from_secs(15);

/// Writes articles from files to the input topic, at a pace
///
/// JSON Lines (plain, .gz, .zst) and web archives (.warc, .warc.gz, .warc.zst).
/// The key is the article's id, so that its versions stay in order. Progress is told on standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk backfill 2026-02-*.jsonl.zst --rate 500 --state backfill.json")]
pub(super) struct Args {
    /// Files; - for JSON Lines on standard input
    #[arg(value_name = "PATH", required = true)]
    files: Vec<PathBuf>,
    /// Records a second; 0 is without a limit
    #[arg(long, value_name = "RATE", default_value = "0", value_parser = rate)]
    rate: f64,
    /// Keeps in this file how far each file has come, and goes on there
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// At most so many records
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Reads everything and writes nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = global.look()?.settings;
    // Before anything is written: a file that is not there must not show in the middle of a night.
    for file in args.files.iter().filter(|file| *file != Path::new("-") && !file.exists()) {
        open_counted(file, &Rc::default())?;
    }
    let state = State::load(args.state.as_deref())?;
    let writer = if args.dry_run { None } else { Some(Writer::new(&settings).map_err(unwritten)?) };
    if let Some(writer) = &writer {
        // Before anything is read: a wrong name or a dead broker shows at once.
        writer.partitions(&settings.topics.raw).map_err(unwritten)?;
        state.keep()?;
    }
    let mut fill = Fill {
        settings: &settings,
        writer,
        state,
        pace: Pace::new(args.rate),
        limit: args.limit.unwrap_or(u64::MAX),
        written: 0,
        passed: 0,
        large: None,
        noted: (0, Instant::now()),
        told: Instant::now(),
        begun: Instant::now(),
        terminal: std::io::stderr().is_terminal(),
        progress: Progress::new(&args.files),
    };
    for (n, path) in args.files.iter().enumerate() {
        fill.file(path, &format!("file {} of {}", n + 1, args.files.len()))?;
        fill.progress.next();
    }
    fill.note()?;
    fill.quiet();
    let verb = if args.dry_run { "would write" } else { "wrote" };
    let records = |n: u64| count(usize::try_from(n).unwrap_or(usize::MAX), "record");
    let before = if fill.passed == 0 { String::new() } else { format!(", after {} that were written before", fill.passed) };
    print(&format!("{verb} {} to {}{before}\n", records(fill.written), settings.topics.raw))?;
    let Some((large, first)) = fill.large else { return Ok(Exit::Done) };
    let text = format!("{} left out, larger than kafka.max_message; the first is {first}", records(large));
    Err(Exit::No.because(text))
}

/// One backfill under way.
struct Fill<'s> {
    settings: &'s Settings,
    writer: Option<Writer>,
    state: State,
    pace: Pace,
    limit: u64,
    written: u64,
    passed: u64,
    /// Records that no message can hold: how many, and the first by its place.
    large: Option<(u64, String)>,
    noted: (u64, Instant),
    told: Instant,
    begun: Instant,
    terminal: bool,
    progress: Progress,
}

impl Fill<'_> {
    fn file(&mut self, path: &Path, which: &str) -> anyhow::Result<()> {
        let reading = || format!("reading {}", path.display());
        let read = Rc::new(Cell::new(0));
        let mut input = open_counted(path, &read)?;
        let done = self.state.done(path)?;
        if warc::is_archive(path) {
            let mut n = 0;
            while let Some(page) = warc::next(&mut input).with_context(reading)? {
                if !self.take(path, which, n, done, page)? {
                    return Ok(());
                }
                self.progress.at(read.get());
                n += 1;
            }
            return Ok(());
        }
        let (mut n, mut from) = (0, 0);
        while let Some(batch) = read_batch(&mut input).with_context(reading)? {
            // Lines are read far ahead of what is written: the bytes of a batch are done as its lines are.
            let (to, lines) = (read.get(), batch.len() as u64);
            for (i, line) in (0..).zip(batch).filter(|(_, line)| !blank(line)) {
                self.progress.at(from + (to - from) * i / lines);
                if !self.take(path, which, n, done, record(line))? {
                    return Ok(());
                }
                n += 1;
            }
            from = to;
            self.progress.at(to);
        }
        Ok(())
    }

    /// Deals with record `n` of a file; false when there are enough.
    fn take(&mut self, path: &Path, which: &str, n: u64, done: u64, record: Record) -> anyhow::Result<bool> {
        self.tell(which);
        if n < done {
            self.passed += 1;
            return Ok(true);
        }
        if self.written >= self.limit {
            return Ok(false);
        }
        if self.written == 0 {
            self.begun = Instant::now();
            self.progress.begin();
        }
        let key = key(&record, &self.settings.decode);
        self.send(path, n, &Record { key, ..record })?;
        self.state.pass(path, n + 1);
        if self.written >= self.noted.0 + NOTE_EVERY || self.noted.1.elapsed() > NOTE_AFTER {
            self.note()?;
        }
        Ok(true)
    }

    /// Sends record `n` of a file; one that no message can hold is left out, so that the others are not lost over it.
    fn send(&mut self, path: &Path, n: u64, record: &Record) -> anyhow::Result<()> {
        let place = || format!("record {} of {}", n + 1, path.display());
        let bytes = |of: &Option<Bytes>| of.as_ref().map_or(0, Bytes::len);
        let size = bytes(&record.raw) + bytes(&record.key) + headers_size(&record.headers) + AROUND;
        if size as u64 > self.settings.kafka.max_message {
            self.large.get_or_insert_with(|| (0, place())).0 += 1;
            return Ok(());
        }
        if let Some(writer) = &self.writer {
            self.pace.wait();
            let sent = writer.send(&self.settings.topics.raw, None, record).map_err(unwritten);
            // Refusals come later than records go.
            sent.with_context(|| format!("at or before {}", place()))?;
        }
        self.written += 1;
        Ok(())
    }

    /// Notes how far it has come, once all of it is written. A dry run notes nothing.
    fn note(&mut self) -> anyhow::Result<()> {
        self.noted = (self.written, Instant::now());
        let Some(writer) = &self.writer else { return Ok(()) };
        writer.settle().map_err(unwritten)?;
        self.state.keep()
    }

    /// A word about the progress: one line that is written over on a terminal, a line now and then elsewhere.
    fn tell(&mut self, which: &str) {
        if self.told.elapsed() < if self.terminal { BAR_AFTER } else { WORD_AFTER } {
            return;
        }
        self.told = Instant::now();
        let elapsed = self.begun.elapsed();
        let pace = self.written as f64 / elapsed.as_secs_f64().max(0.001);
        let (begin, end) = if self.terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        let share = self.progress.line(elapsed, self.terminal);
        // Nobody is left to tell when standard error is closed.
        let _ = write!(std::io::stderr(), "{begin}{share}{which}: {} written, {pace:.0}/s{end}", self.written);
    }

    /// The line that was written over goes.
    fn quiet(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// The article's id, so that its versions share a partition. Of what dies wherever it lies the id that the feed gave it, where
/// that can be read: what is sent again under it, mended, comes after it.
fn key(record: &Record, settings: &Decode) -> Option<Bytes> {
    let Ok(article) = decode::decode(record.raw.as_deref(), &record.headers, settings) else {
        return decode::names(record.raw.as_deref(), &record.headers, settings).id.map(Bytes::from);
    };
    let address = article.head.url.as_deref().and_then(|url| canonical(url, None));
    Some(Bytes::from(keys(&article, address.as_deref(), None).id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_articles_id() {
        let settings = Decode::default();
        let of = |line: &str| key(&record(line.as_bytes().to_vec()), &settings);
        assert_eq!(of("{\"id\":\"a\",\"story\":\"The mill.\"}"), Some("a".into()));
        let by_address = of("{\"url\":\"https://daily.test/mill\",\"story\":\"The mill.\"}");
        assert_eq!(by_address, of("{\"url\":\"https://daily.test/mill?utm_source=x\",\"story\":\"The mill again.\"}"));
        assert_eq!(of("no JSON"), None);
        assert_eq!(of("{\"id\":\"b4\",\"embargoed_until\":\"soon\",\"story\":\"The mill.\"}"), Some("b4".into()));
    }
}
