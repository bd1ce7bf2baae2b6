//! Links to pages: one HTTP request at a time, within limits, and never to an address that is not on the public internet.
//!
//! A link comes from outside and names what this process connects to, so nothing in it is trusted: see [`guard`] for
//! where it may lead, [`body`] for how much it may send. Every redirect is a new link. Never uses a proxy from the
//! environment, cookies, or a referrer, and never reads what a page says; that is decode's and clean's work.

pub mod body;
pub mod guard;
pub mod record;

use std::fmt::Display;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use reqwest::{Client, Response, StatusCode, redirect, retry, tls};
use url::Url;

use crate::article::Body;
use crate::outcome::{Reason, Rejection, Stage};
use crate::settings::Fetch;
use crate::stage::decode::charset::{self, ContentType};
use crate::stage::decode::excerpt;

use body::Unpacker;
use guard::{Blocked, Guard, Trust};

/// Redirects followed. Higher: nothing that a reader's browser needs. Lower: http to https to www to a canonical path
/// already takes three.
const MAX_REDIRECTS: usize = 5;

/// Pause before the second attempt, and the longest pause before any.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// A page as it was fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Address it was read at, after redirects.
    pub final_url: String,
    /// Html or Text, as Unicode.
    pub body: Body,
    /// Media type, lower case; empty when the server sent none.
    pub content_type: String,
    /// HTTP status, 200 to 299.
    pub status: u16,
}

/// Why a link gave no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The guard does not let this process go there.
    #[error("{0}")]
    Refused(String),
    /// Something answered, and it is no page.
    #[error("{0}")]
    NotAPage(String),
    /// More bytes than the limits allow.
    #[error("{0}")]
    TooLarge(String),
    /// No answer, or one that may be another the next time.
    #[error("{0}")]
    Unreachable(String),
}

/// What to do about a [`FetchError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Ask again later: time-outs, connections, 408, 429, 5xx.
    Retry,
    /// Asking again would bring the same.
    Dead,
}

impl FetchError {
    /// Ask again, or give the link up.
    pub fn fate(&self) -> Fate {
        match self {
            FetchError::Unreachable(_) => Fate::Retry,
            FetchError::Refused(_) | FetchError::NotAPage(_) | FetchError::TooLarge(_) => Fate::Dead,
        }
    }

    /// The reason a dead letter gives.
    pub fn reason(&self) -> Reason {
        match self {
            FetchError::Refused(_) => Reason::Refused,
            FetchError::NotAPage(_) => Reason::NotAPage,
            FetchError::TooLarge(_) => Reason::TooLarge,
            FetchError::Unreachable(_) => Reason::Unreachable,
        }
    }
}

impl From<FetchError> for Rejection {
    fn from(error: FetchError) -> Rejection {
        Rejection::new(Stage::Fetch, error.reason(), error.to_string())
    }
}

/// Fetches pages. Cheap to share: one for the process, which keeps connections alive.
#[derive(Debug)]
pub struct Fetcher {
    settings: Fetch,
    guard: Arc<Guard>,
    /// For the public internet: resolves through the guard.
    guarded: Client,
    /// For hosts that `fetch.allow` names.
    open: Client,
}

impl Fetcher {
    /// Builds the two clients; fails only when the TLS library does.
    pub fn new(settings: &Fetch) -> anyhow::Result<Fetcher> {
        Fetcher::guarded_by(settings, Guard::new(&settings.allow))
    }

    fn guarded_by(settings: &Fetch, guard: Guard) -> anyhow::Result<Fetcher> {
        let guard = Arc::new(guard);
        let guarded = client(settings).dns_resolver(guard.clone()).build()?;
        let open = client(settings).build()?;
        Ok(Fetcher { settings: settings.clone(), guard, guarded, open })
    }

    /// The page at `url`, asked for up to `attempts` times with growing pauses between.
    pub async fn fetch(&self, url: &str, attempts: u32) -> Result<Page, FetchError> {
        let mut attempt = 1;
        loop {
            match self.page(url).await {
                Err(error) if error.fate() == Fate::Retry && attempt < attempts => {
                    tracing::debug!(attempt, error = %error, "fetch failed, trying again");
                    tokio::time::sleep(delay(attempt, jitter())).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    /// One attempt, redirects included, within `fetch.timeout`.
    pub async fn page(&self, url: &str) -> Result<Page, FetchError> {
        let limit = self.settings.timeout;
        match tokio::time::timeout(limit, self.follow(url)).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Unreachable(format!("no whole answer within {} ms", limit.as_millis()))),
        }
    }

    async fn follow(&self, url: &str) -> Result<Page, FetchError> {
        let mut url = parse(url)?;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&url).await?;
            match redirect_of(&url, &response)? {
                Some(next) => url = next,
                None => return self.read(&url, response).await,
            }
        }
        Err(FetchError::Refused(format!("more than {MAX_REDIRECTS} redirects, the last to {}", shown(&url))))
    }

    /// One request. The guard sees the URL here and, through the resolver, every address behind its name.
    async fn ask(&self, url: &Url) -> Result<Response, FetchError> {
        let client = match self.guard.check(url).map_err(|b| FetchError::Refused(format!("{}: {b}", shown(url))))? {
            Trust::Public => &self.guarded,
            Trust::Allowed => &self.open,
        };
        client.get(url.clone()).send().await.map_err(|error| trouble(url, &error))
    }

