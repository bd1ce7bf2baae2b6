//! The JSON of a script that a template wrote: parsed as it is, else mended in one pass and parsed again. Never asks what it
//! says.

use std::iter::Peekable;
use std::str::CharIndices;

use serde_json::Value;

/// Longest script read, in bytes. Real ones stay under 200 KB; a page that repeats its whole state there is passed over.
pub(super) const MAX_SCRIPT: usize = 600_000;

/// A script's JSON, mended where it must be.
pub(super) fn parse(script: &str) -> Option<Value> {
    if script.len() > MAX_SCRIPT {
        return None;
    }
    let text = script.trim().trim_start_matches('\u{feff}');
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&mend(text)).ok())
}

/// Broken JSON to better JSON, in one pass: what stands before the first bracket goes, control characters and inner quotation
/// marks are escaped, trailing commas and comments go, open brackets are closed.
fn mend(text: &str) -> String {
    let text = text.trim_start_matches(['/', ' ', '\n', '\r']).trim_start_matches("<![CDATA[");
    let start = text.find(['{', '[']).unwrap_or(text.len());
    let mut out = String::with_capacity(text.len() - start + 16);
    let mut open: Vec<char> = Vec::new();
    let mut in_string = false;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = &text[start + at + c.len_utf8()..];
        if in_string {
            in_string = string(c, rest, &mut chars, &mut out);
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push('"');
            }
            '{' | '[' => {
                open.push(if c == '{' { '}' } else { ']' });
                out.push(c);
            }
            '}' | ']' => {
                drop_comma(&mut out);
                if open.last() == Some(&c) {
                    open.pop();
                    out.push(c);
                }
                if open.is_empty() {
                    break;
                }
            }
            '/' if rest.starts_with('*') => {
                let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
                while chars.peek().is_some_and(|(next, _)| *next <= at + end) {
                    chars.next();
                }
            }
            c if c.is_control() || c == '\u{a0}' => out.push(' '),
            c => out.push(c),
        }
    }
    if in_string {
        out.push('"');
    }
    drop_comma(&mut out);
    out.extend(open.iter().rev());
    out
}

/// Takes in the character `c` of a string, before `rest`; false when it ends the string.
fn string(c: char, rest: &str, chars: &mut Peekable<CharIndices>, out: &mut String) -> bool {
    match c {
        '\\' => match chars.next() {
            Some((_, next @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u'))) => out.extend(['\\', next]),
            Some((_, next)) => out.push(next),
            None => {}
        },
        '"' if ends_string(rest) => {
            out.push('"');
            return false;
        }
        '"' => out.push_str("\\\""),
        c if c.is_control() => out.push(' '),
        c => out.push(c),
    }
    true
}

/// A quotation mark ends its string when what follows can only stand between values.
fn ends_string(rest: &str) -> bool {
    let after = rest.trim_start();
    match after.chars().next() {
        None | Some('}' | ']' | ':') => true,
        Some(',') => {
            let next = after[1..].trim_start();
            next.starts_with(['"', '{', '[', '-', 't', 'f', 'n', '/'])
                || next.starts_with(|c: char| c.is_ascii_digit())
                || next.trim_start_matches(is_loose).starts_with(['}', ']'])
        }
        _ => false,
    }
}

/// Cuts away commas and blanks that nothing follows. Outside strings blanks say nothing, and left there they would be walked
/// again at every bracket.
fn drop_comma(out: &mut String) {
    out.truncate(out.trim_end_matches(is_loose).len());
}

fn is_loose(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_that_nothing_follows_go() {
        for (broken, mended) in [
            (r#"{"a": 1 , }"#, r#"{"a": 1}"#),
            (r#"{"a": ["b", ,], }"#, r#"{"a": ["b"]}"#),
            (r#"{"a": "b, "}"#, r#"{"a": "b, "}"#),
            (r#"[{"a": 1, "#, r#"[{"a": 1}]"#),
        ] {
            assert_eq!(mend(broken), mended);
        }
    }

    /// Quadratic, this would take the test minutes.
    #[test]
    fn blanks_before_brackets_are_walked_once() {
        let brackets = format!("{{{}{}", " ".repeat(250_000), "]".repeat(250_000));
        assert_eq!(mend(&brackets), "{}");
    }
}
