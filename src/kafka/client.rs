//! Settings to librdkafka configurations, and the context that carries its logs and errors into ours.
//!
//! Keys the guarantees rest on are set here last; settings refuse them in `kafka.client` with a reason.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::settings::{Assignor, Kafka, MAX_POLL_INTERVAL, SaslMechanism, Secret, Security, Settings};

/// How long a blocking call outside a transaction may take.
pub const CALL: Duration = Duration::from_secs(10);

/// The part of `run.memory` that librdkafka may fill with records nobody has asked for yet. Small, since a partition that is
/// paused for back-pressure loses them, and they are fetched again.
const PREFETCH_SHARE: u64 = 24;
/// The part of it that waits in the producer's queue.
const OUTBOX_SHARE: u64 = 4;

/// What every client is told: where the brokers are and how to speak to them.
pub fn base(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
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
    let mechanism = match kafka.sasl_mechanism {
        SaslMechanism::ScramSha512 => "SCRAM-SHA-512",
        SaslMechanism::ScramSha256 => "SCRAM-SHA-256",
        SaslMechanism::Plain => "PLAIN",
    };
    config.set("security.protocol", protocol);
    if matches!(kafka.security, Security::SaslSsl | Security::SaslPlaintext) {
        config.set("sasl.mechanism", mechanism);
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

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// Carries librdkafka's logs and errors into ours. Remembers the last reason, which its calls do not return: a wrong
/// password shows only here.
#[derive(Debug, Default)]
pub struct Context {
    last_reason: Mutex<Option<String>>,
}

impl Context {
    /// The last error librdkafka spoke of, in its words.
    pub fn last_reason(&self) -> Option<String> {
        self.last_reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a log line in and logs it. Why a connection failed stands only here.
    pub fn log_line(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == "FAIL" {
            // After the names of thread and broker: "Connect to ... failed: Connection refused (after 0ms ...)".
            let reason = message.splitn(3, ": ").last().unwrap_or(message);
            self.remember(reason);
        }
        log(level, facility, message);
    }

    fn remember(&self, reason: &str) {
        *self.last_reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
    }

    /// Takes an error in and logs it.
    pub fn note(&self, error: &KafkaError, reason: &str) {
        if matches!(error, KafkaError::PartitionEOF(_) | KafkaError::Global(RDKafkaErrorCode::PartitionEOF)) {
            return;
        }
        tracing::warn!(error = %error, reason, "broker");
        if !matches!(error, KafkaError::Global(RDKafkaErrorCode::AllBrokersDown)) {
            self.remember(reason);
        }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.log_line(level, facility, message);
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        self.note(&error, reason);
    }
}

impl rdkafka::consumer::ConsumerContext for Context {}

/// A log line of librdkafka, one level quieter: what it calls an error it mostly mends by itself.
fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
            tracing::error!(facility, "{message}");
        }
        RDKafkaLogLevel::Error | RDKafkaLogLevel::Warning => tracing::warn!(facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
            tracing::debug!(facility, "{message}");
        }
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
