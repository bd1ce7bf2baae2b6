//! Settings to librdkafka configurations, and the context that carries its logs and errors into ours.
//!
//! Keys the guarantees rest on are set here last; settings refuse them in `kafka.client` with a reason.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::ClientConfig;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::{refusal, token};
use crate::settings::{Assignor, Kafka, MAX_POLL_INTERVAL, SaslMechanism, Secret, Security, Settings};

/// How long a blocking call outside a transaction may take.
pub const CALL: Duration = Duration::from_secs(10);

/// What a new producer is polled for, so that it has its token before it is called.
pub const FIRST: Duration = Duration::from_millis(1);

/// The part of `run.memory` that librdkafka may fill with records nobody has asked for yet. Small, since a partition that is
/// paused for back-pressure loses them, and they are fetched again.
const PREFETCH_SHARE: u64 = 24;
/// The part of it that waits in the producer's queue.
const OUTBOX_SHARE: u64 = 4;
/// The transactional producer closes a connection that nobody used for so long. With 2.12.1 a call that hands in offsets waits,
/// whatever its time limit, for a group coordinator that has left the cluster until *any* connection changes its state
/// (librdkafka's issues 5511 and 5456): with this one soon does, and the new coordinator is looked up.
const IDLE: Duration = Duration::from_secs(4);
/// Events taken in at once. A client that cannot connect goes on trying, so there is always more.
const EVENTS: usize = 32;
/// For so long a refusal is what is told, also when lesser reasons follow it.
const HELD: Duration = Duration::from_secs(10);

/// What every client is told: where the brokers are and how to speak to them.
pub fn base(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    // Why a connection ended is said at this level; what is said at a lower one has been asked for.
    let asked = kafka.client.contains_key("debug");
    config.set_log_level(if asked { RDKafkaLogLevel::Debug } else { RDKafkaLogLevel::Info });
    for (key, value) in &kafka.client {
        config.set(key, value);
    }
    config
        .set("bootstrap.servers", &kafka.brokers)
        .set("client.id", format!("copydesk-{}", kafka.group))
        .set("socket.timeout.ms", millis(kafka.socket_timeout))
        .set("socket.keepalive.enable", "true")
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set("retry.backoff.ms", "50")
        .set("allow.auto.create.topics", "false");
    secure(&mut config, kafka);
    config
}

fn secure(config: &mut ClientConfig, kafka: &Kafka) {
    let protocol = match kafka.security {
        Security::Plaintext => "plaintext",
        Security::Ssl => "ssl",
        Security::SaslSsl => "sasl_ssl",
        Security::SaslPlaintext => "sasl_plaintext",
    };
    config.set("security.protocol", protocol);
    if matches!(kafka.security, Security::SaslSsl | Security::SaslPlaintext) {
        config.set("sasl.mechanism", kafka.sasl_mechanism.name());
        set(config, "sasl.username", kafka.username.as_deref());
        set(config, "sasl.password", kafka.password.as_ref().map(Secret::reveal));
    }
    if matches!(kafka.security, Security::Ssl | Security::SaslSsl) {
        config.set("ssl.endpoint.identification.algorithm", "https");
        set(config, "ssl.ca.location", kafka.ca_file.as_ref().and_then(|p| p.to_str()));
        set(config, "ssl.certificate.location", kafka.certificate_file.as_ref().and_then(|p| p.to_str()));
        set(config, "ssl.key.location", kafka.key_file.as_ref().and_then(|p| p.to_str()));
        set(config, "ssl.key.password", kafka.key_password.as_ref().map(Secret::reveal));
    }
}

fn set(config: &mut ClientConfig, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        config.set(key, value);
    }
}

/// The consumer of an input topic, as member `member` of `group`.
pub fn consumer(settings: &Settings, group: &str) -> ClientConfig {
    let kafka = &settings.kafka;
    let prefetch = (settings.run.memory / PREFETCH_SHARE / 1024).max(1024);
    let assignor = match kafka.assignor {
        Assignor::Range => "range",
        Assignor::CooperativeSticky => "cooperative-sticky",
    };
    let mut config = base(kafka);
    config
        .set("group.id", group)
        .set("partition.assignment.strategy", assignor)
        .set("session.timeout.ms", millis(kafka.session_timeout))
        .set("heartbeat.interval.ms", millis(kafka.session_timeout / 10))
        .set("max.poll.interval.ms", millis(MAX_POLL_INTERVAL))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // Where a group starts is resolved and committed by the driver; a trimmed offset must surface, not be skipped.
        .set("auto.offset.reset", "error")
        // Only with this does the broker answer with offsets no open transaction may still change (KIP-447).
        .set("isolation.level", "read_committed")
        .set("queued.max.messages.kbytes", prefetch.to_string())
        .set("queued.min.messages", "1000")
        .set("fetch.queue.backoff.ms", "20")
        // Of each partition, compressed: what one answer brings is held whole, whatever the prefetch allows.
        .set("fetch.message.max.bytes", "1048576")
        .set("enable.partition.eof", "true");
    if let Some(instance) = &kafka.instance {
        config.set("group.instance.id", instance);
    }
    config
}

