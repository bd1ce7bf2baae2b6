//! Halves of surrogate pairs in JSON text (`\ud800` alone), which no JSON parser takes. Python writes them for what it could not read.

/// The text with each half of a pair that stands alone replaced, `None` where there is none: no story is lost for a character that was
/// lost already.
pub(super) fn paired(text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(next) = memchr::memchr(b'\\', &text.as_bytes()[at..]) {
        at += next;
        let half = unit(text, at);
        let low = half.filter(|unit| (0xd800..0xdc00).contains(unit)).and_then(|_| unit(text, at + 6));
        at += match half {
            Some(0xd800..0xdc00) if low.is_some_and(|low| (0xdc00..0xe000).contains(&low)) => 12,
            Some(0xd800..0xe000) => {
                let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                copied = at + 6;
                6
            }
            _ => 2,
        };
        if at >= text.len() {
            break;
        }
    }
    out.map(|mut out| {
        out.push_str(&text[copied..]);
        out
    })
}

/// The code unit that `\uXXXX` at a place stands for.
fn unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::json::object;
    use crate::outcome::Reason;

    #[test]
    fn half_of_a_surrogate_pair_costs_its_character_only() {
        for (text, expected) in [
            (r#"{"a":"x\ud800y"}"#, "x\u{fffd}y"),
            (r#"{"a":"\udc00\ud83d\ude00\ud83d"}"#, "\u{fffd}\u{1f600}\u{fffd}"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}\u{1f600}"),
            (r#"{"a":"\\ud800 \ud800"}"#, "\\ud800 \u{fffd}"),
        ] {
            assert_eq!(object(text).unwrap()["a"], expected, "{text}");
        }
        for broken in
            [r#"{"a":"\ud800}"#, r#"{"a":"\ud8"}"#, r#"{"a":"\ud800\"#, r#"{"a":"\u+123"}"#, r#"{"a":"\ud80é"}"#]
        {
            assert_eq!(object(broken).unwrap_err().reason, Reason::NotJson, "{broken}");
        }
    }
}
