//! `explain`: why did this record become what it became?

use std::io::IsTerminal;
use std::path::PathBuf;

use super::process::Desk;
use super::{Color, Exit, Global, print};
use crate::explain::change::{self, Change};
use crate::explain::terminal::{self, Style};
use crate::explain::{Before, Decided, Earlier, Explanation, page};
use crate::kafka::reader::ReadError;
use crate::record::Record;
use crate::settings::{Loaded, Settings};

mod input;
mod log;

use input::Input;

/// Shows why a record becomes what it becomes, block by block and field by field
///
/// What was recognised, compared, kept, dropped, read and published, by the same code as `run`, with the memory of this run alone: several records are compared with each other, in order. With --against-log the memory is that of the desk.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk explain page.html\n  copydesk explain records.jsonl --line 3\n  \
    copydesk explain articles.raw/2/11 --html > why.html\n  copydesk explain articles.raw/2/11 --against-log\n  copydesk explain --demo 4 --config-b strict.toml")]
pub(super) struct Args {
    /// A record, a page or a text in a file; - for standard input; a URL; TOPIC/PARTITION/OFFSET
    #[arg(value_name = "RECORD", required_unless_present = "demo")]
    records: Vec<String>,
    /// The record on this line of a file of many; those above it are only remembered
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    line: Option<u64>,
    /// The Nth sample of `demo`; those before it are only remembered
    #[arg(long, value_name = "N", conflicts_with_all = ["records", "line"])]
    demo: Option<usize>,
    /// Asks the desk's memory: reads the print log, and appends nothing to it
    #[arg(long, conflicts_with = "demo")]
    against_log: bool,
    #[command(flatten)]
    form: Form,
    /// Shows what another configuration would decide otherwise
    #[arg(long, value_name = "FILE")]
    config_b: Option<PathBuf>,
}

/// How explanations are written.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Form {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// One page of HTML that loads nothing, to mail to an editor
    #[arg(long, conflicts_with = "json")]
    html: bool,
    /// Blocks and values whole, not cut to a line
    #[arg(long, conflicts_with_all = ["json", "html"])]
    full: bool,
}

impl Form {
    /// Whether JSON is asked for.
    pub(super) fn json(self) -> bool {
        self.json
    }

    /// Whether a page is asked for.
    pub(super) fn html(self) -> bool {
        self.html
    }

    /// As flags, NO_COLOR and the terminal say.
    fn style(self, global: &Global) -> Style {
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && global.sources().variable("NO_COLOR").is_none(),
        };
        Style { color, full: self.full }
    }
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let loaded = global.look()?;
    let other = args.config_b.as_ref().map(|file| load_other(file, global)).transpose()?;
    let inputs = match args.demo {
        Some(n) => input::sample(n)?,
        None => input::read(&args.records, args.line, &loaded.settings)?,
    };
    let explain = if args.against_log { log::explain } else { explain };
    let explanations = explain(&loaded.settings, &inputs)?;
    let others = other.map(|other| explain(&other.settings, &inputs)).transpose()?;
    let changes: Option<Vec<Vec<Change>>> =
        others.map(|others| explanations.iter().zip(&others).map(|(a, b)| change::explanations(a, b)).collect());
    show(&explanations, changes.as_deref(), args.form, global)
}

fn load_other(file: &std::path::Path, global: &Global) -> anyhow::Result<Loaded> {
    Ok(Global { config: Some(file.to_owned()), ..global.clone() }.load()?)
}

/// Explains every record that is asked about, in order; the others are only remembered.
pub(super) fn explain(settings: &Settings, inputs: &[Input]) -> anyhow::Result<Vec<Explanation>> {
    let mut desk = Desk::new(settings, settings.dedupe.mode)?;
    let all: Vec<Earlier<'_>> =
        inputs.iter().map(|input| Earlier { name: &input.name, record: &input.record }).collect();
    let mut explained = Vec::new();
    for (n, Input { name, record, asked }) in inputs.iter().enumerate() {
        let (keys, answer, outcome) = desk.one(record);
        if *asked {
            let before = Before::Run(all.get(..n).unwrap_or_default());
            let (rules, topics) = (desk.rules(), &settings.topics);
            let (keys, answer) = (keys.as_ref(), answer.as_ref());
            let decided = Decided { rules, topics, output: settings.output, keys, answer, before, outcome };
            explained.push(Explanation::new(name.clone(), record, decided));
        }
    }
    Ok(explained)
}

/// Explains one record alone.
pub(super) fn explain_one(settings: &Settings, name: String, record: Record) -> anyhow::Result<Explanation> {
    let (mut desk, topics) = (Desk::new(settings, settings.dedupe.mode)?, &settings.topics);
    let (keys, answer, outcome) = desk.one(&record);
    let (keys, answer) = (keys.as_ref(), answer.as_ref());
    let output = settings.output;
    let decided = Decided { rules: desk.rules(), topics, output, keys, answer, before: Before::Run(&[]), outcome };
    Ok(Explanation::new(name, &record, decided))
}

/// Writes explanations in the form asked for.
pub(super) fn show(
    explanations: &[Explanation],
    changes: Option<&[Vec<Change>]>,
    form: Form,
    global: &Global,
) -> anyhow::Result<Exit> {
    if form.html {
        print(&page::render(explanations, changes))?;
        return Ok(Exit::Done);
    }
    let style = form.style(global);
    for (n, explanation) in explanations.iter().enumerate() {
        let changes = changes.and_then(|all| all.get(n));
        if form.json {
            let mut value = serde_json::to_value(explanation)?;
            if let (Some(changes), Some(object)) = (changes, value.as_object_mut()) {
                object.insert("changes".to_owned(), serde_json::to_value(changes)?);
            }
            print(&format!("{value}\n"))?;
            continue;
        }
        let gap = if n == 0 { "" } else { "\n" };
        let changes = changes.map(|changes| terminal::changes(changes, style)).unwrap_or_default();
        print(&format!("{gap}{}{changes}", terminal::render(explanation, style)))?;
    }
    Ok(Exit::Done)
}

/// The exit a failed read leads to.
pub(super) fn unread(error: ReadError) -> anyhow::Error {
    match error {
        ReadError::Away(ref away) => Exit::away(away).because(error),
        ReadError::Denied(_) => Exit::Config.because(error),
        ReadError::NoTopic(_) | ReadError::NoPartition { .. } | ReadError::NoOffset { .. } => Exit::No.because(error),
    }
}
