//! The thread that owns the consumer and the transactional producer of one input topic.
//!
//! Its loop: poll, hand records to their lanes, let what is finished enter the transaction, commit. After an abort it
//! rewinds in place; after a fatal error or an indefinite result it throws both clients away and begins again at the
//! committed offsets. It must never wait for anything but the broker.

mod pressure;
mod until;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use tokio_util::sync::CancellationToken;

pub use self::until::Until;
use self::until::caught;
use super::classify::{Names, Trouble, consuming};
use super::client;
use super::message::record;
use super::outbox::Outbox;
use super::session::Session;
pub use super::session::{Job, Standing};
use crate::flow::{Flow, Stop, retry};
use crate::http::Condition;
use crate::metrics::RebuildCause;
use crate::settings::Kafka;

/// Records taken between two looks at what is finished.
const BURST: usize = 64;
/// Two processes that share a transactional id fence each other for ever, and so do transactions that outlast their time:
/// the second time within this is the end.
const FENCED_AGAIN: Duration = Duration::from_secs(60);
/// How long the clients may take to say good-bye before the thread leaves them behind.
const GOOD_BYE: Duration = Duration::from_secs(5);

/// Starts the driver's thread. It ends when `stop` is cancelled and everything is handed over, or with the reason why it
/// cannot go on; `ended` is cancelled then.
///
/// # Errors
/// When the thread cannot be started.
pub fn start<F: Flow>(
    job: Arc<Job<F>>,
    until: Until,
    stop: CancellationToken,
    ended: CancellationToken,
) -> std::io::Result<JoinHandle<Result<(), Stop>>> {
    let name = format!("driver-{}", job.route.name());
    std::thread::Builder::new().name(name).spawn(move || {
        // Also when the thread panics: whoever waits must not wait for ever.
        let _ended = ended.drop_guard();
        Driver { job, until, stop, rebuilds: 0, fenced: None }.run()
    })
}

struct Driver<F> {
    job: Arc<Job<F>>,
    until: Until,
    stop: CancellationToken,
    rebuilds: u32,
    fenced: Option<Instant>,
}

/// How a membership ended.
enum End {
    Left,
    Rebuild(RebuildCause, String),
}

impl<F: Flow> Driver<F> {
    fn run(mut self) -> Result<(), Stop> {
        loop {
            match self.member()? {
                End::Left => return Ok(()),
                End::Rebuild(cause, text) => self.rebuild(cause, &text)?,
            }
        }
    }

    fn names(&self) -> Names {
        let job = &self.job;
        Names { topic: job.topic.to_string(), group: job.group.clone(), transactional_id: job.transactional_id.clone() }
    }

    /// Waits a little before the clients are built anew, longer each time in a row.
    fn rebuild(&mut self, cause: RebuildCause, text: &str) -> Result<(), Stop> {
        let job = &self.job;
        tracing::warn!("{text}; consumer and producer are built anew");
        job.metrics.rebuilt(cause);
        if cause == RebuildCause::Fenced {
            let again = self.fenced.replace(Instant::now()).is_some_and(|before| before.elapsed() < FENCED_AGAIN);
            if again {
                return Err(Stop::Broken(fenced(&job.settings.kafka, &job.transactional_id)));
            }
        }
        job.health.unmet(Condition::Producer, text);
        job.health.unmet(Condition::Joined, "the worker left the group to join it anew");
        self.rebuilds += 1;
        self.wait(retry::delay(self.rebuilds - 1));
        Ok(())
    }

