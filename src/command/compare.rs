//! `compare`: which records would another configuration decide otherwise?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::process::{Desk, blank, open, read_batch};
use super::{Exit, Global, print};
use crate::explain::change::{self, Change};
use crate::explain::terminal::short;
use crate::explain::words::count;
use crate::outcome::Outcome;
use crate::settings::Settings;

/// Counts what two configurations decide otherwise on the same records
///
/// Ends with 1 when they differ.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk compare copydesk.toml strict.toml --input yesterday.jsonl.zst")]
pub(super) struct Args {
    /// The first configuration
    #[arg(value_name = "A.toml")]
    a: PathBuf,
    /// The second
    #[arg(value_name = "B.toml")]
    b: PathBuf,
    /// Raw records, one a line, plain, .gz or .zst; - for standard input; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    input: Vec<PathBuf>,
    /// Records that differ shown one by one
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// One JSON object for each record that differs, and one at the end
    #[arg(long)]
    json: bool,
}

/// What differed so far.
#[derive(Debug, Default)]
struct Tally {
    records: usize,
    changed: usize,
    what: BTreeMap<String, usize>,
    moves: BTreeMap<(&'static str, &'static str), usize>,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = |file: &Path| -> anyhow::Result<Settings> {
        let loaded = Global { config: Some(file.to_owned()), ..global.clone() }.load()?;
        Ok(loaded.settings)
    };
    let (a, b) = (settings(&args.a)?, settings(&args.b)?);
    let (mut first, mut second) = (Desk::new(&a, a.dedupe.mode)?, Desk::new(&b, b.dedupe.mode)?);
    let mut tally = Tally::default();
    for file in &args.input {
        let (mut input, mut read) = (open(file)?, 0);
        while let Some(batch) = read_batch(&mut input).with_context(|| format!("reading {}", file.display()))? {
            let lines = (read + 1..).zip(batch);
            let (numbers, batch): (Vec<u64>, Vec<Vec<u8>>) = lines.inspect(|(n, _)| read = *n).filter(|(_, line)| !blank(line)).unzip();
            let pairs = first.batch(batch.clone(), |o| o).into_iter().zip(second.batch(batch, |o| o));
            for (line, (one, other)) in numbers.into_iter().zip(pairs) {
                let changes = differences(&one, &other);
                tally.take(&one, &other, &changes);
                if !changes.is_empty() && tally.changed <= args.limit {
                    print(&shown(args, &format!("{}:{line}", file.display()), &one, &changes))?;
                }
            }
        }
    }
    print(&if args.json { as_json(&tally) } else { as_text(&tally, args.limit) })?;
    Ok(if tally.changed == 0 { Exit::Done } else { Exit::No })
}

/// Most records do not differ at all, and that is seen at once.
fn differences(a: &Outcome, b: &Outcome) -> Vec<Change> {
    if a == b { Vec::new() } else { change::outcomes(a, b) }
}

impl Tally {
    fn take(&mut self, a: &Outcome, b: &Outcome, changes: &[Change]) {
        self.records += 1;
        if changes.is_empty() {
            return;
        }
        self.changed += 1;
        for change in changes {
            *self.what.entry(change.what.clone()).or_default() += 1;
        }
        if a.kind() != b.kind() {
            *self.moves.entry((a.kind().name(), b.kind().name())).or_default() += 1;
        }
    }
}

fn id(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Enriched { id, .. } | Outcome::Revision { id, .. } => id,
        Outcome::Duplicate(link) => &link.id,
        Outcome::Dead(rejection) => rejection.id.as_deref().unwrap_or("-"),
    }
}

fn shown(args: &Args, record: &str, outcome: &Outcome, changes: &[Change]) -> String {
    if args.json {
        return format!("{}\n", json!({"record": record, "id": id(outcome), "changes": changes}));
    }
    let mut out = format!("{record}  {}\n", short(id(outcome), 60));
    for change in changes {
        let side = |text: &str| if text.is_empty() { "(nothing)".to_owned() } else { short(text, 100) };
        out.push_str(&format!("  {}\n", short(&change.what, 40)));
        let (a, b) = change::apart(&change.a, &change.b);
        out.push_str(&format!("    - {}\n    + {}\n", side(a), side(b)));
    }
    out
}

fn as_text(tally: &Tally, limit: usize) -> String {
    let mut out = String::new();
    if tally.changed > limit {
        out.push_str(&format!("and {} more; --limit shows them\n", tally.changed - limit));
    }
    let of = count(tally.records, "record");
    if tally.changed == 0 {
        out.push_str(&format!("the same decisions on {of}\n"));
        return out;
    }
    out.push_str(&format!("{} of {of} differ\n", tally.changed));
    for ((from, to), n) in &tally.moves {
        out.push_str(&format!("  {n:>8} {from} -> {to}\n"));
    }
    for (what, n) in &tally.what {
        out.push_str(&format!("  {n:>8} differ in {what}\n"));
    }
    out
}

fn as_json(tally: &Tally) -> String {
    let moves: Vec<_> = tally.moves.iter().map(|((a, b), n)| json!({"a": a, "b": b, "records": n})).collect();
    let all = json!({"records": tally.records, "changed": tally.changed, "outcomes": moves, "what": tally.what});
    format!("{all}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, Rejection, Stage};

    #[test]
    fn what_moved_is_counted() {
        let mut tally = Tally::default();
        let told = Outcome::Enriched { id: "a".into(), article: Box::default() };
        let dead = Outcome::Dead(Rejection::new(Stage::Clean, Reason::TooShort, "short"));
        tally.take(&told, &told, &differences(&told, &told));
        tally.take(&told, &dead, &differences(&told, &dead));
        assert_eq!((tally.records, tally.changed, tally.what["outcome"]), (2, 1, 1));
        assert_eq!(tally.moves[&("enriched", "dead")], 1);
        assert!(as_text(&tally, 20).starts_with("1 of 2 records differ\n"));
        assert_eq!(as_text(&Tally::default(), 20), "the same decisions on 0 records\n");
    }
}
