//! How the driver ends, and what it leaves alone.

use std::sync::mpsc::Sender;

use super::*;
use crate::flow::deliver::Message;
use crate::flow::room::Held;
use crate::flow::{Delivery, Intake, LaneId, Parcel};
use crate::http::Health;
use crate::kafka::admin::Outputs;
use crate::kafka::mock::{Mock, Plain};
use crate::metrics::{Metrics, Tally};
use crate::outcome::Route;
use crate::settings::Settings;

/// Publishes every record but the second of a partition, by which it panics.
struct Panics(tokio::runtime::Handle);

impl Flow for Panics {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        Intake::open(&self.0, lane, out, |mut intake, out| async move {
            while let Some(taken) = intake.recv().await {
                let offset = taken.record.position.unwrap().offset;
                assert_eq!(offset.0, 0, "a defect");
                let (route, value) = (Route::Enriched, Some("{}".into()));
                let message = Message { route, partition: None, key: None, value, headers: vec![] };
                let (tally, held) = (Tally::default(), Held::default());
                let result = Ok(Parcel { message, tally, told: None, needs: None, held });
                let _ = out.send(Delivery { lane, offset, weight: 0, timestamp: None, result });
            }
        })
    }
}

fn job(mock: &Mock) -> Arc<Job<Panics>> {
    let mut settings = Settings::default();
    settings.kafka.brokers = mock.brokers();
    settings.run.commit_interval = Duration::from_secs(60);
    // The mock only plays transactions.
    settings.run.delivery = crate::settings::Delivery::AtLeastOnce;
    Arc::new(Job {
        flow: Panics(tokio::runtime::Handle::current()),
        prints: None,
        route: Route::Raw,
        topic: settings.topics.raw.as_str().into(),
        group: "desk".into(),
        transactional_id: "desk-0".into(),
        outputs: Outputs { dead_partitions: 1, batch: 1000 },
        metrics: Metrics::new(&settings.topics).unwrap(),
        health: Arc::new(Health::new(settings.run.watchdog, &Condition::ALL)),
        recent: Arc::default(),
        runtime: tokio::runtime::Handle::current(),
        standing: Arc::default(),
        settings: Arc::new(settings),
    })
}

fn mock(records: usize) -> Mock {
    let mock = Mock::start(&Settings::default().topics, 1).unwrap();
    mock.write(Route::Raw, &vec![Plain { value: Some(b"x".to_vec()), ..Plain::default() }; records]).unwrap();
    mock
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_aborts_the_open_transaction() {
    let mock = mock(2);
    let job = job(&mock);
    let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
    let driver = start(job.clone(), Until::Stopped, stop, ended).unwrap();
    let ended = tokio::task::spawn_blocking(move || driver.join().unwrap()).await.unwrap();
    let Err(Stop::Panicked(text)) = ended else { unreachable!("the second record: {ended:?}") };
    assert!(text.contains("partition 0"), "{text}");
    let counted = job.metrics.text().unwrap();
    assert!(counted.contains("copydesk_commits_total{result=\"aborted\"} 1"), "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_beyond_the_end_is_not_fetched_until_the_partition_is_read_again() {
    let mock = mock(50);
    let job = job(&mock);
    let names = Names { topic: "raw".into(), group: "desk".into(), transactional_id: "desk-0".into() };
    let outbox = Outbox::connect(&job.settings, names, job.outputs, job.metrics.clone(), job.health.clone()).unwrap();
    let config = client::consumer(&job.settings, &job.group);
    let consumer: BaseConsumer<Session<Panics>> =
        config.create_with_context(Session::new(job.clone(), outbox)).unwrap();
    let mut first = rdkafka::TopicPartitionList::new();
    first.add_partition_offset(&job.topic, 0, rdkafka::Offset::Offset(0)).unwrap();
    consumer.assign(&first).unwrap();
    let came = |patience| consumer.poll(Duration::from_secs(patience)).map(|message| message.unwrap().offset());
    assert_eq!(came(30), Some(0));
    let mut state = consumer.context().lock();
    state.done(&job, &consumer, 0);
    assert_eq!((came(1), state.at_end.contains(&0)), (None, true), "49 records are there");
    state.not_done(&job, &consumer).unwrap();
    assert_eq!(came(1), None, "nothing is read again");
    state.at_end.remove(&0);
    state.not_done(&job, &consumer).unwrap();
    assert_eq!(came(30), Some(1));
}

#[test]
fn an_id_that_nobody_can_share_is_not_said_to_be_shared() {
    let random = Kafka::default();
    assert!(fenced(&random, "desk-5f").starts_with("transactions outlast kafka.transaction_timeout"));
    for named in [Kafka { instance: Some("a".into()), ..random.clone() }, Kafka { pod: Some("a".into()), ..random }] {
        let text = fenced(&named, "desk-a");
        assert!(text.contains("another process uses the transactional id desk-a"), "{text}");
        assert!(text.contains("kafka.transaction_timeout"), "{text}");
    }
}
