//! Watches a desk while it is ill-treated: committed offsets never fall, how long nothing came out, how long until every
//! partition went on after a fault.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::cluster::Cluster;
use super::load::Written;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Committed offsets as last seen.
    pub committed: Vec<i64>,
    /// Longest time without a commit although there was work.
    pub stall: Duration,
    /// Longest time from a fault's end until each partition with work had gone on.
    pub recovery: Duration,
    /// Faults, all of them.
    pub faults: u64,
    /// The first offset that fell.
    pub fell: Option<String>,
    progress: Option<Instant>,
    pending: Vec<(Instant, Vec<i64>)>,
    ignore: bool,
}

/// The watch; it ends when it is dropped.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches the group's offsets of a topic.
    pub fn start(cluster: &Cluster, group: &str, topic: &str, written: Arc<Written>) -> Watch {
        let consumer: BaseConsumer = cluster.config().set("group.id", group).create().unwrap();
        let seen = Seen { committed: vec![0; written.ends.len()], ..Seen::default() };
        let (seen, over) = (Arc::new(Mutex::new(seen)), Arc::<AtomicBool>::default());
        let (mine, ended, topic) = (seen.clone(), over.clone(), topic.to_owned());
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::SeqCst) {
                let ends = written.ends();
                if let Some(committed) = committed(&consumer, &topic, ends.len()) {
                    lock(&mine).look(&committed, &ends);
                }
                std::thread::park_timeout(LOOK);
            }
        });
        Watch { seen, over, thread: Some(thread) }
    }

    /// What was seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// A fault is over, or it was one that takes no time: from now on the time to recover counts.
    pub fn fault(&self) {
        let mut seen = self.seen();
        seen.faults += 1;
        let now = (Instant::now(), seen.committed.clone());
        seen.pending.push(now);
    }

    /// Records committed.
    pub fn done(&self) -> i64 {
        self.seen().committed.iter().sum()
    }

    /// Nobody works by intention: what follows is no stall, until somebody commits again.
    pub fn rest(&self) {
        self.seen().progress = None;
    }

    /// The topic is another from here on: its offsets begin anew.
    pub fn anew(&self) {
        self.seen().ignore = true;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Seen {
    fn look(&mut self, committed: &[i64], ends: &[i64]) {
        let now = Instant::now();
        let fell = self.committed.iter().zip(committed).position(|(before, now)| now < before);
        if let Some(partition) = fell.filter(|_| !self.ignore) {
            let text = format!("partition {partition}: {} to {}", self.committed[partition], committed[partition]);
            self.fell.get_or_insert(text);
        }
        let moved = committed.iter().sum::<i64>() > self.committed.iter().sum();
        self.committed.clear();
        self.committed.extend(committed);
        let idle = committed.iter().zip(ends).all(|(done, end)| done >= end);
        if let Some(last) = self.progress {
            self.stall = self.stall.max(now - last);
        }
        if moved || (idle && self.progress.is_some()) {
            self.progress = Some(now);
        }
        let gone_on = |before: &[i64]| {
            (0..committed.len()).all(|p| committed[p] >= ends[p] || before.get(p).is_none_or(|b| committed[p] > *b))
        };
        let recovery = &mut self.recovery;
        self.pending.retain(|(since, before)| {
            let on = gone_on(before);
            if on {
                *recovery = (*recovery).max(now - *since);
            }
            !on
        });
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap()
}

fn committed(consumer: &BaseConsumer, topic: &str, partitions: usize) -> Option<Vec<i64>> {
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic, 0, partitions as i32 - 1);
    let committed = consumer.committed_offsets(list, Duration::from_secs(4)).ok()?;
    Some(committed.elements().iter().map(|e| e.offset().to_raw().unwrap_or(0).max(0)).collect())
}
