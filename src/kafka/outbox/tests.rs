//! What counts as aborted, and what is done about a message that is too large.

use super::*;
use crate::http::Condition;
use crate::kafka::mock::Mock;
use crate::outcome::Route;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

#[test]
fn a_message_that_is_too_large_names_its_record_and_a_topic_that_shrank_stops() {
    let mock = Mock::start(&Topics::default(), 1).unwrap();
    let mut settings = Settings::default();
    settings.kafka.brokers = mock.brokers();
    settings.kafka.max_message = 70_000;
    settings.run.delivery = Delivery::AtLeastOnce;
    let names = Names { topic: "raw".into(), group: "desk".into(), transactional_id: "desk-0".into() };
    let metrics = Metrics::new(&settings.topics).unwrap();
    let health = Arc::new(Health::new(settings.run.watchdog, &Condition::ALL));
    let outputs = Outputs { dead_partitions: 1, batch: 1000 };
    let mut outbox = Outbox::connect(&settings, names, outputs, metrics, health).unwrap();
    let message = |route, bytes| Message {
        route,
        partition: None,
        key: None,
        value: Some(vec![b'x'; bytes].into()),
        headers: vec![],
    };
    let mut refused = |route, bytes, of| {
        mock.fails(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE]);
        outbox.begin().unwrap();
        let sent = outbox.send(&message(route, bytes), of).and_then(|()| outbox.drain());
        assert!(matches!(sent, Err(Trouble::Abort(_))), "{sent:?}");
        outbox.abort().unwrap();
        outbox.take_oversize()
    };
    assert_eq!(refused(Route::Enriched, 2000, (3, 17)).unwrap(), [(3, 17)], "by the broker");
    let text = refused(Route::Enriched, 500, (3, 18)).unwrap_err().to_string();
    assert!(text.contains("articles.enriched refused for its size"), "others may be in its batch: {text}");
    assert!(refused(Route::Dead, 2000, (3, 19)).is_err(), "nowhere else to go");
    // The last, since the broker is never asked.
    assert_eq!(refused(Route::Duplicates, 80_000, (2, 5)).unwrap(), [(2, 5)], "by the client");
}

#[test]
fn an_output_that_is_known_to_be_denied_when_it_is_sent_to_is_named() {
    let mock = Mock::start(&Topics::default(), 1).unwrap();
    mock.withholds(Route::Dead, RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    let mut settings = Settings::default();
    settings.kafka.brokers = mock.brokers();
    settings.run.delivery = Delivery::AtLeastOnce;
    let names = Names { topic: "raw".into(), group: "desk".into(), transactional_id: "desk-0".into() };
    let metrics = Metrics::new(&settings.topics).unwrap();
    let health = Arc::new(Health::new(settings.run.watchdog, &Condition::ALL));
    let outputs = Outputs { dead_partitions: 1, batch: 1000 };
    let outbox = Outbox::connect(&settings, names, outputs, metrics, health).unwrap();
    // Asks for the topic, so that librdkafka knows of it before anything is sent there.
    outbox.producer.client().fetch_metadata(Some("articles.dead"), Duration::from_secs(30)).unwrap();
    let message = Message { route: Route::Dead, partition: None, key: None, value: Some("x".into()), headers: vec![] };
    let text = loop {
        // Taken until it is known.
        if let Err(trouble) = outbox.send(&message, (0, 1)) {
            break trouble.to_string();
        }
    };
    assert!(text.contains("the right to Write on topic articles.dead is missing"), "{text}");
}

#[test]
fn only_a_transaction_that_was_open_counts_as_aborted() {
    let mock = Mock::start(&Topics::default(), 1).unwrap();
    let mut settings = Settings::default();
    settings.kafka.brokers = mock.brokers();
    let names = Names { topic: "raw".into(), group: "desk".into(), transactional_id: "desk-0".into() };
    let metrics = Metrics::new(&settings.topics).unwrap();
    let health = Arc::new(Health::new(settings.run.watchdog, &Condition::ALL));
    let mut outbox =
        Outbox::connect(&settings, names, Outputs { dead_partitions: 1, batch: 1000 }, metrics.clone(), health)
            .unwrap();
    let aborted = || {
        let text = metrics.text().unwrap();
        text.lines().find_map(|l| l.strip_prefix("copydesk_commits_total{result=\"aborted\"} ")?.parse().ok())
    };
    outbox.abort().unwrap();
    assert_eq!(aborted(), Some(0));
    assert!(outbox.begin().unwrap());
    outbox.abort().unwrap();
    outbox.abort().unwrap();
    assert_eq!(aborted(), Some(1));
}
