//! What somebody sends who means harm, or whose program is broken: every value ends in an answer, soon.

use std::io::Read;

use proptest::prelude::*;

use super::*;

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
