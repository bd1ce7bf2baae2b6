//! Everything an operator may set, with its default and the reason for it. The only module that reads configuration.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

mod access;
mod check;
mod decode;
mod given;
mod kafka;
mod keys;
mod kind;
mod load;
mod problem;
mod reference;
mod reserved;
mod run;
mod stages;
mod suggest;
mod tables;
mod topics;
mod units;
mod unknown;
mod value;
mod words;

#[cfg(test)]
mod tests;

pub use decode::{Decode, RawField};
pub use kafka::{AROUND, Assignor, Kafka, OnLostOffset, SaslMechanism, Security, Start};
pub use load::{Loaded, Sources, load};
pub use problem::{Location, Problem, Problems};
pub use reference::{full, in_force, page, short};
pub use run::{Delivery, Run};
pub use stages::Stages;
pub use topics::Topics;
pub use units::duration;

/// The client leaves the group when nobody polled it for this long. Fixed: the watchdog must end a stuck process first.
pub const MAX_POLL_INTERVAL: Duration = Duration::from_secs(120);

/// All settings, checked. Built by `load`; nothing is checked again later.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// `[kafka]`
    pub kafka: Kafka,
    /// `[topics]`
    pub topics: Topics,
    /// `[run]`
    pub run: Run,
    /// `[decode]`
    pub decode: Decode,
    /// `[dedupe]`
    pub dedupe: Dedupe,
    /// `[clean]`
    pub clean: Clean,
    /// `[output]`
    pub output: Output,
    /// `[extract]`
    pub extract: Extract,
    /// `[fetch]`
    pub fetch: Fetch,
    /// `[http]`
    pub http: Http,
    /// `[log]`
    pub log: Log,
}

/// A value that never shows itself: Debug and Display print `***`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    /// The value itself, for the client that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What is done with a story that was told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DedupeMode {
    /// Only a link is published.
    #[default]
    On,
    /// Everything is published, with the verdict attached.
    Mark,
    /// Nobody asks.
    Off,
}

/// `[dedupe]`: the desk's memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Dedupe {
    /// What is done with a story that was told before.
    pub mode: DedupeMode,
    /// How long a story is remembered, in time of the print log.
    pub window: Duration,
    /// How many stories are remembered at most.
    pub max_articles: u64,
    /// How long a print that was not published yet may be matched, in time of the print log.
    pub promise: Duration,
    /// Folder in which a snapshot of the memory is kept; `None`: none is.
    pub state_dir: Option<PathBuf>,
}

impl Default for Dedupe {
    fn default() -> Self {
        Dedupe {
            mode: DedupeMode::default(),
            window: Duration::from_secs(72 * 3600),
            max_articles: 2_000_000,
            promise: Duration::from_secs(120),
            state_dir: None,
        }
    }
}

/// `[clean]`: what counts as a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Clean {
    /// A page or text with fewer words is dead (`too_short`); a bare story never is.
    pub min_words: u32,
}

impl Default for Clean {
    fn default() -> Self {
        Clean { min_words: 5 }
    }
}

/// The form in which an article is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The enriched record, all of it.
    #[default]
    Copydesk,
    /// An IPTC ninjs 3.1 item.
    Ninjs,
}

/// `[output]`: the form of what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Output {
    /// The form of an article.
    pub format: Format,
    /// Headers by which stories and links are CloudEvents in binary mode.
    pub cloudevents: bool,
}

/// Whether the text is read for what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Meaning {
    /// Entities, quotes, keywords and topics are told.
    #[default]
    On,
    /// They are absent.
    Off,
}

/// `[extract]`: what is read out of a story beyond its facts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extract {
    /// Whether the text is read for what it means.
    pub meaning: Meaning,
    /// Weights of the entity tagger in place of those of the program.
    pub model: Option<PathBuf>,
}

/// `[fetch]`: links to pages; off by default.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetch {
    /// Run the fetch stage in this process.
    pub enabled: bool,
    /// Requests under way at once.
    pub concurrency: usize,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for the whole of one attempt, redirects included.
    pub timeout: Duration,
    /// Attempts before a link becomes a dead letter.
    pub attempts: u32,
    /// Largest body as sent, in bytes.
    pub max_packed: u64,
    /// Largest body unpacked, in bytes.
    pub max_body: u64,
    /// User-Agent header.
    pub user_agent: String,
    /// Hosts or addresses (`host:port`) excepted from the address and port guard; for tests and intranets.
    pub allow: Vec<String>,
}

impl Default for Fetch {
    fn default() -> Self {
        Fetch {
            enabled: false,
            concurrency: 16,
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(10),
            attempts: 3,
            max_packed: 5 << 20,
            max_body: 20 << 20,
            user_agent: concat!("copydesk/", env!("CARGO_PKG_VERSION")).into(),
            allow: Vec::new(),
        }
    }
}

/// `[http]`: the listener for probes and metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Http {
    /// Address of `/livez`, `/readyz`, `/metrics`, `/version`; `None` when `"off"`. Port 0 takes a free one.
    pub listen: Option<SocketAddr>,
    /// Address of the desk page; `None` when `"off"`. Port 0 takes a free one.
    pub desk: Option<SocketAddr>,
}

impl Default for Http {
    fn default() -> Self {
        Http {
            listen: Some(SocketAddr::from(([0, 0, 0, 0], 9464))),
            desk: Some(SocketAddr::from(([127, 0, 0, 1], 9465))),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `[log]`: what is said on standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `copydesk=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Log { format: LogFormat::default(), level: "info".into() }
    }
}
