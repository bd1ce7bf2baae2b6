//! `dlq list`: counts by stage and reason first, then the newest letters.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;

use serde_json::json;

use super::select::{Found, Selection};
use crate::command::explain::unread;
use crate::command::when::shown;
use crate::command::{Exit, Global, print};
use crate::explain::terminal::short;
use crate::explain::words::count;
use crate::kafka::reader::Reader;

/// Counts dead letters by stage and reason, and lists the newest
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Letters listed one by one, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// One JSON object: counts and letters
    #[arg(long)]
    json: bool,
}

/// One kind of death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Kind {
    letters: u64,
    newest: Option<i64>,
}

/// Counts and the last letters, as they are read.
#[derive(Debug, Default)]
struct Tally {
    kinds: BTreeMap<(String, String), Kind>,
    newest: VecDeque<Row>,
}

/// What is told of one letter.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct Row {
    position: String,
    #[serde(skip)]
    at: Option<i64>,
    time: String,
    stage: String,
    reason: String,
    from: String,
    replays: u32,
    message: String,
}

impl Tally {
    fn take(&mut self, found: &Found, limit: usize) {
        let (letter, at) = (&found.letter, found.record.timestamp);
        let kind = self.kinds.entry((letter.stage.clone(), letter.reason.clone())).or_default();
        kind.letters += 1;
        kind.newest = kind.newest.max(at);
        let after = self.newest.iter().rposition(|row| row.at <= at).map_or(0, |n| n + 1);
        // Partitions come interleaved, each in order: the place is near the end.
        self.newest.insert(after, row(found));
        if self.newest.len() > limit {
            self.newest.pop_front();
        }
    }

    fn letters(&self) -> u64 {
        self.kinds.values().map(|kind| kind.letters).sum()
    }
}

fn row(found: &Found) -> Row {
    let letter = &found.letter;
    let topic = || letter.topic.clone().unwrap_or_else(|| "-".to_owned());
    let from = letter.position().map_or_else(topic, |position| position.to_string());
    Row {
        position: found.position.to_string(),
        at: found.record.timestamp,
        time: shown(found.record.timestamp),
        stage: letter.stage.clone(),
        reason: letter.reason.clone(),
        from,
        replays: letter.replays,
        message: letter.message.clone(),
    }
}

pub fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    args.selection.check()?;
    let settings = global.look()?.settings;
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let topic = args.selection.topic(&settings);
    let ranges = args.selection.ranges(&reader, topic)?;
    let mut tally = Tally::default();
    args.selection.each(&reader, topic, &ranges, |found| {
        tally.take(&found, args.limit);
        ControlFlow::Continue(())
    })?;
    print(&if args.json { as_json(topic, &tally) } else { as_table(topic, &tally) })?;
    Ok(Exit::Done)
}

fn as_json(topic: &str, tally: &Tally) -> String {
    let kind = |((stage, reason), kind): (&(String, String), &Kind)| {
        json!({"stage": stage, "reason": reason, "letters": kind.letters, "newest": shown(kind.newest)})
    };
    let counts: Vec<_> = tally.kinds.iter().map(kind).collect();
    let newest: Vec<_> = tally.newest.iter().rev().collect();
    format!("{}\n", json!({"topic": topic, "letters": tally.letters(), "counts": counts, "newest": newest}))
}

fn as_table(topic: &str, tally: &Tally) -> String {
    let letters = tally.letters();
    if letters == 0 {
        return format!("no dead letters in {} that match\n", short(topic, 80));
    }
    let letters_said = count(usize::try_from(letters).unwrap_or(usize::MAX), "dead letter");
    let mut out = format!("{letters_said} in {}\n\n", short(topic, 80));
    out.push_str(&format!("  {:<16} {:<24} {:>8} {:>6}  newest\n", "stage", "reason", "letters", "share"));
    let mut kinds: Vec<_> = tally.kinds.iter().collect();
    kinds.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.letters));
    for ((stage, reason), kind) in kinds {
        let share = format!("{:.0} %", 100.0 * kind.letters as f64 / letters as f64);
        let (stage, reason) = (short(stage, 16), short(reason, 24));
        out.push_str(&format!("  {stage:<16} {reason:<24} {:>8} {share:>6}  {}\n", kind.letters, shown(kind.newest)));
    }
    if !tally.newest.is_empty() {
        out.push('\n');
    }
    for row in tally.newest.iter().rev() {
        let replays = if row.replays == 0 { String::new() } else { format!(", replayed {}", row.replays) };
        let died = format!("{} {}", short(&row.stage, 16), short(&row.reason, 24));
        out.push_str(&format!("  {}  {}  {died}  from {}{replays}\n", row.position, row.time, short(&row.from, 80)));
        out.push_str(&format!("      {}\n", short(&row.message, 110)));
    }
    out.push_str("\n  copydesk dlq show POSITION explains one with today's program\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter;
    use crate::record::Record;

    fn found(n: i64, reason: &'static str, at: i64) -> Found {
        let headers = vec![
            ("copydesk-stage".to_owned(), Some("decode".into())),
            ("copydesk-reason".to_owned(), Some(reason.into())),
            ("__streams.errors.message".to_owned(), Some("\u{1b}[31mred".into())),
        ];
        let position: crate::record::Position = format!("articles.dead/0/{n}").parse().unwrap();
        let record = Record {
            position: Some(position.clone()),
            key: None,
            headers,
            timestamp: Some(at),
            raw: None,
        };
        Found { position, letter: letter::read(&record.headers), record }
    }

    #[test]
    fn letters_are_counted_and_the_newest_listed_first() {
        let mut tally = Tally::default();
        for (n, reason, at) in [(0, "not_json", 10_000), (1, "null_value", 30_000), (2, "not_json", 20_000)] {
            tally.take(&found(n, reason, at), 2);
        }
        assert_eq!(tally.letters(), 3);
        let listed: Vec<_> = tally.newest.iter().rev().map(|row| row.position.as_str()).collect();
        assert_eq!(listed, ["articles.dead/0/1", "articles.dead/0/2"]);
        let table = as_table("articles.dead", &tally);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "3 dead letters in articles.dead");
        assert!(lines[3].contains("not_json") && lines[3].contains("67 %"), "{table}");
        assert!(!table.contains('\u{1b}'), "{table:?}");
        let json: serde_json::Value = serde_json::from_str(&as_json("articles.dead", &tally)).unwrap();
        assert_eq!((&json["letters"], &json["newest"][0]["position"]), (&json!(3), &json!("articles.dead/0/1")));
    }

    #[test]
    fn none_is_said() {
        assert_eq!(as_table("articles.dead", &Tally::default()), "no dead letters in articles.dead that match\n");
    }
}
