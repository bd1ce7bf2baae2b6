//! The lanes of the partitions this worker holds, and the order in which their deliveries may enter a transaction.
//!
//! Within a lane only the head may enter, so what has entered of a partition is always a prefix of it: no gap is ever
//! committed over. A head that waits (a copy whose story is not published yet) holds its lane, never another one.
//!
//! Only so many records go down the lanes, the others wait before them. What is asked of the print log long before it can be
//! committed outlives its promise, and a worker that is killed leaves that many promises to those who come after it; judged
//! anew among others that still hold, copies come to stand before their stories, across partitions in circles.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::{Delivery, Flow, Intake, LaneId, Parcel, Stop, Taken};
use crate::record::Offset;

/// Records that may be down all lanes together. Lower: threads are idle while a commit is under way. Higher: at 100 records a
/// second they would outlive a promise of a minute.
const UNDER_WAY: usize = 4_000;
/// Records that may be down a lane in any case.
const OF_A_LANE: usize = 32;

/// Whether the head of a lane may enter the open transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// Yes.
    Enter,
    /// Not yet: the story it is a copy of is promised, not published.
    Wait,
    /// Never with this verdict: what it rested on is void. Read the record again.
    Again,
}

/// What a pass over the heads could not let in.
#[derive(Debug, Default)]
pub struct Held {
    /// Lanes whose head must be read again, with its offset.
    pub again: Vec<(LaneId, Offset)>,
    /// Prints of stories that stand behind their own copy in the same partition: the head waits for what waits for it.
    /// Only this worker could publish them, so it may declare them void; both are then judged again.
    pub behind: Vec<i64>,
}

/// The open transaction, as the lanes see it.
pub trait Gate {
    /// What can go wrong while a delivery enters.
    type Error: From<Stop>;

    /// Whether nothing more may enter before a commit.
    fn full(&self) -> bool {
        false
    }

    /// Whether a parcel may enter now.
    fn ready(&self, parcel: &Parcel) -> Ready;

    /// Takes a delivery in.
    ///
    /// # Errors
    /// When it could not be taken; the transaction is lost then.
    fn enter(&mut self, delivery: &Delivery, parcel: &Parcel) -> Result<(), Self::Error>;
}

#[derive(Debug)]
struct Lane {
    id: LaneId,
    intake: Option<Intake>,
    /// Records that wait before the lane.
    before: VecDeque<Taken>,
    /// Nothing goes down the lane.
    shut: bool,
    ready: VecDeque<Delivery>,
    /// Records taken in that have not entered.
    inside: usize,
    /// Their bytes.
    bytes: usize,
    /// When the first of them was taken in.
    since: Option<Instant>,
    waits: Option<Instant>,
}

/// All lanes of one input topic.
#[derive(Debug)]
pub struct Lanes {
    lanes: BTreeMap<i32, Lane>,
    epochs: u64,
    out: Sender<Delivery>,
}

impl Lanes {
    /// No lanes yet; deliveries of all of them go to `out`.
    pub fn new(out: Sender<Delivery>) -> Lanes {
        Lanes { lanes: BTreeMap::new(), epochs: 0, out }
    }

    /// Opens the lane of a partition that was assigned under `claim`, ending an older one. Gives the number of records that
    /// one held.
    pub fn open(&mut self, partition: i32, claim: u32, flow: &impl Flow) -> usize {
        let lost = self.abandon(partition);
        self.epochs += 1;
        let id = LaneId { partition, epoch: self.epochs, claim };
        let intake = Some(flow.open(id, self.out.clone()));
        let (before, ready) = (VecDeque::new(), VecDeque::new());
        let lane = Lane { id, intake, before, shut: false, ready, inside: 0, bytes: 0, since: None, waits: None };
        self.lanes.insert(partition, lane);
        lost
    }

    /// Opens a lane anew under the claim it has.
    pub fn reopen(&mut self, partition: i32, flow: &impl Flow) -> usize {
        let claim = self.lanes.get(&partition).map_or(0, |lane| lane.id.claim);
        self.open(partition, claim, flow)
    }

    /// Takes a record in. False when the partition has no open lane: the record is not ours any more.
    pub fn take(&mut self, partition: i32, taken: Taken, now: Instant) -> bool {
        let share = self.share();
        let Some(lane) = self.lanes.get_mut(&partition).filter(|lane| lane.intake.is_some()) else { return false };
        lane.inside += 1;
        lane.bytes += taken.record.weight();
        lane.since.get_or_insert(now);
        lane.before.push_back(taken);
        lane.let_in(share);
        true
    }

    /// Records that each lane may hold.
    fn share(&self) -> usize {
        (UNDER_WAY / self.lanes.len().max(1)).max(OF_A_LANE)
    }

    /// Shuts a lane: what is taken in waits before it, until [`let_in`](Lanes::let_in).
    pub fn shut(&mut self, partition: i32) {
        if let Some(lane) = self.lanes.get_mut(&partition) {
            lane.shut = true;
        }
    }

