//! What goes wrong in a schedule: which faults it has, and what each of them does to a world and its workers.

use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::print::{Entry, LogRecord, Print};

use super::chance::Chance;
use super::worker::{Appends, Worker};
use super::world::{DESK, PROMISE, World, encode, keys, wording};

/// Which faults a schedule has. Each run leaves some out: rare mixtures occur only so.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    pub crash: bool,
    /// A crash between commit and `told`.
    pub untold: bool,
    pub abort: bool,
    /// A commit that stands, and whose worker does not know it.
    pub indefinite: bool,
    /// A partition is taken away, and its worker hears of it later.
    pub lost: bool,
    /// Log time leaps past promises.
    pub lapse: bool,
    /// Appends to the print log take their time.
    pub slow: bool,
    /// Appends of a crashed worker are written after its successor has begun.
    pub late: bool,
    pub poison: bool,
    /// Two versions of the program disagree on whether a record is an article.
    pub disputed: bool,
    pub revisions: bool,
    pub embargo: bool,
    /// The index forgets within the run.
    pub forgetful: bool,
    /// Settings change while workers run.
    pub settings: bool,
    /// Foreign desks, damaged records, and orders for prints that nobody knows.
    pub noise: bool,
}

impl Faults {
    pub fn draw(chance: &mut Chance) -> Faults {
        let mut coin = || chance.one_in(2);
        Faults {
            crash: coin(),
            untold: coin(),
            abort: coin(),
            indefinite: coin(),
            lost: coin(),
            lapse: coin(),
            slow: coin(),
            late: coin(),
            poison: coin(),
            disputed: coin(),
            revisions: coin(),
            embargo: coin(),
            forgetful: coin(),
            settings: coin(),
            noise: coin(),
        }
    }

    /// With these left out, only a lapsed promise may tell a story twice.
    pub fn tells_once(&self) -> bool {
        !self.lapse && !self.revisions && !self.embargo && !self.forgetful && !self.settings
    }
}

/// A worker of a schedule.
pub fn start(world: &mut World, faults: &Faults, chance: &mut Chance) -> Worker {
    Worker::new(world, !faults.slow, chance.one_in(2))
}

/// One fault of those that the schedule has.
pub fn fault(
    world: &mut World,
    workers: &mut [Worker],
    me: usize,
    partition: i32,
    faults: &Faults,
    chance: &mut Chance,
) {
    let worker = &mut workers[me];
    match chance.below(9) {
        0 if faults.crash => replace(world, &mut workers[me], faults, chance),
        1 if faults.untold => {
            worker.enter(world);
            if worker.try_commit(world, false).is_err() {
                worker.abort(world);
            }
            replace(world, &mut workers[me], faults, chance);
        }
        2 if faults.abort => worker.doom(),
        3 if faults.indefinite => {
            worker.enter(world);
            let _ = worker.try_commit(world, false);
            worker.forsake(world);
        }
        4 if faults.lost => world.owner[partition as usize] = None,
        5 if faults.lost => worker.notice(world),
        6 if faults.lapse => world.clock += PROMISE + 1,
        7 if faults.late => world.write_late(),
        8 if faults.noise => noise(world, chance),
        8 if faults.settings => world.judging.max_articles = 5 + chance.below(2000) as u64,
        _ => world.clock += 50,
    }
}

/// The process is gone, and another one takes its place.
fn replace(world: &mut World, worker: &mut Worker, faults: &Faults, chance: &mut Chance) {
    let next = start(world, faults, chance);
    let appends = match chance.below(3) {
        0 => Appends::Lost,
        1 if faults.late => Appends::Late,
        _ => Appends::Written,
    };
    std::mem::replace(worker, next).crash(world, appends);
}

fn noise(world: &mut World, chance: &mut Chance) {
    let last = world.log.len() as i64;
    let bytes = match chance.below(4) {
        0 => encode(Entry::Told(vec![last + 100_000])),
        1 => LogRecord { desk: DESK + 1, entry: Entry::Told((0..last).collect()) }.encode(),
        2 => b"not a record of the print log".to_vec(),
        _ => {
            let position = copydesk::record::Position {
                topic: "raw".into(),
                partition: 0,
                offset: copydesk::record::Offset(chance.below(30) as i64),
            };
            let (nonce, algorithm) = (world.next_nonce(), ALGORITHM + 1);
            let keys = keys("foreign", 1);
            encode(Entry::Print(Print {
                algorithm,
                nonce,
                position,
                timestamp: None,
                claim: 0,
                value: 1,
                keys,
                wording: wording(1),
            }))
        }
    };
    world.append(bytes);
}
