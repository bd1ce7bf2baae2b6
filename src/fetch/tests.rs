//! Real sockets on loopback: what a hostile or broken server can do to the fetcher.

mod site;

use std::io::Write;

use tokio::net::TcpListener;

use super::*;
pub(super) use site::{Answer, Site};

fn answer(status: &str, headers: &str, body: &[u8]) -> Answer {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    Answer::Close([head.as_bytes(), body].concat())
}

pub(super) fn page(content_type: &str, body: &[u8]) -> Answer {
    answer("200 OK", &format!("Content-Type: {content_type}\r\n"), body)
}

pub(super) fn redirect(to: &str) -> Answer {
    answer("302 Found", &format!("Location: {to}\r\n"), b"")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn fetcher(allowed: &[&Site]) -> Fetcher {
    let allow = allowed.iter().map(|site| site.address.clone()).collect();
    let settings = Fetch { allow, timeout: Duration::from_secs(60), max_packed: 64 << 10, ..Fetch::default() };
    Fetcher::new(&settings).unwrap()
}

#[tokio::test]
async fn a_page_is_fetched_unpacked_and_decoded() {
    let site = Site::start(|path, _| match path {
        "/gzip" | "/gzip?from=redirect" => {
            answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &gzip("<p>Žár".as_bytes()))
        }
        "/1252" => page("text/html; charset=windows-1252", b"<p>Gr\xfc\xdfe"),
        "/meta" => page("text/html", b"<meta charset=iso-8859-2><p>\xae\xe1r"),
        "/text" => page("text/plain", b"words"),
        "/bare" => answer("203 Non-Authoritative Information", "", b" <!doctype html><p>x"),
        _ => redirect("/gzip?from=redirect"),
    })
    .await;
    let fetcher = fetcher(&[&site]);
    let body = async |path: &str| fetcher.page(&site.url(path)).await.unwrap().body;
    assert_eq!(body("/gzip").await, Body::Html("<p>Žár".into()));
    assert_eq!(body("/1252").await, Body::Html("<p>Grüße".into()));
    assert_eq!(body("/meta").await, Body::Html("<meta charset=iso-8859-2><p>Žár".into()));
    assert_eq!(body("/text").await, Body::Text("words".into()));
    assert_eq!(body("/bare").await, Body::Html(" <!doctype html><p>x".into()));
    let moved = fetcher.page(&site.url("/moved")).await.unwrap();
    assert_eq!((moved.final_url, moved.status), (site.url("/gzip?from=redirect"), 200));
    assert_eq!(moved.content_type, "text/html");
}

#[tokio::test]
async fn what_is_no_page_is_given_up_at_once() {
    let site = Site::start(|path, _| match path {
        "/pdf" => page("application/pdf", b"%PDF"),
        "/json" => page("application/json", b"{}"),
        "/empty" => page("text/html", b" \n"),
        "/nothing" => answer("200 OK", "", b"words"),
        "/br" => answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: br\r\n", b"x"),
        "/twice" => answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip, gzip\r\n", &gzip(&gzip(b"x"))),
        "/both" => answer(
            "200 OK",
            "Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
            &gzip(&gzip(b"x")),
        ),
        "/nowhere" => answer("301 Moved Permanently", "", b""),
        "/304" => answer("304 Not Modified", "", b""),
        "/403" => answer("403 Forbidden", "", b""),
        _ => answer("404 Not Found", "", b""),
    })
    .await;
    let fetcher = fetcher(&[&site]);
    let paths =
        ["/pdf", "/json", "/empty", "/nothing", "/br", "/twice", "/both", "/nowhere", "/304", "/403", "/missing"];
    for path in paths {
        let error = fetcher.fetch(&site.url(path), 3).await.unwrap_err();
        assert_eq!((error.reason(), error.fate()), (Reason::NotAPage, Fate::Dead), "{path}: {error}");
    }
    assert_eq!(site.hits(), paths.len());
}

