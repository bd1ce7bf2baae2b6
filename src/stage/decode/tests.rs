//! Every way in, and every way not in, as a message on the raw topic would take it.

mod hostile;

use std::io::Write;

use bytes::Bytes;
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
fn a_list_of_bylines_or_languages_is_read_and_other_lists_are_not() {
    let record = json!({"text": "t", "byline": ["Ann Example", " ", "Bob Sample"], "language": ["en", "de"]});
    let head = read_json(record).unwrap().head;
    assert_eq!((head.byline.as_deref(), head.language.as_deref()), (Some("Ann Example, Bob Sample"), Some("en")));
    assert_eq!(read_json(json!({"text": "t", "byline": []})).unwrap().head.byline, None);
    let people = json!({"text": "t", "byline": [{"name": "Ann Example", "url": "/ann"}, {"name": "Bob Sample"}]});
    assert_eq!(read_json(people).unwrap().head.byline.as_deref(), Some("Ann Example, Bob Sample"));
    assert_eq!(read_json(json!({"text": "t", "byline": {"name": "Ann"}})).unwrap().head.byline.as_deref(), Some("Ann"));
    for record in [json!({"text": "t", "byline": ["Ann Example", 5]}), json!({"text": "t", "headline": ["a", "b"]})] {
        assert_eq!(read_json(record).unwrap_err().reason, Reason::WrongType);
    }
}

#[test]
fn a_list_of_one_is_the_one_and_a_body_may_be_a_list_of_paragraphs() {
    let loaded = json!({"id": [7], "url": ["https://a.test/x"], "headline": ["The bridge"], "published_at": ["1 May 2026"],
        "byline": [], "text": ["\n", "One.", "Two.", " "]});
    let article = read_json(loaded).unwrap();
    assert_eq!(article.body, Body::Text("\n\nOne.\nTwo.\n ".into()));
    assert_eq!((article.head.id.as_deref(), article.head.url.as_deref()), (Some("7"), Some("https://a.test/x")));
    assert_eq!(article.head.headline.as_deref(), Some("The bridge"));
    assert_eq!(article.head.published_at.as_deref(), Some("1 May 2026"));
    let elements = json!({"html": ["<p>One.</p>", "<p>Two.</p>"]});
    assert_eq!(read_json(elements).unwrap().body, Body::Html("<p>One.</p>\n<p>Two.</p>".into()));
    assert_eq!(read_json(json!({"html": [" ", ""], "text": [], "story": "z"})).unwrap().body, Body::Story("z".into()));
}

#[test]
fn the_status_of_a_page_that_was_found_says_that_it_may_be_used() {
    for status in [json!(200), json!("publish"), json!("Published"), json!("usable")] {
        assert_eq!(read_json(json!({"text": "t", "status": status})).unwrap().head.status, Status::Usable);
    }
    for status in [json!(404), json!("draft"), json!("ok")] {
        assert_eq!(read_json(json!({"text": "t", "status": status})).unwrap_err().reason, Reason::WrongType);
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
        (json!({"url": "https://example.org/", "html": null}), Reason::UrlOnly, "topics.links"),
        (json!({"html": ["p", 5]}), Reason::WrongType, "html is an array; it must be text"),
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
    assert_eq!(named(br#"{"id":["b4"],"url":"https://a.test/x"}"#), both);
    assert_eq!(named(br#"{"id":["b4", "b5"],"url":"https://a.test/x"}"#), (String::new(), both.1.clone()));
    assert_eq!(named(b"no JSON"), Default::default());
    let page = vec![("content-type".to_owned(), Some("text/html".into())), ("id".to_owned(), Some("b4".into()))];
    assert_eq!(names(Some(b"<p>The mill."), &page, &settings).id.as_deref(), Some("b4"));
    assert_eq!(names(None, &page, &settings), Names::default());
}
