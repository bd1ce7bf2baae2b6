//! A worker in steps: what is simulated is the broker's side and the threads; lanes, cut, ledger and the rules of
//! admission are the program's own. Each step mirrors one of `src/kafka/session.rs` and says which.

mod lane;
mod open;
mod parcel;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use copydesk::flow::lanes::Lanes;
use copydesk::flow::{Delivery, LaneId, Taken};
use copydesk::record::{Offset, Position, Record};
use copydesk::stage::dedupe::ledger::{Answer, Applied, Ledger};
use copydesk::stage::dedupe::print::{Entry, Judging};

use super::chance::Chance;
use super::checker::Step;
use super::world::{DESK, World, apply, encode};
use lane::{Inside, Pipes};
use open::Open;

/// What becomes of what a worker had appended when it crashed.
#[derive(Debug, Clone, Copy)]
pub enum Appends {
    Written,
    Lost,
    Late,
}

/// One worker.
pub struct Worker {
    pub id: usize,
    pub ledger: Ledger,
    judging: Judging,
    tail: usize,
    lanes: Lanes,
    pipes: Pipes,
    inbox: Receiver<Delivery>,
    inside: HashMap<LaneId, VecDeque<Inside>>,
    answers: HashMap<u64, Option<Answer>>,
    open: Open,
    taken: BTreeMap<i32, i64>,
    /// Partitions assigned, with the end of the log to be read before their intake opens.
    starting: BTreeMap<i32, usize>,
    /// The claim that the committed offset of a partition bore when it came.
    inherited: BTreeMap<i32, u32>,
    voided: HashSet<i64>,
    /// Appended, and not written by the broker yet.
    outgoing: VecDeque<Vec<u8>>,
    /// True when the broker writes at once what is appended.
    instant: bool,
    /// Takes disputed records for articles.
    lenient: bool,
    /// The broker will refuse the next transaction.
    doomed: bool,
    consumed: u64,
    ended: u64,
    returned: u64,
}

impl Worker {
    /// `KafkaPrintLog::open` and `join`: reads the log, and appends its settings where others are in force.
    pub fn new(world: &mut World, instant: bool, lenient: bool) -> Worker {
        let (out, inbox) = channel();
        let pipes = Pipes::new(world.runtime.handle().clone());
        let mut worker = Worker {
            id: world.next_worker(),
            ledger: Ledger::new(DESK, world.judging),
            judging: world.judging,
            tail: 0,
            lanes: Lanes::new(out),
            pipes,
            inbox,
            inside: HashMap::new(),
            answers: HashMap::new(),
            open: Open::default(),
            taken: BTreeMap::new(),
            starting: BTreeMap::new(),
            inherited: BTreeMap::new(),
            voided: HashSet::new(),
            outgoing: VecDeque::new(),
            instant,
            lenient,
            doomed: false,
            consumed: 0,
            ended: 0,
            returned: 0,
        };
        worker.read(world, usize::MAX);
        let settled = worker.ledger.settings() == Some(worker.judging);
        let entry = if settled { Entry::Told(Vec::new()) } else { Entry::Settings(worker.judging) };
        world.append(encode(entry));
        worker.read(world, usize::MAX);
        worker
    }

    pub fn partitions(&self) -> Vec<i32> {
        self.lanes.partitions()
    }

    /// In = ended + returned + in flight, and the checker sees the same records in flight.
    pub fn assert_law(&self, world: &World) {
        let in_flight = self.lanes.inside() + self.open.cut.len();
        assert_eq!(self.consumed, self.ended + self.returned + in_flight as u64, "the law");
        assert_eq!(world.checker.held(self.id), in_flight, "what is in flight");
    }

    /// Appends to the print log; the broker writes it now or later, in order.
    pub fn append(&mut self, world: &mut World, entry: Entry) {
        self.outgoing.push_back(encode(entry));
        if self.instant {
            self.write(world, usize::MAX);
        }
    }

    /// The broker writes up to `records` of what was appended.
    pub fn write(&mut self, world: &mut World, records: usize) {
        for _ in 0..records {
            let Some(append) = self.outgoing.pop_front() else { return };
            world.append(append);
        }
    }

