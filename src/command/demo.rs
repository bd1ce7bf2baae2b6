//! `demo`: the worker on a broker inside this process, fed with sample articles; the first look, without any set-up.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::run::{exit, stop_on_signals};
use super::{Exit, Global, print};
use crate::article::Article;
use crate::explain::terminal;
use crate::kafka::admin::Depth;
use crate::kafka::driver::Until;
use crate::kafka::mock::Mock;
use crate::metrics::Metrics;
use crate::outcome::{Duplicate, OutcomeKind, Route};
use crate::settings::{Delivery, Http, Kafka, Run, Settings, Topics};
use crate::worker::{self, Options};

pub(super) mod sample;

use sample::{Sample, samples};

/// Partitions of the demo's topics: enough for copies to meet across partitions.
const PARTITIONS: i32 = 4;
/// How long the demo may take; it needs a few seconds, most of them to join the group.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at the counters.
const LOOK: Duration = Duration::from_millis(20);

/// Runs the whole worker on a broker inside this process, with sample articles
///
/// Stays up for the curious until Ctrl-C. The broker's transactions are faked, so the demo runs at least once. Of a
/// configuration it takes [http] and [log]; all else is as it is by default.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Leaves at the end instead of staying up
    #[arg(long)]
    once: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let mut loaded = global.load()?;
    loaded.settings.log.level = "warn".into();
    let samples = samples()?;
    let mock = Mock::start(&Topics::default(), PARTITIONS).context("starting the broker inside this process")?;
    mock.write(Route::Raw, &samples.iter().map(Sample::message).collect::<Vec<_>>())?;
    let settings = Arc::new(settings(&loaded.settings, mock.brokers()));
    let metrics = Metrics::new(&settings.topics)?;
    global.start_logging(&loaded, Some(metrics.clone()))?;
    let addresses = (settings.http.listen, settings.http.desk);
    print(&format!(
        "copydesk {} demo: in-process Kafka on {}, {} sample articles\n",
        env!("CARGO_PKG_VERSION"),
        mock.brokers(),
        samples.len()
    ))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sound = runtime.block_on(async {
        let stop = CancellationToken::new();
        stop_on_signals(stop.clone())?;
        let options = Options { until: Until::Stopped, fail_fast: true, depth: Depth::Names };
        let mut worker = tokio::spawn(worker::run(settings, options, metrics.clone(), stop.clone()));
        let begun = Instant::now();
        tokio::select! {
            ended = &mut worker => return ended?.map_err(exit).map(|()| true),
            () = all_ended(&metrics, samples.len() as u64) => {}
        }
        let sound = report(&mock, &metrics, &samples, begun.elapsed())?;
        stay(args, &mock, addresses)?;
        if args.once {
            stop.cancel();
        }
        worker.await?.map_err(exit).map(|()| sound)
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    // clients take their leave on threads of their own: a broker that went before them would make them warn of it
    std::mem::forget(mock);
    Ok(if sound { Exit::Done } else { Exit::No })
}

/// The settings of a desk that nobody configured, on the demo's broker: the samples end as they should by those alone, and what is
/// the operator's own, such as the folder of a snapshot, is none of the demo's. Logging is as configured; so are probes and page, only
/// on this machine, and on the usual ports if they are free.
fn settings(given: &Settings, brokers: String) -> Settings {
    let here = |listen: Option<SocketAddr>| listen.map(|listen| free(listen.port()));
    Settings {
        kafka: Kafka { brokers, ..Kafka::default() },
        run: Run { delivery: Delivery::AtLeastOnce, ..Run::default() },
        http: Http { listen: here(given.http.listen), desk: here(given.http.desk) },
        log: given.log.clone(),
        ..Settings::default()
    }
}

/// An address on this machine with that port, or with another one where it is taken.
fn free(port: u16) -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let free = TcpListener::bind(usual).or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    free.and_then(|listener| listener.local_addr()).unwrap_or(usual)
}

async fn all_ended(metrics: &Metrics, records: u64) {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let ended: u64 = OutcomeKind::ALL.iter().map(|kind| metrics.ended_as(*kind)).sum();
        if ended >= records {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What became of the samples, and whether the law holds and every one ended as it should.
fn report(mock: &Mock, metrics: &Metrics, samples: &[Sample], took: Duration) -> anyhow::Result<bool> {
    let published = published(mock)?;
    for line in &published {
        print(&format!("  {line}\n"))?;
    }
    let count = |kind| metrics.ended_as(kind);
    let total: u64 = OutcomeKind::ALL.into_iter().map(count).sum();
    let parts: Vec<String> = OutcomeKind::ALL.into_iter().map(|k| format!("{} {}", count(k), k.name())).collect();
    let read = samples.len() as u64;
    let sign = if total == read { "=" } else { "!=" };
    print(&format!("\n  {read} read {sign} {}   {:.1} s\n", parts.join(" + "), took.as_secs_f64()))?;
    let mut wanted: BTreeMap<OutcomeKind, u64> = BTreeMap::new();
    for sample in samples {
        *wanted.entry(sample.outcome()).or_default() += 1;
    }
    let odd: Vec<_> = OutcomeKind::ALL.into_iter().filter(|k| wanted.get(k).copied().unwrap_or(0) != count(*k)).collect();
    for kind in &odd {
        let expected = wanted.get(kind).copied().unwrap_or(0);
        print(&format!("  expected {expected} {}: please report this\n", kind.name()))?;
    }
    Ok(total == read && odd.is_empty())
}

/// One line for each record of the three outputs, as a reader of the topics sees them.
fn published(mock: &Mock) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for message in mock.read(Route::Enriched, PATIENCE)? {
        let article: Article = serde_json::from_slice(&message.value.unwrap_or_default())?;
        let verdict = article.verdict.as_ref();
        let what = match verdict.and_then(|v| v.of.as_ref()) {
            Some(of) => format!("revision of {of}"),
            None => "enriched".into(),
        };
        let headline = article.headline.as_deref().or(article.lead.as_deref()).unwrap_or("(no text)");
        lines.push(format!("{:<34} {}", short(&what, 34), short(headline, 80)));
    }
    for message in mock.read(Route::Duplicates, PATIENCE)? {
        let link: Duplicate = serde_json::from_slice(&message.value.unwrap_or_default())?;
        lines.push(format!("{:<34} {}", "duplicate", short(&format!("{} is a copy of {}", link.id, link.of), 80)));
    }
    Ok(lines)
}

/// The first `width` characters of the first line of a text.
fn short(text: &str, width: usize) -> String {
    terminal::short(text.lines().next().unwrap_or_default(), width)
}

fn stay(args: &Args, mock: &Mock, addresses: (Option<SocketAddr>, Option<SocketAddr>)) -> anyhow::Result<()> {
    if args.once {
        return Ok(());
    }
    let (probes, page) = addresses;
    if let Some(address) = page {
        print(&format!("    page     http://{address}/\n"))?;
    }
    if let Some(address) = probes {
        print(&format!("    metrics  http://{address}/metrics   ready  http://{address}/readyz\n"))?;
    }
    print(&format!("    topics   kcat -b {} -C -t articles.enriched -e\n    Ctrl-C ends it\n", mock.brokers()))?;
    Ok(())
}
