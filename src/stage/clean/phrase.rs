//! Phrases that pages put around stories, in many languages: data, looked up.
//!
//! A phrase is compared with a block without case and punctuation. Long blocks are not looked up: a sentence of the story may
//! well contain "read more".

use std::sync::LazyLock;

use super::measure::{is_dense, is_word};
use crate::article::DropReason;
use crate::stage::quick::{Map, Set};

/// One file a language; see the head of `data/en/phrases.txt` for the form.
const FILES: [&str; 26] = [
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
    include_str!("../data/sv/phrases.txt"),
    include_str!("../data/no/phrases.txt"),
    include_str!("../data/da/phrases.txt"),
    include_str!("../data/fi/phrases.txt"),
    include_str!("../data/cs/phrases.txt"),
    include_str!("../data/hu/phrases.txt"),
    include_str!("../data/ro/phrases.txt"),
    include_str!("../data/uk/phrases.txt"),
    include_str!("../data/he/phrases.txt"),
    include_str!("../data/hi/phrases.txt"),
    include_str!("../data/id/phrases.txt"),
];

/// Longest beginning compared, in characters.
const LONGEST: usize = 48;
/// Bytes of a character at most.
const LARGEST: usize = 4;

/// What stands for some words in a phrase of two halves.
const GAP: &str = " _ ";
/// Most words between two halves, and behind them; behind a call to follow stands no more than a handle.
const BETWEEN: usize = 8;
const BEHIND: usize = 12;
const HANDLE: usize = 3;
/// Most words of a label in a row of labels (`Kommentare Drucken Teilen`).
const LABEL: usize = 3;

type Table = Map<&'static str, DropReason>;

#[derive(Default)]
struct Phrases {
    whole: Table,
    begins: Table,
    ends: Table,
    /// Two halves with something between them, by the first word.
    around: Map<&'static str, Vec<(&'static str, &'static str, DropReason)>>,
    /// What follows the author's name in a portrait.
    portraits: Vec<&'static str>,
    /// First words of what begins and last words of what ends, by which most blocks are passed over.
    heads: Set<&'static str>,
    tails: Set<&'static str>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for (reason, how, phrase) in FILES.iter().flat_map(|file| file.lines()).filter_map(read_line) {
        if let Some((first, second)) = phrase.split_once(GAP) {
            phrases.around.entry(head(first)).or_default().push((first, second, reason));
            continue;
        }
        if how == "follows" {
            phrases.portraits.push(phrase);
            continue;
        }
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
    if let Some(reason) = (key.len() <= LONGEST * LARGEST).then(|| whole(key)).flatten() {
        return Some(reason);
    }
    let begins = PHRASES.heads.contains(head(key)).then(|| beginnings(key).find_map(|start| PHRASES.begins.get(start)));
    let ends = || endings(key).find_map(|end| PHRASES.ends.get(end));
    begins.flatten().or_else(|| PHRASES.tails.contains(tail(key)).then(ends).flatten()).copied()
}

/// A line of nothing but labels of buttons, two or more: `Kommentare Drucken Teilen`.
pub(super) fn row(key: &str) -> Option<DropReason> {
    let words: Vec<&str> = key.split(' ').take(LONGEST / 4 + 1).collect();
    let (mut at, mut labels) = (0, 0);
    while at < words.len() {
        let ends = (at + 1..=(at + LABEL).min(words.len())).rev();
        let is_label = |end: &usize| {
            let known = PHRASES.whole.get(words[at..*end].join(" ").as_str());
            matches!(known, Some(DropReason::Share | DropReason::Comment))
        };
        at = ends.into_iter().find(is_label)?;
        labels += 1;
    }
    (labels > 1 && words.len() <= LONGEST / 4).then_some(DropReason::Share)
}

