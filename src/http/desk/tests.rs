//! The desk page over a socket, as a browser and as somebody who should not be there.

use super::*;
use crate::http::Condition;
use crate::recent::tests::brief;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn desk() -> (SocketAddr, Arc<Recent>, CancellationToken) {
    let settings = Arc::new(Settings::default());
    let health = Arc::new(Health::new(Duration::from_secs(60), &[Condition::PrintLog]));
    let metrics = Metrics::new(&settings.topics).unwrap();
    let (recent, stop) = (Arc::new(Recent::default()), CancellationToken::new());
    let desk = Desk::new(health, metrics, recent.clone(), settings, None);
    let (address, _task) = desk.serve(SocketAddr::from(([127, 0, 0, 1], 0)), stop.clone()).await.unwrap();
    (address, recent, stop)
}

async fn ask(address: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    // The other side may close before it has read all of a request that is too large.
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
    ask(address, &format!("GET {path} HTTP/1.1\r\nhost: {address}"), b"").await
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere_and_runs_only_its_own_script() {
    let (address, _, _stop) = desk().await;
    let (one, two) = (get(address, "/").await, get(address, "/").await);
    let (head, page) = one.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("default-src 'none'"), "{head}");
    assert!(head.contains("cache-control: no-store") && head.contains("x-content-type-options: nosniff"), "{head}");
    let nonce = head.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0;
    assert_eq!(page.matches(&format!("nonce=\"{nonce}\"")).count(), 2, "style and script");
    assert!(!two.contains(nonce), "a new one for every answer");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("), "no outside asset");
    for markup in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!page.contains(markup), "{markup}: text of articles must stay text");
    }
    for placeholder in ["/*style*/", "/*script*/", "{nonce}"] {
        assert!(!page.contains(placeholder));
    }
}

#[tokio::test]
async fn status_recent_and_sources_are_json() {
    let (address, recent, _stop) = desk().await;
    recent.add(&[brief("Coast Herald", true, 1)], SystemTime::now());
    let status = body(&get(address, "/v1/status").await);
    assert_eq!((&status["ready"], &status["reasons"]["print_log"]), (&false.into(), &"not yet".into()));
    assert_eq!(status["topics"]["raw"], "articles.raw");
    let enriched = &status["metrics"]["copydesk_records_total"][1];
    assert_eq!((&enriched["labels"]["outcome"], &enriched["value"]), (&"duplicate".into(), &0.0.into()), "{enriched}");
    let stage = &status["metrics"]["copydesk_stage_duration_seconds"][0];
    assert!(stage["sum"].is_number() && stage["count"].is_number(), "{stage}");
    assert_eq!(body(&get(address, "/v1/recent").await)[0]["source"], "Coast Herald");
    assert_eq!(body(&get(address, "/v1/sources").await)["Coast Herald"]["outcomes"]["dead"], 1);
}

/// Every metric that the page asks for exists.
#[test]
fn the_page_names_metrics_that_exist() {
    let text = Metrics::new(&Settings::default().topics).unwrap().text().unwrap();
    let script = include_str!("page.js");
    let calls = ["value(status, \"", "count(status, \"", "rate(\"", "mean(\"", "look, \"", "\"\", \""];
    let mut names = 0;
    for call in calls {
        for name in script.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
            // Lag has series only while partitions are owned.
            assert!(text.contains(&format!("# HELP copydesk_{name} ")) || name == "consumer_lag_records", "{name}");
            names += 1;
        }
    }
    assert!(names > 15, "{names} names");
}

#[tokio::test]
async fn a_record_is_explained() {
    let (address, _, _stop) = desk().await;
    let post = format!("POST /v1/explain HTTP/1.1\r\nhost: {address}\r\ncontent-type: text/html");
    let page =
        "<h1>Ferry runs again</h1><p>The night ferry left on time on Tuesday, for the first time since the storm.</p>";
    let explained = body(&ask(address, &post, page.as_bytes()).await);
    assert_eq!(explained["outcome"]["outcome"], "enriched", "{explained}");
    assert!(explained["blocks"].as_array().unwrap().len() >= 2);
    let script = include_str!("page.js").split("explained.").skip(1);
    for name in script.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap()) {
        assert!(explained.get(name).is_some() || name == "error", "the page asks for {name}, which no explanation has");
    }
    assert!(ask(address, &post, b"").await.starts_with("HTTP/1.1 400"));
    let seen = ask(address, &post, page.as_bytes()).await;
    let value = seen.split_once("\"value\":{").unwrap().1.split_once('}').unwrap().0;
    assert_eq!(value.matches("\"bytes\":").count(), 1, "a key stands twice: {value}");
    assert!(get(address, "/v1/status").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_record_that_is_too_large_is_told_the_limit_whether_or_not_it_says_its_length() {
    let (address, _, _stop) = desk().await;
    let declared = format!("content-length: {}\r\n\r\n", MAX_RECORD + 1).into_bytes();
    let chunk = [b"10000\r\n".as_slice(), &[b'a'; 0x10000], b"\r\n"].concat();
    // As much as comes in before it is too much, so that nothing unread resets the connection under the answer.
    let chunked =
        [b"transfer-encoding: chunked\r\n\r\n".as_slice(), &chunk.repeat(MAX_RECORD / 0x10000), b"1\r\na"].concat();
    for rest in [declared, chunked] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("POST /v1/explain HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        stream.write_all(&[head.as_bytes(), &rest].concat()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("at most 2 MiB"), "{answer}");
    }
}

#[tokio::test]
async fn other_names_and_other_pages_are_refused_and_nothing_else_is_routed() {
    let (address, _, _stop) = desk().await;
    let status = |head: String| async move {
        let answer = ask(address, &head, b"").await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status("GET /v1/recent HTTP/1.1\r\nhost: evil.test".into()).await, "403");
    assert_eq!(status("GET / HTTP/1.1\r\nhost: evil.test:9465".into()).await, "403");
    assert_eq!(status(format!("GET / HTTP/1.1\r\nhost: {address}\r\norigin: https://evil.test")).await, "403");
    assert_eq!(status(format!("GET / HTTP/1.1\r\nhost: {address}\r\norigin: null")).await, "403");
    assert_eq!(status(format!("GET / HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}")).await, "200");
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(status(format!("{method} /v1/status HTTP/1.1\r\nhost: {address}")).await, "405");
    }
    assert_eq!(status(format!("GET /metrics HTTP/1.1\r\nhost: {address}")).await, "404");
}
