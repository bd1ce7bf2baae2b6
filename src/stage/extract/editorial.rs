//! Wire markers: at the head of a headline (`UPDATE 2-`, `CORRECTED-`), in header lines (`3rd Ld-Writethru`), in sentences
//! (`has been corrected`). They tell what follows what; the reader never sees them.

pub(super) mod mark;
mod slug;
pub(super) mod withdrawal;

pub(super) use slug::is_slug;

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::article::{Editorial, EditorialKind};
use crate::stage::table;

const MARKERS: &str = include_str!("../data/markers.txt");
const PHRASES: &str = include_str!("../data/marker-phrases.txt");

/// Most markers before one headline.
const MAX_MARKERS: usize = 4;

/// Longest note kept, in characters.
const MAX_NOTE: usize = 600;

/// A marker: an editorial kind or a genre.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Marker {
    Kind(EditorialKind),
    Genre(&'static str),
}

static TABLE: LazyLock<HashMap<&'static str, Marker>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for (key, words) in table::groups(MARKERS) {
        let marker = match key.strip_prefix("genre-") {
            Some(genre) => Some(Marker::Genre(genre)),
            None => kind(key).map(Marker::Kind),
        };
        for word in words {
            marker.map(|marker| table.insert(word, marker));
        }
    }
    table
});

fn kind(key: &str) -> Option<EditorialKind> {
    Some(match key {
        "update" => EditorialKind::Update,
        "correction" => EditorialKind::Correction,
        "refile" => EditorialKind::Refile,
        "repeat" => EditorialKind::Repeat,
        "writethru" => EditorialKind::Writethru,
        "advisory" => EditorialKind::Advisory,
        "withdrawal" => EditorialKind::Withdrawal,
        _ => return None,
    })
}

/// A headline without its markers, and what they said.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Marked<'t> {
    pub headline: &'t str,
    pub editorial: Option<Editorial>,
    pub genre: Option<&'static str>,
}

/// Takes the markers off a headline. The first editorial kind counts; a correction outranks the rest.
pub(super) fn headline(text: &str) -> Marked<'_> {
    let mut marked = Marked { headline: without_wire(text.trim()), ..Marked::default() };
    if let Some(before) = corrected_at_the_end(marked.headline) {
        marked.headline = before;
        marked.editorial = Some(Editorial { kind: EditorialKind::Correction, sequence: None, note: None });
    }
    for _ in 0..MAX_MARKERS {
        let Some((marker, number, rest)) = marker(marked.headline) else { break };
        marked.headline = rest;
        match marker {
            Marker::Genre(genre) => marked.genre = marked.genre.or(Some(genre)),
            Marker::Kind(kind) => {
                let before = marked.editorial.take();
                let kind = before
                    .as_ref()
                    .map(|before| before.kind)
                    .filter(|before| rank(*before) >= rank(kind))
                    .unwrap_or(kind);
                let sequence = before.and_then(|before| before.sequence).or(number);
                marked.editorial = Some(Editorial { kind, sequence, note: None });
            }
        }
    }
    marked
}

/// `RTRS-UPDATE 1-Bridge closed` without the name of its wire.
fn without_wire(text: &str) -> &str {
    static WIRES: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "wire"));
    WIRES.iter().find_map(|wire| text.strip_prefix(wire)).map_or(text, str::trim_start)
}

fn rank(kind: EditorialKind) -> u8 {
    match kind {
        EditorialKind::Withdrawal => 3,
        EditorialKind::Correction => 2,
        EditorialKind::Update | EditorialKind::Writethru | EditorialKind::Refile => 1,
        EditorialKind::Repeat | EditorialKind::Advisory => 0,
    }
}

