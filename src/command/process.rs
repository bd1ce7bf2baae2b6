//! `process`: the pure line over files and standard input. No broker, the index in memory, all cores.

mod ahead;
mod desk;
mod input;
mod parallel;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::ValueEnum;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::run::stop_on_signals;
use super::{Exit, Global};
use crate::article::ninjs;
use crate::outcome::Outcome;
use crate::settings::{DedupeMode, Format};
use ahead::{Ahead, Ended};
pub(super) use desk::{Desk, record};
pub(super) use input::{blank, open, open_counted, read_batch};

/// Runs raw records from files through the line, without Kafka: JSON Lines in, one outcome a line out, in input order
///
/// Blank lines are no records. An outcome is written as soon as no further input is at hand, so a live pipe may be read.
/// SIGTERM and SIGINT write what was read and end (0; 1 before the end of files that were named); a second one stops at once.
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
    let standard_input = PathBuf::from("-");
    let files = if args.files.is_empty() { vec![standard_input.clone()] } else { args.files.clone() };
    let only_standard_input = files == [standard_input];
    let mut desk = Desk::new(&settings, mode)?;
    let ahead = Ahead::read(files)?;
    let _signals = stopped_by_signals(ahead.clone())?;
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    loop {
        let batch = match ahead.batch() {
            Ok(batch) => batch,
            Err(Ended::Whole) => return Ok(Exit::Done),
            // What comes in by a pipe has no end but this one.
            Err(Ended::Stopped) if only_standard_input => return Ok(Exit::Done),
            Err(Ended::Stopped) => return Err(Exit::No.because("stopped before the end of the files")),
            Err(Ended::Failed(error)) => return Err(error),
        };
        for line in desk.batch(batch, |outcome| line(&outcome, format)) {
            out.write_all(&line).context("writing standard output")?;
        }
        // Whoever waits at the other end of a pipe has what is decided so far.
        out.flush().context("writing standard output")?;
    }
}

/// Lets SIGTERM and SIGINT end the input, so that what was read is written; a second one ends at once.
fn stopped_by_signals(ahead: Arc<Ahead>) -> io::Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let stop = CancellationToken::new();
    let context = runtime.enter();
    stop_on_signals(stop.clone())?;
    drop(context);
    runtime.spawn(async move {
        stop.cancelled().await;
        ahead.stop();
    });
    Ok(runtime)
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