#[tokio::test]
async fn a_failing_server_is_asked_again_up_to_the_limit() {
    let site = Site::start(|path, hit| match (path, hit) {
        ("/recovers", 1) => answer("503 Service Unavailable", "", b""),
        ("/recovers", 2) => answer("429 Too Many Requests", "", b""),
        ("/recovers", _) => page("text/html", b"<p>back"),
        _ => answer("500 Internal Server Error", "", b""),
    })
    .await;
    let fetcher = fetcher(&[&site]);
    assert_eq!(fetcher.fetch(&site.url("/recovers"), 3).await.unwrap().body, Body::Html("<p>back".into()));
    assert_eq!(site.hits(), 3);
    let error = fetcher.fetch(&site.url("/down"), 2).await.unwrap_err();
    assert_eq!((error.reason(), site.hits()), (Reason::Unreachable, 5));
    assert!(error.to_string().ends_with("/down\" answered 500"), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let gone = Site::gone(address);
    let error = fetcher(&[&gone]).page(&gone.url("/")).await.unwrap_err();
    assert_eq!(error.fate(), Fate::Retry, "{error}");
}

#[tokio::test]
async fn redirects_never_lead_past_the_guard() {
    let canary = Site::start(|_, _| page("text/html", b"<p>secret")).await;
    let target = canary.url("/");
    let port = canary.address.rsplit(':').next().unwrap().to_owned();
    let site = Site::start(move |path, _| match path {
        "/private" => redirect(&target),
        "/localhost" => redirect("http://localhost/"),
        "/decimal" => redirect(&format!("http://2130706433:{port}/")),
        "/relative" => redirect(&format!("//127.1:{port}/")),
        "/mapped" => redirect("http://[::ffff:127.0.0.1]/"),
        "/file" => redirect("file:///etc/passwd"),
        "/login" => redirect("http://user:pw@example.org/"),
        _ => redirect("/around"),
    })
    .await;
    let fetcher = fetcher(&[&site]);
    for path in ["/private", "/localhost", "/decimal", "/relative", "/mapped", "/file", "/login", "/around"] {
        let error = fetcher.fetch(&site.url(path), 3).await.unwrap_err();
        assert_eq!((error.reason(), error.fate()), (Reason::Refused, Fate::Dead), "{path}: {error}");
    }
    assert_eq!(canary.hits(), 0);
    assert_eq!(site.hits(), 7 + 1 + MAX_REDIRECTS, "five redirects are followed, the sixth is not");
}

#[tokio::test]
async fn bombs_endless_bodies_and_lies_about_length_are_cut_off() {
    let site = Site::start(|path, _| match path {
        "/bomb" => {
            answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &gzip(&vec![b' '; 32 << 20]))
        }
        "/announced" => {
            Answer::Hang(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999\r\n\r\n".into())
        }
        "/endless" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
            let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
            Answer::Hang([head, &chunk.repeat(100)].concat().into())
        }
        _ => page("text/html", &[b'x'; 65 << 10]),
    })
    .await;
    let fetcher = fetcher(&[&site]);
    for path in ["/bomb", "/announced", "/endless", "/large"] {
        let error = fetcher.page(&site.url(path)).await.unwrap_err();
        assert_eq!((error.reason(), error.fate()), (Reason::TooLarge, Fate::Dead), "{path}: {error}");
    }
}

