//! What stands on both sides of a mention: verbs of saying above all.

use super::super::mention::Mention;
use super::super::word::{Class, Word};

/// Furthest word looked at for the end of an apposition.
const APPOSITION: usize = 28;

/// Kinds of left sides.
pub(super) const LEFTS: usize = 11;
/// The left side of a mention that is named as a source.
pub(super) const ACCORDING: u8 = 3;
/// Kinds of right sides.
pub(super) const RIGHTS: usize = 9;

/// The sides of one mention.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    pub(super) left: u8,
    pub(super) right: u8,
    pub(super) first: bool,
    /// Verbs of saying on both sides, indexes into the words.
    pub(super) before: Option<usize>,
    pub(super) behind: Option<usize>,
}

/// What stands beside a mention.
pub(super) fn sides(words: &[Word], mention: &Mention) -> Sides {
    let class = |at: Option<usize>| at.and_then(|at| words.get(at)).map_or(Class::BREAK, |word| word.class);
    let before = class(mention.first.checked_sub(1));
    let earlier = class(mention.first.checked_sub(2));
    let left = match before {
        _ if before.is(Class::TOLD) => 4,
        _ if before.is(Class::SAID) => 1,
        _ if before.is(Class::CUE) => 2,
        _ if before.is(Class::ACCORDING) || earlier.is(Class::ACCORDING) && before.is(Class::SMALL) => ACCORDING,
        _ if before.is(Class::OF) => 5,
        _ if before.is(Class::AND) => 6,
        _ if before.is(Class::COMMA) => 7,
        _ if before.is(Class::STOP | Class::BREAK | Class::QUOTE) => 0,
        _ if before.is(Class::WORD) => 8,
        _ if before.is(Class::DASH) => 9,
        _ => 10,
    };
    let first = before.is(Class::STOP | Class::BREAK | Class::QUOTE);
    let (right, behind) = right(words, mention.last);
    let before = mention.first.checked_sub(1).filter(|_| (1..4).contains(&left));
    Sides { left, right, first, before, behind }
}

/// What follows a mention: 1, 2, 3 a verb of saying (plain, other, participle), 4 one behind an apposition, 5 one a few words on,
/// 6 a colon, 7 `’s`, 8 a comma, 0 anything else.
fn right(words: &[Word], last: usize) -> (u8, Option<usize>) {
    let class = |at: usize| words.get(at).map_or(Class::BREAK, |word| word.class);
    let mut at = last;
    while at < last + 4 && class(at).is(Class::HAS) && !class(at).is(Class::CUE) {
        at += 1;
    }
    match class(at) {
        own if own.is(Class::SAID) => (1, Some(at)),
        own if own.is(Class::CLAIMED) => (2, Some(at)),
        own if own.is(Class::SAYING) => (3, Some(at)),
        own if own.is(Class::COLON) => (6, None),
        own if own.is(Class::OWNER) => (7, None),
        own if own.is(Class::COMMA) => {
            let cue = behind_apposition(words, at + 1);
            (if cue.is_some() { 4 } else { 8 }, cue)
        }
        _ => {
            let end = |at: &usize| class(*at).is(Class::STOP | Class::BREAK | Class::QUOTE | Class::COMMA);
            let cue = (at..at + 7).take_while(|at| !end(at)).find(|&at| class(at).is(Class::CUE));
            (if cue.is_some() { 5 } else { 0 }, cue)
        }
    }
}

/// The verb of saying after the next comma: `Roe, the mayor of Ulm, said`.
fn behind_apposition(words: &[Word], from: usize) -> Option<usize> {
    let end = words.len().min(from + APPOSITION);
    let stops = Class::COMMA | Class::STOP | Class::BREAK | Class::QUOTE;
    let next = (from.min(end)..end).find(|&at| words[at].class.is(stops))?;
    let is = |at: usize, class: Class| words.get(at).is_some_and(|word| word.class.is(class));
    (is(next, Class::COMMA) && is(next + 1, Class::CUE)).then_some(next + 1)
}

/// How many mentions of the text end in the same capitalised word, less one, at most 3.
pub(super) fn shared(text: &str, words: &[Word], mentions: &[Mention]) -> Vec<u8> {
    let surname = |mention: &Mention| {
        let word = words[mention.last - 1];
        (mention.name < mention.last).then(|| &text[word.start..word.end])
    };
    let mut counts: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for name in mentions.iter().filter_map(surname) {
        *counts.entry(name).or_default() += 1;
    }
    let share = |count: &usize| (*count - 1).min(3) as u8;
    mentions.iter().map(|mention| surname(mention).and_then(|name| counts.get(name)).map_or(0, share)).collect()
}
