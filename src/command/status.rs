//! `status`: how is the worker? Its probes and metrics on one screen.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use super::health::reachable;
use super::{Exit, Global, print};
use crate::explain::terminal::short;
use crate::explain::words::size;

mod scrape;

use scrape::Scrape;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer read, bytes; that of a worker with hundreds of partitions has some 200 kB.
const MAX_ANSWER: usize = 8 << 20;
/// Home, and everything below it cleared.
const REDRAW: &str = "\x1b[H\x1b[J";

/// Shows a running worker on one screen
///
/// Ready or why not, rates, lag, outcomes, times. Ends with 1 when it is not ready.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk status\n  copydesk status --at worker-2:9464 --watch")]
pub(super) struct Args {
    /// Where the worker listens [default: http.listen]
    #[arg(long, value_name = "HOST:PORT")]
    at: Option<String>,
    /// Again and again, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    /// One JSON object a look
    #[arg(long)]
    json: bool,
}

/// One look at a worker.
#[derive(Debug, Clone)]
struct Look {
    at: Instant,
    unready: Vec<(String, String)>,
    scrape: Scrape,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = global.look()?.settings;
    let address = match (&args.at, settings.http.listen) {
        (Some(address), _) => address.clone(),
        (None, Some(listen)) if listen.port() != 0 => reachable(listen).to_string(),
        (None, Some(_)) => return Err(Exit::Config.because("http.listen has port 0: say where the worker listens, --at")),
        (None, None) => return Err(Exit::Config.because("http.listen is \"off\": say where the worker listens, --at")),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Never a proxy: the worker is on this machine or in this network.
    let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let look = || runtime.block_on(look(&client, &address)).map_err(|error| unanswered(&address, &error));
    let mut last = None;
    loop {
        let next = look()?;
        show(args, &address, &next, last.as_ref())?;
        if !args.watch {
            return Ok(if next.unready.is_empty() { Exit::Done } else { Exit::No });
        }
        last = Some(next);
        std::thread::sleep(Duration::from_secs(args.every));
    }
}

fn unanswered(address: &str, error: &anyhow::Error) -> anyhow::Error {
    let cause = error.root_cause().to_string();
    Exit::No.because(format!("no worker answers at http://{address}: {cause}; is it running, and is http.listen its address?"))
}

async fn look(client: &Client, address: &str) -> anyhow::Result<Look> {
    let (_, text) = get(client, &format!("http://{address}/metrics")).await?;
    let scrape = Scrape::read(&text);
    anyhow::ensure!(!scrape.is_foreign(), "what answers there is no copydesk");
    let (status, text) = get(client, &format!("http://{address}/readyz")).await?;
    Ok(Look { at: Instant::now(), unready: unready(status, &text), scrape })
}

async fn get(client: &Client, url: &str) -> anyhow::Result<(u16, String)> {
    let mut response = client.get(url).send().await?;
    let (status, mut body) = (response.status().as_u16(), Vec::new());
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        anyhow::ensure!(body.len() <= MAX_ANSWER, "the answer is larger than any worker's");
    }
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// The conditions that do not hold, with why.
fn unready(status: u16, body: &str) -> Vec<(String, String)> {
    if status == 200 {
        return Vec::new();
    }
    let said: Option<Value> = serde_json::from_str(body).ok();
    let reasons = said.as_ref().and_then(|said| said["reasons"].as_object());
    let reason = |(name, why): (&String, &Value)| (name.clone(), why.as_str().unwrap_or_default().to_owned());
    match reasons.map(|reasons| reasons.iter().map(reason).collect::<Vec<_>>()) {
        Some(reasons) if !reasons.is_empty() => reasons,
        _ => vec![("status".to_owned(), status.to_string())],
    }
}

fn show(args: &Args, address: &str, look: &Look, last: Option<&Look>) -> anyhow::Result<()> {
    if args.json {
        return print(&format!("{}\n", as_json(address, look, last)));
    }
    let clear = if args.watch && std::io::stdout().is_terminal() { REDRAW } else { "" };
    print(&format!("{clear}{}", as_text(address, look, last)))
}

/// Growth of a counter a second since the last look.
fn rate(look: &Look, last: Option<&Look>, name: &str) -> Option<f64> {
    let last = last?;
    let seconds = look.at.duration_since(last.at).as_secs_f64();
    // A counter that fell belongs to a worker that was started anew.
    let grown = look.scrape.sum(name) - last.scrape.sum(name);
    (seconds > 0.0 && grown >= 0.0).then(|| grown / seconds)
}

fn as_text(address: &str, look: &Look, last: Option<&Look>) -> String {
    let s = &look.scrape;
    let version = s.label("copydesk_build_info", "version").unwrap_or("?");
    let ready = if look.unready.is_empty() { "ready" } else { "NOT READY" };
    let mut out = format!("copydesk {} at {address}   {ready}\n", short(version, 40));
    let mut line = |name: &str, text: String| out.push_str(&format!("  {name:<10} {text}\n"));
    for (condition, why) in &look.unready {
        line("waits for", format!("{}: {}", short(condition, 40), short(why, 100)));
    }
    let pace = rate(look, last, "copydesk_records_consumed_total").map(|r| format!(", {r:.1}/s")).unwrap_or_default();
    line("read", format!("{:.0} records{pace}, {:.0} in flight, {:.0} returned",
        s.sum("copydesk_records_consumed_total"), s.sum("copydesk_records_in_flight"), s.sum("copydesk_records_returned_total")));
    line("outcomes", listed(&s.by("copydesk_records_total", "outcome")));
    let handed_over = s.sum("copydesk_records_handed_over_total");
    if handed_over > 0.0 {
        line("handed on", format!("{handed_over:.0} records to the second half of the line"));
    }
    line("lag", format!("{:.0} records in {:.0} partitions, the oldest {:.0} s behind",
        s.sum("copydesk_consumer_lag_records"), s.sum("copydesk_assigned_partitions"), s.max("copydesk_consumer_behind_seconds")));
    if let (Some(p50), Some(p95)) =
        (s.quantile("copydesk_end_to_end_seconds", 0.5), s.quantile("copydesk_end_to_end_seconds", 0.95))
    {
        line("end to end", format!("p50 {p50:.2} s, p95 {p95:.2} s"));
    }
    line("time in", shares(&s.by("copydesk_stage_duration_seconds_sum", "stage")));
    let mut dead = s.by("copydesk_dead_letters_total", "reason");
    dead.retain(|(_, n)| *n > 0.0);
    line("dead", if dead.is_empty() { "none".to_owned() } else { listed(&dead) });
    line("memory", format!("{} resident, {:.0} stories in {}", bytes(s.sum("process_resident_memory_bytes")),
        s.sum("copydesk_dedupe_index_entries"), bytes(s.sum("copydesk_dedupe_index_bytes"))));
    line("trouble", format!("{:.0} rebalances, {:.0} rebuilds, {:.0} output errors",
        s.sum("copydesk_rebalances_total"), s.sum("copydesk_client_rebuilds_total"), s.sum("copydesk_produce_errors_total")));
    out
}

fn bytes(bytes: f64) -> String {
    size(bytes.max(0.0) as usize)
}

fn listed(counts: &[(&str, f64)]) -> String {
    counts.iter().map(|(name, n)| format!("{} {n:.0}", short(name, 40))).collect::<Vec<_>>().join("  ")
}

/// Each part of the whole, in percent.
fn shares(parts: &[(&str, f64)]) -> String {
    let whole: f64 = parts.iter().map(|(_, part)| part).sum();
    if whole <= 0.0 {
        return "nothing yet".to_owned();
    }
    let share = |(name, part): &(&str, f64)| format!("{} {:.0} %", short(name, 40), 100.0 * part / whole);
    parts.iter().filter(|(_, part)| *part > 0.0).map(share).collect::<Vec<_>>().join("  ")
}

fn as_json(address: &str, look: &Look, last: Option<&Look>) -> Value {
    let s = &look.scrape;
    let map = |counts: Vec<(&str, f64)>| {
        Value::Object(counts.into_iter().map(|(name, n)| (name.to_owned(), json!(n))).collect())
    };
    let reasons: serde_json::Map<String, Value> =
        look.unready.iter().map(|(condition, why)| (condition.clone(), json!(why))).collect();
    json!({
        "at": address,
        "version": s.label("copydesk_build_info", "version"),
        "ready": look.unready.is_empty(),
        "reasons": reasons,
        "read": s.sum("copydesk_records_consumed_total"),
        "read_per_second": rate(look, last, "copydesk_records_consumed_total"),
        "in_flight": s.sum("copydesk_records_in_flight"),
        "returned": s.sum("copydesk_records_returned_total"),
        "outcomes": map(s.by("copydesk_records_total", "outcome")),
        "handed_over": s.sum("copydesk_records_handed_over_total"),
        "dead": map(s.by("copydesk_dead_letters_total", "reason")),
        "lag_records": s.sum("copydesk_consumer_lag_records"),
        "partitions": s.sum("copydesk_assigned_partitions"),
        "behind_seconds": s.max("copydesk_consumer_behind_seconds"),
        "end_to_end_seconds": {
            "p50": s.quantile("copydesk_end_to_end_seconds", 0.5),
            "p95": s.quantile("copydesk_end_to_end_seconds", 0.95),
        },
        "resident_bytes": s.sum("process_resident_memory_bytes"),
        "index_entries": s.sum("copydesk_dedupe_index_entries"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str, at: Instant) -> Look {
        Look { at, unready: Vec::new(), scrape: Scrape::read(text) }
    }

    #[test]
    fn what_is_missing_is_told_and_growth_is_a_rate() {
        let begun = Instant::now();
        let before = look("copydesk_records_consumed_total{topic=\"t\"} 100\n", begun);
        let after = Look {
            unready: unready(503, "{\"ready\":false,\"reasons\":{\"joined\":\"no\\u001bpartitions\"}}"),
            ..look("copydesk_records_consumed_total{topic=\"t\"} 300\n", begun + Duration::from_secs(2))
        };
        let text = as_text("w:1", &after, Some(&before));
        assert!(text.contains("NOT READY") && text.contains("joined: no") && text.contains("300 records, 100.0/s"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert_eq!(as_json("w:1", &after, Some(&before))["read_per_second"], 100.0);
        assert_eq!(rate(&before, Some(&after), "copydesk_records_consumed_total"), None, "it was started anew");
        assert_eq!(unready(503, "garbage"), [("status".to_owned(), "503".to_owned())]);
    }

    #[test]
    fn a_worker_without_partitions_has_a_lag_of_nothing() {
        let text = as_text("w:1", &look("copydesk_assigned_partitions 0\n", Instant::now()), None);
        assert!(text.contains("lag        0 records in 0 partitions"), "{text}");
    }

    #[test]
    fn shares_are_of_the_whole() {
        assert_eq!(shares(&[("decode", 1.0), ("clean", 3.0), ("fetch", 0.0)]), "decode 25 %  clean 75 %");
        assert_eq!(shares(&[("decode", 0.0)]), "nothing yet");
    }
}
