//! R2, R3: nodes of the cluster end, hard or in order, freeze, or are too few.

use std::time::Duration;

use super::arena::Arena;

/// Each node in turn is killed or asked to stop, and started again.
pub fn bounce(arena: &mut Arena<'_>) {
    let rounds = arena.pick(1, 5);
    arena.begin(arena.pick(5_000, 60_000), arena.pick(200, 500));
    for round in 0..rounds {
        for node in 1..=arena.nodes.count {
            let hard = (round + usize::from(node)) % 2 == 0;
            arena.nodes.to(if hard { "kill9" } else { "stop" }, node);
            arena.pass(Duration::from_secs(arena.pick(1, 3)));
            arena.nodes.to("start", node);
            arena.goes_on();
        }
    }
    arena.enough();
}

/// Each node in turn stands still: for some partitions it leads, for some workers it coordinates, for others both.
pub fn freeze(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(8_000, 60_000), arena.pick(200, 300));
    let times: &[u64] = arena.pick(&[5], &[5, 20, 60]);
    for time in times {
        for node in 1..=arena.nodes.count {
            arena.nodes.to("pause", node);
            arena.pass(Duration::from_secs(*time));
            arena.nodes.to("resume", node);
            arena.goes_on();
        }
    }
    arena.enough();
}

/// Two nodes of three are away: nobody may acknowledge anything.
pub fn too_few(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(6_000, 40_000), arena.pick(200, 400));
    for round in 0..arena.pick(1, 4) {
        let (first, second) = (round % 3 + 1, (round + 1) % 3 + 1);
        arena.nodes.to("kill9", first);
        arena.nodes.to("pause", second);
        arena.pass(Duration::from_secs(arena.pick(5, 15)));
        arena.nodes.to("resume", second);
        arena.nodes.to("start", first);
        arena.goes_on();
    }
    arena.enough();
}
