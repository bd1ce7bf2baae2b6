//! The thread that follows the print log: applies every record in order, answers own prints, serves requests to catch up.
//!
//! Never skips a record and never goes back; a log that does not go on where it was left is the end of the worker. It begins
//! where its snapshot ends, when the log holds there what the snapshot says, else at the log's beginning.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};

use super::answers::Shared;
use super::store::Store;
use super::{CatchUp, PARTITION};
use crate::flow::Stop;
use crate::kafka::client::{self, CALL};
use crate::kafka::context::Context;
use crate::kafka::refusal::Denied;
use crate::metrics::{Metrics, SkippedPrint};
use crate::stage::dedupe::ledger::{Applied, Skip};
use crate::stage::dedupe::print::{Damaged, LogRecord};
use crate::stage::dedupe::snapshot::Mark;

/// How long the thread waits for one thing before it looks at the others.
const POLL: Duration = Duration::from_millis(20);

/// The thread's own things.
pub(super) struct Tail {
    pub(super) consumer: BaseConsumer<Context>,
    pub(super) topic: String,
    pub(super) shared: Arc<Shared>,
    pub(super) requests: Receiver<CatchUp>,
    /// Requests for which the broker did not say yet where the log ends.
    pub(super) asked: Vec<CatchUp>,
    /// Requests with the end offset they wait for.
    pub(super) pending: Vec<(i64, CatchUp)>,
    pub(super) metrics: Metrics,
    /// Where snapshots are kept, when they are.
    pub(super) store: Option<Store>,
    /// The last record applied.
    pub(super) mark: Option<Mark>,
}

