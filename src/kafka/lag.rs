//! How far the group is behind in the partitions this worker owns: a thread and a client of its own, since asking blocks.
//!
//! Lag is the topic's end less what is committed, of owned partitions only, and never negative. Marks of transactions
//! behind the last record are no lag.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::client;
use super::context::Context;
use super::session::{Job, Standing};
use crate::flow::Flow;
use crate::metrics::Partition;

/// Between two rounds: a scrape interval.
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
    let mut rests = Rests::default();
    while !stop.load(Ordering::Relaxed) {
        let next = Instant::now() + EVERY;
        // Lets in what the client has to say, and lets it ask for a token.
        let _ = consumer.poll(Duration::ZERO);
        round(job, &consumer, &mut rests);
        while Instant::now() < next && !stop.load(Ordering::Relaxed) {
            std::thread::park_timeout(EVERY);
        }
    }
}

fn round<F: Flow>(job: &Job<F>, consumer: &BaseConsumer<Context>, rests: &mut Rests) {
    let owned = job.standing().clone();
    for (partition, before) in owned {
        let Ok((_, high)) = consumer.fetch_watermarks(&job.topic, partition, ANSWER) else { return };
        // Looked at again: a revoke meanwhile has removed the series, and it must stay removed.
        let standing = job.standing();
        if let Some(standing) = standing.get(&partition) {
            let end = rests.end(partition, &before, standing, high);
            let at = Partition { position: standing.committed, end, age: age(standing.time) };
            job.metrics.partition(&job.topic, partition, at);
        }
    }
}

/// How partitions stood when they were last found at rest.
#[derive(Debug, Default)]
struct Rests(BTreeMap<i32, Rest>);

/// Between the committed offset and the end stand only marks of transactions.
#[derive(Debug)]
struct Rest {
    since: Instant,
    committed: i64,
    end: i64,
}

impl Rests {
    /// One past the last record of a partition that ends at `high`, which was asked for between `before` and `now`.
    fn end(&mut self, partition: i32, before: &Standing, now: &Standing, high: i64) -> i64 {
        // Only when nothing came while the end was asked for, and once: what comes later is lag until it is taken.
        if let Some(since) = now.at_rest().filter(|since| before.at_rest() == Some(*since))
            && self.0.get(&partition).is_none_or(|rest| rest.since != since)
        {
            self.0.insert(partition, Rest { since, committed: now.committed, end: high });
        }
        let rest = self.0.get(&partition).filter(|rest| rest.committed == now.committed);
        high - rest.map_or(0, |rest| rest.end - rest.committed)
    }
}

/// Time since a message time in milliseconds; none when nothing was committed yet or the stamp lies ahead.
fn age(time: Option<i64>) -> Duration {
    let stamp = time.and_then(|t| u64::try_from(t).ok()).map(|t| SystemTime::UNIX_EPOCH + Duration::from_millis(t));
    stamp.and_then(|stamp| SystemTime::now().duration_since(stamp).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Committed up to `committed`; read to the end at a time, where one is given.
    fn standing(committed: i64, at_end: Option<(i64, Instant)>) -> Standing {
        let mut standing = Standing::new(committed);
        if let Some((next, since)) = at_end {
            standing.ends(next, since);
        }
        standing
    }

    #[test]
    fn marks_behind_the_last_record_are_no_lag_and_records_behind_them_are() {
        let (mut rests, first) = (Rests::default(), Instant::now());
        let rest = standing(11, Some((11, first)));
        assert_eq!(rests.end(0, &rest, &rest, 12), 11, "a commit mark");
        assert_eq!(rests.end(0, &rest, &rest, 14), 13, "a record that was not taken, and its mark");
        let on_the_line = standing(11, None);
        assert_eq!(rests.end(0, &on_the_line, &on_the_line, 14), 13);
        let committed = standing(13, None);
        assert_eq!(rests.end(0, &committed, &committed, 14), 14, "nobody knows yet what is there");
        let rest = standing(13, Some((13, first + EVERY)));
        assert_eq!(rests.end(0, &rest, &rest, 14), 13);
        let again = standing(13, Some((13, first + 2 * EVERY)));
        assert_eq!(rests.end(0, &again, &again, 17), 13, "a transaction that was aborted");
    }

    #[test]
    fn nothing_is_a_mark_that_may_be_a_record() {
        let (mut rests, now) = (Rests::default(), Instant::now());
        let inside = standing(8, Some((11, now)));
        assert_eq!(rests.end(0, &inside, &inside, 12), 12, "read to the end, and not committed");
        let (before, rest) = (standing(11, None), standing(11, Some((11, now))));
        assert_eq!(rests.end(0, &before, &rest, 12), 12, "a record may have come since the end was asked for");
        assert_eq!(rests.end(0, &rest, &before, 12), 12, "one has come");
        assert_eq!(rests.end(0, &rest, &rest, 12), 11);
        let set_back = standing(0, None);
        assert_eq!(rests.end(0, &set_back, &set_back, 12), 12, "the group was set back");
    }
}
