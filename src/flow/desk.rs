//! The desk's flow: prepare (parallel, in order), admit, finish (parallel, in order), deliver.
//!
//! One ordered stream for each lane. The stages run on [`Cpu`] threads; between them the stream keeps the order of the
//! partition, so prints are appended and deliveries leave in the order in which the records came.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

use bytes::Bytes;
use futures_util::{StreamExt, future::Either};
use tokio::sync::mpsc::UnboundedReceiver;

use super::admit::{self, Admission, Admitted, Ask, admission, answered};
use super::cpu::Cpu;
use super::deliver::{Limits, Message, message};
use super::handover;
use super::room::{Held, Room};
use super::{Delivery, Flow, Intake, LaneId, Parcel, PrintLog, Stop, Taken, hand_on, records};
use crate::article::{CleanArticle, CleanedRecord, Head, Origin};
use crate::metrics::{Metrics, Tally};
use crate::outcome::{CopyKind, Outcome, Reason, Rejection, Stage};
use crate::recent::{Brief, Heard};
use crate::record::Record;
use crate::settings::{Output, Stages};
use crate::stage::dedupe::keys::{Keys, value_hash};
use crate::stage::dedupe::ledger::{Answer, Ledger, Match};
use crate::stage::dedupe::print::{Entry, Print};
use crate::stage::{self, Joint, Prepared, Rules};

/// Prints under way for one lane at once: bounds the burst after a stall, far above what a round trip needs.
const PRINTS_AHEAD: usize = 256;

/// Dedupes, cleans and extracts.
pub struct Desk<P> {
    inner: Arc<Inner<P>>,
}

struct Inner<P> {
    rules: Rules,
    limits: Limits,
    output: Output,
    stages: Stages,
    prints: Arc<P>,
    cpu: Cpu,
    room: Room,
    metrics: Metrics,
}

type Prepare = Result<(Prepared, u128), Rejection>;
/// What is told of a record before its verdict, the room it takes, and the next step's part.
type With<T> = (Heard, Held, T);

impl<P: PrintLog> Desk<P> {
    /// A desk whose stages run on `cpu`, whose verdicts come from `prints`, and which publishes in that form and size, or,
    /// where it runs only the first half of the line, hands over. What it makes of records takes about `memory` bytes.
    pub fn new(
        rules: Rules,
        limits: Limits,
        output: Output,
        stages: Stages,
        prints: Arc<P>,
        (cpu, memory): (Cpu, usize),
        metrics: Metrics,
    ) -> Desk<P> {
        let room = Room::new(memory, cpu.threads() * 2);
        Desk { inner: Arc::new(Inner { rules, limits, output, stages, prints, cpu, room, metrics }) }
    }
}

impl<P: PrintLog> Flow for Desk<P> {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        Intake::open(self.inner.cpu.runtime(), lane, out, |intake, out| run(self.inner.clone(), lane, intake, out))
    }
}

/// One lane, until its intake ends or its driver is gone.
async fn run<P: PrintLog>(desk: Arc<Inner<P>>, lane: LaneId, intake: UnboundedReceiver<Taken>, out: Sender<Delivery>) {
    // Twice the threads keep them all busy with one partition, and no thread idle while order is kept.
    let ahead = desk.cpu.threads() * 2;
    let done = records(intake, desk.room.clone())
        .map(|(taken, held)| desk.clone().prepare(taken, held))
        .buffered(ahead)
        .map(|(record, prepared)| desk.clone().admit(record, prepared, lane.claim))
        .buffered(PRINTS_AHEAD)
        .map(|(record, admitted)| desk.clone().finish(record, admitted))
        .buffered(ahead);
    hand_on(lane, done, out).await;
}

impl<P: PrintLog> Inner<P> {
    fn prepare(
        self: Arc<Self>,
        taken: Taken,
        mut held: Held,
    ) -> impl Future<Output = (Record, Result<With<Prepare>, Stop>)> {
        let (desk, aside, record) = (self.clone(), taken.set_aside(), taken.record);
        let job = record.clone();
        let done = self.cpu.start(move || {
            if let Some(rejection) = aside {
                return (Heard::default(), held, Err(rejection));
            }
            let known = |keys: &Keys| desk.recognise(&job, keys);
            let mut joint = Timed::new(&desk.metrics);
            let prepared = stage::prepare(&job, &desk.rules, known, &mut joint);
            if let Ok(Prepared::Clean(_, article, _)) = &prepared {
                joint.heard.read(article.page.headline(), &article.paragraphs);
            }
            held.takes(prepared.as_ref().map_or(0, Prepared::bytes));
            (joint.heard, held, prepared.map(|prepared| (prepared, value_hash(job.raw.as_deref()))))
        });
        async move { (record, done.await.or_else(panicked)) }
    }

    fn recognise(&self, record: &Record, keys: &Keys) -> Option<(CopyKind, Match)> {
        self.prints.look(|ledger| admit::recognise(ledger, self.rules.mode, record, keys))
    }

