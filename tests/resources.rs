//! What a worker may take of its machine: memory, file descriptors, threads, time to stop. A real worker process on a
//! broker inside this one, fed with the worst that a feed can send.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use copydesk::kafka::mock::{Mock, Plain};
use copydesk::outcome::Route;
use copydesk::settings::Topics;
use serde_json::{Value, json};

const MIB: u64 = 1 << 20;
/// Longest wait for anything; far above what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A worker in a process of its own.
struct Worker {
    process: Child,
    probes: String,
    _folder: tempfile::TempDir,
}

impl Worker {
    /// Starts one on the broker and waits until it is ready.
    fn start(mock: &Mock, settings: &[&str]) -> Worker {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
        command.args(["run", "--log-format", "json", "--set", "run.delivery=at_least_once"]);
        command.args(["--set", "http.listen=127.0.0.1:0", "--set", "http.desk=off", "--set", "run.workers=2"]);
        command.arg("--set").arg(format!("kafka.brokers={}", mock.brokers()));
        for setting in settings {
            command.args(["--set", setting]);
        }
        let mut process = command.current_dir(folder.path()).env_clear().stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        let line = log.find(|line| line.contains("probes and metrics")).expect("a listener");
        let event: Value = serde_json::from_str(&line).unwrap();
        let probes = event["address"].as_str().unwrap().to_owned();
        // A full pipe would stop the worker.
        std::thread::spawn(move || log.for_each(drop));
        let worker = Worker { process, probes, _folder: folder };
        worker.wait("ready", |worker| worker.ask("/readyz").starts_with("HTTP/1.1 200"));
        worker
    }

    fn ask(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.probes).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The sum of a metric over its series.
    fn metric(&self, name: &str) -> u64 {
        let text = self.ask("/metrics");
        let series =
            text.lines().filter(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} ")));
        series.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64).sum()
    }

    fn ended(&self) -> u64 {
        self.metric("copydesk_records_total")
    }

    /// Asks again and again.
    fn wait(&self, what: &str, holds: impl Fn(&Worker) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "not {what} in time: {}", self.ask("/metrics"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A figure of `/proc/PID/status`, in its unit.
    fn status(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_start_matches(':').split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Largest memory it ever had resident, in bytes.
    fn peak(&self) -> u64 {
        self.status("VmHWM") * 1024
    }

    fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).unwrap().count()
    }

    /// SIGTERM, and how long it takes to end in order.
    fn stop(mut self) -> Duration {
        let begun = Instant::now();
        let killed = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(killed.success() && self.process.wait().unwrap().success());
        begun.elapsed()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn packed(bytes: &[u8]) -> Plain {
    Plain { value: Some(zstd::encode_all(bytes, 1).unwrap()), ..Plain::default() }
}

/// A text of about so many bytes, other than all others, and next to nothing when it is packed.
fn text(n: usize, bytes: usize) -> String {
    let line = format!("In case {n} the ferry of Kettle Quay was late on day {n}, officials said again.\n");
    line.repeat(bytes / line.len())
}

/// Feeds records and waits until all of them have ended.
fn feed(mock: &Mock, worker: &Worker, records: &[Plain]) {
    let wanted = worker.ended() + records.len() as u64;
    mock.write(Route::Raw, records).unwrap();
    worker.wait("all ended", |worker| worker.ended() >= wanted);
}

/// The bound that `run.memory` promises, in bytes: what is in flight, the desk's memory, the program with its models, and
/// what each thread takes while it reads a text of the largest size.
fn bound(worker: &Worker, memory: u64, threads: u64) -> u64 {
    memory + worker.metric("copydesk_dedupe_index_bytes") + 60 * MIB + threads * 48 * MIB
}

/// A few hundred bytes each, and each up to a hundred thousand times as much when it is read.
#[test]
fn memory_stays_within_its_bound_whatever_is_packed_into_a_record() {
    let mock = Mock::start(&Topics::default(), 4).unwrap();
    let worker = Worker::start(&mock, &["run.memory=32 MiB"]);
    let record = |n: usize, body: &str, bytes: String| packed(json!({"id": n, body: bytes}).to_string().as_bytes());
    let times = |n: usize, make: &dyn Fn(usize) -> Plain| (0..n).map(make).collect::<Vec<_>>();
    let kinds = [
        times(20, &|_| packed(&vec![b' '; 64 << 20])),
        times(20, &|n| packed(format!("{{\"id\":{n},\"x\":[{}0]}}", "0,".repeat(99_000)).as_bytes())),
        times(4, &|n| record(n, "html", "<div>".repeat(900_000))),
        times(4, &|n| record(n, "html", "<p>a".repeat(1_000_000))),
        times(12, &|n| record(n, "text", text(n, 4 << 20))),
        times(3, &|n| record(n, "story", text(n, 400 << 10))),
    ];
    for records in kinds {
        feed(&mock, &worker, &records);
    }
    let (peak, bound) = (worker.peak(), bound(&worker, 32 * MIB, 2));
    assert!(peak < bound, "{} MiB of {} MiB", peak / MIB, bound / MIB);
}

/// What one round of records opens, the next does not open again; and SIGTERM amid them is answered in order.
#[test]
fn descriptors_and_threads_stay_as_they_are_and_a_stop_under_load_is_quick() {
    let mock = Mock::start(&Topics::default(), 4).unwrap();
    let worker = Worker::start(&mock, &[]);
    let story = |n: usize| Plain {
        value: Some(json!({"id": n, "story": text(n, 300)}).to_string().into()),
        ..Plain::default()
    };
    let rounds: Vec<Vec<Plain>> = (0..5).map(|k| (k * 300..(k + 1) * 300).map(story).collect()).collect();
    feed(&mock, &worker, &rounds[0]);
    let (descriptors, threads) = (worker.descriptors(), worker.status("Threads"));
    for round in &rounds[1..4] {
        feed(&mock, &worker, round);
    }
    // The client may open or close a connection meanwhile, and the runtime keeps idle threads for a while: under load it
    // begins a few more of them than there are jobs at once.
    let (later, more) = (worker.descriptors(), worker.status("Threads"));
    assert!(later <= descriptors + 3, "{descriptors} descriptors, then {later}");
    assert!(more <= threads + 12, "{threads} threads, then {more}");
    mock.write(Route::Raw, &rounds[4]).unwrap();
    let took = worker.stop();
    assert!(took < Duration::from_secs(10), "{took:?}");
}
