//! Two listeners: for probes and metrics (`/livez`, `/readyz`, `/metrics`, `/version`), and the desk page ([`desk`]).
//!
//! Both read shared state and never ask the broker, so they answer while everything else stands still. The first shows no
//! content of any article and takes no input.

mod connection;
pub mod desk;
mod health;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::metrics::{self, Metrics};
use connection::{Bounded, Limits};
pub use health::{Condition, Health};

/// How long answers under way may take once the program stops.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Shared {
    health: Arc<Health>,
    metrics: Metrics,
}

/// Listens on `listen` (port 0 takes a free one) until `stop`. Returns the address taken and the task to wait for.
///
/// # Errors
/// When the address cannot be taken.
pub async fn serve(
    listen: SocketAddr,
    health: Arc<Health>,
    metrics: Metrics,
    stop: CancellationToken,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    serve_within(Limits::default(), listen, Shared { health, metrics }, stop).await
}

async fn serve_within(
    limits: Limits,
    listen: SocketAddr,
    shared: Shared,
    stop: CancellationToken,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    listen_on(limits, listen, routes(shared), stop).await
}

/// Serves `routes` within `limits` until `stop`, and a moment longer for answers under way.
async fn listen_on(
    limits: Limits,
    listen: SocketAddr,
    routes: Router,
    stop: CancellationToken,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let server = axum::serve(Bounded::new(listener, limits), routes);
    let server = server.with_graceful_shutdown(stop.clone().cancelled_owned());
    let task = tokio::spawn(async move {
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            _ = server => {}
            () = late => {}
        }
    });
    Ok((address, task))
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_text))
        .route("/version", get(version))
        .with_state(shared)
}

async fn livez(State(shared): State<Shared>) -> Response {
    match shared.health.stalled(Instant::now()) {
        None => (StatusCode::OK, Json(json!({"live": true}))).into_response(),
        Some(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"live": false, "reason": reason}))).into_response()
        }
    }
}

async fn readyz(State(shared): State<Shared>) -> Response {
    let reasons: Map<String, Value> =
        shared.health.reasons().into_iter().map(|(condition, why)| (condition.name().to_owned(), why.into())).collect();
    if reasons.is_empty() {
        return (StatusCode::OK, Json(json!({"ready": true}))).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"ready": false, "reasons": reasons}))).into_response()
}

