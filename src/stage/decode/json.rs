//! JSON text to one object, with an answer for every way it can be none. Never reads a field.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{Encoding, UTF_8};
use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::charset::{self, without_mark};
use super::{excerpt, first_character, number, reject, surrogate};
use crate::outcome::{Reason, Rejection};

/// Deepest nesting of a record. It is the parser's own limit: higher, a record of brackets would exhaust the stack of
/// whoever walks it; no real feed nests deeper than a dozen.
const MAX_DEPTH: usize = 127;

/// Most values of a record. Higher: two bytes of `0,` cost seventy in memory, so that a record of zeros would hold half
/// a gigabyte. Lower: feeds that send word lists along are refused.
const MAX_VALUES: usize = 100_000;

/// The value without a Confluent schema prefix: a zero byte and four bytes of schema id before JSON text.
pub(super) fn without_schema_id(bytes: &[u8]) -> &[u8] {
    match bytes.split_at_checked(5) {
        Some(([0, ..], rest)) if first_character(rest) == Some(b'{') && rest.first() != Some(&0) => rest,
        _ => bytes,
    }
}

/// The text of a JSON value. JSON is UTF-8, unless a byte order mark or the content type's charset says otherwise.
pub(super) fn text<'v>(bytes: &'v [u8], charset: Option<&str>) -> Result<Cow<'v, str>, Rejection> {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = marked.or_else(|| charset.and_then(charset::by_label)).unwrap_or(UTF_8);
    let bytes = without_mark(bytes);
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(invalid_utf8(bytes, error.valid_up_to())),
        };
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        reject(Reason::InvalidUtf8, format!("the value says it is {}, but it is not", encoding.name().to_lowercase()))
    })
}

fn invalid_utf8(bytes: &[u8], at: usize) -> Rejection {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let detail = format!(
        "byte 0x{byte:02x} at offset {at} is not UTF-8; send UTF-8, or name the charset in the content-type header"
    );
    reject(Reason::InvalidUtf8, detail)
}

/// The one object that the text must be. Of repeated keys the last one counts.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, Rejection> {
    // Every value but the first follows a comma. Counting all commas costs next to nothing, and few records have so many
    // that it must be known which of them stand outside text.
    let commas = memchr::memchr_iter(b',', text.as_bytes()).count();
    if commas >= MAX_VALUES && Outline::of(text).values > MAX_VALUES {
        let detail = format!("JSON of more than {MAX_VALUES} values; send the article and less around it");
        return Err(reject(Reason::TooLarge, detail));
    }
    if first_character(text.as_bytes()) == Some(b'{') {
        return serde_json::from_str(text).or_else(|error| match mended(text) {
            Some(mended) => serde_json::from_str(&mended).map_err(|error| broken(text, &error)),
            None => Err(broken(text, &error)),
        });
    }
    if Outline::of(text).depth > MAX_DEPTH { Err(too_deep()) } else { Err(not_json(text.as_bytes())) }
}

/// The text without what Python writes and JSON does not have: halves of surrogate pairs, and numbers that are none.
fn mended(text: &str) -> Option<String> {
    let paired = surrogate::paired(text);
    number::counted(paired.as_deref().unwrap_or(text)).or(paired)
}

/// The values of `keys` in an object that need not be whole: of one that breaks off, what comes before that.
pub(super) fn beginning(text: &str, keys: &[&str]) -> Map<String, Value> {
    let mut found = Map::new();
    // Where it breaks is no matter here.
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(Beginning { keys, found: &mut found });
    found
}

struct Beginning<'b> {
    keys: &'b [&'b str],
    found: &'b mut Map<String, Value>,
}