/// The marker at the head, its number, and what follows. A marker stands in brackets or ends in a dash or a colon, a number
/// may follow its word.
fn marker(text: &str) -> Option<(Marker, Option<u32>, &str)> {
    let ends = |(at, c): (usize, char)| if text.starts_with('(') { c == ')' } else { ends_marker(text, at, c) };
    let (end, sign) = text.char_indices().take(40).find(|(at, c)| ends((*at, *c)))?;
    let word = text[..end].trim_start_matches('(').trim_end_matches(['.', ' ']);
    let rest = text[end..].trim_start_matches(|c: char| c.is_whitespace() || "-–—:|*)".contains(c));
    if rest.is_empty() {
        return None;
    }
    let (word, number) = match word.rsplit_once(' ') {
        Some((before, digits)) if digits.len() <= 3 => match digits.parse() {
            Ok(number) => (before, Some(number)),
            Err(_) => (word, None),
        },
        _ => (word, None),
    };
    TABLE.get(word).copied().or_else(|| spoken(word, sign)).map(|marker| (marker, number, rest))
}

/// `Factbox:` or `Correction:` in usual letters: only the kinds that no headline begins with otherwise.
fn spoken(word: &str, sign: char) -> Option<Marker> {
    static CORRECTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "spoken"));
    let title = word.chars().skip(1).all(char::is_lowercase);
    let marker = TABLE.get(word.to_uppercase().as_str()).filter(|_| title).copied()?;
    match marker {
        Marker::Genre("exclusive" | "factbox" | "analysis" | "explainer") if sign == ':' => Some(marker),
        Marker::Kind(EditorialKind::Correction) if CORRECTS.contains(&word.to_lowercase().as_str()) => {
            (sign == ':' || sign == ')').then_some(marker)
        }
        Marker::Genre(_) | Marker::Kind(_) => None,
    }
}

/// `Bridge closed (CORRECTED)`, `US--Bridge, CORRECTIVE`: the headline before a marker of correction that ends it.
fn corrected_at_the_end(text: &str) -> Option<&str> {
    let (before, word) = match text.strip_suffix(')') {
        Some(open) => open.rsplit_once('(')?,
        None => text.rsplit_once(", ")?,
    };
    let corrects = TABLE.get(word.trim()) == Some(&Marker::Kind(EditorialKind::Correction));
    let before = before.trim_end();
    (corrects && !before.is_empty()).then_some(before)
}

/// A dash or colon ends a marker, unless it stands inside one (`FACT-CHECK`, `CORRECTED-UPDATE`).
fn ends_marker(text: &str, at: usize, c: char) -> bool {
    match c {
        ':' | '–' | '—' | '|' => true,
        '-' => {
            let word = &text[..at];
            let longer = TABLE.keys().any(|key| key.len() > at && key.starts_with(word) && text.starts_with(key));
            !longer
        }
        _ => false,
    }
}

static SENTENCES: LazyLock<Option<(AhoCorasick, Vec<EditorialKind>)>> = LazyLock::new(|| {
    let entries: Vec<(&str, EditorialKind)> = table::groups(PHRASES)
        .flat_map(|(key, phrases)| phrases.into_iter().filter_map(move |phrase| Some((phrase, kind(key)?))))
        .collect();
    let mut search = AhoCorasick::builder();
    let search = search.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
    let search = search.build(entries.iter().map(|(phrase, _)| *phrase)).ok()?;
    Some((search, entries.into_iter().map(|(_, kind)| kind).collect()))
});

/// What a block near the beginning or the end says of the version: a correction or a withdrawal, or a wire header.
pub(super) fn block(text: &str) -> Option<Editorial> {
    if let Some(header) = slug::header(text) {
        return Some(header);
    }
    let (search, kinds) = SENTENCES.as_ref()?;
    // a long paragraph only mentions such a thing
    if text.len() > 2 * MAX_NOTE {
        return None;
    }
    let found = search.find(text)?;
    let before = text[..found.start()].chars().next_back();
    if before.is_some_and(char::is_alphanumeric) || !speaks_of_itself(text) {
        return None;
    }
    Some(Editorial { kind: kinds[found.pattern()], sequence: None, note: Some(text.chars().take(MAX_NOTE).collect()) })
}

