//! The broker under test and plain clients of it: make a topic, write, read back what is committed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseProducer, BaseRecord, FutureProducer, FutureRecord, Producer};
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
        Cluster::at(brokers)
    }

    /// The cluster whose bootstrap servers these are.
    pub fn at(brokers: String) -> Cluster {
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

    /// The broker's address.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// Writes one record to partition 0 and waits until the broker has it.
    pub fn produce(&self, topic: &str, key: Option<&[u8]>, value: Option<&[u8]>) {
        let producer: FutureProducer = self.config().set("acks", "all").create().unwrap();
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic).partition(0);
        record.key = key;
        record.payload = value;
        block_on(producer.send(record, PATIENCE)).unwrap();
    }

    /// Writes records to the partitions their keys say, and waits until the broker has them all.
    pub fn feed(&self, topic: &str, records: &[Fed]) {
        let producer: BaseProducer = self.config().set("acks", "all").set("linger.ms", "5").create().unwrap();
        for record in records {
            let headers = record
                .headers
                .iter()
                .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
            let mut message: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).headers(headers);
            message.key = record.key.as_deref();
            message.payload = record.value.as_deref();
            while let Err((error, back)) = producer.send(message) {
                assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull));
                producer.poll(Duration::from_millis(20));
                message = back;
            }
        }
        producer.flush(PATIENCE).unwrap();
    }

    /// The first `count` committed records of partition 0, in order.
    pub fn read(&self, topic: &str, count: usize) -> Vec<OwnedMessage> {
        let mut from = TopicPartitionList::new();
        from.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        let consumer = self.reader();
        consumer.assign(&from).unwrap();
        let deadline = Instant::now() + PATIENCE;
        let mut records = Vec::new();
        while records.len() < count {
            assert!(Instant::now() < deadline, "{} of {count} records of {topic} after {PATIENCE:?}", records.len());
            match consumer.poll(Duration::from_millis(100)) {
                None | Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(message) => records.push(message.unwrap().detach()),
            }
        }
        records
    }

    /// Everything committed that a topic holds, partition by partition.
    pub fn read_all(&self, topic: &str) -> Vec<OwnedMessage> {
        let mut records = Vec::new();
        self.each(topic, |record| records.push(record.detach()));
        records.sort_by_key(|record| (record.partition(), record.offset()));
        records
    }

    /// Looks at everything committed that a topic holds, in the order of each partition.
    pub fn each(&self, topic: &str, mut look: impl FnMut(&BorrowedMessage<'_>)) {
        let consumer = self.reader();
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
        let mut from = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            from.add_partition_offset(topic, partition.id(), Offset::Beginning).unwrap();
        }
        consumer.assign(&from).unwrap();
        let (mut ended, mut deadline) = (HashSet::new(), Instant::now() + PATIENCE);
        while ended.len() < from.count() {
            assert!(Instant::now() < deadline, "{topic} gives nothing more and has not ended, for {PATIENCE:?}");
            match consumer.poll(Duration::from_millis(100)) {
                None => continue,
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(ended.insert(partition)),
                Some(message) => look(&message.unwrap()),
            }
            deadline = Instant::now() + PATIENCE;
        }
    }

    /// The committed offsets of a group, 0 where it has none; nothing while the broker does not answer.
    pub fn committed(&self, group: &str, topic: &str, partitions: i32) -> Option<Vec<i64>> {
        let consumer: BaseConsumer = self.config().set("group.id", group).create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, partitions - 1);
        let committed = consumer.committed_offsets(list, Duration::from_secs(10)).ok()?;
        Some(committed.elements().iter().map(|e| e.offset().to_raw().unwrap_or(0).max(0)).collect())
    }

    /// What stands beside the committed offset of partition 0; nothing while the broker does not answer.
    pub fn mark(&self, group: &str, topic: &str) -> Option<(i64, String)> {
        let consumer: BaseConsumer = self.config().set("group.id", group).create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition(topic, 0);
        let committed = consumer.committed_offsets(list, Duration::from_secs(10)).ok()?;
        let element = committed.elements().pop()?;
        Some((element.offset().to_raw()?, element.metadata().to_owned()))
    }

    /// Sets the committed offsets of a group that has no members to 0.
    pub fn rewind(&self, group: &str, topic: &str, partitions: i32) {
        let consumer: BaseConsumer = self.config().set("group.id", group).create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, partitions - 1);
        list.set_all_offsets(Offset::Offset(0)).unwrap();
        consumer.commit(&list, CommitMode::Sync).unwrap();
    }

    /// Deletes the first half of each partition. Gives the number of records left.
    pub fn trim(&self, topic: &str, partitions: i32) -> usize {
        let consumer = self.reader();
        let (mut list, mut left) = (TopicPartitionList::new(), 0);
        for partition in 0..partitions {
            let (_, end) = consumer.fetch_watermarks(topic, partition, PATIENCE).unwrap();
            list.add_partition_offset(topic, partition, Offset::Offset(end / 2)).unwrap();
            left += end - end / 2;
        }
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
        block_on(admin.delete_records(&list, &options)).unwrap();
        usize::try_from(left).unwrap()
    }

    fn reader(&self) -> BaseConsumer {
        let mut config = self.config();
        config
            .set("group.id", "not-used")
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("fetch.message.max.bytes", MAX_MESSAGE)
            .set("enable.auto.commit", "false");
        config.create().unwrap()
    }
}

/// A record to be written.
#[derive(Debug, Clone, Default)]
pub struct Fed {
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Value; `None` is Kafka's null.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Runs until `done` says so; fails with what `done` says otherwise when that takes too long.
pub fn eventually<T>(limit: Duration, mut done: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        match done() {
            Ok(value) => return value,
            Err(state) => assert!(Instant::now() < deadline, "not within {limit:?}: {state}"),
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
