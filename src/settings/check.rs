//! What is right by itself and does not fit together: topics that share a name, logins without a name, timers out of
//! order. Pure; each rule is a small function over the settings.

use std::time::Duration;

use super::units::{show_duration, show_size};
use super::{Kafka, MAX_POLL_INTERVAL, SaslMechanism, Security, Settings};
use crate::outcome::Route;

/// Settings that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The keys concerned, the one to change first.
    pub keys: Vec<&'static str>,
    pub message: String,
}

fn finding(keys: &[&'static str], message: impl Into<String>) -> Finding {
    Finding { keys: keys.to_vec(), message: message.into() }
}

/// Everything that does not fit together.
pub(super) fn all(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(brokers(settings));
    findings.extend(allowed(settings));
    findings.extend(topic_names(settings));
    findings.extend(shared_topics(settings));
    findings.extend(login(settings));
    findings.extend(tls(settings));
    findings.extend(timers(settings));
    findings.extend(sizes(settings));
    findings.extend(log_filter(settings));
    findings
}

fn brokers(settings: &Settings) -> Vec<Finding> {
    let hosts = settings.kafka.brokers.split(',').map(str::trim);
    hosts.filter_map(|host| Some(finding(&["kafka.brokers"], broker(host)?))).collect()
}

/// What is wrong with one `host:port`; a missing port is 9092 to the client.
fn broker(host: &str) -> Option<String> {
    if host.contains('@') {
        return Some(
            "a login does not belong here; write host:port, and set kafka.username and kafka.password_file".into(),
        );
    }
    if let Some((scheme, rest)) = host.split_once("://") {
        return Some(format!("{scheme:?} does not belong here; write \"{rest}\" and set kafka.security"));
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let port_is_wrong =
        port.is_some_and(|port| port.parse::<u16>().is_ok_and(|n| n == 0) || port.parse::<u16>().is_err());
    if name.is_empty() || name.contains(char::is_whitespace) || port_is_wrong {
        return Some(format!("{host:?} is no broker; write host:port, several separated by commas"));
    }
    None
}

/// Hosts that may be fetched from are shown in the clear, so they must not carry a login.
fn allowed(settings: &Settings) -> Option<Finding> {
    let login = settings.fetch.allow.iter().any(|host| host.contains('@'));
    login.then(|| finding(&["fetch.allow"], "a login does not belong here; write host or host:port"))
}

const TOPICS: [(&str, Route); Route::ALL.len()] = [
    ("topics.raw", Route::Raw),
    ("topics.enriched", Route::Enriched),
    ("topics.duplicates", Route::Duplicates),
    ("topics.dead", Route::Dead),
    ("topics.prints", Route::Prints),
    ("topics.links", Route::Links),
    ("topics.cleaned", Route::Cleaned),
];

/// Kafka's own rule for names.
fn topic_names(settings: &Settings) -> Vec<Finding> {
    let legal = |name: &str| {
        let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        letters && name.len() <= 249 && name != "." && name != ".."
    };
    let wrong = TOPICS.into_iter().filter(|(_, route)| !legal(settings.topics.name(*route)));
    let rule = "a topic name has letters, digits, \".\", \"_\", \"-\", at most 249 of them";
    wrong.map(|(key, _)| finding(&[key], rule)).collect()
}

/// One topic for two things would feed outputs back in, or mix what readers take for one kind.
fn shared_topics(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, (key, route)) in TOPICS.into_iter().enumerate() {
        // Kafka takes "." and "_" for the same in its metrics and warns of such pairs; equal names are what is fatal.
        let same = TOPICS[..i].iter().find(|(_, r)| settings.topics.name(*r) == settings.topics.name(route));
        if let Some((other, _)) = same {
            let name = settings.topics.name(route);
            findings.push(finding(
                &[key, other],
                format!("{name:?} is {other} already; every topic needs a name of its own"),
            ));
        }
    }
    findings
}

fn login(settings: &Settings) -> Vec<Finding> {
    let kafka = &settings.kafka;
    let wanted = matches!(kafka.security, Security::SaslSsl | Security::SaslPlaintext);
    let by_token = kafka.sasl_mechanism == SaslMechanism::Oauthbearer;
    let mut findings = match (wanted, by_token) {
        (true, true) => token(kafka),
        (true, false) => password(kafka),
        (false, _) => Vec::new(),
    };
    let unused = [
        (&["kafka.username", "kafka.security"][..], kafka.username.is_some()),
        (&["kafka.password", "kafka.password_file", "kafka.security"], kafka.password.is_some()),
        (&["kafka.oauth_token_file", "kafka.security"], kafka.oauth_token_file.is_some()),
    ];
    let message = "is not used; set kafka.security = \"sasl_ssl\", or take it out";
    let unused = unused.into_iter().filter(|(_, set)| *set && !wanted);
    findings.extend(unused.map(|(keys, _)| finding(keys, message)));
    if kafka.security == Security::SaslPlaintext && !kafka.insecure_sasl_plaintext {
        let message = "sends the login unencrypted; write \"sasl_ssl\", or set kafka.insecure_sasl_plaintext = true";
        findings.push(finding(&["kafka.security", "kafka.insecure_sasl_plaintext"], message));
    }
    findings
}

/// A login by name and password.
fn password(kafka: &Kafka) -> Vec<Finding> {
    let mut findings = Vec::new();
    if kafka.username.is_none() {
        findings.push(finding(&["kafka.security", "kafka.username"], "asks for a login; set kafka.username"));
    }
    if kafka.password.is_none() {
        let message = "asks for a login; set kafka.password_file or COPYDESK__KAFKA__PASSWORD";
        findings.push(finding(&["kafka.security", "kafka.password", "kafka.password_file"], message));
    }
    if kafka.oauth_token_file.is_some() {
        let message = "is not used; set kafka.sasl_mechanism = \"oauthbearer\", or take it out";
        findings.push(finding(&["kafka.oauth_token_file", "kafka.sasl_mechanism"], message));
    }
    findings
}

/// A login by token.
fn token(kafka: &Kafka) -> Vec<Finding> {
    let mut findings = Vec::new();
    if kafka.oauth_token_file.is_none() {
        let message = "asks for a token; set kafka.oauth_token_file";
        findings.push(finding(&["kafka.sasl_mechanism", "kafka.oauth_token_file"], message));
    }
    let message = "is not used: a token is the login; take it out";
    if kafka.username.is_some() {
        findings.push(finding(&["kafka.username", "kafka.sasl_mechanism"], message));
    }
    if kafka.password.is_some() {
        findings.push(finding(&["kafka.password", "kafka.password_file", "kafka.sasl_mechanism"], message));
    }
    findings
}

fn tls(settings: &Settings) -> Vec<Finding> {
    let kafka = &settings.kafka;
    let mut findings = Vec::new();
    let files = [
        ("kafka.ca_file", kafka.ca_file.is_some()),
        ("kafka.certificate_file", kafka.certificate_file.is_some()),
        ("kafka.key_file", kafka.key_file.is_some()),
    ];
    if matches!(kafka.security, Security::Plaintext | Security::SaslPlaintext) {
        let message = "is not used without TLS; set kafka.security = \"ssl\" or \"sasl_ssl\", or take it out";
        let set = files.into_iter().filter(|(_, set)| *set);
        findings.extend(set.map(|(key, _)| finding(&[key, "kafka.security"], message)));
    }
    match (&kafka.certificate_file, &kafka.key_file) {
        (Some(_), None) => {
            findings.push(finding(&["kafka.certificate_file", "kafka.key_file"], "needs kafka.key_file too"))
        }
        (None, Some(_)) => {
            findings.push(finding(&["kafka.key_file", "kafka.certificate_file"], "needs kafka.certificate_file too"));
        }
        _ => {}
    }
    if kafka.key_password.is_some() && kafka.key_file.is_none() {
        findings.push(finding(
            &["kafka.key_password", "kafka.key_password_file", "kafka.key_file"],
            "needs kafka.key_file too",
        ));
    }
    findings
}

/// A time that must stay below another, and what happens otherwise.
struct Order {
    lower: (&'static str, Duration),
    upper: (&'static str, Duration),
    because: &'static str,
}

/// The order librdkafka does not enforce. Each line names the loss it prevents.
fn timers(settings: &Settings) -> Vec<Finding> {
    let (kafka, run, dedupe, fetch) = (&settings.kafka, &settings.run, &settings.dedupe, &settings.fetch);
    let order = |lower, upper, because| Order { lower, upper, because };
    let transaction = ("kafka.transaction_timeout", kafka.transaction_timeout);
    let session = ("kafka.session_timeout", kafka.session_timeout);
    let drain = ("run.drain_timeout", run.drain_timeout);
    let watchdog = ("run.watchdog", run.watchdog);
    let orders = [
        order(transaction, session, "a dropped worker must not commit any more"),
        order(session, watchdog, "a worker the group waits for is not stuck"),
        order(
            watchdog,
            ("max.poll.interval.ms", MAX_POLL_INTERVAL),
            "a stuck worker must end before the client leaves the group",
        ),
        order(
            drain,
            ("half of kafka.session_timeout", kafka.session_timeout / 2),
            "the group drops a worker that drains too long",
        ),
        order(drain, transaction, "the broker aborts the transaction that drains"),
        order(drain, ("run.shutdown_timeout", run.shutdown_timeout), "a shutdown drains, then commits"),
        order(
            ("kafka.socket_timeout", kafka.socket_timeout),
            transaction,
            "a request that hangs must fail before its transaction does",
        ),
        order(
            ("run.commit_interval", run.commit_interval),
            transaction,
            "a transaction must be committed before the broker aborts it",
        ),
        order(session, ("dedupe.promise", dedupe.promise), "a crash would let stories be told twice"),
        order(("dedupe.promise", dedupe.promise), ("dedupe.window", dedupe.window), "a promise is part of the window"),
        order(
            ("fetch.connect_timeout", fetch.connect_timeout),
            ("fetch.timeout", fetch.timeout),
            "connecting is part of the attempt",
        ),
    ];
    orders.into_iter().filter(|o| o.lower.1 >= o.upper.1).map(out_of_order).collect()
}

fn out_of_order(order: Order) -> Finding {
    let (upper, limit) = (order.upper.0, show_duration(order.upper.1));
    let message =
        format!("\"{}\" must be less than {upper} (\"{limit}\"): {}", show_duration(order.lower.1), order.because);
    let upper_key = upper.strip_prefix("half of ").unwrap_or(upper);
    finding(&[order.lower.0, upper_key], message)
}

fn sizes(settings: &Settings) -> Vec<Finding> {
    let (memory, message) = (settings.run.memory, settings.kafka.max_message);
    if memory / 4 < message {
        let text = format!(
            "\"{}\" is too little for messages of \"{}\": prefetch, line and producer hold four of them at once",
            show_size(memory),
            show_size(message)
        );
        return vec![finding(&["run.memory", "kafka.max_message"], text)];
    }
    Vec::new()
}

fn log_filter(settings: &Settings) -> Option<Finding> {
    let error = crate::log::filter(&settings.log.level).err()?;
    let text =
        format!("{error}; write error, warn, info, debug, trace, or a filter such as \"info,copydesk::kafka=debug\"");
    Some(finding(&["log.level"], text))
}

#[cfg(test)]
mod tests;
