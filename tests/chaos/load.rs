//! The load: made-up stories with ids that say where they stand, planted copies, and what is no article at all.
//!
//! Partition and offset of each record are known before it is written, so its id can name them: `3-120` is record 120 of
//! partition 3. The oracle holds outcomes against that.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;

use super::chance::Chance;
use super::cluster::Cluster;

/// Records written before the next look at the clock.
const CHUNK: usize = 200;
/// The limit of a message in the scenario of long stories, bytes.
pub const LIMIT: usize = 1 << 20;
/// A copy stands up to so many stories behind its story.
const BEHIND: usize = 400;

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many records.
    pub records: usize,
    /// Records a second; 0 is as fast as it goes.
    pub rate: u32,
    /// How many in 1,000 are exact copies of a story before them, under another id and address.
    pub copies: usize,
    /// How many in 1,000 are no articles.
    pub poison: usize,
    /// How many in 1,000 are so long that they meet the limit of a message, from just below it to four times of it.
    pub huge: usize,
    /// Only the first so many partitions are written to; 0 is all of them.
    pub partitions: usize,
    /// Stories of one series are versions of none in another.
    pub series: u32,
    /// Years that the stamp of a record may be off, either way.
    pub years_off: i64,
}

impl Plan {
    /// So many records, as fast as it goes, 15 % copies.
    pub fn of(records: usize) -> Plan {
        Plan { records, rate: 0, copies: 150, poison: 0, huge: 0, partitions: 0, series: 0, years_off: 0 }
    }

    /// The same at a rate.
    pub fn paced(self, rate: u32) -> Plan {
        Plan { rate, ..self }
    }
}

/// What was written so far.
#[derive(Debug, Default)]
pub struct Written {
    /// Records of each partition that the broker has.
    pub ends: Vec<AtomicI64>,
    /// Copies planted.
    pub copies: AtomicI64,
    /// Records that are no articles.
    pub poison: AtomicI64,
    /// Says that the writing should end before the plan is done.
    pub enough: AtomicBool,
}

impl Written {
    /// Nothing yet, in so many partitions.
    pub fn new(partitions: usize) -> Arc<Written> {
        Arc::new(Written { ends: (0..partitions).map(|_| AtomicI64::new(0)).collect(), ..Written::default() })
    }

    /// All records the broker has.
    pub fn total(&self) -> i64 {
        self.ends().iter().sum()
    }

    /// The same by partition.
    pub fn ends(&self) -> Vec<i64> {
        self.ends.iter().map(|end| end.load(Ordering::SeqCst)).collect()
    }
}

/// Writes a plan to a topic, and returns when the broker has all of it.
pub fn write(cluster: &Cluster, topic: &str, plan: Plan, seed: u64, written: &Written) {
    let mut config = cluster.config();
    config.set("enable.idempotence", "true").set("acks", "all").set("linger.ms", "5").set("message.timeout.ms", "0");
    let producer: BaseProducer = config.create().unwrap();
    let mut chance = Chance::new(seed);
    let mut recent = VecDeque::new();
    let (begun, mut done) = (Instant::now(), 0);
    while done < plan.records && !written.enough.load(Ordering::SeqCst) {
        let mut ends = written.ends();
        let open = if plan.partitions == 0 { ends.len() } else { plan.partitions };
        for _ in 0..CHUNK.min(plan.records - done) {
            let partition = chance.below(open);
            send(
                &producer,
                topic,
                partition,
                &record(plan, partition, ends[partition], &mut chance, &mut recent, written),
            );
            ends[partition] += 1;
            done += 1;
        }
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(5));
        }
        for (end, now) in written.ends.iter().zip(ends) {
            end.store(now, Ordering::SeqCst);
        }
        if plan.rate > 0 {
            let due = begun + Duration::from_secs_f64(done as f64 / f64::from(plan.rate));
            std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
        }
    }
}

struct Raw {
    key: String,
    value: Option<Vec<u8>>,
    time: Option<i64>,
}

fn send(producer: &BaseProducer, topic: &str, partition: usize, raw: &Raw) {
    let mut message = BaseRecord::to(topic).partition(partition as i32).key(&raw.key);
    message.payload = raw.value.as_ref();
    message.timestamp = raw.time;
    while let Err((error, back)) = producer.send(message) {
        assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull));
        producer.poll(Duration::from_millis(20));
        message = back;
    }
}