/// The producer of outcomes; transactional under `id`, or only idempotent without one.
pub fn producer(settings: &Settings, id: Option<&str>) -> ClientConfig {
    let kafka = &settings.kafka;
    let mut config = base(kafka);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("compression.type", "lz4")
        .set("partitioner", "murmur2_random")
        .set("message.max.bytes", kafka.max_message.to_string())
        .set("queue.buffering.max.kbytes", (settings.run.memory / OUTBOX_SHARE / 1024).max(16_384).to_string());
    if let Some(id) = id {
        config
            .set("transactional.id", id)
            .set("connections.max.idle.ms", millis(IDLE))
            .set("transaction.timeout.ms", millis(kafka.transaction_timeout))
            .set("message.timeout.ms", millis(kafka.transaction_timeout));
    }
    config
}

/// The producer of prints: idempotent, and it never gives up, since a print that is lost would stop its lane.
pub fn print_producer(kafka: &Kafka) -> ClientConfig {
    let mut config = base(kafka);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("message.timeout.ms", "0")
        .set("queue.buffering.max.kbytes", "65536");
    config
}

/// A reader that belongs to no group: the tail of the print log, and questions about offsets.
pub fn reader(kafka: &Kafka) -> ClientConfig {
    let mut config = base(kafka);
    config
        .set("group.id", format!("{}-reader", kafka.group))
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "error")
        .set("isolation.level", "read_uncommitted")
        .set("queued.max.messages.kbytes", "8192")
        .set("fetch.message.max.bytes", "4194304")
        .set("fetch.queue.backoff.ms", "20");
    config
}

/// Lets the client of `consumer` say what it has to say, and ask for a token. Not while records come: they would be lost.
pub fn serve<C: ConsumerContext>(consumer: &BaseConsumer<C>) {
    for _ in 0..EVENTS {
        let _ = consumer.poll(Duration::ZERO);
    }
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

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

    /// Takes a log line in and logs it. Why a connection failed stands only here.
    pub fn log_line(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == "FAIL" {
            // After the name of the thread: "ssl://kafka:9093/bootstrap: Connect to ... failed: Connection refused (after ...".
            let reason = message.split_once("]: ").map_or(message, |(_, reason)| reason);
            self.remember(reason);
        }
        log(level, facility, message);
    }

    fn remember(&self, reason: &str) {
        let mut held = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        let stands = |(held, since): &(String, Instant)| refusal::is_refusal(held) && since.elapsed() < HELD;
        if refusal::is_refusal(reason) || !held.as_ref().is_some_and(stands) {
            *held = Some((reason.to_owned(), Instant::now()));
        }
    }

    /// Takes an error in and logs it.
    pub fn note(&self, error: &KafkaError, reason: &str) {
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

    /// The token for a login, where logins are made by token.
    ///
    /// # Errors
    /// What is wrong with the file or with what it holds.
    pub fn token(&self) -> Option<Result<OAuthToken, String>> {
        self.token_file.as_ref().map(|path| token::read(path, SystemTime::now()))
    }

    /// What librdkafka asks for when it needs a token.
    ///
    /// # Errors
    /// As [`token`](Context::token).
    pub fn next_token(&self) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.token().unwrap_or_else(|| Err("kafka.oauth_token_file is not set".into())).map_err(Into::into)
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.log_line(level, facility, message);
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        self.note(&error, reason);
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.next_token()
    }
}

impl ConsumerContext for Context {}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_guarantees_rest_on_is_set_whatever_the_settings_say() {
        let mut settings = Settings::default();
        settings.kafka.client.insert("isolation.level".into(), "read_uncommitted".into());
        let config = consumer(&settings, "desk");
        assert_eq!(config.get("isolation.level"), Some("read_committed"));
        assert_eq!(config.get("enable.auto.commit"), Some("false"));
        let config = producer(&settings, Some("desk-0"));
        assert_eq!((config.get("enable.idempotence"), config.get("acks")), (Some("true"), Some("all")));
    }

    #[test]
    fn a_login_is_passed_on_only_where_one_is_made() {
        let mut settings = Settings::default();
        settings.kafka.username = Some("worker".into());
        settings.kafka.password = Some(Secret::new("hush"));
        assert_eq!(base(&settings.kafka).get("sasl.password"), None);
        settings.kafka.security = Security::SaslSsl;
        assert_eq!(base(&settings.kafka).get("sasl.password"), Some("hush"));
        assert_eq!(base(&settings.kafka).get("ssl.endpoint.identification.algorithm"), Some("https"));
    }
}
