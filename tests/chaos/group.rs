//! R5, R6, R15: members come and go, stand still and come back, and are asked to stop.

use std::time::{Duration, Instant};

use super::arena::Arena;
use super::load::Plan;

/// Longest time a worker may take to stop with the brokers there, and with the brokers away.
const STOP: Duration = Duration::from_secs(10);
const STOP_ALONE: Duration = Duration::from_secs(20);

/// Every two seconds one of one to five members joins, leaves or is killed; then all are started anew, one by one.
pub fn storm(arena: &mut Arena<'_>) {
    arena.start();
    arena.load(Plan::of(arena.pick(6_000, 60_000)).paced(arena.pick(250, 350)));
    let over = Instant::now() + Duration::from_secs(arena.pick(16, 150));
    while Instant::now() < over {
        match (arena.running(), arena.chance.below(3)) {
            (1, _) | (2..5, 0) => {
                arena.start();
                arena.watch.fault();
            }
            (_, 1) => arena.kill_any(),
            (running, _) => {
                let at = arena.chance.below(running);
                arena.stop(at);
            }
        }
        arena.pass(Duration::from_secs(2));
    }
    for _ in 0..arena.pick(0, 5) {
        for _ in 0..arena.running() {
            arena.stop(0);
            arena.start();
            arena.pass(Duration::from_millis(500));
        }
    }
    arena.enough();
}

/// A worker stands still beyond its session and its transaction; another takes over; it wakes up.
pub fn zombie(arena: &mut Arena<'_>) {
    arena.may_end = true;
    arena.start();
    arena.start();
    arena.load(Plan::of(arena.pick(6_000, 40_000)).paced(arena.pick(250, 400)));
    arena.until(100);
    for round in 0..arena.pick(2, 8) {
        let at = round % 2;
        arena.worker(at).signal("STOP");
        // Session 6 s, transaction 5 s.
        arena.pass(Duration::from_secs(arena.pick(9, 15)));
        arena.worker(at).signal("CONT");
        arena.goes_on();
    }
    arena.enough();
}

/// SIGTERM under load, again and again; in the end with the brokers out of reach.
pub fn stops(arena: &mut Arena<'_>) {
    arena.start();
    arena.start();
    arena.load(Plan::of(arena.pick(6_000, 60_000)).paced(arena.pick(400, 600)));
    arena.until(100);
    let mut longest = Duration::ZERO;
    for _ in 0..arena.pick(5, 100) {
        let took = arena.stop(0);
        longest = longest.max(took);
        assert!(took <= STOP, "a worker took {took:?} to stop");
        arena.start();
        let next = arena.watch.done() + arena.pick(200, 300);
        arena.until(next.min(arena.written.total()));
    }
    let mut worker = arena.take(0);
    arena.nodes.proxies.iter().for_each(|proxy| proxy.silent(true));
    worker.signal("TERM");
    let (_, alone) = worker.ended();
    arena.nodes.proxies.iter().for_each(|proxy| proxy.silent(false));
    arena.watch.fault();
    assert!(alone <= STOP_ALONE, "a worker without brokers took {alone:?} to stop");
    arena.notes.push(format!(
        "slowest stop {:.1} s, with the brokers away {:.1} s",
        longest.as_secs_f64(),
        alone.as_secs_f64()
    ));
    arena.start();
    arena.enough();
}
