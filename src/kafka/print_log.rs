//! The print log on Kafka: a producer that appends, a thread that tails the whole topic into the index.
//!
//! A worker knows its own print in the log by the nonce it gave it, so a lost acknowledgement costs nothing. Whoever
//! asked waits until the own tail has passed the print, and then holds the same verdict as everybody else.

mod answers;
mod store;
mod tail;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};

use self::answers::Shared;
use self::store::Store;
use self::tail::Tail;
use super::client;
use super::context::Context;
use super::refusal::Denied;
use crate::flow::{PrintLog, Stop};
use crate::metrics::Metrics;
use crate::outcome::Route;
use crate::settings::Settings;
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::ledger::{Answer, Ledger};
use crate::stage::dedupe::print::{Entry, Judging, LogRecord, Print};

/// Prints are written to and read from this partition by number: with more than one there would be no total order.
pub(super) const PARTITION: i32 = 0;

/// The print log of one desk.
pub struct KafkaPrintLog {
    producer: FutureProducer<Context>,
    topic: String,
    desk: u64,
    runtime: tokio::runtime::Handle,
    metrics: Metrics,
    shared: Arc<Shared>,
    catch_up: Sender<CatchUp>,
    tail: Mutex<Option<JoinHandle<()>>>,
}

/// A request to read on to the log's end as it is now.
type CatchUp = Sender<Result<(), Stop>>;

/// The ticket of a [`KafkaPrintLog::catch_up`].
pub struct Ticket(Receiver<Result<(), Stop>>);

impl Ticket {
    /// `None` while the tail is still reading.
    ///
    /// # Errors
    /// [`Stop`] when the log cannot be read any further.
    pub fn done(&self) -> Result<Option<()>, Stop> {
        match self.0.try_recv() {
            Ok(result) => result.map(Some),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(gone()),
        }
    }

    /// Waits up to `limit`.
    ///
    /// # Errors
    /// [`Stop`] when the log cannot be read, or not within the limit.
    pub fn wait(&self, limit: Duration) -> Result<(), Stop> {
        let late = || Stop::Broken(format!("the print log was not read to its end within {} s", limit.as_secs()));
        self.0.recv_timeout(limit).map_err(|_| late())?
    }
}

impl KafkaPrintLog {
    /// Connects and starts the tail. Nothing is caught up yet.
    ///
    /// # Errors
    /// [`KafkaError`] when the clients cannot be made.
    pub fn open(
        settings: &Settings,
        cluster: &str,
        metrics: Metrics,
        runtime: tokio::runtime::Handle,
    ) -> Result<KafkaPrintLog, KafkaError> {
        let producer = client::print_producer(&settings.kafka).create_with_context(Context::new(&settings.kafka))?;
        let consumer: BaseConsumer<Context> =
            client::reader(&settings.kafka).create_with_context(Context::new(&settings.kafka))?;
        let topic = settings.topics.prints.clone();
        let desk = desk(cluster, settings);
        let ledger = Ledger::new(desk, judging(settings));
        let shared = Arc::new(Shared::new(ledger));
        let (catch_up, requests) = channel();
        let tail = Tail {
            consumer,
            topic: topic.clone(),
            shared: shared.clone(),
            requests,
            asked: vec![],
            pending: vec![],
            metrics: metrics.clone(),
            store: settings.dedupe.state_dir.as_deref().map(|folder| Store::new(folder, desk)),
            mark: None,
        };
        let failing = shared.clone();
        let run = move || {
            // Who waits for an answer must not wait for ever.
            if catch_unwind(AssertUnwindSafe(|| tail.run())).is_err() {
                let text = "the thread that reads the print log panicked: please report it with the log";
                failing.fail(&Stop::Broken(text.into()));
            }
        };
        let thread = std::thread::Builder::new().name("prints".into()).spawn(run);
        let thread = thread.map_err(|error| KafkaError::ClientCreation(error.to_string()))?;
        Ok(KafkaPrintLog { producer, topic, desk, runtime, metrics, shared, catch_up, tail: Mutex::new(Some(thread)) })
    }

    /// Prints remembered.
    pub fn remembered(&self) -> usize {
        self.look(Ledger::len)
    }

    /// Why the log cannot be read any further, when that is so: nobody may go on then.
    pub fn broken(&self) -> Option<Stop> {
        self.shared.broken()
    }

    /// Asks the tail to read on to the log's present end.
    pub fn catch_up(&self) -> Ticket {
        let (done, ticket) = channel();
        // Without a tail the ticket's sender is dropped, which the ticket reports.
        let _ = self.catch_up.send(done);
        Ticket(ticket)
    }

