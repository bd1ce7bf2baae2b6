//! Character references (`&amp;`, `&#8217;`, `&eacute`) to characters, as the WHATWG standard reads them.
//!
//! Never fails: what is no reference stays as it is written.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memchr;

use crate::stage::quick::Map;

/// Longest name in the table, `CounterClockwiseContourIntegral`.
const LONGEST_NAME: usize = 31;
/// Longest name that works without its semicolon, `Aacute` and the like.
const LONGEST_LEGACY: usize = 6;

struct Entity {
    text: String,
    legacy: bool,
}

static ENTITIES: LazyLock<Map<&'static str, Entity>> = LazyLock::new(|| {
    let lines = include_str!("../data/entities.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(read_line).collect()
});

fn read_line(line: &'static str) -> Option<(&'static str, Entity)> {
    let mut fields = line.split(' ');
    let name = fields.next()?;
    let points = fields.next()?.split('+');
    let text = points.filter_map(|p| u32::from_str_radix(p, 16).ok().and_then(char::from_u32)).collect();
    Some((name, Entity { text, legacy: fields.next() == Some("legacy") }))
}

/// `text` with its character references replaced. In an attribute a name without semicolon that runs into a letter, digit or
/// `=` is left alone, so that `?a=1&copy=2` keeps its meaning.
pub fn decode(text: &str, in_attribute: bool) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while !rest.is_empty() {
        let taken = reference(rest, in_attribute, &mut out);
        if taken == 0 {
            out.push('&');
        }
        rest = &rest[taken.max(1)..];
        let plain = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        out.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(out)
}

/// Reads one reference at the start of `rest`, which begins with `&`; returns the bytes used, 0 when it is none.
fn reference(rest: &str, in_attribute: bool, out: &mut String) -> usize {
    match rest.as_bytes().get(1) {
        Some(b'#') => numeric(rest, out),
        Some(b) if b.is_ascii_alphabetic() => named(rest, in_attribute, out),
        _ => 0,
    }
}

fn numeric(rest: &str, out: &mut String) -> usize {
    let hex = matches!(rest.as_bytes().get(2), Some(b'x' | b'X'));
    let (start, radix) = if hex { (3, 16) } else { (2, 10) };
    let digits = rest[start..].bytes().take_while(|b| (*b as char).is_digit(radix)).count();
    if digits == 0 {
        return 0;
    }
    let end = start + digits;
    // A number too long for u32 is no character either.
    let point = u32::from_str_radix(&rest[start..end], radix).unwrap_or(0);
    out.push(numbered(point));
    end + usize::from(rest.as_bytes().get(end) == Some(&b';'))
}

/// The character of a number. 0x80 to 0x9F mean windows-1252, as every browser reads them.
fn numbered(point: u32) -> char {
    match point {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9F => windows_1252(point as u8),
        _ => char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// The character of a windows-1252 byte.
pub fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn named(rest: &str, in_attribute: bool, out: &mut String) -> usize {
    let name_len = rest[1..].bytes().take(LONGEST_NAME).take_while(u8::is_ascii_alphanumeric).count();
    let name = &rest[1..=name_len];
    if rest.as_bytes().get(1 + name_len) == Some(&b';')
        && let Some(entity) = ENTITIES.get(name)
    {
        out.push_str(&entity.text);
        return name_len + 2;
    }
    for len in (2..=name_len.min(LONGEST_LEGACY)).rev() {
        if let Some(entity) = ENTITIES.get(&name[..len]).filter(|e| e.legacy) {
            let next = rest.as_bytes().get(1 + len);
            if in_attribute && next.is_some_and(|b| *b == b'=' || b.is_ascii_alphanumeric()) {
                return 0;
            }
            out.push_str(&entity.text);
            return len + 1;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters() {
        for (written, meant) in [
            ("no reference", "no reference"),
            ("Q&amp;A", "Q&A"),
            ("caf&eacute;", "café"),
            ("caf&eacute au lait", "café au lait"),
            ("&notit; &notin;", "¬it; ∉"),
            ("&#8217;&#x2019;&#146;", "’’’"),
            ("&#0;&#xD800;&#99999999999;", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("R&D & co &; &# &#x &unknown;", "R&D & co &; &# &#x &unknown;"),
            ("&&amp;&", "&&&"),
            ("&nGt;", "≫\u{20D2}"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(decode(written, false), meant, "{written}");
        }
    }

    #[test]
    fn attributes_keep_query_strings() {
        assert_eq!(decode("?a=1&copy=2&lt;", true), "?a=1&copy=2<");
        assert_eq!(decode("x&copy", true), "x©");
    }

    #[test]
    fn the_table_is_sorted_without_duplicates_and_within_the_named_lengths() {
        let names: Vec<_> = include_str!("../data/entities.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(names.len(), ENTITIES.len());
        assert_eq!(names.iter().map(|n| n.len()).max(), Some(LONGEST_NAME));
        assert!(ENTITIES.iter().all(|(name, e)| !e.text.is_empty() && (!e.legacy || name.len() <= LONGEST_LEGACY)));
        assert_eq!(ENTITIES.values().filter(|e| e.legacy).count(), 106);
    }
}
