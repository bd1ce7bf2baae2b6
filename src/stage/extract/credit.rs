//! Closing credits: `(Reporting by A; Additional reporting by B in Rome; Editing by C)`, `A contributed to this report.`
//! The verb gives the role; a place behind a name is no part of it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::name;
use crate::article::{Credit, CreditRole};
use crate::stage::table;
use crate::stage::text::{head, tail};

const PHRASES: &str = include_str!("../data/credits.txt");

/// Longest part of a block read, from its end, in bytes. Longer costs time: credits are short.
const MAX_CREDITS: usize = 900;

/// Most people credited. More is an attack; the rest is left out.
const MAX_PEOPLE: usize = 40;

/// A phrase's role; `None` for phrases that follow the names.
struct Phrases {
    search: AhoCorasick,
    roles: Vec<Option<CreditRole>>,
}

static TABLE: LazyLock<Option<Phrases>> = LazyLock::new(|| {
    let mut words = Vec::new();
    let mut roles = Vec::new();
    for (key, phrases) in table::groups(PHRASES).filter(|(key, _)| *key != "office") {
        for phrase in phrases {
            words.push(phrase);
            roles.push(role(key));
        }
    }
    let mut search = AhoCorasick::builder();
    let search = search.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::DFA)).build(words).ok()?;
    Some(Phrases { search, roles })
});

/// What people are called behind their desk's name, with the blanks around it.
static OFFICES: LazyLock<Vec<String>> =
    LazyLock::new(|| table::group(PHRASES, "office").iter().map(|office| format!(" {office} ")).collect());

fn role(key: &str) -> Option<CreditRole> {
    match key {
        "reporter" => Some(CreditRole::Reporter),
        "writer" => Some(CreditRole::Writer),
        "editor" => Some(CreditRole::Editor),
        "contributor" => Some(CreditRole::Contributor),
        "photographer" => Some(CreditRole::Photographer),
        _ => None,
    }
}

/// The people credited in one block of text, in order.
pub(super) fn read(block: &str) -> Vec<Credit> {
    let text = tail(block, MAX_CREDITS);
    let mut credits = Vec::new();
    if let Some(inner) = bracketed(text) {
        named_after(inner, &mut credits);
    } else {
        let text = text.trim_matches(|c: char| c.is_whitespace() || "—–-_*()[]•".contains(c));
        if starts_with_phrase(text) {
            named_after(text, &mut credits);
        }
    }
    if credits.is_empty() {
        named_before(text, &mut credits);
    }
    credits
}

/// True for a block that consists of credits alone.
#[cfg(test)]
fn is_credit(block: &str) -> bool {
    !read(block).is_empty()
}

/// The content of the last brackets that begin with a credit phrase.
fn bracketed(text: &str) -> Option<&str> {
    let opens = text.rmatch_indices(['(', '[']);
    opens.take(6).map(|(at, _)| &text[at + 1..]).find(|inner| starts_with_phrase(inner)).map(|inner| {
        let close = inner.find([')', ']']).filter(|&at| inner[..at].len() > 12 && !inner[..at].contains('('));
        close.map_or(inner, |at| &inner[..at])
    })
}

