//! Settings to librdkafka configurations.
//!
//! Keys the guarantees rest on are set here last; settings refuse them in `kafka.client` with a reason. All others are only
//! preferred here: `kafka.client` goes before.

use std::time::Duration;

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::{ClientConfig, TopicPartitionList};

use crate::settings::{Assignor, Kafka, MAX_POLL_INTERVAL, Secret, Security, Settings};

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
/// The slowest line, in bytes a second, over which the answer to a fetch still arrives whole before `kafka.socket_timeout` ends: one
/// that does not is thrown away and asked for again, for ever.
const SLOWEST: u64 = 100_000;
/// Milliseconds that a message waits for others to go with it.
const LINGER: &str = "2";
/// How often a client looks whether a topic has got more partitions. librdkafka does it every five minutes.
const REFRESH: Duration = Duration::from_secs(30);
/// Events taken in at once. A client that cannot connect goes on trying, so there is always more.
pub(super) const EVENTS: usize = 32;

/// Partitions of a topic as librdkafka takes them.
pub fn partitions(topic: &str, numbers: impl IntoIterator<Item = i32>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for number in numbers {
        list.add_partition(topic, number);
    }
    list
}

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
        .set("socket.timeout.ms", millis(kafka.socket_timeout))
        .set("allow.auto.create.topics", "false");
    prefer(&mut config, "client.id", format!("copydesk-{}", kafka.group));
    prefer(&mut config, "socket.keepalive.enable", "true");
    prefer(&mut config, "reconnect.backoff.ms", "50");
    prefer(&mut config, "reconnect.backoff.max.ms", "1000");
    prefer(&mut config, "retry.backoff.ms", "50");
    secure(&mut config, kafka);
    config
}

/// Sets what `kafka.client` has not set, under this name or librdkafka's other one.
pub fn prefer(config: &mut ClientConfig, key: &str, value: impl Into<String>) {
    let other = match key {
        "linger.ms" => "queue.buffering.max.ms",
        "compression.type" => "compression.codec",
        _ => key,
    };
    if config.get(key).or_else(|| config.get(other)).is_none() {
        config.set(key, value);
    }
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

/// The consumer of an input topic, as a member of `group`.
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
        .set("max.poll.interval.ms", millis(MAX_POLL_INTERVAL))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // Where a group starts is resolved and committed by the driver; a trimmed offset must surface, not be skipped.
        .set("auto.offset.reset", "error")
        // Only with this does the broker answer with offsets no open transaction may still change (KIP-447).
        .set("isolation.level", "read_committed")
        .set("queued.max.messages.kbytes", prefetch.to_string())
        .set("queued.min.messages", "1000")
        .set("enable.partition.eof", "true");
    prefer(&mut config, "heartbeat.interval.ms", millis(kafka.session_timeout / 10));
    prefer(&mut config, "topic.metadata.refresh.interval.ms", millis(REFRESH));
    fetch(&mut config, kafka);
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
        .set("partitioner", "murmur2_random")
        .set("message.max.bytes", kafka.max_message.to_string())
        .set("message.timeout.ms", millis(kafka.transaction_timeout))
        .set("queue.buffering.max.kbytes", (settings.run.memory / OUTBOX_SHARE / 1024).max(16_384).to_string());
    prefer(&mut config, "linger.ms", LINGER);
    prefer(&mut config, "compression.type", "lz4");
    if let Some(id) = id {
        prefer(&mut config, "connections.max.idle.ms", millis(IDLE));
        config.set("transactional.id", id).set("transaction.timeout.ms", millis(kafka.transaction_timeout));
    }
    config
}

/// The producer of prints: idempotent, and it never gives up, since a print that is lost would stop its lane.
pub fn print_producer(kafka: &Kafka) -> ClientConfig {
    let mut config = base(kafka);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", "0")
        .set("queue.buffering.max.kbytes", "65536");
    prefer(&mut config, "linger.ms", LINGER);
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
        .set("queued.max.messages.kbytes", "8192");
    fetch(&mut config, kafka);
    config
}

/// How much one answer to a fetch brings, compressed; a batch that is larger comes whole nevertheless. It is held until it has
/// been read, whatever the prefetch allows.
fn fetch(config: &mut ClientConfig, kafka: &Kafka) {
    prefer(config, "fetch.queue.backoff.ms", "20");
    prefer(config, "fetch.max.bytes", (SLOWEST * kafka.socket_timeout.as_secs()).to_string());
    // Of one partition; and what is expected of one message, which a consumer only checks against the former. Both may be
    // less than the answer, but are taken from a smaller range.
    if let Some(bytes) = config.get("fetch.max.bytes").and_then(|bytes| bytes.parse::<u64>().ok()) {
        let bytes = bytes.clamp(1_000, 1_000_000_000).to_string();
        config.set("fetch.message.max.bytes", &bytes).set("message.max.bytes", bytes);
    }
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
    fn what_may_be_set_goes_before_what_is_preferred() {
        let mut settings = Settings::default();
        for (key, value) in [("linger.ms", "20"), ("compression.codec", "zstd"), ("fetch.max.bytes", "5000000")] {
            settings.kafka.client.insert(key.into(), value.into());
        }
        let config = producer(&settings, None);
        assert_eq!((config.get("linger.ms"), config.get("compression.type")), (Some("20"), None));
        assert_eq!(consumer(&settings, "desk").get("fetch.max.bytes"), Some("5000000"));
        let config = producer(&Settings::default(), None);
        assert_eq!((config.get("linger.ms"), config.get("compression.type")), (Some("2"), Some("lz4")));
    }

    #[test]
    fn a_client_takes_the_largest_answer_that_may_be_set() {
        let mut settings = Settings::default();
        settings.kafka.client.insert("fetch.max.bytes".into(), "2000000000".into());
        let client: Result<BaseConsumer, _> = consumer(&settings, "desk").create();
        assert!(client.is_ok(), "{:?}", client.err());
    }

    /// librdkafka looks at the properties together only when a client is made.
    #[test]
    fn every_client_can_be_made_whatever_the_socket_timeout_and_the_size_of_an_answer() {
        for (seconds, bytes) in [(1, None), (60, None), (8, Some("2000")), (8, Some("1000000000"))] {
            let mut settings = Settings::default();
            settings.kafka.socket_timeout = Duration::from_secs(seconds);
            settings.kafka.client.extend(bytes.map(|bytes| ("fetch.max.bytes".into(), bytes.into())));
            for config in [consumer(&settings, "desk"), reader(&settings.kafka)] {
                config.create::<BaseConsumer>().unwrap();
            }
        }
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
