//! The language of a text: the script first, then two small classifiers, with the page's own word for it as a prior.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table;
use crate::article::Language;

/// How much text is looked at, in characters. More adds time and no certainty.
const MAX_CHARACTERS: usize = 600;

/// Fewest letters from which a language is read without a prior.
const MIN_LETTERS: usize = 12;

/// ISO 639-1 code of a language tag such as `pt-BR`, `pt_BR`, `por` or `Portuguese`; `None` when it is none.
pub(super) fn code(tag: &str) -> Option<String> {
    let first = tag.trim().split(['-', '_', ',', ';', ' ']).next()?.to_ascii_lowercase();
    let code = match first.as_str() {
        "eng" | "english" => "en",
        "deu" | "ger" | "german" | "deutsch" => "de",
        "fra" | "fre" | "french" => "fr",
        "spa" | "spanish" => "es",
        "por" | "portuguese" => "pt",
        "ita" | "italian" => "it",
        "rus" | "russian" => "ru",
        "nb" | "nn" => "no",
        "iw" => "he",
        "in" => "id",
        two if two.len() == 2 && two.bytes().all(|b| b.is_ascii_lowercase()) => two,
        _ => return None,
    };
    Some(code.to_owned())
}

/// The country of a language tag such as `en-GB`.
pub(super) fn country(tag: &str) -> Option<String> {
    let country = tag.trim().split(['-', '_']).nth(1)?;
    (country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic())).then(|| country.to_ascii_uppercase())
}

/// The language of `text`; `prior` is what record or page claim.
pub(super) fn detect(text: &str, prior: Option<&str>) -> Option<Language> {
    let sample = sample(text);
    let counts = Scripts::of(sample);
    if counts.letters < MIN_LETTERS {
        return prior.map(|code| found(code, 0.5)).or_else(|| counts.by_script(sample, None));
    }
    counts.by_script(sample, prior).or_else(|| latin(sample, prior))
}

fn found(code: &str, confidence: f64) -> Language {
    Language { code: code.to_owned(), confidence }
}

fn sample(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

/// Letters of a text by script.
#[derive(Debug, Default)]
struct Scripts {
    letters: usize,
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
    fn of(text: &str) -> Scripts {
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

    fn by_script(&self, text: &str, prior: Option<&str>) -> Option<Language> {
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

fn any(text: &str, letters: &str) -> bool {
    text.chars().any(|c| letters.contains(c))
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
fn latin(text: &str, prior: Option<&str>) -> Option<Language> {
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
    let lines = table::groups(include_str!("../data/language-words.txt"));
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

/// The classifier's answer when it is one of `codes`.
fn classify(text: &str, codes: &[&str]) -> Option<Language> {
    let info = whatlang::detect(text)?;
    let code = iso(info.lang())?;
    codes.contains(&code).then(|| found(code, info.confidence().max(0.6)))
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

fn iso(language: whatlang::Lang) -> Option<&'static str> {
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
    fn languages_of_many_scripts() {
        for (text, code) in [
            ("The council said on Monday that the bridge would stay closed until spring.", "en"),
            ("Der Stadtrat teilte am Montag mit, dass die Brücke bis zum Frühjahr gesperrt bleibt.", "de"),
            ("Le conseil a annoncé lundi que le pont resterait fermé jusqu'au printemps.", "fr"),
            ("Rada poinformowała w poniedziałek, że most pozostanie zamknięty do wiosny.", "pl"),
            ("Rada v pondělí oznámila, že most zůstane uzavřen až do jara příštího roku.", "cs"),
            ("A tanács hétfőn közölte, hogy a híd tavaszig zárva marad az autósok előtt.", "hu"),
            ("Совет сообщил в понедельник, что мост останется закрытым до весны.", "ru"),
            ("Рада повідомила в понеділок, що міст залишиться закритим до весни.", "uk"),
            ("Съветът съобщи в понеделник, че мостът ще остане затворен до пролетта.", "bg"),
            ("Το συμβούλιο ανακοίνωσε τη Δευτέρα ότι η γέφυρα θα μείνει κλειστή.", "el"),
            ("市议会周一表示，这座桥将关闭到明年春天，司机需要绕行。", "zh"),
            ("市議会は月曜日、橋を春まで閉鎖すると発表した。", "ja"),
            ("시의회는 월요일 다리를 봄까지 폐쇄한다고 밝혔다.", "ko"),
            ("قال المجلس يوم الاثنين إن الجسر سيبقى مغلقا حتى الربيع.", "ar"),
            ("شورا روز دوشنبه گفت که پل تا بهار بسته می‌ماند و چراغ‌ها خاموش‌اند.", "fa"),
            ("המועצה הודיעה ביום שני כי הגשר יישאר סגור עד האביב.", "he"),
        ] {
            assert_eq!(detect(text, None).map(|language| language.code).as_deref(), Some(code), "{text}");
        }
        assert_eq!(detect("", None), None);
        assert_eq!(detect("", Some("sv")).map(|language| language.code).as_deref(), Some("sv"));
    }

    #[test]
    fn no_common_word_stands_for_two_languages() {
        let count: usize =
            table::groups(include_str!("../data/language-words.txt")).map(|(_, words)| words.len()).sum();
        assert_eq!(count, WORDS.len());
    }

    #[test]
    fn tags_to_codes() {
        assert_eq!(code("pt-BR").as_deref(), Some("pt"));
        assert_eq!(code("en_US").as_deref(), Some("en"));
        assert_eq!(code("nb-NO").as_deref(), Some("no"));
        assert_eq!(code("x-default"), None);
        assert_eq!(country("en-GB").as_deref(), Some("GB"));
        assert_eq!(country("zh-Hans"), None);
    }
}
