//! A running worker, put together: settings to print log, desk, drivers and probes; and taken apart again in order.
//!
//! `run` and `demo` start the same worker. It must never decide anything about an article.

mod drivers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use self::drivers::{Drivers, all};
use crate::flow::cpu::{self, Cpu};
use crate::flow::desk::Desk;
use crate::flow::extract::Extract;
use crate::flow::links::Links;
use crate::flow::{Stop, retry};
use crate::http::{self, Condition, Health, desk};
use crate::kafka::admin::{self, Away, Cluster, Depth};
use crate::kafka::driver::Until;
use crate::kafka::print_log::KafkaPrintLog;
use crate::metrics::{Metrics, RetryCause};
use crate::outcome::Route;
use crate::recent::Recent;
use crate::service::Service;
use crate::settings::Settings;
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
    let health = Arc::new(Health::new(settings.run.watchdog, &Condition::of(&settings)));
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
    let threads = cpu::threads(&settings.run);
    let rules = Rules::new(settings, meaning, limits.enriched);
    let no_thread = |error| Failure::Internal(format!("no thread could be started: {error}; see ulimit -u"));
    let cpu = Cpu::new(Handle::current(), threads).map_err(no_thread)?;
    let memory = usize::try_from(settings.run.memory / READ_SHARE).unwrap_or(usize::MAX);
    let over = CancellationToken::new();
    let _over = over.clone().drop_guard();
    let drivers = Drivers { settings, cluster: &cluster, metrics, recent, stop, over };
    if !stages.judges() {
        let extract = Extract::new(rules, limits, settings.output, (cpu, memory), metrics.clone());
        return all(vec![drivers.start(stages.input(), extract, None, health.clone(), options.until)?], stop).await;
    }
    let Some(prints) = join_prints(settings, &cluster, metrics, health, stop).await? else { return Ok(()) };
    let desk = Desk::new(rules, limits, settings.output, stages, prints.clone(), (cpu, memory), metrics.clone());
    let mut running =
        vec![drivers.start(stages.input(), desk, Some(prints.clone()), health.clone(), options.until.clone())?];
    if settings.fetches() {
        // On top of what the desk may take: the shares stay below the whole.
        let links = Links::new(settings, limits, memory / 2, Handle::current());
        let links = links.map_err(|error| Failure::Internal(error.to_string()))?;
        let health = Arc::new(Health::of_fetch(health.clone()));
        running.push(drivers.start(Route::Links, links, None, health, options.until)?);
    }
    let ended = all(running, stop).await;
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
