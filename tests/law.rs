//! The law under seeded schedules, without a broker: whatever crashes, moves, aborts or lapses, every record ends once,
//! nothing is filed as a copy of what was not published, and what is committed is a prefix.
//!
//! `SEED=n` repeats one schedule, `COPYDESK_SEEDS=n` runs that many instead of the usual ten thousand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

mod support;

use std::collections::{HashMap, HashSet};

use copydesk::article::Status;
use copydesk::stage::dedupe::print::Entry;
use support::chance::Chance;
use support::world::{Input, PROMISE, Published, What, Worker, World, keys};

/// Which faults a schedule has. Each run leaves some out: rare mixtures occur only so.
#[derive(Debug, Default)]
struct Faults {
    crash: bool,
    crash_before_told: bool,
    abort: bool,
    indefinite: bool,
    lost: bool,
    lapse: bool,
    poison: bool,
    revisions: bool,
    noise: bool,
}

impl Faults {
    fn draw(chance: &mut Chance) -> Faults {
        let mut coin = || chance.one_in(2);
        Faults {
            crash: coin(),
            crash_before_told: coin(),
            abort: coin(),
            indefinite: coin(),
            lost: coin(),
            lapse: coin(),
            poison: coin(),
            revisions: coin(),
            noise: coin(),
        }
    }
}

/// Rounds without faults after which everything must have ended, unless records wait for each other.
const STILL: i32 = 2000;

