//! Candidates to a value: the surest wins, the first of equals. What was chosen, where it stood and by which rule is written down.

use std::collections::BTreeMap;

use crate::article::{FieldSource, Provenance};

/// A value a field may have.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate<T> {
    pub value: T,
    pub source: FieldSource,
    /// Name of the rule, for people who ask why.
    pub rule: &'static str,
    /// 0.0 to 1.0.
    pub confidence: f64,
}

impl<T> Candidate<T> {
    pub fn new(value: T, source: FieldSource, rule: &'static str, confidence: f64) -> Candidate<T> {
        Candidate { value, source, rule, confidence }
    }
}

/// The surest candidate, the first of equals.
pub(super) fn best<T>(candidates: impl IntoIterator<Item = Candidate<T>>) -> Option<Candidate<T>> {
    candidates.into_iter().reduce(|best, next| if next.confidence > best.confidence { next } else { best })
}

/// The provenance of the fields settled so far.
#[derive(Debug, Default)]
pub(super) struct Notes(pub BTreeMap<String, Provenance>);

impl Notes {
    /// Chooses the value of a field and writes down where it came from.
    pub fn settle<T>(&mut self, field: &str, candidates: impl IntoIterator<Item = Candidate<T>>) -> Option<T> {
        let chosen = best(candidates)?;
        self.note(field, chosen.source, chosen.rule, chosen.confidence);
        Some(chosen.value)
    }

    /// Writes down where a field came from.
    pub fn note(&mut self, field: &str, source: FieldSource, rule: &str, confidence: f64) {
        let confidence = (confidence.clamp(0.0, 1.0) * 100.0).round() / 100.0;
        self.0.insert(field.to_owned(), Provenance { source, rule: rule.to_owned(), confidence });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_wins_and_the_first_of_equals() {
        let mut notes = Notes::default();
        let candidate = |value, rule, confidence| Candidate::new(value, FieldSource::Meta, rule, confidence);
        let chosen = notes.settle("headline", [candidate(1, "a", 0.5), candidate(2, "b", 0.9), candidate(3, "c", 0.9)]);
        assert_eq!(chosen, Some(2));
        assert_eq!(notes.0["headline"].rule, "b");
        assert_eq!(notes.settle::<u8>("byline", []), None);
        assert!(!notes.0.contains_key("byline"));
    }
}
