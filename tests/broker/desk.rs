//! A desk of its own for each test: topics, group, and the real program as child processes.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::cluster::{Cluster, Fed, eventually};

/// Longest wait for a whole scenario; higher than any of them takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Partitions of the topics.
pub const PARTITIONS: i32 = 12;

/// Topics, group and settings of one test.
pub struct Desk {
    pub cluster: Cluster,
    pub name: String,
    environment: BTreeMap<String, String>,
    scratch: tempfile::TempDir,
    workers: AtomicU32,
}

/// A running program.
pub struct Worker {
    child: Child,
    log: PathBuf,
}

impl Desk {
    /// A desk whose topics `topics --create` has made.
    pub fn new(stem: &str) -> Desk {
        let desk = Desk::bare(stem);
        desk.create();
        desk
    }

    /// A desk without topics.
    pub fn bare(stem: &str) -> Desk {
        Desk::on(Cluster::from_env(), stem)
    }

    /// A desk without topics on a cluster.
    pub fn on(cluster: Cluster, stem: &str) -> Desk {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{stem}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut desk = Desk {
            cluster,
            name: name.clone(),
            environment: BTreeMap::new(),
            scratch: tempfile::tempdir().unwrap(),
            workers: AtomicU32::new(0),
        };
        let brokers = desk.cluster.brokers().to_owned();
        desk.set("KAFKA__BROKERS", &brokers);
        desk.set("KAFKA__GROUP", &name);
        for topic in ["raw", "enriched", "duplicates", "dead", "prints", "links", "cleaned"] {
            desk.set(&format!("TOPICS__{}", topic.to_uppercase()), &format!("{name}.{topic}"));
        }
        desk.set("HTTP__LISTEN", "127.0.0.1:0");
        // Short deadlines, so that a crash is noticed while the test looks.
        desk.set("KAFKA__SESSION_TIMEOUT", "6s");
        desk.set("KAFKA__TRANSACTION_TIMEOUT", "5s");
        desk.set("KAFKA__SOCKET_TIMEOUT", "4s");
        desk.set("RUN__DRAIN_TIMEOUT", "2s");
        desk
    }

    /// Makes its topics.
    pub fn create(&self) {
        let made = self.output(&["topics", "--create"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// Sets a key for every program started from here on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.environment.insert(format!("COPYDESK__{key}"), value.to_owned());
    }

    /// Sets a variable of the environment for every program started from here on.
    #[allow(dead_code)] // what ill-treats workers uses it
    pub fn variable(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// A folder of this desk's own.
    #[allow(dead_code)] // as above
    pub fn scratch(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// A topic's name.
    pub fn topic(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Another build of the program is tested where one is named.
        let program = std::env::var_os("COPYDESK_TEST_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_copydesk").into());
        let mut command = Command::new(program);
        command.args(arguments).envs(&self.environment).current_dir(self.scratch.path()).stdin(Stdio::null());
        command
    }

    /// Runs a verb to its end.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts a verb.
    pub fn start(&self, arguments: &[&str]) -> Worker {
        let log = self.scratch.path().join(format!("log-{}", self.workers.fetch_add(1, Ordering::Relaxed)));
        let file = File::create(&log).unwrap();
        let child = self.command(arguments).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Worker { child, log }
    }

    /// Starts a worker.
    pub fn run(&self) -> Worker {
        self.start(&["run"])
    }

    /// Writes raw records.
    pub fn feed(&self, records: &[Fed]) {
        self.cluster.feed(&self.topic("raw"), records);
    }

    /// Committed offsets of the raw topic.
    pub fn committed(&self) -> Option<Vec<i64>> {
        self.cluster.committed(&self.name, &self.topic("raw"), PARTITIONS)
    }

    /// Waits until the group has committed `records`; on the way committed offsets must not fall.
    pub fn wait_for(&self, records: usize) {
        let mut last = vec![0; PARTITIONS as usize];
        eventually(PATIENCE, || {
            let now = self.committed().ok_or("the broker does not answer")?;
            assert!(now.iter().zip(&last).all(|(now, last)| now >= last), "offsets fell: {last:?} to {now:?}");
            last = now;
            let done: i64 = last.iter().sum();
            if done >= records as i64 { Ok(()) } else { Err(format!("{done} of {records} committed")) }
        });
    }

    /// Two workers, one killed and started again, a third joining, until `records` are committed.
    pub fn storm(&self, records: usize) {
        let (first, second) = (self.run(), self.run());
        self.wait_for(records / 4);
        first.kill();
        let again = self.run();
        self.wait_for(records / 2);
        let third = self.run();
        self.wait_for(records);
        for worker in [second, again, third] {
            worker.stop();
        }
    }
}

impl Worker {
    /// Ends it without a word.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its largest resident size so far, bytes (Linux).
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// How it ended, when it has.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let status = eventually(PATIENCE, || match self.exited() {
            Some(status) => Ok(status),
            None => Err(format!("still running:\n{}", self.log())),
        });
        (status, begun.elapsed())
    }

    /// Asks it to stop, and expects that it does in order.
    pub fn stop(mut self) {
        self.signal("TERM");
        let (status, _) = self.ended();
        assert!(status.success(), "{status}\n{}", self.log());
    }

    /// What it said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// What a probe says: status line and body.
    pub fn get(&self, path: &str) -> String {
        use std::io::{Read, Write};
        let address = eventually(PATIENCE, || {
            let log = self.log();
            let line = log.lines().find(|line| line.contains("probes and metrics"));
            let line = line.and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            line.and_then(|l| Some(l["address"].as_str()?.to_owned())).ok_or(format!("no listener yet:\n{log}"))
        });
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The sum of a metric's series whose labels hold `labels`.
    pub fn metric(&self, name: &str, labels: &str) -> f64 {
        let text = self.get("/metrics");
        let lines = text.lines().filter(|l| l.starts_with(name) && l.contains(labels));
        lines.filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