#[tokio::test]
async fn slow_and_broken_answers_end_within_the_time_limit() {
    let site = Site::start(|path, _| match path {
        "/silent" => Answer::Hang(Vec::new()),
        "/slow" => Answer::Hang(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<".into()),
        "/short" => Answer::Close(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<".into()),
        "/headers" => answer("200 OK", &"X: y\r\n".repeat(10_000), b"<p>"),
        "/header" => answer("200 OK", &format!("X: {}\r\n", "y".repeat(2 << 20)), b"<p>"),
        _ => Answer::Close(b"SSH-2.0\r\n".into()),
    })
    .await;
    let settings = Fetch { allow: vec![site.address.clone()], timeout: Duration::from_millis(300), ..Fetch::default() };
    let fetcher = Fetcher::new(&settings).unwrap();
    for path in ["/silent", "/slow", "/short", "/headers", "/header", "/ssh"] {
        let error = fetcher.page(&site.url(path)).await.unwrap_err();
        assert_eq!(error.reason(), Reason::Unreachable, "{path}: {error}");
    }
}

#[tokio::test]
async fn what_never_ends_is_given_up_and_hardly_any_of_it_is_read() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    let empty = gzip(b"");
    let cases: Vec<(&str, String, Vec<u8>, Reason)> = vec![
        ("/body", format!("{head}\r\n<p>"), vec![b'x'; 4096], Reason::TooLarge),
        ("/chunks", chunked.clone(), format!("400\r\n{}\r\n", "x".repeat(1024)).into(), Reason::TooLarge),
        ("/small-chunks", chunked.clone(), "1\r\nx\r\n".repeat(500).into(), Reason::TooLarge),
        ("/extension", format!("{chunked}1;"), vec![b'x'; 4096], Reason::Unreachable),
        ("/trailers", format!("{chunked}1\r\nx\r\n0\r\n"), "X: y\r\n".repeat(500).into(), Reason::Unreachable),
        ("/headers", head.into(), "X: y\r\n".repeat(500).into(), Reason::Unreachable),
        ("/header", format!("{head}X: "), vec![b'x'; 4096], Reason::Unreachable),
        ("/status", "HTTP/1.1 200 ".into(), vec![b'x'; 4096], Reason::Unreachable),
        ("/nothing-packed", format!("{head}Content-Encoding: gzip\r\n\r\n"), empty.repeat(200), Reason::TooLarge),
    ];
    let answers = cases.clone();
    let site = Site::start(move |path, _| {
        let found = answers.iter().find(|(of, ..)| *of == path);
        found.map_or(Answer::Close(Vec::new()), |(_, head, piece, _)| {
            Answer::Forever(head.clone().into(), piece.clone(), Duration::ZERO)
        })
    })
    .await;
    let fetcher = fetcher(&[&site]);
    for (path, _, _, reason) in cases {
        let before = site.sent();
        let error = fetcher.page(&site.url(path)).await.unwrap_err();
        assert_eq!(error.reason(), reason, "{path}: {error}");
        // What the sockets hold on the way is not read.
        let sent = site.sent() - before;
        assert!(sent < 32 << 20, "{path}: {sent} bytes");
    }
}

#[tokio::test]
async fn what_drips_or_only_ever_promises_ends_with_its_time() {
    let site = Site::start(|path, _| match path {
        "/drip" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<p>";
            Answer::Forever(head.into(), b"x".into(), Duration::from_millis(10))
        }
        "/header" => Answer::Forever(b"HTTP/1.1 200 OK\r\nX: ".into(), b"y".into(), Duration::from_millis(10)),
        // A length of zeros without end holds nothing: only its time bounds it.
        "/length" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
            Answer::Forever(head.into(), vec![b'0'; 4096], Duration::ZERO)
        }
        _ => Answer::Forever(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".into(), Duration::from_millis(1)),
    })
    .await;
    let settings = Fetch { allow: vec![site.address.clone()], timeout: Duration::from_millis(300), ..Fetch::default() };
    let fetcher = Fetcher::new(&settings).unwrap();
    for path in ["/drip", "/header", "/length", "/continue"] {
        let error = fetcher.page(&site.url(path)).await.unwrap_err();
        assert_eq!(error.reason(), Reason::Unreachable, "{path}: {error}");
        assert!(error.to_string().contains("within 300 ms"), "{path}: {error}");
    }
}

#[tokio::test]
async fn links_that_try_to_get_past_the_guard_are_refused() {
    let urls = include_str!("refused.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let urls: Vec<&str> = urls.collect();
    assert!(urls.len() >= 200, "{} URLs", urls.len());
    let fetcher = fetcher(&[]);
    for url in urls {
        let error = fetcher.page(url).await.unwrap_err();
        assert_eq!(error.reason(), Reason::Refused, "{url}: {error}");
    }
}

#[test]
fn pauses_double_up_to_a_limit_and_never_vanish() {
    let cases =
        [(1, 0.0, 250), (1, 1.0, 125), (2, 0.0, 500), (3, 0.5, 750), (6, 0.0, 8000), (40, 0.0, 8000), (40, 9.0, 4000)];
    for (attempt, jitter, expected) in cases {
        assert_eq!(delay(attempt, jitter), Duration::from_millis(expected), "attempt {attempt}, jitter {jitter}");
    }
    assert_eq!(delay(0, 0.0), FIRST_PAUSE);
    assert!((0.0..=1.0).contains(&jitter()));
}

#[test]
fn a_url_is_shown_without_login_and_query() {
    let url = Url::parse("https://user:secret@example.org:81/a?token=secret#x").unwrap();
    assert_eq!(shown(&url).to_string(), "\"https://example.org:81/a\"");
}
