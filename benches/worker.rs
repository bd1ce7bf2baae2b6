//! What the whole worker costs on a real broker: `tests/broker.sh bench`. With COPYDESK_PAGES it runs on real pages.
//!
//! One run prints everything, so that figures are compared within it: machines differ and are busy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)] // shares the suite's modules

#[path = "../tests/broker/articles.rs"]
mod articles;
#[path = "../tests/broker/cluster.rs"]
mod cluster;
#[path = "../tests/broker/desk.rs"]
mod desk;
#[path = "../tests/broker/oracle.rs"]
mod oracle;
#[path = "../tests/broker/pages.rs"]
mod pages;

use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use cluster::Fed;
use desk::Desk;

/// Articles a second, and seconds, of the latency run.
const PACE: u32 = 20;
const PACED: u64 = 60;

fn main() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    cost();
    latency();
    for seed in 1..=rounds {
        round(seed);
    }
}

/// Rate and CPU of one worker beside a consumer that only counts.
fn cost() {
    let desk = Desk::new("cost");
    let (records, _) = pages::with_copies(7);
    desk.feed(&records);
    let bytes: usize = records.iter().filter_map(|r| r.value.as_ref()).map(Vec::len).sum();
    println!("{} records of {} kB on average, 12 partitions", records.len(), bytes / records.len() / 1000);
    let (before, begun) = (cpu("self"), Instant::now());
    let read = desk.cluster.read_all(&desk.topic("raw")).len();
    let (took, used) = (begun.elapsed().as_secs_f64(), cpu("self") - before);
    println!(
        "counting consumer   {:>8.0} records/s   {:>7.3} ms CPU a record",
        read as f64 / took,
        used / read as f64 * 1000.0
    );
    let begun = Instant::now();
    let worker = desk.run();
    desk.wait_for(records.len());
    let (took, pid) = (begun.elapsed().as_secs_f64(), worker.id().to_string());
    let per = cpu(&pid) / records.len() as f64 * 1000.0;
    println!(
        "one worker          {:>8.0} articles/s  {per:>7.3} ms CPU an article   peak {} MB (start included)",
        records.len() as f64 / took,
        worker.peak() / 1_000_000
    );
    worker.stop();
}

/// From produce to committed output, paced.
fn latency() {
    let desk = Desk::new("pace");
    let worker = desk.run();
    desk.feed(&[articles::article(100_000)]);
    desk.wait_for(1);
    let (seen, sightings) = channel();
    let reader = reader(&desk);
    let total = u64::from(PACE) * PACED;
    let watching = std::thread::spawn(move || {
        for _ in 0..total {
            let message = loop {
                if let Some(message) = reader.poll(Duration::from_secs(30)) {
                    break message.unwrap().detach();
                }
            };
            seen.send((message.key().unwrap().to_vec(), Instant::now())).unwrap();
        }
    });
    let mut sent: HashMap<Vec<u8>, Instant> = HashMap::new();
    let begun = Instant::now();
    let (pages, _) = pages::with_copies(11);
    for n in 0..total {
        let due = begun + Duration::from_secs(1) / PACE * n as u32;
        std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
        let id = format!("paced-{n}");
        let record = renamed(&pages[n as usize % pages.len()], &id, n);
        sent.insert(id.into_bytes(), Instant::now());
        desk.feed(&[record]);
    }
    watching.join().unwrap();
    let mut waits: Vec<Duration> = sightings.iter().map(|(key, at)| at - sent[&key]).collect();
    waits.sort();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_millis();
    println!(
        "produce to committed output at {PACE}/s for {PACED} s: p50 {} ms   p90 {} ms   p99 {} ms",
        at(0.5),
        at(0.9),
        at(0.99)
    );
    worker.stop();
}

/// The same page as another article: its own id, and a comment that makes its content its own.
fn renamed(page: &Fed, id: &str, n: u64) -> Fed {
    let mut value: serde_json::Value = serde_json::from_slice(page.value.as_ref().unwrap()).unwrap();
    value["id"] = id.into();
    value["url"] = format!("https://paced.test/{n}").into();
    for body in ["html", "text"] {
        if let Some(text) = value[body].as_str().map(|text| format!("{text}\n<!-- {n} -->")) {
            value[body] = text.into();
        }
    }
    articles::fed(id, value)
}

fn reader(desk: &Desk) -> BaseConsumer {
    let mut config = desk.cluster.config();
    config.set("group.id", "pace").set("isolation.level", "read_committed").set("fetch.wait.max.ms", "10");
    let reader: BaseConsumer = config.create().unwrap();
    let mut list = TopicPartitionList::new();
    for key in ["enriched", "duplicates", "dead"] {
        for partition in 0..desk::PARTITIONS {
            let (_, end) = reader.fetch_watermarks(&desk.topic(key), partition, Duration::from_secs(10)).unwrap();
            list.add_partition_offset(&desk.topic(key), partition, Offset::Offset(end)).unwrap();
        }
    }
    reader.assign(&list).unwrap();
    reader
}

/// A storm of workers; the oracle looks at everything.
fn round(seed: u64) {
    let desk = Desk::new("round");
    let (records, copies) = pages::with_copies(seed);
    desk.feed(&records);
    let begun = Instant::now();
    desk.storm(records.len());
    let took = begun.elapsed().as_secs_f64();
    let told = oracle::read(&desk);
    let links = told.exact(&desk).links().len();
    println!(
        "round {seed}: {} in, each once; {copies} copies planted, {links} links, each to a published story; offsets never fell; {took:.1} s",
        records.len()
    );
}

/// CPU seconds of a process, all its threads: user and system (Linux, 100 ticks a second).
fn cpu(pid: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
