//! Properties of librdkafka in `[kafka.client]`: those that may be set, and why others may not.
//!
//! What is not listed is refused: delivery exactly once rests on some properties, settings of ours cover others, and a
//! property that is not known here might hold a secret. So nothing in `[kafka.client]` needs to be masked.

use super::suggest;

const OFFSETS: &str = "offsets move only with the outcome of a record";
const IDEMPOTENT: &str = "without it a retry could double or reorder messages";
const MEMORY: &str = "use run.memory, which is divided among all queues";

/// A name (or a prefix ending in a dot) and why it is refused.
const REFUSED: &[(&str, &str)] = &[
    ("acks", "every replica must hold a message before it counts"),
    ("allow.auto.create.topics", "`topics --create` makes topics, with what they need"),
    ("auto.commit.", OFFSETS),
    ("auto.offset.reset", "a lost offset must be noticed; use kafka.start and kafka.on_lost_offset"),
    ("bootstrap.servers", "use kafka.brokers"),
    ("delivery.report.only.error", "every message must be acknowledged"),
    ("delivery.timeout.ms", "it follows kafka.transaction_timeout"),
    ("enable.auto.commit", OFFSETS),
    ("enable.auto.offset.store", OFFSETS),
    ("enable.gapless.guarantee", IDEMPOTENT),
    ("enable.idempotence", IDEMPOTENT),
    ("enable.partition.eof", "the end of a partition is how `run --once` knows that it is done"),
    (
        "enable.ssl.certificate.verification",
        "a cluster that cannot be recognised is never spoken to; use kafka.ca_file",
    ),
    ("enabled_events", "this program reads them"),
    ("fetch.message.max.bytes", MEMORY),
    ("group.id", "use kafka.group"),
    ("group.instance.id", "use kafka.instance"),
    ("group.protocol", "only the classic protocol is known to be exact with this client"),
    ("isolation.level", "an aborted transaction must never be read, and its offsets neither"),
    ("max.in.flight", IDEMPOTENT),
    ("max.in.flight.requests.per.connection", IDEMPOTENT),
    ("max.partition.fetch.bytes", MEMORY),
    ("max.poll.interval.ms", "it stands in a fixed order with run.watchdog"),
    ("message.max.bytes", "use kafka.max_message"),
    ("message.send.max.retries", IDEMPOTENT),
    ("message.timeout.ms", "it follows kafka.transaction_timeout"),
    ("metadata.broker.list", "use kafka.brokers"),
    ("offset.store.", OFFSETS),
    ("partition.assignment.strategy", "use kafka.assignor"),
    ("partitioner", "an article's versions must land where other clients of the topic expect them"),
    ("plugin.library.paths", "foreign code is not loaded"),
    ("queue.buffering.max.kbytes", MEMORY),
    ("queue.buffering.max.messages", MEMORY),
    ("queued.max.messages.kbytes", MEMORY),
    ("queued.min.messages", MEMORY),
    ("request.required.acks", "every replica must hold a message before it counts"),
    ("request.timeout.ms", "use kafka.socket_timeout"),
    ("retries", IDEMPOTENT),
    ("sasl.kerberos.", "logins by Kerberos are not supported"),
    ("sasl.mechanism", "use kafka.sasl_mechanism"),
    ("sasl.mechanisms", "use kafka.sasl_mechanism"),
    ("sasl.oauthbearer.", "use kafka.oauth_token_file"),
    ("sasl.password", "use kafka.password_file"),
    ("sasl.username", "use kafka.username"),
    ("security.protocol", "use kafka.security"),
    ("session.timeout.ms", "use kafka.session_timeout"),
    ("socket.timeout.ms", "use kafka.socket_timeout"),
    ("ssl.ca.location", "use kafka.ca_file"),
    ("ssl.ca.pem", "use kafka.ca_file"),
    ("ssl.certificate.location", "use kafka.certificate_file"),
    ("ssl.certificate.pem", "use kafka.certificate_file"),
    ("ssl.endpoint.identification.algorithm", "a cluster that cannot be recognised is never spoken to"),
    ("ssl.key.location", "use kafka.key_file"),
    ("ssl.key.password", "use kafka.key_password_file"),
    ("ssl.key.pem", "use kafka.key_file"),
    ("ssl.keystore.", "use kafka.certificate_file and kafka.key_file"),
    ("transaction.timeout.ms", "use kafka.transaction_timeout"),
    ("transactional.id", "it is made of kafka.group and kafka.instance"),
];

