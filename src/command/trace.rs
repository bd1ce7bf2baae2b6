//! `trace`: what became of this article? One question over the input and the three outputs.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde_json::json;

use super::explain::unread;
use super::sight::{Sight, line, see};
use super::{Exit, Global, print, when};
use crate::explain::terminal::short;
use crate::explain::words::count;
use crate::kafka::reader::{Range, Reader};
use crate::outcome::Route;
use crate::settings::Settings;
use crate::stage::url::canonical;

/// Tells what became of an article: read, published, filed as a copy, dead
///
/// Reads the newest records of the input and the three outputs; what was deleted or lies further back is not found.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk trace https://example-herald.test/bridge-closed\n  copydesk trace hbc-88121 --since 24h")]
pub(super) struct Args {
    /// The article's address or id
    #[arg(value_name = "URL|ID")]
    article: String,
    /// Records read of each topic, the newest
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..))]
    scan: u32,
    /// Only records written since: 24h (ago), 2026-03-10, 2026-03-10T14:05:00Z
    #[arg(long, value_name = "TIME", value_parser = when::time)]
    since: Option<i64>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What is looked for: grows with what is found.
#[derive(Debug, Default)]
struct Wanted {
    ids: BTreeSet<String>,
    url: Option<String>,
    positions: BTreeSet<String>,
}

impl Wanted {
    fn new(article: &str) -> Wanted {
        let url = article.contains("://").then(|| canonical(article, None)).flatten();
        Wanted { ids: BTreeSet::from([article.to_owned()]), url, positions: BTreeSet::new() }
    }

    /// Whether a record is of the article itself.
    fn is(&self, sight: &Sight) -> bool {
        sight.id.as_ref().is_some_and(|id| self.ids.contains(id))
            || (sight.url.is_some() && sight.url == self.url)
            || self.positions.contains(&sight.position)
            || sight.origin.as_ref().is_some_and(|origin| self.positions.contains(origin))
    }

    /// Whether a record is of another article that repeats or revises it.
    fn is_of(&self, sight: &Sight) -> bool {
        sight.of.as_ref().is_some_and(|of| self.ids.contains(of))
    }