impl<'de> Visitor<'de> for Beginning<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.keys.contains(&key.as_str()) {
                self.found.insert(key, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The article inside a CloudEvents envelope (structured mode, version 1.0.2: the payload is the member `data`).
pub(super) fn event_data(mut event: Map<String, Value>) -> Result<Map<String, Value>, Rejection> {
    match event.remove("data") {
        Some(Value::Object(data)) => Ok(data),
        Some(_) => Err(reject(Reason::WrongType, "data: the event's data must be an object, the raw record")),
        None => Err(reject(Reason::EmptyBody, "data: the event has no data; put the raw record there")),
    }
}

/// What to say of a value that is no JSON object and no page.
pub(super) fn not_json(bytes: &[u8]) -> Rejection {
    let shown = String::from_utf8_lossy(bytes.get(..400).unwrap_or(bytes));
    let detail = match first_character(bytes) {
        Some(b'[') => "a JSON array; send one object a message".to_owned(),
        _ if bytes.first() == Some(&0) => {
            "begins with a zero byte and holds no JSON; Avro and Protobuf are not read, send JSON".to_owned()
        }
        _ => format!("neither JSON nor HTML, it begins {}; send a JSON object", excerpt(shown.trim_start())),
    };
    reject(Reason::NotJson, detail)
}

fn broken(text: &str, error: &serde_json::Error) -> Rejection {
    if Outline::of(text).depth > MAX_DEPTH {
        return too_deep();
    }
    // serde_json's messages name line and column, and quote nothing of the text.
    reject(Reason::NotJson, format!("not JSON: {error}"))
}

fn too_deep() -> Rejection {
    reject(Reason::TooDeep, format!("JSON nested deeper than {MAX_DEPTH} levels; send it flatter"))
}

/// What the punctuation of a text says of its shape, whether or not it is JSON.
struct Outline {
    /// Deepest nesting of brackets outside strings.
    depth: usize,
    /// Commas outside strings, and one: about the number of values.
    values: usize,
}

impl Outline {
    fn of(text: &str) -> Outline {
        let mut outline = Outline { depth: 0, values: 1 };
        let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
        for byte in text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b',' => outline.values += 1,
                _ => {}
            }
            outline.depth = outline.depth.max(depth);
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{}", r#"{"a":"#.repeat(levels - 1) + "{", "}".repeat(levels))
    }

    #[test]
    fn the_depth_limit_has_both_edges() {
        assert!(object(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(object(&nested(MAX_DEPTH + 1)).unwrap_err().reason, Reason::TooDeep);
        assert_eq!(object(&nested(1_000_000)).unwrap_err().reason, Reason::TooDeep);
        assert_eq!(object(&"[".repeat(1_000_000)).unwrap_err().reason, Reason::TooDeep);
        let brackets_in_a_string = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(1000));
        assert!(object(&brackets_in_a_string).is_ok());
    }

    #[test]
    fn the_limit_of_values_counts_no_commas_in_text() {
        let zeros = |n: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(n - 1));
        assert!(object(&zeros(MAX_VALUES)).is_ok());
        assert_eq!(object(&zeros(MAX_VALUES + 1)).unwrap_err().reason, Reason::TooLarge);
        assert!(object(&format!(r#"{{"a":"\"{}"}}"#, ",".repeat(2 * MAX_VALUES))).is_ok());
    }

    #[test]
    fn what_is_no_json_says_where() {
        let cases = [
            (r#"{"a":nan}"#, "line 1 column 7"),
            ("{\"a\":1,\n}", "line 2 column 1"),
            (r#"{"a":1"#, "line 1 column 6"),
            (r#"{"a":1}{"a":2}"#, "line 1 column 8"),
            ("{\"a\":\"line\nbreak\"}", "line 2 column 0"),
            (r#"[{"a":1}]"#, "one object a message"),
        ];
        for (text, where_) in cases {
            let rejection = object(text).unwrap_err();
            assert_eq!(rejection.reason, Reason::NotJson, "{text}");
            assert!(rejection.detail.contains(where_), "{text}: {}", rejection.detail);
        }
    }

    #[test]
    fn of_repeated_keys_the_last_one_counts() {
        assert_eq!(object(r#"{"a":1,"b":2,"a":3}"#).unwrap()["a"], 3);
    }

    #[test]
    fn a_schema_prefix_is_taken_off_only_before_json() {
        assert_eq!(without_schema_id(b"\0\0\0\0\x07 {}"), b" {}");
        assert_eq!(without_schema_id(b"\0\0\0\0\x07\x02avro"), b"\0\0\0\0\x07\x02avro");
        assert_eq!(without_schema_id(b"\0\0"), b"\0\0");
    }

    #[test]
    fn text_is_read_by_mark_then_charset_then_as_utf8() {
        assert_eq!(text(b"\xef\xbb\xbf{}", Some("latin1")).unwrap(), "{}");
        assert_eq!(text(b"\xff\xfe{\0}\0", None).unwrap(), "{}");
        assert_eq!(text(b"\xfe\xff\0{\0}", None).unwrap(), "{}");
        assert_eq!(text(b"{\"a\":\"caf\xe9\"}", Some("iso-8859-1")).unwrap(), r#"{"a":"café"}"#);
        let rejection = text(b"{\"a\":\"caf\xe9\"}", None).unwrap_err();
        assert_eq!(rejection.reason, Reason::InvalidUtf8);
        assert!(rejection.detail.contains("0xe9 at offset 9"), "{}", rejection.detail);
        assert_eq!(text(b"{\x82", Some("shift_jis")).unwrap_err().reason, Reason::InvalidUtf8);
    }
}
