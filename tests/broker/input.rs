//! Bad input: each kind becomes one dead letter with its reason, its place, and the original bytes and headers.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use rdkafka::Message;
use rdkafka::message::Headers;
use serde_json::json;

use super::articles::{article, fed};
use super::cluster::Fed;
use super::desk::Desk;
use super::oracle;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Every kind of bad input, with the reason it must die of.
fn kinds() -> Vec<(&'static str, Option<Vec<u8>>)> {
    let page = json!({"id": "cut", "html": "<p>x</p>".repeat(4000)}).to_string();
    let cut = gzip(page.as_bytes());
    let large = json!({"id": "large", "html": "<p>word</p>".repeat(20_000_000 / 11)}).to_string();
    let text = |value: serde_json::Value| Some(value.to_string().into_bytes());
    vec![
        ("not_json", Some(b"this is no JSON".to_vec())),
        ("not_json", Some(b"{\"id\": 1, \"html\": ".to_vec())),
        ("wrong_type", text(json!({"id": "typed", "html": 12}))),
        ("empty_body", text(json!({"id": "empty", "url": "https://daily.test/e", "html": "  "}))),
        ("empty_value", Some(Vec::new())),
        ("null_value", None),
        ("invalid_utf8", Some(b"{\"id\": \"u\", \"story\": \"caf\xe9 by the sea\"}".to_vec())),
        ("bad_compression", Some(cut[..cut.len() / 2].to_vec())),
        ("too_large", Some(gzip(large.as_bytes()))),
        ("no_story", text(json!({"id": "bare", "html": "<html><body><nav><a href=/>Home</a></nav></body></html>"}))),
        ("url_only", text(json!({"id": "link", "url": "https://daily.test/link"}))),
    ]
}

#[test]
fn each_kind_becomes_one_dead_letter_with_everything_it_came_with() {
    let desk = Desk::new("bad");
    let kinds = kinds();
    let mut records = vec![article(1)];
    for (n, (reason, value)) in kinds.iter().enumerate() {
        let headers = vec![("x-case".to_owned(), n.to_string().into_bytes()), ("x-raw".to_owned(), vec![0xff, 0])];
        records.push(Fed { key: Some(format!("{n}-{reason}").into_bytes()), value: value.clone(), headers });
    }
    records.push(article(2));
    desk.feed(&records);
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 2);
    let dead = desk.cluster.read_all(&desk.topic("dead"));
    assert_eq!(dead.len(), kinds.len());
    for letter in dead {
        let headers = oracle::headers(&letter);
        let n: usize = headers["x-case"].parse().unwrap();
        let (reason, value) = &kinds[n];
        assert_eq!(headers["copydesk-reason"], *reason, "case {n}: {headers:?}");
        assert_eq!(letter.key(), Some(format!("{n}-{reason}").as_bytes()));
        assert_eq!(letter.payload(), value.as_deref());
        let raw = letter.headers().unwrap().iter().find(|header| header.key == "x-raw").unwrap();
        assert_eq!(raw.value, Some(&[0xff, 0][..]));
        assert_eq!(headers["__streams.errors.topic"], desk.topic("raw"));
        assert!(!headers["__streams.errors.message"].is_empty());
    }
}

/// What is published is its headers and more than it came with: it must fit all the same, or its partition would stand still.
#[test]
fn headers_that_leave_no_room_stop_nobody() {
    let mut desk = Desk::bare("headers");
    desk.set("KAFKA__MAX_MESSAGE", "64 KiB");
    desk.create();
    let story =
        json!({"id": "s", "text": "The mill of Korva was sold for nine million crowns.", "notes": "n".repeat(19_000)});
    let broken = format!("{{\"id\": \"{}", "b".repeat(19_000));
    let raw = [fed("s", story), Fed { value: Some(broken.into_bytes()), ..fed("b", json!({})) }, article(1)];
    desk.feed(&raw.map(|fed| Fed { headers: vec![("x-blob".to_owned(), vec![b'h'; 45_000])], ..fed }));
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 2);
    for record in desk.cluster.read_all(&desk.topic("enriched")) {
        let headers = oracle::headers(&record);
        assert!(headers.contains_key("copydesk-cut-headers-bytes") && !headers.contains_key("x-blob"), "{headers:?}");
    }
    let dead = desk.cluster.read_all(&desk.topic("dead"));
    assert_eq!(dead.len(), 1);
    assert!(dead[0].payload().unwrap().starts_with(b"{\"id\": \"bbb"));
    assert!(oracle::headers(&dead[0]).contains_key("copydesk-cut-from-bytes"));
}

/// An id of 4 KiB that does not pack stands in the key: more than this topic takes, whatever the article sheds.
#[test]
fn what_its_topic_refuses_for_its_size_becomes_a_dead_letter_and_the_others_go_on() {
    let mut desk = Desk::bare("oversize");
    let enriched = desk.cluster.create_topic("oversize-enriched", 1, &[("max.message.bytes", "4350")]);
    desk.set("TOPICS__ENRICHED", &enriched);
    desk.create();
    let story = |id: &str, text: &str| fed("k", json!({"id": id, "text": text}));
    let long: String = (1..256u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    desk.feed(&[
        story("a", "The mill of Korva was sold for nine million crowns."),
        story(&long, "Rain closed the road between Lund and the northern harbour on Friday."),
        story("b", "The council of Vesta chose a new mayor after two rounds of votes."),
    ]);
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    assert_eq!(desk.cluster.read_all(&enriched).len(), 2);
    let dead = desk.cluster.read_all(&desk.topic("dead"));
    assert_eq!(dead.len(), 1);
    assert_eq!(oracle::headers(&dead[0])["copydesk-reason"], "too_large");
    assert!(String::from_utf8_lossy(dead[0].payload().unwrap()).contains(&long));
}

#[test]
fn withdrawals_need_no_body_and_corrections_are_published() {
    let desk = Desk::new("kill-notice");
    let story = |version: i64, text: &str| json!({"id": "s", "source": "wire", "version": version, "story": text});
    desk.feed(&[
        fed("s", story(1, "The mill of Korva was sold for nine million crowns.")),
        fed("s", story(2, "The mill of Korva was sold for ninety million crowns.")),
        fed("s", json!({"id": "s", "source": "wire", "version": 3, "status": "canceled"})),
        fed("s", json!({"id": "s", "source": "wire", "version": 3, "status": "canceled"})),
    ]);
    let mut worker = desk.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    let told = oracle::read(&desk);
    let kinds: Vec<_> = told.exact(&desk).published().iter().map(|a| a["verdict"]["kind"].clone()).collect();
    assert_eq!(kinds, ["new", "revision", "revision"]);
    assert_eq!(told.links().len(), 1);
}