    async fn read(&self, url: &Url, response: Response) -> Result<Page, FetchError> {
        let status = response.status();
        check_status(url, status)?;
        let header = header(response.headers(), CONTENT_TYPE).unwrap_or_default().to_owned();
        let content_type = ContentType::parse(&header);
        if !is_page(&content_type) {
            return Err(FetchError::NotAPage(format!("{}: content type is {}", shown(url), excerpt(&header))));
        }
        let bytes = self.bytes(url, response).await?;
        let body = page_body(&content_type, &bytes)
            .ok_or_else(|| FetchError::NotAPage(format!("{}: an empty page, or none at all", shown(url))))?;
        Ok(Page { final_url: url.to_string(), body, content_type: content_type.essence, status: status.as_u16() })
    }

    async fn bytes(&self, url: &Url, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let encodings: Vec<&str> =
            response.headers().get_all(CONTENT_ENCODING).iter().map(|v| v.to_str().unwrap_or("?")).collect();
        let mut unpacker = Unpacker::new(&encodings.join(","), self.settings.max_packed, self.settings.max_body)?;
        unpacker.announce(response.content_length().unwrap_or(0))?;
        while let Some(chunk) = response.chunk().await.map_err(|error| trouble(url, &error))? {
            unpacker.push(&chunk)?;
        }
        unpacker.finish()
    }
}

fn client(settings: &Fetch) -> reqwest::ClientBuilder {
    let mut headers = HeaderMap::new();
    headers
        .insert(ACCEPT, reqwest::header::HeaderValue::from_static("text/html,application/xhtml+xml,text/plain;q=0.8"));
    headers.insert(ACCEPT_ENCODING, reqwest::header::HeaderValue::from_static("gzip"));
    Client::builder()
        .user_agent(&settings.user_agent)
        .default_headers(headers)
        .connect_timeout(settings.connect_timeout)
        .tls_version_min(tls::Version::TLS_1_2)
        // Redirects are followed by hand, so that each one passes the guard; attempts are counted by hand too.
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
}

fn parse(url: &str) -> Result<Url, FetchError> {
    Url::parse(url.trim()).map_err(|error| FetchError::Refused(format!("{} is no URL: {error}", excerpt(url))))
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Where an answer sends us on to; `None` when it is no redirect.
fn redirect_of(url: &Url, response: &Response) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = header(response.headers(), LOCATION)
        .ok_or_else(|| FetchError::NotAPage(format!("{}: a redirect that does not say where to", shown(url))))?;
    let next = url.join(location);
    next.map(Some).map_err(|error| FetchError::Refused(format!("redirect to {}: {error}", excerpt(location))))
}

fn check_status(url: &Url, status: StatusCode) -> Result<(), FetchError> {
    let answered = || format!("{} answered {}", shown(url), status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        408 | 429 | 500..=599 => Err(FetchError::Unreachable(answered())),
        _ => Err(FetchError::NotAPage(answered())),
    }
}

/// Pages are HTML, XHTML or plain text; a server that says nothing gets the benefit of the doubt.
fn is_page(content_type: &ContentType) -> bool {
    content_type.is_html() || matches!(content_type.essence.as_str(), "text/plain" | "")
}

/// The body of a page that has any; without a content type, only what begins like HTML is one.
fn page_body(content_type: &ContentType, bytes: &[u8]) -> Option<Body> {
    let body = match content_type.essence.as_str() {
        "text/plain" => Body::Text(charset::plain_text(bytes, content_type.charset)),
        _ => Body::Html(charset::page_text(bytes, content_type.charset)),
    };
    match &body {
        Body::Html(text) if content_type.is_html() => (!text.trim().is_empty()).then_some(body),
        Body::Html(text) => text.trim_start().starts_with('<').then_some(body),
        Body::Text(text) | Body::Story(text) => (!text.trim().is_empty()).then_some(body),
        Body::None => None,
    }
}

/// What a failed request means: the resolver's refusal comes wrapped in the client's error.
fn trouble(url: &Url, error: &reqwest::Error) -> FetchError {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    loop {
        if let Some(blocked) = cause.downcast_ref::<Blocked>() {
            return FetchError::Refused(format!("{}: {blocked}", shown(url)));
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            None => break,
        }
    }
    // From the system or the TLS library, whose messages name the fault at the end.
    let cause: String = cause.to_string().escape_debug().take(200).collect();
    FetchError::Unreachable(format!("{}: {cause}", shown(url)))
}

/// A URL for a message: no login, no query, not long.
fn shown(url: &Url) -> impl Display {
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    excerpt(&format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()))
}

/// Pause after attempt number `attempt` (from 1): doubles up to a limit, less up to half of it by `jitter` (0.0 to 1.0),
/// so that links of one failed host do not all come back at once.
fn delay(attempt: u32, jitter: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(LONGEST_PAUSE).mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

/// A number from 0.0 to 1.0, another one each time: the seed that the standard library gives every hash map.
fn jitter() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}

#[cfg(test)]
mod bypass;
#[cfg(test)]
mod tests;
