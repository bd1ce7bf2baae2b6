//! The line by which a text declares its embargo: `EMBARGOED UNTIL 10am, 6 May 2026`, `Sperrfrist: Mittwoch, 6 Uhr`. Never a
//! headline about an embargo in the news: a name of it counts only with nothing but a time behind it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Embargo, settled};
use crate::stage::extract::date::{self, Context, Found, Telling};
use crate::stage::table;

const PHRASES: &str = include_str!("../../data/embargo.txt");

/// Longest line inside which a declaration is looked for, in bytes. In longer ones it stands at the beginning.
const MAX_LINE: usize = 300;

/// Longest text before a declaration by which a text speaks of itself, in bytes.
const MAX_SELF: usize = 80;

/// What a line declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// An embargo until then.
    Until(Embargo),
    /// An embargo until nobody knows when.
    Unreadable,
}

struct Phrases {
    search: AhoCorasick,
    /// Whether the phrase declares whatever follows it.
    declares: Vec<bool>,
    filler: Vec<&'static str>,
    moment: Vec<&'static str>,
    own: Vec<&'static str>,
}

static TABLE: LazyLock<Option<Phrases>> = LazyLock::new(|| {
    let of = |key: &'static str| table::group(PHRASES, key).into_iter().map(move |phrase| (phrase, key == "declares"));
    let entries: Vec<(String, bool)> =
        of("declares").chain(of("names")).flat_map(|(phrase, sure)| cases(phrase).map(|case| (case, sure))).collect();
    let mut search = AhoCorasick::builder();
    let search = search.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
    let search = search.kind(Some(AhoCorasickKind::DFA));
    let search = search.build(entries.iter().map(|(phrase, _)| phrase)).ok()?;
    let [filler, moment, own] = ["filler", "moment", "self"].map(|key| table::group(PHRASES, key));
    Some(Phrases { search, declares: entries.into_iter().map(|(_, sure)| sure).collect(), filler, moment, own })
});

/// A phrase in small letters, with a capital, and in capitals: the search takes only ASCII for the same in all of them.
fn cases(phrase: &str) -> [String; 3] {
    let mut rest = phrase.chars();
    let title = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest.as_str().chars()).collect();
    [phrase.to_owned(), title, phrase.to_uppercase()]
}

/// False for nearly every line: the phrases are not in it.
pub fn may_declare(line: &str) -> bool {
    TABLE.as_ref().is_some_and(|table| table.search.is_match(line))
}

/// True for a text with a line that declares an embargo.
pub fn declares(text: &str, context: &Context) -> bool {
    may_declare(text) && text.lines().any(|line| read(line, context).is_some())
}

/// What a line declares, if it does.
pub fn read(line: &str, context: &Context) -> Option<Declared> {
    let table = TABLE.as_ref()?;
    let mut found = table.search.find_iter(line).filter(|found| is_whole(line, found.start(), found.end()));
    found.find_map(|found| {
        let (before, rest) = (&line[..found.start()], &line[found.end()..]);
        let sure = table.declares[found.pattern()];
        stands(before, &line[..found.end()], sure, table).then(|| declared(rest, sure, table, context))?
    })
}

fn is_whole(line: &str, start: usize, end: usize) -> bool {
    let unspaced = line[start..].starts_with(|c| c >= '\u{2e80}');
    let before = line[..start].chars().next_back();
    let after = line[end..].chars().next();
    unspaced || !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphabetic)
}

/// Whether a phrase stands where a declaration does: at the beginning of a line, behind a sign, after words by which the text
/// speaks of itself, in a line of capitals.
fn stands(before: &str, with: &str, sure: bool, table: &Phrases) -> bool {
    let bare = before.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() {
        return true;
    }
    if with.len() > MAX_LINE {
        return false;
    }
    let sign = before.trim_end().ends_with([':', '-', '–', '—', '|', '.', '!', '•', '·', '/', ']', ')']);
    let opened = before.ends_with(['(', '[', '*', '【']);
    let own = || {
        let lower = bare.to_lowercase();
        bare.len() <= MAX_SELF && table.own.iter().any(|word| lower.contains(word))
    };
    opened || sign && before.ends_with(char::is_whitespace) || sure && (own() || !with.contains(char::is_lowercase))
}

fn declared(rest: &str, sure: bool, table: &Phrases, context: &Context) -> Option<Declared> {
    let Telling { length, clock, day, whole, apart } = date::telling(rest, &table.filler, &table.moment);
    let told = rest.get(..length)?;
    let until = latest(told, context);
    let counts = sure || apart && (until.is_some() || clock || whole && day);
    let until = until.or_else(|| latest(sentence(rest), context).filter(|_| sure));
    counts.then(|| until.map_or(Declared::Unreadable, Declared::Until))
}

/// The latest time of a text.
fn latest(text: &str, context: &Context) -> Option<Embargo> {
    let found = date::find(text, context).into_iter();
    let read = |found: Found, all: usize| {
        // beside a second date the other numbers are its, not a clock's
        settled(&found.stamp, if all == 1 { text } else { &found.stamp.published.raw })
    };
    let all = found.len();
    found.map(|found| read(found, all)).max_by_key(|embargo| embargo.until)
}

/// A text up to the end of its first sentence, which is no full stop behind a number.
fn sentence(text: &str) -> &str {
    let ends = |(at, _): &(usize, &str)| {
        let before = text[..*at].chars().next_back();
        let next = text[at + 1..].trim_start().chars().next();
        before.is_some_and(char::is_alphabetic) && next.is_none_or(char::is_uppercase)
    };
    text.match_indices('.').find(ends).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str, language: &str, region: &str) -> String {
        let language = Some(language).filter(|code| !code.is_empty());
        let region = Some(region).filter(|code| !code.is_empty());
        let context = Context { language, region, fetched: None, later: true };
        match read(line, &context) {
            None => "-".into(),
            Some(Declared::Unreadable) => "?".into(),
            Some(Declared::Until(embargo)) => embargo.text,
        }
    }

    #[test]
    fn an_embargo_is_told_from_the_news_of_one() {
        let cases: Vec<_> = table::lines(include_str!("cases.txt")).collect();
        assert!(cases.len() >= 60, "{}", cases.len());
        let mut wrong = Vec::new();
        for case in cases {
            let mut parts = case.splitn(4, " | ");
            let mut part = || parts.next().unwrap();
            let (expected, language, region, line) = (part(), part(), part(), part());
            let found = told(line, language.trim_matches('-'), region.trim_matches('-'));
            if found != expected {
                wrong.push(format!("{line}: {found}, not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn every_phrase_is_in_small_letters_and_stands_once() {
        let mut phrases: Vec<_> = ["declares", "names"].iter().flat_map(|key| table::group(PHRASES, key)).collect();
        assert!(phrases.iter().all(|phrase| *phrase == phrase.to_lowercase()));
        phrases.sort_unstable();
        let doubled = phrases.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(doubled, None);
    }
}
