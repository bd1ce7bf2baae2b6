//! Does to workers and brokers what must not hurt, and holds what comes out against what went in. `tests/chaos.sh` runs it.
//!
//! `chaos [long] [NAME]`: the short form, the long form, or the scenarios whose name begins with NAME. `SEED=n` repeats
//! what is left to chance. A failed scenario does not end the run, only its exit code tells.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)] // a scenario that cannot go on shall fail

mod arena;
#[path = "../support/chance.rs"]
mod chance;
#[path = "../broker/cluster.rs"]
mod cluster;
#[path = "../broker/desk.rs"]
mod desk;
mod exact;
mod kills;
mod load;
mod nodes;
#[path = "../broker/oracle.rs"]
mod oracle;
mod proxy;
#[path = "../broker/reference.rs"]
mod reference;
mod table;
mod watch;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use arena::Arena;
use chance::Chance;
use nodes::Nodes;
use table::Row;

/// What happens, on how many nodes, in the short form too, under which settings.
struct Scenario {
    name: &'static str,
    nodes: u16,
    short: bool,
    settings: &'static [(&'static str, &'static str)],
    run: fn(&mut Arena<'_>),
}

const fn on(nodes: u16, name: &'static str, run: fn(&mut Arena<'_>)) -> Scenario {
    Scenario { name, nodes, short: false, settings: &[], run }
}

impl Scenario {
    const fn short(self) -> Scenario {
        Scenario { short: true, ..self }
    }

    const fn with(self, settings: &'static [(&'static str, &'static str)]) -> Scenario {
        Scenario { settings, ..self }
    }
}

const SCENARIOS: &[Scenario] = &[
    on(1, "kill", kills::at_any_moment).short(),
    on(1, "kill-commit", kills::inside_the_commit).short(),
    on(3, "kill-three", kills::at_any_moment),
    on(3, "kill-commit-three", kills::inside_the_commit),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let (long, name) = match &arguments[..] {
        [] => (false, ""),
        [form] if form == "long" => (true, ""),
        [name] => (false, name.as_str()),
        [_, name, ..] => (true, name.as_str()),
    };
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seed = number("SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("SEED={seed}");
    let wanted = |s: &&Scenario| s.name.starts_with(name) && (long || s.short || !name.is_empty());
    let mut rows = Vec::new();
    for count in [1, 3] {
        let scenarios: Vec<&Scenario> = SCENARIOS.iter().filter(wanted).filter(|s| s.nodes == count).collect();
        if !scenarios.is_empty() {
            let nodes = Nodes::start(count, &mut Chance::new(seed), &[]);
            rows.extend(scenarios.into_iter().map(|scenario| play(scenario, &nodes, long, seed)));
        }
    }
    let table = table::markdown(&rows);
    println!("\n{table}");
    if let Some(file) = std::env::var_os("COPYDESK_CHAOS_TABLE") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        writeln!(file, "SEED={seed}\n\n{table}").unwrap();
    }
    if rows.iter().any(|row| !row.wrong.is_empty()) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Plays a scenario to its end, whatever happens in it.
fn play(scenario: &Scenario, nodes: &Nodes, long: bool, seed: u64) -> Row {
    println!("==> {} on {} nodes", scenario.name, nodes.count);
    let mut arena = Arena::new(nodes, scenario.name, long, seed, scenario.settings);
    let played = catch_unwind(AssertUnwindSafe(|| {
        (scenario.run)(&mut arena);
        arena.finish();
        arena.account()
    }));
    nodes.clear();
    let row = played.unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        let text = text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        Row { scenario: scenario.name.into(), nodes: nodes.count, runs: 1, wrong: vec![text], ..Row::default() }
    });
    if let Some(folder) = std::env::var_os("COPYDESK_CHAOS_LOGS").filter(|_| !row.wrong.is_empty()) {
        arena.keep_logs(Path::new(&folder));
    }
    println!("{}", table::markdown(std::slice::from_ref(&row)));
    row
}
