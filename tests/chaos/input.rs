//! R7, R8, R13, R14: what comes in is no article, too large, gone, or in more partitions.

use std::time::Duration;

use super::admin;
use super::arena::Arena;
use super::load::Plan;

/// One record in a hundred is no article.
pub fn some_poison(arena: &mut Arena<'_>) {
    poison(arena, 10);
}

/// None of the records is an article.
pub fn all_poison(arena: &mut Arena<'_>) {
    poison(arena, 1000);
}

fn poison(arena: &mut Arena<'_>, share: usize) {
    arena.start();
    arena.start();
    let records = arena.pick(4_000, 40_000);
    arena.load(Plan { poison: share, ..Plan::of(records) });
    for part in 1..=arena.pick(1, 4) {
        arena.until((records * part / 6) as i64);
        arena.kill_any();
        arena.start();
    }
}

/// Records around the limit of a message, and of four times as much.
pub fn oversize(arena: &mut Arena<'_>) {
    arena.may_die = true;
    // A text of 4 MiB costs a multiple of itself while it is read, on each thread.
    arena.beside = 250_000_000;
    arena.desk.set("KAFKA__MAX_MESSAGE", "1 MiB");
    arena.start();
    arena.start();
    let records = arena.pick(600, 2_000);
    arena.load(Plan { huge: 60, ..Plan::of(records) });
    arena.until((records / 3) as i64);
    arena.kill_any();
    arena.start();
}

/// Retention overtakes the group: it stops until told how to go on, and goes on at the oldest record that is left.
pub fn trimmed(arena: &mut Arena<'_>) {
    arena.may_repeat = true;
    let records = arena.pick(3_000, 20_000);
    arena.load(Plan::of(records));
    arena.loaded();
    arena.start();
    arena.until((records / 4) as i64);
    arena.stop(0);
    arena.watch.rest();
    let raw = arena.desk.topic("raw");
    let offsets: Vec<(i32, i64)> = (0..).zip(arena.written.ends()).map(|(p, end)| (p, end - end / 8)).collect();
    admin::trim(&arena.desk.cluster, &raw, &offsets);
    let mut refused = arena.desk.run();
    let (status, _) = refused.ended();
    assert_eq!(status.code(), Some(70));
    assert!(refused.log().contains("kafka.on_lost_offset"), "{}", refused.log());
    arena.desk.set("KAFKA__ON_LOST_OFFSET", "earliest");
    // What stood before may be there or not, by how far the worker had come.
    arena.from = offsets.into_iter().map(|(p, offset)| (p as usize, offset)).collect();
    arena.watch.fault();
    arena.start();
}

/// The input gets eight partitions where it had four, while workers run.
pub fn widened(arena: &mut Arena<'_>) {
    arena.start();
    arena.start();
    let records = arena.pick(2_000, 15_000);
    arena.load(Plan { partitions: 4, ..Plan::of(records).paced(arena.pick(400, 600)) });
    arena.until(200);
    admin::widen(&arena.desk.cluster, &arena.desk.topic("raw"), 8);
    arena.loaded();
    arena.watch.fault();
    arena.load(Plan { partitions: 8, ..Plan::of(records) });
}

/// The input is deleted and made anew under the workers, which must not hang, and take what comes then.
pub fn recreated(arena: &mut Arena<'_>) {
    arena.may_end = true;
    arena.desk.set("KAFKA__ON_LOST_OFFSET", "earliest");
    arena.start();
    arena.start();
    let raw = arena.desk.topic("raw");
    let records = arena.pick(1_000, 5_000);
    arena.load(Plan::of(records));
    arena.loaded();
    arena.until(records as i64);
    arena.watch.anew();
    admin::delete(&arena.desk.cluster, &raw);
    arena.pass(Duration::from_secs(2));
    arena.desk.create();
    arena.nodes.know(&[raw]);
    arena.watch.fault();
    arena.recreated();
    // Fewer than there were: no committed offset is among them.
    arena.load(Plan { series: 1, ..Plan::of(records / 4) });
}
