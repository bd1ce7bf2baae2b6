//! Whether a paragraph ends in the mark of who sent or wrote it: `… gemacht. (dpa)`, `… deux heures (avec AFP)`, `… both states. –
//! Bernama`. What stands before the mark is a sentence of the story, though its last sign is no full stop. The name of a picture's
//! maker is no such mark.

use super::measure::{ends_sentence, is_stop, weight};
use super::phrase;
use crate::article::DropReason;
use crate::stage::extract::is_agency;

/// Weight from which on a text can be a signed paragraph.
const LEAST: u32 = 40;
/// Bytes and words of a mark at most.
const LONGEST: usize = 48;
const WORDS: usize = 5;
/// Letters from which on a word before a full stop is none of an abbreviation.
const WORD: usize = 4;
/// Letters of a writer's or a desk's short name at most, and of a word like "with".
const LETTERS: usize = 4;

/// True when `text` ends in such a mark.
pub(super) fn is_signed(text: &str) -> bool {
    let text = text.trim_end();
    let marked = match text.strip_suffix(')') {
        Some(text) => text.rsplit_once('(').is_some_and(|(before, mark)| {
            let signs = if ends_sentence(before) { is_agencys(mark) || is_letters(mark) } else { is_bare(mark) };
            signs && !is_of_picture(mark)
        }),
        None => after_sentence(text).is_some_and(|mark| is_bare(mark) || is_end(mark)),
    };
    marked && weight(text) >= LEAST
}

/// What stands behind the last sentence: `– Bernama`.
fn after_sentence(text: &str) -> Option<&str> {
    let (at, stop) = text.char_indices().rev().take(LONGEST).find(|(_, c)| is_stop(*c))?;
    let word = text[..at].rsplit(' ').next().unwrap_or_default();
    if word.chars().count() < WORD {
        return None; // an abbreviation: "fot. AFP"
    }
    let mark = text[at + stop.len_utf8()..].trim_start_matches(['"', '”', '“', '»', '«', '’', '\'']);
    mark.starts_with(' ').then(|| mark.trim_start_matches([' ', '-', '–', '—']))
}

fn parts(mark: &str) -> impl Iterator<Item = &str> {
    mark.split([' ', '/', ',', ';', '-']).filter(|part| !part.is_empty())
}

/// A few words, one of them an agency: `Mit Material von dpa`.
fn is_agencys(mark: &str) -> bool {
    mark.len() <= LONGEST && parts(mark).count() <= WORDS && (is_agency(mark) || parts(mark).any(is_agency))
}

/// An agency, and beside it no more than other agencies and short words: `dpa/jt`, `avec AFP`, `PTI COR`.
fn is_bare(mark: &str) -> bool {
    is_agencys(mark) && (is_agency(mark) || parts(mark).all(|part| is_agency(part) || part.chars().count() <= LETTERS))
}

/// A writer's letters: `jt`, `jt/mk`.
fn is_letters(mark: &str) -> bool {
    mark.len() <= 2 * LETTERS + 1
        && mark
            .split('/')
            .all(|part| (2..=LETTERS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase()))
}

fn is_of_picture(mark: &str) -> bool {
    mark.split([' ', '/', ':', '-'])
        .any(|part| matches!(phrase::reason(part), Some(DropReason::Caption | DropReason::Control)))
}

/// A word that some agencies print where their story ends.
fn is_end(mark: &str) -> bool {
    mark.len() <= LONGEST && phrase::reason(mark) == Some(DropReason::Credit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::{Anchors, page, text};
    use crate::stage::html::{Budget, parse};

    const STORY: [&str; 2] = [
        "Der Hafenrat hat am Montagabend beschlossen, den alten Kran noch zehn Jahre zu behalten. Das teilte er mit.",
        "Die Bürgermeisterin hatte ihn verkaufen wollen. Sie sagte nach der Abstimmung, sie suche das Geld anderswo.",
    ];

    #[test]
    fn a_signed_paragraph_ends_like_a_sentence() {
        let said = "Das Dach der Schule ist seit drei Wintern undicht.";
        for mark in [
            "(dpa)",
            "(dpa/jt)",
            "(jt)",
            "(mit dpa)",
            "(Mit Material von dpa)",
            "– Bernama",
            "XINHUA, AFP",
            "PTI COR",
            "Enditem",
        ] {
            let signed = format!("{said} {mark}");
            assert!(is_signed(&signed), "{mark}");
            let html =
                format!("<main><h1>Kran bleibt</h1><p>{}</p><p>{}</p><p>{signed}</p></main>", STORY[0], STORY[1]);
            let [one, two] = STORY;
            let story = [one, two, signed.as_str()];
            assert_eq!(page(&parse(&html, &Budget::default()).unwrap(), &Anchors::default()).paragraphs, story);
            assert_eq!(text(&story.join("\n\n"), None).paragraphs, story);
        }
        assert!(is_signed("La circulation sur le port a été coupée deux heures (avec AFP)"));
    }

    #[test]
    fn pictures_headlines_and_asides_are_not_signed() {
        for text in [
            "Der alte Kran im Hafen am Montagabend vor dem Beschluss. (Foto: dpa)",
            "Der alte Kran im Hafen am Montagabend vor dem Beschluss. (dpa-Foto)",
            "Port of the islands opens its gates to the navy after storm (Update)",
            "Harbour council keeps crane, to the delight of sailors. Read more",
            "Kran bleibt. (dpa)",
            "Stary dźwig w porcie w poniedziałek wieczorem przed głosowaniem, fot. AFP",
        ] {
            assert!(!is_signed(text), "{text}");
        }
    }
}
