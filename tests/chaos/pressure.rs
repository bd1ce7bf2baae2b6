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

/// A steady load: neither memory nor files nor threads may grow.
pub fn soak(arena: &mut Arena<'_>) {
    let (seconds, rate) = arena.pick((20, 300), (240, 300));
    arena.start();
    arena.load(Plan::of(rate as usize * seconds).paced(rate));
    arena.until((rate as usize * seconds / 4) as i64);
    let before = Use::of(arena.pids()[0]);
    arena.loaded();
    arena.until(arena.written.total());
    let after = Use::of(arena.pids()[0]);
    arena.notes.push(format!("from a quarter of the time on: {before:?} to {after:?}"));
    assert!(after.files <= before.files + 8, "files: {before:?} to {after:?}");
    assert!(after.threads <= before.threads + 4, "threads: {before:?} to {after:?}");
    let grown = after.resident_kb.saturating_sub(before.resident_kb);
    // The desk's memory grows with every story; the rest must not.
    assert!(grown < 20_000 + rate as u64 * seconds as u64, "memory: {before:?} to {after:?}");
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
