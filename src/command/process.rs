//! `process`: the pure line over files and standard input. No broker, the index in memory, all cores.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use bytes::Bytes;
use clap::ValueEnum;

use super::{Exit, Global};
use crate::article::ninjs;
use crate::outcome::{Outcome, Rejection};
use crate::record::{Headers, Offset, Position, Record};
use crate::settings::{DedupeMode, Format, Settings};
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::ledger::{Answer, Applied, Ledger, Word};
use crate::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use crate::stage::dedupe::wording::Wording;
use crate::stage::{self, Place, Prepared, Rules};

mod parallel;

/// Records read ahead at once: enough that no core idles at the end of a batch for long.
const BATCH_RECORDS: usize = 2048;
/// ... and no more bytes than this.
const BATCH_BYTES: usize = 64 << 20;
/// Longest line kept; of a longer one only the beginning is read, and it dies as too large.
const MAX_LINE: usize = 64 << 20;

/// Runs raw records from files through the line, without Kafka: JSON Lines in, one outcome a line out, in input order
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is done with a story that was told before [default: dedupe.mode]
    #[arg(long, value_enum, value_name = "MODE")]
    dedupe: Option<Mode>,
    /// The form of an article [default: output.format]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Form>,
    /// Files of raw records, plain, .gz or .zst; - or none is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// `dedupe.mode` as a flag.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Only a link is published
    On,
    /// Everything is published, with the verdict attached
    Mark,
    /// Nobody asks
    Off,
}

/// `output.format` as a flag.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// The enriched record
    Copydesk,
    /// An IPTC ninjs 3.1 item
    Ninjs,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let loaded = global.load()?;
    global.start_logging(&loaded, None)?;
    let settings = loaded.settings;
    let mode = args.dedupe.map_or(settings.dedupe.mode, |mode| match mode {
        Mode::On => DedupeMode::On,
        Mode::Mark => DedupeMode::Mark,
        Mode::Off => DedupeMode::Off,
    });
    let format = args.format.map_or(settings.output.format, |form| match form {
        Form::Copydesk => Format::Copydesk,
        Form::Ninjs => Format::Ninjs,
    });
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    let mut desk = Desk::new(&settings, mode)?;
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    for file in files {
        let mut input = open(file)?;
        while let Some(batch) = read_batch(&mut input).with_context(|| format!("reading {}", file.display()))? {
            for line in desk.batch(batch, |outcome| line(&outcome, format)) {
                out.write_all(&line).context("writing standard output")?;
            }
        }
    }
    out.flush().context("writing standard output")?;
    Ok(Exit::Done)
}

/// The desk of one `process`: prints are told at once, since whatever is decided is written.
pub(super) struct Desk {
    rules: Rules,
    threads: usize,
    ledger: Ledger,
    now: i64,
    records: i64,
}

impl Desk {
    pub(super) fn new(settings: &Settings, mode: DedupeMode) -> anyhow::Result<Desk> {
        let meaning = crate::weights::of(&settings.extract).map_err(anyhow::Error::msg)?;
        let max_text = usize::try_from(settings.kafka.max_message / 3).unwrap_or(usize::MAX);
        let rules = Rules { mode, ..Rules::new(settings, meaning, max_text) };
        // There is no log clock: records count, time does not pass, and nothing lapses or grows old.
        let judging = Judging {
            algorithm: ALGORITHM,
            window: i64::MAX,
            max_articles: settings.dedupe.max_articles,
            promise: i64::MAX,
        };
        let threads = settings.run.workers.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
        let now = jiff::Timestamp::now().as_millisecond();
        Ok(Desk { rules, threads: threads.unwrap_or(1), ledger: Ledger::new(0, judging), now, records: 0 })
    }

    /// What the line needs to know of the configuration.
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// One record with its keys, the desk's answer and what became of it. Records are numbered from 1: the number is the
    /// offset of a matched original.
    pub(super) fn one(&mut self, record: &Record<()>) -> (Option<Keys>, Option<Answer>, Outcome) {
        let prepared = stage::prepare(record, &self.rules, |_| None, &mut ());
        let keys = known_by(&prepared);
        let (prepared, answer) = self.judge(prepared);
        (keys, answer.clone(), outcome(prepared, answer, &self.rules))
    }

    /// The same with the answer of another memory.
    pub(super) fn one_by(
        &self,
        record: &Record<()>,
        ask: impl FnOnce(&Keys, &Wording) -> Option<Answer>,
    ) -> (Option<Keys>, Option<Answer>, Outcome) {
        let prepared = stage::prepare(record, &self.rules, |_| None, &mut ());
        let answer = match &prepared {
            Ok(Prepared::Clean(keys, _, wording)) if self.rules.mode != DedupeMode::Off => ask(keys, wording),
            Ok(Prepared::Clean(..) | Prepared::Known(..)) | Err(_) => None,
        };
        (known_by(&prepared), answer.clone(), outcome(prepared, answer, &self.rules))
    }

    /// What `make` makes of the outcome of every line of a batch, in order.
    pub(super) fn batch<O: Send>(&mut self, batch: Vec<Vec<u8>>, make: impl Fn(Outcome) -> O + Sync) -> Vec<O> {
        let rules = &self.rules;
        let prepared = parallel::map(batch, self.threads, |line| {
            stage::prepare(&record(line), rules, |_| None, &mut ())
        });
        let judged: Vec<_> = prepared.into_iter().map(|prepared| self.judge(prepared)).collect();
        let rules = &self.rules;
        parallel::map(judged, self.threads, |(prepared, answer)| make(outcome(prepared, answer, rules)))
    }