    fn learn(&mut self, sight: &Sight, route: Route) {
        self.ids.extend(sight.id.clone());
        if matches!(route, Route::Raw | Route::Cleaned) {
            self.positions.insert(sight.position.clone());
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
struct Trail {
    of_it: Vec<Sight>,
    others: Vec<Sight>,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = global.look()?.settings;
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let (mut wanted, mut trail) = (Wanted::new(&args.article), Trail::default());
    // In this order, since each step learns ids and places that the next one finds by.
    let between = settings.run.stages.apart().then_some(Route::Cleaned);
    for route in [Route::Raw].into_iter().chain(between).chain([Route::Enriched, Route::Duplicates, Route::Dead]) {
        look(&reader, &settings, route, args, &mut wanted, &mut trail)?;
    }
    trail.of_it.sort_by_key(|sight| sight.at);
    trail.others.sort_by_key(|sight| sight.at);
    if trail.of_it.is_empty() {
        return Err(Exit::No.because(format!(
            "nothing of {} in the newest {} records of each topic; --scan reads more, and what was deleted is gone",
            short(&args.article, 200),
            args.scan
        )));
    }
    print(&if args.json { as_json(args, &trail) } else { as_text(args, &trail) })?;
    Ok(Exit::Done)
}

fn look(
    reader: &Reader,
    settings: &Settings,
    route: Route,
    args: &Args,
    wanted: &mut Wanted,
    trail: &mut Trail,
) -> anyhow::Result<()> {
    let topic = settings.topics.name(route);
    let all = reader.ranges(topic).map_err(unread)?;
    let all = match args.since {
        Some(since) => reader.since(topic, &all, since).map_err(unread)?,
        None => all,
    };
    let visit = |record| {
        let sight = see(&record, route, &settings.decode);
        if wanted.is(&sight) {
            wanted.learn(&sight, route);
            trail.of_it.push(sight);
        } else if wanted.is_of(&sight) {
            trail.others.push(sight);
        }
        ControlFlow::Continue(())
    };
    reader.scan(topic, &newest(&all, args.scan), visit).map_err(unread)
}

/// The newest `most` records of a topic, an equal part from each partition.
pub(super) fn newest(ranges: &[Range], most: u32) -> Vec<Range> {
    let parts = i64::try_from(ranges.iter().filter(|range| !range.is_empty()).count().max(1)).unwrap_or(1);
    ranges.iter().map(|range| range.last((i64::from(most) + parts - 1) / parts)).collect()
}

fn as_json(args: &Args, trail: &Trail) -> String {
    let found = json!({
        "article": args.article, "what": verdict(trail), "records": trail.of_it, "others": trail.others
    });
    format!("{found}\n")
}

fn as_text(args: &Args, trail: &Trail) -> String {
    let mut out = format!("{}\n", short(&args.article, 200));
    trail.of_it.iter().for_each(|sight| out.push_str(&format!("  {}", line(sight))));
    if !trail.others.is_empty() {
        out.push_str("  copies and revisions of it\n");
        trail.others.iter().for_each(|sight| out.push_str(&format!("  {}", line(sight))));
    }
    out.push_str(&format!("  => {}\n", short(&verdict(trail), 400)));
    if let Some(read) = trail.of_it.iter().rev().find(|sight| sight.what == "read") {
        out.push_str(&format!("     why: copydesk explain {}\n", read.position));
    }
    out
}

/// What became of it, in a sentence.
fn verdict(trail: &Trail) -> String {
    let of = |what: &str| trail.of_it.iter().filter(|sight| sight.what == what).collect::<Vec<_>>();
    let (read, links, dead) = (of("read"), of("duplicate"), of("dead"));
    let told = of("enriched").len() + of("revision").len();
    let mut said = Vec::new();
    if told > 0 {
        let id = trail.of_it.iter().find(|s| matches!(s.what, "enriched" | "revision")).and_then(|s| s.id.as_deref());
        said.push(format!("published {} as {}", count(told, "time"), id.unwrap_or("-")));
    }
    if let Some(link) = links.last() {
        let of = link.of.as_deref().unwrap_or("-");
        said.push(format!("filed {} as a copy of {of}", count(links.len(), "time")));
    }
    if let Some(letter) = dead.last() {
        said.push(format!("dead: {}; copydesk dlq show {}", letter.note.as_deref().unwrap_or("-"), letter.position));
    }
    let from = |sight: &Sight| {
        let position = sight.position.clone();
        trail.of_it.iter().filter(move |other| other.origin.as_ref() == Some(&position))
    };
    // A handover is no outcome; what became of it names it, or the raw record.
    let ended = |other: &Sight| other.what != "cleaned" || from(other).next().is_some();
    let open = read.iter().filter(|sight| !from(sight).any(ended)).count();
    if open > 0 {
        said.push(format!("{} without an outcome so far", count(open, "record")));
    }
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(what: &'static str, position: &str, id: &str) -> Sight {
        Sight {
            position: position.into(),
            time: String::new(),
            what,
            id: Some(id.into()),
            url: None,
            of: None,
            note: None,
            origin: None,
            at: None,
        }
    }

    #[test]
    fn a_handover_is_no_outcome_but_what_became_of_it_is() {
        let from = |sight: Sight, origin: &str| Sight { origin: Some(origin.into()), ..sight };
        let cleaned = from(sight("cleaned", "articles.cleaned/0/5", "a"), "articles.raw/2/11");
        let mut trail = Trail { of_it: vec![sight("read", "articles.raw/2/11", "a"), cleaned], others: Vec::new() };
        assert_eq!(verdict(&trail), "1 record without an outcome so far");
        let died = from(sight("dead", "articles.dead/0/1", "a"), "articles.cleaned/0/5");
        trail.of_it.push(died);
        assert!(!verdict(&trail).contains("without an outcome"), "{}", verdict(&trail));
    }

    #[test]
    fn an_address_leads_to_the_id_and_the_place_and_those_to_the_outcomes() {
        let mut wanted = Wanted::new("https://daily.test/mill?utm_source=x");
        let read = Sight { url: canonical("https://daily.test/mill", None), ..sight("read", "articles.raw/0/1", "a") };
        assert!(wanted.is(&read));
        wanted.learn(&read, Route::Raw);
        assert!(wanted.is(&sight("enriched", "articles.enriched/0/7", "a")));
        let renamed = Sight { origin: Some("articles.raw/0/1".into()), ..sight("dead", "articles.dead/0/1", "z") };
        assert!(wanted.is(&renamed));
        let copy = Sight { of: Some("a".into()), ..sight("duplicate", "articles.duplicates/0/1", "b") };
        assert!(!wanted.is(&copy) && wanted.is_of(&copy));
        assert!(!wanted.is(&sight("enriched", "articles.enriched/0/8", "c")));
    }

    #[test]
    fn what_became_of_it_is_one_sentence() {
        let read = sight("read", "articles.raw/0/1", "a");
        let lost = sight("read", "articles.raw/0/2", "a");
        let link = Sight {
            of: Some("z".into()),
            origin: Some("articles.raw/0/1".into()),
            ..sight("duplicate", "articles.duplicates/0/1", "a")
        };
        let trail = Trail { of_it: vec![read, lost, link], others: Vec::new() };
        assert_eq!(verdict(&trail), "filed 1 time as a copy of z; 1 record without an outcome so far");
    }

    #[test]
    fn the_newest_are_shared_out_among_partitions() {
        let range = |partition, high| Range { partition, low: 0, high };
        let parts = newest(&[range(0, 100), range(1, 4), range(2, 0)], 11);
        assert_eq!(parts.iter().map(|r| (r.low, r.high)).collect::<Vec<_>>(), [(94, 100), (0, 4), (0, 0)]);
    }
}
