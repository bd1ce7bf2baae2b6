//! One event as one line: what the world sends is cut and escaped. Pure.

use std::fmt::{Debug, Write};

use serde_json::{Map, Value};
use tracing::Level;
use tracing::field::{Field, Visit};

/// Longest value of a field, in bytes. Higher: one broker error or headline fills the log. Lower: causes are cut off.
const MAX_FIELD: usize = 1024;

/// Message and fields of an event, cut to size.
#[derive(Default)]
pub(super) struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, Value::String(cut(format!("{value:?}"))));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, Value::String(cut(value.to_owned())));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }
}

impl Fields {
    fn take(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => self.others.push((name, value)),
        }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_FIELD {
        let end = (0..=MAX_FIELD).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// An event as one line of JSON.
pub(super) fn json(time: &str, level: Level, target: &str, fields: &Fields) -> String {
    let mut line = Map::new();
    line.insert("timestamp".to_owned(), time.into());
    line.insert("level".to_owned(), level.as_str().into());
    line.insert("target".to_owned(), target.into());
    line.insert("message".to_owned(), fields.message.as_str().into());
    line.extend(fields.others.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    // Inside its strings JSON may hold what steers a terminal or ends a line for some readers.
    let mut shown = String::new();
    for c in Value::Object(line).to_string().chars() {
        match is_steering(c) {
            true => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => shown.push(c),
        }
    }
    shown.push('\n');
    shown
}

/// An event as one line for people.
pub(super) fn text(time: &str, level: Level, target: &str, fields: &Fields, color: bool) -> String {
    let (on, off) = if color { (style(level), "\x1b[0m") } else { ("", "") };
    let module = target.strip_prefix("copydesk::").unwrap_or(target);
    let mut line = format!("{time} {on}{level:>5}{off} {module}: {}", escape(&fields.message));
    for (name, value) in &fields.others {
        let shown = match value {
            Value::String(text) if text.contains(char::is_whitespace) || text.is_empty() => format!("{text:?}"),
            Value::String(text) => escape(text),
            other => other.to_string(),
        };
        // Writing to a string does not fail.
        let _ = write!(line, " {name}={shown}");
    }
    line.push('\n');
    line
}

fn style(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG | Level::TRACE => "\x1b[2m",
    }
}

/// Control characters and those that turn the direction of writing, as Rust escapes them; all else as it is.
fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_steering(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Control characters, ends of lines, and what turns the direction of writing. None lies beyond U+FFFF.
fn is_steering(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &str, headline: &str) -> Fields {
        Fields {
            message: message.into(),
            others: vec![("headline", Value::String(cut(headline.into()))), ("words", 12.into())],
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_the_world_sends() {
        for hostile in ["a\r\nb", "\x1b[2Jgone", "x\u{202e}y", "a\u{2028}b", "\u{9b}31m", "tab\there"] {
            let fields = fields(hostile, hostile);
            for line in
                [text("t", Level::INFO, "copydesk::kafka", &fields, false), json("t", Level::INFO, "m", &fields)]
            {
                assert!(line.ends_with('\n'));
                let body = line.trim_end_matches('\n');
                assert!(!body.contains(['\n', '\r', '\x1b']), "{line:?}");
            }
            let line = text("t", Level::INFO, "m", &fields, false);
            assert!(!line.trim_end().chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
        }
    }

    /// A line of its own, steering of the terminal, and fields that were never written.
    #[test]
    fn what_is_hostile_adds_no_line_and_no_field() {
        let headline = "Mill sold\n2026-01-01T00:00:00Z ERROR kafka: lost\x1b]0;owned\x07\u{85}\u{2029}x";
        let url = "https://daily.test/\r\n{\"level\":\"ERROR\"}\u{1b}[31m\"\\";
        let fields = Fields {
            message: format!("refused {url}"),
            others: vec![
                ("headline", headline.into()),
                ("url", url.into()),
                ("source", "Daily\u{85}Test\u{9b}31m\u{202e}".into()),
                ("error", "invalid header \"x\r\ny\": \u{1b}]8;;".into()),
                ("bare", "a\u{7f}\u{2066}b".into()),
            ],
        };
        let line = text("t", Level::WARN, "m", &fields, false);
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        assert!(!line.trim_end_matches('\n').chars().any(is_steering), "{line:?}");
        let line = json("t", Level::WARN, "m", &fields);
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["level"], &read["headline"], &read["url"]), (&"WARN".into(), &headline.into(), &url.into()));
        assert_eq!(read["source"], "Daily\u{85}Test\u{9b}31m\u{202e}");
        assert_eq!(read.as_object().unwrap().len(), 9);
        assert!(!line.trim_end_matches('\n').chars().any(is_steering), "{line:?}");
    }

    #[test]
    fn a_line_reads_as_it_should() {
        let fields = fields("assigned", "Bridge closed");
        assert_eq!(
            text("08:00", Level::INFO, "copydesk::kafka", &fields, false),
            "08:00  INFO kafka: assigned headline=\"Bridge closed\" words=12\n"
        );
        assert_eq!(
            json("08:00", Level::WARN, "copydesk::kafka", &fields),
            "{\"timestamp\":\"08:00\",\"level\":\"WARN\",\"target\":\"copydesk::kafka\",\"message\":\"assigned\",\
             \"headline\":\"Bridge closed\",\"words\":12}\n"
        );
    }

    #[test]
    fn a_long_field_is_cut_between_characters() {
        let text = cut("ä".repeat(2000));
        assert!(text.len() <= MAX_FIELD + '…'.len_utf8() && text.ends_with("ä…"));
    }
}
