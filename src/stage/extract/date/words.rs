//! The words of printed dates in some forty languages, from data files. Knows words, not grammar.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::stage::quick::Map;
use crate::stage::table;

const MONTHS: &str = include_str!("../../data/months.txt");
const WORDS: &str = include_str!("../../data/date-words.txt");
const PHRASES: &str = include_str!("../../data/date-phrases.txt");

/// What a word may mean in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Month(i8),
    Weekday,
    At,
    Am,
    Pm,
    HourMark,
    MinuteMark,
    SecondMark,
    YearMark,
    MonthMark,
    DayMark,
    Ordinal,
    Today,
    Yesterday,
    Ago(Unit),
}

/// The unit of a relative time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
}

/// One meaning in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sense {
    pub language: &'static str,
    pub meaning: Meaning,
}

/// All meanings of a lower-case word.
pub(super) fn senses(word: &str) -> &'static [Sense] {
    TABLE.get(word).map_or(&[], Vec::as_slice)
}

static TABLE: LazyLock<Map<&'static str, Vec<Sense>>> = LazyLock::new(|| {
    let mut table: Map<&'static str, Vec<Sense>> = Map::default();
    for (language, months) in months() {
        for (index, group) in months.iter().enumerate() {
            for word in group.split_whitespace() {
                table.entry(word).or_default().push(Sense { language, meaning: Meaning::Month(index as i8 + 1) });
            }
        }
    }
    for (kind, language, words) in words() {
        let Some(meaning) = meaning(kind) else { continue };
        for word in words.split_whitespace() {
            table.entry(word).or_default().push(Sense { language, meaning });
        }
    }
    table
});

fn months() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    table::lines(MONTHS)
        .filter_map(|line| line.split_once(':'))
        .map(|(language, months)| (language, months.split('|').map(str::trim).collect()))
}

fn words() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    table::lines(WORDS).filter_map(|line| {
        let (head, words) = line.split_once(':')?;
        let (kind, language) = head.split_once(' ')?;
        Some((kind, language, words))
    })
}

fn meaning(kind: &str) -> Option<Meaning> {
    Some(match kind {
        "weekday" => Meaning::Weekday,
        "at" => Meaning::At,
        "am" => Meaning::Am,
        "pm" => Meaning::Pm,
        "hour" => Meaning::HourMark,
        "minute" => Meaning::MinuteMark,
        "second" => Meaning::SecondMark,
        "year" => Meaning::YearMark,
        "month" => Meaning::MonthMark,
        "day" => Meaning::DayMark,
        "ordinal" => Meaning::Ordinal,
        "today" => Meaning::Today,
        "yesterday" => Meaning::Yesterday,
        "ago-minute" => Meaning::Ago(Unit::Minute),
        "ago-hour" => Meaning::Ago(Unit::Hour),
        "ago-day" => Meaning::Ago(Unit::Day),
        "ago-week" => Meaning::Ago(Unit::Week),
        _ => return None,
    })
}

/// What the words before a stamp say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// First publication.
    Published,
    /// A later change.
    Updated,
    /// Something else: an event, a copyright, a deadline.
    Other,
}

/// Label phrases in one automaton, and what each says.
struct Labels {
    search: AhoCorasick,
    labels: Vec<Label>,
}

static LABELS: LazyLock<Option<Labels>> = LazyLock::new(|| {
    let kinds = [("published", Label::Published), ("updated", Label::Updated), ("other", Label::Other)];
    let entries: Vec<_> = kinds
        .into_iter()
        .flat_map(|(key, label)| table::group(PHRASES, key).into_iter().map(move |phrase| (phrase, label)))
        .collect();
    let search = AhoCorasick::new(entries.iter().map(|(phrase, _)| *phrase)).ok()?;
    Some(Labels { search, labels: entries.into_iter().map(|(_, label)| label).collect() })
});

/// The label nearest to the end of `before`, lower-case text that stands directly before a stamp.
pub(super) fn label(before: &str) -> Option<Label> {
    let table = LABELS.as_ref()?;
    let found = table.search.find_overlapping_iter(before).filter(|found| is_whole(before, found.start(), found.end()));
    found.max_by_key(|found| (found.end(), found.end() - found.start())).map(|found| table.labels[found.pattern()])
}

