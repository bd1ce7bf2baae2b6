//! How rare a word is among news texts: a table made by `examples/count_documents.rs`, embedded.

use std::sync::LazyLock;

use crate::stage::quick::Map;
use crate::stage::table;

/// Rarity of a word that the table does not have: rarer than its rarest.
const UNKNOWN: f64 = 7.5;
/// Rarity where there is no table: only counts, headline and capitals decide.
const NO_TABLE: f64 = 5.0;
/// Steps of the table in one unit of rarity.
pub const STEPS: f64 = 4.0;

/// The rarity of words in one language.
#[derive(Debug)]
pub struct Frequencies(Option<Map<&'static str, u8>>);

static ENGLISH: LazyLock<Frequencies> =
    LazyLock::new(|| Frequencies::read(include_str!("../../data/en/document-frequency.txt")));
static NONE: Frequencies = Frequencies(None);

impl Frequencies {
    /// The table of a language; where there is none, all words are alike.
    pub fn of(language: &str) -> &'static Frequencies {
        if language == "en" { &ENGLISH } else { &NONE }
    }

    /// Reads lines `steps: word word …`.
    fn read(data: &'static str) -> Frequencies {
        let entry = |line: &'static str| {
            let (steps, words) = line.split_once(':')?;
            let steps: u8 = steps.parse().ok()?;
            Some(words.split_whitespace().map(move |word| (word, steps)))
        };
        Frequencies(Some(table::lines(data).filter_map(entry).flatten().collect()))
    }

    /// The natural logarithm of one in how many texts has the word, which must be in the form that is compared.
    pub fn rarity(&self, key: &str) -> f64 {
        let Some(table) = &self.0 else { return NO_TABLE };
        table.get(key).map_or(UNKNOWN, |steps| f64::from(*steps) / STEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_common() {
        let english = Frequencies::of("en");
        assert!(english.rarity("people") < english.rarity("parliament"));
        assert!(english.rarity("parliament") < english.rarity("zeugma"));
        assert_eq!(Frequencies::of("xx").rarity("people"), NO_TABLE);
        assert!(english.0.as_ref().is_some_and(|table| table.len() > 5000));
    }
}