fn record(
    plan: Plan,
    partition: usize,
    offset: i64,
    chance: &mut Chance,
    recent: &mut VecDeque<String>,
    written: &Written,
) -> Raw {
    let key = format!("{partition}-{offset}");
    let years = plan.years_off * (chance.below(3) as i64 - 1);
    let time = (years != 0).then(|| jiff::Timestamp::now().as_millisecond() + years * 365 * 86_400_000);
    let draw = chance.below(1000);
    if draw < plan.poison {
        written.poison.fetch_add(1, Ordering::SeqCst);
        return Raw { key, value: poison(chance), time };
    }
    let told =
        (draw - plan.poison < plan.copies && !recent.is_empty()).then(|| recent[chance.below(recent.len())].clone());
    let text = match told {
        Some(text) => {
            written.copies.fetch_add(1, Ordering::SeqCst);
            text
        }
        None if chance.below(1000) < plan.huge => long_story(chance),
        None => {
            let text = story(chance);
            recent.push_back(text.clone());
            if recent.len() > BEHIND {
                recent.pop_front();
            }
            text
        }
    };
    let value = json!({
        "id": key,
        "url": format!("https://{}{}.test/{key}", ["daily", "mirror", "courier"][chance.below(3)], plan.series),
        "source": format!("daily{}.test", plan.series), "headline": headline(&text), "text": text,
    });
    Raw { key, value: Some(value.to_string().into_bytes()), time }
}

fn headline(text: &str) -> String {
    text.split(' ').take(7).collect::<Vec<_>>().join(" ")
}

/// Bytes that are no article: no text, no JSON, half a gzip file, nothing at all.
fn poison(chance: &mut Chance) -> Option<Vec<u8>> {
    match chance.below(4) {
        0 => Some(vec![0xff, 0xfe, 0x00, 0x80, 0xc1]),
        1 => Some(b"{\"id\": \"half".to_vec()),
        2 => Some(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
        _ => None,
    }
}

const WHO: [&str; 16] = [
    "The harbour master",
    "A baker",
    "The mayor",
    "The orchestra",
    "A ferry captain",
    "The school board",
    "Two divers",
    "The librarian",
    "A choir",
    "The bridge keeper",
    "A team of botanists",
    "The night watch",
    "A young chess player",
    "The tram drivers",
    "An old clockmaker",
    "The fire brigade",
];
const DID: [&str; 16] = [
    "found a letter under",
    "asked for repairs of",
    "painted a mural on",
    "measured the depth of",
    "closed the road to",
    "planted forty trees around",
    "sold the last tickets for",
    "rang the bells above",
    "counted the visitors of",
    "wrote a song about",
    "rebuilt the stairs to",
    "voted on the future of",
    "lost a wager over",
    "opened the gates of",
    "took photographs of",
    "argued for hours about",
];
const WHAT: [&str; 16] = [
    "the old lighthouse",
    "a market hall",
    "the reservoir",
    "the northern pier",
    "a closed quarry",
    "the town museum",
    "a row of chestnut trees",
    "the clock tower",
    "an empty cinema",
    "the botanical garden",
    "a stone bridge",
    "the winter harbour",
    "a forgotten canal",
    "the upper mill",
    "the observatory",
    "a railway station",
];
const WHERE: [&str; 16] = [
    "in Harrow Bay",
    "near Korva",
    "outside Talvenia",
    "at Port Sarn",
    "in Zawrocie",
    "on the hill of Dunmarrow",
    "at Kettle Quay",
    "in Montera",
    "beyond Brackstedt",
    "in lower Valmorande",
    "at Inverloch",
    "in Oakhurst",
    "on the island of Serne",
    "by the river Alva",
    "in the old quarter of Mirren",
    "below Castle Rhoan",
];

/// Around the limit of a message of [`LIMIT`] bytes.
fn long_story(chance: &mut Chance) -> String {
    let bytes = [LIMIT * 9 / 10, LIMIT, LIMIT * 11 / 10, LIMIT * 4][chance.below(4)];
    let one = story(chance);
    let mut text = String::with_capacity(bytes + one.len());
    while text.len() < bytes {
        text.push_str(&one);
        text.push_str(if text.len().is_multiple_of(3) { "\n\n" } else { " " });
    }
    text
}

/// Five sentences that no other story has.
fn story(chance: &mut Chance) -> String {
    let mut sentence = |_| {
        let mut one = |list: &[&'static str; 16]| list[chance.below(16)];
        let (who, did, what, place) = (one(&WHO), one(&DID), one(&WHAT), one(&WHERE));
        let (year, count, name) = (1900 + chance.below(120), chance.below(100_000), chance.next() % 1_000_000_000);
        format!("{who} {did} {what} {place}, as case {name} of {year} shows, with {count} people looking on.")
    };
    (0..5).map(&mut sentence).collect::<Vec<_>>().join(" ")
}
