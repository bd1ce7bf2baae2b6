//! The desk page in a real browser, where one is installed: it shows what the worker says, and whatever an article says stays
//! text.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on shall fail

#[path = "support/tools.rs"]
mod tools;

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use copydesk::article::{Article, Head, Origin, Source};
use copydesk::http::desk::Desk;
use copydesk::http::{Condition, Health};
use copydesk::metrics::Metrics;
use copydesk::outcome::{CopyKind, Duplicate, Outcome, Reason, Rejection, Stage};
use copydesk::recent::{Brief, Heard, Recent};
use copydesk::record::{Offset, Position};
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

/// A story with its headline and text at a place; with a match it is a copy of that one.
fn told(at: i64, texts: [&str; 2], of: Option<i64>) -> Arc<Brief> {
    let origin = |offset| Origin::new(&place(offset), None);
    let [headline, text] = texts;
    let head = Head {
        source: Source { name: Some(format!("source {at}")), ..Source::default() },
        headline: Some(headline.to_owned()),
        ..Head::default()
    };
    let mut heard = Heard::new(&head);
    heard.read(None, &[text.to_owned()]);
    let outcome = match of {
        None => Outcome::Enriched { id: format!("a{at}"), article: Box::default() },
        Some(of) => Outcome::Duplicate(Duplicate {
            similarity: Some(0.91),
            of_origin: Some(origin(of)),
            differs: vec!["headline".to_owned()],
            ..Duplicate::new(format!("a{at}"), format!("a{of}"), CopyKind::Near)
        }),
    };
    Arc::new(Brief::new(Some(&place(at)), None, &heard, &outcome))
}

fn place(offset: i64) -> Position {
    Position { topic: "articles.raw".into(), partition: 2, offset: Offset(offset) }
}

/// The page as the browser has it after its first answers; `None` where no browser is installed.
fn seen(address: SocketAddr, fragment: &str) -> Option<String> {
    browse(address, fragment, &["--dump-dom".to_owned()])
}

fn browse(address: SocketAddr, fragment: &str, more: &[String]) -> Option<String> {
    let profile = tempfile::tempdir().unwrap();
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
    let flags = flags.into_iter().chain(["--disable-component-update", "--disable-sync", "--disable-quic"]);
    let mut arguments: Vec<String> = flags.map(str::to_owned).collect();
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    arguments.push("--virtual-time-budget=5000".to_owned());
    arguments.extend(more.iter().cloned());
    arguments.push(format!("http://{address}/{fragment}"));
    let output = browsers.iter().find_map(|browser| Command::new(browser).args(&arguments).output().ok())?;
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A page about a worker that committed these, its address, and what keeps it open.
async fn open(briefs: &[Arc<Brief>], waits_for: &str) -> (SocketAddr, CancellationToken) {
    let settings = Arc::new(Settings::default());
    let health = Arc::new(Health::new(Duration::from_secs(600), &[Condition::PrintLog]));
    let metrics = Metrics::new(&settings.topics).unwrap();
    let recent = Arc::new(Recent::default());
    recent.add(briefs, SystemTime::now());
    health.unmet(Condition::PrintLog, waits_for);
    let desk = Desk::new(health, metrics, recent, settings, None);
    let stop = CancellationToken::new();
    let (address, _task) = desk.serve(SocketAddr::from(([127, 0, 0, 1], 0)), stop.clone()).await.unwrap();
    (address, stop)
}

/// What stands between style and script; `None` where no browser is installed.
async fn body(address: SocketAddr, fragment: &'static str) -> Option<String> {
    let Some(page) = tokio::task::spawn_blocking(move || seen(address, fragment)).await.unwrap() else {
        tools::missing("chromium");
        return None;
    };
    assert!(page.contains("<title>copydesk</title>"), "an article ran: {page}");
    let body = page.split_once("</style>").unwrap().1.rsplit_once("<script").unwrap().0.to_owned();
    for tag in ["<script", "<img", "<svg", "<iframe", "<a href=\"java"] {
        assert!(!body.contains(tag), "{tag} in {body}");
    }
    Some(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_article_says_stays_text() {
    let briefs: Vec<_> = HOSTILE.iter().flat_map(|text| [brief(text, false), brief(text, true)]).collect();
    let (address, _stop) = open(&briefs, HOSTILE[0]).await;
    let Some(body) = body(address, "").await else { return };
    assert!(body.contains("not ready – print_log: &lt;script&gt;"), "{body}");
    assert!(body.contains("&lt;img src=x onerror=") && body.contains("\u{fffd}gpj.exe"), "{body}");
    assert_eq!(
        body.matches("<tr>").count(),
        2 * HOSTILE.len() + HOSTILE.len() + 2,
        "articles, sources, two heads: {body}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_of_a_story_stand_side_by_side_with_the_words_that_differ() {
    let mut briefs = vec![
        told(0, ["Mill sold", "The old mill of Korva was sold on Monday."], None),
        told(1, ["Korva mill sold", "The mill of Korva was sold for nine crowns on Monday."], Some(0)),
    ];
    let hostile: Vec<_> = (2..).zip(HOSTILE).map(|(at, text)| told(at, [text, text], Some(0))).collect();
    briefs.extend(hostile);
    let (address, _stop) = open(&briefs, "not yet").await;
    let Some(side) = body(address, "#pair=0,1").await else { return };
    assert!(side.contains("8 articles · 7 copies · 8 sources"), "{side}");
    assert!(side.contains("The <del>old </del>mill of Korva was sold on Monday."), "{side}");
    assert!(side.contains("was sold <ins>for nine crowns </ins>on Monday."), "{side}");
    assert!(side.contains("the same story, 91 % alike") && side.contains("differs: headline"), "{side}");
    assert!(side.contains("copydesk explain articles.raw/2/1 --against-log"), "{side}");
    let hostile = body(address, "#pair=3,5").await.unwrap();
    assert!(hostile.contains("<h3>Side by side</h3>") && hostile.contains("<del>&lt;img "), "{hostile}");
    assert!(body(address, "#pair=0,99").await.unwrap().contains("not remembered any more"));
    pictures(address, "#pair=0,1");
}

/// Pictures of the page for a person to look at, in the folder COPYDESK_PICTURES, where one is named.
fn pictures(address: SocketAddr, fragment: &str) {
    let Some(folder) = std::env::var_os("COPYDESK_PICTURES").map(std::path::PathBuf::from) else { return };
    for (name, size, dark) in [("light", "1280,2600", false), ("dark", "1280,2600", true), ("phone", "390,4200", false)]
    {
        let picture = folder.join(format!("{name}.png"));
        let mut flags = vec![format!("--screenshot={}", picture.display()), format!("--window-size={size}")];
        flags.push("--hide-scrollbars".to_owned());
        if dark {
            flags.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        browse(address, fragment, &flags).unwrap();
        assert!(picture.exists(), "{name}");
    }
}
