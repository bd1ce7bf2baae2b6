//! librdkafka's mock cluster: a Kafka inside this process, for `demo` and for tests of group membership.
//!
//! Its transactions are faked: they succeed and mean nothing. Never show or test exactly once on it.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message as _;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::outbox::owned;
use crate::outcome::Route;
use crate::record::Headers;
use crate::settings::Topics;

/// A broker of this process.
pub struct Mock {
    cluster: MockCluster<'static, DefaultProducerContext>,
    topics: Topics,
}

/// A message for the mock, or one read back.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Value.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: Headers,
}

impl Mock {
    /// Starts a broker with our topics, `partitions` of each but the print log.
    ///
    /// # Errors
    /// When it cannot listen on 127.0.0.1.
    pub fn start(topics: &Topics, partitions: i32) -> KafkaResult<Mock> {
        let cluster = MockCluster::new(1)?;
        for route in Route::ALL {
            let partitions = if route == Route::Prints { 1 } else { partitions };
            cluster.create_topic(topics.name(route), partitions, 1)?;
        }
        Ok(Mock { cluster, topics: topics.clone() })
    }

    /// `host:port`
    pub fn brokers(&self) -> String {
        self.cluster.bootstrap_servers()
    }

    /// Lets the next requests of a kind fail.
    #[cfg(test)]
    pub fn fails(&self, request: rdkafka::types::RDKafkaApiKey, errors: &[rdkafka::types::RDKafkaRespErr]) {
        self.cluster.request_errors(request, errors);
    }

    /// Lets every question about a topic be answered with an error.
    #[cfg(test)]
    pub fn withholds(&self, route: Route, error: rdkafka::types::RDKafkaRespErr) {
        let answered = self.cluster.topic_error(self.topics.name(route), error);
        assert!(answered.is_ok(), "{answered:?}");
    }

    /// Writes messages to a topic and waits until it holds them.
    ///
    /// # Errors
    /// When it does not take them.
    pub fn write(&self, route: Route, messages: &[Plain]) -> KafkaResult<()> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.brokers()).set("partitioner", "murmur2_random");
        let producer: BaseProducer = config.create()?;
        for message in messages {
            let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(self.topics.name(route));
            record = record.headers(owned(&message.headers));
            if let Some(key) = &message.key {
                record = record.key(key);
            }
            if let Some(value) = &message.value {
                record = record.payload(value);
            }
            producer.send(record).map_err(|(error, _)| error)?;
        }
        producer.flush(Duration::from_secs(10))
    }

    /// Everything a topic holds, in the order of its partitions, up to `limit` of waiting.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, route: Route, limit: Duration) -> KafkaResult<Vec<Plain>> {
        let name = self.topics.name(route);
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.brokers()).set("group.id", "reader").set("enable.auto.commit", "false");
        let consumer: BaseConsumer = config.create()?;
        let metadata = consumer.fetch_metadata(Some(name), limit)?;
        let mut missing = 0;
        let mut from = TopicPartitionList::new();
        for partition in metadata.topics().iter().flat_map(|t| t.partitions()) {
            let (low, high) = consumer.fetch_watermarks(name, partition.id(), limit)?;
            missing += high - low;
            from.add_partition_offset(name, partition.id(), Offset::Beginning)?;
        }
        consumer.assign(&from)?;
        let (mut messages, deadline) = (Vec::new(), Instant::now() + limit);
        while missing > 0 && Instant::now() < deadline {
            let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
            let message = message?;
            missing -= 1;
            messages.push(Plain {
                key: message.key().map(<[u8]>::to_vec),
                value: message.payload().map(<[u8]>::to_vec),
                headers: Vec::new(),
            });
        }
        Ok(messages)
    }
}