    /// Asks in input order.
    fn judge(&mut self, prepared: Result<Prepared, Rejection>) -> (Result<Prepared, Rejection>, Option<Answer>) {
        self.records += 1;
        let answer = match &prepared {
            Ok(Prepared::Clean(keys, _, wording)) if self.rules.mode != DedupeMode::Off => {
                let position = Position { topic: "".into(), partition: 0, offset: Offset(self.records) };
                let (algorithm, value) = (ALGORITHM, 0);
                let (keys, wording) = (keys.clone(), wording.clone());
                self.apply(Entry::Print(Print { algorithm, nonce: 0, position, timestamp: None, claim: 0, value, keys, wording }))
            }
            Ok(Prepared::Clean(..) | Prepared::Known(..)) | Err(_) => None,
        };
        if let Some(answer) = answer.as_ref().filter(|answer| !answer.is_copy()) {
            self.apply(Entry::Told(vec![answer.sequence]));
        }
        (prepared, answer)
    }

    fn apply(&mut self, entry: Entry) -> Option<Answer> {
        let offset = self.ledger.next_offset();
        match self.ledger.apply(offset, self.now, &LogRecord { desk: 0, entry }) {
            Applied::Judged(_, answer) => Some(answer),
            Applied::Moved | Applied::Skipped(_) => None,
        }
    }
}

fn known_by(prepared: &Result<Prepared, Rejection>) -> Option<Keys> {
    prepared.as_ref().ok().map(|prepared| match prepared {
        Prepared::Known(keys, ..) | Prepared::Clean(keys, ..) => keys.clone(),
    })
}

fn outcome(prepared: Result<Prepared, Rejection>, answer: Option<Answer>, rules: &Rules) -> Outcome {
    let place = Place::default();
    match (prepared, answer) {
        (Err(rejection), _) => Outcome::Dead(rejection),
        (Ok(Prepared::Known(keys, kind, matched)), _) => stage::file(keys.id, kind, &matched, &place),
        (Ok(Prepared::Clean(keys, ..)), Some(Answer { word: Word::Copy(kind, matched), .. })) if rules.mode == DedupeMode::On => {
            stage::file(keys.id, kind, &matched, &place)
        }
        (Ok(Prepared::Clean(keys, article, _)), answer) => {
            stage::finish(keys.id, &article, answer.as_ref(), &place, rules, &mut ())
        }
    }
}

/// An outcome in the form that is wanted of its article.
fn line(outcome: &Outcome, format: Format) -> Vec<u8> {
    // Outcomes hold strings, numbers and maps with string keys: serde_json cannot fail on them.
    let mut line = match (format, outcome) {
        (Format::Ninjs, Outcome::Enriched { article, .. } | Outcome::Revision { article, .. }) => {
            let mut value = serde_json::to_value(outcome).unwrap_or_default();
            value["article"] = ninjs::item(article);
            value.to_string().into_bytes()
        }
        _ => serde_json::to_vec(outcome).unwrap_or_default(),
    };
    line.push(b'\n');
    line
}

pub(super) fn record(line: Vec<u8>) -> Record<()> {
    // A line is JSON or it is dead: never taken for a page, as a bare value from Kafka may be.
    let headers: Headers = vec![("content-type".into(), Some(Bytes::from_static(b"application/json")))];
    Record { position: None, key: None, headers, timestamp: None, raw: Some(line.into()), body: () }
}

pub(super) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    open_counted(path, &Rc::default())
}

/// Opens a file whose bytes, as they lie there, are counted when they are read; those of standard input are not.
pub(super) fn open_counted(path: &Path, read: &Rc<Cell<u64>>) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return unpack(Box::new(io::stdin().lock())).context("reading standard input");
    }
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    if path.is_dir() {
        let shown = path.display();
        return Err(Exit::Io.because(format!("{shown} is a directory; name the files in it, such as {shown}/*.jsonl")));
    }
    unpack(Box::new(Counted { file, read: read.clone() })).with_context(|| format!("reading {}", path.display()))
}

struct Counted {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// Looks at the first bytes: gzip (several members too), zstd, or plain.
fn unpack(input: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut input = BufReader::with_capacity(1 << 20, input);
    let start = input.fill_buf()?;
    Ok(match start {
        [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(1 << 20, flate2::bufread::MultiGzDecoder::new(input))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Box::new(BufReader::with_capacity(1 << 20, zstd::stream::read::Decoder::with_buffer(input)?))
        }
        _ => Box::new(input),
    })
}

/// The next lines, or `None` at the end.
pub(super) fn read_batch(input: &mut dyn BufRead) -> io::Result<Option<Vec<Vec<u8>>>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH_RECORDS && bytes < BATCH_BYTES {
        match read_line(input)? {
            Some(line) => {
                bytes += line.len();
                batch.push(line);
            }
            None if batch.is_empty() => return Ok(None),
            None => break,
        }
    }
    Ok(Some(batch))
}

/// One line without its end; of a line beyond the limit, what comes after the limit is passed over.
fn read_line(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = input.take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|last| *last == b'\r');
    } else if read == MAX_LINE {
        skip_line(input)?;
    }
    Ok(Some(line))
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, done) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}
