//! A cluster of the harness's own, each node behind a proxy: `tests/kafka/kafka.sh` starts it and does things to it.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;

use super::admin;
use super::chance::Chance;
use super::cluster::{Cluster, eventually};
use super::proxy::Proxy;

/// A running cluster; it is wiped when this is dropped.
pub struct Nodes {
    /// How many.
    pub count: u16,
    base: u16,
    data: tempfile::TempDir,
    /// One for each node.
    pub proxies: Vec<Proxy>,
}

impl Nodes {
    /// Starts so many nodes on free ports. `around` are settings of kafka.sh.
    pub fn start(count: u16, chance: &mut Chance, around: &[(&str, &str)]) -> Nodes {
        for _ in 0..5 {
            let base = 20_000 + 10 * chance.below(1200) as u16;
            let proxies: Result<Vec<Proxy>, _> =
                (1..=count).map(|n| Proxy::start(base + 10 * n + 5, base + 10 * n + 4)).collect();
            let Ok(proxies) = proxies else { continue };
            let nodes = Nodes { count, base, data: scratch(), proxies };
            if nodes.script(&["up", &count.to_string()], around) {
                return nodes;
            }
        }
        panic!("no cluster of {count} after five attempts");
    }

    fn data(&self) -> PathBuf {
        self.data.path().join("kafka")
    }

    fn script(&self, arguments: &[&str], around: &[(&str, &str)]) -> bool {
        let script = std::env::var("COPYDESK_TEST_KAFKA_SH").expect("no COPYDESK_TEST_KAFKA_SH: run tests/chaos.sh");
        let mut command = Command::new(script);
        command
            .env("KAFKA_DATA", self.data())
            .env("KAFKA_PORT_BASE", self.base.to_string())
            .env("KAFKA_PROXIED", "yes");
        let output = command.args(arguments).envs(around.iter().copied()).output().unwrap();
        if !output.status.success() {
            eprintln!("kafka.sh {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        output.status.success()
    }

    /// A verb of kafka.sh on node `n`, from 1.
    pub fn to(&self, verb: &str, n: u16) {
        assert!(self.script(&[verb, &n.to_string()], &[]), "{verb} {n}");
    }

    /// Waits until every node knows the topics: one that has just heard of them may not.
    pub fn know(&self, topics: &[String]) {
        for broker in self.direct().split(',') {
            let cluster = Cluster::at(broker.to_owned());
            eventually(Duration::from_secs(60), || {
                // A client that knows no other node yet asks this one.
                let fresh: BaseConsumer = cluster.config().create().unwrap();
                let known = |topic: &String| {
                    admin::leaders(&fresh, topic).is_some_and(|leaders| leaders.iter().all(|n| *n > 0))
                };
                if topics.iter().all(known) { Ok(()) } else { Err(format!("{broker} does not know {topics:?}")) }
            });
        }
    }

    /// The cluster's id.
    pub fn id(&self) -> String {
        std::fs::read_to_string(self.data().join("id")).unwrap().trim().to_owned()
    }

    /// Bootstrap servers that no proxy stands before.
    pub fn direct(&self) -> String {
        self.list(2)
    }

    /// Bootstrap servers behind the proxies.
    pub fn proxied(&self) -> String {
        self.list(5)
    }

    fn list(&self, port: u16) -> String {
        let each: Vec<String> = (1..=self.count).map(|n| format!("127.0.0.1:{}", self.base + 10 * n + port)).collect();
        each.join(",")
    }

    /// All nodes run again, whatever a scenario that failed has left.
    pub fn heal(&self) {
        for verb in ["resume", "start"] {
            for n in 1..=self.count {
                self.script(&[verb, &n.to_string()], &[]);
            }
        }
    }

    /// All proxies let everything through again.
    pub fn clear(&self) {
        for proxy in &self.proxies {
            proxy.cut(false);
            proxy.silent(false);
            proxy.pace(0);
            proxy.delay(Duration::ZERO);
            proxy.disarm();
        }
    }
}

/// In the folder that tests/chaos.sh cleans up, however this program ends.
fn scratch() -> tempfile::TempDir {
    let folder = std::env::var_os("COPYDESK_CHAOS_SCRATCH").map_or_else(std::env::temp_dir, PathBuf::from);
    tempfile::tempdir_in(folder).unwrap()
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.script(&["wipe"], &[]);
    }
}
