//! `tap`: the newest records of our topics, as they are; a look at a running desk.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::{Value, json};

use super::explain::unread;
use super::sight::{Sight, line, route, see};
use super::trace::search::newest;
use super::{Exit, Global, print, when};
use crate::kafka::reader::{Range, Reader};
use crate::outcome::Route;
use crate::record::Record;
use crate::settings::Settings;

/// Between two looks at the ends of the topics.
const LOOK: Duration = Duration::from_millis(500);

/// Shows the newest records of the outputs, or of the topics named, one a line
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk tap --limit 5\n  copydesk tap --outcome dead --follow\n  \
    copydesk tap articles.raw --match korva --json")]
pub(super) struct Args {
    /// Topics of this desk [default: the three outputs]
    #[arg(value_name = "TOPIC")]
    topics: Vec<String>,
    /// Only this outcome: enriched, revision, duplicate, dead
    #[arg(long, value_name = "OUTCOME", value_parser = ["enriched", "revision", "duplicate", "dead"])]
    outcome: Option<String>,
    /// Only records whose key, value or headline holds this, without regard to case
    #[arg(long = "match", value_name = "TEXT")]
    text: Option<String>,
    /// The last N of what matches
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Records read of each topic to find them
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    scan: u32,
    /// Only records written since: 24h (ago), 2026-03-10, 2026-03-10T14:05:00Z
    #[arg(long, value_name = "TIME", value_parser = when::time)]
    since: Option<i64>,
    /// Goes on with what comes, until Ctrl-C
    #[arg(long)]
    follow: bool,
    /// Whole records as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = global.look()?.settings;
    let routes = routes(args, &settings)?;
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let mut ends: Vec<(Route, Vec<Range>)> = Vec::new();
    let mut last: VecDeque<(Option<i64>, String)> = VecDeque::new();
    for route in routes {
        let topic = settings.topics.name(route);
        let mut ranges = reader.ranges(topic).map_err(unread)?;
        ends.push((route, ranges.clone()));
        if let Some(since) = args.since {
            ranges = reader.since(topic, &ranges, since).map_err(unread)?;
        }
        each(&reader, &settings, args, route, &newest(&ranges, args.scan), |at, text| {
            let place = last.iter().rposition(|(other, _)| *other <= at).map_or(0, |n| n + 1);
            last.insert(place, (at, text));
            if last.len() > args.limit {
                last.pop_front();
            }
            Ok(())
        })?;
    }
    if last.is_empty() && !args.follow {
        return Err(Exit::No.because(format!("nothing matches in the newest {} records; --scan reads more", args.scan)));
    }
    print(&last.into_iter().map(|(_, text)| text).collect::<String>())?;
    if args.follow { follow(&reader, &settings, args, ends) } else { Ok(Exit::Done) }
}

/// The topics asked for, by what they are.
fn routes(args: &Args, settings: &Settings) -> anyhow::Result<Vec<Route>> {
    if args.topics.is_empty() {
        return Ok(match args.outcome.as_deref() {
            Some("dead") => vec![Route::Dead],
            Some("duplicate") => vec![Route::Duplicates],
            Some(_) => vec![Route::Enriched],
            None => vec![Route::Enriched, Route::Duplicates, Route::Dead],
        });
    }
    let known = |topic: &String| {
        let text = || format!("{topic} is none of this desk's topics: raw, cleaned, enriched, duplicates or dead of [topics]");
        route(&settings.topics, topic).ok_or_else(|| Exit::Usage.because(text()))
    };
    args.topics.iter().map(known).collect()
}

/// What matches in `ranges`: its time and its line.
fn each(
    reader: &Reader,
    settings: &Settings,
    args: &Args,
    route: Route,
    ranges: &[Range],
    mut show: impl FnMut(Option<i64>, String) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut failed = None;
    let visit = |record: Record| {
        let sight = see(&record, route, &settings.decode);
        if !wants(args, &record, &sight) {
            return ControlFlow::Continue(());
        }
        let text = if args.json { whole(&record, &sight) } else { line(&sight) };
        match show(record.timestamp, text) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    reader.scan(settings.topics.name(route), ranges, visit).map_err(unread)?;
    failed.map_or(Ok(()), Err)
}

fn wants(args: &Args, record: &Record, sight: &Sight) -> bool {
    if args.outcome.as_deref().is_some_and(|outcome| outcome != sight.what) {
        return false;
    }
    let Some(text) = args.text.as_ref().map(|text| text.to_lowercase()) else { return true };
    let holds = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).to_lowercase().contains(&text);
    holds(record.key.as_deref()) || holds(record.raw.as_deref()) || holds(sight.note.as_deref().map(str::as_bytes))
}

/// The record as JSON; a value that is none as text.
fn whole(record: &Record, sight: &Sight) -> String {
    let value = record.raw.as_deref().map(|raw| {
        serde_json::from_slice(raw).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(raw).into_owned()))
    });
    let text = |bytes: &bytes::Bytes| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<_> = record.headers.iter().map(|(name, value)| json!([name, value.as_ref().map(text)])).collect();
    let key = record.key.as_ref().map(text);
    let all = json!({
        "position": sight.position, "time": sight.time, "what": sight.what, "key": key, "headers": headers, "value": value
    });
    format!("{all}\n")
}

/// What comes from here on, until the reader of our output or the process ends.
fn follow(
    reader: &Reader,
    settings: &Settings,
    args: &Args,
    mut ends: Vec<(Route, Vec<Range>)>,
) -> anyhow::Result<Exit> {
    loop {
        for (route, seen) in &mut ends {
            let now = reader.ranges(settings.topics.name(*route)).map_err(unread)?;
            let end = |partition: i32| seen.iter().find(|range| range.partition == partition).map_or(0, |r| r.high);
            let fresh: Vec<Range> = now.iter().map(|r| Range { low: r.low.max(end(r.partition)), ..*r }).collect();
            each(reader, settings, args, *route, &fresh, |_, text| print(&text))?;
            *seen = now;
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::typed;

    #[test]
    fn topics_are_those_of_the_desk() {
        let settings = Settings::default();
        let of = |flags: &[&str]| routes(&typed(flags), &settings).map_err(|error| error.to_string());
        assert_eq!(of(&[]), Ok(vec![Route::Enriched, Route::Duplicates, Route::Dead]));
        assert_eq!(of(&["articles.raw"]), Ok(vec![Route::Raw]));
        assert_eq!(of(&["--outcome", "revision"]), Ok(vec![Route::Enriched]));
        assert!(of(&["payroll"]).unwrap_err().contains("none of this desk's topics"));
    }

    #[test]
    fn a_filter_looks_into_key_value_and_headline() {
        let raw = Some("{\"id\":\"a\",\"headline\":\"Mill of KORVA\"}".into());
        let position = Some("articles.enriched/0/1".parse().unwrap());
        let record = Record { position, key: Some("k7".into()), headers: Vec::new(), timestamp: None, raw };
        let sight = see(&record, Route::Enriched, &Default::default());
        let wants = |flags: &[&str]| wants(&typed(flags), &record, &sight);
        assert!(wants(&[]) && wants(&["--match", "korva"]) && wants(&["--match", "K7", "--outcome", "enriched"]));
        assert!(!wants(&["--match", "harbour"]) && !wants(&["--outcome", "dead"]));
        let whole: Value = serde_json::from_str(&whole(&record, &sight)).unwrap();
        assert_eq!((&whole["value"]["id"], &whole["key"]), (&json!("a"), &json!("k7")));
    }
}
