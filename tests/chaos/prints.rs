//! The print log: its leader fails, it is cut short, made anew, shared by two desks; its rules change while workers run.

use std::time::Duration;

use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord};
use xxhash_rust::xxh3::xxh3_64;

use super::admin;
use super::arena::Arena;
use super::cluster::Cluster;
use super::desk::{Desk, Worker};
use super::exact::{self, Log};

/// The leader of the print log is killed or frozen, again and again.
pub fn failover(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(6_000, 60_000), arena.pick(250, 500));
    let prints = arena.desk.topic("prints");
    for round in 0..arena.pick(2, 10) {
        let leader = admin::leader(&arena.desk.cluster, &prints).expect("the print log has no leader");
        let (away, back) = if round % 2 == 0 { ("kill9", "start") } else { ("pause", "resume") };
        arena.nodes.to(away, leader);
        arena.pass(Duration::from_secs(arena.pick(4, 8)));
        arena.nodes.to(back, leader);
        arena.goes_on();
    }
    arena.enough();
}

/// The first half of the print log is deleted under the workers; those that start later know only the rest.
pub fn truncated(arena: &mut Arena<'_>) {
    // What was forgotten is told again, and the log does not say any more by what the verdicts were given.
    (arena.may_repeat, arena.log.topic) = (true, None);
    arena.begin(arena.pick(5_000, 40_000), arena.pick(300, 500));
    let prints = arena.desk.topic("prints");
    for _ in 0..arena.pick(2, 6) {
        let end = admin::end(&arena.desk.cluster, &prints, 0);
        admin::trim(&arena.desk.cluster, &prints, &[(0, end / 2)]);
        arena.kill(0);
        arena.start();
        arena.goes_on();
    }
    arena.enough();
}

/// The print topic is deleted and made anew under the workers.
pub fn recreated(arena: &mut Arena<'_>) {
    (arena.may_repeat, arena.may_end) = (true, true);
    (arena.log.topic, arena.log.ordered) = (None, false);
    arena.begin(arena.pick(5_000, 30_000), arena.pick(300, 500));
    let prints = arena.desk.topic("prints");
    for _ in 0..arena.pick(1, 3) {
        admin::delete(&arena.desk.cluster, &prints);
        arena.pass(Duration::from_secs(1));
        arena.desk.create();
        arena.goes_on();
    }
    arena.enough();
}

/// Another desk, in a group of its own, reads the same input and shares the print topic; workers of both are killed.
pub fn second_desk(arena: &mut Arena<'_>) {
    let mut other = Desk::on(Cluster::at(arena.nodes.direct()), "second");
    other.set("EXTRACT__MEANING", "off");
    other.set("HTTP__DESK", "off");
    other.set("TOPICS__RAW", &arena.desk.topic("raw"));
    other.set("TOPICS__PRINTS", &arena.desk.topic("prints"));
    other.create();
    arena.nodes.know(&["enriched", "duplicates", "dead"].map(|topic| other.topic(topic)));
    let number = |desk: &Desk| Some(xxh3_64(format!("{}/{}", arena.nodes.id(), desk.topic("enriched")).as_bytes()));
    let (own, others) = (number(&arena.desk), number(&other));
    arena.log.desk = own;
    let mut theirs: Vec<Worker> = (0..2).map(|_| other.run()).collect();
    let (records, kills) = arena.pick((5_000, 2), (40_000, 8));
    arena.begin(records, arena.pick(300, 500));
    for kill in 1..=kills {
        arena.until((records * kill / (kills + 2)) as i64);
        arena.kill_any();
        arena.start();
        theirs.remove(0).kill();
        arena.kills += 1;
        theirs.push(other.run());
    }
    arena.loaded();
    let total = arena.written.total();
    arena.wait_for(|| {
        let raw = arena.desk.topic("raw");
        let done: i64 = other.cluster.committed(&other.name, &raw, super::desk::PARTITIONS).into_iter().flatten().sum();
        if done >= total { Ok(()) } else { Err(format!("the second desk has {done} of {total}")) }
    });
    theirs.into_iter().for_each(Worker::stop);
    let spans: Vec<(i64, i64)> = arena.written.ends().into_iter().map(|end| (0, end)).collect();
    let verdict = exact::check(
        &other,
        &spans,
        &Log { topic: Some(arena.desk.topic("prints")), desk: others, ordered: true, since: 0 },
    );
    assert!(verdict.wrong.is_empty(), "the second desk: {:?}", verdict.wrong);
    arena
        .notes
        .push(format!("the second desk was exact over the same {} records, {} links", verdict.inputs, verdict.links));
}

/// A roll-out that does not come to an end: workers with other values of `[dedupe]` come and go.
pub fn settings(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(5_000, 40_000), arena.pick(300, 500));
    for round in 0..arena.pick(3, 12) {
        let values = [("DEDUPE__WINDOW", ["24h", "72h"]), ("DEDUPE__MAX_ARTICLES", ["900000", "2000000"])];
        values.iter().for_each(|(key, values)| arena.desk.set(key, values[round % 2]));
        if round % 3 == 2 {
            arena.kill(0);
        } else {
            arena.stop(0);
        }
        arena.start();
        arena.goes_on();
    }
    arena.enough();
}

/// A newer version of the rules writes to the same log: its settings and its prints are passed over by this one.
pub fn algorithms(arena: &mut Arena<'_>) {
    arena.begin(arena.pick(5_000, 30_000), arena.pick(300, 500));
    let prints = arena.desk.topic("prints");
    let desk = xxh3_64(format!("{}/{}", arena.nodes.id(), arena.desk.topic("enriched")).as_bytes());
    arena.log.desk = Some(desk);
    let newer = Judging { algorithm: ALGORITHM + 1, window: 1, max_articles: 1, promise: 1 };
    for _ in 0..arena.pick(3, 10) {
        let record = LogRecord { desk, entry: Entry::Settings(newer) };
        arena.desk.cluster.produce(&prints, None, Some(&record.encode()));
        // Of a format that is not known yet.
        let mut later = record.encode();
        later[1] += 1;
        arena.desk.cluster.produce(&prints, None, Some(&later));
        arena.kill(0);
        arena.start();
        arena.goes_on();
    }
    arena.enough();
    // The others may have done everything before this one had read the log.
    arena.wait_for(|| match arena.worker(0).metric("copydesk_prints_skipped_total", "version") {
        2.0.. => Ok(()),
        skipped => Err(format!("{skipped} records of another version were passed over")),
    });
}
