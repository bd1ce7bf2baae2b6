//! What a worker may take of its machine: memory, file descriptors, threads, time to stop. A real worker process on a
//! broker inside this one, fed with the worst that a feed can send.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use copydesk::kafka::mock::{Mock, Plain};
use copydesk::outcome::Route;
use copydesk::settings::Topics;
use serde_json::{Value, json};

const MIB: u64 = 1 << 20;
/// Longest wait for anything; far above what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(120);

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
        settings.iter().for_each(|setting| drop(command.args(["--set", setting])));
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

fn packed(value: &Value) -> Plain {
    packed_bytes(value.to_string().as_bytes())
}

fn packed_bytes(bytes: &[u8]) -> Plain {
    Plain { value: Some(zstd::encode_all(bytes, 1).unwrap()), ..Plain::default() }
}

/// A text of about so many bytes, other than all others.
fn text(n: usize, bytes: usize) -> String {
    let sentence =
        format!("In case {n} the ferry of Kettle Quay was late again, officials said on day {n} of the month.\n");
    sentence.repeat(bytes / sentence.len())
}

#[test]
fn probe() {
    let mock = Mock::start(&Topics::default(), 4).unwrap();
    let worker = Worker::start(&mock, &["run.memory=32 MiB"]);
    println!("idle {} MiB, fds {}, threads {}", worker.peak() / MIB, worker.descriptors(), worker.status("Threads"));
    let mut all = 0;
    let mut feed = |what: &str, records: Vec<Plain>| {
        let begun = Instant::now();
        let bytes: usize = records.iter().map(|r| r.value.as_ref().unwrap().len()).sum();
        mock.write(Route::Raw, &records).unwrap();
        all += records.len() as u64;
        worker.wait(what, |worker| worker.ended() >= all);
        println!(
            "{what}: {} records of {} bytes, {:?}, peak {} MiB, fds {} threads {} dead {}",
            records.len(),
            bytes / records.len(),
            begun.elapsed(),
            worker.peak() / MIB,
            worker.descriptors(),
            worker.status("Threads"),
            worker.metric("copydesk_dead_letters_total")
        );
    };
    feed("small", (0..50).map(|n| packed(&json!({"id": n, "text": text(n, 2000)}))).collect());
    feed("bombs", (0..20).map(|_| packed_bytes(&vec![b' '; 64 << 20])).collect());
    feed(
        "values",
        (0..8).map(|n| packed_bytes(format!("{{\"id\":{n},\"x\":[{}0]}}", "0,".repeat(99_000)).as_bytes())).collect(),
    );
    feed(
        "deep",
        (0..8)
            .map(|n| packed(&json!({"id": n, "html": format!("{}{}", text(n, 2000), "<div>".repeat(800_000))})))
            .collect(),
    );
    feed(
        "tags",
        (0..8)
            .map(|n| packed(&json!({"id": n, "html": format!("{}{}", text(n, 2000), "<p>a".repeat(1_000_000))})))
            .collect(),
    );
    feed("text1", (0..1).map(|n| packed(&json!({"id": n, "text": text(n, 4 << 20)}))).collect());
    feed("text10", (0..10).map(|n| packed(&json!({"id": n, "text": text(n, 4 << 20)}))).collect());
    feed("stories", (0..10).map(|n| packed(&json!({"id": n, "story": text(n, 1 << 20)}))).collect());
    println!("stopped after {:?}", worker.stop());
    let _ = Bytes::new();
}
