//! A running worker, put together: settings to print log, desk, drivers and probes; and taken apart again in order.
//!
//! `run` and `demo` start the same worker. It must never decide anything about an article.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::flow::cpu::Cpu;
use crate::flow::desk::Desk;
use crate::flow::extract::Extract;
use crate::flow::links::Links;
use crate::flow::{Flow, Stop, retry};
use crate::http::{self, Condition, Health, desk};
use crate::kafka::admin::{self, Away, Cluster, Depth};
use crate::kafka::driver::{self, Job, Until};
use crate::kafka::lag::Lag;
use crate::kafka::print_log::KafkaPrintLog;
use crate::metrics::{Metrics, RetryCause};
use crate::outcome::Route;
use crate::recent::Recent;
use crate::service::Service;
use crate::settings::{Run, Settings};
use crate::stage::Rules;
use crate::stage::meaning::entity::model::Model;
use crate::weights;

/// How long one question to the brokers may take at start.
const ANSWER: Duration = Duration::from_secs(5);
/// How long the print log may take to be read at start: without a snapshot a million prints take minutes.
const CATCH_UP: Duration = Duration::from_secs(600);
/// How long appends under way may take at the end.
const LAST_APPENDS: Duration = Duration::from_secs(3);
/// The part of `run.memory` for what records become once they are read.
const READ_SHARE: u64 = 4;
/// Exit code of the watchdog.
const INTERNAL: i32 = 70;

/// How a worker is to run, besides its settings.
#[derive(Debug, Clone)]
pub struct Options {
    /// When it is done by itself.
    pub until: Until,
    /// Give up at once when no broker answers, instead of trying again.
    pub fail_fast: bool,
    /// How closely the cluster is looked at before anything is read.
    pub depth: Depth,
}

/// Why a worker did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No broker answers.
    #[error(transparent)]
    Away(#[from] Away),
    /// The cluster is not set up as the promises need it.
    #[error("{0}")]
    Setup(String),
    /// The listener for probes cannot be opened.
    #[error("http.listen {0}: {1}; choose another address, or port 0 for a free one")]
    Listen(SocketAddr, std::io::Error),
    /// It had to stop.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// A defect, or a thread that could not be started.
    #[error("{0}")]
    Internal(String),
}

/// Runs a worker until `stop`, or until it is done by itself. Everything taken in is handed over in order at the end.
///
/// # Errors
/// [`Failure`], with what to do about it.
pub async fn run(
    settings: Arc<Settings>,
    options: Options,
    metrics: Metrics,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let health = Arc::new(Health::new(settings.run.watchdog, Condition::of(settings.run.stages)));
    let probes = stop.child_token();
    let listener = match settings.http.listen {
        None => None,
        Some(listen) => {
            let served = http::serve(listen, health.clone(), metrics.clone(), probes.clone()).await;
            let (address, task) = served.map_err(|error| Failure::Listen(listen, error))?;
            tracing::info!(%address, "probes and metrics");
            Some(task)
        }
    };
    let recent = Arc::new(Recent::default());
    let meaning = weights::of(&settings.extract).map_err(Failure::Setup)?;
    let page = desk::Desk::new(health.clone(), metrics.clone(), recent.clone(), settings.clone(), meaning.clone());
    let page = open_page(page, settings.http.desk, probes.clone()).await;
    let service = tell_service(&settings, &health, &stop);
    let ended = line(&settings, options, &metrics, &health, &recent, meaning, &stop).await;
    probes.cancel();
    if let Some(task) = service {
        task.abort();
    }
    for task in [listener, page].into_iter().flatten() {
        let _ = task.await;
    }
    ended
}

/// Opens the desk page, where one is wanted. A worker that publishes is worth more than its page, so it runs without one
/// where the address is taken.
async fn open_page(
    page: desk::Desk,
    listen: Option<SocketAddr>,
    stop: CancellationToken,
) -> Option<tokio::task::JoinHandle<()>> {
    let listen = listen?;
    match page.serve(listen, stop).await {
        Ok((address, task)) => {
            tracing::info!(page = format!("http://{address}/"), "desk page");
            Some(task)
        }
        Err(error) => {
            tracing::warn!(%listen, %error, "no desk page; http.desk takes another address, or port 0 for a free one");
            None
        }
    }
}

/// Keeps the service manager informed, where one asked to be.
fn tell_service(
    settings: &Settings,
    health: &Arc<Health>,
    stop: &CancellationToken,
) -> Option<tokio::task::JoinHandle<()>> {
    let socket = settings.run.notify_socket.as_deref()?;
    match Service::at(socket) {
        Ok(service) => Some(tokio::spawn(service.report(health.clone(), stop.clone()))),
        Err(error) => {
            tracing::warn!(socket, %error, "NOTIFY_SOCKET is no address: the service manager hears nothing");
            None
        }
    }
}

