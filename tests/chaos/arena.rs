//! Where a scenario takes place: one desk on a cluster, its workers, the load on it, the watch, and the account in the end.

mod account;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::cluster::{Cluster, eventually};
use super::desk::{Desk, Worker};
use super::exact::Log;
use super::load::{self, Plan, Written};
use super::nodes::Nodes;
use super::watch::Watch;

/// Longest time that everything may take to be committed once the last fault is over.
const PATIENCE: Duration = Duration::from_secs(180);
/// What a worker may hold besides `run.memory` (192 MiB) and the desk's memory: program, models, threads, client buffers.
const BESIDE: u64 = 60_000_000;

/// A scenario under way.
pub struct Arena<'n> {
    /// The cluster.
    pub nodes: &'n Nodes,
    /// The desk.
    pub desk: Desk,
    /// Decides what is left to chance.
    pub chance: Chance,
    /// True for the long form.
    pub long: bool,
    /// The watch over the desk's offsets.
    pub watch: Watch,
    /// What was written.
    pub written: Arc<Written>,
    /// Workers may end by themselves and are started again: the fault is theirs to end of.
    pub may_end: bool,
    /// Copies may be published again: the scenario lasts longer than a promise, or changes the rules.
    pub may_repeat: bool,
    /// How many dead letters there are depends on more than the poison.
    pub may_die: bool,
    /// The print log as it was when the verdicts were given.
    pub log: Log,
    /// First offsets that must be accounted for, where not 0.
    pub from: BTreeMap<usize, i64>,
    /// What the table says besides.
    pub notes: Vec<String>,
    /// Memory that a worker may take besides `run.memory` and the desk's memory, bytes.
    pub beside: u64,
    /// Longest time in which nothing may move.
    pub patience: Duration,
    /// Killed workers.
    pub kills: u64,
    name: &'static str,
    workers: Vec<Worker>,
    loads: Vec<JoinHandle<()>>,
    peak: u64,
    logs: Vec<String>,
    begun: Instant,
}

