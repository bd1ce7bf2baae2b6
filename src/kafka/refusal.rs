//! Why the brokers cannot be spoken to, as a sentence that says what is wrong and what to do: librdkafka's reasons sorted by
//! cause. It must never hold a password or a token.

use std::borrow::Cow;

use super::certificate;
use crate::settings::{Kafka, SaslMechanism, Security};

/// The cluster does not answer, or refuses us, or is refused by us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the brokers at {brokers} {text}")]
pub struct Away {
    brokers: String,
    text: String,
    refused: bool,
}

impl Away {
    /// From librdkafka's `reason`.
    pub fn new(kafka: &Kafka, reason: &str) -> Away {
        let cause = Cause::of(reason);
        let text = match cause {
            Some(cause) => cause.sentence(kafka, reason),
            None if reason.contains("closed by peer") => format!(
                "hang up ({}): they may be starting, or want TLS or a login at this port; check kafka.security against the \
                 listener",
                bare(reason)
            ),
            None => format!("do not answer: {}; check kafka.brokers and the network", bare(reason)),
        };
        Away { brokers: kafka.brokers.clone(), text, refused: cause.is_some() }
    }

    /// As [`new`](Away::new); a certificate of the broker that does not hold is looked at closely for what is wrong with
    /// it.
    pub async fn closely(kafka: &Kafka, reason: &str) -> Away {
        let mut away = Away::new(kafka, reason);
        if Cause::of(reason) == Some(Cause::BrokerCertificate) {
            let broker = broker(reason).unwrap_or_else(|| kafka.brokers.split(',').next().unwrap_or_default());
            if let Some(flaw) = certificate::flaw(broker, kafka.ca_file.as_deref()).await {
                away.text = flaw;
            }
        }
        away
    }

    /// True when a broker is there and login, certificates or protocol do not fit: trying again will not help.
    pub fn refused(&self) -> bool {
        self.refused
    }
}

/// A right that this worker's user does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("the right to {right} on {resource} is missing: grant it to this worker's user")]
pub struct Denied {
    /// Kind and name: "topic articles.raw".
    pub resource: String,
    /// Kafka's name of the operation.
    pub right: &'static str,
}

impl Denied {
    /// On a topic.
    pub fn topic(name: &str, right: &'static str) -> Denied {
        Denied { resource: format!("topic {name}"), right }
    }

    /// On a group.
    pub fn group(name: &str, right: &'static str) -> Denied {
        Denied { resource: format!("group {name}"), right }
    }

    /// On a transactional id.
    pub fn transactional_id(name: &str, right: &'static str) -> Denied {
        Denied { resource: format!("transactional id {name}"), right }
    }
}

/// Whether a reason of librdkafka is one that trying again will not mend.
pub fn is_refusal(reason: &str) -> bool {
    Cause::of(reason).is_some()
}

/// What librdkafka says where it advises against the wrong thing: an answer that is too long by far is no broker's.
pub fn plain(said: &str) -> Cow<'_, str> {
    const WRONG: &str = "increase receive.message.max.bytes";
    match said.contains(WRONG) {
        true => Cow::Owned(said.replace(WRONG, "is kafka.brokers the port of a Kafka broker?")),
        false => Cow::Borrowed(said),
    }
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Login,
    Token,
    Mechanism,
    NoLogins,
    BrokerCertificate,
    ClientCertificate,
    KeyOfOther,
    Unreadable(&'static str),
    SpeaksTls,
    SpeaksNoTls,
}

/// Parts of librdkafka's reasons (2.12, OpenSSL 3), the first found counts.
const CAUSES: [(&str, Cause); 16] = [
    ("Failed to acquire SASL OAUTHBEARER token", Cause::Token),
    ("Unsupported SASL mechanism", Cause::Mechanism),
    ("Request not valid in current SASL state", Cause::NoLogins),
    ("SASL authentication error", Cause::Login),
    ("key values mismatch", Cause::KeyOfOther),
    (
        "ssl.key.location failed",
        Cause::Unreadable("kafka.key_file is no key in PEM, or kafka.key_password is not its own"),
    ),
    ("ssl.certificate.location failed", Cause::Unreadable("kafka.certificate_file is no certificate in PEM")),
    ("ssl.ca.location failed", Cause::Unreadable("kafka.ca_file holds no certificate in PEM")),
    ("certificate verify failed", Cause::BrokerCertificate),
    ("alert bad certificate", Cause::ClientCertificate),
    ("alert certificate", Cause::ClientCertificate),
    ("alert unknown ca", Cause::ClientCertificate),
    ("alert handshake failure", Cause::ClientCertificate),
    ("connecting to a SSL listener?", Cause::SpeaksTls),
    ("connecting to a PLAINTEXT broker listener?", Cause::SpeaksNoTls),
    ("wrong version number", Cause::SpeaksNoTls),
];

impl Cause {
    fn of(reason: &str) -> Option<Cause> {
        CAUSES.iter().find(|(part, _)| reason.contains(part)).map(|(_, cause)| *cause)
    }

