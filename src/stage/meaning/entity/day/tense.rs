//! Whether a sentence tells a day as past: what is to come then belongs to another year.

use std::sync::LazyLock;

use crate::stage::meaning::entity::found::Reader;
use crate::stage::quick::Set;
use crate::stage::table;

/// Verbs that tell what has happened, and words that look ahead.
static WORDS: LazyLock<[Set<&'static str>; 2]> = LazyLock::new(|| {
    ["past", "ahead"].map(|key| table::group(include_str!("../../../data/day-words.txt"), key).into_iter().collect())
});

/// Furthest word before a day that tells whether it is past.
const TENSE: usize = 20;

/// Whether the words of its sentence before a day say that it is past, and none of them looks ahead: `It began on 12 January`.
pub(super) fn is_past(text: &Reader, at: usize) -> bool {
    let begins = |at: &usize| text.tokens.get(*at).is_some_and(|token| token.opens);
    let near = at.saturating_sub(TENSE)..=at;
    let start = near.clone().rev().find(begins).unwrap_or(*near.start());
    let says = |words: &Set<&str>| (start..at).any(|at| words.contains(text.lower(at)));
    let [past, ahead] = &*WORDS;
    says(past) && !says(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, language: &str) -> Option<String> {
        let tokens = crate::stage::meaning::entity::token::tokens(text);
        let reader = Reader::new(text, &tokens, language);
        super::super::read(&reader, jiff::civil::Date::new(2026, 3, 4).ok()).pop().unwrap().norm
    }

    #[test]
    fn a_day_ahead_that_is_told_as_past_has_no_year() {
        for (language, text, norm) in [
            ("en", "The fraud began on 12 May.", None),
            ("en", "Rain fell. The fraud will begin on 12 May.", Some("2026-05-12")),
            ("en", "The fair was moved to 12 May.", Some("2026-05-12")),
            ("en", "It rained. The fair opens on 12 May.", Some("2026-05-12")),
            ("en", "The fair was on 12 February.", Some("2026-02-12")),
            ("de", "Die Wahl war am 23. Mai.", None),
            ("de", "Die Wahl wird am 23. Mai sein.", Some("2026-05-23")),
        ] {
            assert_eq!(told(text, language).as_deref(), norm, "{text}");
        }
    }
}
