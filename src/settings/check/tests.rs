//! What must hold between keys: each rule broken once, and the values just within it.

use super::*;
use crate::settings::Secret;

fn findings(change: impl FnOnce(&mut Settings)) -> Vec<String> {
    let mut settings = Settings::default();
    change(&mut settings);
    all(&settings).into_iter().map(|f| format!("{}: {}", f.keys[0], f.message)).collect()
}

fn one(change: impl FnOnce(&mut Settings)) -> String {
    let findings = findings(change);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings[0].clone()
}

#[test]
fn the_defaults_fit_together() {
    assert_eq!(findings(|_| {}), Vec::<String>::new());
}

#[test]
fn timers_stand_in_order() {
    let message = one(|s| s.kafka.transaction_timeout = Duration::from_secs(30));
    assert!(
        message.starts_with("kafka.transaction_timeout: \"30s\" must be less than kafka.session_timeout (\"30s\")"),
        "{message}"
    );
    let message = one(|s| s.run.watchdog = Duration::from_secs(20));
    assert!(
        message.starts_with("kafka.session_timeout: \"30s\" must be less than run.watchdog (\"20s\")"),
        "{message}"
    );
    let both = findings(|s| s.run.drain_timeout = Duration::from_secs(15));
    assert!(both[0].contains("half of kafka.session_timeout (\"15s\")"), "{both:?}");
    assert!(both[1].contains("kafka.transaction_timeout (\"15s\")"), "{both:?}");
    assert_eq!(one(|s| s.dedupe.promise = Duration::from_secs(30)).split(':').next(), Some("kafka.session_timeout"));
}

#[test]
fn every_topic_has_a_name_of_its_own() {
    let message = one(|s| s.topics.dead = "articles.raw".into());
    assert_eq!(message, "topics.dead: \"articles.raw\" is topics.raw already; every topic needs a name of its own");
    assert!(one(|s| s.topics.raw = "raw articles".into()).starts_with("topics.raw: a topic name"));
}

#[test]
fn the_list_of_topic_keys_is_that_of_the_routes() {
    for ((key, route), expected) in TOPICS.into_iter().zip(Route::ALL) {
        assert_eq!((key, route), (format!("topics.{}", expected.name()).as_str(), expected));
    }
}

#[test]
fn a_login_is_complete_and_encrypted_or_meant_not_to_be() {
    let messages = findings(|s| s.kafka.security = Security::SaslSsl);
    assert_eq!(messages.len(), 2, "{messages:?}");
    let complete = |s: &mut Settings| {
        s.kafka.username = Some("desk".into());
        s.kafka.password = Some(Secret::new("x"));
    };
    assert_eq!(findings(complete).len(), 2, "a login that would not be used");
    let plain = |s: &mut Settings| {
        complete(s);
        s.kafka.security = Security::SaslPlaintext;
    };
    assert!(one(plain).contains("insecure_sasl_plaintext = true"));
    assert!(
        findings(|s| {
            plain(s);
            s.kafka.insecure_sasl_plaintext = true;
        })
        .is_empty()
    );
}

#[test]
fn a_token_is_a_login_of_its_own() {
    let by_token = |s: &mut Settings| {
        s.kafka.security = Security::SaslSsl;
        s.kafka.sasl_mechanism = SaslMechanism::Oauthbearer;
    };
    assert_eq!(one(by_token), "kafka.sasl_mechanism: asks for a token; set kafka.oauth_token_file");
    let complete = |s: &mut Settings| {
        by_token(s);
        s.kafka.oauth_token_file = Some("token".into());
    };
    assert_eq!(findings(complete), Vec::<String>::new());
    let both = |s: &mut Settings| {
        complete(s);
        s.kafka.username = Some("desk".into());
        s.kafka.password = Some(Secret::new("x"));
    };
    assert_eq!(findings(both).len(), 2, "{:?}", findings(both));
    let unencrypted = |s: &mut Settings| {
        complete(s);
        s.kafka.security = Security::SaslPlaintext;
    };
    assert!(one(unencrypted).contains("insecure_sasl_plaintext = true"));
}

#[test]
fn certificates_come_with_tls_and_with_their_key() {
    let messages = findings(|s| s.kafka.certificate_file = Some("client.pem".into()));
    assert_eq!(messages.len(), 2, "{messages:?}");
    let message = one(|s| {
        s.kafka.security = Security::Ssl;
        s.kafka.key_password = Some(Secret::new("x"));
    });
    assert_eq!(message, "kafka.key_password: needs kafka.key_file too");
}

#[test]
fn brokers_are_hosts_and_ports() {
    for good in ["kafka", "kafka:9092", "a:1,b:65535", "[::1]:9092", "10.0.0.1:9092 , b"] {
        assert!(findings(|s| s.kafka.brokers = good.into()).is_empty(), "{good}");
    }
    for bad in ["", ":9092", "kafka:", "kafka:0", "kafka:99999", "a:1,,b:2", "two words:9092", "kafka:http"] {
        assert!(!findings(|s| s.kafka.brokers = bad.into()).is_empty(), "{bad}");
    }
    let message = one(|s| s.kafka.brokers = "PLAINTEXT://kafka:9092".into());
    assert!(message.contains("write \"kafka:9092\""), "{message}");
}

#[test]
fn memory_holds_the_largest_messages() {
    assert!(one(|s| s.run.memory = 16 << 20).contains("too little"));
}
