//! Names in languages without a trained tagger: runs of capitals that lists or the words around them explain. What nothing explains is no
//! name here, since in German every noun has a capital. Says so by lower confidence than the tagger.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::found::{Found, Reader};
use super::gazetteer::{CITY, COMPANY, COUNTRY, FIRST, GAZETTEER, KNOWN, Kinds, LAST, REGION};
use super::hash::text as hash;
use super::word::Case;
use crate::article::EntityKind;
use crate::stage::table;

/// Words of one kind in the data file.
struct Words {
    title: HashSet<&'static str>,
    body: HashSet<&'static str>,
    firm: HashSet<&'static str>,
    small: HashSet<&'static str>,
    within: HashSet<&'static str>,
    common: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let kind = |key: &str| table::group(include_str!("../../data/names/foreign.txt"), key).into_iter().collect();
    Words {
        title: kind("title"),
        body: kind("body"),
        firm: kind("firm"),
        small: kind("small"),
        within: kind("within"),
        common: kind("common"),
    }
});

/// Most words of a name.
const LONGEST: usize = 6;

/// Names of a text. Empty for scripts that have no capitals.
pub fn read(text: &Reader) -> Vec<Found> {
    let mut found = Vec::new();
    let mut surnames: HashSet<&str> = HashSet::new();
    let mut at = 0;
    while at < text.len() {
        if !is_capital(text, at) || loud(text, at) {
            at += 1;
            continue;
        }
        match run(text, at, &surnames) {
            Some(one) => {
                if one.kind == EntityKind::Person && one.end > one.start + 1 {
                    surnames.insert(text.token(one.end - 1));
                }
                at = one.end;
                found.push(one);
            }
            None => at += 1,
        }
    }
    found
}

fn is_capital(text: &Reader, at: usize) -> bool {
    Case::of(text.token(at)).is_capital()
}

/// Whether the words around are all printed in capitals, so that capitals tell nothing.
fn loud(text: &Reader, at: usize) -> bool {
    let from = at.saturating_sub(2);
    let near = (from..at + 3).map(|at| text.token(at)).filter(|token| token.chars().any(char::is_alphabetic));
    let (upper, all) =
        near.fold((0, 0), |(upper, all), token| (upper + u32::from(Case::of(token) == Case::Upper), all + 1));
    all >= 3 && upper == all
}

/// The name that begins at a token.
fn run(text: &Reader, at: usize, surnames: &HashSet<&str>) -> Option<Found> {
    let before = at.checked_sub(1).map_or("", |before| text.lower(before)).trim_end_matches('.');
    let opens = text.tokens.get(at).is_some_and(|token| token.opens);
    let (length, kinds) = GAZETTEER.longest((at..(at + LONGEST).min(text.len())).map(|at| hash(text.lower(at))));
    if let Some((kind, confidence)) = listed(text, at, length, kinds, before, opens) {
        return Some(Found::new(at, at + length, kind, None, confidence));
    }
    let end = named_office(text, at, end(text, at));
    let titled = WORDS.title.contains(before);
    if let Some(to) = person(text, at, end, titled) {
        return Some(Found::new(at, to, EntityKind::Person, None, if titled { 0.65 } else { 0.6 }));
    }
    if surnames.contains(text.token(at)) && end == at + 1 {
        return Some(Found::new(at, end, EntityKind::Person, None, 0.55));
    }
    organisation(text, at, end).map(|to| Found::new(at, to, EntityKind::Organisation, None, 0.5))
}

