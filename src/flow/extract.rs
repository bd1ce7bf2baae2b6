//! The second half of the line, where the halves run apart: from an article that was handed over to its outcome, in order.
//!
//! It asks nobody: the verdict came along, and counts as told. So it has no print log, and needs no place in the order of
//! the raw topic.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::cpu::Cpu;
use super::deliver::{Limits, message};
use super::desk::{Timed, gone};
use super::handover::{self, Handed};
use super::room::Held;
use super::{Delivery, Flow, Intake, LaneId, Parcel, Taken};
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
    metrics: Metrics,
}

impl Extract {
    /// An extractor whose work runs on `cpu`, and which publishes in that form and size.
    pub fn new(rules: Rules, limits: Limits, output: Output, cpu: Cpu, metrics: Metrics) -> Extract {
        Extract { inner: Arc::new(Inner { rules, limits, output, cpu, metrics }) }
    }
}

impl Flow for Extract {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        let (records, intake) = unbounded_channel();
        let task = self.inner.cpu.runtime().spawn(run(self.inner.clone(), lane, intake, out));
        Intake::new(records, task.abort_handle())
    }
}

/// One lane, until its intake ends or its driver is gone.
async fn run(line: Arc<Inner>, lane: LaneId, intake: UnboundedReceiver<Taken>, out: Sender<Delivery>) {
    let ahead = line.cpu.threads() * 2;
    let records = stream::unfold(intake, |mut intake| async { Some((intake.recv().await?, intake)) });
    let mut deliveries = std::pin::pin!(records.map(|taken| deliver(line.clone(), lane, taken)).buffered(ahead));
    while let Some(Some(delivery)) = deliveries.next().await {
        if out.send(delivery).is_err() {
            return;
        }
    }
}

async fn deliver(line: Arc<Inner>, lane: LaneId, taken: Taken) -> Option<Delivery> {
    let (weight, offset) = (taken.record.weight(), taken.record.position.as_ref()?.offset);
    let cpu = line.cpu.clone();
    let done = cpu.start(move || line.parcel(&taken)).await.ok().flatten();
    let (timestamp, result) = done.map_or_else(|| (None, Err(gone())), |(time, parcel)| (time, Ok(parcel)));
    Some(Delivery { lane, offset, weight, timestamp, result })
}

impl Inner {
    /// What is published for a record, and the time of the raw record it goes back to.
    fn parcel(&self, taken: &Taken) -> (Option<i64>, Parcel) {
        let record = &taken.record;
        let handed = match taken.set_aside() {
            Some(rejection) => Err(rejection),
            None => handover::read(record, &self.rules.decode),
        };
        match handed {
            Ok(handed) => (handed.from.timestamp, self.published(handed)),
            Err(rejection) => (record.timestamp, self.dead(record, rejection)),
        }
    }

    fn published(&self, handed: Handed) -> Parcel {
        let Handed { from, id, article, judged, origin } = handed;
        let mut heard = Heard::new(&article.head);
        heard.read(article.page.headline(), &article.paragraphs);
        let mut joint = Timed::new(&self.metrics);
        let outcome = stage::publish(id, &article, judged, origin, &self.rules, &mut joint);
        self.sent(&from, &heard, &outcome)
    }

    /// A dead letter holds the record as it was handed over, and its place on that topic: there it can be replayed. On the
    /// raw topic it would be filed as a copy of itself, since it counts as told.
    fn dead(&self, record: &Record<()>, rejection: Rejection) -> Parcel {
        self.sent(record, &Heard::default(), &Outcome::Dead(rejection))
    }

    fn sent(&self, record: &Record<()>, heard: &Heard, outcome: &Outcome) -> Parcel {
        let mut tally = Tally::default();
        tally.add(outcome);
        tally.tell(Brief::new(record.position.as_ref(), record.timestamp, heard, outcome));
        let message = message(record, outcome, self.limits, self.output);
        Parcel { message, tally, told: None, needs: None, held: Held::default() }
    }
}
