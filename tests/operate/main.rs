//! What an operator installs and reads names only what exists: metrics and labels in alerts, dashboard and docs, a heading
//! of the runbook for every alert; and the tools of those who run them have nothing against the files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

mod deployed;
mod names;
#[path = "../support/tools.rs"]
mod tools;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use names::wrong_names;
use regex::Regex;
use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What follows `key` on the lines of a YAML file that begin with it.
fn values(path: &str, key: &str) -> Vec<String> {
    let text = read(path);
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned()).collect()
}

fn find<'t>(pattern: &str, text: &'t str) -> Vec<Vec<&'t str>> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|c| c.iter().map(|group| group.map_or("", |g| g.as_str())).collect()).collect()
}

#[test]
fn rules_and_pages_name_metrics_that_exist() {
    let pages = ["docs/runbook.md", "deploy/prometheus/recording.yml", "deploy/prometheus/alerts.yml", "README.md"];
    for page in pages {
        let text = read(page);
        // Of a YAML file each rule by itself; of a page each paragraph.
        for part in text.split("\n\n") {
            let part: Vec<&str> = part.lines().filter(|line| !line.trim_start().starts_with("# ")).collect();
            assert_eq!(wrong_names(&part.join("\n")), Vec::<String>::new(), "{page}");
        }
    }
}

#[test]
fn every_alert_says_what_to_do() {
    let alerts = values("deploy/prometheus/alerts.yml", "alert: ");
    let links = values("deploy/prometheus/alerts.yml", "runbook_url: ");
    let runbook = read("docs/runbook.md");
    let headings: Vec<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(alerts, headings, "one heading of the runbook for each alert, in the same order");
    for (alert, link) in alerts.iter().zip(&links) {
        let page = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/runbook.md");
        assert_eq!(*link, format!("{page}#{}", alert.to_lowercase()));
    }
    assert_eq!(alerts.len(), links.len());
    let parts: Vec<&str> = runbook.split("\n## ").skip(1).collect();
    for part in parts {
        for word in ["**Means.**", "**Look.**", "**Do.**"] {
            assert!(part.contains(word), "{}: no {word}", part.lines().next().unwrap_or_default());
        }
    }
    let tested = values("deploy/prometheus/tests.yml", "alertname: ");
    for alert in &alerts {
        assert!(tested.contains(alert), "deploy/prometheus/tests.yml never lets {alert} fire");
    }
    for anchor in find(r"\]\(#([a-z]+)\)", &runbook) {
        assert!(headings.iter().any(|h| h.to_lowercase() == anchor[1]), "no heading {}", anchor[1]);
    }
}

#[test]
fn every_panel_has_a_title_a_unit_and_queries_that_name_what_exists() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/copydesk.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    let mut queries = 0;
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(!title.is_empty() && ids.insert(panel["id"].as_i64().unwrap()), "{title}");
        let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(side("x") + side("w") <= 24, "{title}: wider than the grid");
        for x in side("x")..side("x") + side("w") {
            let free = (side("y")..side("y") + side("h")).all(|y| cells.insert((x, y)));
            assert!(free, "{title} lies over another panel");
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title}: no unit");
        assert!(panel["description"].as_str().is_some_and(|d| d.len() > 20), "{title}: no word on what it says");
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{title}: no query");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}: the data source is the reader's choice");
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            let legend = target["legendFormat"].as_str().unwrap();
            assert_eq!(wrong_names(&format!("{query} {legend}")), Vec::<String>::new(), "{title}");
            assert!(query.contains(r#"job="$job""#), "{title}: not only of the chosen desk");
            let fixed = find(r"\b(rate|increase)\([^\[]*\[(\d+[smh])\]", query);
            assert!(fixed.iter().all(|f| f[2] == "1h"), "{title}: a fixed range; use $__rate_interval");
            queries += 1;
        }
    }
    assert!(queries > 30, "{queries} queries");
}

/// Runs a tool in the folder of the repository: `None` when it is not installed, else what it said when it found fault.
fn run(tool: &str, args: &[&str]) -> Option<Result<(), String>> {
    let output = Command::new(tool).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let Ok(output) = output else {
        tools::missing(tool);
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some(if output.status.success() { Ok(()) } else { Err(said) })
}

#[test]
fn promtool_accepts_the_rules_and_their_tests_hold() {
    let (rules, tests) =
        (["deploy/prometheus/recording.yml", "deploy/prometheus/alerts.yml"], "deploy/prometheus/tests.yml");
    if let Some(said) = run("promtool", &["check", "rules", rules[0], rules[1]]) {
        said.unwrap();
        run("promtool", &["test", "rules", tests]).unwrap().unwrap();
        run("promtool", &["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"]).unwrap().unwrap();
    }
}
