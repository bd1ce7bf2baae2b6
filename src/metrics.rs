//! Every metric, declared once: name, help, labels. The rest of the program reports events and names no metric.
//!
//! Units are seconds and bytes; counters end in `_total`. Label sets are closed and exist at zero from the start;
//! `partition` appears on position, lag and how far behind only. The registry is this struct's own: there is no global state, and a
//! clone shares the same numbers.
//!
//! The law: records consumed = records ended + handed over + returned + in flight. `records_in_flight` is moved by
//! the same calls that move the counters, so the law holds whenever no such call is under way. The fetch stage has a
//! law of its own, over `fetches_total`: its links never enter this one.

use std::sync::Arc;

use prometheus::process_collector::ProcessCollector;
use prometheus::proto::Metric;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry, Result,
    TextEncoder,
};
use serde_json::{Map, Value, json};

use crate::article::FieldSource;
use crate::outcome::{OutcomeKind, Route, Stage};
use crate::settings::Topics;

mod event;
mod family;
mod label;
mod tally;

pub use event::Partition;
use family::{Counters, Declaration, Family};
pub use label::{
    CommitResult, FetchResult, Field, Level, Match, ProduceError, Rebalance, RebuildCause, RetryCause, Returned,
    SkippedPrint,
};
pub use tally::Tally;

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// The revision this program was built from, when the build was told (`COPYDESK_REVISION`).
pub const REVISION: &str = match option_env!("COPYDESK_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};

/// 100 us to 1.6 s, doubling: a record takes about a millisecond, a hostile one a second.
const STAGE: &[f64] =
    &[1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3, 3.2e-3, 6.4e-3, 0.0128, 0.0256, 0.0512, 0.1024, 0.2048, 0.4096, 0.8192, 1.6384];
/// 50 ms to half an hour: the aim is under 500 ms, an outage takes minutes.
const END_TO_END: &[f64] = &[0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0];
/// Up to twice the default drain deadline.
const DRAIN: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// 1 ms (measured median on one node) to the promise of two minutes.
const PRINT_WAIT: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0, 120.0];
/// 1 ms to the socket time-out, by fours: five topics share these.
const PRODUCE: &[f64] = &[0.001, 0.004, 0.016, 0.064, 0.256, 1.024, 4.096, 16.384];

/// All metrics of this process. Clones share the numbers.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    topics: Topics,
    families: Families,
}

