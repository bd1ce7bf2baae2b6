//! What an administrator does to topics.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use super::cluster::Cluster;

const PATIENCE: Duration = Duration::from_secs(30);

fn admin(cluster: &Cluster) -> (AdminClient<DefaultClientContext>, AdminOptions) {
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
    (cluster.config().create().unwrap(), options)
}

fn done<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Deletes a topic.
pub fn delete(cluster: &Cluster, topic: &str) {
    let (admin, options) = admin(cluster);
    done(admin.delete_topics(&[topic], &options)).unwrap();
}

/// Gives a topic so many partitions.
pub fn widen(cluster: &Cluster, topic: &str, partitions: usize) {
    let (admin, options) = admin(cluster);
    let made = done(admin.create_partitions(&[NewPartitions::new(topic, partitions)], &options)).unwrap();
    assert_eq!(made, vec![Ok(topic.to_owned())]);
}

/// Deletes what stands before these offsets.
pub fn trim(cluster: &Cluster, topic: &str, offsets: &[(i32, i64)]) {
    let (admin, options) = admin(cluster);
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).unwrap();
    }
    done(admin.delete_records(&list, &options)).unwrap();
}

/// Where a partition ends.
pub fn end(cluster: &Cluster, topic: &str, partition: i32) -> i64 {
    let client: BaseConsumer = cluster.config().create().unwrap();
    client.fetch_watermarks(topic, partition, PATIENCE).unwrap().1
}

/// The nodes that lead the partitions of a topic, from 1; nothing where the topic is not known.
pub fn leaders(client: &BaseConsumer, topic: &str) -> Option<Vec<i32>> {
    let metadata = client.fetch_metadata(Some(topic), Duration::from_secs(10)).ok()?;
    let topic = metadata.topics().first()?;
    let leaders: Vec<i32> = topic.partitions().iter().map(|partition| partition.leader()).collect();
    (topic.error().is_none() && !leaders.is_empty()).then_some(leaders)
}

/// The node that leads the first partition of a topic.
pub fn leader(cluster: &Cluster, topic: &str) -> Option<u16> {
    let client: BaseConsumer = cluster.config().create().unwrap();
    leaders(&client, topic)?.first().and_then(|leader| u16::try_from(*leader).ok()).filter(|leader| *leader > 0)
}
