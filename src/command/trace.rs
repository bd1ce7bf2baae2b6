//! `trace`: what became of this article? One question over the three outputs and the input.
//!
//! The input is by far the largest topic, and what came out names the record it came from: that one is read where it lies.

pub(super) mod search;

use serde_json::json;

use self::search::{Trail, find};
use super::explain::unread;
use super::sight::{Sight, line};
use super::{Exit, Global, print, when};
use crate::explain::terminal::short;
use crate::explain::words::count;
use crate::kafka::reader::Reader;

/// Tells what became of an article: read, published, filed as a copy, dead
///
/// Reads the newest records of the three outputs, and of the input those that they name; all the newest of it where they know
/// nothing of the article. What was deleted or lies further back is not found.
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
    /// Reads the newest of the input in any case: finds every record of the article, those without an outcome too
    #[arg(long)]
    input: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = global.look()?.settings;
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let trail = find(&reader, &settings, args).map_err(unread)?;
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

    pub(super) fn sight(what: &'static str, position: &str, id: &str) -> Sight {
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
}