/// Why a block is furniture that has both halves of a phrase, few words between them and few behind: `Follow Ann Example on
/// Twitter @annexample`. One that begins with a quotation mark is somebody's words.
pub(super) fn around(text: &str, key: &str) -> Option<DropReason> {
    let halves = PHRASES.around.get(head(key))?;
    let few = |text: &str, most: usize| text.split(' ').filter(|word| !word.is_empty()).count() <= most;
    let fits = |(first, second, reason): &&(&str, &str, DropReason)| {
        let Some(rest) = key.strip_prefix(first).filter(|rest| rest.starts_with(' ')) else { return false };
        let rest = format!("{rest} ");
        let halves = rest.split_once(&format!(" {second} "));
        let most = if *reason == DropReason::Share { HANDLE } else { BEHIND };
        halves.is_some_and(|(between, behind)| few(between, BETWEEN) && few(behind, most))
    };
    let quoted = text.starts_with(['"', '“', '„', '«', '‘', '\'']);
    halves.iter().find(fits).filter(|_| !quoted).map(|(.., reason)| *reason)
}

/// True when a portrait goes on like this behind the author's name.
pub(super) fn portrays(rest: &str) -> bool {
    let whole = |phrase: &&str| rest.strip_prefix(*phrase).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    PHRASES.portraits.iter().any(whole)
}

/// Why a block begins with a label, its colon and something more: `Lesen Sie auch: Sauna bleibt zu`. A label of one word may as
/// well begin a sentence.
pub(super) fn labelled(text: &str) -> Option<DropReason> {
    let (label, rest) = text.split_once([':', '：'])?;
    leads(&key(label)).filter(|_| rest.chars().any(is_word))
}

/// Why a line that is a phrase as a whole is furniture.
pub(super) fn whole(key: &str) -> Option<DropReason> {
    PHRASES.whole.get(key).copied()
}

/// Why what follows this key is furniture: a beginning of several words and nothing behind it.
pub(super) fn leads(key: &str) -> Option<DropReason> {
    PHRASES.begins.get(key).filter(|_| key.contains(' ')).copied()
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
    fn a_row_of_labels_is_furniture_and_a_sentence_of_such_words_is_none() {
        for row in ["Kommentare Drucken Teilen", "Share Comments Copy link", "Facebook | Flipboard | E-mail"] {
            assert_eq!(super::row(&key(row)), Some(DropReason::Share), "{row}");
        }
        for text in ["Drucken und Teilen", "Comments on the share", "Kommentare Drucken Teilen Hafenrat", ""] {
            assert_eq!(super::row(&key(text)), None, "{text}");
        }
    }

    #[test]
    fn two_halves_need_few_words_between_and_behind() {
        let found = |text: &str| around(text, &key(text));
        for call in [
            "Follow Ann Example on Twitter @annexample",
            "Follow our harbour desk on X.",
            "Have you been affected? Email us.",
            "Have you been affected by the flood? Email us at news@example.com or call 01632 960000",
        ] {
            assert!(found(call).is_some(), "{call}");
        }
        for text in [
            "“Follow Ann Example on Twitter,” she said.",
            "Follow the money, and you will find the owner of the yard on Twitter.",
            "Follow Ann on Twitter and you will read what she thinks of the vote.",
            "Follow these steps shared on Twitter to lay an egg safely in the harbour.",
            "Followers of the council on Twitter asked for more.",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_label_needs_its_colon_and_something_behind() {
        assert_eq!(labelled("Lesen Sie auch: Warum die Sauna zu bleibt"), Some(DropReason::Related));
        assert_eq!(labelled("À lire aussi : Les nappes au plus bas"), Some(DropReason::Related));
        for text in ["Lesen Sie auch:", "Lesen Sie auch die Satzung", "Weitere: keine", "He said: read more"] {
            assert_eq!(labelled(text), None, "{text}");
        }
    }

    #[test]
    fn the_tables_are_sorted_without_duplicates_and_in_the_form_of_keys() {
        for file in FILES {
            let lines: Vec<_> = file.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(!lines.is_empty());
            assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", lines.windows(2).find(|p| p[0] >= p[1]));
            for line in lines {
                let (_, how, phrase) = read_line(line).unwrap();
                assert!(matches!(how, "is" | "begins" | "ends" | "around" | "follows"), "{line}");
                assert_eq!(how == "around", phrase.contains(GAP), "{line}");
                assert_eq!(key(phrase), phrase.replace(GAP, " "));
                assert!(phrase.chars().count() <= LONGEST, "{line}");
            }
        }
    }
}
