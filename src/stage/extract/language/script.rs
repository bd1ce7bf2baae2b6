//! The language of a text by its letters alone: scripts that one language nearly owns, letters that one language of a script has.

use super::{any, classify, found};
use crate::article::Language;

/// Letters of a text by script.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    pub(super) letters: usize,
    latin: usize,
    cyrillic: usize,
    arabic: usize,
    han: usize,
    kana: usize,
    devanagari: usize,
    /// Scripts that one language nearly owns, with their counts.
    own: [usize; OWN.len()],
}

/// Scripts that one living news language nearly owns.
const OWN: [(char, char, &str); 20] = [
    ('\u{ac00}', '\u{d7af}', "ko"),
    ('\u{0370}', '\u{03ff}', "el"),
    ('\u{0530}', '\u{058f}', "hy"),
    ('\u{0590}', '\u{05ff}', "he"),
    ('\u{0980}', '\u{09ff}', "bn"),
    ('\u{0a00}', '\u{0a7f}', "pa"),
    ('\u{0a80}', '\u{0aff}', "gu"),
    ('\u{0b00}', '\u{0b7f}', "or"),
    ('\u{0b80}', '\u{0bff}', "ta"),
    ('\u{0c00}', '\u{0c7f}', "te"),
    ('\u{0c80}', '\u{0cff}', "kn"),
    ('\u{0d00}', '\u{0d7f}', "ml"),
    ('\u{0d80}', '\u{0dff}', "si"),
    ('\u{0e00}', '\u{0e7f}', "th"),
    ('\u{0e80}', '\u{0eff}', "lo"),
    ('\u{0f00}', '\u{0fff}', "bo"),
    ('\u{1000}', '\u{109f}', "my"),
    ('\u{10a0}', '\u{10ff}', "ka"),
    ('\u{1200}', '\u{137f}', "am"),
    ('\u{1780}', '\u{17ff}', "km"),
];

impl Scripts {
    pub(super) fn of(text: &str) -> Scripts {
        let mut counts = Scripts::default();
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            counts.letters += 1;
            match c {
                'A'..='\u{024f}' | '\u{1e00}'..='\u{1eff}' => counts.latin += 1,
                '\u{0400}'..='\u{052f}' => counts.cyrillic += 1,
                '\u{0600}'..='\u{06ff}' => counts.arabic += 1,
                '\u{0900}'..='\u{097f}' => counts.devanagari += 1,
                '\u{3040}'..='\u{30ff}' => counts.kana += 1,
                '\u{3400}'..='\u{9fff}' => counts.han += 1,
                _ => {
                    if let Some(at) = OWN.iter().position(|(first, last, _)| (*first..=*last).contains(&c)) {
                        counts.own[at] += 1;
                    }
                }
            }
        }
        counts
    }

    /// The language, where the script tells it.
    pub(super) fn by_script(&self, text: &str, prior: Option<&str>) -> Option<Language> {
        let most = |count: usize| count * 5 > self.letters * 2 && count > self.latin / 2;
        if most(self.kana + self.han) {
            return Some(if self.kana * 12 > self.han { found("ja", 0.99) } else { found("zh", 0.99) });
        }
        if let Some(at) = (0..OWN.len()).find(|&at| most(self.own[at])) {
            return Some(found(OWN[at].2, 0.99));
        }
        if most(self.cyrillic) {
            return Some(cyrillic(text, prior));
        }
        if most(self.arabic) {
            return Some(arabic(text, prior));
        }
        most(self.devanagari).then(|| match prior {
            Some(code @ ("hi" | "mr" | "ne" | "sa" | "kok" | "mai")) => found(code, 0.95),
            _ => classify(text, &["hi", "mr", "ne"]).unwrap_or_else(|| found("hi", 0.7)),
        })
    }
}

/// Letters that only one language of the script has decide; otherwise the prior, then the classifier.
fn cyrillic(text: &str, prior: Option<&str>) -> Language {
    const LETTERS: [(&str, &str); 6] =
        [("ў", "be"), ("їєґі", "uk"), ("ѓќѕ", "mk"), ("ђћ", "sr"), ("әғқұһ", "kk"), ("ңө", "ky")];
    if let Some((_, code)) = LETTERS.iter().find(|(letters, _)| any(text, letters)) {
        let own =
            prior.filter(|prior| matches!(*prior, "kk" | "ky" | "tt" | "mn" | "ba") && matches!(*code, "kk" | "ky"));
        return found(own.unwrap_or(code), 0.97);
    }
    if any(text, "јљњџ") {
        return found(if prior == Some("mk") { "mk" } else { "sr" }, 0.9);
    }
    if any(text, "ыэё") {
        return found(prior.filter(|code| matches!(*code, "be" | "mn" | "ky")).unwrap_or("ru"), 0.97);
    }
    match prior {
        Some(code @ ("ru" | "bg" | "uk" | "mk" | "sr")) => found(code, 0.9),
        // Bulgarian writes ъ every few words, Russian hardly ever
        _ if text.matches('ъ').count() * 80 >= text.chars().count().min(400) => found("bg", 0.9),
        _ => found("ru", 0.9),
    }
}

fn arabic(text: &str, prior: Option<&str>) -> Language {
    if any(text, "ٹڈڑےں") {
        found("ur", 0.97)
    } else if any(text, "پچژگ") {
        found(prior.filter(|code| matches!(*code, "fa" | "ps" | "ku" | "ckb" | "ug" | "ur")).unwrap_or("fa"), 0.9)
    } else {
        found(prior.filter(|code| matches!(*code, "fa" | "ur" | "ps")).unwrap_or("ar"), 0.95)
    }
}
