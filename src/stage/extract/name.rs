//! Names of people as bylines and credits print them: where one ends, what is a role, what is no person at all.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

mod cut;
mod field;
mod glue;
mod makers;
mod person;

use super::{agency, date};
use crate::article::Author;
use crate::stage::quick::{Map, Set};
use crate::stage::table;
use crate::stage::text::head;
use cut::cut;
pub(super) use person::{is_article, is_family, is_given, is_outlet, is_person, is_staff_word, recase, tidy};
pub(super) use {field::names_authors, glue::apart, makers::is_makers};

const WORDS: &str = include_str!("../data/bylines.txt");

/// Longest byline read, in bytes. Longer: a paragraph is taken for a byline.
const MAX_BYLINE: usize = 400;

/// Most people in one byline. More is a list of contributors or an attack; the rest is left out.
const MAX_PEOPLE: usize = 24;

/// The lists of bylines.txt.
pub(super) struct Words {
    /// Longest first, by their first character.
    lead: Map<char, Vec<&'static str>>,
    pub label: Set<&'static str>,
    source: Vec<&'static str>,
    joint: Set<&'static str>,
    short: Set<&'static str>,
    particle: Set<&'static str>,
    prefix: Vec<&'static str>,
    staff: Set<&'static str>,
    outlet: Set<&'static str>,
    role: Set<&'static str>,
    quality: Set<&'static str>,
    newsroom: Set<&'static str>,
    pub tail: Set<&'static str>,
    degree: Set<&'static str>,
    title: Set<&'static str>,
    pub far: Set<&'static str>,
    pub work: Vec<&'static str>,
    pub wire: Set<&'static str>,
    article: Set<&'static str>,
    house: Vec<&'static str>,
    picture: Set<&'static str>,
    pub signoff: Vec<&'static str>,
    other: Option<AhoCorasick>,
}

pub(super) static LISTS: LazyLock<Words> = LazyLock::new(|| {
    let set = |key| table::group(WORDS, key).into_iter().collect();
    let mut phrases = table::group(WORDS, "lead");
    phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    let mut lead: Map<char, Vec<&'static str>> = Map::default();
    for phrase in phrases {
        phrase.chars().next().into_iter().for_each(|first| lead.entry(first).or_default().push(phrase));
    }
    Words {
        lead,
        label: set("label"),
        source: table::group(WORDS, "source"),
        joint: set("joint"),
        short: set("short"),
        particle: set("particle"),
        prefix: table::group(WORDS, "prefix"),
        staff: set("staff"),
        outlet: set("outlet"),
        role: set("role"),
        quality: set("quality"),
        newsroom: set("newsroom"),
        tail: set("tail"),
        degree: set("degree"),
        title: set("title"),
        far: set("far"),
        work: table::group(WORDS, "work"),
        wire: set("wire"),
        article: set("article"),
        house: table::group(WORDS, "house"),
        picture: set("picture"),
        signoff: table::group(WORDS, "signoff"),
        other: AhoCorasick::builder().ascii_case_insensitive(true).build(table::group(WORDS, "other")).ok(),
    }
});

/// A byline's part: a person, a role of the person before it, or something else (an organisation, a phrase).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Person(Author),
    Role(String),
    Other(String),
}

/// The people of a byline, in order, each once; the words before the names (`By`) are taken off first.
pub(super) fn people(byline: &str) -> Vec<Author> {
    let mut people: Vec<Author> = Vec::new();
    let parts = parts(byline);
    // "Le Figaro avec AFP": what shares a piece with an agency and is called like a newspaper is one
    let wired = parts.iter().any(|part| matches!(part, Part::Other(text) if agency::named(text).is_some()));
    for part in parts {
        match part {
            Part::Person(author) if wired && person::begins_outlet(&author.name) => {}
            Part::Person(author) => {
                let known = people.iter().any(|other| same(&other.name, &author.name));
                if !known && people.len() < MAX_PEOPLE {
                    people.push(author);
                }
            }
            Part::Role(role) => {
                if let Some(last) = people.last_mut() {
                    last.role.get_or_insert(role);
                }
            }
            // "Ann Example (Text), Bob Sample (Fotos)"
            Part::Other(text) if people.len() > 1 && LISTS.picture.contains(text.to_lowercase().as_str()) => {
                people.pop();
            }
            Part::Other(_) => {}
        }
    }
    people
}

/// True when two printed names are one person's.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

/// The parts of a byline between its commas, dashes and joining words.
pub(super) fn parts(byline: &str) -> Vec<Part> {
    let marks = |c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}');
    let text = head(byline.trim_matches(marks), MAX_BYLINE);
    field::parts(text).unwrap_or_else(|| pieces(own(without_lead(text).1)))
}

fn pieces(text: &str) -> Vec<Part> {
    split(text).into_iter().flat_map(field::whole_names).map(part).collect()
}