/// True for words that say of a day what it is, and nothing else: `Publié le`, `Posted`. What stands behind the phrase is one short
/// word in small letters, or in a script without case.
pub(super) fn is_label(text: &str) -> bool {
    let lower = text.to_lowercase();
    let little = |rest: &str| {
        let rest = rest.trim_matches([' ', ':']);
        !rest.contains(' ') && rest.chars().count() <= LITTLE
    };
    let of = |text: &str| !text.split(' ').skip(1).any(|word| word.starts_with(char::is_uppercase));
    let stands = |phrase: &&str| {
        lower
            .strip_prefix(*phrase)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':']) && little(rest) && of(text))
    };
    let first = lower.chars().next().and_then(|first| STAMPED.get(&first));
    first.is_some_and(|phrases| phrases.iter().any(stands))
}

/// Longest word between a label and its day, in characters: `on`, `بتاريخ`.
const LITTLE: usize = 6;

/// Phrases that say that a day is that of publication or of a change, by their first character.
static STAMPED: LazyLock<Map<char, Vec<&'static str>>> = LazyLock::new(|| {
    let mut all: Map<char, Vec<&'static str>> = Map::default();
    for phrase in ["published", "updated"].into_iter().flat_map(|key| table::group(PHRASES, key)) {
        phrase.chars().next().into_iter().for_each(|first| all.entry(first).or_default().push(phrase));
    }
    all
});

/// True for whole words; scripts without spaces need no word border.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let first = text[start..].chars().next();
    let spaced = first.is_some_and(|c| c < '\u{2e80}' && !('\u{0e00}'..'\u{0e80}').contains(&c));
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !spaced || (!before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphabetic))
}

static BEFORE_AGO: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "before-ago"));
static AFTER_AGO: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "after-ago"));

/// True when number and unit between these lower-case texts are a time ago.
pub(super) fn is_ago(before: &str, after: &str) -> bool {
    let before = before.trim_end();
    let after = after.trim_start();
    let word_ends = |rest: &str| !rest.chars().next_back().is_some_and(char::is_alphanumeric);
    let word_starts = |rest: &str| !rest.chars().next().is_some_and(char::is_alphanumeric);
    BEFORE_AGO.iter().any(|phrase| before.strip_suffix(phrase).is_some_and(word_ends))
        || AFTER_AGO
            .iter()
            .any(|phrase| after.strip_prefix(phrase).is_some_and(|rest| !phrase.is_ascii() || word_starts(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_twelve_months_in_order_and_no_word_twice() {
        let languages: Vec<_> = months().map(|(language, _)| language).collect();
        assert!(languages.len() >= 20);
        assert!(languages.windows(2).all(|pair| pair[0] < pair[1]), "languages out of order");
        for (language, months) in months() {
            assert_eq!(months.len(), 12, "{language}");
            let mut words: Vec<_> = months.iter().flat_map(|group| group.split_whitespace()).collect();
            assert!(months.iter().all(|group| !group.is_empty()), "{language}: an empty month");
            words.sort_unstable();
            assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{language}: a word twice");
        }
    }

    #[test]
    fn every_word_line_has_a_known_kind_and_words() {
        for (kind, language, words) in words() {
            assert!(meaning(kind).is_some(), "{kind} {language}");
            assert!(!words.trim().is_empty(), "{kind} {language}");
        }
    }

    #[test]
    fn the_nearest_label_wins() {
        assert_eq!(label("published by the desk: "), Some(Label::Published));
        assert_eq!(label("published monday | last updated "), Some(Label::Updated));
        assert_eq!(label("republished"), None);
        assert_eq!(label("最終更新"), Some(Label::Updated));
        assert_eq!(label(""), None);
    }

    #[test]
    fn a_label_is_its_phrase_and_a_little_word() {
        for text in
            ["Publié le", "Publicado el", "Gepubliceerd op", "Yayın Tarihi", "نشر في", "تم النشر", "Posted:", "입력"]
        {
            assert!(is_label(text), "{text}");
        }
        for text in ["Ann Example", "Date Masamune", "Published Ann Example", "Standish Example", "Stand Example", ""] {
            assert!(!is_label(text), "{text}");
        }
    }

    #[test]
    fn ago_stands_before_or_after() {
        assert!(is_ago("posted ", " ago"));
        assert!(is_ago("vor ", ""));
        assert!(is_ago("", "前"));
        assert!(!is_ago("savor ", ""));
        assert!(!is_ago("", " read"));
    }
}
