//! The two halves of the line, handed over from one to the other, tell what one worker tells: byte for byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

mod support;

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use copydesk::flow::Taken;
use copydesk::flow::cpu::Cpu;
use copydesk::flow::deliver::{Limits, Message};
use copydesk::flow::extract::Extract;
use copydesk::flow::lanes::Lanes;
use copydesk::metrics::Metrics;
use copydesk::outcome::Route;
use copydesk::record::{Offset, Position, Record};
use copydesk::settings::{Format, Output, Settings, Stages, Topics};
use copydesk::stage::Rules;
use copydesk::weights;
use serde_json::Value;
use support::desk::{Log, PATIENCE, Station};

/// The samples of `copydesk demo` as records of the raw topic, and one whose page says more than a small topic takes.
fn samples() -> Vec<Record> {
    let samples = include_str!("../src/command/demo/samples/samples.jsonl");
    let read = |(n, line): (usize, &str)| {
        let sample: Value = serde_json::from_str(line).unwrap();
        let raw = match (sample["value_base64"].as_str(), &sample["value"]) {
            (Some(packed), _) => Some(STANDARD.decode(packed).unwrap()),
            (None, Value::Null) => None,
            (None, Value::String(text)) => Some(text.clone().into_bytes()),
            (None, object) => Some(object.to_string().into_bytes()),
        };
        let header = |(name, value): (&String, &Value)| (name.clone(), Some(value.as_str().unwrap().to_owned().into()));
        let mut headers: Vec<_> = sample["headers"].as_object().into_iter().flatten().map(header).collect();
        headers.push(("traceparent".into(), Some("00-a".into())));
        headers.push(("null".into(), None));
        record(
            "articles.raw",
            n as i64,
            sample["key"].as_str().map(|key| key.to_owned().into()),
            headers,
            raw.map(Into::into),
        )
    };
    samples.lines().enumerate().map(read).collect()
}

fn record(
    topic: &str,
    offset: i64,
    key: Option<bytes::Bytes>,
    headers: copydesk::record::Headers,
    raw: Option<bytes::Bytes>,
) -> Record {
    let position = Some(Position { topic: topic.into(), partition: 1, offset: Offset(offset) });
    Record { position, key, headers, timestamp: Some(1_700_000_000_123 + offset), raw }
}

fn rules() -> Rules {
    let settings = Settings::default();
    Rules::new(&settings, weights::of(&settings.extract).unwrap(), 3 << 20)
}

/// What a worker of these stages sends for each sample.
fn sent(output: Output, stages: Stages) -> Vec<Message> {
    let log = Arc::new(Log::default());
    let mut worker = Station::with(&log, rules(), output, stages);
    let one = |record| {
        worker.take_record(record);
        worker.pass();
        let sent = worker.commit();
        worker.pass();
        assert_eq!(sent.len(), 1);
        sent.into_iter().next().unwrap()
    };
    samples().into_iter().map(one).collect()
}

/// What the second half makes of messages that the first has handed over, with the faults it counts.
fn extracted(handed: Vec<Message>, output: Output) -> Vec<(Message, u64)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let cpu = Cpu::new(runtime.handle().clone(), 2).unwrap();
    let limits = Limits { raw: 1 << 20, enriched: 1 << 20, cleaned: 1 << 20, duplicates: 1 << 20, dead: 1 << 20 };
    let flow = Extract::new(rules(), limits, output, (cpu, usize::MAX), Metrics::new(&Topics::default()).unwrap());
    let (out, inbox) = channel();
    let mut lanes = Lanes::new(out);
    lanes.open(1, 0, &flow);
    let mut results = Vec::new();
    for (n, Message { key, headers, value, .. }) in handed.into_iter().enumerate() {
        let record = record("articles.cleaned", 1000 + n as i64, key, headers, value);
        assert!(lanes.take(1, Taken { record, aside: None }, Instant::now()));
    }
    while lanes.inside() > results.len() {
        let delivery = inbox.recv_timeout(PATIENCE).unwrap();
        assert_eq!(delivery.offset, Offset(1000 + results.len() as i64), "in order, at its place on the cleaned topic");
        let parcel = delivery.result.unwrap();
        assert_eq!((parcel.told, parcel.needs.is_none()), (None, true));
        results.push((parcel.message, parcel.tally.faults()));
    }
    results
}

#[test]
fn both_halves_together_tell_what_one_worker_tells_byte_for_byte() {
    for output in [Output::default(), Output { format: Format::Ninjs, cloudevents: true }] {
        let whole = sent(output, Stages::All);
        let first = sent(output, Stages::DedupeClean);
        assert_eq!(first.len(), whole.len());
        let published: Vec<&Message> = whole.iter().filter(|message| message.route == Route::Enriched).collect();
        let mut handed = Vec::new();
        for (one, half) in whole.iter().zip(first) {
            match half.route {
                Route::Cleaned => handed.push(half),
                Route::Duplicates | Route::Dead => {
                    assert_eq!(&half, one, "copies and dead letters leave from the first half")
                }
                other => panic!("the first half writes to {other:?}"),
            }
        }
        assert!(published.len() > 20 && handed.len() < whole.len());
        let ended = extracted(handed, output);
        assert_eq!(ended.len(), published.len());
        for ((message, faults), one) in ended.iter().zip(published) {
            assert_eq!((message, *faults), (one, 0));
        }
    }
}

#[test]
fn what_is_no_handover_becomes_a_dead_letter_that_names_its_place_there() {
    let wrong = Message {
        route: Route::Cleaned,
        partition: None,
        key: Some("k".into()),
        value: Some("{\"id\":\"a\",\"story\":\"raw\"}".into()),
        headers: vec![("own".into(), Some("1".into()))],
    };
    let ended = extracted(vec![wrong.clone()], Output::default());
    let (letter, dead) = &ended[0];
    assert_eq!((letter.route, *dead, &letter.key, &letter.value), (Route::Dead, 1, &wrong.key, &wrong.value));
    let read = copydesk::letter::read(&letter.headers);
    assert_eq!((read.topic.as_deref(), read.offset), (Some("articles.cleaned"), Some(1000)));
    assert_eq!((read.reason.as_str(), letter.partition), ("wrong_type", Some(1)));
}