    /// The tail reads up to `records` of the print log.
    pub fn read(&mut self, world: &mut World, records: usize) {
        for _ in 0..records {
            let Some((time, bytes)) = world.log.get(self.tail) else { return };
            let applied = apply(&mut self.ledger, self.tail, *time, bytes);
            self.tail += 1;
            let Some(Applied::Judged(nonce, answer)) = applied else { continue };
            world.agree(nonce, &answer);
            if let Some(waiting) = self.answers.get_mut(&nonce) {
                *waiting = Some(answer);
            }
        }
    }

    /// `State::assigned`
    pub fn assign(&mut self, world: &mut World, partition: i32) {
        let epoch = world.assign(partition, self.id);
        self.lanes.open(partition, u32::try_from(epoch).unwrap(), &self.pipes);
        self.taken.insert(partition, world.committed[partition as usize]);
        self.inherited.insert(partition, world.claims[partition as usize]);
        self.starting.insert(partition, world.log.len());
    }

    /// `State::start_ready`: opens the intake where the log is read far enough, and tells what a crash left untold.
    pub fn start_ready(&mut self, world: &mut World) {
        let ready: Vec<i32> = self.starting.iter().filter(|(_, end)| self.tail >= **end).map(|(p, _)| *p).collect();
        for partition in ready {
            self.starting.remove(&partition);
            let claim = self.inherited[&partition];
            let untold = self.ledger.untold("raw", &BTreeMap::from([(partition, (self.taken[&partition], claim))]));
            if !untold.is_empty() {
                self.append(world, Entry::Told(untold));
            }
        }
    }

    /// `State::take`: the next record of a partition.
    pub fn take(&mut self, world: &mut World, partition: i32) {
        let next = self.taken[&partition];
        if self.starting.contains_key(&partition) || next >= world.inputs[partition as usize].len() as i64 {
            return;
        }
        let position = Position { topic: "raw".into(), partition, offset: Offset(next) };
        let (key, headers) = (None, Vec::new());
        let record = Record { position: Some(position), key, headers, timestamp: None, raw: None };
        if self.lanes.take(partition, Taken { record, aside: None }, Instant::now()) {
            world.checker.step(self.id, partition, next, Step::Taken);
            self.consumed += 1;
            self.taken.insert(partition, next + 1);
        }
    }

    /// `State::give_back`: commits what has entered, lets the rest run dry for a while, commits that.
    pub fn revoke(&mut self, world: &mut World, partition: i32, chance: &mut Chance) {
        self.lanes.close(partition);
        let drained = self.try_commit(world, true).and_then(|()| {
            for _ in 0..chance.below(12) {
                self.write(world, 1);
                self.read(world, 2);
                self.move_lane(world, partition, chance);
                self.pass(world);
            }
            self.try_commit(world, true)
        });
        self.release(world, partition);
        world.owner[partition as usize] = None;
        if drained.is_err() {
            self.abort(world);
        }
    }

    /// `State::drop_lost`: the worker hears that partitions were taken from it. Nothing of them is committed.
    pub fn notice(&mut self, world: &mut World) {
        let lost = |p: &i32| world.owner[*p as usize] != Some(self.id);
        let lost: Vec<i32> = self.lanes.partitions().into_iter().filter(lost).collect();
        let entered = self.open.cut.offsets().any(|(partition, _)| lost.contains(&partition));
        lost.into_iter().for_each(|partition| self.release(world, partition));
        if entered {
            self.abort(world);
        }
    }

    fn release(&mut self, world: &mut World, partition: i32) {
        self.returned += self.lanes.abandon(partition) as u64;
        world.checker.returned(self.id, Some(partition), false);
        self.pipes.close(partition);
        self.taken.remove(&partition);
        self.starting.remove(&partition);
    }

    /// `State::forsake`: gives everything up without a word; the clients are built anew.
    pub fn forsake(&mut self, world: &mut World) {
        self.drop_cut(world);
        for partition in self.lanes.partitions() {
            self.release(world, partition);
            let owner = &mut world.owner[partition as usize];
            *owner = owner.filter(|owner| *owner != self.id);
        }
        self.open.committed.clear();
    }

    /// The process is gone.
    pub fn crash(mut self, world: &mut World, appends: Appends) {
        self.forsake(world);
        match appends {
            Appends::Written => self.write(world, usize::MAX),
            Appends::Lost => {}
            Appends::Late => world.late.append(&mut self.outgoing),
        }
    }
}
