//! R11: clocks that are wrong. The stamps of the records, and the wall clocks of the workers while they work.
//!
//! The machine's clock is not the harness's to move: each worker gets a clock of its own (`clock.c`), which the harness sets.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::arena::Arena;
use super::load::Plan;

/// The stamps of the records are up to ten years off, either way.
pub fn stamps(arena: &mut Arena<'_>) {
    arena.start();
    arena.start();
    let records = arena.pick(4_000, 30_000);
    arena.load(Plan { years_off: 10, ..Plan::of(records) });
    arena.until((records / 3) as i64);
    arena.kill_any();
    arena.start();
}

/// The wall clock of one worker jumps ahead and back, by a second to ten years; that of the other is right.
pub fn jumps(arena: &mut Arena<'_>) {
    const HOUR: i64 = 3_600;
    const YEAR: i64 = 365 * 24 * HOUR;
    // Outcomes bear the stamps of the workers' clocks, which do not say here what went before what.
    arena.log.ordered = false;
    arena.start();
    let clock = Clock::make(arena.desk.scratch());
    arena.desk.variable("LD_PRELOAD", clock.library.to_str().unwrap());
    arena.desk.variable("CLOCK_FILE", clock.path.to_str().unwrap());
    arena.start();
    let jumps = [1, -1, HOUR, -HOUR, 0, 24 * HOUR, -24 * HOUR, 10 * YEAR, 0, -10 * YEAR];
    let records = arena.pick(6_000, 40_000);
    arena.load(Plan::of(records).paced(arena.pick(400, 500)));
    for (seconds, part) in jumps.into_iter().zip(1..) {
        arena.until((records * part / (jumps.len() + 2)) as i64);
        clock.set(seconds);
        arena.watch.fault();
    }
    arena.until(records as i64);
    let mut worker = arena.take(1);
    worker.signal("TERM");
    worker.ended();
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(10 * YEAR);
    let (year, log) = (&then.to_string()[..5], worker.log());
    assert!(log.contains(&format!("\"timestamp\":\"{year}")), "its clock was not moved: {log}");
}

/// The clock of a worker.
struct Clock {
    library: PathBuf,
    path: PathBuf,
    file: File,
}

impl Clock {
    /// A clock that is right.
    fn make(folder: &Path) -> Clock {
        let (library, path) = (folder.join("clock.so"), folder.join("clock"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chaos/clock.c");
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
        assert!(built.unwrap().success(), "cc could not build the clock");
        let clock = Clock { library, file: File::create(&path).unwrap(), path };
        clock.set(0);
        clock
    }

    /// Seconds from the right time.
    fn set(&self, seconds: i64) {
        self.file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }
}