/// What stands on a list by itself. A town needs a word before it that goes with places, since many towns are also words.
fn listed(
    text: &Reader,
    at: usize,
    length: usize,
    kinds: Kinds,
    before: &str,
    opens: bool,
) -> Option<(EntityKind, f64)> {
    let word = text.lower(at);
    if length == 0 || (length == 1 && (WORDS.common.contains(word) || text.token(at).chars().count() < 2)) {
        return None;
    }
    let goes_on = is_capital(text, at + length) && text.language != "de";
    if kinds & COUNTRY != 0 && (length > 1 || text.token(at).chars().count() > 2) && !goes_on {
        return Some((EntityKind::Place, 0.75));
    }
    if kinds & KNOWN != 0 && kinds & (FIRST | LAST | CITY) == 0 && !goes_on && (!opens || length > 1) {
        return Some((EntityKind::Organisation, 0.65));
    }
    let placed = WORDS.within.contains(before);
    let town = kinds & CITY != 0 || (kinds & REGION != 0 && length > 1);
    if town && placed && !goes_on {
        return Some((EntityKind::Place, if kinds & (FIRST | LAST) == 0 { 0.65 } else { 0.55 }));
    }
    (kinds & COMPANY != 0 && length > 1 && !goes_on).then_some((EntityKind::Organisation, 0.5))
}

/// Token after the run of capitals that begins at `at`, with small words between them.
fn end(text: &Reader, at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && end - at < LONGEST && !opens(text, end) {
        if is_capital(text, end) {
            end += 1;
        } else if WORDS.small.contains(text.lower(end)) && is_capital(text, end + 1) && !opens(text, end + 1) {
            end += 2;
        } else {
            break;
        }
    }
    end
}

/// Where an office is named, `presidente del Consiglio Giorgia Meloni`, the name of its holder begins with the given name.
fn named_office(text: &Reader, at: usize, end: usize) -> usize {
    let small = |at: &usize| WORDS.small.contains(text.lower(*at));
    let Some(before) = (at.saturating_sub(3)..at).rev().find(|at| !small(at)) else { return end };
    if before + 1 == at || !WORDS.title.contains(text.lower(before)) {
        return end;
    }
    let given = |at: &usize| GAZETTEER.word(hash(text.lower(*at))) & FIRST != 0 && is_capital(text, at + 1);
    (at + 1..end).find(given).unwrap_or(end)
}

fn opens(text: &Reader, at: usize) -> bool {
    text.tokens.get(at).is_some_and(|token| token.opens)
}

/// A given name and what follows, or what follows a title.
fn person(text: &Reader, at: usize, end: usize, titled: bool) -> Option<usize> {
    let kinds = |at: usize| GAZETTEER.word(hash(text.lower(at)));
    let given = kinds(at) & FIRST != 0 && !WORDS.common.contains(text.lower(at));
    // "dell'Economia" begins small: an office, and the name stands behind it
    let begins = text.token(at).starts_with(char::is_uppercase);
    if !(given || titled) || !begins || Case::of(text.token(at)) == Case::Upper {
        return None;
    }
    // German goes on with nouns: two words, three where the second is a given name or an initial too
    let most = match text.language {
        "de" if is_capital(text, at + 1) && (kinds(at + 1) & FIRST != 0 || text.token(at + 1).ends_with('.')) => 3,
        "de" => 2,
        _ => 4,
    };
    let mut to = at + 1;
    let is_given = |at: usize| kinds(at) & FIRST != 0;
    // "Ortega y Gasset" is one person, "Pedro Ortega y Yolanda" are two; Dutch says behind a surname where somebody is from
    let parts = |to: usize| match text.lower(to) {
        "y" | "e" => is_given(to + 1),
        "van" => text.language == "nl" && to > at + 1 && !is_given(to - 1),
        _ => false,
    };
    while to < end && to - at < most && !parts(to) {
        to += if is_capital(text, to) { 1 } else { 2 };
    }
    let to = to.min(end);
    let body = (at..to).any(|at| WORDS.body.contains(text.lower(at)) || WORDS.firm.contains(text.lower(at)));
    let single = to == at + 1;
    (!body && (!single || (titled && text.token(at).len() > 2 && text.language != "de"))).then_some(to)
}