/// True when a sentence speaks of the story it stands in, not of a thing corrected or withdrawn in the news.
fn speaks_of_itself(text: &str) -> bool {
    static WORDS: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| table::group(include_str!("../data/self-words.txt"), "word"));
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> String {
        let marked = headline(text);
        let editorial = marked.editorial.map_or("-".to_owned(), |editorial| {
            format!("{:?}{}", editorial.kind, editorial.sequence.map_or(String::new(), |n| format!(" {n}")))
        });
        format!("{} | {editorial} | {}", marked.headline, marked.genre.unwrap_or("-"))
    }

    #[test]
    fn markers_leave_the_headline() {
        let cases: Vec<_> = table::lines(include_str!("editorial/cases.txt")).collect();
        assert!(cases.len() >= 60, "{}", cases.len());
        let mut wrong = Vec::new();
        for case in &cases {
            let (expected, text) = case.rsplit_once(" | ").unwrap();
            let found = short(text);
            if found != expected {
                wrong.push(format!("{text}: {found}, not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
        assert_eq!(short(""), " | - | -");
    }

    #[test]
    fn headers_and_sentences() {
        let kind = |text| block(text).map(|editorial| (editorial.kind, editorial.sequence));
        assert_eq!(kind("AM-Bridge Closing, 3rd Ld-Writethru, a0598,1306"), Some((EditorialKind::Writethru, Some(3))));
        assert_eq!(
            kind("This story has been corrected to show that the bridge is open."),
            Some((EditorialKind::Correction, None))
        );
        assert_eq!(
            kind("An earlier version of this article misspelled the name of the bridge."),
            Some((EditorialKind::Correction, None))
        );
        assert_eq!(
            kind("• This article was amended on 4 March 2026. An earlier version named the wrong bridge."),
            Some((EditorialKind::Correction, None))
        );
        assert_eq!(kind("The bridge act was amended on 4 March 2026."), None);
        assert_eq!(kind("This story has been withdrawn."), Some((EditorialKind::Withdrawal, None)));
        assert_eq!(kind("BC-Bridge Closing, 1st Ld-Writethru,0512"), Some((EditorialKind::Writethru, Some(1))));
        assert_eq!(kind("Eds: Corrects name of the bridge in paragraph 3."), Some((EditorialKind::Correction, None)));
        assert_eq!(
            kind("The story headlined Bridge closed has been withdrawn. Please disregard the story."),
            Some((EditorialKind::Withdrawal, None))
        );
        assert_eq!(
            kind("EDITORS: Kill the story slugged Bridge Closing; no substitute story will be issued."),
            Some((EditorialKind::Withdrawal, None))
        );
        for text in [
            "(Corrects number of ferries in paragraph 2 to three, not two)",
            "Eds: CORRECTS number of ferries in 2nd graf.",
            "Clarification: The bridge in this story belongs to the county.",
            "In a story published May 3, the desk erroneously reported the length of the bridge.",
            "A corrected version of the story is below:",
            "(Berichtigung: Im ersten Absatz muss es acht Brücken heißen.)",
            "(Corrige le montant au 1er paragraphe)",
        ] {
            assert_eq!(kind(text), Some((EditorialKind::Correction, None)), "{text}");
        }
        assert_eq!(kind("The mayor erroneously reported the bridge as open."), None);
        assert_eq!(kind("Dieser Artikel wurde korrigiert."), Some((EditorialKind::Correction, None)));
        assert_eq!(kind("La dépêche est annulée."), Some((EditorialKind::Withdrawal, None)));
        assert_eq!(kind("The candidate's nomination has been withdrawn."), None);
        assert_eq!(kind("The bridge is open."), None);
    }

    #[test]
    fn markers_are_told_apart() {
        let count: usize = table::groups(MARKERS).map(|(_, words)| words.len()).sum();
        assert_eq!(count, TABLE.len(), "a marker stands twice");
    }
}
