//! Sentences printed in capitals, and how their words would be written otherwise.
//!
//! Only what such sentences hold is changed. It must never take a capital from a word that the document's other sentences
//! write with one.

use std::collections::HashMap;

use crate::stage::meaning::entity::lexicon::Lexicon;
use crate::stage::meaning::entity::word::Case;

/// Which tokens stand in a sentence printed in capitals: at least three words, four in five of them in capitals.
pub(super) fn loud(tokens: &[(&str, bool)]) -> Vec<bool> {
    let mut loud = vec![false; tokens.len()];
    let mut start = 0;
    while start < tokens.len() {
        let end = (start + 1..tokens.len()).find(|at| tokens[*at].1).unwrap_or(tokens.len());
        let (mut upper, mut words) = (0, 0);
        for (token, _) in &tokens[start..end] {
            match Case::of(token) {
                Case::Upper => (upper, words) = (upper + 1, words + 1),
                Case::Title | Case::Small | Case::Mixed => words += 1,
                _ => {}
            }
        }
        loud[start..end].fill(words >= 2 && upper * 5 >= words * 4);
        start = end;
    }
    loud
}

/// How the words of the quiet sentences are written, for reading those in capitals.
pub(super) struct Forms<'t> {
    quiet: HashMap<String, &'t str>,
}

impl<'t> Forms<'t> {
    /// Takes the form with a capital inside a sentence before the small one, and that before the one that opens a sentence.
    pub(super) fn count(tokens: &[(&'t str, bool)], loud: &[bool]) -> Forms<'t> {
        let mut forms = Forms { quiet: HashMap::new() };
        if !loud.contains(&true) {
            return forms;
        }
        for sure in [true, false] {
            for (at, (token, opens)) in tokens.iter().enumerate() {
                let fits = !loud[at] && (sure != (*opens && Case::of(token) == Case::Title));
                if fits {
                    forms.quiet.entry(token.to_lowercase()).or_insert(token);
                }
            }
        }
        forms
    }

    /// A word printed in capitals as it would be written otherwise.
    pub(super) fn quiet(&self, token: &str, lexicon: &Lexicon) -> String {
        if Case::of(token) != Case::Upper {
            return token.to_owned();
        }
        let lower = token.to_lowercase();
        if let Some(form) = self.quiet.get(&lower) {
            return (*form).to_owned();
        }
        let known = lexicon.entry(token, &lower);
        match known.capitals {
            1..=3 => lower,
            9 => token.to_owned(),
            _ if token.contains('.') => token.to_owned(),
            _ => title(&lower),
        }
    }
}

/// First letter, and letters after a hyphen, as capitals.
fn title(lower: &str) -> String {
    let mut after = true;
    lower
        .chars()
        .flat_map(|c| {
            let capital = std::mem::replace(&mut after, c == '-' || c == '\'');
            let upper: Vec<char> = if capital { c.to_uppercase().collect() } else { vec![c] };
            upper
        })
        .collect()
}
