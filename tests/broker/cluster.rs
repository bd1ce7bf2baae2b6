//! The broker under test and plain clients of it: make a topic, write, read back what is committed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::OwnedMessage;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// Longest wait for anything the broker should do at once; higher than any hiccup of a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Largest message of the tests, in bytes; the broker of `tests/kafka` takes as much.
const MAX_MESSAGE: &str = "8388608";

/// A running cluster.
pub struct Cluster {
    brokers: String,
}

impl Cluster {
    /// The cluster that `tests/broker.sh` started.
    pub fn from_env() -> Cluster {
        let brokers = std::env::var("COPYDESK_TEST_BROKERS").expect("no COPYDESK_TEST_BROKERS: run tests/broker.sh");
        Cluster { brokers }
    }

    /// Client configuration that every client of the tests starts from.
    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("broker.address.family", "v4")
            .set("message.max.bytes", MAX_MESSAGE);
        config
    }

    /// Makes a topic of a name that no other test and no earlier run has, and returns the name.
    pub fn create_topic(&self, stem: &str, partitions: i32, settings: &[(&str, &str)]) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{stem}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
        for (key, value) in settings {
            topic = topic.set(key, value);
        }
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
        let made = block_on(admin.create_topics([&topic], &options)).unwrap();
        assert_eq!(made, vec![Ok(name.clone())]);
        name
    }

    /// Writes one record to partition 0 and waits until the broker has it.
    pub fn produce(&self, topic: &str, key: Option<&[u8]>, value: Option<&[u8]>) {
        let producer: FutureProducer = self.config().set("acks", "all").create().unwrap();
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic).partition(0);
        record.key = key;
        record.payload = value;
        block_on(producer.send(record, PATIENCE)).unwrap();
    }

    /// The first `count` committed records of partition 0, in order.
    pub fn read(&self, topic: &str, count: usize) -> Vec<OwnedMessage> {
        let consumer: BaseConsumer = self
            .config()
            .set("group.id", "not-used")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .create()
            .unwrap();
        let mut from = TopicPartitionList::new();
        from.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&from).unwrap();
        let deadline = Instant::now() + PATIENCE;
        let mut records = Vec::new();
        while records.len() < count {
            assert!(Instant::now() < deadline, "{} of {count} records of {topic} after {PATIENCE:?}", records.len());
            if let Some(message) = consumer.poll(Duration::from_millis(100)) {
                records.push(message.unwrap().detach());
            }
        }
        records
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
