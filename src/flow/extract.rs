//! The second half of the line, where the halves run apart: from an article that was handed over to its outcome, in order.
//!
//! It asks nobody: the verdict came along, and counts as told. So it has no print log, and needs no place in the order of
//! the raw topic.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedReceiver;

use super::cpu::Cpu;
use super::deliver::{Limits, message};
use super::desk::Timed;
use super::handover::{self, Handed};
use super::room::{Held, Room};
use super::{Delivery, Flow, Intake, LaneId, Parcel, Stop, Taken, hand_on, records};
use crate::metrics::{Metrics, Tally};
use crate::outcome::{Outcome, Rejection};
use crate::recent::{Brief, Heard};
use crate::record::Record;
use crate::settings::Output;
use crate::stage::{self, Rules};

/// Reads the facts out of articles that were judged elsewhere.
pub struct Extract {
    inner: Arc<Inner>,
}

struct Inner {
    rules: Rules,
    limits: Limits,
    output: Output,
    cpu: Cpu,
    room: Room,
    metrics: Metrics,
}

impl Extract {
    /// An extractor whose work runs on `cpu`, and which publishes in that form and size. What it makes of records takes about
    /// `memory` bytes.
    pub fn new(rules: Rules, limits: Limits, output: Output, (cpu, memory): (Cpu, usize), metrics: Metrics) -> Extract {
        let room = Room::new(memory, cpu.threads() * 2);
        Extract { inner: Arc::new(Inner { rules, limits, output, cpu, room, metrics }) }
    }
}

impl Flow for Extract {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        Intake::open(self.inner.cpu.runtime(), lane, out, |intake, out| run(self.inner.clone(), lane, intake, out))
    }
}

/// One lane, until its intake ends or its driver is gone.
async fn run(line: Arc<Inner>, lane: LaneId, intake: UnboundedReceiver<Taken>, out: Sender<Delivery>) {
    let ahead = line.cpu.threads() * 2;
    let done =
        records(intake, line.room.clone()).map(|(taken, held)| line.clone().extract(taken, held)).buffered(ahead);
    hand_on(lane, done, out).await;
}

impl Inner {
    /// What is published for a record. Its time becomes that of the raw record it goes back to.
    fn extract(self: Arc<Self>, taken: Taken, held: Held) -> impl Future<Output = (Record, Result<Parcel, Stop>)> {
        let (line, record) = (self.clone(), taken.record.clone());
        let done = self.cpu.start(move || line.parcel(&taken, held));
        async move {
            match done.await {
                Ok((timestamp, parcel)) => (Record { timestamp, ..record }, Ok(parcel)),
                Err(stop) => (record, Err(stop)),
            }
        }
    }

    fn parcel(&self, taken: &Taken, mut held: Held) -> (Option<i64>, Parcel) {
        let record = &taken.record;
        let handed = match taken.set_aside() {
            Some(rejection) => Err(rejection),
            None => handover::read(record, &self.rules.decode),
        };
        match handed {
            Ok(handed) => {
                held.takes(handed.article.bytes());
                (handed.from.timestamp, self.published(handed, held))
            }
            Err(rejection) => (record.timestamp, self.dead(record, rejection, held)),
        }
    }

    fn published(&self, handed: Handed, held: Held) -> Parcel {
        let Handed { from, id, article, judged, origin } = handed;
        let mut heard = Heard::new(&article.head);
        heard.read(article.page.headline(), &article.paragraphs);
        let mut joint = Timed::new(&self.metrics);
        let outcome = stage::publish(id, &article, judged, origin, &self.rules, &mut joint);
        self.sent(&from, &heard, &outcome, held)
    }

    /// A dead letter holds the record as it was handed over, and its place on that topic: there it can be replayed. On the
    /// raw topic it would be filed as a copy of itself, since it counts as told.
    fn dead(&self, record: &Record, rejection: Rejection, held: Held) -> Parcel {
        self.sent(record, &Heard::default(), &Outcome::Dead(rejection), held)
    }

    fn sent(&self, record: &Record, heard: &Heard, outcome: &Outcome, mut held: Held) -> Parcel {
        let mut tally = Tally::default();
        tally.add(outcome);
        tally.tell(Brief::new(record.position.as_ref(), record.timestamp, heard, outcome));
        let message = message(record, outcome, self.limits, self.output);
        held.takes(message.value.as_ref().map_or(0, Bytes::len));
        Parcel { message, tally, told: None, needs: None, held }
    }
}