/// A run with a word of organisations in it.
fn organisation(text: &Reader, at: usize, end: usize) -> Option<usize> {
    let word = |at: usize| text.lower(at).trim_end_matches('.');
    if let Some(firm) = (at + 1..end).find(|at| WORDS.firm.contains(word(*at))) {
        // German nouns stand before the name with an article between: "der Umsatz der Ulmer Brücken AG"
        let other = text.language == "de" && (at..firm).any(|at| WORDS.common.contains(word(at)));
        return (!other).then_some(firm + 1);
    }
    let body = WORDS.body.contains(word(at)) && end > at + 1 && text.language != "de";
    let known = (at..end).any(|at| WORDS.body.contains(word(at))) && end > at + 1 && !opens(text, at);
    (body || (known && text.language != "de")).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, language: &str) -> Vec<(String, EntityKind)> {
        let tokens = crate::stage::meaning::entity::token::tokens(text);
        let reader = Reader::new(text, &tokens, language);
        let place = |found: &Found| text[tokens[found.start].start..tokens[found.end - 1].end].to_owned();
        read(&reader).into_iter().map(|found| (place(&found), found.kind)).collect()
    }

    #[test]
    fn names_that_lists_or_titles_explain() {
        use EntityKind::{Organisation, Person, Place};
        for (language, text, expected) in [
            ("de", "Gestern sprach Anna Schmidt in Hamburg.", vec![("Anna Schmidt", Person), ("Hamburg", Place)]),
            (
                "fr",
                "Le ministre Jean Dupont est venu en Allemagne.",
                vec![("Jean Dupont", Person), ("Allemagne", Place)],
            ),
            ("es", "Carmen García llegó a España.", vec![("Carmen García", Person), ("España", Place)]),
            ("it", "Il sindaco Marco Rossi vive in Italia.", vec![("Marco Rossi", Person), ("Italia", Place)]),
            ("pt", "A ministra Ana Silva viajou para Portugal.", vec![("Ana Silva", Person), ("Portugal", Place)]),
            (
                "nl",
                "Volgens Jan de Vries ligt Duitsland dichtbij.",
                vec![("Jan de Vries", Person), ("Duitsland", Place)],
            ),
            (
                "es",
                "Ayer Pedro Sánchez y Yolanda Díaz hablaron.",
                vec![("Pedro Sánchez", Person), ("Yolanda Díaz", Person)],
            ),
            ("es", "Ayer José Ortega y Gasset habló.", vec![("José Ortega y Gasset", Person)]),
            ("it", "Il presidente del Consiglio Giorgia Meloni parla.", vec![("Giorgia Meloni", Person)]),
            ("it", "Il ministro dell'Economia Giancarlo Rossi parla.", vec![("Giancarlo Rossi", Person)]),
            ("it", "Il ministro dell’Interno Matteo Rossi parla.", vec![("Matteo Rossi", Person)]),
            ("nl", "Minister Eelco Heinen van Financiën zweeg.", vec![("Eelco Heinen", Person)]),
            ("nl", "Gisteren sprak Robin van Persie.", vec![("Robin van Persie", Person)]),
            ("fr", "Il part en Côte d’Ivoire.", vec![("Côte d’Ivoire", Place)]),
            ("de", "Der Umsatz der Ulmer Brücken AG stieg.", vec![("Ulmer Brücken AG", Organisation)]),
            ("fr", "Selon la Banque Centrale du Nord, rien.", vec![("Banque Centrale du Nord", Organisation)]),
        ] {
            let expected: Vec<(String, EntityKind)> = expected.into_iter().map(|(n, k)| (n.to_owned(), k)).collect();
            assert_eq!(names(text, language), expected, "{text}");
        }
    }

    #[test]
    fn a_german_noun_is_no_name() {
        assert_eq!(names("Die Regierung hat am Montag ein neues Gesetz für Schulen und Lehrer gemacht.", "de"), []);
    }

    #[test]
    fn text_in_capitals_and_scripts_without_them_give_nothing() {
        assert_eq!(names("ALLE WORTE SIND HIER GROSS GESCHRIEBEN", "de"), []);
        assert_eq!(names("今日は東京で会議がありました。", "ja"), []);
    }
}
