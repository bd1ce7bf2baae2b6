//! What comes again, comes late or comes twice, one story each: redelivery, two workers, promises, told and void.
//!
//! Where the order of bytes and threads matters the real desk runs; where the order of appends does, a worker in steps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

mod support;

use std::sync::Arc;

use copydesk::flow::deliver::Message;
use copydesk::outcome::Route;
use copydesk::stage::dedupe::print::Entry;
use serde_json::{Value, json};
use support::chance::Chance;
use support::checker::judge;
use support::desk::{Log, Station};
use support::worker::{Appends, Worker};
use support::world::{Input, PROMISE, Published, What, World, article, encode, keys};

const FERRY: &str = "The night ferry to Holm runs again from Monday, the harbour office said.";

fn story(id: &str, text: &str) -> String {
    json!({ "id": id, "source": "wire", "story": text }).to_string()
}

fn read(message: &Message) -> Value {
    serde_json::from_slice(message.value.as_ref().unwrap()).unwrap()
}

fn prints(log: &Log) -> usize {
    log.entries().iter().filter(|entry| matches!(entry, Entry::Print(_))).count()
}

#[test]
fn same_position_same_verdict() {
    let log = Arc::new(Log::default());
    let mut worker = Station::new(&log, 0);
    worker.take(0, 0, &story("a", FERRY));
    worker.pass();
    worker.abort();
    let mut other = Station::new(&log, 0);
    for worker in [&mut worker, &mut other] {
        worker.take(0, 0, &story("a", FERRY));
        worker.pass();
        let sent = worker.commit();
        assert_eq!(sent[0].route, Route::Enriched, "an article is no duplicate of itself");
        assert_eq!(read(&sent[0])["story"]["sequence"], 0);
    }
    assert_eq!(prints(&log), 1);
}

#[test]
fn correction_is_a_revision() {
    let log = Arc::new(Log::default());
    let mut worker = Station::new(&log, 0);
    worker.take(0, 0, &story("a", FERRY));
    worker.pass();
    worker.commit();
    worker.take(1, 0, &story("a", "The night ferry to Holm runs again from Tuesday, the harbour office said."));
    worker.pass();
    let sent = worker.commit();
    let article = read(&sent[0]);
    assert_eq!(sent[0].route, Route::Enriched);
    assert_eq!((&article["verdict"]["kind"], &article["verdict"]["of"]), (&json!("revision"), &json!("a")));
    assert_eq!(article["story"]["id"], "a");
}

#[test]
fn two_workers_agree() {
    let log = Arc::new(Log::default());
    let (mut one, mut two) = (Station::new(&log, 0), Station::new(&log, 0));
    one.take(0, 0, &story("a", FERRY));
    two.take(1, 0, &story("b", FERRY));
    one.pass();
    let first = one.commit();
    two.pass();
    let second = two.commit();
    assert_eq!((first[0].route, second[0].route), (Route::Enriched, Route::Duplicates));
    assert_eq!(read(&second[0])["of"], "a");
}

#[test]
fn copy_waits_for_told_then_enters() {
    let log = Arc::new(Log::default());
    let (mut one, mut two) = (Station::new(&log, 0), Station::new(&log, 0));
    one.take(0, 0, &story("a", FERRY));
    one.pass();
    two.take(1, 0, &story("b", FERRY));
    two.pass();
    assert!(two.commit().is_empty(), "the story is promised, not published");
    one.commit();
    two.pass();
    assert_eq!(two.commit()[0].route, Route::Duplicates);
}

#[test]
fn copy_enters_the_transaction_its_story_is_in() {
    let log = Arc::new(Log::default());
    let mut worker = Station::new(&log, 0);
    worker.take(0, 0, &story("a", FERRY));
    worker.take(1, 0, &story("b", FERRY));
    worker.pass();
    let routes: Vec<Route> = worker.commit().iter().map(|message| message.route).collect();
    assert_eq!(routes, [Route::Enriched, Route::Duplicates]);
}

