//! Which rights the worker's user lacks, found before any record is read: each is asked for by a request that the broker
//! refuses anyway, after it has looked at the rights. It must never write a record, move an offset, or fence a worker.
//!
//! | right | request | refused because |
//! |---|---|---|
//! | Read on input and print log, Read on the group | commit of an offset | there is no such partition |
//! | Write on the outputs and the print log | a record with `acks = 2` | acks is 0, 1 or all |
//! | Write on the transactional id | begin as a producer | no transaction may last 23 days |
//!
//! A broker that answers otherwise than Apache Kafka finds nothing missing here; the right is missed later, then.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, NoCustomPartitioner, Producer, ProducerContext};
use rdkafka::topic_partition_list::Offset;

use super::client::{self, FIRST};
use super::context::{Context, hand_on};
use super::refusal::Denied;
use crate::outcome::Route;
use crate::settings::{Delivery, Settings};

/// How long each of the three questions may take. No answer finds nothing missing.
const ANSWER: Duration = Duration::from_secs(4);
/// Longer than any broker lets a transaction last, milliseconds: 23 days. librdkafka adds to it, so it is not the largest number.
const NEVER: i32 = 2_000_000_000;
/// A partition that no topic has.
const NO_PARTITION: i32 = 1_000_000_000;

/// One input with what reads it.
struct Input<'s> {
    topic: &'s str,
    group: String,
    transactional_id: String,
}

/// What is missing for `run`, over the topics that exist. Blocks; the questions are asked side by side.
pub fn missing(settings: &Settings, exist: &BTreeSet<Route>) -> Vec<Denied> {
    let inputs = inputs(settings);
    let exactly_once = settings.run.delivery == Delivery::ExactlyOnce;
    let mut missing: Vec<Denied> = std::thread::scope(|scope| {
        let mut questions = vec![scope.spawn(|| unwritable(settings, exist))];
        for input in &inputs {
            questions.push(scope.spawn(|| reading(settings, input)));
            if exactly_once {
                questions.push(scope.spawn(|| transactions(settings, &input.transactional_id)));
            }
        }
        questions.into_iter().flat_map(|question| question.join().unwrap_or_default()).collect()
    });
    missing.sort();
    missing.dedup();
    missing
}

fn inputs(settings: &Settings) -> Vec<Input<'_>> {
    let kafka = &settings.kafka;
    // Any name with the group's prefix does where the worker takes a random one.
    let name = kafka.worker().unwrap_or("check");
    let input = |route| {
        let group = settings.group(route);
        Input { topic: settings.topics.name(route), transactional_id: format!("{group}-{name}"), group }
    };
    settings.inputs().into_iter().map(input).collect()
}

/// Read on the input, the print log and the group.
fn reading(settings: &Settings, input: &Input<'_>) -> Vec<Denied> {
    let mut config = client::reader(&settings.kafka);
    config.set("group.id", &input.group);
    let Ok(consumer) = config.create_with_context::<_, BaseConsumer<Refused>>(Refused::new(settings)) else {
        return Vec::new();
    };
    client::serve(&consumer);
    // First a question with a limit: without a right to the group a commit waits for long, and so does letting go of it.
    let mut asked = TopicPartitionList::new();
    asked.add_partition(input.topic, NO_PARTITION);
    if consumer.committed_offsets(asked, ANSWER).is_err() {
        client::serve(&consumer);
        let denied = consumer.context().group.load(Ordering::Relaxed);
        return denied.then(|| Denied::group(&input.group, "Read")).into_iter().collect();
    }
    let mut missing = Vec::new();
    let prints = settings.run.stages.judges().then_some(settings.topics.prints.as_str());
    for topic in std::iter::once(input.topic).chain(prints) {
        let mut commit = TopicPartitionList::new();
        // Fails only for an offset that is no number.
        let _ = commit.add_partition_offset(topic, NO_PARTITION, Offset::Offset(0));
        let refused = consumer.commit(&commit, CommitMode::Sync).err().and_then(|error| error.rdkafka_error_code());
        match refused {
            Some(RDKafkaErrorCode::GroupAuthorizationFailed) => missing.push(Denied::group(&input.group, "Read")),
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => missing.push(Denied::topic(topic, "Read")),
            _ => {}
        }
    }
    missing
}

