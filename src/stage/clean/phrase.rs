//! Phrases that pages put around stories, in many languages: data, looked up.
//!
//! A phrase is compared with a block without case and punctuation. Long blocks are not looked up: a sentence of the story may
//! well contain "read more".

use std::sync::LazyLock;

use super::DropReason;
use super::measure::{is_dense, is_word};
use crate::stage::quick::{Map, Set};

/// One file a language; see the head of `data/en/phrases.txt` for the form.
const FILES: [&str; 15] = [
    include_str!("../data/en/phrases.txt"),
    include_str!("../data/de/phrases.txt"),
    include_str!("../data/fr/phrases.txt"),
    include_str!("../data/es/phrases.txt"),
    include_str!("../data/it/phrases.txt"),
    include_str!("../data/pt/phrases.txt"),
    include_str!("../data/nl/phrases.txt"),
    include_str!("../data/pl/phrases.txt"),
    include_str!("../data/ru/phrases.txt"),
    include_str!("../data/el/phrases.txt"),
    include_str!("../data/zh/phrases.txt"),
    include_str!("../data/ja/phrases.txt"),
    include_str!("../data/ko/phrases.txt"),
    include_str!("../data/ar/phrases.txt"),
    include_str!("../data/tr/phrases.txt"),
];

/// Longest beginning compared, in characters.
const LONGEST: usize = 48;
/// Bytes of a character at most.
const LARGEST: usize = 4;

type Table = Map<&'static str, DropReason>;

#[derive(Default)]
struct Phrases {
    whole: Table,
    begins: Table,
    ends: Table,
    /// First words of what begins and last words of what ends, by which most blocks are passed over.
    heads: Set<&'static str>,
    tails: Set<&'static str>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for (reason, how, phrase) in FILES.iter().flat_map(|file| file.lines()).filter_map(read_line) {
        let table = match how {
            "begins" => &mut phrases.begins,
            "ends" => &mut phrases.ends,
            _ => &mut phrases.whole,
        };
        table.insert(phrase, reason);
    }
    phrases.heads = phrases.begins.keys().map(|phrase| head(phrase)).collect();
    phrases.tails = phrases.ends.keys().map(|phrase| tail(phrase)).collect();
    phrases
});

fn read_line(line: &'static str) -> Option<(DropReason, &'static str, &'static str)> {
    let mut fields = line.splitn(3, ' ');
    let reason = super::hint::reason_of(fields.next().filter(|f| !f.starts_with('#'))?)?;
    Some((reason, fields.next()?, fields.next()?))
}

/// Why a block with this text is furniture, if it is a known phrase or begins with one.
pub(super) fn reason(text: &str) -> Option<DropReason> {
    reason_of_key(&key(text))
}

/// The same for a text's key.
pub(super) fn reason_of_key(key: &str) -> Option<DropReason> {
    let whole = (key.len() <= LONGEST * LARGEST).then(|| PHRASES.whole.get(key)).flatten();
    if let Some(reason) = whole {
        return Some(*reason);
    }
    let begins = PHRASES.heads.contains(head(key)).then(|| beginnings(key).find_map(|start| PHRASES.begins.get(start)));
    let ends = || endings(key).find_map(|end| PHRASES.ends.get(end));
    begins.flatten().or_else(|| PHRASES.tails.contains(tail(key)).then(ends).flatten()).copied()
}

/// The first word of a key; in dense scripts the first character.
fn head(key: &str) -> &str {
    let end = key.char_indices().find_map(|(at, c)| match c {
        ' ' => Some(at),
        '\0'..='\x7F' => None,
        _ => is_dense(c).then_some(at + if at == 0 { c.len_utf8() } else { 0 }),
    });
    &key[..end.unwrap_or(key.len())]
}

/// The last word of a key.
fn tail(key: &str) -> &str {
    let start = key.bytes().rposition(|b| b == b' ').map_or(0, |space| space + 1);
    &key[start..]
}

/// Ends of `key` of one to four words.
fn endings(key: &str) -> impl Iterator<Item = &str> {
    key.rmatch_indices(' ').take(4).map(|(at, _)| &key[at + 1..])
}

/// Beginnings of `key` that end at a word's end, longest first; in dense scripts every beginning.
fn beginnings(key: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = key
        .char_indices()
        .chain([(key.len(), ' ')])
        .take(LONGEST + 1)
        .skip(1)
        .filter(|(at, c)| *c == ' ' || key[..*at].ends_with(is_dense))
        .map(|(at, _)| at)
        .collect();
    ends.into_iter().rev().map(|end| &key[..end])
}

/// Text as phrases are written: lower case, words with single spaces between, no punctuation.
pub(super) fn key(text: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase() as u8);
        } else if is_dense(c) && is_word(c) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else if is_word(c) {
            let letters = c.to_lowercase().filter(|c| is_word(*c));
            letters.for_each(|c| out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()));
        } else if !matches!(c, '\'' | '’') && out.last().is_some_and(|last| *last != b' ') {
            out.push(b' ');
        }
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
    String::from_utf8(out).unwrap_or_default() // whole characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_compared_without_case_and_punctuation() {
        assert_eq!(key("  Don’t miss: “Our” top-10! "), "dont miss our top 10");
        assert_eq!(reason("ADVERTISEMENT:"), Some(DropReason::Ad));
        assert_eq!(reason("(Reporting by Ann Lee; editing by Bo Cho)"), Some(DropReason::Credit));
        assert_eq!(reason("The advertisement was withdrawn"), None);
    }

    #[test]
    fn the_tables_are_sorted_without_duplicates_and_in_the_form_of_keys() {
        for file in FILES {
            let lines: Vec<_> = file.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(!lines.is_empty());
            assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", lines.windows(2).find(|p| p[0] >= p[1]));
            for line in lines {
                let (_, how, phrase) = read_line(line).unwrap();
                assert!(matches!(how, "is" | "begins" | "ends"), "{line}");
                assert_eq!(key(phrase), phrase);
                assert!(phrase.chars().count() <= LONGEST, "{line}");
            }
        }
    }
}
