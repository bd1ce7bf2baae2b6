//! From a partition's records to what is delivered for them, in order. Knows no Kafka type.
//!
//! A [`Flow`] opens a lane for each assigned partition: records go in, [`Delivery`]s come out in the same order. The
//! driver on the other side ([`lanes`], [`cut`]) decides when each may enter the open transaction.

pub mod admit;
pub mod cpu;
pub mod cut;
pub mod deliver;
pub mod desk;
mod event;
pub mod extract;
pub mod handover;
pub mod lanes;
pub mod links;
pub mod reject_limit;
pub mod retry;
pub mod room;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::Sender;

use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

use crate::metrics::Tally;
use crate::outcome::{Reason, Rejection, Stage};
use crate::record::{Offset, Record};
use crate::stage::dedupe::ledger::{Answer, Ledger};
use crate::stage::dedupe::print::{Entry, Print};
use crate::stage::panic_text;
use deliver::Message;
use room::{Held, Room};

/// Something that makes going on impossible or unsafe: the worker aborts its transaction and exits. What was under way is read
/// again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stop {
    /// This share of the records died of faults.
    #[error(
        "{:.0} % of the records died of faults, more than run.reject_limit allows: see the dead letters and mend what \
         sends them, or this version", .0 * 100.0
    )]
    RejectLimit(f64),
    /// A right is missing, and who must grant it.
    #[error("{0}")]
    Denied(String),
    /// Which key of the configuration cannot stay as it is, and why.
    #[error("{0}")]
    Setup(String),
    /// What is wrong and what to do.
    #[error("{0}")]
    Broken(String),
    /// A defect of ours that a record may have shown: what was begun of it counts as an attempt, as if the process had crashed.
    #[error("a defect of copydesk: {0}; please report it with the log")]
    Panicked(String),
}

/// One opening of a partition. A rewind or a rebalance ends it; whatever still comes out of an ended lane is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneId {
    /// Partition number.
    pub partition: i32,
    /// Counts the openings of this process.
    pub epoch: u64,
    /// Names the assignment: the same for all openings between two rebalances, and other than those of all other owners.
    /// Prints and commits carry it.
    pub claim: u32,
}

/// What is to be published for one record, or why the worker must stop. In partition order within a lane.
#[derive(Debug)]
pub struct Delivery {
    /// The lane it came through.
    pub lane: LaneId,
    /// The record it answers.
    pub offset: Offset,
    /// Bytes the record held down.
    pub weight: usize,
    /// Message time of the record, milliseconds since 1970-01-01 UTC.
    pub timestamp: Option<i64>,
    /// What to publish.
    pub result: Result<Parcel, Stop>,
}

/// What is published for one record, and what the print log must know of it.
#[derive(Debug)]
pub struct Parcel {
    /// The message.
    pub message: Message,
    /// What became of it, to be counted when committed.
    pub tally: Tally,
    /// Own print that the commit makes told.
    pub told: Option<i64>,
    /// Print of the story this one is a copy of: that story must be published no later than this.
    pub needs: Option<i64>,
    /// The room it takes until it has entered.
    pub held: Held,
}

/// A record on its way into a lane.
#[derive(Debug)]
pub struct Taken {
    /// The record.
    pub record: Record,
    /// Why it becomes a dead letter and nobody reads it, where that is so.
    pub aside: Option<Aside>,
}

/// What a record has shown before that cannot be got over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// It has ended workers again and again.
    CrashLoop,
    /// What becomes of it is larger than its topic takes.
    TooLarge,
}

impl Taken {
    /// Why it is not to be read, where that is so.
    pub fn set_aside(&self) -> Option<Rejection> {
        let (reason, detail) = match self.aside? {
            Aside::CrashLoop => (
                Reason::CrashLoop,
                "workers ended again and again with this record under way, so it was not read; their logs say why",
            ),
            Aside::TooLarge => (
                Reason::TooLarge,
                "what becomes of it was refused: it is larger than max.message.bytes of its topic, or than kafka.max_message",
            ),
        };
        Some(Rejection::new(Stage::Decode, reason, detail))
    }
}

/// The way into a lane.
#[derive(Debug)]
pub struct Intake {
    records: UnboundedSender<Taken>,
    task: AbortHandle,
}

