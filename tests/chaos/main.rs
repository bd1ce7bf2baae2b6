//! Does to workers and brokers what must not hurt, and holds what comes out against what went in. `tests/chaos.sh` runs it.
//!
//! `chaos [long] [NAME]`: the short form, the long form, or the scenarios whose name begins with NAME. `SEED=n` repeats
//! what is left to chance. A failed scenario does not end the run, only its exit code tells.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)] // a scenario that cannot go on shall fail

mod admin;
mod arena;
mod brokers;
#[path = "../support/chance.rs"]
mod chance;
mod clock;
#[path = "../broker/cluster.rs"]
mod cluster;
#[path = "../broker/desk.rs"]
mod desk;
mod exact;
mod group;
mod input;
mod kills;
mod load;
mod network;
mod nodes;
#[path = "../broker/oracle.rs"]
mod oracle;
mod pressure;
mod prints;
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
    on(1, "storm-range", group::storm).short(),
    on(1, "storm-cooperative", group::storm).short().with(&[("KAFKA__ASSIGNOR", "cooperative-sticky")]),
    on(1, "zombie", group::zombie).short(),
    on(1, "stops", group::stops).short(),
    on(1, "prints-truncated", prints::truncated).short().with(SHORT_PROMISE),
    on(1, "prints-recreated", prints::recreated).with(SHORT_PROMISE),
    on(1, "second-desk", prints::second_desk).short(),
    on(1, "settings-flap", prints::settings).short(),
    on(1, "two-algorithms", prints::algorithms).short(),
    on(1, "poison-some", input::some_poison),
    on(1, "poison-all", input::all_poison).with(&[("RUN__REJECT_LIMIT", "off")]),
    on(1, "oversize", input::oversize).short(),
    on(1, "clock-stamps", clock::stamps),
    on(1, "clock-jumps", clock::jumps),
    on(1, "trimmed", input::trimmed),
    on(1, "widened", input::widened).with(&[("TOPICS__PARTITIONS", "4")]),
    on(1, "raw-recreated", input::recreated),
    on(1, "backlog", pressure::backlog),
    on(1, "slow-brokers", pressure::slow_brokers),
    on(1, "soak", pressure::soak).with(SMALL_DESK),
    on(3, "kill-three", kills::at_any_moment),
    on(3, "kill-commit-three", kills::inside_the_commit),
    on(3, "bounce", brokers::bounce),
    on(3, "freeze", brokers::freeze),
    on(3, "too-few", brokers::too_few),
    on(3, "prints-failover", prints::failover),
    on(3, "net-cut", network::cut),
    on(3, "net-silent", network::silent),
    on(3, "net-slow", network::slow),
    on(3, "net-unheard", network::unheard),
];

/// Whoever waits for a promise that the log has lost waits until it lapses.
const SHORT_PROMISE: &[(&str, &str)] = &[("DEDUPE__PROMISE", "15s")];

/// A desk that is full soon: what it holds does not grow from then on. Smaller, and stories fall out while their copies are under way.
const SMALL_DESK: &[(&str, &str)] = &[("DEDUPE__MAX_ARTICLES", "100000")];

/// Stamps of records may be far off.
const ANY_STAMP: (&str, &str) =
    ("KAFKA_EXTRA", "log.message.timestamp.after.max.ms=9223372036854775807;log.retention.ms=-1");

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
    // One line is enough: a failed scenario is no defect of the harness.
    std::panic::set_hook(Box::new(|what| eprintln!("{what}")));
    let wanted = |s: &&Scenario| s.name.starts_with(name) && (long || s.short || !name.is_empty());
    let mut rows = Vec::new();
    for count in [1, 3] {
        let scenarios: Vec<&Scenario> = SCENARIOS.iter().filter(wanted).filter(|s| s.nodes == count).collect();
        if !scenarios.is_empty() {
            let nodes = Nodes::start(count, &mut Chance::new(seed), &[ANY_STAMP]);
            rows.extend(scenarios.into_iter().map(|scenario| play(scenario, &nodes, long, seed, &scenario.run)));
        }
    }
    if wanted(&&DISK_FULL) {
        rows.push(match pressure::Disk::mount(600) {
            Some(disk) => play_on_small_disk(&disk, long, seed),
            None => Row::skipped(DISK_FULL.name, "no right to mount a small disk"),
        });
    }
    let table = table::markdown(&rows);
    println!("\n{table}");
    if let Some(file) = std::env::var_os("COPYDESK_CHAOS_TABLE") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        writeln!(file, "SEED={seed}\n\n{table}").unwrap();
    }
    if rows.iter().any(|row| !row.wrong.is_empty()) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// On a cluster of its own.
const DISK_FULL: Scenario = on(3, "disk-full", |_| {});

fn play_on_small_disk(disk: &pressure::Disk, long: bool, seed: u64) -> Row {
    let nodes = pressure::on_small_disk(disk, &mut Chance::new(seed));
    play(&DISK_FULL, &nodes, long, seed, &|arena| pressure::disk_full(arena, disk))
}

/// Plays a scenario to its end, whatever happens in it.
fn play(scenario: &Scenario, nodes: &Nodes, long: bool, seed: u64, run: &dyn Fn(&mut Arena<'_>)) -> Row {
    println!("==> {} on {} nodes", scenario.name, nodes.count);
    let made = catch_unwind(AssertUnwindSafe(|| Arena::new(nodes, scenario.name, long, seed, scenario.settings)));
    let Ok(mut arena) = made else {
        let wrong = vec!["the desk could not be made".to_owned()];
        return Row { scenario: scenario.name.into(), nodes: nodes.count, runs: 1, wrong, ..Row::default() };
    };
    let played = catch_unwind(AssertUnwindSafe(|| {
        run(&mut arena);
        arena.finish();
        arena.account()
    }));
    nodes.clear();
    let row = played.unwrap_or_else(|cause| {
        nodes.heal();
        let text = cause.downcast_ref::<String>().cloned();
        arena.failed(text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    });
    if let Some(folder) = std::env::var_os("COPYDESK_CHAOS_LOGS").filter(|_| !row.wrong.is_empty()) {
        arena.keep_logs(Path::new(&folder));
    }
    println!("{}", table::markdown(std::slice::from_ref(&row)));
    row
}
