//! How far the group is behind in the partitions this worker owns: a thread and a client of its own, since asking blocks.
//!
//! Lag is the topic's end less what is committed, of owned partitions only, and never negative.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::client;
use super::context::Context;
use super::session::Job;
use crate::flow::Flow;
use crate::metrics::Partition;

/// Seconds between two rounds; a scrape interval.
const EVERY: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(3);

/// A running lag thread. Ends when dropped.
pub struct Lag {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lag {
    /// Starts it. Without a client there is no lag to see, which is logged and no reason to stop.
    pub fn watch<F: Flow>(job: Arc<Job<F>>) -> Lag {
        let stop = Arc::new(AtomicBool::new(false));
        let ended = stop.clone();
        let thread = std::thread::Builder::new().name("lag".into()).spawn(move || rounds(&job, &ended)).ok();
        Lag { stop, thread }
    }
}

impl Drop for Lag {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

fn rounds<F: Flow>(job: &Job<F>, stop: &AtomicBool) {
    let made: Result<BaseConsumer<Context>, _> =
        client::reader(&job.settings.kafka).create_with_context(Context::new(&job.settings.kafka));
    let consumer = match made {
        Ok(consumer) => consumer,
        Err(error) => return tracing::warn!(error = %error, "lag is not measured"),
    };
    while !stop.load(Ordering::Relaxed) {
        let next = Instant::now() + EVERY;
        // Lets in what the client has to say, and lets it ask for a token.
        let _ = consumer.poll(Duration::ZERO);
        round(job, &consumer);
        while Instant::now() < next && !stop.load(Ordering::Relaxed) {
            std::thread::park_timeout(EVERY);
        }
    }
}

fn round<F: Flow>(job: &Job<F>, consumer: &BaseConsumer<Context>) {
    let owned = job.standing.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (partition, _) in owned {
        let Ok((_, end)) = consumer.fetch_watermarks(&job.topic, partition, ANSWER) else { return };
        // Looked at again: a revoke meanwhile has removed the series, and it must stay removed.
        let standing = job.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = standing.get(&partition) {
            let at = Partition { position: standing.committed, end, age: age(standing.time) };
            job.metrics.partition(&job.topic, partition, at);
        }
    }
}

/// Time since a message time in milliseconds; none when nothing was committed yet or the stamp lies ahead.
fn age(time: Option<i64>) -> Duration {
    let stamp = time.and_then(|t| u64::try_from(t).ok()).map(|t| SystemTime::UNIX_EPOCH + Duration::from_millis(t));
    stamp.and_then(|stamp| SystemTime::now().duration_since(stamp).ok()).unwrap_or_default()
}
