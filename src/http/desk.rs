//! The desk page: what this worker does and decides, for the people of the newsroom. One embedded page and what it asks for.
//!
//! It shows content of articles, so its listener stands on the loopback address unless somebody says otherwise. It reads
//! shared state only: nothing that is asked here changes the worker, writes to a topic, or fetches anything.

mod explain;
mod guard;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use axum::body::{HttpBody, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::connection::Limits;
use super::{Health, listen_on};
use crate::explain::apart::apart;
use crate::metrics::{self, Metrics};
use crate::outcome::Route;
use crate::recent::{Member, Recent};
use crate::settings::Settings;
use crate::stage::Rules;
use crate::stage::meaning::entity::model::Model;

/// Largest record that is explained. Higher: a few of them at once cost memory. Lower: real pages do not fit.
const MAX_RECORD: usize = 2 << 20;

/// Connections at once. Higher: as many records of the largest size may be held. Lower: two browsers push each other out.
const CONNECTIONS: usize = 16;

/// What the desk page shows. Clones share it.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    health: Arc<Health>,
    metrics: Metrics,
    recent: Arc<Recent>,
    settings: Arc<Settings>,
    rules: Rules,
    /// One explanation at a time: the processors are the line's.
    explaining: Semaphore,
}

impl Desk {
    /// A page about the worker that shares these.
    pub fn new(
        health: Arc<Health>,
        metrics: Metrics,
        recent: Arc<Recent>,
        settings: Arc<Settings>,
        meaning: Option<Arc<Model>>,
    ) -> Desk {
        let rules = Rules::new(&settings, meaning, settings.kafka.max_value());
        Desk(Arc::new(Inner { health, metrics, recent, settings, rules, explaining: Semaphore::new(1) }))
    }

    /// Listens on `listen` (port 0 takes a free one) until `stop`. Returns the address taken and the task to wait for.
    ///
    /// # Errors
    /// When the address cannot be taken.
    pub async fn serve(self, listen: SocketAddr, stop: CancellationToken) -> io::Result<(SocketAddr, JoinHandle<()>)> {
        let limits = Limits { connections: CONNECTIONS, request: MAX_RECORD + (16 << 10), ..Limits::default() };
        listen_on(limits, listen, routes(self), stop).await
    }
}

fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/v1/status", get(status))
        .route("/v1/recent", get(recent))
        .route("/v1/sources", get(sources))
        .route("/v1/clusters", get(clusters))
        .route("/v1/pair", get(pair))
        .route("/v1/explain", post(explain_record))
        .layer(middleware::map_response(close_mouth))
        .layer(middleware::from_fn(guard::check))
        .with_state(desk)
}

/// Headers of every answer: nothing is kept, guessed, or told to other sites.
async fn close_mouth(mut answer: Response) -> Response {
    let fixed: [(HeaderName, &'static str); 3] =
        [(CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (REFERRER_POLICY, "no-referrer")];
    for (name, value) in fixed {
        answer.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
    }
    answer
}

/// The page with its style and script in it. Both carry a number that no article can know, and nothing else may run.
async fn page() -> Response {
    let nonce = nonce();
    let page = include_str!("desk/page.html")
        .replace("/*style*/", include_str!("desk/page.css"))
        .replace("/*script*/", include_str!("desk/page.js"))
        .replace("{nonce}", &nonce);
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    ([(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

fn nonce() -> String {
    use std::hash::{BuildHasher, RandomState};
    let part = || RandomState::new().hash_one(Instant::now());
    format!("{:016x}{:016x}", part(), part())
}

async fn status(State(Desk(desk)): State<Desk>) -> Json<Value> {
    let reasons: BTreeMap<_, _> = desk.health.reasons().into_iter().map(|(c, why)| (c.name(), why)).collect();
    let topics: BTreeMap<_, _> = Route::ALL.map(|route| (route.name(), desk.settings.topics.name(route))).into();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "revision": metrics::REVISION,
        "ready": reasons.is_empty(),
        "reasons": reasons,
        "stalled": desk.health.stalled(Instant::now()),
        "memory": desk.settings.run.memory,
        "group": desk.settings.kafka.group,
        "topics": topics,
        "metrics": desk.metrics.json(),
    }))
}

async fn recent(State(Desk(desk)): State<Desk>) -> Response {
    Json(desk.recent.last()).into_response()
}

async fn sources(State(Desk(desk)): State<Desk>) -> Response {
    Json(desk.recent.sources(SystemTime::now())).into_response()
}

async fn clusters(State(Desk(desk)): State<Desk>) -> Response {
    Json(desk.recent.clusters()).into_response()
}

/// Two articles by their numbers.
#[derive(Debug, Deserialize)]
struct Numbers {
    first: u64,
    second: u64,
}

/// Two members of stories side by side: their texts in pieces, each with whether only that one has it.
async fn pair(State(Desk(desk)): State<Desk>, Query(numbers): Query<Numbers>) -> Response {
    let Some(members) = desk.recent.pair(numbers.first, numbers.second) else {
        return refuse(StatusCode::NOT_FOUND, "one of the two is not remembered any more");
    };
    let Ok(_turn) = desk.explaining.acquire().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the worker is stopping");
    };
    match tokio::task::spawn_blocking(move || side_by_side(&members)).await {
        Ok(pair) => Json(pair).into_response(),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "a defect of copydesk: please report it"),
    }
}

/// Texts that were not read are null: their copies were recognised without.
fn side_by_side(members: &[Member; 2]) -> Value {
    let [first, second] = members;
    let (one, other) = match (first.entry.text(), second.entry.text()) {
        (Some(one), Some(other)) => {
            let (one, other) = apart(one, other);
            (Some(one), Some(other))
        }
        (one, other) => {
            let whole = |text: &str| apart(text, text).0;
            (one.map(whole), other.map(whole))
        }
    };
    json!([{"article": first, "text": one}, {"article": second, "text": other}])
}

/// What would become of the record in the body, and why. Without the desk's memory: nothing is asked or printed.
async fn explain_record(State(Desk(desk)): State<Desk>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    // What says that it is too large is answered before it is sent.
    let fits = body.size_hint().lower() <= MAX_RECORD as u64;
    let Some(body) = (if fits { to_bytes(body, MAX_RECORD).await.ok() } else { None }) else {
        let text = format!(
            "a record of at most {} MiB is explained here; copydesk explain FILE takes larger ones",
            MAX_RECORD >> 20
        );
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, &text);
    };
    let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if body.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "an empty body: send a raw record, a page or a text");
    }
    let explained = {
        let Ok(_turn) = desk.explaining.acquire().await else {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "the worker is stopping");
        };
        let desk = desk.clone();
        tokio::task::spawn_blocking(move || explain::explain(&desk.rules, &desk.settings, body, kind)).await
    };
    match explained {
        Ok(explained) => Json(explained).into_response(),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "a defect of copydesk: please report it with the record"),
    }
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

#[cfg(test)]
mod tests;