impl Tail {
    /// Reads until told to stop.
    pub(super) fn run(mut self) {
        client::serve(&self.consumer);
        if let Err(error) = self.begin() {
            return self.broken(&error);
        }
        let mut reported = Instant::now();
        while !self.shared.stop.load(Ordering::Relaxed) {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let time = message.timestamp().to_millis().unwrap_or_default();
                    let (offset, bytes) = (message.offset(), message.payload().unwrap_or_default());
                    self.apply(offset, time, bytes);
                    self.mark = self.store.as_ref().map(|_| Mark::of(offset, bytes));
                }
                Some(Err(error)) if is_gone(&error) => return self.broken(&error),
                Some(Err(error)) if is_denied(&error) => return self.end(&self.denied()),
                Some(Err(error)) => tracing::debug!(error = %error, "print log"),
                None => {}
            }
            self.serve();
            if reported.elapsed() > Duration::from_secs(1) {
                reported = Instant::now();
                self.report();
                if let Some(store) = &mut self.store {
                    store.keep(&self.shared, self.mark);
                }
            }
        }
        if let Some(store) = &mut self.store {
            store.close(&self.shared, self.mark);
        }
    }

    /// Takes the snapshot's ledger, when the log goes on behind it; else reads from the beginning.
    fn begin(&mut self) -> Result<(), KafkaError> {
        if let Some(store) = &mut self.store
            && let Some((ledger, mark)) = store.load()
        {
            match self.holds(mark) {
                Ok(()) => {
                    self.mark = Some(mark);
                    self.shared.lock().ledger = ledger;
                    return Ok(());
                }
                Err(why) => self.store.iter().for_each(|store| store.warn(&why)),
            }
        }
        self.assign(Offset::Beginning)
    }

    fn assign(&self, from: Offset) -> Result<(), KafkaError> {
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_offset(&self.topic, PARTITION, from)?;
        self.consumer.assign(&partitions)
    }

    /// Reads the record of a mark, and stays behind it. The error says why the log is not the one that was marked.
    fn holds(&self, mark: Mark) -> Result<(), String> {
        let topic = &self.topic;
        let (low, high) = self.consumer.fetch_watermarks(topic, PARTITION, CALL).map_err(|error| error.to_string())?;
        if !(low..high).contains(&mark.offset) {
            return Err(format!("it ends at offset {}, print topic {topic} holds {low} to {high}", mark.offset));
        }
        self.assign(Offset::Offset(mark.offset)).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        while begun.elapsed() < CALL && !self.shared.stop.load(Ordering::Relaxed) {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) if Mark::of(message.offset(), message.payload().unwrap_or_default()) == mark => {
                    return Ok(());
                }
                Some(Ok(_)) => return Err(format!("print topic {topic} was made anew")),
                Some(Err(error)) if is_gone(&error) => return Err(error.to_string()),
                Some(Err(_)) | None => {}
            }
        }
        Err(format!("the record at offset {} of print topic {topic} could not be read", mark.offset))
    }

    fn apply(&self, offset: i64, time: i64, bytes: &[u8]) {
        let decoded = LogRecord::decode(bytes);
        let mut index = self.shared.lock();
        match decoded {
            Ok(record) => match index.ledger.apply(offset, time, &record) {
                Applied::Judged(nonce, answer) => index.answer(nonce, answer),
                Applied::Moved => {}
                Applied::Skipped(Skip::ForeignDesk) => self.metrics.print_skipped(SkippedPrint::ForeignDesk),
                Applied::Skipped(Skip::UnknownVersion) => self.metrics.print_skipped(SkippedPrint::UnknownVersion),
            },
            Err(damaged) => {
                index.ledger.pass(offset, time);
                self.metrics.print_skipped(match damaged {
                    Damaged::Foreign => SkippedPrint::Damaged,
                    Damaged::Format(_) => SkippedPrint::UnknownVersion,
                });
                tracing::warn!(offset, topic = self.topic, "passed over in the print log: {damaged}");
            }
        }
        index.check();
    }

    /// Takes new requests in, and answers those whose end was reached. A broker that does not answer, or that has not heard
    /// of a new topic yet, is asked again: whoever waits has the deadline. A log that is gone shows when it is read.
    fn serve(&mut self) {
        self.asked.extend(self.requests.try_iter());
        if !self.asked.is_empty() {
            match self.consumer.fetch_watermarks(&self.topic, PARTITION, CALL) {
                // A log that is empty, or trimmed to nothing, is read to its end already.
                Ok((low, high)) => {
                    let end = if low >= high { 0 } else { high };
                    self.pending.extend(self.asked.drain(..).map(|request| (end, request)));
                }
                Err(error) if is_denied(&error) => {
                    let denied = self.denied();
                    self.asked.drain(..).for_each(|request| drop(request.send(Err(denied.clone()))));
                }
                Err(error) => tracing::debug!(error = %error, "the end of the print log"),
            }
        }
        if self.pending.is_empty() {
            return;
        }
        let reached = self.shared.lock().ledger.next_offset();
        self.pending.retain(|(end, request)| {
            let wait = reached < *end;
            if !wait {
                let _ = request.send(Ok(()));
            }
            wait
        });
    }

    fn report(&self) {
        let index = self.shared.lock();
        self.metrics.index(index.ledger.len(), index.ledger.bytes());
        let behind = self.pending.iter().map(|(end, _)| end - index.ledger.next_offset()).max();
        self.metrics.print_log_behind(behind.unwrap_or_default());
    }

    fn broken(&mut self, error: &KafkaError) {
        let stop = Stop::Broken(format!(
            "print topic {} was truncated, deleted or made anew ({error}); start again to read it from its beginning",
            self.topic
        ));
        self.end(&stop);
    }

    fn denied(&self) -> Stop {
        Stop::Denied(Denied::topic(&self.topic, "Read").to_string())
    }

    /// Tells everybody who waits, and who comes yet, why nothing is read any more.
    fn end(&mut self, stop: &Stop) {
        self.shared.fail(stop);
        for request in self.asked.drain(..).chain(self.pending.drain(..).map(|(_, request)| request)) {
            let _ = request.send(Err(stop.clone()));
        }
        // Not until the senders are gone: the log is closed by one of them, and waits for this thread.
        while !self.shared.stop.load(Ordering::Relaxed) {
            if let Ok(request) = self.requests.recv_timeout(POLL) {
                let _ = request.send(Err(stop.clone()));
            }
        }
    }
}

fn is_denied(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed)
    )
}

fn is_gone(error: &KafkaError) -> bool {
    matches!(
        error,
        KafkaError::MessageConsumption(
            RDKafkaErrorCode::AutoOffsetReset
                | RDKafkaErrorCode::OffsetOutOfRange
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownTopicOrPartition
        ) | KafkaError::MessageConsumptionFatal(_)
    )
}