    /// Waits so long, or until the worker is to stop.
    fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until && !self.stop.is_cancelled() {
            self.job.health.tick();
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// One membership in the group, from joining to leaving.
    fn member(&mut self) -> Result<End, Stop> {
        let job = self.job.clone();
        if self.stop.is_cancelled() {
            return Ok(End::Left);
        }
        let outbox = Outbox::connect(&job.settings, self.names(), job.outputs, job.metrics.clone(), job.health.clone());
        let outbox = match outbox {
            Ok(outbox) => outbox,
            Err(Trouble::Stop(stop)) => return Err(stop),
            Err(Trouble::Abort(text)) => return Ok(End::Rebuild(RebuildCause::Indefinite, text)),
            Err(Trouble::Rebuild(cause, text)) => return Ok(End::Rebuild(cause, text)),
        };
        job.health.met(Condition::Producer);
        let config = client::consumer(&job.settings, &job.group);
        let made: Result<BaseConsumer<Session<F>>, _> = config.create_with_context(Session::new(job.clone(), outbox));
        let consumer = made.map_err(|error| Stop::Broken(format!("the consumer cannot be made: {error}")))?;
        let subscribed = consumer.subscribe(&[&job.topic]);
        subscribed.map_err(|error| Stop::Broken(format!("subscribe to {}: {error}", job.topic)))?;
        let ended = self.serve(&consumer);
        consumer.context().lock().forsake(&job, &consumer);
        leave(consumer);
        ended
    }

    fn serve(&mut self, consumer: &BaseConsumer<Session<F>>) -> Result<End, Stop> {
        let job = self.job.clone();
        let ends = self.until.ends(consumer, &job.topic)?;
        let mut leaving: Option<Instant> = None;
        loop {
            job.health.tick();
            let stepped = self.poll(consumer).and_then(|()| consumer.context().lock().step(&job, consumer));
            if let Err(trouble) = stepped {
                match self.mend(trouble, consumer)? {
                    None => {}
                    Some(end) => return Ok(end),
                }
            }
            let mut state = consumer.context().lock();
            self.pressure(&mut state, consumer);
            let caught = ends.as_ref().is_some_and(|ends| caught(&state, ends));
            let done = state.lanes.partitions().is_empty();
            match leaving {
                None if caught || self.stop.is_cancelled() => {
                    state.leaving = true;
                    drop(state);
                    consumer.unsubscribe();
                    leaving = Some(Instant::now());
                }
                Some(_) if done => return Ok(End::Left),
                // The rest of the time is for the clients to take their leave in.
                Some(since) if since.elapsed() > job.settings.run.shutdown_timeout.mul_f64(0.7) => {
                    return Err(Stop::Broken("the group did not let go of its partitions in time".into()));
                }
                None | Some(_) => {}
            }
        }
    }

    /// Lets the consumer work: rebalances run in here, records come out.
    fn poll(&mut self, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        let context = consumer.context().clone();
        // With work under way, results must not wait for records; without, the broker wakes us up.
        let mut wait = Duration::from_millis(if context.lock().idle() { 20 } else { 2 });
        for _ in 0..BURST {
            match consumer.poll(wait) {
                None => return Ok(()),
                Some(Ok(message)) if self.until.ends_before(&message) => {
                    context.lock().done(&self.job, consumer, message.partition());
                }
                Some(Ok(message)) => {
                    let record = record(&self.job.topic, &message);
                    context.lock().take(&self.job, consumer, record);
                    self.rebuilds = 0;
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => context.lock().reached_end(&self.job, partition),
                Some(Err(error)) => self.consumer_error(&error, consumer)?,
            }
            wait = Duration::ZERO;
        }
        Ok(())
    }

    fn consumer_error(&self, error: &KafkaError, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        if let KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) = error {
            // Its partition is not read any more. Where to go on is decided when it is assigned anew.
            let text = format!("{}: an offset is not there any more", self.job.topic);
            return Err(Trouble::Rebuild(RebuildCause::Indefinite, text));
        }
        match consuming(error, &self.names()) {
            Some(trouble) => Err(trouble),
            None => {
                let reason = consumer.context().last_reason().unwrap_or_default();
                tracing::warn!(error = %error, reason, "consumer");
                Ok(())
            }
        }
    }

    /// Deals with trouble: `None` when the membership goes on.
    fn mend(&mut self, trouble: Trouble, consumer: &BaseConsumer<Session<F>>) -> Result<Option<End>, Stop> {
        let job = self.job.clone();
        match trouble {
            Trouble::Stop(stop) => {
                let mut state = consumer.context().lock();
                state.leaving = true;
                if let Stop::Panicked(_) = stop {
                    // As after a crash: else a record that shows a defect each time would never be set aside.
                    state.attempts_stand();
                }
                // What has entered is read again by the next worker. Left open, the transaction would hold back whoever reads
                // its topics until it times out.
                if let Err(trouble) = state.abort(&job) {
                    tracing::warn!("the open transaction is left to time out: {trouble}");
                }
                Err(stop)
            }
            Trouble::Rebuild(cause, text) => Ok(Some(End::Rebuild(cause, text))),
            Trouble::Abort(text) => {
                tracing::warn!("{text}; the transaction is aborted and its records are read again");
                let mut state = consumer.context().lock();
                let (rewound, in_vain) = (state.rewind(&job, consumer), state.in_vain);
                drop(state);
                match rewound {
                    Ok(()) => {
                        // Once happens. What comes back each time would turn in a circle as fast as the broker answers.
                        in_vain.checked_sub(2).into_iter().for_each(|again| self.wait(retry::delay(again)));
                        Ok(None)
                    }
                    Err(Trouble::Stop(stop)) => Err(stop),
                    Err(Trouble::Rebuild(cause, text)) => Ok(Some(End::Rebuild(cause, text))),
                    Err(Trouble::Abort(text)) => Ok(Some(End::Rebuild(RebuildCause::Indefinite, text))),
                }
            }
        }
    }
}

/// Leaves the group. librdkafka may wait for brokers that are away, so a thread of its own does it, up to a deadline.
fn leave<F: Flow>(consumer: BaseConsumer<Session<F>>) {
    let (done, gone) = std::sync::mpsc::channel();
    let left = std::thread::Builder::new().name("leave".into()).spawn(move || {
        drop(consumer);
        let _ = done.send(());
    });
    if left.is_ok() && gone.recv_timeout(GOOD_BYE).is_err() {
        tracing::warn!("the consumer is left behind: the brokers do not answer");
    }
}

/// Why the broker took the transactional id away twice. It is another process's only where an id can be shared.
fn fenced(kafka: &Kafka, id: &str) -> String {
    let outlasts =
        "transactions outlast kafka.transaction_timeout: look at the brokers, or at a machine that is paused";
    if kafka.worker().is_none() {
        return outlasts.to_owned();
    }
    format!(
        "either another process uses the transactional id {id}: give each worker its own kafka.instance; or {outlasts}"
    )
}

#[cfg(test)]
mod tests;
