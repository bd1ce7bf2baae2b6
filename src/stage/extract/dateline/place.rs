//! The places of a dateline in normal case. Whether they are places is decided before.

use std::sync::LazyLock;

use super::{SMALL, WORDS};
use crate::stage::extract::name;
use crate::stage::meaning::entity::gazetteer::GAZETTEER;
use crate::stage::table;

/// True for a town, region or country of the lists; what stands behind its comma is not looked at.
pub(super) fn is_known(place: &str) -> bool {
    GAZETTEER.is_place(place.split(',').next().unwrap_or(place).trim())
}

/// `LONDON/PARIS`, `WASHINGTON and LONDON` to places in normal case.
pub(super) fn places(text: &str) -> Vec<String> {
    text.split('/')
        .flat_map(|part| part.split(" and "))
        .map(normal_case)
        .filter(|place| !place.is_empty())
        .take(6)
        .collect()
}

/// Abbreviations within the names of towns, which are no initials.
static SHORT: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(WORDS, "short"));

fn normal_case(place: &str) -> String {
    let mut inner = false;
    let words: Vec<String> = place
        .trim()
        .split(' ')
        .map(|word| {
            let lower = word.to_lowercase();
            let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
            let capitals = letters.len() > 1 && letters.iter().all(|c| c.is_uppercase());
            // "LA" behind a comma is a state
            let small =
                std::mem::replace(&mut inner, !word.ends_with(',')) && capitals && SMALL.contains(lower.as_str());
            if small {
                lower
            } else if capitals && SHORT.contains(&lower.as_str()) {
                letters.iter().take(1).copied().chain(lower.chars().skip(1)).collect()
            } else if capitals && !(word.contains('.') && letters.len() <= 3) {
                hyphens(&name::recase(word))
            } else {
                word.to_owned()
            }
        })
        .collect();
    words.join(" ")
}

/// `Port-Au-Prince` to `Port-au-Prince`.
fn hyphens(word: &str) -> String {
    let parts: Vec<String> = word
        .split('-')
        .enumerate()
        .map(|(at, part)| {
            let lower = part.to_lowercase();
            if at > 0 && SMALL.contains(lower.as_str()) { lower } else { part.to_owned() }
        })
        .collect();
    parts.join("-")
}
