//! The drivers of a worker: how one is started with its job, what watches it, and how the end of one ends the others.
//!
//! A driver that hangs in a call to the broker takes the process with it; nothing here waits for such a call. It must never
//! know what a driver does with a record.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::flow::{Flow, Stop};
use crate::http::Health;
use crate::kafka::admin::{self, Cluster};
use crate::kafka::driver::{self, Job, Until};
use crate::kafka::lag::Lag;
use crate::kafka::print_log::KafkaPrintLog;
use crate::metrics::Metrics;
use crate::outcome::Route;
use crate::recent::Recent;
use crate::settings::{Run, Settings};

/// Exit code of the watchdog.
const INTERNAL: i32 = 70;

/// What every driver of this worker shares.
pub(super) struct Drivers<'w> {
    pub(super) settings: &'w Arc<Settings>,
    pub(super) cluster: &'w Cluster,
    pub(super) metrics: &'w Metrics,
    pub(super) recent: &'w Arc<Recent>,
    pub(super) stop: &'w CancellationToken,
    /// Cancelled once nothing is left to be closed.
    pub(super) over: CancellationToken,
}

/// A driver's thread, and what watches it.
pub(super) struct Running {
    thread: JoinHandle<Result<(), Stop>>,
    ended: CancellationToken,
    _lag: Option<Lag>,
}

impl Drivers<'_> {
    /// Starts the driver of `route`, with what watches it.
    ///
    /// # Errors
    /// [`Failure`] when a thread cannot be started.
    pub(super) fn start<F: Flow>(
        &self,
        route: Route,
        flow: F,
        prints: Option<Arc<KafkaPrintLog>>,
        health: Arc<Health>,
        until: Until,
    ) -> Result<Running, Failure> {
        let (kafka, group) = (&self.settings.kafka, self.settings.group(route));
        let job = Arc::new(Job {
            flow,
            prints,
            settings: self.settings.clone(),
            route,
            topic: self.settings.topics.name(route).into(),
            transactional_id: format!("{group}-{}", instance(kafka.worker())),
            group,
            outputs: admin::outputs(self.cluster),
            metrics: self.metrics.clone(),
            health: health.clone(),
            recent: self.recent.clone(),
            runtime: Handle::current(),
            standing: Arc::new(Mutex::new(BTreeMap::new())),
        });
        let failed = |error: std::io::Error| Failure::Internal(format!("a thread cannot be started: {error}"));
        let ended = CancellationToken::new();
        watch(health, &self.settings.run, self.stop.clone(), ended.clone(), self.over.clone()).map_err(failed)?;
        let lag = Some(Lag::watch(job.clone()));
        let thread = driver::start(job, until, self.stop.clone(), ended.clone()).map_err(failed)?;
        Ok(Running { thread, ended, _lag: lag })
    }
}

impl Running {
    /// Waits until the driver has ended.
    async fn end(self) -> Result<(), Failure> {
        self.ended.cancelled().await;
        // It only leaves its thread now.
        match tokio::task::spawn_blocking(move || self.thread.join()).await {
            Ok(Ok(ended)) => ended.map_err(Failure::Stop),
            Ok(Err(_)) | Err(_) => Err(Failure::Internal("the driver panicked: please report it with the log".into())),
        }
    }
}

/// Waits for all drivers, in the order in which they end; the first that fails takes the others down.
pub(super) async fn all(drivers: Vec<Running>, stop: &CancellationToken) -> Result<(), Failure> {
    let mut ends: FuturesUnordered<_> = drivers.into_iter().map(Running::end).collect();
    let mut result = Ok(());
    while let Some(ended) = ends.next().await {
        if ended.is_err() {
            stop.cancel();
        }
        result = result.and(ended);
    }
    result
}

/// Ends the process when a driver hangs in a call that never returns, or when a stop takes longer than the time for it: the broker
/// aborts its transaction then, and another worker takes over.
fn watch(
    health: Arc<Health>,
    run: &Run,
    stop: CancellationToken,
    ended: CancellationToken,
    over: CancellationToken,
) -> std::io::Result<()> {
    // A tenth is left for the process itself to end.
    let (limit, last) = (run.watchdog, run.shutdown_timeout.mul_f64(0.9));
    let watching = move || {
        let mut asked: Option<Instant> = None;
        while !over.is_cancelled() {
            std::thread::park_timeout(Duration::from_millis(500));
            let now = Instant::now();
            let still = health.since_tick(now);
            asked = asked.or(stop.is_cancelled().then_some(now));
            let late = asked.is_some_and(|since| now.duration_since(since) > last);
            let hangs = still > limit && !ended.is_cancelled();
            if (hangs || late) && !over.is_cancelled() {
                tracing::error!(
                    seconds = still.as_secs(),
                    "the driver hangs in a call to the broker, or takes too long to stop: the process ends"
                );
                std::process::exit(INTERNAL);
            }
        }
    };
    std::thread::Builder::new().name("watchdog".into()).spawn(watching).map(drop)
}

/// The name of this worker in its group: as configured, else one that nobody else has.
fn instance(configured: Option<&str>) -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = || format!("{:016x}", RandomState::new().hash_one(std::process::id()));
    configured.map_or_else(random, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver that does `work`.
    fn running(work: impl FnOnce() -> Result<(), Stop> + Send + 'static) -> Running {
        let ended = CancellationToken::new();
        let guard = ended.clone().drop_guard();
        let thread = std::thread::spawn(move || {
            let _ended = guard;
            work()
        });
        Running { thread, ended, _lag: None }
    }

    /// A driver that works until it is told to stop.
    fn lasting(stop: &CancellationToken) -> Running {
        let (runtime, stop) = (Handle::current(), stop.clone());
        running(move || {
            runtime.block_on(stop.cancelled());
            Ok(())
        })
    }

    #[tokio::test]
    async fn a_driver_that_fails_takes_down_those_before_it() {
        let stop = CancellationToken::new();
        let failing = running(|| Err(Stop::Broken("no more links".into())));
        let ended = tokio::time::timeout(Duration::from_secs(60), all(vec![lasting(&stop), failing], &stop)).await;
        assert_eq!(ended.unwrap().unwrap_err().to_string(), "no more links");
    }

    #[tokio::test]
    async fn a_driver_that_is_done_or_was_told_to_stop_is_no_failure() {
        let stop = CancellationToken::new();
        let waiting = all(vec![lasting(&stop), running(|| Ok(()))], &stop);
        let told = async { stop.cancel() };
        assert!(tokio::join!(waiting, told).0.is_ok());
    }

    #[tokio::test]
    async fn a_driver_that_panics_is_told() {
        let stop = CancellationToken::new();
        let panicking = running(|| unreachable!("a defect"));
        let ended = all(vec![lasting(&stop), panicking], &stop).await;
        assert!(ended.unwrap_err().to_string().contains("panicked"));
    }
}