fn starts_with_phrase(text: &str) -> bool {
    let Some(table) = TABLE.as_ref() else { return false };
    let lower = lower(head(text.trim_start(), 80));
    table.search.find(lower.as_str()).is_some_and(|found| {
        let phrase = &lower[found.range()];
        let after = lower[found.end()..].chars().next();
        let named = lower.len() > found.end() + 1
            && text.trim_start()[found.end()..].trim_start().starts_with(char::is_uppercase);
        let sure = phrase.contains(' ') || after == Some(':') || phrase.len() >= 9 && named;
        found.start() == 0
            && sure
            && table.roles[found.pattern()].is_some()
            && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

/// Small letters, every character as many bytes long as before, so places in both texts are the same.
fn lower(text: &str) -> String {
    let small = |c: char| {
        let mut lower = c.to_lowercase();
        lower.next().filter(|small| lower.next().is_none() && small.len_utf8() == c.len_utf8()).unwrap_or(c)
    };
    text.chars().map(small).collect()
}

/// `Reporting by A and B; Editing by C`: names stand between a phrase and the next.
fn named_after(text: &str, credits: &mut Vec<Credit>) {
    let Some(table) = TABLE.as_ref() else { return };
    let small = lower(text);
    // "by Ann Example Editing by": a capital begins a part as well
    let starts_part = |at: usize| {
        text[at..].starts_with(char::is_uppercase)
            || text[..at].trim_end().chars().next_back().is_none_or(|c| ";,.()—–-/:&".contains(c))
            || text[..at].ends_with(" and ")
    };
    let ends_word = |at: usize| !text[at..].chars().next().is_some_and(char::is_alphanumeric);
    let marks: Vec<_> = table
        .search
        .find_iter(small.as_str())
        .filter(|found| starts_part(found.start()) && ends_word(found.end()))
        .filter_map(|found| Some((found.start(), found.end(), table.roles[found.pattern()]?)))
        .collect();
    for (index, (_, end, role)) in marks.iter().enumerate() {
        let next = marks.get(index + 1).map_or(text.len(), |(start, _, _)| *start);
        let names = text.get(*end..next).unwrap_or("").trim_start_matches([':', ' ']);
        let names = names.split(". ").next().unwrap_or(names);
        push(names, *role, credits);
    }
}

fn push(names: &str, role: CreditRole, credits: &mut Vec<Credit>) {
    for author in name::people(names) {
        let known = credits.iter().any(|credit| credit.name == author.name && credit.role == role);
        if !known && credits.len() < MAX_PEOPLE {
            credits.push(Credit { name: author.name, role });
        }
    }
}

/// `A in Rome and B contributed to this report.`: the names stand before, in the same sentence.
fn named_before(text: &str, credits: &mut Vec<Credit>) {
    let Some(table) = TABLE.as_ref() else { return };
    let small = lower(text);
    let Some(found) = table.search.find_iter(small.as_str()).find(|found| table.roles[found.pattern()].is_none())
    else {
        return;
    };
    let before = text[..found.start()].trim_end();
    let start = before.rfind(['\n', ';', '(']).map_or(0, |at| at + 1);
    let sentence = &before[start..];
    // the sentence begins after the last full stop that ends no initial
    let begin = sentence
        .match_indices(". ")
        .filter(|(at, _)| at - sentence[..*at].rfind(' ').map_or(0, |space| space + 1) > 3)
        .last()
        .map_or(0, |(at, _)| at + 2);
    let names = without_office(sentence[begin..].trim_matches(|c: char| c.is_whitespace() || "—–-_*".contains(c)));
    if names.len() <= 300 && !names.contains(['"', '“', '?']) {
        push(names, CreditRole::Contributor, credits);
    }
}

/// `Associated Press writers Ann Example` without the office.
fn without_office(names: &str) -> &str {
    let end = OFFICES.iter().filter_map(|office| Some(names.find(office.as_str())? + office.len())).min();
    end.filter(|end| *end < 60).map_or(names, |end| &names[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> String {
        let letter = |role| match role {
            CreditRole::Reporter => "r",
            CreditRole::Writer => "w",
            CreditRole::Editor => "e",
            CreditRole::Contributor => "c",
            CreditRole::Photographer => "p",
        };
        read(text)
            .iter()
            .map(|credit| format!("{}:{}", letter(credit.role), credit.name))
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn credits_in_many_styles() {
        let cases: Vec<_> = table::lines(include_str!("credit/cases.txt")).map(|line| format!(" {line} ")).collect();
        assert!(cases.len() >= 60, "{}", cases.len());
        let (mut wrong, expected_none) = (Vec::new(), "-".to_owned());
        for case in &cases {
            let (expected, text) = case.split_once(" | ").unwrap();
            let found = Some(short(text.trim())).filter(|found| !found.is_empty()).unwrap_or(expected_none.clone());
            if found != expected.trim() {
                wrong.push(format!("{text}: {found}, not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
        assert!(is_credit("Edited by Ann Example"));
    }

    #[test]
    fn a_wall_of_names_is_bounded() {
        let names = "(Reporting by ".to_owned() + &"Ann Example, ".repeat(10_000) + ")";
        assert!(read(&names).len() <= MAX_PEOPLE);
    }
}
