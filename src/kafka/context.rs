//! What every client of librdkafka is given: it carries its logs and errors into ours, and tokens to it.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::{refusal, token};
use crate::settings::{Kafka, SaslMechanism};

/// For so long a refusal is what is told, also when lesser reasons follow it.
const HELD: Duration = Duration::from_secs(10);

/// Carries librdkafka's logs and errors into ours, and tokens to it. Remembers the last reason, which its calls do not
/// return: a wrong password shows only here.
#[derive(Debug)]
pub struct Context {
    reason: Mutex<Option<(String, Instant)>>,
    token_file: Option<PathBuf>,
}

impl Context {
    /// For a client of this cluster.
    pub fn new(kafka: &Kafka) -> Context {
        let by_token = kafka.sasl_mechanism == SaslMechanism::Oauthbearer;
        Context { reason: Mutex::new(None), token_file: kafka.oauth_token_file.clone().filter(|_| by_token) }
    }

    /// The last error librdkafka spoke of, in its words; a refusal goes before what followed it.
    pub fn last_reason(&self) -> Option<String> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(reason, _)| reason.clone())
    }

    fn remember(&self, reason: &str) {
        let mut held = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        let stands = |(held, since): &(String, Instant)| refusal::is_refusal(held) && since.elapsed() < HELD;
        if refusal::is_refusal(reason) || !held.as_ref().is_some_and(stands) {
            *held = Some((reason.to_owned(), Instant::now()));
        }
    }

    /// The token for a login, where logins are made by token.
    ///
    /// # Errors
    /// What is wrong with the file or with what it holds.
    pub fn token(&self) -> Option<Result<OAuthToken, String>> {
        self.token_file.as_ref().map(|path| token::read(path, SystemTime::now()))
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    /// Why a connection failed stands only here.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let message = &*refusal::plain(message);
        if facility == "FAIL" {
            // After the name of the thread: "ssl://kafka:9093/bootstrap: Connect to ... failed: Connection refused (after ...".
            let reason = message.split_once("]: ").map_or(message, |(_, reason)| reason);
            self.remember(reason);
        }
        log(level, facility, message);
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let reason = &*refusal::plain(reason);
        match error {
            KafkaError::PartitionEOF(_) | KafkaError::Global(RDKafkaErrorCode::PartitionEOF) => {}
            // One for every attempt; what led to it was said before. And who has use for its group hears of it elsewhere.
            KafkaError::Global(RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::GroupAuthorizationFailed) => {
                tracing::debug!(reason, "broker");
            }
            _ => {
                tracing::warn!(error = %error, reason, "broker");
                self.remember(reason);
            }
        }
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.token().unwrap_or_else(|| Err("kafka.oauth_token_file is not set".into())).map_err(Into::into)
    }
}

impl ConsumerContext for Context {}

/// Inside an `impl ClientContext`: hands what librdkafka says on to the field `context`. A context that hears something itself
/// writes that method out instead.
macro_rules! hand_on {
    (log) => {
        fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, message: &str) {
            self.context.log(level, facility, message);
        }
    };
    (error) => {
        fn error(&self, error: rdkafka::error::KafkaError, reason: &str) {
            self.context.error(error, reason);
        }
    };
    (rest) => {
        const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

        fn generate_oauth_token(
            &self,
            asked: Option<&str>,
        ) -> Result<rdkafka::client::OAuthToken, Box<dyn std::error::Error>> {
            self.context.generate_oauth_token(asked)
        }

        fn stats_raw(&self, statistics: &[u8]) {
            self.context.stats_raw(statistics);
        }
    };
}
pub(super) use hand_on;

/// A log line of librdkafka, one level quieter: what it calls an error it mostly mends by itself.
fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
            tracing::error!(facility, "{message}");
        }
        RDKafkaLogLevel::Error | RDKafkaLogLevel::Warning => tracing::warn!(facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => tracing::debug!(facility, "{message}"),
        RDKafkaLogLevel::Debug => tracing::trace!(facility, "{message}"),
    }
}
