//! What is published, and what there is no room for.

use super::*;
use crate::article::Author;
use crate::outcome::{CopyKind, Duplicate, Reason, Stage};
use crate::record::{Offset, Position, header};

const LIMITS: Limits = Limits { raw: 2000, enriched: 2000, cleaned: 2000, duplicates: 2000, dead: 2000 };

fn record(value: &'static [u8]) -> Record {
    Record {
        position: Some(Position { topic: "articles.raw".into(), partition: 4, offset: Offset(17) }),
        key: Some(Bytes::from_static(b"\xffk")),
        headers: vec![("traceparent".into(), Some(Bytes::from_static(b"00-a"))), ("null".into(), None)],
        timestamp: None,
        raw: Some(Bytes::from_static(value)),
    }
}

#[test]
fn a_dead_letter_keeps_key_value_and_headers_byte_for_byte_and_says_where_it_was() {
    let record = record(b"\x00broken");
    let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::NotJson, "no JSON"));
    let message = message(&record, &outcome, LIMITS, Output::default());
    assert_eq!((message.route, message.partition), (Route::Dead, Some(4)));
    assert_eq!((message.key, message.value), (record.key.clone(), record.raw.clone()));
    assert_eq!(message.headers[..2], record.headers[..]);
    let say = |name| header(&message.headers, name).unwrap().to_owned();
    assert_eq!(say("__streams.errors.topic"), "articles.raw");
    assert_eq!(say("__streams.errors.partition"), "4");
    assert_eq!(say("__streams.errors.offset"), "17");
    assert_eq!(say("copydesk-reason"), "not_json");
}

#[test]
fn a_null_value_stays_null() {
    let record = Record { raw: None, ..record(b"") };
    let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::NullValue, "null"));
    assert_eq!(message(&record, &outcome, LIMITS, Output::default()).value, None);
}

#[test]
fn a_dead_letter_too_large_for_its_topic_is_cut_and_says_so() {
    let big: &'static [u8] = &[b'x'; 5000];
    let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::TooLarge, "too large"));
    let message = message(&record(big), &outcome, LIMITS, Output::default());
    assert!(message.value.unwrap().len() < 2000);
    assert_eq!(header(&message.headers, "copydesk-cut-from-bytes"), Some("5000"));
    assert!(header(&message.headers, "copydesk-blake3").is_some());
}

#[test]
fn headers_that_leave_no_room_are_cut_and_the_value_is_not() {
    let mut record = record(b"broken");
    record.headers.push(("blob".into(), Some(Bytes::from(vec![b'h'; 5000]))));
    let outcome = Outcome::Dead(Rejection::new(Stage::Decode, Reason::NotJson, "no JSON"));
    let letter = message(&record, &outcome, LIMITS, Output::default());
    assert_eq!((&letter.key, &letter.value), (&record.key, &record.raw));
    assert_eq!(header(&letter.headers, "copydesk-cut-headers-bytes"), Some("5047"));
    // So that a replay goes back to where it came from.
    assert_eq!(header(&letter.headers, "copydesk-cut-from-bytes"), Some("6"));
    let link = Outcome::Duplicate(Duplicate::new("b".into(), "a".into(), CopyKind::Exact));
    let copy = message(&record, &link, LIMITS, Output::default());
    assert_eq!(header(&copy.headers, "copydesk-cut-headers-bytes"), Some("5047"));
    assert_eq!(header(&copy.headers, "traceparent"), None);
    record.key = Some(Bytes::from(vec![b'k'; 5000]));
    let keyless = message(&record, &outcome, LIMITS, Output::default());
    assert_eq!(header(&keyless.headers, "copydesk-cut-key-bytes"), Some("5000"));
    assert!([&letter, &copy, &keyless].into_iter().all(|message| message.bytes() <= 2000));
}

#[test]
fn a_link_keeps_to_its_own_topic() {
    let record = Record { headers: vec![("trace".into(), Some(Bytes::from(vec![b'h'; 200])))], ..record(b"{}") };
    let link = Outcome::Duplicate(Duplicate::new("b".into(), "a".into(), CopyKind::Exact));
    let small = Limits { duplicates: 500, ..LIMITS };
    let message = message(&record, &link, small, Output::default());
    assert_eq!(header(&message.headers, "copydesk-cut-headers-bytes"), Some("213"));
    assert!(message.bytes() <= 500);
}

#[test]
fn an_article_makes_room_for_the_headers_that_pass_through() {
    let record = Record { headers: vec![("trace".into(), Some(Bytes::from(vec![b'h'; 200])))], ..record(b"{}") };
    let author = Author { name: "x".repeat(1700), ..Author::default() };
    let article = Article { text: "story".into(), authors: vec![author], ..Article::default() };
    let outcome = Outcome::Enriched { id: "a".into(), article: Box::new(article) };
    let message = message(&record, &outcome, LIMITS, Output::default());
    assert_eq!(header(&message.headers, "trace").map(str::len), Some(200));
    assert!(message.value.unwrap().len() + 200 <= 2000);
}

#[test]
fn a_long_id_leaves_its_article_less_room() {
    let id = "\u{436}".repeat(150);
    let author = Author { name: "x".repeat(1000), ..Author::default() };
    let article = Article { id: id.clone(), text: "story".into(), authors: vec![author], ..Article::default() };
    let outcome = Outcome::Enriched { id, article: Box::new(article) };
    let output = Output { cloudevents: true, ..Output::default() };
    assert!(message(&record(b"{}"), &outcome, LIMITS, output).bytes() <= 2000);
}

#[test]
fn links_are_keyed_by_their_own_id_and_foreign_headers_pass_through() {
    let link = Duplicate::new("b".into(), "a".into(), CopyKind::Exact);
    let message = message(&record(b"{}"), &Outcome::Duplicate(link), LIMITS, Output::default());
    assert_eq!(message.route, Route::Duplicates);
    assert_eq!(message.key.as_deref(), Some(b"b".as_slice()));
    assert_eq!(header(&message.headers, "traceparent"), Some("00-a"));
    assert!(!String::from_utf8_lossy(&message.value.unwrap()).contains("outcome"));
}

#[test]
fn an_article_sheds_what_is_optional_until_it_fits() {
    let mut article = Article { id: "a".into(), text: "story".into(), ..Article::default() };
    article.extra.insert("blob".into(), "x".repeat(3000).into());
    article.headline = Some("kept".into());
    let outcome = Outcome::Enriched { id: "a".into(), article: Box::new(article) };
    let value = message(&record(b"{}"), &outcome, LIMITS, Output::default()).value.unwrap();
    let read: Article = serde_json::from_slice(&value).unwrap();
    assert!(value.len() <= 2000 && read.extra.is_empty());
    assert_eq!(read.headline.as_deref(), Some("kept"));
}

#[test]
fn an_article_goes_out_as_ninjs_where_that_is_wanted_and_sheds_likewise() {
    let mut article = Article { id: "a".into(), text: "story".into(), ..Article::default() };
    article.byline = Some("By Ann Example".into());
    article.authors = vec![Author { name: "x".repeat(3000), ..Default::default() }];
    let outcome = Outcome::Enriched { id: "a".into(), article: Box::new(article) };
    let output = Output { format: Format::Ninjs, cloudevents: false };
    let value = message(&record(b"{}"), &outcome, LIMITS, output).value.unwrap();
    let item: serde_json::Value = serde_json::from_slice(&value).unwrap();
    assert!(value.len() <= 2000 && item.get("people").is_none());
    assert_eq!((&item["uri"], &item["by"]), (&"urn:copydesk:a".into(), &"By Ann Example".into()));
}
