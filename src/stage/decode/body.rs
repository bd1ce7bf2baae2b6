//! What a body is, whatever its field is called: mark-up in the field for text, or escaped once more; text in the field for
//! pages; a page that was packed into letters; lines that are written as `\n`.
//!
//! Takes no word out. What is not certain stays what its field says it is.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{charset, markdown, unpack};
use crate::article::Body;
use crate::settings::RawField;
use crate::stage::html::{self, Tag};

/// A body that is a list of texts, each a paragraph or an element, is one text with a line for each.
pub(super) fn joined(value: Value) -> Value {
    let lines = match &value {
        Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    lines.map(|lines| Value::String(lines.join("\n"))).unwrap_or(value)
}

/// The body that a field's text is. What is packed unpacks to at most `limit` bytes.
pub(super) fn body(field: RawField, text: String, limit: u64) -> Body {
    if field == RawField::Story {
        return Body::Story(text);
    }
    let text = unpacked(&text, limit).unwrap_or(text);
    let text = without_cdata(with_lines(text));
    let is_page = field == RawField::Html;
    if is_page && tags(&text).next().is_some() {
        return Body::Html(text);
    }
    match markup(&text) {
        Some(markup) => Body::Html(markup),
        None if is_page && !text.trim().contains('\n') => Body::Html(text),
        None => Body::Text(markdown::plain(text)),
    }
}

/// The page in a body that is one word of base64: no story is.
fn unpacked(text: &str, limit: u64) -> Option<String> {
    let is_letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\r' | b'\n');
    if text.len() < PACKED || !text.trim_end().bytes().all(is_letters) {
        return None;
    }
    let letters: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(letters).ok()?;
    let bytes = unpack::unpack(&bytes, None, limit).ok()?;
    let is_text = std::str::from_utf8(&bytes).is_ok() || bytes.trim_ascii_start().starts_with(b"<");
    is_text.then(|| charset::page_text(&bytes, None))
}

/// Letters from which on a body can be base64.
const PACKED: usize = 200;

/// The content of a text that XML marked as such.
fn without_cdata(text: String) -> String {
    let content = text.trim().strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
    content.map(str::to_owned).unwrap_or(text)
}

/// A text whose only line breaks are the letters `\n`, behind sentences or tags, was written as JSON twice. Scripts on a page hold
/// such letters of their own.
fn with_lines(text: String) -> String {
    let breaks = text.match_indices("\\n").filter(|(at, _)| text[..*at].ends_with(ENDS)).count();
    if breaks < 2 || text.contains('\n') || text.contains("<script") {
        return text;
    }
    text.replace("\\r", "").replace("\\n", "\n").replace("\\t", " ").replace("\\\"", "\"").replace("\\/", "/")
}

/// What stands before a line break: the end of a sentence, a tag, the carriage return or line break before.
const ENDS: [char; 12] = ['.', '!', '?', ':', '"', '”', '»', '>', '。', '।', 'r', 'n'];

/// The mark-up that a text is, if it is: as it stands, or once its character references are read.
fn markup(text: &str) -> Option<String> {
    if is_markup(text) {
        return Some(with_paragraphs(text));
    }
    let read = if text.contains("&lt;") { html::decode(text, false) } else { Cow::Borrowed(text) };
    (read != text && is_markup(&read)).then(|| with_paragraphs(&read))
}

/// True for a text that begins with a tag, or has several and one in every other line: a text that only speaks of tags does
/// neither.
fn is_markup(text: &str) -> bool {
    let start = text.trim_start();
    if start.starts_with("<!--")
        || start.get(..9).is_some_and(|s| s.eq_ignore_ascii_case("<!doctype"))
        || tag(start).is_some()
    {
        return true;
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let (all, tagged) =
        lines.fold((0, 0), |(all, tagged), line| (all + 1, tagged + usize::from(tags(line).next().is_some())));
    tags(text).nth(1).is_some() && tagged * 2 >= all
}

/// Mark-up in which lines are paragraphs, as WordPress stores it, with tags that say so.
fn with_paragraphs(text: &str) -> String {
    if tags(text).any(|tag| matches!(tag, Tag::P | Tag::Br | Tag::Div | Tag::Body)) {
        return text.to_owned();
    }
    let begins = |line: &str| if tag(line.trim_start()).is_some_and(Tag::breaks_line) { "" } else { "<p>" };
    let lines: Vec<String> = text.lines().map(|line| format!("{}{line}", begins(line))).collect();
    lines.join("\n")
}

/// The tags of elements that have a meaning on a page, in order.
fn tags(text: &str) -> impl Iterator<Item = Tag> + '_ {
    memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| tag(&text[at..]))
}

