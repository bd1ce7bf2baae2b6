//! Rights that are missing: named by `check --connect`, at the start, and when they are taken away from a worker at work.

use super::matrix::said;
use super::way::{CREATE, On, READ, WRITE, grant, revoke};
use crate::articles::{article, copy, fed};
use crate::cluster::{Fed, eventually};
use crate::desk::{Desk, PATIENCE};
use crate::oracle;

/// Everything a worker needs.
fn needed(desk: &Desk) -> Vec<(On, i8, String)> {
    let topic = |key: &str| On::Topic(desk.topic(key));
    let right = |on: On, right: i8| {
        let (kind, name) = match &on {
            On::Topic(name) => ("topic", name),
            On::Group(name) => ("group", name),
            On::TransactionalId(name) => ("transactional id", name),
        };
        let said = format!("the right to {} on {kind} {name}", if right == READ { "Read" } else { "Write" });
        (on, right, said)
    };
    vec![
        right(topic("raw"), READ),
        right(topic("enriched"), WRITE),
        right(topic("duplicates"), WRITE),
        right(topic("dead"), WRITE),
        right(topic("prints"), READ),
        right(topic("prints"), WRITE),
        right(On::Group(desk.name.clone()), READ),
        right(On::TransactionalId(format!("{}-0", desk.name)), WRITE),
    ]
}

fn guest(stem: &str) -> Desk {
    let mut desk = Desk::new(stem);
    desk.by_password("scram_sha_512", "guest", "guest-secret");
    desk.set("KAFKA__INSTANCE", "0");
    desk.set("HTTP__DESK", "off");
    desk
}

fn checks(desk: &Desk, done: impl Fn(&str) -> bool) {
    // Rights reach the broker a moment after they were granted.
    eventually(PATIENCE, || {
        let text = said(&desk.output(&["check", "--connect"]));
        if done(&text) { Ok(()) } else { Err(text) }
    });
}

/// Something for each of the outputs.
fn batch(n: usize) -> Vec<Fed> {
    let broken = Fed { value: Some(b"\xff no article".to_vec()), ..fed("broken", serde_json::json!({})) };
    vec![article(n), copy(n), broken]
}

/// One right after the other is missing from the first, then comes, then goes while the worker works, and comes back.
fn without(which: usize) {
    let desk = guest(&format!("denied-{which}"));
    let needed = needed(&desk);
    for (n, (on, right, _)) in needed.iter().enumerate() {
        if n != which {
            grant(on, *right);
        }
    }
    let (on, right, missing) = &needed[which];

    checks(&desk, |text| {
        let others = needed.iter().enumerate().any(|(n, (.., other))| n != which && text.contains(other));
        text.contains(missing) && text.contains("grant it to this worker's user") && !others
    });
    let mut worker = desk.run();
    assert_eq!(worker.ended().0.code(), Some(78), "{missing}, at the start: {}", worker.log());
    assert!(worker.log().contains(missing), "{missing}, at the start: {}", worker.log());

    grant(on, *right);
    checks(&desk, |text| !text.contains("is missing"));
    let mut worker = desk.run();
    desk.feed(&batch(1));
    eventually(PATIENCE, || {
        let done: i64 = desk.committed().unwrap_or_default().iter().sum();
        if done == 3 { Ok(()) } else { Err(format!("{missing}, granted: {done} of 3 committed: {}", worker.log())) }
    });
    revoke(on, *right);
    eventually(PATIENCE, || {
        desk.feed(&batch(2));
        let log = worker.log();
        if log.contains(missing) { Ok(()) } else { Err(format!("{missing}, at work: {log}")) }
    });
    assert_eq!(worker.ended().0.code(), Some(78), "{missing}, at work: {}", worker.log());
    println!("{missing}: {}", worker.log().lines().last().unwrap_or_default());

    grant(on, *right);
    checks(&desk, |text| !text.contains("is missing"));
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    oracle::read(&desk).exact(&desk);
}

#[test]
fn each_right_that_is_missing_or_taken_away_is_named_and_nothing_is_lost() {
    // Side by side, a few at a time: each waits for the broker most of its time.
    for round in [0..3, 3..6, 6..8] {
        std::thread::scope(|scope| round.for_each(|which| drop(scope.spawn(move || without(which)))));
    }
}

#[test]
fn a_user_who_may_not_make_topics_is_told_which() {
    let mut desk = Desk::bare("uncreated");
    desk.by_password("scram_sha_512", "guest", "guest-secret");
    let output = desk.output(&["topics", "--create"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains(&format!("the right to Create on topic {}", desk.topic("raw"))), "{text}");
    // It looks at what it has made.
    grant(&On::Topic(desk.name.clone()), CREATE);
    grant(&On::Topic(desk.name.clone()), READ);
    eventually(PATIENCE, || {
        let output = desk.output(&["topics", "--create"]);
        if output.status.success() { Ok(()) } else { Err(said(&output)) }
    });
}
