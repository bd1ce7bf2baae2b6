//! The language of a text in Latin script: two small classifiers, common words, letters, and the page's own word for it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{any, found};
use crate::article::Language;
use crate::stage::table;

/// The languages whichlang was trained on, Latin script.
const WHICHLANG: [&str; 10] = ["en", "de", "fr", "es", "pt", "it", "nl", "sv", "tr", "vi"];

/// Letters that whichlang's own languages do not use, and who does.
const ALPHABET: [(&str, &[&str]); 8] = [
    ("łąęśźż", &["pl", "lt"]),
    ("řůě", &["cs"]),
    ("őű", &["hu"]),
    ("șțăşţ", &["ro", "tr"]),
    ("æø", &["da", "no"]),
    ("čšžđć", &["hr", "sl", "sk", "cs", "lt", "lv", "et"]),
    ("āēīūģķļņ", &["lv"]),
    ("ėįų", &["lt"]),
];

/// whichlang decides among its own languages; a letter that only Polish has speaks for Polish; whatlang may add a language of its
/// own, if letters, common words or its own certainty speak for it; the prior decides between the two, and in the end the common
/// words.
pub(super) fn latin(text: &str, prior: Option<&str>) -> Option<Language> {
    let words = CommonWords::of(text);
    let by_words = words.most();
    let which = whichlang_code(whichlang::detect_language(text));
    if by_words == Some(which) {
        return Some(found(which, 0.99));
    }
    if words.count(which) == 0 && any(text, POLISH) {
        return Some(found("pl", 0.9));
    }
    let what = whatlang::detect(text);
    let own = what.as_ref().and_then(|info| iso(info.lang()));
    let sure = what.as_ref().is_some_and(|info| info.is_reliable() && info.confidence() > 0.5);
    if own == Some(which) {
        return Some(found(which, 0.99));
    }
    if let Some(code) = by_words.filter(|code| own == Some(*code) || prior == Some(*code) || in_alphabet(text, code)) {
        return Some(found(code, 0.95));
    }
    let foreign = own.filter(|code| !WHICHLANG.contains(code) && *code != "af");
    if let Some(code) = foreign.filter(|code| sure || in_alphabet(text, code) || prior == Some(*code)) {
        return Some(found(code, 0.85));
    }
    if let Some(prior) = prior.filter(|prior| *prior == which || own == Some(*prior)) {
        return Some(found(prior, 0.9));
    }
    // a language no classifier knows: the page's word is all there is
    let unknown = prior.filter(|code| !WHICHLANG.contains(code) && !KNOWN.contains(code));
    Some(unknown.map_or_else(
        || words.outnumbering(which).or(by_words).map_or_else(|| found(which, 0.75), |code| found(code, 0.7)),
        |code| found(code, 0.6),
    ))
}

/// Letters of Polish that no other language of whatlang's or whichlang's has.
const POLISH: &str = "łŁśŚźŹżŻ";

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = table::groups(include_str!("../../data/language-words.txt"));
    lines.flat_map(|(code, words)| words.into_iter().map(move |word| (word, code))).collect()
});

/// How many common words of each language a text has.
struct CommonWords {
    counts: Vec<(&'static str, usize)>,
    words: usize,
}

impl CommonWords {
    /// Capitalised words are names as often as not; only the first word of the text may have one.
    fn of(text: &str) -> CommonWords {
        let mut found = CommonWords { counts: Vec::new(), words: 0 };
        let mut lower = String::new();
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            found.words += 1;
            lower.clear();
            if found.words == 1 {
                lower.extend(word.chars().flat_map(char::to_lowercase));
            }
            let word = if lower.is_empty() { word } else { &lower };
            let Some(code) = WORDS.get(word) else { continue };
            match found.counts.iter_mut().find(|(known, _)| known == code) {
                Some((_, count)) => *count += 1,
                None => found.counts.push((code, 1)),
            }
        }
        found
    }

    fn count(&self, code: &str) -> usize {
        self.counts.iter().find(|(known, _)| *known == code).map_or(0, |(_, count)| *count)
    }

    /// The language whose common words make up a good part of the text.
    fn most(&self) -> Option<&'static str> {
        let (code, count) = self.counts.iter().max_by_key(|(_, count)| *count)?;
        (count * 9 >= self.words).then_some(code)
    }

    /// A language that has more common words in the text than `other` and than all the rest together.
    fn outnumbering(&self, other: &str) -> Option<&'static str> {
        let (code, count) = self.counts.iter().max_by_key(|(_, count)| *count)?;
        let rest: usize = self.counts.iter().map(|(_, count)| count).sum::<usize>() - count;
        (*code != other && *count > rest && count * 25 >= self.words).then_some(code)
    }
}

fn in_alphabet(text: &str, code: &str) -> bool {
    ALPHABET
        .iter()
        .any(|(letters, codes)| codes.contains(&code) && text.chars().filter(|c| letters.contains(*c)).count() >= 2)
}

fn whichlang_code(language: whichlang::Lang) -> &'static str {
    use whichlang::Lang;
    match language {
        Lang::Ara => "ar",
        Lang::Cmn => "zh",
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Hin => "hi",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
    }
}

/// Latin-script languages whatlang tells apart besides whichlang's.
const KNOWN: [&str; 16] =
    ["af", "az", "ca", "cs", "cy", "da", "et", "fi", "hr", "hu", "id", "lt", "lv", "no", "pl", "ro"];

pub(super) fn iso(language: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match language {
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Pol => "pl",
        Lang::Slv => "sl",
        Lang::Nld => "nl",
        Lang::Tur => "tr",
        Lang::Srp => "sr",
        Lang::Hrv => "hr",
        Lang::Ron => "ro",
        Lang::Hun => "hu",
        Lang::Bul => "bg",
        Lang::Ces => "cs",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Cat => "ca",
        Lang::Slk => "sk",
        Lang::Mkd => "mk",
        Lang::Bel => "be",
        Lang::Hin => "hi",
        Lang::Mar => "mr",
        Lang::Nep => "ne",
        Lang::Afr => "af",
        Lang::Aze => "az",
        Lang::Epo => "eo",
        Lang::Tgl => "tl",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_common_word_stands_for_two_languages() {
        let count: usize =
            table::groups(include_str!("../../data/language-words.txt")).map(|(_, words)| words.len()).sum();
        assert_eq!(count, WORDS.len());
    }
}