async fn line(
    settings: &Arc<Settings>,
    options: Options,
    metrics: &Metrics,
    health: &Arc<Health>,
    recent: &Arc<Recent>,
    meaning: Option<Arc<Model>>,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let Some(cluster) = connect(settings, &options, metrics, health, stop).await? else { return Ok(()) };
    refuse_wrong(settings, &cluster)?;
    let stages = settings.run.stages;
    let limits = admin::limits(settings, &cluster);
    let threads = settings.run.workers.unwrap_or_else(cores);
    // JSON escapes at most double a text, and the record has other fields.
    let rules = Rules::new(settings, meaning, limits.enriched / 3);
    let cpu = Cpu::new(Handle::current(), threads);
    let memory = usize::try_from(settings.run.memory / READ_SHARE).unwrap_or(usize::MAX);
    let over = CancellationToken::new();
    let _over = over.clone().drop_guard();
    let make = Make { settings, cluster: &cluster, metrics, recent, stop, over };
    if !stages.judges() {
        let extract = Extract::new(rules, limits, settings.output, (cpu, memory), metrics.clone());
        return all(vec![make.driver(stages.input(), extract, None, health.clone(), options.until)?], stop).await;
    }
    let Some(prints) = join_prints(settings, &cluster, metrics, health, stop).await? else { return Ok(()) };
    let desk = Desk::new(rules, limits, settings.output, stages, prints.clone(), (cpu, memory), metrics.clone());
    let mut drivers =
        vec![make.driver(stages.input(), desk, Some(prints.clone()), health.clone(), options.until.clone())?];
    if settings.fetches() {
        // On top of what the desk may take: the shares stay below the whole.
        let links = Links::new(settings, limits, memory / 2, Handle::current());
        let links = links.map_err(|error| Failure::Internal(error.to_string()))?;
        let health = Arc::new(Health::new(settings.run.watchdog, &[]));
        drivers.push(make.driver(Route::Links, links, None, health, options.until)?);
    }
    let ended = all(drivers, stop).await;
    let closed = tokio::task::spawn_blocking(move || prints.close(LAST_APPENDS)).await;
    ended.and(closed.map_err(|error| Failure::Internal(error.to_string())))
}

/// Asks the brokers until they answer. `None` when told to stop meanwhile.
async fn connect(
    settings: &Settings,
    options: &Options,
    metrics: &Metrics,
    health: &Health,
    stop: &CancellationToken,
) -> Result<Option<Cluster>, Away> {
    let mut attempt = 0;
    loop {
        health.tick();
        let looked = tokio::select! {
            looked = admin::look(settings, options.depth, ANSWER) => looked,
            () = stop.cancelled() => return Ok(None),
        };
        match looked {
            Ok(cluster) => return Ok(Some(cluster)),
            Err(away) if options.fail_fast => return Err(away),
            Err(away) => {
                tracing::warn!("{away}; trying again");
                metrics.retried(RetryCause::Transport);
                health.unmet(Condition::Joined, away.to_string());
            }
        }
        tokio::select! {
            () = tokio::time::sleep(retry::delay(attempt)) => attempt += 1,
            () = stop.cancelled() => return Ok(None),
        }
    }
}

fn refuse_wrong(settings: &Settings, cluster: &Cluster) -> Result<(), Failure> {
    let findings = admin::findings(settings, cluster);
    let wrong: Vec<String> =
        findings.into_iter().filter(|f| f.wrong).map(|f| format!("  {}: {}", f.subject, f.text)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::Setup(format!("the cluster is not set up as copydesk needs it:\n{}", wrong.join("\n"))))
}

/// Opens the print log and reads it to its end. `None` when told to stop meanwhile.
async fn join_prints(
    settings: &Arc<Settings>,
    cluster: &Cluster,
    metrics: &Metrics,
    health: &Arc<Health>,
    stop: &CancellationToken,
) -> Result<Option<Arc<KafkaPrintLog>>, Failure> {
    let opened = KafkaPrintLog::open(settings, &cluster.id, metrics.clone(), Handle::current());
    let prints = Arc::new(opened.map_err(|error| Failure::Internal(format!("print log: {error}")))?);
    health.unmet(Condition::PrintLog, "the print log is being read");
    let (log, own) = (prints.clone(), settings.clone());
    let mut joining = tokio::task::spawn_blocking(move || log.join(&own, CATCH_UP));
    loop {
        tokio::select! {
            joined = &mut joining => {
                joined.map_err(|error| Failure::Internal(error.to_string()))??;
                break;
            }
            () = tokio::time::sleep(Duration::from_secs(1)) => health.tick(),
            () = stop.cancelled() => return Ok(None),
        }
    }
    health.met(Condition::PrintLog);
    tracing::info!(prints = prints.remembered(), "print log read");
    Ok(Some(prints))
}

/// What every driver of this worker shares.
struct Make<'w> {
    settings: &'w Arc<Settings>,
    cluster: &'w Cluster,
    metrics: &'w Metrics,
    recent: &'w Arc<Recent>,
    stop: &'w CancellationToken,
    /// Cancelled once nothing is left to be closed.
    over: CancellationToken,
}

/// A driver's thread, and what watches it.
struct Running {
    thread: JoinHandle<Result<(), Stop>>,
    ended: CancellationToken,
    _lag: Option<Lag>,
}

impl Make<'_> {
    fn driver<F: Flow>(
        &self,
        route: Route,
        flow: F,
        prints: Option<Arc<KafkaPrintLog>>,
        health: Arc<Health>,
        until: Until,
    ) -> Result<Running, Failure> {
        let (kafka, group) = (&self.settings.kafka, self.settings.group(route));
        let dead = self.cluster.topics.get(&Route::Dead).map_or(0, |t| t.partitions);
        let job = Arc::new(Job {
            flow,
            prints,
            settings: self.settings.clone(),
            route,
            topic: self.settings.topics.name(route).into(),
            transactional_id: format!("{group}-{}", instance(kafka.instance.as_deref().or(kafka.pod.as_deref()))),
            group,
            dead_partitions: dead,
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
async fn all(drivers: Vec<Running>, stop: &CancellationToken) -> Result<(), Failure> {
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

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
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
        let ended = tokio::time::timeout(ANSWER, all(vec![lasting(&stop), failing], &stop)).await;
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
