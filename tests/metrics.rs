//! The list of all metrics is a file in the repository, so that a change of the surface shows in a review; and a page for
//! people. `UPDATE=1 cargo test --test metrics` writes both anew.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on shall fail

#[path = "support/tools.rs"]
mod tools;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, SystemTime};

use copydesk::article::Head;
use copydesk::metrics::{Metrics, Partition, Tally};
use copydesk::outcome::{CopyKind, Duplicate, Outcome, Reason, Rejection, Stage};
use copydesk::recent::{Brief, Heard, Recent};
use copydesk::settings::Topics;

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/metrics.txt");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");

/// Every metric with its type, help and label values, from a fresh process that owns one partition.
fn list() -> String {
    let metrics = Metrics::new(&Topics::default()).unwrap();
    metrics.partition("articles.raw", 0, Partition { position: 0, end: 0, age: Duration::ZERO });
    let text = metrics.text().unwrap();
    let mut list = String::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            list.push_str(&format!("{}\n", help.replacen(' ', "\n    ", 1)));
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            list.push_str(&format!("    {kind}\n"));
            labels(&text, name).iter().for_each(|(label, values)| {
                list.push_str(&format!("    {label}: {}\n", values.join(" ")));
            });
        }
    }
    list
}

/// The label values of a metric in the order of the exposition, without those that change from build to build.
fn labels(text: &str, name: &str) -> BTreeMap<String, Vec<String>> {
    let mut labels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let Some((series, rest)) = line.split_once('{') else { continue };
        if ![name.to_owned(), format!("{name}_bucket")].contains(&series.to_owned()) {
            continue;
        }
        let (pairs, _) = rest.split_once('}').unwrap();
        for (label, value) in pairs.split(',').filter_map(|pair| pair.split_once('=')) {
            let value = if name.ends_with("build_info") { "*" } else { value.trim_matches('"') };
            let values = labels.entry(label.to_owned()).or_default();
            if !values.iter().any(|v| v == value) {
                values.push(value.to_owned());
            }
        }
    }
    labels
}

#[test]
fn the_list_is_complete() {
    let list = list();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(LIST, &list).unwrap();
    }
    let written = std::fs::read_to_string(LIST).unwrap_or_default();
    assert!(written == list, "tests/metrics.txt is out of date: UPDATE=1 cargo test --test metrics\n{list}");
}

/// The list as a page: each metric with its kind, labels and meaning.
fn page(list: &str) -> String {
    let mut page = String::from(
        "# Metrics\n\n\
         Everything a worker exports on `/metrics`. Made from the program: `UPDATE=1 cargo test --test metrics` writes it anew.\n\n\
         Units are seconds and bytes. Label sets are closed and exist at 0 from the start, so that no first increment is missed;\n\
         `topic` shows the names of `[topics]`, here the defaults. No source, address or error text is ever a label. Outcomes\n\
         count when their transaction is committed, so that\n\n    \
         records consumed = records ended (by outcome) + handed over + returned + in flight\n\n\
         holds whenever no commit is under way; links end in `copydesk_fetches_total` instead. Lag is of owned partitions only,\n\
         never negative, and its series end with the ownership. What to watch, and what to do about it: [runbook.md](runbook.md).\n\n\
         | metric | kind | labels | |\n|---|---|---|---|\n",
    );
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    for line in list.lines() {
        match line.strip_prefix("    ") {
            None => blocks.push(vec![line]),
            Some(rest) => blocks.last_mut().unwrap().push(rest),
        }
    }
    for block in blocks {
        let [name, help, kind, labels @ ..] = block.as_slice() else { panic!("{block:?}") };
        let labels: Vec<String> = labels
            .iter()
            .filter_map(|label| label.split_once(": "))
            .map(|(label, values)| match label {
                "le" => format!("buckets {}", values.replace(' ', ", ")),
                "partition" | "version" | "revision" => format!("`{label}`"),
                _ => format!("`{label}`: {}", values.replace(' ', ", ")),
            })
            .collect();
        page.push_str(&format!("| `{name}` | {kind} | {} | {help} |\n", labels.join("; ")));
    }
    page
}

#[test]
fn the_page_says_what_the_list_says() {
    let page = page(&list());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "docs/metrics.md is out of date: UPDATE=1 cargo test --test metrics");
}

#[test]
fn names_and_helps_follow_the_rules() {
    let metrics = Metrics::new(&Topics::default()).unwrap();
    for line in metrics.text().unwrap().lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            assert!(name.starts_with("copydesk_") || name.starts_with("process_"), "{name} has no prefix");
            assert!(help.ends_with('.'), "{name}: help is a sentence");
        }
        if let Some(name) = line.strip_prefix("# TYPE ").and_then(|rest| rest.strip_suffix(" counter")) {
            assert!(name.ends_with("_total"), "{name} is a counter and must end in _total");
        }
    }
}

/// A worker's series without lag: what a thousand workers cost the Prometheus that scrapes them.
#[test]
fn the_number_of_series_is_bounded() {
    let text = Metrics::new(&Topics::default()).unwrap().text().unwrap();
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    assert!((100..=420).contains(&series), "{series} series");
}

/// A feed may name as many hosts as it likes: what is counted, and what is remembered of them, stays as large as it was.
#[test]
fn a_hundred_thousand_hosts_add_no_series() {
    let (metrics, recent) = (Metrics::new(&Topics::default()).unwrap(), Recent::default());
    let series = |metrics: &Metrics| metrics.text().unwrap().lines().filter(|line| !line.starts_with('#')).count();
    let before = series(&metrics);
    for n in 0..100_000 {
        let name = format!("host-{n}.test");
        let head = Head { url: Some(format!("https://{name}/\r\n{n}")), id: Some(name.clone()), ..Head::default() };
        let outcome = match n % 3 {
            0 => Outcome::Enriched { id: name, article: Box::default() },
            1 => Outcome::Duplicate(Duplicate::new(name.clone(), name, CopyKind::Exact)),
            _ => Outcome::Dead(Rejection::new(Stage::Clean, Reason::NoStory, name)),
        };
        let mut tally = Tally::default();
        tally.add(&outcome);
        tally.tell(Brief::new(None, None, &Heard::new(&head), &outcome));
        // Ten thousand are as many more than it remembers.
        if n % 10 == 0 {
            recent.add(tally.briefs(), SystemTime::now());
        }
        metrics.committed(&tally, SystemTime::now());
    }
    assert_eq!(series(&metrics), before);
    assert!(!metrics.text().unwrap().contains("host-"));
    assert_eq!((recent.sources(SystemTime::now()).len(), recent.last().len()), (500, 200));
}

/// Prometheus' own linter, where it is installed.
#[test]
fn promtool_has_nothing_to_say() {
    let promtool = std::process::Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        return tools::missing("promtool");
    };
    let metrics = Metrics::new(&Topics::default()).unwrap();
    metrics.partition("articles.raw", 0, Partition { position: 0, end: 0, age: Duration::ZERO });
    promtool.stdin.take().unwrap().write_all(metrics.text().unwrap().as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.is_empty(), "{said}");
}
