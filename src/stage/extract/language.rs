//! The language of a text: the script first, then two small classifiers, with the page's own word for it as a prior.

mod latin;
mod script;

use std::sync::LazyLock;

use crate::article::Language;
use crate::stage::quick::Map;
use crate::stage::table;
use latin::{iso, latin};
use script::Scripts;

/// How much text is looked at, in characters. More adds time and no certainty.
const MAX_CHARACTERS: usize = 600;

/// Fewest letters from which a language is read without a prior.
const MIN_LETTERS: usize = 12;

/// Codes and names of languages, to the codes used here.
static CODES: LazyLock<Map<&'static str, &'static str>> = LazyLock::new(|| {
    let groups = table::groups(include_str!("../data/language-codes.txt"));
    groups.flat_map(|(code, forms)| forms.into_iter().map(move |form| (form, code))).collect()
});

/// ISO 639-1 code of a language tag such as `pt-BR`, `pt_BR`, `por` or `Portuguese`; `None` when it is none.
pub(super) fn code(tag: &str) -> Option<String> {
    let first = tag.trim().split(['-', '_', ',', ';', ' ']).next()?.to_ascii_lowercase();
    let two = first.len() == 2 && first.bytes().all(|b| b.is_ascii_lowercase());
    CODES.get(first.as_str()).map(|code| (*code).to_owned()).or(two.then_some(first))
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

fn any(text: &str, letters: &str) -> bool {
    text.chars().any(|c| letters.contains(c))
}

/// The classifier's answer when it is one of `codes`.
fn classify(text: &str, codes: &[&str]) -> Option<Language> {
    let info = whatlang::detect(text)?;
    let code = iso(info.lang())?;
    codes.contains(&code).then(|| found(code, info.confidence().max(0.6)))
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
    fn tags_to_codes() {
        assert_eq!(code("pt-BR").as_deref(), Some("pt"));
        assert_eq!(code("en_US").as_deref(), Some("en"));
        assert_eq!(code("nb-NO").as_deref(), Some("no"));
        assert_eq!(code("German").as_deref(), Some("de"));
        assert_eq!(code("x-default"), None);
        assert_eq!(country("en-GB").as_deref(), Some("GB"));
        assert_eq!(country("zh-Hans"), None);
    }
}
