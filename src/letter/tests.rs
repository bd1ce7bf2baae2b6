//! Dead letters of every hand that writes them, read back.

use std::collections::BTreeSet;

use super::*;
use crate::flow::deliver::dead_letter;
use crate::outcome::{Reason, Rejection, Stage};
use crate::record::{Offset, Position};

fn headers(pairs: &[(&str, &[u8])]) -> Headers {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Some(Bytes::copy_from_slice(value)))).collect()
}

fn record(headers: Headers) -> Record {
    let position = Position { topic: "articles.raw".into(), partition: 4, offset: Offset(17) };
    Record {
        position: Some(position),
        key: Some(Bytes::from_static(b"\xffk")),
        headers,
        timestamp: None,
        raw: Some(Bytes::from_static(b"\x00broken")),
    }
}

fn died(record: &Record, limit: usize) -> Record {
    let message = dead_letter(record, &Rejection::new(Stage::Decode, Reason::NotJson, "no JSON"), limit);
    Record { key: message.key, headers: message.headers, raw: message.value, ..record.clone() }
}

#[test]
fn our_dead_letter_reads_back_to_what_it_was_byte_for_byte() {
    // The record itself came out of somebody's dead letters once, and out of ours.
    let own = headers(&[("a", b"\xff"), ("__streams.errors.topic", b"other"), ("copydesk-replays", b"2"), ("z", b"")]);
    let record = record([own, vec![("null".to_owned(), None)]].concat());
    let letter = died(&record, 10_000);
    let back = original(&letter);
    assert_eq!((&back.key, &back.raw, &back.headers), (&record.key, &record.raw, &record.headers));
    let read = read(&letter.headers);
    assert_eq!((read.style, read.topic.as_deref()), (Style::Copydesk, Some("articles.raw")));
    assert_eq!((read.partition, read.offset, read.replays), (Some(4), Some(17), 2));
    assert_eq!((read.stage.as_str(), read.reason.as_str(), read.message.as_str()), ("decode", "not_json", "no JSON"));
    assert_eq!((read.cut_from, read.hash), (None, None));
}

#[test]
fn a_record_that_ends_with_headers_of_an_earlier_letter_keeps_them() {
    let first = died(&record(Vec::new()), 10_000);
    let second = died(&first, 10_000);
    assert_eq!(original(&second).headers, first.headers);
    assert_eq!(original(&first).headers, Vec::new());
}

#[test]
fn a_cut_letter_says_of_what() {
    let large = Record { raw: Some(Bytes::from(vec![b'x'; 9000])), ..record(Vec::new()) };
    let read = read(&died(&large, 4000).headers);
    assert_eq!(read.cut_from, Some(9000));
    assert_eq!(read.hash, Some(blake3::hash(&[b'x'; 9000]).to_hex().to_string()));
}

#[test]
fn what_a_record_brought_of_a_cut_letter_cuts_no_whole_one() {
    let own =
        headers(&[("copydesk-replays", b"x"), ("copydesk-cut-from-bytes", b"5000"), ("copydesk-blake3", b"00ff")]);
    let brought = Record { headers: [own, headers(&[("copydesk-replays", b"3")])].concat(), ..record(Vec::new()) };
    let whole = read(&died(&brought, 10_000).headers);
    assert_eq!((whole.replays, whole.cut_from, whole.hash), (3, None, None));
    let large = Record { raw: Some(Bytes::from(vec![b'x'; 9000])), ..brought };
    let cut = read(&died(&large, 4000).headers);
    assert_eq!(cut.cut_from, Some(9000));
    assert_eq!(cut.hash, Some(blake3::hash(&[b'x'; 9000]).to_hex().to_string()));
}

#[test]
fn a_letter_bears_the_headers_that_the_page_names() {
    let page = include_str!("../../docs/records.md").split_once("## Dead letter").unwrap().1;
    let table = page.split_once("The reasons are").unwrap().0;
    let named: BTreeSet<&str> = table.split('`').filter(|word| word.starts_with("copydesk-")).collect();
    let large = Some(Bytes::from(vec![b'x'; 9000]));
    let letter = died(&Record { key: large.clone(), raw: large.clone(), ..record(vec![("own".into(), large)]) }, 4000);
    let borne = letter.headers.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with("copydesk-"));
    assert_eq!(borne.collect::<BTreeSet<_>>(), named);
}

#[test]
fn letters_of_streams_connect_and_spring_are_read() {
    let streams = headers(&[
        ("__streams.errors.exception", b"org.apache.kafka.common.errors.SerializationException"),
        ("__streams.errors.message", b"size is not 8"),
        ("__streams.errors.topic", b"wire.in"),
        ("__streams.errors.partition", b"3"),
        ("__streams.errors.offset", b"41"),
    ]);
    let letter = read(&streams);
    assert_eq!(
        (letter.style, letter.stage.as_str(), letter.reason.as_str()),
        (Style::Streams, "streams", "SerializationException")
    );
    assert_eq!((letter.topic.as_deref(), letter.partition, letter.offset), (Some("wire.in"), Some(3), Some(41)));

    let connect = headers(&[
        ("own", b"1"),
        ("__connect.errors.topic", b"wire.in"),
        ("__connect.errors.partition", b"0"),
        ("__connect.errors.offset", b"7"),
        ("__connect.errors.stage", b"VALUE_CONVERTER"),
        ("__connect.errors.exception.class.name", b"org.apache.kafka.connect.errors.DataException"),
        ("__connect.errors.exception.message", b"no schema"),
    ]);
    let letter = read(&connect);
    assert_eq!(
        (letter.style, letter.stage.as_str(), letter.reason.as_str()),
        (Style::Connect, "value_converter", "DataException")
    );
    assert_eq!((letter.partition, letter.offset, letter.message.as_str()), (Some(0), Some(7), "no schema"));
    assert_eq!(original(&record(connect)).headers, headers(&[("own", b"1")]));

    let spring = headers(&[
        ("kafka_dlt-original-topic", b"wire.in"),
        ("kafka_dlt-original-partition", &5_i32.to_be_bytes()),
        ("kafka_dlt-original-offset", &99_i64.to_be_bytes()),
        ("kafka_dlt-exception-fqcn", b"org.springframework.kafka.listener.ListenerExecutionFailedException"),
        ("kafka_dlt-exception-cause-fqcn", b"press.wire.Feeds$Broken"),
        ("kafka_dlt-exception-message", b"no headline"),
    ]);
    let letter = read(&spring);
    assert_eq!((letter.style, letter.reason.as_str()), (Style::Spring, "Broken"));
    assert_eq!((letter.topic.as_deref(), letter.partition, letter.offset), (Some("wire.in"), Some(5), Some(99)));
}

#[test]
fn headers_of_nobody_and_broken_ones_give_no_origin() {
    for case in [
        headers(&[("x", b"y")]),
        headers(&[("kafka_dlt-original-offset", b"\x01")]),
        headers(&[("__connect.errors.partition", b"\xff\xfe")]),
        headers(&[("__streams.errors.partition", b"-4")]),
    ] {
        let letter = read(&case);
        assert_eq!((letter.topic, letter.partition, letter.offset), (None, None, None), "{case:?}");
        assert_eq!(letter.reason, "unknown");
    }
}

#[test]
fn replays_are_counted_once() {
    let twice = counted(&counted(&headers(&[("a", b"1")]), 1), 2);
    assert_eq!(twice, headers(&[("a", b"1"), ("copydesk-replays", b"2")]));
}