impl<'n> Arena<'n> {
    /// A fresh desk with the topics made. `settings` are for all its programs, beside those of the harness.
    pub fn new(nodes: &'n Nodes, name: &'static str, long: bool, seed: u64, settings: &[(&str, &str)]) -> Arena<'n> {
        let mut desk = Desk::on(Cluster::at(nodes.direct()), name);
        // What a text is about takes most of a worker's time and no part in delivery.
        desk.set("EXTRACT__MEANING", "off");
        desk.set("HTTP__DESK", "off");
        settings.iter().for_each(|(key, value)| desk.set(key, value));
        desk.create();
        nodes.know(&["raw", "enriched", "duplicates", "dead", "prints"].map(|topic| desk.topic(topic)));
        desk.set("KAFKA__BROKERS", &nodes.proxied());
        let written = Written::new(super::desk::PARTITIONS as usize);
        let log = Log { topic: Some(desk.topic("prints")), desk: None, ordered: true, since: 0 };
        let watch = Watch::start(&desk.cluster, &desk.name, &desk.topic("raw"), written.clone());
        Arena {
            nodes,
            desk,
            chance: Chance::new(seed),
            long,
            watch,
            written,
            may_end: false,
            may_repeat: false,
            may_die: false,
            log,
            from: BTreeMap::new(),
            notes: Vec::new(),
            beside: BESIDE,
            patience: PATIENCE,
            kills: 0,
            name,
            workers: Vec::new(),
            loads: Vec::new(),
            peak: 0,
            logs: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// The first in the short form, the second in the long.
    pub fn pick<T>(&self, short: T, long: T) -> T {
        if self.long { long } else { short }
    }

    /// Starts a worker.
    pub fn start(&mut self) {
        self.workers.push(self.desk.run());
    }

    /// Starts a worker with a name of its own, which survives its restarts.
    pub fn start_named(&mut self, instance: &str) {
        self.workers.push(self.desk.start(&["run", "--set", &format!("kafka.instance={instance}")]));
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.workers.len()
    }

    /// Process ids of those that run.
    pub fn pids(&self) -> Vec<u32> {
        self.workers.iter().map(Worker::id).collect()
    }

    /// One that runs.
    pub fn worker(&self, at: usize) -> &Worker {
        &self.workers[at]
    }

    /// Takes one out, to be ended by the caller.
    pub fn take(&mut self, at: usize) -> Worker {
        let worker = self.workers.remove(at);
        self.note_peak(&worker);
        worker
    }

    /// kill -9.
    pub fn kill(&mut self, at: usize) {
        let worker = self.take(at);
        self.logs.push(worker.log());
        worker.kill();
        self.kills += 1;
        self.watch.fault();
    }

    /// kill -9 of any.
    pub fn kill_any(&mut self) {
        let at = self.chance.below(self.workers.len());
        self.kill(at);
    }

    /// SIGTERM; gives how long the worker took to end.
    pub fn stop(&mut self, at: usize) -> Duration {
        let mut worker = self.take(at);
        // A process that was not up yet when it was asked has nothing to hand over.
        worker.get("/livez");
        worker.signal("TERM");
        let (status, took) = worker.ended();
        self.logs.push(worker.log());
        assert!(status.success(), "a worker that was asked to stop ended with {status}");
        self.watch.fault();
        took
    }

    /// Writes in the background.
    pub fn load(&mut self, plan: Plan) {
        let (cluster, topic) = (Cluster::at(self.nodes.direct()), self.desk.topic("raw"));
        let (written, seed) = (self.written.clone(), self.chance.next());
        self.loads.push(std::thread::spawn(move || load::write(&cluster, &topic, plan, seed, &written)));
    }

    /// Two workers, and records at a rate; the first hundred are committed.
    pub fn begin(&mut self, records: usize, rate: u32) {
        self.start();
        self.start();
        self.load(Plan::of(records).paced(rate));
        self.until(100);
    }

    /// A fault is over: waits until what was written up to now is committed.
    pub fn goes_on(&mut self) {
        self.watch.fault();
        self.until(self.written.total());
    }

    /// Waits until everything was written.
    pub fn loaded(&mut self) {
        self.loads.drain(..).for_each(|load| load.join().unwrap());
    }

    /// Ends the writing.
    pub fn enough(&mut self) {
        self.written.enough.store(true, Ordering::SeqCst);
        self.loaded();
    }

    /// Waits until `records` are committed.
    pub fn until(&mut self, records: i64) {
        let (mut last, mut since) = (-1, Instant::now());
        loop {
            self.look_after();
            let done = self.watch.done();
            if done >= records {
                return;
            }
            if done != last {
                (last, since) = (done, Instant::now());
            }
            let limit = self.patience + if last == 0 { self.patience } else { Duration::ZERO };
            assert!(since.elapsed() < limit, "nothing moves: {done} of {records} committed for {limit:?}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Lets time pass in which the harness does nothing.
    pub fn pass(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.look_after();
            std::thread::park_timeout(Duration::from_millis(50).min(until.saturating_duration_since(Instant::now())));
        }
    }

    /// Workers must not end by themselves; where they may, they are started again, as a service manager does it.
    fn look_after(&mut self) {
        let Some(at) = self.workers.iter_mut().position(|worker| worker.exited().is_some()) else { return };
        let mut worker = self.workers.remove(at);
        let (status, log) = (worker.exited(), worker.log());
        let last =
            log.lines().rev().find(|line| line.contains("\"ERROR\"") || !line.starts_with('{')).unwrap_or_default();
        let text = format!("a worker ended by itself: {status:?}: {last}");
        self.logs.push(log.clone());
        assert!(self.may_end, "{text}");
        eprintln!("{text}");
        self.notes.push(format!("a worker ended by itself with {:?}", status.and_then(|s| s.code())));
        self.start();
    }

    fn note_peak(&mut self, worker: &Worker) {
        if std::path::Path::new(&format!("/proc/{}", worker.id())).exists() {
            self.peak = self.peak.max(worker.peak());
        }
    }

    /// Everything is written and committed; then the workers end in order.
    pub fn finish(&mut self) {
        self.loaded();
        self.until(self.written.total());
        let faults = self.watch.seen().faults;
        while self.running() > 0 {
            let took = self.stop(self.running() - 1);
            assert!(took < Duration::from_secs(20), "a worker took {took:?} to stop");
        }
        self.watch.seen().faults = faults;
    }

    /// The input was made anew: its records are counted from 0 again, and what was told before is not looked at.
    pub fn recreated(&mut self) {
        self.written.ends.iter().for_each(|end| end.store(0, Ordering::SeqCst));
        self.written.copies.store(0, Ordering::SeqCst);
        self.log.since = jiff::Timestamp::now().as_millisecond();
    }

    /// Waits for something the desk or the cluster must come to.
    pub fn wait_for<T>(&self, done: impl FnMut() -> Result<T, String>) -> T {
        eventually(PATIENCE, done)
    }
}
