//! Every key, once: its place, its kind, what it does and why the default is what it is.
//!
//! This table drives reading, `config show`, the reference file and the tests; the defaults are those of [`Settings`](super::Settings).
//! The doc of a key is what an operator reads: what it does, the reason for the default, what a change costs.

use std::time::Duration;

pub(super) use super::access::{Access, Key, Section};
use super::access::{key, sections, typed};
use super::kind::{
    Address, Count, File, Flag, Folder, Hidden, HiddenFile, Kind, Maybe, OrOff, Percent, Size, Text, Texts, Time,
    Weights, Word,
};
use super::tables::{Client, Fields, Table};

/// Every key of every section.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

/// The key at `path` and, for a member of a table, the member's name.
pub(super) fn find(path: &str) -> Option<(&'static Key, Option<&str>)> {
    let (section, rest) = path.split_once('.')?;
    let keys = SECTIONS.iter().find(|s| s.name == section)?.keys;
    keys.iter().find_map(|key| match key.access {
        Access::One { .. } => (key.name == rest).then_some((key, None)),
        Access::Each { .. } => {
            let member = rest.strip_prefix(key.name)?.strip_prefix('.')?;
            Some((key, Some(member)))
        }
    })
}

/// Times from so many seconds to so many.
fn seconds(from: u64, to: u64) -> Time {
    Time(Duration::from_secs(from)..=Duration::from_secs(to))
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

sections! {
    /// The cluster and this group's place in it.
    kafka {
        /// Where to find the cluster: `host:port`, several separated by commas. Two or three are enough, the rest is
        /// learned from them.
        brokers: Text("kafka-1:9092,kafka-2:9092");
        /// Consumer group. All workers of one desk share it. A new name reads the input from `start` and publishes
        /// everything again, under the same article ids.
        group: Text("copydesk");
        /// Name of this worker in the group, different for each. A name that survives a restart frees an open
        /// transaction at once, a random one leaves it to `transaction_timeout`; and the worker keeps its partitions
        /// through a restart shorter than `session_timeout` (static membership). Unset: the pod's name (POD_NAME) for
        /// transactions only, else a random one.
        instance: Maybe(Text("copydesk-0"));
        /// Where a group without committed offsets starts: "earliest" or "latest". Earliest: a new desk loses nothing.
        start: Word;
        /// What to do when a committed offset is gone because the topic's retention passed it: "stop", "earliest" or
        /// "latest". Stop: articles were lost, and a person should say how to go on.
        on_lost_offset: Word;
        /// How partitions are dealt to the workers: "range" or "cooperative-sticky". Range gave no error in any
        /// rebalance storm measured, and no longer gaps.
        assignor: Word;
        /// How the brokers are spoken to: "plaintext", "ssl", "sasl_ssl" or "sasl_plaintext".
        security: Word;
        /// How the login is made: "scram_sha_512", "scram_sha_256", "plain" or "oauthbearer". All but scram send what
        /// would let others log in, so without TLS none is sent unless `insecure_sasl_plaintext` allows it.
        sasl_mechanism: Word;
        /// Login name, for the two sasl kinds of `security`.
        username: Maybe(Text("copydesk"));
        /// Login password. Better kept out of this file: `password_file`, or COPYDESK__KAFKA__PASSWORD.
        password: Maybe(Hidden);
        /// File that holds the login password.
        password_file => password: Maybe(HiddenFile("/run/secrets/kafka"));
        /// File that holds the token for "oauthbearer", a JWT as a rule. It is read again whenever one is needed, before
        /// the last has expired: who renews the file renews the login.
        oauth_token_file: Maybe(File("/run/secrets/kafka-token"));
        /// CA certificates, PEM. Not set: those that the system trusts. Containers often have none.
        ca_file: Maybe(File("/etc/ssl/kafka/ca.pem"));
        /// Client certificate with its chain, PEM, for clusters that ask for one.
        certificate_file: Maybe(File("/etc/ssl/kafka/client.pem"));
        /// Key of the client certificate, PEM.
        key_file: Maybe(File("/etc/ssl/kafka/client.key"));
        /// Password of that key. Better kept out of this file: `key_password_file`.
        key_password: Maybe(Hidden);
        /// File that holds the password of that key.
        key_password_file => key_password: Maybe(HiddenFile("/run/secrets/kafka-key"));
        /// Allows `security = "sasl_plaintext"`, which sends the login over the wire unencrypted.
        insecure_sasl_plaintext: Flag;
        /// The group drops a silent worker after this long and gives its partitions to others. Shorter: a paused
        /// process loses them. Longer: a crash keeps them waiting. Must exceed `transaction_timeout`.
        session_timeout: seconds(6, 300);
        /// The broker aborts an open transaction after this long. It is how long a crash can hold readers back. Must
        /// exceed `run.drain_timeout`.
        transaction_timeout: seconds(5, 120);
        /// Bounds a request that hangs. The client's own default of 60 s would stall a worker for that long. What is asked
        /// for at once is so much that 100 kB a second bring it in this time: raise it for a slower line.
        socket_timeout: seconds(1, 60);
        /// Largest message this worker sends. The output topics must allow as much (`max.message.bytes`);
        /// `topics --create` sees to it.
        max_message: Size(64 * KIB..=512 * MIB);
        /// Further properties of librdkafka, as they are. Those that delivery rests on are refused, with the reason.
        client, in Client;
    }
    /// Topic names, and what `topics --create` makes of them.
    topics {
        /// Input: raw articles.
        raw: Text("articles.raw");
        /// Output: new stories and revisions, one enriched record each.
        enriched: Text("articles.enriched");
        /// Output: a small link record for every article that was told before.
        duplicates: Text("articles.duplicates");
        /// Output: the original bytes of what could not become an article, and the reason.
        dead: Text("articles.dead");
        /// The print log, by which all workers agree on what was told. One partition.
        prints: Text("articles.prints");
        /// Input of the fetch stage: records that carry only a URL.
        links: Text("articles.links");
        /// Between the halves of the line, where `run.stages` runs them apart: cleaned articles with their verdicts.
        cleaned: Text("articles.cleaned");
        /// Partitions of a topic that `topics --create` makes; the print log always has one. There is work for as many
        /// workers as the input has partitions.
        partitions: Count(1..=10_000);
        /// Replicas of a topic that `topics --create` makes. Not set: three, or as many as there are brokers.
        replication: Maybe(Count(1..=9));
        /// How long `topics --create` lets records live in input and outputs. A week: a broken weekend can be replayed.
        retention: seconds(HOUR, 3650 * DAY);
    }
    /// Pace, memory and deadlines.
    run {
        /// Which part of the line this worker runs: all of it, or one half, handed over through `topics.cleaned`. The
        /// first half judges and needs the print log; the second only reads, and is where most of the time goes. Both
        /// have the same outcomes and guarantees as one worker. `run --stages` sets it too.
        stages: Word;
        /// What a crash may cost: "exactly_once" nothing; "at_least_once" repeats up to `commit_records` records, for
        /// brokers or consumers without transactions.
        delivery: Word;
        /// Bound for everything in flight: prefetch, records on the line, producer queues. The index of `[dedupe]`
        /// comes on top, about 660 bytes an article.
        memory: Size(16 * MIB..=64 * GIB);
        /// Threads for the stages. Not set: one for each core.
        workers: Maybe(Count(1..=1024));
        /// A transaction is committed at this many records ... Larger costs latency and repeats more after a crash,
        /// smaller costs the broker work.
        commit_records: Count(1..=100_000);
        /// ... or this long after its first record, and at once when the line has run dry.
        commit_interval: Time(Duration::from_millis(1)..=Duration::from_secs(4));
        /// How long a revoke or a shutdown waits for records on the line; the rest is given back. Must stay below half
        /// of `kafka.session_timeout`, or the group drops the worker while it drains.
        drain_timeout: Time(Duration::from_millis(100)..=Duration::from_secs(60));
        /// Outer bound of a shutdown. Give the service manager more than that: the pod's grace time, `TimeoutStopSec`.
        shutdown_timeout: seconds(1, 300);
        /// The process ends with 70 when its driver made no step for this long, so that it is started again. Must
        /// exceed `kafka.session_timeout`.
        watchdog: seconds(10, 110);
        /// Stops the program with 65 when this share of the records died of faults; "off" never does. Half: a bad
        /// deploy should stop, a bad feed should not.
        reject_limit: OrOff(Percent);
        /// The share is taken over this window, of at least 5,000 records.
        reject_window: seconds(10, HOUR);
    }
    /// How bytes become a raw article.
    decode {
        /// Largest body, unpacked. A page above it is a dead letter; real pages stay under 2 MiB.
        max_body: Size(KIB..=256 * MIB);
        /// The names each field may have in the raw record: one, or a list of which the first found is taken. A dot
        /// descends into objects: "meta.title".
        fields, in Fields;
    }
    /// The desk's memory of what was told.
    dedupe {
        /// What is done with a story that was told before: "on" publishes a link, "mark" publishes it with the verdict
        /// attached, "off" asks nobody.
        mode: Word;
        /// How long a story is remembered, in time of the print log. Wire copies arrive within hours; a week costs
        /// memory and finds little more.
        window: seconds(60, 365 * DAY);
        /// How many stories are remembered at most; two million take about 1.3 GB. Must be more than is under
        /// way, 4,000 records a worker: a story that is forgotten before its copies are through is told twice.
        max_articles: Count(100_000..=100_000_000);
        /// How long a print that was not published yet may be matched, in time of the print log. Must exceed
        /// `kafka.session_timeout`, or a crash lets a story be told twice.
        promise: seconds(10, HOUR);
        /// Folder in which the worker keeps a snapshot of its memory, so that a restart reads only the end of the print
        /// log: one folder for each worker. It is a cache: what does not fit the log is not used, and it may be deleted
        /// at any time. Not set: the log is read from its beginning.
        state_dir: Maybe(Folder("/var/lib/copydesk"));
    }
    /// What counts as a story.
    clean {
        /// A page or text with fewer words is dead (`too_short`); a bare story never is.
        min_words: Count(0..=10_000);
    }
    /// The form of what is published.
    output {
        /// The form of an article on `topics.enriched`: "copydesk" is the enriched record, "ninjs" an IPTC ninjs 3.1
        /// item, for systems that read that. An item has no room for all of the record.
        format: Word;
        /// Adds the headers that make a CloudEvent (1.0.2, binary mode) of every story and link: ce_id, ce_type, ...
        cloudevents: Flag;
    }
    /// What is read out of a story beyond its facts.
    extract {
        /// Whether the text is read for entities, quotes, keywords and topics: "on" or "off". Off: they are absent, and a
        /// worker does several times as many articles.
        meaning: Word;
        /// Weights file for the entity tagger in place of the built-in one, made by the training program of the same
        /// version. Not set: the built-in one.
        model: Maybe(Weights("/etc/copydesk/entities.model"));
    }
    /// Links to pages: reads `topics.links`, writes `topics.raw`.
    fetch {
        /// Run the fetch stage in this process.
        enabled: Flag;
        /// Requests under way at once.
        concurrency: Count(1..=1024);
        /// Time to connect.
        connect_timeout: Time(Duration::from_millis(100)..=Duration::from_secs(60));
        /// Time for the whole of one attempt, redirects included.
        timeout: Time(Duration::from_millis(100)..=Duration::from_secs(300));
        /// Attempts before a link becomes a dead letter.
        attempts: Count(1..=20);
        /// Largest body as sent.
        max_packed: Size(KIB..=256 * MIB);
        /// Largest body unpacked. Bounds what a decompression bomb can cost.
        max_body: Size(KIB..=GIB);
        /// User-Agent header. Sites ask for a way to reach you: add an address.
        user_agent: Text("copydesk (desk@example.test)");
        /// Hosts or addresses (`host` or `host:port`) excepted from the guard that refuses private addresses and
        /// unusual ports; for tests and intranets.
        allow: Texts("[\"intranet.example.test:8080\"]");
    }
    /// The listeners: probes and metrics, and the desk page.
    http {
        /// Address of `/livez`, `/readyz`, `/metrics` and `/version`, or "off". Port 0 takes a free one. It shows no
        /// article, so it may be reached from outside.
        listen: OrOff(Address("0.0.0.0"));
        /// Address of the desk page: what this worker does and decides, for people, or "off". Port 0 takes a free one. It
        /// shows articles and asks for no login, so it belongs on the loopback address. Where the address is taken the
        /// worker runs without the page.
        desk: OrOff(Address("127.0.0.1"));
    }
    /// What is said on standard error.
    log {
        /// "auto" is text on a terminal and JSON elsewhere; "text"; "json".
        format: Word;
        /// error, warn, info, debug, trace, or a filter such as "info,copydesk::kafka=debug". RUST_LOG beats it.
        level: Text("info");
    }
}
