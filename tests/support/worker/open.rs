//! The open transaction of a worker: what enters it, what its commit makes true, what an abort reads again. Each step mirrors
//! one of `src/kafka/session/open.rs` or `src/kafka/session.rs`.

use std::collections::HashSet;
use std::time::Instant;

use copydesk::flow::cut::Cut;
use copydesk::flow::lanes::{Gate, Held, Ready};
use copydesk::flow::{Delivery, Parcel, Stop};
use copydesk::stage::dedupe::ledger::{Ledger, State};
use copydesk::stage::dedupe::print::Entry;

use super::super::checker::Step;
use super::super::world::{Refused, What, World};
use super::Worker;
use super::parcel::what;

/// What has entered and is not committed.
#[derive(Default)]
pub struct Open {
    pub cut: Cut,
    pub sent: Vec<(i32, i64, What)>,
    pub committed: HashSet<i64>,
    /// Entered since the checker was told.
    pub entered: Vec<(i32, i64)>,
}

/// `session::Entering`
struct Entering<'a> {
    open: &'a mut Open,
    ledger: &'a Ledger,
}

impl Gate for Entering<'_> {
    type Error = Stop;

    fn ready(&self, parcel: &Parcel) -> Ready {
        self.open.cut.ready(parcel, &self.open.committed, |print| self.ledger.state(print))
    }

    fn enter(&mut self, delivery: &Delivery, parcel: &Parcel) -> Result<(), Stop> {
        let (partition, offset) = (delivery.lane.partition, delivery.offset.0);
        self.open.sent.push((partition, offset, what(&parcel.message)));
        self.open.entered.push((partition, offset));
        self.open.cut.enter(delivery.lane, delivery.offset, parcel, None, Instant::now());
        Ok(())
    }
}

impl Worker {
    /// `State::step`, up to the commit: whatever may enter does.
    pub fn enter(&mut self, world: &mut World) {
        let held = self.pass(world);
        if held.behind.is_empty() {
            self.voided.clear();
        }
        let fresh: Vec<i64> = held.behind.into_iter().filter(|print| self.voided.insert(*print)).collect();
        if !fresh.is_empty() {
            self.append(world, Entry::Void(fresh));
        }
        for (lane, offset) in held.again {
            self.reopen(world, lane.partition, offset.0);
        }
    }

    pub fn pass(&mut self, world: &mut World) -> Held {
        while let Ok(delivery) = self.inbox.try_recv() {
            self.lanes.arrive(delivery);
        }
        let mut entering = Entering { open: &mut self.open, ledger: &self.ledger };
        let held = self.lanes.pass(Instant::now(), &mut entering).unwrap();
        for (partition, offset) in self.open.entered.drain(..) {
            world.checker.step(self.id, partition, offset, Step::Entered);
        }
        held
    }

    /// Commits what has entered; what is refused is aborted and read again.
    pub fn commit(&mut self, world: &mut World) {
        if self.try_commit(world, true).is_err() {
            self.abort(world);
        }
    }

    /// `State::commit`: outputs and offsets in one step. `tell`: the worker lives long enough to append `told`.
    pub fn try_commit(&mut self, world: &mut World, tell: bool) -> Result<(), Refused> {
        if self.open.cut.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.doomed) {
            return Err(Refused);
        }
        world.commit(self.id, &self.open.sent)?;
        let cut = std::mem::take(&mut self.open.cut);
        for (partition, offset, _) in self.open.sent.drain(..) {
            world.checker.step(self.id, partition, offset, Step::Committed);
        }
        for (partition, reached) in cut.offsets() {
            assert_eq!(world.committed[partition as usize], reached.next.0);
            world.claims[partition as usize] = reached.claim;
        }
        self.ended += cut.len() as u64;
        let told = cut.told();
        self.open.committed.retain(|print| self.ledger.state(*print) != State::Told);
        self.open.committed.extend(&told);
        if tell && !told.is_empty() {
            self.append(world, Entry::Told(told));
        }
        Ok(())
    }

    /// The broker will refuse the next transaction.
    pub fn doom(&mut self) {
        self.doomed = true;
    }

    /// `State::rewind`: aborts and reads again from the committed offsets.
    pub fn abort(&mut self, world: &mut World) {
        self.drop_cut(world);
        for partition in self.lanes.partitions() {
            self.reopen(world, partition, world.committed[partition as usize]);
        }
    }

    fn reopen(&mut self, world: &mut World, partition: i32, offset: i64) {
        self.returned += self.lanes.reopen(partition, &self.pipes) as u64;
        world.checker.returned(self.id, Some(partition), false);
        self.taken.insert(partition, offset);
    }

    pub fn drop_cut(&mut self, world: &mut World) {
        self.returned += self.open.cut.len() as u64;
        self.open.cut = Cut::default();
        self.open.sent.clear();
        world.checker.returned(self.id, None, true);
    }
}
