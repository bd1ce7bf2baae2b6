//! A record that ends the worker each time: its count of attempts outlives the workers, and in the end it is set aside.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use rdkafka::Message;
use serde_json::json;

use super::articles::{article, page};
use super::cluster::eventually;
use super::desk::{Desk, PATIENCE, Worker};
use super::oracle;

/// A page that keeps a worker busy for so long that it can be killed meanwhile.
fn slow() -> Vec<u8> {
    let filler = "<!-- nothing to read here -->".repeat(1_700_000);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json!({"id": "slow", "html": format!("{}{filler}", page(1))}).to_string().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Waits until `attempts` stands beside the committed offset of partition 0, which must be `offset`.
fn counted(desk: &Desk, offset: i64, attempts: u32) {
    eventually(PATIENCE, || {
        let (at, mark) = desk.cluster.mark(&desk.name, &desk.topic("raw")).ok_or("the broker does not answer")?;
        assert!(at <= offset, "the record got through: {at} {mark}");
        let there = at == offset && mark.ends_with(&format!(" attempts {attempts}"));
        if there { Ok(()) } else { Err(format!("{at} {mark}, not {offset} with {attempts}")) }
    });
}

/// The worker that has the record, of those that run.
fn owner(workers: &[Worker]) -> usize {
    eventually(PATIENCE, || {
        let has = |worker: &Worker| worker.metric("copydesk_records_in_flight ", "") > 0.0;
        workers.iter().position(has).ok_or("nobody has the record".into())
    })
}

/// A record, and one behind it, of which the first has ended five workers: a last one sets it aside and goes on.
fn set_aside(desk: &Desk, culprit: &[u8]) {
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    assert_eq!(oracle::read(desk).exact(desk).published().len(), 1);
    let dead = desk.cluster.read_all(&desk.topic("dead"));
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].key(), dead[0].payload()), (Some(&b"slow"[..]), Some(culprit)));
    let headers = oracle::headers(&dead[0]);
    assert_eq!((&*headers["copydesk-stage"], &*headers["copydesk-reason"]), ("decode", "crash_loop"));
}

/// A desk whose workers read a record that keeps them busy, and another behind it.
fn trouble(stem: &str) -> (Desk, Vec<u8>) {
    let mut desk = Desk::new(stem);
    desk.set("DECODE__MAX_BODY", "128 MiB");
    (desk, slow())
}

fn feed(desk: &Desk, culprit: &[u8]) {
    let raw = desk.topic("raw");
    desk.cluster.produce(&raw, Some(b"slow"), Some(culprit));
    desk.cluster.produce(&raw, Some(b"next"), article(2).value.as_deref());
}

#[test]
fn a_record_that_kills_every_worker_is_set_aside_unread_and_the_partition_goes_on() {
    let (desk, slow) = trouble("crash-loop");
    feed(&desk, &slow);
    for attempt in 1..=5 {
        let worker = desk.run();
        counted(&desk, 0, attempt);
        worker.kill();
    }
    set_aside(&desk, &slow);
}

/// SIGABRT is how a stack that overflows and an abort end a process, SIGKILL how the kernel does when memory ends.
#[test]
fn a_record_that_ends_one_worker_after_the_other_as_it_moves_is_set_aside_however_they_end() {
    let (desk, slow) = trouble("crash-moves");
    let mut workers: Vec<Worker> = (0..5).map(|_| desk.run()).collect();
    eventually(PATIENCE, || {
        let all = workers.iter().all(|worker| worker.metric("copydesk_assigned_partitions", "") > 0.0);
        if all { Ok(()) } else { Err("not every worker has partitions".into()) }
    });
    feed(&desk, &slow);
    for (attempt, signal) in (1..).zip(["ABRT", "KILL", "ABRT", "KILL", "ABRT"]) {
        counted(&desk, 0, attempt);
        let mut worker = workers.remove(owner(&workers));
        worker.signal(signal);
        let (status, _) = worker.ended();
        assert_eq!(status.code(), None, "ended by itself: {status}\n{}", worker.log());
    }
    set_aside(&desk, &slow);
}

#[test]
fn workers_that_stop_in_order_with_a_record_under_way_are_not_counted() {
    let mut desk = Desk::new("no-crash-loop");
    desk.set("DECODE__MAX_BODY", "128 MiB");
    // Too short for the record: it is given back.
    desk.set("RUN__DRAIN_TIMEOUT", "100ms");
    let raw = desk.topic("raw");
    desk.cluster.produce(&raw, Some(b"slow"), Some(&slow()));
    for _ in 0..2 {
        let worker = desk.run();
        counted(&desk, 0, 1);
        worker.stop();
        counted(&desk, 0, 0);
    }
}