    /// What follows "the brokers at ...".
    fn sentence(self, kafka: &Kafka, reason: &str) -> String {
        let said = bare(reason);
        let after = |mark: &str| said.split_once(mark).map_or(said, |(_, rest)| rest);
        match self {
            Cause::Login if kafka.sasl_mechanism == SaslMechanism::Oauthbearer => format!(
                "refuse the token of kafka.oauth_token_file ({}); check who issues it, for whom, and whether it has expired",
                after("SASL authentication error: ")
            ),
            Cause::Login => format!(
                "refuse the login of {:?} ({}); check kafka.username and kafka.password_file",
                kafka.username.as_deref().unwrap_or_default(),
                after("SASL authentication error: ")
            ),
            Cause::Token => format!("were sent no token: {}", after("token: ")),
            Cause::Mechanism => format!(
                "take no logins by {}, but by {}; set kafka.sasl_mechanism",
                kafka.sasl_mechanism.name(),
                after("supported mechanisms: ")
            ),
            Cause::NoLogins => {
                "take no logins at this port; set kafka.security = \"ssl\", or the port of another listener".into()
            }
            Cause::BrokerCertificate => {
                "show a certificate that does not hold: another CA, another host, or expired; check kafka.ca_file and the \
                 names in kafka.brokers (copydesk check --connect says which it is)"
                    .into()
            }
            Cause::ClientCertificate => client_certificate(kafka, said),
            Cause::KeyOfOther => "were not asked: kafka.key_file is not the key of kafka.certificate_file".into(),
            Cause::Unreadable(which) => format!("were not asked: {which}"),
            Cause::SpeaksTls if kafka.security == Security::Plaintext => {
                "hang up: at this port they seem to speak TLS; set kafka.security to \"ssl\" or \"sasl_ssl\"".into()
            }
            Cause::SpeaksTls => "hang up before a login: at this port they seem to ask for one that is not \
                                 configured, or to speak TLS; check kafka.security against the listener"
                .into(),
            Cause::SpeaksNoTls => "do not speak TLS at this port; set the port of the TLS listener in kafka.brokers, or \
                                   another kafka.security"
                .into(),
        }
    }
}

fn client_certificate(kafka: &Kafka, said: &str) -> String {
    let Some(file) = &kafka.certificate_file else {
        return "ask for a client certificate; set kafka.certificate_file and kafka.key_file".into();
    };
    match certificate::expired(file) {
        Some(day) => format!("refuse the client certificate: kafka.certificate_file expired on {day}"),
        None => format!(
            "refuse the client certificate of kafka.certificate_file ({said}); check that its CA is one that they trust"
        ),
    }
}

/// The reason without the broker's name before it and librdkafka's statistics behind it.
fn bare(reason: &str) -> &str {
    let text = reason.split(" (after ").next().unwrap_or(reason);
    match text.split_once(": ") {
        Some((broker, rest)) if broker.contains("://") || broker.contains("/bootstrap") => rest,
        _ => text,
    }
}

/// `host:port` of the broker that a reason is about: "ssl://kafka:9093/bootstrap: ...".
fn broker(reason: &str) -> Option<&str> {
    let (_, rest) = reason.split_once("://")?;
    rest.split(['/', ' ']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kafka: &Kafka, reason: &str) -> String {
        let away = Away::new(kafka, reason);
        assert!(away.refused(), "{away}");
        away.to_string()
    }

    #[test]
    fn a_wrong_password_names_the_user_and_the_keys() {
        let kafka = Kafka { username: Some("desk".into()), ..Kafka::default() };
        let reason = "sasl_ssl://kafka:9094/bootstrap: SASL authentication error: Authentication failed: Invalid username or \
                      password (after 355ms in state AUTH_REQ, 1 identical error(s) suppressed)";
        assert_eq!(
            said(&kafka, reason),
            "the brokers at localhost:9092 refuse the login of \"desk\" (Authentication failed: Invalid username or \
             password); check kafka.username and kafka.password_file"
        );
    }

    #[test]
    fn a_mechanism_that_is_not_there_names_those_that_are() {
        let reason = "sasl_ssl://k:1/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: \
                      broker's supported mechanisms: SCRAM-SHA-512,OAUTHBEARER (after 1ms in state AUTH_HANDSHAKE)";
        let kafka = Kafka { sasl_mechanism: SaslMechanism::Plain, ..Kafka::default() };
        assert!(
            said(&kafka, reason)
                .ends_with("take no logins by PLAIN, but by SCRAM-SHA-512,OAUTHBEARER; set kafka.sasl_mechanism")
        );
    }

    #[test]
    fn a_broker_that_is_not_there_is_no_refusal() {
        let reason = "plaintext://127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in \
                      state CONNECT)";
        let away = Away::new(&Kafka::default(), reason);
        assert!(!away.refused());
        assert_eq!(
            away.to_string(),
            "the brokers at localhost:9092 do not answer: Connect to ipv4#127.0.0.1:1 failed: Connection refused; check \
             kafka.brokers and the network"
        );
        assert_eq!(broker(reason), Some("127.0.0.1:1"));
    }

    #[test]
    fn a_port_of_something_else_is_asked_about() {
        let said = "127.0.0.1:80/bootstrap: Receive failed: Invalid response size 1213486160 (0..100000512): increase \
                    receive.message.max.bytes (after 1ms in state APIVERSION_QUERY)";
        let plain = plain(said);
        assert!(plain.contains("(0..100000512): is kafka.brokers the port of a Kafka broker? (after"), "{plain}");
        assert_eq!(super::plain("Connection refused"), "Connection refused");
    }

    #[test]
    fn a_client_certificate_is_asked_for_or_refused() {
        let reason = "ssl://k:1/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL \
                      alert number 42 (after 0ms in state APIVERSION_QUERY)";
        assert!(said(&Kafka::default(), reason).contains("set kafka.certificate_file and kafka.key_file"));
        let kafka = Kafka { certificate_file: Some("no-such-file".into()), ..Kafka::default() };
        assert!(said(&kafka, reason).contains("refuse the client certificate of kafka.certificate_file"));
    }
}