#[test]
fn every_record_ends_once() {
    let seeds = std::env::var("COPYDESK_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000u64);
    if let Some(seed) = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        schedule(seed);
        return;
    }
    let mut circles = 0;
    for seed in 0..seeds {
        match std::panic::catch_unwind(|| schedule(seed)) {
            Ok(circle) => circles += u64::from(circle),
            Err(panic) => {
                eprintln!("repeat with SEED={seed} cargo test --test law");
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert!(circles * 10_000 <= seeds.max(10_000), "{circles} of {seeds} runs stood still until a promise lapsed");
}

/// Runs one schedule. True when it stood still until a promise lapsed although none had to: two copies without prints
/// waited for each other across partitions, after both were read again. Rare, and it costs only the time.
fn schedule(seed: u64) -> bool {
    let mut chance = Chance::new(seed);
    let faults = Faults::draw(&mut chance);
    let mut world = World::new(inputs(&mut chance, &faults));
    let mut workers: Vec<Worker> = (0..1 + chance.below(3)).map(|_| Worker::new(&world)).collect();
    for _ in 0..250 {
        step(&mut world, &mut workers, &faults, &mut chance);
        assert!(workers.iter().all(|w| w.law() == 0), "seed {seed}: the law");
    }
    let circle = run_dry(&mut world, &mut workers, &mut chance, &faults, seed);
    judge(&world, &faults, circle, seed);
    circle
}

fn inputs(chance: &mut Chance, faults: &Faults) -> Vec<Vec<Input>> {
    let partitions = 1 + chance.below(4);
    let stories = 1 + chance.below(8);
    let mut inputs = vec![Vec::new(); partitions];
    for n in 0..4 + chance.below(30) {
        let content = chance.below(stories) as u128;
        let id = if faults.revisions { format!("id{}", chance.below(6)) } else { format!("id{n}") };
        let mut keys = keys(&id, content);
        if faults.revisions && chance.one_in(8) {
            keys.status = Status::Canceled;
            keys.content = 1000 + content;
        }
        if faults.revisions && chance.one_in(4) {
            keys.version = Some(chance.below(4) as i64);
        }
        let poison = faults.poison && chance.one_in(8);
        inputs[chance.below(partitions)].push(Input { keys: (!poison).then_some(keys) });
    }
    inputs
}

/// One step of anybody.
fn step(world: &mut World, workers: &mut [Worker], faults: &Faults, chance: &mut Chance) {
    let me = chance.below(workers.len());
    let partition = chance.below(world.inputs.len()) as i32;
    if world.owner[partition as usize].is_none() {
        return workers[me].assign(world, me, partition);
    }
    let mine = workers[me].partitions();
    let worker = &mut workers[me];
    match chance.below(40) {
        0 if faults.crash => {
            worker.forsake(world);
            workers[me] = Worker::new(world);
        }
        1 if faults.crash_before_told => {
            worker.enter(world);
            worker.commit(world, false);
            worker.forsake(world);
            workers[me] = Worker::new(world);
        }
        2 if faults.abort => worker.abort(world),
        // The commit stands, the worker does not know: it tells nothing and begins anew at the committed offsets.
        3 if faults.indefinite => {
            worker.enter(world);
            worker.commit(world, false);
            worker.forsake(world);
        }
        4 if faults.lost && mine.contains(&partition) => worker.lose(world, partition),
        5 if mine.contains(&partition) => worker.revoke(world, partition),
        6 if faults.lapse => world.clock += PROMISE + 1,
        7 if faults.noise => world.append(Entry::Told(vec![chance.below(5) as i64 * 1000 + 999_999])),
        8..=13 => worker.read(world, 1 + chance.below(4)),
        14..=15 => worker.start_ready(world),
        16..=22 if mine.contains(&partition) => worker.take(world, partition),
        23..=32 if mine.contains(&partition) => worker.move_lane(world, partition, chance),
        33..=36 => worker.enter(world),
        37..=38 => {
            worker.enter(world);
            worker.commit(world, true);
        }
        _ => world.clock += 50,
    }
}

/// No more faults: everything must end. Where a promise may lapse log time moves on; where none may, it moves only when
/// nothing else has for long, which the caller counts.
fn run_dry(world: &mut World, workers: &mut [Worker], chance: &mut Chance, faults: &Faults, seed: u64) -> bool {
    for round in 0..i32::MAX {
        if world.done() {
            return !faults.lapse && round >= STILL;
        }
        assert!(round < 3 * STILL, "seed {seed}: records are stuck: {:?}", world.committed);
        if (faults.lapse || round >= STILL) && round % 50 == 49 {
            world.clock += PROMISE / 4;
            world.append(Entry::Told(Vec::new()));
        }
        for (me, worker) in workers.iter_mut().enumerate() {
            for partition in 0..world.inputs.len() as i32 {
                if world.owner[partition as usize].is_none() {
                    worker.assign(world, me, partition);
                }
            }
            worker.read(world, 1000);
            worker.start_ready(world);
            for partition in worker.partitions() {
                worker.take(world, partition);
                worker.move_lane(world, partition, chance);
            }
            worker.enter(world);
            worker.commit(world, true);
            assert_eq!(worker.law(), 0, "seed {seed}: the law");
        }
    }
    false
}

fn judge(world: &World, faults: &Faults, circle: bool, seed: u64) {
    let mut ends: HashMap<(i32, i64), usize> = HashMap::new();
    for p in &world.published {
        *ends.entry((p.partition, p.offset)).or_default() += 1;
    }
    let all: usize = world.inputs.iter().map(Vec::len).sum();
    assert_eq!(ends.len(), all, "seed {seed}: every record ends");
    assert!(ends.values().all(|n| *n == 1), "seed {seed}: and only once");
    let stories: HashMap<(i32, i64), &Published> = world
        .published
        .iter()
        .filter(|p| matches!(p.what, What::Story { .. }))
        .map(|p| ((p.partition, p.offset), p))
        .collect();
    for link in &world.published {
        let What::Link { of } = &link.what else { continue };
        let story = stories.get(&(of.partition, of.offset.0));
        let story = story.unwrap_or_else(|| unreachable!("seed {seed}: {link:?} names what was never published"));
        assert!(story.transaction <= link.transaction, "seed {seed}: {link:?} came before {story:?}");
    }
    // Only a lapsed promise may tell a story twice.
    if !faults.lapse && !faults.revisions && !circle {
        let mut contents = HashSet::new();
        for story in stories.values() {
            let What::Story { content } = story.what else { continue };
            assert!(contents.insert(content), "seed {seed}: story {content} was told twice: {faults:?}");
        }
    }
}
