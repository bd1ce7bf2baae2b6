//! R4: the network between workers and brokers.

use std::time::Duration;

use super::arena::Arena;
use super::proxy::{END_TXN, Fate, Proxy, TXN_OFFSET_COMMIT};

/// The API key of Produce.
const PRODUCE: i16 = 0;

/// All connections are cut, for a moment and for long; then those to one node.
pub fn cut(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(6_000, 50_000), arena.pick(300, 500));
    let times: &[u64] = arena.pick(&[1, 8], &[1, 10, 60, 1, 10]);
    for (n, time) in times.iter().enumerate() {
        let proxies = arena.nodes.proxies.clone();
        let some = if n < 3 { &proxies[..] } else { &proxies[n % proxies.len()..][..1] };
        during(arena, some, *time, |proxy, cut| proxy.cut(cut));
    }
    arena.enough();
}

/// Connections stay and nothing passes: all of them, those to one node.
pub fn silent(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(6_000, 40_000), arena.pick(300, 400));
    let times: &[u64] = arena.pick(&[10], &[5, 15, 40, 15]);
    for (n, time) in times.iter().enumerate() {
        let proxies = arena.nodes.proxies.clone();
        let some = if n % 2 == 0 { &proxies[..] } else { &proxies[n % proxies.len()..][..1] };
        during(arena, some, *time, |proxy, silent| proxy.silent(silent));
    }
    arena.enough();
}

/// 50 ms each way, then 1 Mbit a second for each connection.
pub fn slow(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(4_000, 30_000), arena.pick(200, 400));
    let (proxies, time) = (arena.nodes.proxies.clone(), arena.pick(5, 45));
    during(arena, &proxies, time, |proxy, on| proxy.delay(Duration::from_millis(if on { 50 } else { 0 })));
    during(arena, &proxies, time, |proxy, on| proxy.pace(if on { 125_000 } else { 0 }));
    arena.enough();
}

/// A connection is cut just after a request of the commit has passed: it is done, and nobody hears of it.
pub fn unheard(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(6_000, 60_000), arena.pick(400, 800));
    let rounds = arena.pick(6, 60);
    for round in 0..rounds {
        let api = [END_TXN, TXN_OFFSET_COMMIT, PRODUCE][round % 3];
        let traps: Vec<_> = arena.nodes.proxies.iter().map(|proxy| proxy.trap(api, Fate::Cut)).collect();
        let sprung = |arena: &mut Arena<'_>| {
            for _ in 0..400 {
                if traps.iter().any(|trap| trap.try_recv().is_ok()) {
                    return true;
                }
                arena.pass(Duration::from_millis(20));
            }
            false
        };
        assert!(sprung(arena), "no request {api} within 8 s");
        arena.nodes.proxies.iter().for_each(Proxy::disarm);
        arena.watch.fault();
        arena.pass(Duration::from_millis(300));
    }
    arena.enough();
}

fn during(arena: &mut Arena<'_>, proxies: &[Proxy], seconds: u64, weather: impl Fn(&Proxy, bool)) {
    proxies.iter().for_each(|proxy| weather(proxy, true));
    arena.pass(Duration::from_secs(seconds));
    proxies.iter().for_each(|proxy| weather(proxy, false));
    arena.goes_on();
}