impl Intake {
    /// The lane `lane` on `runtime`: `run` reads its records until there are no more, and delivers to `out`. A panic in it is
    /// delivered too: of a lane that ends without a word nobody would hear, and its partition would stand still for ever.
    pub fn open<L>(
        runtime: &Handle,
        lane: LaneId,
        out: Sender<Delivery>,
        run: impl FnOnce(UnboundedReceiver<Taken>, Sender<Delivery>) -> L,
    ) -> Intake
    where
        L: Future<Output = ()> + Send + 'static,
    {
        let (records, intake) = unbounded_channel();
        let work = AssertUnwindSafe(run(intake, out.clone())).catch_unwind();
        let guarded = async move {
            if let Err(panic) = work.await {
                let text = format!("the lane of partition {} panicked: {}", lane.partition, panic_text(&*panic));
                let result = Err(Stop::Panicked(text));
                // Nobody waits for what a lane that was ended says.
                let _ = out.send(Delivery { lane, offset: Offset(0), weight: 0, timestamp: None, result });
            }
        };
        Intake { records, task: runtime.spawn(guarded).abort_handle() }
    }

    /// Hands a record in. Records of an ended lane are dropped: they will be read again.
    pub fn send(&self, taken: Taken) {
        let _ = self.records.send(taken);
    }

    /// Ends the lane at once; what is in it will be read again. Dropping an intake instead lets the lane run dry.
    pub fn abandon(self) {
        self.task.abort();
    }
}

/// The records of a lane in their order, each once it has entered the room, until the intake ends.
fn records(intake: UnboundedReceiver<Taken>, room: Room) -> impl Stream<Item = (Taken, Held)> {
    stream::unfold((intake, room), |(mut intake, room)| async {
        let taken = intake.recv().await?;
        let held = room.clone().enter().await;
        Some(((taken, held), (intake, room)))
    })
}

/// Hands on what became of the records of a lane, in their order, until there are no more or the driver is gone.
async fn hand_on(lane: LaneId, done: impl Stream<Item = (Record, Result<Parcel, Stop>)>, out: Sender<Delivery>) {
    let mut done = std::pin::pin!(done);
    while let Some((record, result)) = done.next().await {
        let Some(offset) = record.position.as_ref().map(|p| p.offset) else { return };
        let delivery = Delivery { lane, offset, weight: record.weight(), timestamp: record.timestamp, result };
        if out.send(delivery).is_err() {
            return;
        }
    }
}

/// What happens to the records of a partition.
pub trait Flow: Send + Sync + 'static {
    /// Opens a lane. Its deliveries go to `out`, in the order of its records.
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake;
}

/// The print log as the flow sees it: an index that follows it, and two ways to append.
pub trait PrintLog: Send + Sync + 'static {
    /// Looks into the index. Short: the tail waits meanwhile.
    fn look<R>(&self, look: impl FnOnce(&Ledger) -> R) -> R;

    /// Appends a print, at once and in the order of the calls, and answers when the own tail has passed it.
    ///
    /// # Errors
    /// [`Stop`] when the print can never be answered.
    fn ask(&self, print: Print) -> impl Future<Output = Result<Answer, Stop>> + Send + 'static + use<Self>;

    /// Appends another record, at once; the future ends when the log holds it.
    ///
    /// # Errors
    /// [`Stop`] when it cannot be appended.
    fn append(&self, entry: Entry) -> impl Future<Output = Result<(), Stop>> + Send + 'static + use<Self>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_lane_that_panics_says_so_and_does_not_stand_still() {
        let (lane, (out, inbox)) = (LaneId { partition: 3, epoch: 1, claim: 7 }, std::sync::mpsc::channel());
        let intake = Intake::open(&Handle::current(), lane, out, |mut intake, _| async move {
            intake.recv().await;
            panic!("a defect between two stages");
        });
        let record = Record { position: None, key: None, headers: vec![], timestamp: None, raw: None };
        intake.send(Taken { record, aside: None });
        let delivery = inbox.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(delivery.lane, lane);
        let Err(Stop::Panicked(text)) = delivery.result else { unreachable!("the panic") };
        assert!(text.contains("partition 3") && text.contains("a defect between two stages"), "{text}");
    }

    #[test]
    fn what_is_set_aside_dies_of_what_it_has_shown() {
        let record = Record { position: None, key: None, headers: vec![], timestamp: None, raw: None };
        let reason = |aside| Taken { record: record.clone(), aside }.set_aside().map(|rejection| rejection.reason);
        let asides = [None, Some(Aside::CrashLoop), Some(Aside::TooLarge)];
        assert_eq!(asides.map(reason), [None, Some(Reason::CrashLoop), Some(Reason::TooLarge)]);
    }
}
