//! Numbers as Python writes them: times with a fraction, and those that are none (`NaN`, `Infinity`), which stand for empty cells of a
//! table and which no JSON parser takes.

/// What Python writes.
const NO_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// The text with `null` for each of them that stands where a value does, `None` where there is none: no story is lost for a field
/// that says nothing.
pub(super) fn counted(text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let (mut in_string, mut escaped, mut copied) = (false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'N' | b'-' | b'I' if !in_string && at >= copied => {
                let Some(word) = NO_NUMBERS.iter().find(|word| text[at..].starts_with(**word)) else { continue };
                let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
                out.push_str(&text[copied..at]);
                out.push_str("null");
                copied = at + word.len();
            }
            _ => {}
        }
    }
    out.map(|mut out| {
        out.push_str(&text[copied..]);
        out
    })
}

/// The milliseconds of seconds with a fraction, or of milliseconds with one, since 2001, as digits; none of a number that is no
/// such time.
pub(super) fn digits(time: f64) -> Option<String> {
    let millis = match time {
        1e9..1e11 => time * 1e3,
        1e12..1e14 => time,
        _ => return None,
    };
    Some((millis.round() as i64).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::json::object;
    use super::{counted, digits};
    use crate::outcome::Reason;

    #[test]
    fn a_number_that_is_none_says_nothing() {
        let read = object(r#"{"a":NaN,"b":[-Infinity, Infinity],"c":"\"NaN, é -Infinity","d":-1}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"{"a":null,"b":[null,null],"c":"\"NaN, é -Infinity","d":-1}"#
        );
        assert_eq!(object(r#"{"a":NaN,"b":"x\ud800"}"#).unwrap()["b"], "x\u{fffd}");
        assert_eq!(counted(r#"{"a":"NaN","b":-5}"#), None);
        for broken in [r#"{"a":NaNs}"#, r#"{NaN:1}"#, r#"{"a":Nan}"#] {
            assert_eq!(object(broken).unwrap_err().reason, Reason::NotJson, "{broken}");
        }
    }

    #[test]
    fn times_may_have_a_fraction() {
        assert_eq!(digits(1_764_498_123.52).as_deref(), Some("1764498123520"));
        assert_eq!(digits(1_764_498_123_520.25).as_deref(), Some("1764498123520"));
        assert_eq!([1.5, -1e10, f64::NAN, 1e300].map(digits), [None, None, None, None]);
    }
}