/// Write on what the worker writes, of the topics that exist: what `run` would miss only when it has something for them.
pub fn unwritable(settings: &Settings, exist: &BTreeSet<Route>) -> Vec<Denied> {
    let stages = settings.run.stages;
    let mut outputs = stages.outputs().to_vec();
    outputs.extend(stages.judges().then_some(Route::Prints));
    outputs.extend(settings.fetches().then_some(Route::Raw));
    outputs.retain(|route| exist.contains(route));
    let mut config = client::base(&settings.kafka);
    config.set("acks", "2").set("message.timeout.ms", ANSWER.as_millis().to_string()).set("retries", "0");
    let Ok(producer) = config.create_with_context::<_, BaseProducer<Refused>>(Refused::new(settings)) else {
        return Vec::new();
    };
    producer.poll(FIRST);
    for route in outputs {
        let topic = settings.topics.name(route);
        // What cannot be queued is not asked.
        let _ = producer.send(BaseRecord::<[u8], [u8]>::to(topic).partition(0));
    }
    while producer.in_flight_count() > 0 {
        producer.poll(Duration::from_millis(5));
    }
    producer.context().topics().iter().map(|topic| Denied::topic(topic, "Write")).collect()
}

/// Write on the transactional id.
fn transactions(settings: &Settings, id: &str) -> Vec<Denied> {
    let mut config = client::base(&settings.kafka);
    config.set("transactional.id", id).set("transaction.timeout.ms", NEVER.to_string());
    let Ok(producer) = config.create_with_context::<_, BaseProducer<Refused>>(Refused::new(settings)) else {
        return Vec::new();
    };
    producer.poll(FIRST);
    let refused = producer.init_transactions(ANSWER).err().and_then(|error| error.rdkafka_error_code());
    let denied = refused == Some(RDKafkaErrorCode::TransactionalIdAuthorizationFailed);
    denied.then(|| Denied::transactional_id(id, "Write")).into_iter().collect()
}

/// Hears of the topics that may not be written, and of the group.
struct Refused {
    context: Context,
    topics: Mutex<BTreeSet<String>>,
    /// True once the group may not be used.
    group: AtomicBool,
}

impl Refused {
    fn new(settings: &Settings) -> Refused {
        Refused { context: Context::new(&settings.kafka), topics: Mutex::default(), group: AtomicBool::new(false) }
    }

    fn topics(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Its log lines are left out: what they tell of is refused on purpose.
impl ClientContext for Refused {
    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed) {
            self.group.store(true, Ordering::Relaxed);
        }
        self.context.error(error, reason);
    }

    hand_on!(rest);
}

impl ConsumerContext for Refused {}

impl ProducerContext<NoCustomPartitioner> for Refused {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result
            && error.rdkafka_error_code() == Some(RDKafkaErrorCode::TopicAuthorizationFailed)
        {
            self.topics().insert(message.topic().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rights_asked_for_are_those_that_run_needs() {
        let mut settings = Settings::default();
        settings.kafka.instance = Some("desk-0".into());
        let names = |settings: &Settings| {
            let inputs = inputs(settings);
            inputs.iter().map(|i| format!("{} {} {}", i.topic, i.group, i.transactional_id)).collect::<Vec<_>>()
        };
        assert_eq!(names(&settings), ["articles.raw copydesk copydesk-desk-0"]);
        settings.fetch.enabled = true;
        assert_eq!(names(&settings)[1], "articles.links copydesk-fetch copydesk-fetch-desk-0");
    }
}