    /// Gives a prepared record its verdict. Appends at once, in the order of the calls; the future only waits.
    fn admit(
        self: Arc<Self>,
        record: Record,
        prepared: Result<With<Prepare>, Stop>,
        claim: u32,
    ) -> impl Future<Output = (Record, Result<With<Admitted>, Stop>)> {
        let nothing = |stop| (Heard::default(), Held::default(), Err(stop));
        let (heard, held, prepared) = prepared.map_or_else(nothing, |(heard, held, p)| (heard, held, Ok(p)));
        let admitted: Pin<Box<dyn Future<Output = Result<Admitted, Stop>> + Send>> = match prepared {
            Err(stop) => Box::pin(ready(Err(stop))),
            Ok(prepared) => {
                let mode = self.rules.mode;
                let ask = Ask { nonce: nonce(), claim };
                let look = |ledger: &Ledger| admission(ledger, mode, &record, prepared, ask);
                match self.prints.look(look) {
                    Admission::Ready(admitted) => Box::pin(ready(Ok(admitted))),
                    Admission::Void(print, rejection) => {
                        let voided = self.prints.append(Entry::Void(vec![print]));
                        Box::pin(async move { voided.await.map(|()| Admitted::Dead(rejection)) })
                    }
                    Admission::Ask(print, article) => Box::pin(self.ask(*print, article)),
                }
            }
        };
        async move { (record, admitted.await.map(|admitted| (heard, held, admitted))) }
    }

    fn ask(
        &self,
        print: Print,
        article: Box<CleanArticle>,
    ) -> impl Future<Output = Result<Admitted, Stop>> + Send + use<P> {
        let (id, mode, metrics, asked) = (print.keys.id.clone(), self.rules.mode, self.metrics.clone(), Instant::now());
        let answer = self.prints.ask(print);
        async move {
            let answer = answer.await?;
            metrics.print_waited(asked.elapsed());
            Ok(answered(mode, id, article, answer))
        }
    }

    fn finish(
        self: Arc<Self>,
        record: Record,
        admitted: Result<With<Admitted>, Stop>,
    ) -> impl Future<Output = (Record, Result<Parcel, Stop>)> {
        let done = match admitted {
            Err(stop) => Either::Left(ready(Err(stop))),
            Ok((heard, held, admitted)) => {
                let (desk, job) = (self.clone(), record.clone());
                Either::Right(self.cpu.start(move || desk.parcel(&job, &heard, held, admitted)))
            }
        };
        async move { (record, done.await) }
    }

    fn parcel(&self, record: &Record, heard: &Heard, mut held: Held, admitted: Admitted) -> Parcel {
        let origin = record.position.as_ref().map(|p| Origin::new(p, record.timestamp));
        let (told, needs) = (admitted.told(), admitted.needs());
        let outcome = match admitted {
            Admitted::Publish(id, article, answer) if self.stages == Stages::DedupeClean => {
                let message = self.handed_over(record, id, *article, answer.as_ref(), origin);
                held.takes(message.value.as_ref().map_or(0, Bytes::len));
                return Parcel { message, tally: Tally::handed_over(), told, needs, held };
            }
            Admitted::Dead(rejection) => Outcome::Dead(rejection),
            Admitted::Filed(id, kind, matched) => stage::file(id, kind, &matched, origin.as_ref()),
            Admitted::Publish(id, article, answer) => stage::finish(
                id,
                &article,
                answer.as_ref(),
                origin.as_ref(),
                &self.rules,
                &mut Timed::new(&self.metrics),
            ),
        };
        let mut tally = Tally::default();
        tally.add(&outcome);
        tally.tell(Brief::new(record.position.as_ref(), record.timestamp, heard, &outcome));
        let message = message(record, &outcome, self.limits, self.output);
        held.takes(message.value.as_ref().map_or(0, Bytes::len));
        Parcel { message, tally, told, needs, held }
    }
}

impl<P> Inner<P> {
    /// Another worker makes the outcome; handing over counts as told.
    fn handed_over(
        &self,
        record: &Record,
        id: String,
        article: CleanArticle,
        answer: Option<&Answer>,
        origin: Option<Origin>,
    ) -> Message {
        let judged = answer.map(|answer| stage::judged(answer, origin.as_ref()));
        let cleaned = CleanedRecord::new(id, article, judged, origin);
        handover::message(record, cleaned, self.limits.cleaned, &self.rules.decode)
    }
}

/// Times the stages, and keeps what the record says of its article.
pub(super) struct Timed<'m> {
    metrics: &'m Metrics,
    heard: Heard,
}

impl<'m> Timed<'m> {
    pub(super) fn new(metrics: &'m Metrics) -> Timed<'m> {
        Timed { metrics, heard: Heard::default() }
    }
}

impl Joint for Timed<'_> {
    fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.metrics.stage(stage, start.elapsed());
        done
    }

    fn heard(&mut self, head: &Head) {
        self.heard = Heard::new(head);
    }
}

/// Before admission a panic is one dead letter, also where it fell around the stages.
fn panicked(stop: Stop) -> Result<With<Prepare>, Stop> {
    let Stop::Panicked(_) = stop else { return Err(stop) };
    let rejection = Rejection::new(Stage::Clean, Reason::Panic, stop.to_string());
    Ok((Heard::default(), Held::default(), Err(rejection)))
}

/// A number nobody else uses for a print: only then does a worker know its own in the log.
fn nonce() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static PROCESS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    PROCESS.hash_one(COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_around_the_stages_is_one_dead_letter_and_a_worker_that_ends_is_none() {
        let Ok((_, _, Err(rejection))) = panicked(Stop::Panicked("a bad word".into())) else {
            unreachable!("a letter")
        };
        assert_eq!(rejection.reason, Reason::Panic);
        assert!(rejection.detail.contains("a bad word"), "{}", rejection.detail);
        assert!(matches!(panicked(Stop::Broken("the end".into())), Err(Stop::Broken(_))));
    }
}
