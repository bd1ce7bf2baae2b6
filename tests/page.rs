//! The desk page in a real browser, where one is installed: it shows what the worker says, and whatever an article says stays
//! text.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on shall fail

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use copydesk::article::{Article, Head, Source};
use copydesk::http::desk::Desk;
use copydesk::http::{Condition, Health};
use copydesk::metrics::Metrics;
use copydesk::outcome::{Outcome, Reason, Rejection, Stage};
use copydesk::recent::{Brief, Heard, Recent};
use copydesk::settings::Settings;
use tokio_util::sync::CancellationToken;

/// What would run, load, or dress up as something else, if it were more than text.
const HOSTILE: [&str; 6] = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "</td></table><iframe srcdoc='<script>parent.document.title=1</script>'>",
    "\u{202e}gpj.exe",
    "javascript:document.title='owned'",
];

fn brief(text: &str, dead: bool) -> Arc<Brief> {
    let head = Head {
        source: Source { name: Some(text.to_owned()), ..Source::default() },
        headline: Some(text.to_owned()),
        ..Head::default()
    };
    let outcome = if dead {
        Outcome::Dead(Rejection { id: Some(text.to_owned()), ..Rejection::new(Stage::Clean, Reason::NoStory, text) })
    } else {
        let article = Box::new(Article { headline: Some(text.to_owned()), ..Article::default() });
        Outcome::Enriched { id: text.to_owned(), article }
    };
    Arc::new(Brief::new(None, None, &Heard::new(&head), &outcome))
}

/// The page as the browser has it after its first answers; `None` where no browser is installed.
fn seen(address: SocketAddr, profile: &std::path::Path) -> Option<String> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
    let flags = flags.into_iter().chain(["--disable-component-update", "--disable-sync", "--disable-quic"]);
    let mut arguments: Vec<String> = flags.map(str::to_owned).collect();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.extend(["--virtual-time-budget=5000", "--dump-dom"].map(str::to_owned));
    arguments.push(format!("http://{address}/"));
    let output = browsers.iter().find_map(|browser| Command::new(browser).args(&arguments).output().ok())?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_article_says_stays_text() {
    let settings = Arc::new(Settings::default());
    let health = Arc::new(Health::new(Duration::from_secs(600), &[Condition::PrintLog]));
    let metrics = Metrics::new(&settings.topics).unwrap();
    let recent = Arc::new(Recent::default());
    let briefs: Vec<_> = HOSTILE.iter().flat_map(|text| [brief(text, false), brief(text, true)]).collect();
    recent.add(&briefs, SystemTime::now());
    health.unmet(Condition::PrintLog, HOSTILE[0]);
    let desk = Desk::new(health, metrics, recent, settings, None);
    let stop = CancellationToken::new();
    let (address, _task) = desk.serve(SocketAddr::from(([127, 0, 0, 1], 0)), stop.clone()).await.unwrap();
    let profile = tempfile::tempdir().unwrap();
    let folder = profile.path().to_owned();
    let Some(page) = tokio::task::spawn_blocking(move || seen(address, &folder)).await.unwrap() else {
        eprintln!("skipped: no chromium is installed");
        return;
    };
    assert!(page.contains("<title>copydesk</title>"), "an article ran: {page}");
    let body = page.split_once("</style>").unwrap().1.rsplit_once("<script").unwrap().0;
    assert!(body.contains("not ready – print_log: &lt;script&gt;"), "{body}");
    assert!(body.contains("&lt;img src=x onerror=") && body.contains("\u{fffd}gpj.exe"), "{body}");
    assert_eq!(
        body.matches("<tr>").count(),
        2 * HOSTILE.len() + HOSTILE.len() + 2,
        "articles, sources, two heads: {body}"
    );
    for tag in ["<script", "<img", "<svg", "<iframe", "<a href=\"java"] {
        assert!(!body.contains(tag), "{tag} in {body}");
    }
}
