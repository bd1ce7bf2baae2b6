//! The dead-letter loop against a real broker: what is counted, explained and sent back, and what is left alone.

use rdkafka::Message;
use rdkafka::message::OwnedMessage;
use serde_json::{Value, json};

use super::articles::{article, fed};
use super::cluster::Fed;
use super::desk::Desk;
use super::oracle;

/// Runs a verb that must succeed; standard output.
fn ok(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.output(arguments);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

fn once(desk: &Desk) {
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
}

fn raw(desk: &Desk) -> Vec<OwnedMessage> {
    desk.cluster.read_all(&desk.topic("raw"))
}

/// The dead letters as `dlq list --json` tells them.
fn listed(desk: &Desk, flags: &[&str]) -> Value {
    serde_json::from_str(&ok(desk, &[&["dlq", "list", "--json"], flags].concat())).unwrap()
}

fn broken(n: u8) -> Fed {
    Fed {
        key: Some(vec![0xff, n]),
        value: Some(vec![0x00, 0xfe, n]),
        headers: vec![("x-raw".into(), vec![0xff, 0]), ("traceparent".into(), b"00-a".to_vec())],
    }
}

#[test]
fn a_binary_letter_is_shown_sent_back_byte_for_byte_and_not_for_ever() {
    let desk = Desk::new("dlq-loop");
    desk.feed(&[article(1), broken(1)]);
    once(&desk);
    let list = listed(&desk, &[]);
    assert_eq!((&list["letters"], &list["counts"][0]["reason"]), (&json!(1), &json!("not_json")));
    let position = list["newest"][0]["position"].as_str().unwrap().to_owned();
    let shown = ok(&desk, &["dlq", "show", &position]);
    assert!(shown.contains("still dead for the same reason"), "{shown}");
    assert!(ok(&desk, &["dlq", "show", &position, "--html"]).contains("died of decode not_json"));

    let dry = ok(&desk, &["dlq", "replay"]);
    assert!(dry.contains("would replay 1 dead letter") && dry.contains("add --yes"), "{dry}");
    assert_eq!(raw(&desk).len(), 2, "a dry run writes nothing");

    let done = ok(&desk, &["dlq", "replay", "--yes"]);
    assert_eq!(done, format!("replayed 1 dead letter to {}\n", desk.topic("raw")));
    let back: Vec<_> = raw(&desk).into_iter().filter(|r| r.key() == Some(&[0xff, 1])).collect();
    assert_eq!(back.len(), 2);
    let (first, second) = (&back[0], &back[1]);
    assert_eq!((second.payload(), second.partition()), (first.payload(), first.partition()));
    let mut headers = oracle::headers(second);
    assert_eq!(headers.remove("copydesk-replays").as_deref(), Some("1"));
    assert_eq!(headers, oracle::headers(first));
    assert!(ok(&desk, &["dlq", "replay", "--yes"]).starts_with("nothing to replay"), "it goes on where it stopped");

    once(&desk);
    assert_eq!(listed(&desk, &[])["newest"][0]["replays"], 1, "it died again, and says so");
    let guarded = ok(&desk, &["dlq", "replay", "--yes", "--max-replays", "1", "--again"]);
    assert!(guarded.contains("replayed 1 dead letter") && guarded.contains("1 dead letter left alone"), "{guarded}");
}

#[test]
fn what_passes_now_is_published_and_a_broken_off_replay_goes_on() {
    let mut desk = Desk::new("dlq-pass");
    let page = |n: u32| {
        let html = format!(
            "<article><p>The mill of Korva, house number {n}, was sold on Monday for {n} crowns.</p></article>"
        );
        fed(&format!("m{n}"), json!({"id": format!("m{n}"), "html": html}))
    };
    desk.set("CLEAN__MIN_WORDS", "50");
    desk.feed(&(1..=5).map(page).collect::<Vec<_>>());
    once(&desk);
    desk.set("CLEAN__MIN_WORDS", "5");
    let list = listed(&desk, &["--stage", "clean", "--reason", "too_short", "--since", "1h"]);
    assert_eq!(list["letters"], 5);
    assert_eq!(listed(&desk, &["--reason", "not_json"])["letters"], 0);
    let position = list["newest"][0]["position"].as_str().unwrap();
    assert!(ok(&desk, &["dlq", "show", position]).contains("today      would now pass"));

    let some = ok(&desk, &["dlq", "replay", "--yes", "--reason", "too_short", "--limit", "2"]);
    assert!(some.starts_with("replayed 2 dead letters"), "{some}");
    let rest = ok(&desk, &["dlq", "replay", "--yes", "--reason", "too_short", "--rate", "200"]);
    assert!(rest.starts_with("replayed 3 dead letters"), "{rest}");
    once(&desk);
    assert_eq!(oracle::read(&desk).published().len(), 5);
    assert_eq!(listed(&desk, &[])["letters"], 5, "no letter died again");
}

#[test]
fn letters_of_streams_connect_and_spring_are_listed_and_go_back_where_it_is_allowed() {
    let desk = Desk::new("dlq-foreign");
    let inbox = desk.cluster.create_topic("wire-in", 1, &[]);
    let letter = |n: u8, headers: &[(&str, &[u8])]| Fed {
        key: Some(vec![n]),
        value: Some(vec![0xff, n]),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect(),
    };
    let at = inbox.as_bytes();
    desk.cluster.feed(
        &desk.topic("dead"),
        &[
            letter(
                1,
                &[("own", b"s"), ("__streams.errors.topic", at), ("__streams.errors.exception", b"a.b.Streamed")],
            ),
            letter(
                2,
                &[
                    ("own", b"c"),
                    ("__connect.errors.topic", at),
                    ("__connect.errors.partition", b"0"),
                    ("__connect.errors.stage", b"VALUE_CONVERTER"),
                    ("__connect.errors.exception.class.name", b"a.b.Connected"),
                ],
            ),
            letter(
                3,
                &[
                    ("own", b"p"),
                    ("kafka_dlt-original-topic", at),
                    ("kafka_dlt-original-partition", &[0, 0, 0, 0]),
                    ("kafka_dlt-original-offset", &[0, 0, 0, 0, 0, 0, 0, 7]),
                    ("kafka_dlt-exception-fqcn", b"a.b.Sprung"),
                ],
            ),
            letter(4, &[("own", b"?")]),
        ],
    );
    let list = listed(&desk, &[]);
    let mut reasons: Vec<_> =
        list["counts"].as_array().unwrap().iter().map(|c| c["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["Connected", "Sprung", "Streamed", "unknown"]);
    let refused = ok(&desk, &["dlq", "replay", "--yes"]);
    assert!(refused.contains(&format!("3 dead letters left alone: came from {inbox}")), "{refused}");
    assert!(refused.contains("1 dead letter left alone: the letter does not say"), "{refused}");
    let sent = ok(&desk, &["dlq", "replay", "--yes", "--into", &inbox]);
    assert!(sent.contains(&format!("replayed 3 dead letters to {inbox}")), "{sent}");
    let mut back = desk.cluster.read_all(&inbox);
    back.sort_by_key(|record| record.key().map(<[u8]>::to_vec));
    assert_eq!(
        back.iter().map(|r| r.payload().unwrap().to_vec()).collect::<Vec<_>>(),
        [[0xff, 1], [0xff, 2], [0xff, 3]]
    );
    for (record, own) in back.iter().zip(["s", "c", "p"]) {
        let headers = oracle::headers(record);
        let mut said: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        said.sort_unstable();
        assert_eq!(said, [("copydesk-replays", "1"), ("own", own)]);
    }
}

#[test]
fn empty_topics_and_unknown_offsets_are_said() {
    let desk = Desk::new("dlq-empty");
    assert!(ok(&desk, &["dlq", "list"]).starts_with("no dead letters in "));
    assert!(ok(&desk, &["dlq", "replay", "--yes"]).starts_with("nothing to replay"));
    let dead = desk.topic("dead");
    let cases = [
        (format!("{dead}/0/5"), "the partition holds nothing"),
        (format!("{dead}/99/0"), "partitions 0 to 11, not 99"),
        ("no.such.topic/0/0".to_owned(), "there is no topic no.such.topic"),
    ];
    for (position, said) in cases {
        for verb in [&["dlq", "show"][..], &["explain"]] {
            let output = desk.output(&[verb, &[position.as_str()]].concat());
            let err = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{verb:?} {position}: {err}");
            assert!(err.contains(said), "{err}");
        }
    }
}