#[test]
fn lapsed_promise_is_judged_again() {
    let log = Arc::new(Log::default());
    let (mut one, mut two) = (Station::new(&log, 0), Station::new(&log, 0));
    one.take(0, 0, &story("a", FERRY));
    two.take(1, 0, &story("b", FERRY));
    log.pass_time(PROMISE + 1);
    log.append(Entry::Told(Vec::new()));
    let held = two.pass();
    assert_eq!(held.again.len(), 1);
    two.reopen(1);
    two.take(1, 0, &story("b", FERRY));
    two.pass();
    assert_eq!(two.commit()[0].route, Route::Enriched);
    assert_eq!(one.pass().again.len(), 1, "the lapsed promise is void for its own record too");
    one.reopen(0);
    one.take(0, 0, &story("a", FERRY));
    one.pass();
    assert_eq!(read(&one.commit()[0])["of"], "b");
}

#[test]
fn void_before_dead() {
    let log = Arc::new(Log::default());
    let text = json!({ "id": "a", "source": "wire", "text": FERRY }).to_string();
    let mut lenient = Station::new(&log, 1);
    lenient.take(0, 0, &text);
    let mut strict = Station::new(&log, 1000);
    strict.take(0, 0, &text);
    assert!(matches!(&log.entries()[..], [Entry::Print(_), Entry::Void(prints)] if prints == &[0]), "before it enters");
    strict.pass();
    assert_eq!(strict.commit()[0].route, Route::Dead);
}

/// A world of one partition each for the given articles, with workers whose appends are written only when told.
fn world(contents: &[&[(&str, u128)]]) -> World {
    let lane = |articles: &&[(&str, u128)]| articles.iter().map(|(id, content)| article(keys(id, *content))).collect();
    World::new(contents.iter().map(lane).collect())
}

fn assigned(world: &mut World, worker: &mut Worker, partition: i32) {
    worker.assign(world, partition);
    worker.read(world, usize::MAX);
    worker.start_ready(world);
}

/// Takes one record up to the open transaction, as far as it may go.
fn bring(world: &mut World, worker: &mut Worker, partition: i32) {
    worker.take(world, partition);
    worker.admit_next(world, partition);
    worker.read(world, usize::MAX);
    worker.deliver_head(world, partition);
    worker.enter(world);
}

#[test]
fn behind_is_not_ready() {
    let mut world = world(&[&[("a", 1)]]);
    let mut worker = Worker::new(&mut world, true, true);
    world.append(encode(Entry::Told(Vec::new())));
    worker.assign(&mut world, 0);
    worker.start_ready(&mut world);
    worker.take(&mut world, 0);
    assert_eq!(world.checker.held(worker.id), 0, "the log goes on behind what was read");
    worker.read(&mut world, 1);
    worker.start_ready(&mut world);
    worker.take(&mut world, 0);
    assert_eq!(world.checker.held(worker.id), 1);
}

#[test]
fn what_a_crash_left_untold_is_told_by_the_next_owner() {
    let mut world = world(&[&[("a", 1), ("b", 2)], &[("c", 1)]]);
    let mut first = Worker::new(&mut world, true, true);
    assigned(&mut world, &mut first, 0);
    bring(&mut world, &mut first, 0);
    first.try_commit(&mut world, false).unwrap();
    first.take(&mut world, 0);
    first.admit_next(&mut world, 0);
    first.crash(&mut world, Appends::Written);
    let mut second = Worker::new(&mut world, true, true);
    assigned(&mut world, &mut second, 0);
    let told = world.entries().filter_map(|(_, entry)| if let Entry::Told(told) = entry { Some(told) } else { None });
    let told: Vec<Vec<i64>> = told.collect();
    assert_eq!(told.last(), Some(&vec![1]), "the published print, not the orphan");
    assigned(&mut world, &mut second, 1);
    bring(&mut world, &mut second, 1);
    bring(&mut world, &mut second, 0);
    second.commit(&mut world);
    let of = |p: &Published| if let What::Link { of, .. } = &p.what { Some(of.offset.0) } else { None };
    assert_eq!(world.published.iter().filter_map(of).collect::<Vec<_>>(), [0], "the copy is filed under it");
    judge(&mut world);
}