    /// Partitions whose records wait before a lane that is shut.
    pub fn before(&self) -> Vec<i32> {
        let waits = |lane: &Lane| lane.shut && lane.intake.is_some() && !lane.before.is_empty();
        self.lanes.iter().filter(|(_, lane)| waits(lane)).map(|(partition, _)| *partition).collect()
    }

    /// Opens a lane that was shut to the records that wait before it, and to those that come.
    pub fn let_in(&mut self, partition: i32) {
        let share = self.share();
        let Some(lane) = self.lanes.get_mut(&partition) else { return };
        lane.shut = false;
        lane.let_in(share);
    }

    /// Queues a delivery at its lane; one of an ended lane is dropped.
    pub fn arrive(&mut self, delivery: Delivery) {
        if let Some(lane) = self.lanes.get_mut(&delivery.lane.partition).filter(|l| l.id == delivery.lane) {
            lane.ready.push_back(delivery);
        }
    }

    /// Lets every head enter that may, until none can: one that enters may be what another one waits for.
    ///
    /// # Errors
    /// What the gate said, or the [`Stop`] that a lane delivered.
    pub fn pass<G: Gate>(&mut self, now: Instant, gate: &mut G) -> Result<Held, G::Error> {
        loop {
            let (mut moved, mut held, share) = (false, Held::default(), self.share());
            for lane in self.lanes.values_mut() {
                moved |= lane.pass(now, gate, &mut held)?;
                lane.let_in(share);
            }
            if !moved {
                return Ok(held);
            }
        }
    }

    /// Stops the intake of a partition; what is inside runs dry.
    pub fn close(&mut self, partition: i32) {
        if let Some(lane) = self.lanes.get_mut(&partition) {
            lane.intake = None;
        }
    }

    /// Ends a lane at once. Gives the number of records it held; they will be read again by whoever owns the partition.
    pub fn abandon(&mut self, partition: i32) -> usize {
        let Some(mut lane) = self.lanes.remove(&partition) else { return 0 };
        if let Some(intake) = lane.intake.take() {
            intake.abandon();
        }
        lane.inside
    }

    /// Partitions with a lane.
    pub fn partitions(&self) -> Vec<i32> {
        self.lanes.keys().copied().collect()
    }

    /// True when nothing taken in is still on its way to the transaction, over the given partitions. What waits before a lane
    /// that was closed will never be.
    pub fn dry(&self, partitions: &[i32]) -> bool {
        let dry = |lane: &Lane| lane.inside == if lane.intake.is_none() { lane.before.len() } else { 0 };
        partitions.iter().filter_map(|p| self.lanes.get(p)).all(dry)
    }

    /// Records inside all lanes.
    pub fn inside(&self) -> usize {
        self.lanes.values().map(|l| l.inside).sum()
    }

    /// Bytes held by one lane.
    pub fn bytes_of(&self, partition: i32) -> usize {
        self.lanes.get(&partition).map_or(0, |l| l.bytes)
    }

    /// Bytes held by all lanes.
    pub fn bytes(&self) -> usize {
        self.lanes.values().map(|l| l.bytes).sum()
    }

    /// When the lane that has held a record longest last moved.
    pub fn oldest(&self) -> Option<Instant> {
        self.lanes.values().filter_map(|l| l.since).min()
    }

    /// Lets every wait begin anew at `now`.
    pub fn waits_anew(&mut self, now: Instant) {
        for lane in self.lanes.values_mut().filter(|l| l.waits.is_some()) {
            lane.waits = Some(now);
        }
    }

    /// The longest that a head has been waiting for its story.
    pub fn longest_wait(&self, now: Instant) -> Option<Duration> {
        self.lanes.values().filter_map(|l| l.waits).map(|since| now.duration_since(since)).max()
    }
}

impl Lane {
    /// Lets in what waits before it, up to `share` records.
    fn let_in(&mut self, share: usize) {
        let Some(intake) = self.intake.as_ref().filter(|_| !self.shut) else { return };
        let room = share.saturating_sub(self.inside - self.before.len());
        self.before.drain(..room.min(self.before.len())).for_each(|taken| intake.send(taken));
    }

    /// Lets heads enter as long as they may. Tells whether one did.
    fn pass<G: Gate>(&mut self, now: Instant, gate: &mut G, held: &mut Held) -> Result<bool, G::Error> {
        let mut entered = false;
        while let Some(head) = self.ready.front().filter(|_| !gate.full()) {
            let parcel = head.result.as_ref().map_err(|stop| stop.clone())?;
            match gate.ready(parcel) {
                Ready::Enter => gate.enter(head, parcel)?,
                Ready::Again => {
                    held.again.push((self.id, head.offset));
                    break;
                }
                Ready::Wait => {
                    let tells = |delivery: &Delivery| delivery.result.as_ref().is_ok_and(|p| p.told == parcel.needs);
                    held.behind.extend(parcel.needs.filter(|_| self.ready.iter().any(tells)));
                    self.waits.get_or_insert(now);
                    break;
                }
            }
            entered = true;
            self.bytes = self.bytes.saturating_sub(head.weight);
            self.inside -= 1;
            self.waits = None;
            self.since = (self.inside > 0).then_some(now);
            self.ready.pop_front();
        }
        Ok(entered)
    }
}

#[cfg(test)]
mod tests;