    /// Reads the log to its end, writes the settings this worker judges by where they are not in force yet, and warms
    /// the producer up. Blocks.
    ///
    /// # Errors
    /// [`Stop`] when the log cannot be read or written.
    pub fn join(&self, settings: &Settings, limit: Duration) -> Result<(), Stop> {
        self.catch_up().wait(limit)?;
        let own = judging(settings);
        let settled = self.look(|ledger| ledger.settings() == Some(own));
        let entry = if settled { Entry::Told(Vec::new()) } else { Entry::Settings(own) };
        self.append_and_wait(entry)?;
        self.catch_up().wait(limit)
    }

    /// Appends and blocks until the log holds the record.
    ///
    /// # Errors
    /// [`Stop`] when it cannot be appended.
    pub fn append_and_wait(&self, entry: Entry) -> Result<(), Stop> {
        self.runtime.block_on(self.append(entry))
    }

    /// Ends the tail, which writes its snapshot then, and waits for appends under way, at most `limit`.
    pub fn close(&self, limit: Duration) {
        if self.producer.flush(limit).is_err() {
            tracing::warn!("not all records of the print log were acknowledged before the end");
        }
        self.shared.stop.store(true, Ordering::Relaxed);
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tail) = tail {
            let _ = tail.join();
        }
    }

    fn send(&self, entry: Entry) -> impl Future<Output = Result<i64, Stop>> + Send + 'static + use<> {
        let bytes = LogRecord { desk: self.desk, entry }.encode();
        let record = FutureRecord::<(), [u8]>::to(&self.topic).partition(PARTITION).payload(&bytes);
        let sent = self.producer.send_result(record).map_err(|(error, _)| error);
        let (producer, topic, metrics) = (self.producer.clone(), self.topic.clone(), self.metrics.clone());
        let (shared, begun) = (self.shared.clone(), Instant::now());
        async move {
            let delivery = match sent {
                Ok(delivery) => tokio::select! {
                    delivery = delivery => delivery,
                    stop = shared.breaks() => return Err(stop),
                },
                // The queue holds 64 MiB of prints: the broker has been away for long. Wait for room.
                Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) => {
                    let record = FutureRecord::<(), [u8]>::to(&topic).partition(PARTITION).payload(&bytes);
                    Ok(producer.send(record, rdkafka::util::Timeout::Never).await)
                }
                Err(error) => return Err(lost(&topic, &error)),
            };
            match delivery {
                Ok(Ok(delivered)) => {
                    metrics.produced(Route::Prints, begun.elapsed());
                    Ok(delivered.offset)
                }
                Ok(Err((error, _))) => Err(lost(&topic, &error)),
                Err(_) => Err(gone()),
            }
        }
    }
}

impl PrintLog for KafkaPrintLog {
    fn look<R>(&self, look: impl FnOnce(&Ledger) -> R) -> R {
        look(&self.shared.lock().ledger)
    }

    fn ask(&self, print: Print) -> impl Future<Output = Result<Answer, Stop>> + Send + 'static + use<> {
        let nonce = print.nonce;
        let answered = self.shared.lock().wait(&print);
        let sent = self.send(Entry::Print(print));
        let shared = self.shared.clone();
        async move {
            match sent.await {
                Ok(offset) => shared.expect(offset, nonce),
                Err(stop) => {
                    shared.lock().forget(nonce);
                    return Err(stop);
                }
            }
            answered.await.unwrap_or_else(|_| Err(gone()))
        }
    }

    fn append(&self, entry: Entry) -> impl Future<Output = Result<(), Stop>> + Send + 'static + use<> {
        let sent = self.send(entry);
        async move { sent.await.map(drop) }
    }
}

/// The number of a desk in its log: one for each cluster and topic that stories are published to.
pub(super) fn desk(cluster: &str, settings: &Settings) -> u64 {
    xxhash_rust::xxh3::xxh3_64(format!("{cluster}/{}", settings.topics.enriched).as_bytes())
}

/// The values this configuration judges by.
pub(super) fn judging(settings: &Settings) -> Judging {
    let millis = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
    Judging {
        algorithm: ALGORITHM,
        window: millis(settings.dedupe.window),
        max_articles: settings.dedupe.max_articles,
        promise: millis(settings.dedupe.promise),
    }
}

fn lost(topic: &str, error: &KafkaError) -> Stop {
    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::TopicAuthorizationFailed) {
        return Stop::Denied(Denied::topic(topic, "Write").to_string());
    }
    Stop::Broken(format!("a record could not be appended to the print log: {error}"))
}

fn gone() -> Stop {
    Stop::Broken("the print log was closed".into())
}

#[cfg(test)]
mod tests;
