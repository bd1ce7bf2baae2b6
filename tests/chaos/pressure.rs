//! R9, R10, R12, R17: too much work, too slow a broker, a full disk, and a long time.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::arena::Arena;
use super::chance::Chance;
use super::load::Plan;
use super::nodes::Nodes;

/// Everything is there before the first worker starts.
pub fn backlog(arena: &mut Arena<'_>) {
    let records = arena.pick(10_000, 300_000);
    arena.load(Plan::of(records));
    arena.loaded();
    arena.start();
    arena.start();
    arena.until(1);
    let begun = (Instant::now(), arena.watch.done());
    for kill in 1..=arena.pick(0, 5) {
        arena.until((records * kill / 8) as i64);
        arena.kill_any();
        arena.start();
    }
    arena.until(records as i64);
    let rate = (records as i64 - begun.1) as f64 / begun.0.elapsed().as_secs_f64();
    arena.notes.push(format!("two workers took {rate:.0} records a second, kills included"));
}

/// Brokers take and give much less than the workers could do.
pub fn slow_brokers(arena: &mut Arena<'_>) {
    let records = arena.pick(3_000, 30_000);
    arena.nodes.proxies.iter().for_each(|proxy| proxy.pace(200_000));
    arena.load(Plan::of(records));
    arena.start();
    arena.start();
    arena.loaded();
    arena.until(records as i64);
    arena.nodes.clear();
}

/// A steady load of 70 % of what the worker takes at full speed: neither memory nor files nor threads may grow. `SOAK_SECONDS` says
/// how long.
pub fn soak(arena: &mut Arena<'_>) {
    let asked = std::env::var("SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let seconds: usize = asked.unwrap_or(arena.pick(20, 240));
    let full = full_speed(arena);
    let rate = full * 7 / 10;
    let (begun, records) = (arena.written.total(), rate * seconds);
    arena.load(Plan::of(records).paced(rate as u32));
    let held: Vec<Use> = (1..=4)
        .map(|quarter| {
            arena.until(begun + (records * quarter / 4) as i64);
            Use::of(arena.pids()[0])
        })
        .collect();
    arena.loaded();
    arena.notes.push(format!("{rate} records a second of {full} for {seconds} s; after each quarter {held:?}"));
    for (before, after) in held.iter().zip(&held[1..]) {
        assert!(after.files <= before.files + 8, "files: {held:?}");
        assert!(after.threads <= before.threads + 4, "threads: {held:?}");
    }
    // In the long form the desk is full before the steady load begins (see `SMALL_DESK`), so nothing has a reason to grow.
    let (first, last) = (held[0].resident_kb, held[3].resident_kb);
    assert!(last < first + 20_000, "memory: {held:?}");
}

/// Records a second that the worker takes while more than enough are there.
fn full_speed(arena: &mut Arena<'_>) -> usize {
    let records = arena.pick(6_000, 120_000);
    arena.start();
    arena.load(Plan::of(records));
    arena.until(records as i64 / 3);
    let (since, done) = (Instant::now(), arena.watch.done());
    arena.loaded();
    arena.until(records as i64);
    let rate = (records as i64 - done) as f64 / since.elapsed().as_secs_f64();
    (rate as usize).max(10)
}

/// What a process holds (Linux).
#[derive(Debug)]
struct Use {
    resident_kb: u64,
    files: usize,
    threads: usize,
}

impl Use {
    fn of(pid: u32) -> Use {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
        };
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
        Use { resident_kb: number("VmRSS"), files, threads: number("Threads") as usize }
    }
}

/// A small file system of its own for one node; it is taken away when this is dropped.
pub struct Disk(tempfile::TempDir);

impl Disk {
    /// Needs the right to mount.
    pub fn mount(megabytes: u32) -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("1")).unwrap();
        let size = format!("size={megabytes}m");
        let node = folder.path().join("1");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(node).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Disk(folder))
    }

    /// Where the node's folder stands.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.path().join("1/ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path().join("1")).status();
    }
}

/// A cluster whose first node writes to the small disk.
pub fn on_small_disk(disk: &Disk, chance: &mut Chance) -> Nodes {
    Nodes::start(3, chance, &[("KAFKA_STORES", disk.path().to_str().unwrap())])
}

/// The disk of one node is full: the node ends, the others go on; when there is room again it comes back.
pub fn disk_full(arena: &mut Arena<'_>, disk: &Disk) {
    arena.start();
    arena.start();
    arena.load(Plan::of(arena.pick(6_000, 40_000)).paced(arena.pick(300, 500)));
    arena.until(200);
    let zeros = std::fs::File::open("/dev/zero").unwrap();
    let full = std::io::copy(&mut { zeros }, &mut std::fs::File::create(disk.ballast()).unwrap());
    assert!(full.is_err(), "the disk took everything");
    arena.pass(Duration::from_secs(arena.pick(10, 60)));
    std::fs::remove_file(disk.ballast()).unwrap();
    arena.nodes.to("stop", 1);
    arena.nodes.to("start", 1);
    arena.goes_on();
    arena.enough();
}
