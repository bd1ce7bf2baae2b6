//! R1: workers are killed under load, also between the sending of offsets and the end of the transaction.

use std::time::Duration;

use super::arena::Arena;
use super::load::Plan;
use super::proxy::{self, END_TXN, Fate, TXN_OFFSET_COMMIT};

/// Longest wait for a request that must come while there is work.
const TRAP: Duration = Duration::from_secs(20);

/// Three workers; one is killed again and again at any moment and another takes its place.
pub fn at_any_moment(arena: &mut Arena<'_>) {
    let (records, kills) = arena.pick((3_000, 3), (100_000, 45));
    for _ in 0..3 {
        arena.start();
    }
    arena.load(Plan::of(records).paced(arena.pick(400, 1200)));
    for kill in 1..=kills {
        arena.until((records * kill / (kills + 2)) as i64);
        arena.kill_any();
        arena.start();
    }
}

/// The worker whose request the proxy has just seen is killed: its offsets were sent and its transaction is not ended, or
/// it is ended and the worker never heard of it.
pub fn inside_the_commit(arena: &mut Arena<'_>) {
    let (records, kills) = arena.pick((3_000, 4), (80_000, 50));
    // Half have a name, take their partitions back at once, and fence their past; the others leave both to time.
    let names = ["", "", "second"];
    names.iter().for_each(|name| start(arena, name));
    arena.load(Plan::of(records).paced(arena.pick(400, 900)));
    arena.until(200);
    let faults = [
        (END_TXN, Fate::Lost),
        (END_TXN, Fate::Unanswered),
        (TXN_OFFSET_COMMIT, Fate::Unanswered),
        (TXN_OFFSET_COMMIT, Fate::Lost),
    ];
    for kill in 0..kills {
        arena.until((records * kill / (kills + 2)) as i64);
        let (api, fate) = faults[kill % faults.len()];
        let Some(at) = trapped(arena, api, fate) else { continue };
        let named = arena.worker(at).log().contains("second");
        arena.kill(at);
        start(arena, if named { "second" } else { "" });
    }
}

fn start(arena: &mut Arena<'_>, name: &str) {
    if name.is_empty() { arena.start() } else { arena.start_named(name) }
}

/// Waits until a worker's request of a kind met its fate; gives which worker.
fn trapped(arena: &mut Arena<'_>, api: i16, fate: Fate) -> Option<usize> {
    let traps: Vec<_> = arena.nodes.proxies.iter().map(|proxy| proxy.trap(api, fate)).collect();
    let until = std::time::Instant::now() + TRAP;
    let port = loop {
        if let Some(port) = traps.iter().find_map(|trap| trap.try_recv().ok()) {
            break Some(port);
        }
        if std::time::Instant::now() > until {
            break None;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    };
    arena.nodes.proxies.iter().for_each(proxy::Proxy::disarm);
    let pids = arena.pids();
    let pid = proxy::holder(port?, &pids)?;
    pids.iter().position(|p| *p == pid)
}