/// Properties of librdkafka 2.12 that may be set: none can lose, double or reorder a record, none holds a secret.
const ALLOWED: &[&str] = &[
    "api.version.fallback.ms",
    "api.version.request",
    "api.version.request.timeout.ms",
    "batch.num.messages",
    "batch.size",
    "broker.address.family",
    "broker.address.ttl",
    "broker.version.fallback",
    "check.crcs",
    "client.dns.lookup",
    "client.id",
    "client.rack",
    "compression.codec",
    "compression.level",
    "compression.type",
    "connections.max.idle.ms",
    "coordinator.query.interval.ms",
    "debug",
    "enable.metrics.push",
    "fetch.error.backoff.ms",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.queue.backoff.ms",
    "fetch.wait.max.ms",
    "heartbeat.interval.ms",
    "linger.ms",
    "log.connection.close",
    "log.thread.name",
    "log_level",
    "message.copy.max.bytes",
    "metadata.max.age.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "queue.buffering.backpressure.threshold",
    "queue.buffering.max.ms",
    "receive.message.max.bytes",
    "reconnect.backoff.jitter.ms",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "socket.blocking.max.ms",
    "socket.connection.setup.timeout.ms",
    "socket.keepalive.enable",
    "socket.max.fails",
    "socket.nagle.disable",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
    "ssl.cipher.suites",
    "ssl.crl.location",
    "ssl.curves.list",
    "ssl.providers",
    "ssl.sigalgs.list",
    "statistics.interval.ms",
    "sticky.partitioning.linger.ms",
    "topic.metadata.propagation.max.ms",
    "topic.metadata.refresh.fast.cnt",
    "topic.metadata.refresh.fast.interval.ms",
    "topic.metadata.refresh.interval.ms",
    "topic.metadata.refresh.sparse",
];

/// Why `[kafka.client]` may not set the property `name`; `None` when it may.
pub(super) fn refusal(name: &str) -> Option<String> {
    if ALLOWED.contains(&name) {
        return None;
    }
    if let Some((_, reason)) = REFUSED.iter().find(|(pattern, _)| matches(pattern, name)) {
        return Some(format!("cannot be set here: {reason}"));
    }
    Some(match suggest::nearest(name, ALLOWED.iter().copied()) {
        Some(meant) => format!("unknown property; did you mean {meant}?"),
        None => "unknown property of librdkafka, or one that is not safe to change".to_owned(),
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    if pattern.ends_with('.') { name.starts_with(pattern) } else { name == pattern }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_ordered_and_no_property_stands_in_both() {
        assert!(REFUSED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(ALLOWED.is_sorted_by(|a, b| a < b));
        for (pattern, _) in REFUSED {
            assert!(!ALLOWED.iter().any(|name| matches(pattern, name)), "{pattern}");
        }
    }

    #[test]
    fn what_delivery_rests_on_is_refused_and_tuning_is_not() {
        for name in [
            "enable.auto.commit",
            "enable.auto.offset.store",
            "auto.offset.reset",
            "isolation.level",
            "enable.idempotence",
            "acks",
            "transactional.id",
            "queued.max.messages.kbytes",
            "group.id",
            "bootstrap.servers",
            "sasl.password",
            "sasl.oauthbearer.client.secret",
            "ssl.key.pem",
        ] {
            let reason = refusal(name).unwrap_or_default();
            assert!(reason.starts_with("cannot be set here: "), "{name}: {reason}");
        }
        for name in ["client.rack", "linger.ms", "compression.type", "statistics.interval.ms", "fetch.wait.max.ms"] {
            assert_eq!(refusal(name), None);
        }
        assert_eq!(refusal("linger.sm").unwrap(), "unknown property; did you mean linger.ms?");
        assert!(refusal("some.future.token").unwrap().starts_with("unknown property of librdkafka"));
    }

    #[test]
    fn nothing_that_may_hold_a_secret_is_allowed() {
        let secret = ["password", "secret", "token", "key", "pem", "jwt", "sasl", "credential", "oauth"];
        for name in ALLOWED {
            assert!(!secret.iter().any(|word| name.contains(word)), "{name}");
        }
    }
}
