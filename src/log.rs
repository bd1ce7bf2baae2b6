//! Log lines on standard error: text for people, JSON for machines. Standard output belongs to results.
//!
//! What the world sends (a headline, the error of a broker) is written escaped and cut, so that an event is one line,
//! a terminal is not steered and a disk is not filled. Bodies of articles are never logged.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::metrics::{self, Metrics};
use crate::settings::{Log, LogFormat};

mod line;

use line::Fields;

/// What the command line and the environment say about logging.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'w> {
    /// How many `-v` minus how many `-q`.
    pub verbosity: i8,
    /// RUST_LOG, which beats everything.
    pub rust_log: Option<&'w str>,
    /// Colours; `None`: on a terminal.
    pub color: Option<bool>,
}

/// Starts logging. `metrics` counts the lines by level.
///
/// # Errors
/// When RUST_LOG is no filter, or logging was started before.
pub fn init(settings: &Log, wish: Wish<'_>, metrics: Option<Metrics>) -> Result<(), String> {
    let filter = filter(level(settings, wish)).map_err(|error| format!("RUST_LOG: {error}"))?;
    let terminal = io::stderr().is_terminal();
    let json = match settings.format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let out = Mutex::new(Box::new(io::stderr()) as Box<dyn Write + Send>);
    let lines = Lines { json, color: wish.color.unwrap_or(terminal), metrics, out };
    tracing_subscriber::registry().with(filter).with(lines).try_init().map_err(|error| error.to_string())
}

/// RUST_LOG over `-v` and `-q` over the configuration.
fn level<'l>(settings: &'l Log, wish: Wish<'l>) -> &'l str {
    match (wish.rust_log, wish.verbosity) {
        (Some(filter), _) => filter,
        (None, 2..) => "info,copydesk=trace",
        (None, 1) => "info,copydesk=debug",
        (None, 0) => &settings.level,
        (None, -1) => "warn",
        (None, ..-1) => "error",
    }
}

/// A filter such as `info` or `info,copydesk::kafka=debug`.
///
/// # Errors
/// When it is no filter. A word that is no level would be taken for the name of a module: it is refused.
pub fn filter(text: &str) -> Result<EnvFilter, String> {
    let words = text.split(',').map(str::trim).filter(|part| !part.contains('='));
    if let Some(word) = words.into_iter().find(|word| word.parse::<LevelFilter>().is_err()) {
        return Err(format!("{word:?} is no level"));
    }
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::ERROR.into());
    builder.parse(text).map_err(|error| error.to_string())
}

/// Writes each event as one line and counts it.
struct Lines {
    json: bool,
    color: bool,
    metrics: Option<Metrics>,
    out: Mutex<Box<dyn Write + Send>>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let meta = event.metadata();
        if let Some(metrics) = &self.metrics {
            metrics.logged(counted(*meta.level()));
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = jiff::Timestamp::now();
        let line = if self.json {
            line::json(&format!("{now:.3}"), *meta.level(), meta.target(), &fields)
        } else {
            line::text(&format!("{now:.3}"), *meta.level(), meta.target(), &fields, self.color)
        };
        // Nobody is left to tell when standard error is closed.
        let _ = self.out.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

fn counted(level: Level) -> metrics::Level {
    match level {
        Level::ERROR => metrics::Level::Error,
        Level::WARN => metrics::Level::Warn,
        Level::INFO => metrics::Level::Info,
        Level::DEBUG => metrics::Level::Debug,
        Level::TRACE => metrics::Level::Trace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What was written, for the test to read.
    #[derive(Clone, Default)]
    struct Page(std::sync::Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_written_and_counted_and_what_the_filter_stops_is_neither() {
        let page = Page::default();
        let metrics = Metrics::new(&crate::settings::Topics::default()).unwrap();
        let out = Mutex::new(Box::new(page.clone()) as Box<dyn Write + Send>);
        let lines = Lines { json: true, color: false, metrics: Some(metrics.clone()), out };
        let subscriber = tracing_subscriber::registry().with(filter("warn").unwrap()).with(lines);
        tracing::subscriber::with_default(subscriber, || {
            let error = io::Error::other("connection\nreset");
            tracing::error!(%error, attempt = 3, late = true, "cannot commit");
            tracing::info!("assigned");
        });
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["message"], &line["error"]), (&"cannot commit".into(), &"connection\nreset".into()));
        assert_eq!((&line["attempt"], &line["late"], &line["level"]), (&3.into(), &true.into(), &"ERROR".into()));
        let numbers = metrics.text().unwrap();
        assert!(numbers.contains("copydesk_log_messages_total{level=\"error\"} 1"), "{numbers}");
        assert!(numbers.contains("copydesk_log_messages_total{level=\"info\"} 0"), "{numbers}");
    }

    #[test]
    fn the_environment_beats_the_flags_and_the_flags_beat_the_file() {
        let settings = Log { level: "warn".into(), ..Log::default() };
        let wish = |verbosity, rust_log| level(&settings, Wish { verbosity, rust_log, color: None });
        assert_eq!(wish(1, Some("trace")), "trace");
        assert_eq!(wish(1, None), "info,copydesk=debug");
        assert_eq!(wish(0, None), "warn");
        assert_eq!(wish(-3, None), "error");
    }

    #[test]
    fn a_filter_is_levels_and_modules_with_levels() {
        for good in ["info", "WARN", "off", "info,copydesk::kafka=debug", "copydesk=trace,hyper=off"] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for bad in ["loud", "info,copydesk", "copydesk=loud"] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