/// A byline up to the names of those who did something else to the piece: `Ann Example, Reviewed by Bob Sample`.
fn own(text: &str) -> &str {
    let found = LISTS.other.as_ref().into_iter().flat_map(|other| other.find_iter(text));
    let whole = |at: usize| !text[..at].ends_with(char::is_lowercase) || text[at..].starts_with(char::is_uppercase);
    found.map(|found| found.start()).find(|at| whole(*at)).map_or(text, |at| &text[..at])
}

/// A byline without the words before its names, and which words those were.
pub(super) fn without_lead(text: &str) -> (Option<&'static str>, &str) {
    let first = text.chars().next().and_then(|c| c.to_lowercase().next());
    for lead in first.and_then(|first| LISTS.lead.get(&first)).into_iter().flatten() {
        if let Some(rest) = strip_prefix_lower(text, lead) {
            let rest_trimmed = rest.trim_start_matches([':', ' ', '\u{a0}']);
            let glued = rest_trimmed.len() == rest.len();
            // "BySaima": only where the next letter is a capital; "Byron" stays whole
            let cased = text.chars().nth(lead.chars().count()).is_some_and(char::is_uppercase)
                && text.chars().nth(lead.chars().count().saturating_sub(1)).is_some_and(char::is_lowercase);
            // "Di Maria" and "Von Example" are names: one word behind a foreign "by" is too little
            let enough = lead.contains("by") || rest.starts_with(':') || !rest_trimmed.contains(char::is_uppercase);
            let enough = enough || rest_trimmed.split_whitespace().nth(1).is_some();
            if rest.is_empty() || enough && (!glued || cased) {
                return (Some(lead), rest_trimmed);
            }
        }
    }
    if let Some((label, rest)) = text.split_once([':', '：'])
        && LISTS.label.contains(label.trim().to_lowercase().as_str())
    {
        return (Some("by"), rest.trim_start());
    }
    (None, text)
}

/// True for a word that stands before names.
fn is_lead(word: &str) -> bool {
    let lower = word.to_lowercase();
    let leads = lower.chars().next().and_then(|first| LISTS.lead.get(&first));
    leads.is_some_and(|leads| leads.contains(&lower.as_str()))
}

/// `text` without `prefix`, compared without case.
fn strip_prefix_lower<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    for want in prefix.chars() {
        let got = rest.next()?;
        if got != want && !got.to_lowercase().eq(std::iter::once(want)) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Byline text to its pieces: signs always part them, joining words where names stand on both sides.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for piece in
        text.split([',', ';', '|', '•', '·', '/', '、', '，', '\n', '\t', '–', '—', '(', ')', '[', ']', '→', '»', '：'])
    {
        for piece in piece.split(" - ") {
            split_joints(piece.trim(), &mut pieces);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn split_joints<'t>(piece: &'t str, pieces: &mut Vec<&'t str>) {
    let mut start = 0;
    let mut at = 0;
    for word in piece.split(' ') {
        let end = at + word.len();
        let lower = word.to_lowercase();
        // "Dan" is a name, "dan" an "and"; capitals only where all is in capitals
        let printed = word == lower || (lower.len() > 1 && !piece.chars().any(char::is_lowercase));
        let joins = printed && LISTS.joint.contains(lower.as_str());
        let both = start < at && end < piece.len();
        let short = || {
            LISTS.short.contains(lower.as_str())
                && (words_between(&piece[start..at]) < 2 || words_between(&piece[end..]) < 2)
        };
        if joins && both && !short() {
            pieces.push(piece[start..at].trim());
            start = end;
        } else if joins && start == at {
            start = end;
        }
        at = end + 1;
    }
    pieces.push(piece.get(start..).unwrap_or("").trim());
}

fn words_between(text: &str) -> usize {
    text.split_whitespace().count()
}

/// What one piece is.
fn part(piece: &str) -> Part {
    let piece =
        piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | '*' | '"' | '“' | '”' | '-' | '…'));
    if agency::named(piece).is_some() || date::is_label(piece) {
        return Part::Other(piece.to_owned());
    }
    // "da Folhapress", "Par AFP": one word behind a foreign "by" is no name
    if let Some((first, rest)) = piece.split_once(' ')
        && (person::is_article(first) || is_lead(first))
        && agency::named(rest).is_some()
    {
        return Part::Other(rest.to_owned());
    }
    let (name, role) = cut(piece);
    if is_person(&name) {
        return Part::Person(Author { name: tidy(&name), role, url: None });
    }
    if is_role(piece) { Part::Role(piece.to_owned()) } else { Part::Other(piece.to_owned()) }
}

/// True for a short text that names a role: `Senior Reporter`.
pub(super) fn is_role(piece: &str) -> bool {
    let words: Vec<String> = piece.split_whitespace().map(str::to_lowercase).collect();
    (1..=8).contains(&words.len()) && words.iter().any(|word| LISTS.role.contains(word.as_str()))
}

#[cfg(test)]
mod tests;
