//! Every way in, and every way not in, as a message on the raw topic would take it.

use std::io::{Read, Write};

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::article::{Body, Status};

fn headers(named: &[(&str, &str)]) -> Headers {
    named.iter().map(|(n, v)| ((*n).to_owned(), Some(Bytes::copy_from_slice(v.as_bytes())))).collect()
}

fn read(value: &[u8]) -> Result<RawArticle, Rejection> {
    decode(Some(value), &Vec::new(), &Decode::default())
}

fn read_as(content_type: &str, value: &[u8]) -> Result<RawArticle, Rejection> {
    decode(Some(value), &headers(&[("content-type", content_type)]), &Decode::default())
}

fn read_json(record: serde_json::Value) -> Result<RawArticle, Rejection> {
    read(record.to_string().as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_full_record_is_read_field_by_field() {
    let article = read_json(json!({
        "id": 4711, "url": "https://www.example.org/a", "source": {"name": "Courier", "feed": "rss", "rank": 3},
        "fetched_at": "2026-03-01T10:00:00Z", "published_at": "1 March", "language": "en", "headline": " The bridge ",
        "byline": "By A. Writer", "status": "Withheld", "embargoed_until": "1 May 2026, 10:00", "version": "12",
        "text": "one", "story": "two", "desk": "city", "tags": ["a"], "note": null
    }))
    .unwrap();
    let head = article.head;
    assert_eq!(article.body, Body::Text("one".into()));
    assert_eq!(head.id.as_deref(), Some("4711"));
    assert_eq!(head.source.name.as_deref(), Some("Courier"));
    assert_eq!(head.source.domain.as_deref(), Some("example.org"), "from the URL");
    assert_eq!(head.source.feed.as_deref(), Some("rss"));
    assert_eq!(head.headline.as_deref(), Some(" The bridge "), "as the feed wrote it");
    assert_eq!((head.status, head.version), (Status::Withheld, Some(12)));
    let extra = serde_json::to_string(&head.extra).unwrap();
    assert_eq!(extra, r#"{"desk":"city","tags":["a"],"note":null,"source":{"rank":3}}"#);
}

#[test]
fn a_time_may_be_a_number() {
    let record = json!({"text": "t", "fetched_at": 1_772_000_000, "published_at": 1_772_000_000_000_i64,
        "embargoed_until": 1_777_629_600});
    let head = read_json(record).unwrap().head;
    assert_eq!(head.fetched_at.as_deref(), Some("1772000000"));
    assert_eq!(head.published_at.as_deref(), Some("1772000000000"));
    assert_eq!(head.embargoed_until.as_deref(), Some("1777629600"));
}

#[test]
fn the_first_body_that_holds_anything_is_used() {
    let bodies = [
        (json!({"html": "<p>x", "text": "y"}), Body::Html("<p>x".into())),
        (json!({"html": " \n", "text": "y", "story": "z"}), Body::Text("y".into())),
        (json!({"html": null, "text": "", "story": "z"}), Body::Story("z".into())),
        (json!({"status": "canceled"}), Body::None),
        (json!({"status": "CANCELLED", "text": ""}), Body::None),
        (json!({"status": "withheld", "url": "https://example.org/"}), Body::None),
        (json!({"status": "canceled", "text": "killed"}), Body::Text("killed".into())),
    ];
    for (record, expected) in bodies {
        assert_eq!(read_json(record.clone()).unwrap().body, expected, "{record}");
    }
}

#[test]
fn bad_records_die_with_a_reason_a_sentence_and_their_id() {
    let long = |n| "x".repeat(n);
    let many: Map<String, Value> = (0..513).map(|n| (n.to_string(), json!(0))).collect();
    let mut many = Value::Object(many);
    many["text"] = json!("t");
    let cases = [
        (json!({}), Reason::EmptyBody, "no html, text or story"),
        (json!({"text": " \u{a0}\n", "url": "https://example.org/"}), Reason::EmptyBody, "text is empty"),
        (json!({"url": "https://example.org/", "html": null}), Reason::UrlOnly, "articles.links"),
        (json!({"html": ["p"]}), Reason::WrongType, "html is an array; it must be text"),
        (json!({"text": "t", "url": 5}), Reason::WrongType, "url is 5; it must be text"),
        (json!({"text": "t", "headline": {"a": 1}}), Reason::WrongType, "headline is an object"),
        (json!({"text": "t", "status": "open\nday"}), Reason::WrongType, r#"status is "open\nday""#),
        (json!({"text": "t", "fetched_at": 1.5}), Reason::WrongType, "fetched_at is 1.5; it must be text or a 64-bit"),
        (json!({"text": "t", "embargoed_until": true}), Reason::WrongType, "embargoed_until is true"),
        (
            json!({"text": "t", "embargoed_until": "noon\nsharp"}),
            Reason::WrongType,
            r#"is "noon\nsharp"; it must be a time"#,
        ),
        (json!({"text": "t", "version": 1.5}), Reason::WrongType, "version is 1.5; it must be an integer"),
        (json!({"text": "t", "version": "v2"}), Reason::WrongType, "version is \"v2\""),
        (json!({"text": "t", "source": 1}), Reason::WrongType, "source is 1"),
        (json!({"text": "t", "source": {"domain": true}}), Reason::WrongType, "source.domain is true"),
        (json!({"text": "t", "url": long(4097)}), Reason::TooLarge, "url has 4097 bytes"),
        (json!({"text": "t", "byline": long(16385)}), Reason::TooLarge, "byline has 16385 bytes"),
        (json!({"text": "t", "desk": long(262_144)}), Reason::TooLarge, "unknown fields"),
        (json!({"story": long((5 << 20) + 1)}), Reason::TooLarge, "story has 5242881 bytes"),
        (many, Reason::TooLarge, "513 unknown fields"),
    ];
    for (mut record, reason, says) in cases {
        record["id"] = json!("nr-1");
        let rejection = read_json(record).unwrap_err();
        assert_eq!((rejection.stage, rejection.reason), (Stage::Decode, reason), "{says}");
        assert!(rejection.detail.contains(says), "{says}: {}", rejection.detail);
        assert_eq!(rejection.id.as_deref(), Some("nr-1"), "{says}");
        assert!(!rejection.detail.ends_with('.') && !rejection.detail.chars().any(char::is_control));
    }
    for id in [json!(true), json!(1.5), json!({}), json!(long(4097))] {
        assert_eq!(read_json(json!({"id": id, "text": "t"})).unwrap_err().id, None);
    }
}

#[test]
fn values_that_are_no_record_at_all() {
    let cases: [(&[u8], Reason); 12] = [
        (b"", Reason::EmptyValue),
        (b" \r\n\t", Reason::EmptyValue),
        (b"\xef\xbb\xbf ", Reason::EmptyValue),
        (b"plain words", Reason::NotJson),
        (b"https://example.org/a", Reason::NotJson),
        (b"[{}]", Reason::NotJson),
        (b"{\"text\":", Reason::NotJson),
        (b"\0\0\0\0\x07\x02avro", Reason::NotJson),
        (b"\x89PNG\r\n", Reason::NotJson),
        (b"{\"text\":\"caf\xe9\"}", Reason::InvalidUtf8),
        (b"\x1f\x8b\x08", Reason::BadCompression),
        (b"\x28\xb5\x2f\xfd", Reason::BadCompression),
    ];
    for (value, reason) in cases {
        assert_eq!(read(value).unwrap_err().reason, reason, "{}", value.escape_ascii());
    }
    assert_eq!(decode(None, &Vec::new(), &Decode::default()).unwrap_err().reason, Reason::NullValue);
    assert_eq!(read(&gzip(b" ")).unwrap_err().reason, Reason::EmptyValue);
    assert_eq!(read(&gzip(&vec![b' '; 20 << 20])).unwrap_err().reason, Reason::TooLarge);
}

#[test]
fn json_comes_packed_prefixed_marked_and_in_other_charsets() {
    let record = r#"{"text":"Žena řekla","id":"1"}"#;
    let utf16: Vec<u8> = format!("\u{feff}{record}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let latin2 = encoding_rs::ISO_8859_2.encode(record).0.into_owned();
    let event = format!(r#"{{"specversion":"1.0","id":"e-1","data":{record}}}"#);
    let ways = [
        read(record.as_bytes()),
        read(&gzip(record.as_bytes())),
        read(&zstd::encode_all(record.as_bytes(), 3).unwrap()),
        read(&[b"\0\0\0\x01\x02", record.as_bytes()].concat()),
        read(&gzip(&[b"\0\0\0\x01\x02", record.as_bytes()].concat())),
        read(&[b"\xef\xbb\xbf\n ", record.as_bytes()].concat()),
        read(&utf16),
        read_as("application/json; charset=iso-8859-2", &latin2),
        read_as("application/octet-stream", record.as_bytes()),
        read_as("application/cloudevents+json", event.as_bytes()),
    ];
    for (n, way) in ways.into_iter().enumerate() {
        let article = way.unwrap();
        assert_eq!(article.body, Body::Text("Žena řekla".into()), "way {n}");
        assert_eq!(article.head.id.as_deref(), Some("1"), "way {n}");
    }
}

#[test]
fn a_bare_page_has_its_fields_in_the_headers() {
    let (page, _, _) = encoding_rs::WINDOWS_1252.encode("<p>Grüße");
    let named = headers(&[
        ("Content-Type", "text/html;charset=windows-1252"),
        ("ID", "p-1"),
        ("url", "https://www.example.org/x"),
        ("source", "Courier"),
        ("version", "3"),
        ("status", "withheld"),
        ("html", "never read"),
        ("traceparent", "00-0"),
    ]);
    let article = decode(Some(&page), &named, &Decode::default()).unwrap();
    assert_eq!(article.body, Body::Html("<p>Grüße".into()));
    assert_eq!(article.head.id.as_deref(), Some("p-1"));
    assert_eq!(article.head.source.name.as_deref(), Some("Courier"));
    assert_eq!(article.head.source.domain.as_deref(), Some("example.org"));
    assert_eq!((article.head.version, article.head.status), (Some(3), Status::Withheld));
    assert!(article.head.extra.is_empty());
    assert_eq!(read(b" <html><p>x").unwrap().body, Body::Html(" <html><p>x".into()));
    assert_eq!(read_as("text/plain", b"{ no json").unwrap().body, Body::Text("{ no json".into()));
}

#[test]
fn mapped_names_replace_the_default_ones() {
    let mut settings = Decode::default();
    settings.fields.insert(RawField::Html, vec!["page.source".into()]);
    settings.fields.insert(RawField::Id, vec!["guid".into()]);
    let value = br#"{"id":"mine","guid":"g","html":"kept","page":{"source":"<p>","size":3}}"#;
    let article = decode(Some(value), &Vec::new(), &settings).unwrap();
    assert_eq!((article.head.id.as_deref(), article.body), (Some("g"), Body::Html("<p>".into())));
    assert_eq!(Value::Object(article.head.extra), json!({"id": "mine", "html": "kept", "page": {"size": 3}}));
}

/// Sizes at which anything but linear work would not end.
#[test]
fn the_worst_values_end_with_a_reason() {
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let mut bomb = Vec::new();
    zstd::stream::copy_encode(std::io::repeat(b' ').take(512 << 20), &mut bomb, 1).unwrap();
    let text = |inner: &str| format!("{{\"text\":\"{inner}\"}}").into_bytes();
    let cases: [(&str, Vec<u8>, Reason); 15] = [
        ("512 MB of nothing", bomb, Reason::TooLarge),
        ("50 MB of text", text(&"x".repeat(50 << 20)), Reason::TooLarge),
        ("50 MB of text, packed", zstd(&text(&"x".repeat(50 << 20))), Reason::TooLarge),
        ("gzip in zstd", zstd(&gzip(b"{}")), Reason::BadCompression),
        ("zstd in gzip", gzip(&zstd(b"{}")), Reason::BadCompression),
        ("zstd in zstd", zstd(&zstd(b"{}")), Reason::BadCompression),
        ("arrays", "[".repeat(10 << 20).into(), Reason::TooDeep),
        ("objects", "{\"a\":".repeat(2 << 20).into(), Reason::TooDeep),
        ("both, packed", zstd(format!("{{\"text\":{}", "[{\"a\":".repeat(2 << 20)).as_bytes()), Reason::TooDeep),
        ("a long name", format!("{{\"text\":\"t\",\"{}\":1}}", "n".repeat(5 << 20)).into(), Reason::TooLarge),
        ("a number of a million digits", format!("{{\"version\":{}}}", "9".repeat(1 << 20)).into(), Reason::NotJson),
        (
            "halves of characters, and no end",
            format!("{{\"text\":\"{}", "\\ud83d".repeat(1 << 20)).into(),
            Reason::NotJson,
        ),
        ("a zero byte", text("a\0b"), Reason::NotJson),
        ("zero bytes", vec![0; 5 << 20], Reason::NotJson),
        ("bad UTF-8 at the end", [text(&"x".repeat(4 << 20)), vec![0xc3]].concat(), Reason::InvalidUtf8),
    ];
    for (what, value, reason) in cases {
        let rejection = read(&value).unwrap_err();
        assert_eq!(rejection.reason, reason, "{what}: {}", rejection.detail);
        assert!(rejection.detail.len() < 400, "{what}: {}", rejection.detail);
    }
    let halves = read(&text(&"\\ude00\\ud83d".repeat(100_000))).unwrap();
    let whole = "\u{1f600}".repeat(99_999);
    assert_eq!(halves.body, Body::Text(format!("\u{fffd}{whole}\u{fffd}")));
    let again = format!("{{{}\"text\":\"the last\"}}", "\"text\":\"one\",".repeat(90_000));
    assert_eq!(read(again.as_bytes()).unwrap().body, Body::Text("the last".into()));
}

#[test]
fn fields_hold_no_control_characters() {
    let article = read_json(json!({
        "id": "a\u{0}1", "url": "https://example.org/", "headline": "Mill\u{1b}[2J sold\u{9b}", "byline": "\u{0}\u{7f} ",
        "source": {"name": "Cour\u{0}ier\n", "domain": "www.exam\u{0}ple.org"}, "language": "e\u{8}n", "text": "a\u{0}b"
    }));
    let RawArticle { head, body } = article.unwrap();
    assert_eq!((head.id.as_deref(), head.headline.as_deref(), head.byline), (Some("a1"), Some("Mill[2J sold"), None));
    assert_eq!((head.source.name.as_deref(), head.source.domain.as_deref()), (Some("Courier\n"), Some("example.org")));
    assert_eq!((head.language.as_deref(), body), (Some("en"), Body::Text("a\0b".into())));
}

#[test]
fn escaped_bodies_up_to_the_limit_pass() {
    let record = format!(r#"{{"text":"{}"}}"#, "\\u0439".repeat((5 << 20) / 2));
    assert!(matches!(read(record.as_bytes()).unwrap().body, Body::Text(t) if t.len() == 5 << 20));
}

#[test]
fn an_excerpt_is_short_and_has_no_control_characters() {
    assert_eq!(excerpt("a\u{1b}[0m\r\n\"b"), r#""a\u{1b}[0m\r\n\"b""#);
    for text in ["x".repeat(1000), "\u{0}".repeat(1000), "\u{202e}".repeat(1000)] {
        let shown = excerpt(&text);
        assert!(shown.chars().count() <= 63 && shown.ends_with("…\""), "{shown}");
        assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer(value in proptest::collection::vec(any::<u8>(), 0..300), kind in 0..5usize) {
        let kind = ["", "text/html", "text/plain; charset=gbk", "application/json", "application/json;charset=utf-16"][kind];
        let _ = read_as(kind, &value);
        let _ = read(&[b"{\"text\":\"", value.as_slice(), b"\"}"].concat());
        let _ = read(&[b"<meta ", value.as_slice()].concat());
        let _ = read(&gzip(&value));
    }

    #[test]
    fn any_record_of_strings_comes_back(id in "\\PC{1,20}", text in "\\PC{1,200}") {
        prop_assume!(!id.trim().is_empty() && !text.trim().is_empty());
        let article = read_json(json!({"id": id, "text": text})).unwrap();
        prop_assert_eq!(article.head.id, Some(id));
        prop_assert_eq!(article.body, Body::Text(text));
    }
}

#[test]
fn what_is_refused_still_says_its_names() {
    let settings = Decode::default();
    let named = |value: &[u8]| {
        let headers = Vec::new();
        assert!(decode(Some(value), &headers, &settings).is_err(), "{}", String::from_utf8_lossy(value));
        let Names { id, url } = names(Some(value), &headers, &settings);
        (id.unwrap_or_default(), url.unwrap_or_default())
    };
    let both = ("b4".to_owned(), "https://a.test/x".to_owned());
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    for value in [
        r#"{"id":"b4","embargoed_until":"soon","url":"https://a.test/x","story":"The mill."}"#.as_bytes(),
        br#"{"url":"https://a.test/x","id":"b4","html":"<p>The mill of Ko"#,
        b"{\"id\":\"b4\",\"story\":\"caf\xe9\",\"url\":\"https://a.test/x\"}",
        format!(r#"{{"x":{deep},"id":"b4","url":"https://a.test/x"}}"#).as_bytes(),
    ] {
        assert_eq!(named(value), both, "{}", String::from_utf8_lossy(value));
    }
    assert_eq!(named(br#"{"id":["b4"],"url":"https://a.test/x"}"#), (String::new(), both.1.clone()));
    assert_eq!(named(b"no JSON"), Default::default());
    let page = vec![("content-type".to_owned(), Some("text/html".into())), ("id".to_owned(), Some("b4".into()))];
    assert_eq!(names(Some(b"<p>The mill."), &page, &settings).id.as_deref(), Some("b4"));
    assert_eq!(names(None, &page, &settings), Names::default());
}
