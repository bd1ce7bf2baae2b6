//! `process`: the pure line over files and standard input. No broker, the index in memory, all cores.

mod desk;
mod input;
mod parallel;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;

use super::{Exit, Global};
use crate::article::ninjs;
use crate::outcome::Outcome;
use crate::settings::{DedupeMode, Format};
pub(super) use desk::{Desk, record};
pub(super) use input::{open, open_counted, read_batch};

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