/// Makes the struct of all metrics and the function that registers them from one list.
macro_rules! families {
    ($(#[doc = $help:literal] $field:ident: $kind:ty = $name:literal $(, by $labels:expr)? $(, buckets $buckets:expr)?;)+) => {
        struct Families { $(#[doc = $help] $field: $kind,)+ }

        impl Families {
            fn register(registry: &Registry) -> Result<Families> {
                $(
                    #[allow(unused_mut, unused_assignments)]
                    let $field = {
                        let mut declared = Declaration { name: $name, help: $help, labels: &[], buckets: &[] };
                        $(declared.labels = &$labels;)?
                        $(declared.buckets = $buckets;)?
                        let family = <$kind as Family>::new(&declared)?;
                        registry.register(Box::new(family.collector()))?;
                        family
                    };
                )+
                Ok(Families { $($field),+ })
            }
        }
    };
}

families! {
    /// Always 1; the labels say which program runs.
    build_info: IntGaugeVec = "build_info", by ["version", "revision"];
    /// Records taken from a topic.
    consumed: IntCounterVec = "records_consumed_total", by ["topic"];
    /// Bytes of key, value and headers taken from a topic.
    consumed_bytes: IntCounterVec = "consumed_bytes_total", by ["topic"];
    /// Records that ended, by outcome; counted when committed.
    ended: Counters<OutcomeKind> = "records_total", by ["outcome"];
    /// Articles handed over to the second half of the line, where the halves run apart; counted when committed.
    handed_over: IntCounter = "records_handed_over_total";
    /// Records given back unfinished, to be read again.
    returned: Counters<Returned> = "records_returned_total", by ["cause"];
    /// Records taken and neither ended, handed over nor returned.
    in_flight: IntGauge = "records_in_flight";
    /// Bytes of the records in flight and of the open transaction; run.memory bounds them.
    in_flight_bytes: IntGauge = "in_flight_bytes";
    /// Time the oldest record in flight has been here; 0 when there is none.
    oldest_in_flight: Gauge = "oldest_in_flight_seconds";
    /// Records that became dead letters; counted when committed.
    dead: IntCounterVec = "dead_letters_total", by ["stage", "reason", "class"];
    /// Time one record took in a stage.
    stage: HistogramVec = "stage_duration_seconds", by ["stage"], buckets STAGE;
    /// Time from the timestamp of a raw record to the commit of its outcome, or of its handover.
    end_to_end: Histogram = "end_to_end_seconds", buckets END_TO_END;
    /// Time a revoke or a shutdown waited for the records on the line.
    drain: Histogram = "drain_seconds", buckets DRAIN;
    /// Time from appending a print to its verdict.
    print_wait: Histogram = "print_wait_seconds", buckets PRINT_WAIT;
    /// End of an owned partition minus its committed offset.
    lag: IntGaugeVec = "consumer_lag_records", by ["topic", "partition"];
    /// Committed offset of an owned partition.
    position: IntGaugeVec = "consumer_position", by ["topic", "partition"];
    /// Age of the last record committed of an owned partition; 0 when it has no lag.
    behind: GaugeVec = "consumer_behind_seconds", by ["topic", "partition"];
    /// Commits, by how they ended.
    commits: Counters<CommitResult> = "commits_total", by ["result"];
    /// Unix time of the last commit that stands; 0 before the first.
    last_commit: Gauge = "last_commit_timestamp_seconds";
    /// Calls made again because they failed in passing.
    retries: Counters<RetryCause> = "retries_total", by ["cause"];
    /// Times consumer and producer were built anew.
    rebuilds: Counters<RebuildCause> = "client_rebuilds_total", by ["cause"];
    /// 1 when this worker is ready as /readyz says it, else 0.
    ready: IntGauge = "ready";
    /// Partitions this worker owns.
    assigned: IntGauge = "assigned_partitions";
    /// Rebalances this worker saw.
    rebalances: Counters<Rebalance> = "rebalances_total", by ["event"];
    /// Messages the broker acknowledged.
    produced: IntCounterVec = "records_produced_total", by ["topic"];
    /// Time from sending a message to its acknowledgement.
    produce_duration: HistogramVec = "produce_duration_seconds", by ["topic"], buckets PRODUCE;
    /// Messages that could not be written.
    produce_errors: IntCounterVec = "produce_errors_total", by ["topic", "reason"];
    /// Stories in the index.
    index_entries: IntGauge = "dedupe_index_entries";
    /// Memory the index takes.
    index_bytes: IntGauge = "dedupe_index_bytes";
    /// Articles recognised, by how.
    matches: Counters<Match> = "dedupe_matches_total", by ["kind"];
    /// Records of the print log not read yet.
    print_log_behind: IntGauge = "print_log_behind_records";
    /// Records of the print log passed over.
    prints_skipped: Counters<SkippedPrint> = "prints_skipped_total", by ["cause"];
    /// Published articles, by field and where it was read.
    fields: IntCounterVec = "fields_total", by ["field", "source"];
    /// Links, by what became of them; counted when committed.
    fetches: Counters<FetchResult> = "fetches_total", by ["result"];
    /// Log messages written.
    log_messages: Counters<Level> = "log_messages_total", by ["level"];
}

impl Metrics {
    /// Every metric, at zero. `topics` gives the label values of `topic`. An error means two topics share a name or a
    /// declaration above is wrong.
    pub fn new(topics: &Topics) -> Result<Metrics> {
        let registry = Registry::new();
        let families = Families::register(&registry)?;
        registry.register(Box::new(ProcessCollector::for_self()))?;
        families.build_info.with_label_values(&[env!("CARGO_PKG_VERSION"), REVISION]).set(1);
        families.create_series(topics);
        Ok(Metrics(Arc::new(Inner { registry, topics: topics.clone(), families })))
    }

    /// The metrics as JSON, for the desk page: by name, a list of `{labels, value}`; a histogram has `sum` and `count`.
    pub fn json(&self) -> Value {
        let families = self.0.registry.gather();
        families
            .iter()
            .map(|family| (family.name().to_owned(), family.get_metric().iter().map(sample).collect::<Value>()))
            .collect()
    }

    /// The metrics in Prometheus' text format.
    pub fn text(&self) -> Result<String> {
        TextEncoder::new().encode_to_string(&self.0.registry.gather())
    }
}

fn sample(metric: &Metric) -> Value {
    let labels: Map<String, Value> =
        metric.get_label().iter().map(|label| (label.name().to_owned(), label.value().into())).collect();
    let histogram = metric.get_histogram();
    if !histogram.get_bucket().is_empty() {
        return json!({"labels": labels, "sum": histogram.get_sample_sum(), "count": histogram.get_sample_count()});
    }
    // A metric is one of them; what it is not is 0.
    json!({"labels": labels, "value": metric.get_counter().get_value() + metric.get_gauge().get_value()})
}

impl Families {
    /// Series whose labels are known before the first record exist from the start: `rate()` misses the first increment
    /// of a series that appears with it.
    fn create_series(&self, topics: &Topics) {
        for topic in [Route::Raw, Route::Links, Route::Cleaned].map(|route| topics.name(route)) {
            self.consumed.with_label_values(&[topic]);
            self.consumed_bytes.with_label_values(&[topic]);
        }
        let written = [Route::Enriched, Route::Duplicates, Route::Dead, Route::Prints, Route::Raw, Route::Cleaned];
        for topic in written.map(|route| topics.name(route)) {
            self.produced.with_label_values(&[topic]);
            self.produce_duration.with_label_values(&[topic]);
            for reason in ProduceError::ALL {
                self.produce_errors.with_label_values(&[topic, reason.name()]);
            }
        }
        for stage in Stage::ALL {
            self.stage.with_label_values(&[stage.name()]);
            for reason in label::reasons(stage) {
                self.dead.with_label_values(&[stage.name(), reason.name(), reason.class().name()]);
            }
        }
        for field in Field::ALL {
            for source in FieldSource::ALL.map(FieldSource::name).iter().chain(&[event::MISSING]) {
                self.fields.with_label_values(&[field.name(), source]);
            }
        }
    }
}