async fn metrics_text(State(shared): State<Shared>) -> Response {
    shared.metrics.ready(shared.health.is_ready());
    match shared.metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn version() -> Json<Value> {
    Json(json!({"version": env!("CARGO_PKG_VERSION"), "revision": metrics::REVISION}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Topics;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// Ends a test that would wait for ever; far more than a machine under load takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    async fn server(limits: Limits) -> (SocketAddr, Arc<Health>, CancellationToken, JoinHandle<()>) {
        let health = Arc::new(Health::new(Duration::from_secs(60), &Condition::ALL));
        let shared = Shared { health: health.clone(), metrics: Metrics::new(&Topics::default()).unwrap() };
        let stop = CancellationToken::new();
        let (address, task) =
            serve_within(limits, SocketAddr::from(([127, 0, 0, 1], 0)), shared, stop.clone()).await.unwrap();
        (address, health, stop, task)
    }

    async fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The other side may close before it has read all of a request that is too large.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn get(address: SocketAddr, path: &str) -> String {
        ask(address, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    #[tokio::test]
    async fn each_route_answers() {
        let (address, health, _stop, _task) = server(Limits::default()).await;
        assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200 OK"), "alive although not ready");
        let answer = get(address, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(
            answer.ends_with(
                r#"{"ready":false,"reasons":{"joined":"not yet","producer":"not yet","print_log":"not yet","fetch":"not yet"}}"#
            )
        );
        assert!(get(address, "/metrics").await.contains("copydesk_ready 0"));
        Condition::ALL.into_iter().for_each(|condition| health.met(condition));
        assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200 OK"));
        let answer = get(address, "/metrics").await;
        assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
        assert!(answer.contains("copydesk_records_in_flight 0") && answer.contains("copydesk_ready 1"));
        assert!(get(address, "/version").await.contains(env!("CARGO_PKG_VERSION")));
        assert!(get(address, "/nothing").await.starts_with("HTTP/1.1 404"));
    }

    #[tokio::test]
    async fn hundreds_of_idle_connections_do_not_starve_a_scrape() {
        let (address, _health, _stop, _task) = server(Limits::default()).await;
        let mut idle = Vec::new();
        for _ in 0..400 {
            idle.push(TcpStream::connect(address).await.unwrap());
        }
        let begun = Instant::now();
        assert!(get(address, "/metrics").await.starts_with("HTTP/1.1 200 OK"));
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        // The oldest of them was closed to make room: its end is seen, not waited for.
        let mut oldest = idle.swap_remove(0);
        assert_eq!(oldest.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn a_request_that_is_too_large_ends_the_connection_and_nothing_else() {
        let (address, _health, _stop, _task) = server(Limits::default()).await;
        let answer = ask(address, &format!("GET /metrics HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(1 << 20))).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(get(address, "/metrics").await.starts_with("HTTP/1.1 200 OK"));
    }

    #[tokio::test]
    async fn a_silent_connection_is_closed() {
        let limits = Limits { silence: Duration::from_millis(20), ..Limits::default() };
        let (address, _health, _stop, _task) = server(limits).await;
        assert_eq!(ask(address, "GET /metrics HT").await, "", "half a request, then silence");
    }

    /// What counts is the time of the whole request, not that of each byte.
    #[tokio::test]
    async fn a_request_that_drips_is_cut_off_however_steadily_it_drips() {
        let limits = Limits { silence: Duration::from_millis(100), ..Limits::default() };
        let (address, _health, _stop, _task) = server(limits).await;
        let (mut answers, mut requests) = TcpStream::connect(address).await.unwrap().into_split();
        let drip = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(5));
            while requests.write_all(b"G").await.is_ok() {
                ticks.tick().await;
            }
        });
        let closed = tokio::time::timeout(PATIENCE, answers.read(&mut [0; 64])).await;
        assert!(matches!(closed, Ok(Ok(0) | Err(_))), "{closed:?}");
        drip.abort();
    }

    /// Sends `head`, then `piece` for as long as the other side takes it; how many bytes that were.
    async fn pour(address: SocketAddr, head: &[u8], piece: &[u8]) -> usize {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut sent = 0;
        let poured = async {
            stream.write_all(head).await?;
            loop {
                stream.write_all(piece).await?;
                sent += piece.len();
            }
        };
        let ended: io::Result<()> = tokio::time::timeout(PATIENCE, poured).await.unwrap();
        assert!(ended.is_err());
        sent
    }

    #[tokio::test]
    async fn what_never_ends_is_cut_off_and_the_next_scrape_is_answered() {
        let limits = Limits { silence: Duration::from_millis(500), ..Limits::default() };
        let (address, _health, _stop, _task) = server(limits).await;
        let chunked = b"POST /metrics HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".as_slice();
        let piece = vec![b'x'; 16 << 10];
        let chunk = [b"4000\r\n", piece.as_slice(), b"\r\n"].concat();
        let get = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".as_slice();
        let endless = [
            ("an address", b"GET /".as_slice(), piece.as_slice()),
            ("a header", b"GET /metrics HTTP/1.1\r\nx: ", &piece),
            ("headers", b"GET /metrics HTTP/1.1\r\n", b"x: y\r\n"),
            ("a body", b"POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n", &piece),
            ("chunks", chunked, &chunk),
            ("the length of a chunk", chunked, b"0000000000000000"),
            ("trailers", &[chunked, b"0\r\n"].concat(), b"x: y\r\n"),
            ("questions whose answers nobody reads", get, get),
        ];
        for (what, head, piece) in endless {
            // What the sockets hold on the way is not read.
            let sent = pour(address, head, piece).await;
            assert!(sent < 32 << 20, "{what}: {sent} bytes");
            assert!(
                ask(address, "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.contains("200 OK"),
                "{what}"
            );
        }
    }

    #[tokio::test]
    async fn stopping_ends_the_task_even_with_a_connection_open() {
        let (address, _health, stop, task) = server(Limits::default()).await;
        let _open = TcpStream::connect(address).await.unwrap();
        stop.cancel();
        tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    }
}