/// The print of an earlier attempt is still on its way when its record is read again and recognised as a copy. Filed
/// without a print, it would be told for published by the next owner, and its copies filed under nothing.
#[test]
fn a_print_under_way_is_remembered() {
    let mut world = world(&[&[("a", 1)], &[("b", 1)], &[("c", 1)]]);
    let mut other = Worker::new(&mut world, true, true);
    let mut worker = Worker::new(&mut world, false, true);
    assigned(&mut world, &mut other, 0);
    assigned(&mut world, &mut worker, 1);
    worker.take(&mut world, 1);
    worker.admit_next(&mut world, 1);
    worker.abort(&mut world);
    bring(&mut world, &mut other, 0);
    worker.read(&mut world, usize::MAX);
    bring(&mut world, &mut worker, 1);
    world.clock += PROMISE + 1;
    worker.write(&mut world, usize::MAX);
    other.try_commit(&mut world, true).unwrap();
    worker.read(&mut world, usize::MAX);
    worker.deliver_head(&world, 1);
    worker.enter(&mut world);
    worker.try_commit(&mut world, false).unwrap();
    worker.crash(&mut world, Appends::Lost);
    assigned(&mut world, &mut other, 1);
    assigned(&mut world, &mut other, 2);
    other.read(&mut world, usize::MAX);
    bring(&mut world, &mut other, 2);
    other.commit(&mut world);
    judge(&mut world);
}

/// A print reaches the log after its partition has moved and its record was filed by the new owner, who needed none. The
/// owner after that must not take it for published: its copies would be filed under nothing.
#[test]
fn a_print_that_comes_late_is_not_told() {
    let mut world = world(&[&[("a", 1)], &[("b", 1)], &[("c", 1)], &[("d", 30)]]);
    world.judging.max_articles = 1;
    let mut stalled = Worker::new(&mut world, false, true);
    assigned(&mut world, &mut stalled, 1);
    stalled.take(&mut world, 1);
    stalled.admit_next(&mut world, 1);
    stalled.crash(&mut world, Appends::Late);
    let mut next = Worker::new(&mut world, true, true);
    for partition in [0, 1] {
        assigned(&mut world, &mut next, partition);
        bring(&mut world, &mut next, partition);
        next.commit(&mut world);
    }
    assigned(&mut world, &mut next, 3);
    bring(&mut world, &mut next, 3);
    world.write_late();
    next.crash(&mut world, Appends::Lost);
    let mut last = Worker::new(&mut world, true, true);
    for partition in [1, 3, 2] {
        assigned(&mut world, &mut last, partition);
        bring(&mut world, &mut last, partition);
        last.commit(&mut world);
    }
    world.clock += PROMISE + 1;
    world.append(encode(Entry::Told(Vec::new())));
    last.read(&mut world, usize::MAX);
    last.enter(&mut world);
    bring(&mut world, &mut last, 2);
    last.commit(&mut world);
    judge(&mut world);
}

#[test]
fn a_record_that_dies_at_its_second_reading_is_not_told() {
    let disputed = Input { disputed: true, ..article(keys("a", 1)) };
    let mut world = World::new(vec![vec![disputed], vec![article(keys("b", 1))]]);
    let mut lenient = Worker::new(&mut world, true, true);
    assigned(&mut world, &mut lenient, 0);
    lenient.take(&mut world, 0);
    lenient.admit_next(&mut world, 0);
    lenient.crash(&mut world, Appends::Written);
    let mut strict = Worker::new(&mut world, true, false);
    assigned(&mut world, &mut strict, 0);
    bring(&mut world, &mut strict, 0);
    strict.commit(&mut world);
    strict.revoke(&mut world, 0, &mut Chance::new(1));
    assigned(&mut world, &mut strict, 0);
    assigned(&mut world, &mut strict, 1);
    bring(&mut world, &mut strict, 1);
    strict.commit(&mut world);
    assert!(matches!(world.published[1].what, What::Story { content: 1 }), "its copy is a story of its own");
    judge(&mut world);
}
