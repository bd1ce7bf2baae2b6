//! `run`: the worker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::explain::unread;
use super::{Exit, Global, when};
use crate::flow::Stop;
use crate::kafka::admin::Depth;
use crate::kafka::bookmark::Bookmark;
use crate::kafka::driver::Until;
use crate::kafka::reader::Range;
use crate::metrics::Metrics;
use crate::outcome::Route;
use crate::settings::{Settings, Stages};
use crate::worker::{self, Failure, Options};

/// Consumes raw articles and publishes enriched records, exactly once
///
/// SIGTERM and SIGINT hand over what is in flight, commit it and leave; a second one stops at once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which part of the line runs here: dedupe,clean (hands over on topics.cleaned) or extract (goes on from there)
    /// [default: run.stages, which is all of it]
    #[arg(long, value_name = "STAGES")]
    stages: Option<Stages>,
    /// Stops when everything is done that the input holds now
    #[arg(long)]
    once: bool,
    /// Only records written since: 24h (ago), 2026-03-10, 2026-03-10T14:05:00Z; in a group of its own, and ends when done
    ///
    /// What was published of them is published again, under the same ids. The same span again goes on where it stopped.
    #[arg(long, value_name = "TIME", value_parser = when::time, conflicts_with = "once")]
    from: Option<i64>,
    /// ... and before this time [default: now]
    #[arg(long, value_name = "TIME", value_parser = when::time, requires = "from")]
    until: Option<i64>,
    /// Gives up at once (69) when no broker answers, instead of trying again
    #[arg(long)]
    fail_fast: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    if let (Some(from), Some(until)) = (args.from, args.until)
        && until <= from
    {
        return Err(Exit::Usage.because("--until is not after --from, so the span holds nothing"));
    }
    let loaded = global.load()?;
    let metrics = Metrics::new(&loaded.settings.topics)?;
    global.start_logging(&loaded, Some(metrics.clone()))?;
    let mut settings = loaded.settings;
    settings.run.stages = args.stages.unwrap_or(settings.run.stages);
    let until = match args.from {
        Some(from) => span(&mut settings, from, args.until)?,
        None if args.once => Until::Caught,
        None => Until::Stopped,
    };
    let options = Options { until, fail_fast: args.fail_fast, depth: Depth::Outputs };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let settings = Arc::new(settings);
    let ended = runtime.block_on(async {
        let stop = CancellationToken::new();
        stop_on_signals(stop.clone())?;
        worker::run(settings, options, metrics, stop).await.map_err(exit)
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended.map(|()| Exit::Done)
}

/// Makes the settings those of a group of its own that begins at `from`, and says where it ends. Links are not fetched
/// again: what they led to lies in the input.
fn span(settings: &mut Settings, from: i64, until: Option<i64>) -> anyhow::Result<Until> {
    if settings.run.stages.input() != Route::Raw {
        let text = "--from and --until select raw records: they go with dedupe,clean; extract goes on with what it hands over";
        return Err(Exit::Usage.because(text));
    }
    let end = until.map_or_else(|| "now".to_owned(), |until| until.to_string());
    settings.kafka.group = format!("{}-span-{from}-{end}", settings.kafka.group);
    settings.fetch.enabled = false;
    let mut bookmark = Bookmark::of_group(&settings.kafka, &settings.kafka.group).map_err(unread)?;
    let topic = settings.topics.raw.as_str();
    let all = bookmark.reader().ranges(topic).map_err(unread)?;
    let ends = match until {
        Some(until) => bookmark.reader().since(topic, &all, until).map_err(unread)?,
        // The first record that is none of the span is the next one written.
        None => all.iter().map(|range| Range { low: range.high, ..*range }).collect(),
    };
    let begins = bookmark.reader().since(topic, &all, from).map_err(unread)?;
    bookmark.begin(topic, &begins).map_err(unread)?;
    Ok(Until::Before(Arc::new(ends.iter().map(|range| (range.partition, range.low)).collect())))
}

/// A second signal within this is the same wish: some senders tell a process and its group.
const SAME_WISH: Duration = Duration::from_millis(500);

/// Cancels `stop` on the first SIGTERM or SIGINT; ends the process on the second.
pub(super) fn stop_on_signals(stop: CancellationToken) -> std::io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        let mut first: Option<Instant> = None;
        loop {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            match first {
                None => {
                    first = Some(Instant::now());
                    tracing::info!("stopping: what is in flight is handed over first");
                    stop.cancel();
                }
                Some(first) if first.elapsed() < SAME_WISH => {}
                Some(_) => {
                    tracing::warn!("asked twice: stopping at once; what is in flight is not done");
                    std::process::exit(Exit::Internal as i32);
                }
            }
        }
    });
    Ok(())
}

/// The exit code a failure leads to.
pub(super) fn exit(failure: Failure) -> anyhow::Error {
    let code = match &failure {
        Failure::Away(away) => Exit::away(away),
        Failure::Setup(_) | Failure::Stop(Stop::Denied(_) | Stop::Setup(_)) => Exit::Config,
        Failure::Listen(..) => Exit::Io,
        Failure::Stop(Stop::RejectLimit(_)) => Exit::RejectLimit,
        Failure::Stop(Stop::Broken(_) | Stop::Panicked(_)) | Failure::Internal(_) => Exit::Internal,
    };
    code.because(failure)
}
