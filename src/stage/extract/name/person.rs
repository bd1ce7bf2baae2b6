//! Whether a few words are one person's full name, and how it is written in usual case.

use std::sync::LazyLock;

use super::LISTS;
use crate::stage::extract::date;
use crate::stage::quick::Set;
use crate::stage::table;

/// Characters that turn the direction of a text: what is shown is not what is written, so it is nobody's name.
const TURNS: [char; 2] = ['\u{202d}', '\u{202e}'];

/// Invisible marks of direction, which names in Arabic and Hebrew pages carry along.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202c}' | '\u{2066}'..='\u{2069}')
}

/// Given names, for lines that nothing else marks as a byline.
static GIVEN: LazyLock<Set<&'static str>> = LazyLock::new(|| {
    table::lines(include_str!("../../data/first-names.txt")).flat_map(str::split_whitespace).collect()
});

/// True for a usual given name.
pub(in crate::stage::extract) fn is_given(word: &str) -> bool {
    GIVEN.contains(word.to_lowercase().as_str())
}

/// Family names, for the same lines.
static FAMILY: LazyLock<Set<&'static str>> =
    LazyLock::new(|| table::lines(include_str!("../../data/names/last-names.txt")).collect());

/// True for a usual family name.
pub(in crate::stage::extract) fn is_family(word: &str) -> bool {
    FAMILY.contains(word.to_lowercase().as_str())
}

/// True for an article or particle, in any of the languages: names of towns and newspapers begin with one.
pub(in crate::stage::extract) fn is_article(word: &str) -> bool {
    let lower = word.to_lowercase();
    LISTS.article.contains(lower.as_str()) || LISTS.particle.contains(lower.as_str())
}

/// True for a newspaper in a script that writes its kind at its end: `滨海日报`, `서해일보`.
pub(super) fn is_house(word: &str) -> bool {
    LISTS.house.iter().any(|kind| word.len() > kind.len() && word.ends_with(kind))
}

/// True for two words of which the first is an article: `Le Figaro`.
pub(super) fn begins_outlet(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    matches!(words.as_slice(), [first, _] if LISTS.article.contains(first.to_lowercase().as_str()))
}

/// True for what looks like one person's full name.
pub(in crate::stage::extract) fn is_person(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2
        || name.contains(TURNS)
        || name.chars().count() > 60
        || name.chars().any(|c| c.is_numeric() || "@#<>{}=_?!:%$€£\"".contains(c))
    {
        return false;
    }
    if !name.chars().any(|c| c.is_lowercase() || c.is_uppercase()) {
        return is_caseless_person(&words, letters);
    }
    (2..=6).contains(&words.len())
        && words.iter().enumerate().all(|(at, word)| is_name_word(word, at))
        && !is_staff(&words)
        && !is_office(&words)
}

/// Names in scripts without case: short, one to four words, none of them in brackets or a word of the page's.
fn is_caseless_person(words: &[&str], letters: usize) -> bool {
    let is_page = |word: &&str| {
        LISTS.staff.contains(*word)
            || is_house(word)
            || date::label(word).is_some()
            || word.contains(['【', '】', '「', '」', '《', '》'])
    };
    if words.iter().any(is_page) {
        return false;
    }
    let han = words
        .iter()
        .flat_map(|word| word.chars())
        .any(|c| ('\u{3040}'..='\u{9fff}').contains(&c) || ('\u{ac00}'..='\u{d7af}').contains(&c));
    if han { words.len() <= 2 && (2..=8).contains(&letters) } else { (2..=4).contains(&words.len()) && letters <= 40 }
}

fn is_name_word(word: &str, at: usize) -> bool {
    let first = word.chars().find(|c| c.is_alphabetic());
    let capital = first.is_some_and(|c| c.is_uppercase() || !c.is_lowercase());
    let lower = word.to_lowercase();
    let particle =
        LISTS.particle.contains(lower.as_str()) || LISTS.prefix.iter().any(|prefix| lower.starts_with(prefix));
    let ends_sentence = word.ends_with('.') && word.chars().count() > 4 && at > 0;
    first.is_some() && (capital || particle) && !ends_sentence
}

/// True for `Senior Director`, `Trial Attorney`: an office, no name.
fn is_office(words: &[&str]) -> bool {
    let lower =
        |word: Option<&&str>| word.map(|word| word.to_lowercase().trim_end_matches('.').to_owned()).unwrap_or_default();
    let (first, last) = (lower(words.first()), lower(words.last()));
    let office = LISTS.role.contains(last.as_str()) || LISTS.quality.contains(first.as_str());
    office && !is_given(&first)
}

/// True for a name of the kind that newspapers have: `Le Figaro`, `Sample Post`.
pub(in crate::stage::extract) fn is_outlet(name: &str) -> bool {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.first().is_some_and(|first| LISTS.article.contains(first))
        || words.last().is_some_and(|last| LISTS.outlet.contains(last))
}

/// True for a word that never stands in a person's name.
pub(in crate::stage::extract) fn is_staff_word(word: &str) -> bool {
    is_staff(&[word])
}

/// True when a word of it never stands in a person's name.
fn is_staff(words: &[&str]) -> bool {
    let initial = |word: &str| word.chars().count() <= 2 && word.ends_with('.');
    words.iter().filter(|word| !initial(word)).any(|word| {
        let lower = word.to_lowercase();
        let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
        let bare = bare.strip_suffix("'s").or(bare.strip_suffix("’s")).unwrap_or(bare);
        (LISTS.staff.contains(bare) && !LISTS.particle.contains(bare)) || lower.ends_with("'s") || lower.ends_with("’s")
    })
}

/// A name in reading order and usual case: `SIMON McEXAMPLE` as `Simon McExample`, `simon example` as `Simon Example`.
pub(in crate::stage::extract) fn tidy(name: &str) -> String {
    let name: String = name.chars().filter(|c| !is_mark(*c)).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let upper = name.chars().filter(|c| c.is_uppercase()).count();
    let lower = name.chars().filter(|c| c.is_lowercase()).count();
    // "AJ Example" and "J.P. O'EXAMPLE": what has no more than initials in small letters' place stays
    if (lower == 0 && upper > 4) || (upper == 0 && lower > 0) { recase(&name) } else { name }
}

/// Words in capitals (or none) to a capital and small letters; particles small, initials and short abbreviations kept.
pub(in crate::stage::extract) fn recase(text: &str) -> String {
    let words: Vec<String> = text.split(' ').enumerate().map(|(at, word)| recase_word(word, at)).collect();
    words.join(" ")
}

fn recase_word(word: &str, at: usize) -> String {
    let lower = word.to_lowercase();
    if at > 0 && LISTS.particle.contains(lower.as_str()) && word.chars().count() > 1 {
        return lower;
    }
    if word.contains('.') && word.chars().filter(|c| c.is_alphabetic()).count() <= 3 {
        return word.to_uppercase();
    }
    let mut out = String::with_capacity(word.len());
    let mut start = true;
    for (index, c) in word.char_indices() {
        if start {
            out.extend(c.to_uppercase())
        } else {
            out.extend(c.to_lowercase())
        }
        let apostrophe = matches!(c, '\'' | '’') && index <= 2;
        let mc = index == 1 && lower.starts_with("mc") && word.len() > 4;
        start = matches!(c, '-' | '.' | '/') || apostrophe || mc;
    }
    out
}