/// The element whose start or end tag stands at the beginning of a text.
fn tag(text: &str) -> Option<Tag> {
    let rest = text.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let (name, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_alphanumeric).count());
    let is_whole = rest.starts_with(['>', '/', ' ', '\t', '\r', '\n'])
        && memchr::memchr(b'>', rest.as_bytes().get(..LONGEST_TAG).unwrap_or(rest.as_bytes())).is_some();
    let tag = if is_whole && name.len() <= LONGEST_NAME {
        Tag::from_name(name.to_ascii_lowercase().as_bytes())
    } else {
        Tag::Other
    };
    (tag != Tag::Other).then_some(tag)
}

/// Bytes within which a tag ends.
const LONGEST_TAG: usize = 2048;
/// Longest name of an element: `blockquote`, `figcaption`.
const LONGEST_NAME: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn html(field: RawField, text: &str) -> String {
        match body(field, text.to_owned(), 1 << 20) {
            Body::Html(html) => html,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn text(field: RawField, text: &str) -> String {
        match body(field, text.to_owned(), 1 << 20) {
            Body::Text(text) => text,
            other => panic!("{text}: {other:?}"),
        }
    }

    const STORY: &str = "<p>The crane stays.</p>\n<p>It is 90 years old, <b>says</b> the mayor.</p>";

    #[test]
    fn mark_up_is_a_page_in_whatever_field_it_stands() {
        let escaped = STORY.replace('<', "&lt;").replace('>', "&gt;");
        let inline = "The crane <a href=\"/c\">stays</a>.<br/><br/>It is 90 years old.";
        for field in [RawField::Html, RawField::Text] {
            assert_eq!(html(field, STORY), STORY);
            assert_eq!(html(field, &escaped), STORY);
            assert_eq!(html(field, &format!(" <![CDATA[{STORY}]]>\n")), STORY);
            assert_eq!(html(field, inline), inline);
            assert_eq!(
                html(field, &STORY.replace('\n', "\\n").replace("stays.<", "stays.\\n<")),
                STORY.replace("stays.<", "stays.\n<")
            );
        }
        let data = r#"<html><script>{"articleBody":"It stays.\n\nIt is \"old\"."}</script><p>It stays.</p>"#;
        assert_eq!(html(RawField::Html, data), data);
        assert_eq!(
            html(RawField::Text, "The <b>crane</b> stays.\n\n<h2>Old</h2>\nIt is <em>old</em>."),
            "<p>The <b>crane</b> stays.\n<p>\n<h2>Old</h2>\n<p>It is <em>old</em>."
        );
    }

    #[test]
    fn text_is_text_in_whatever_field_it_stands() {
        let speaks = "A line ends with <br>.\n\nParagraphs end with </p>, says the book.\n\nNobody reads it.\n\nIt costs < 5 > 4.\n\nSo.";
        for field in [RawField::Html, RawField::Text] {
            assert_eq!(
                text(field, "The crane stays.\n\nIt is old & <tall>."),
                "The crane stays.\n\nIt is old & <tall>."
            );
        }
        assert_eq!(text(RawField::Text, speaks), speaks);
        assert_eq!(text(RawField::Text, "Open C:\\news\\notes."), "Open C:\\news\\notes.");
        assert_eq!(text(RawField::Text, "It stays.\\n\\nIt is \\\"old\\\"."), "It stays.\n\nIt is \"old\".");
        assert_eq!(html(RawField::Html, "The crane stays."), "The crane stays.");
        assert_eq!(body(RawField::Story, STORY.to_owned(), 1 << 20), Body::Story(STORY.to_owned()));
    }

    #[test]
    fn one_word_of_base64_is_what_it_packs() {
        let page = format!("<html><body>{}</body></html>", STORY.repeat(4));
        let packed = STANDARD.encode(&page);
        assert_eq!(html(RawField::Html, &packed), page);
        let wrapped: Vec<&str> =
            (0..packed.len()).step_by(76).map(|at| &packed[at..packed.len().min(at + 76)]).collect();
        assert_eq!(html(RawField::Text, &wrapped.join("\r\n")), page);
        let noise = STANDARD.encode([0xff; 300]);
        assert_eq!(text(RawField::Text, &noise), noise);
        assert_eq!(text(RawField::Text, &"a".repeat(400)), "a".repeat(400));
    }
}
