//! Numbers in digits and words, with their scales. It knows no currency and no share.

use std::sync::LazyLock;

use super::super::found::Reader;
use crate::stage::quick::{Map, Set};
use crate::stage::table;

/// The words of numbers and shares.
pub(super) const NUMBERS: &str = include_str!("../../../data/numbers.txt");

struct Words {
    numbers: Map<&'static str, f64>,
    scales: Map<&'static str, u8>,
    vague: Set<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words {
    numbers: pairs("number"),
    scales: pairs("scale"),
    vague: table::group(NUMBERS, "vague").into_iter().collect(),
});

fn pairs<V: std::str::FromStr>(key: &str) -> Map<&'static str, V> {
    let pairs = table::group(NUMBERS, key).into_iter().filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(word, value)| Some((word, value.parse().ok()?))).collect()
}

/// Most groups of three digits behind the first digits of a number. More: a column of figures is read anew from each of them.
const MOST_GROUPS: usize = 4;

/// A number in the text: `start..end` are tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// Token after the last.
    pub(super) end: usize,
    /// `None` for "hundreds of".
    pub(super) value: Option<f64>,
    /// Whether it has a scale.
    pub(super) scaled: bool,
}

/// Whether a word, in lower case, may begin a number.
pub(super) fn is_word(lower: &str) -> bool {
    WORDS.numbers.contains_key(lower) || WORDS.vague.contains(lower)
}

/// The number that begins at a token, with its scale.
pub(super) fn number(text: &Reader, at: usize) -> Option<Number> {
    let token = text.token(at);
    if token.starts_with(|c: char| c.is_ascii_digit()) {
        let (value, scaled) = digits_and_scale(token, text.comma_decimal)?;
        let (mut end, mut value) = (at + 1, value);
        while text.comma_decimal && !scaled && end <= at + MOST_GROUPS && is_group(text, end) {
            value = value * 1000.0 + text.token(end).parse::<f64>().ok()?;
            end += 1;
        }
        let before = end;
        let (end, value) = scale(text, end, value, scaled);
        return Some(Number { end, value: Some(value), scaled: scaled || end > before });
    }
    let word = text.lower(at);
    if WORDS.vague.contains(word) {
        return vague(text, at);
    }
    let value = *WORDS.numbers.get(word)?;
    let article = matches!(word, "a" | "un" | "une" | "una" | "um" | "uma" | "ein" | "eine" | "een" | "half");
    let start = at + 1 + usize::from(word == "half" && text.lower(at + 1) == "a");
    let (end, value) = scale(text, start, value, false);
    (!article || end > start).then_some(Number { end, value: Some(value), scaled: end > start })
}

/// A group of three digits behind a space, as in `1 200 000`.
fn is_group(text: &Reader, at: usize) -> bool {
    let token = text.token(at);
    token.len() == 3 && token.bytes().all(|b| b.is_ascii_digit()) && !text.touches(at.saturating_sub(1))
}

/// `hundreds of millions of`
fn vague(text: &Reader, at: usize) -> Option<Number> {
    let mut end = at + 1;
    while end < at + 5 && (text.lower(end) == "of" || WORDS.scales.contains_key(text.lower(end))) {
        end += 1;
    }
    let end = if text.lower(end - 1) == "of" { end - 1 } else { end };
    Some(Number { end, value: None, scaled: true })
}

/// Scale words behind a number.
pub(super) fn scale(text: &Reader, at: usize, value: f64, scaled: bool) -> (usize, f64) {
    let (mut at, mut value) = (at, value);
    for _ in 0..2 {
        // a single letter is a scale only where it touches the number
        let word = text.lower(at).trim_end_matches('.');
        match WORDS.scales.get(word).filter(|_| !scaled && (word.len() > 1 || text.touches(at.saturating_sub(1)))) {
            Some(power) => {
                value *= 10f64.powi(i32::from(*power));
                at += 1;
                at += usize::from(word != text.lower(at) && text.lower(at) == "." && matches!(word, "mio" | "mrd"));
            }
            None => break,
        }
    }
    (at, value)
}

/// `1,200.50`, `1.13bn`, `600m`: the value, and whether a scale was glued on.
pub(super) fn digits_and_scale(token: &str, comma_decimal: bool) -> Option<(f64, bool)> {
    let end = token.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(token.len());
    let value = digits(token[..end].trim_end_matches(['.', ',']), comma_decimal)?;
    let tail = token[end..].trim_start_matches('-').to_lowercase();
    if tail.is_empty() {
        return Some((value, false));
    }
    Some((value * 10f64.powi(i32::from(*WORDS.scales.get(tail.as_str())?)), true))
}

/// Digits with separators. The last of two different ones is the decimal sign; a single one by what follows and the language.
fn digits(token: &str, comma_decimal: bool) -> Option<f64> {
    let last = token.rfind(['.', ',']);
    let decimal = match last {
        None => None,
        Some(at) => {
            let sign = &token[at..=at];
            let once = token.matches(sign).count() == 1;
            let mixed = token.contains('.') && token.contains(',');
            let thousands = token.len() - at == 4 && (sign == ",") != comma_decimal;
            (once && (mixed || !thousands)).then_some(at)
        }
    };
    let whole: String = token[..decimal.unwrap_or(token.len())].chars().filter(char::is_ascii_digit).collect();
    let part = decimal.map_or("", |at| &token[at + 1..]);
    if whole.len() > 15 {
        return None;
    }
    format!("{whole}.{part}0").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, language: &str) -> Option<(usize, Option<f64>, bool)> {
        let tokens = crate::stage::meaning::entity::token::tokens(text);
        number(&Reader::new(text, &tokens, language), 0).map(|number| (number.end, number.value, number.scaled))
    }

    #[test]
    fn digits_words_and_scales() {
        for (text, language, expected) in [
            ("1,200.50 x", "en", Some((1, Some(1200.5), false))),
            ("1.200,50 x", "de", Some((1, Some(1200.5), false))),
            ("1.13bn x", "en", Some((1, Some(1.13e9), true))),
            ("1 200 000 x", "fr", Some((3, Some(1.2e6), false))),
            ("half a million x", "en", Some((3, Some(5e5), true))),
            ("hundreds of millions of x", "en", Some((3, None, true))),
            ("a ferry", "en", None),
            ("ferry", "en", None),
        ] {
            assert_eq!(one(text, language), expected, "{text}");
        }
    }

    #[test]
    fn the_tables_are_whole() {
        assert!(WORDS.numbers.len() > 40 && WORDS.scales.len() > 30 && WORDS.vague.len() > 5);
    }
}
