//! The suite against a real Apache Kafka. `tests/broker.sh` starts the broker and runs it; it must never be pointed at a
//! cluster that matters, since its tests make topics, and some stop the broker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

mod agree;
mod articles;
mod cluster;
mod crash;
mod delivery;
mod desk;
mod dlq;
mod input;
mod look;
mod oracle;
mod reference;
mod secure;
mod setup;
mod stages;

use rdkafka::Message;

use cluster::Cluster;

#[test]
fn a_record_is_read_back_byte_for_byte() {
    let cluster = Cluster::from_env();
    let topic = cluster.create_topic("round-trip", 1, &[]);

    cluster.produce(&topic, Some(b"key"), Some(b"\xffnot text\x00"));
    cluster.produce(&topic, None, None);
    let records = cluster.read(&topic, 2);

    assert_eq!(records[0].key(), Some(&b"key"[..]));
    assert_eq!(records[0].payload(), Some(&b"\xffnot text\x00"[..]));
    assert_eq!((records[1].key(), records[1].payload()), (None, None));
    assert_eq!((records[0].offset(), records[1].offset()), (0, 1));
}

#[test]
fn a_record_as_large_as_the_default_limit_passes() {
    let cluster = Cluster::from_env();
    let topic = cluster.create_topic("large", 1, &[("max.message.bytes", "8388608")]);
    let value: Vec<u8> = (0..8_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();

    cluster.produce(&topic, None, Some(&value));

    assert_eq!(cluster.read(&topic, 1)[0].payload(), Some(&value[..]));
}
