//! Where a name ends in a piece of a byline: before a role, a newspaper, a day, a degree.

use super::LISTS;
use super::glue::unglue;
use super::person::is_house;
use crate::stage::extract::date;
use crate::stage::quick::Set;

/// A piece to the name at its head and the role behind it: `Ann Example Political Correspondent`, `Ann Example for The Desk`.
pub(super) fn cut(piece: &str) -> (String, Option<String>) {
    let words: Vec<&str> = piece
        .split_whitespace()
        .filter(|word| !word.contains('@') && !word.contains("://"))
        .flat_map(unglue)
        .filter(|word| !word.is_empty())
        .collect();
    let first = words
        .iter()
        .position(|word| !LISTS.title.contains(word.to_lowercase().as_str()) && !is_house(word))
        .unwrap_or(0);
    let words = &words[first..];
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let has = |list: &Set<&str>, at: usize| list.contains(lower[at].trim_end_matches(['.', ',', '\'']));
    let tail = (1..words.len()).find(|&at| is_tail(&lower[at], at) || has_digit(words[at]));
    let noun = (2..words.len()).rev().find(|&at| has(&LISTS.role, at));
    let end = tail.unwrap_or(words.len());
    if let Some(noun) = noun.filter(|&noun| noun < end || tail.is_none()) {
        let mut start = noun;
        while start > 1 && has(&LISTS.quality, start - 1) {
            start -= 1;
        }
        if start >= 1 && start < end {
            return (words[..outlet(words, &lower, start)].join(" "), Some(words[start..].join(" ")));
        }
    }
    let end = (1..end)
        .find(|&at| LISTS.degree.contains(lower[at].as_str()) && words[at].chars().any(char::is_uppercase) && at >= 2)
        .unwrap_or(end);
    let end = outlet(words, &lower, end);
    // "Ann Example le": what led to a day behind the name
    let ends_small = |end: usize| words[end - 1] == lower[end - 1] && LISTS.particle.contains(words[end - 1]);
    let end = (1..=end).rev().find(|end| !ends_small(*end)).unwrap_or(end);
    (words[..end].join(" "), None)
}

/// True for a word that ends the name before it; a label of a day only behind a whole name, since people are called such words.
fn is_tail(lower: &str, at: usize) -> bool {
    LISTS.tail.contains(lower.trim_end_matches(':')) || at > 1 && date::is_label(lower)
}

/// Where the name ends when a newspaper's name is glued behind it: `Ann Example Springfield Gazette`.
fn outlet(words: &[&str], lower: &[String], end: usize) -> usize {
    let names = |word: &str| LISTS.outlet.contains(word);
    // "Herald-Citizen"
    let pair = |word: &str| word.split_once('-').is_some_and(|(one, other)| names(one) && names(other));
    let named = (2..end).any(|at| names(&lower[at]) || pair(&lower[at]));
    if !named || end < 3 {
        return end;
    }
    let initial = words
        .get(1)
        .is_some_and(|word| word.chars().count() <= 2 && word.chars().next().is_some_and(char::is_uppercase));
    let particle = lower.get(1).is_some_and(|word| LISTS.particle.contains(word.as_str()));
    (if initial || particle { 3 } else { 2 }).min(end)
}

fn has_digit(word: &str) -> bool {
    word.chars().any(char::is_numeric)
}
