//! The phrases of a text: runs of one to four words without a stop word or a mark between them.

use std::sync::LazyLock;

use crate::stage::quick::{Salted, Set};
use crate::stage::table;
use crate::stage::text::push_lower;

/// Most words of a phrase.
pub const MAX_WORDS: usize = 4;
/// Words of a text that are looked at: what a text is about has been said by then.
const MAX_READ: usize = 20_000;
/// Longest word, in bytes; longer ones are addresses or misprints.
const MAX_WORD: usize = 40;

/// A phrase and what was counted of it.
pub struct Phrase<'t> {
    /// As it stands in the text first.
    pub text: &'t str,
    /// Its words, as indexes into [`Phrases::keys`], and how many they are.
    words: ([u32; MAX_WORDS], usize),
    /// How often it stands in headline and text.
    pub count: u32,
    /// How often with capitals that do not begin a sentence.
    pub capitals: u32,
    /// True when the headline has it.
    pub headline: bool,
    /// Where it stands first: 0.0 at the beginning, 1.0 at the end.
    pub place: f64,
    /// Number of the word it begins with.
    pub first: usize,
}

impl Phrase<'_> {
    /// Its words, as indexes into [`Phrases::keys`].
    pub fn words(&self) -> &[u32] {
        let (words, length) = &self.words;
        &words[..*length]
    }
}

/// All phrases of a text, and the words they are made of.
pub struct Phrases<'t> {
    /// The phrases in the order of first mention.
    pub found: Vec<Phrase<'t>>,
    /// The different words in the form they are compared in.
    pub keys: Vec<String>,
}

macro_rules! lists {
    ($($code:literal),*) => {
        [$(($code, LazyLock::new(|| {
            table::lines(include_str!(concat!("../../data/", $code, "/stop-words.txt"))).flat_map(str::split_whitespace).collect()
        }))),*]
    };
}

type StopWords = Set<&'static str>;

static LISTS: [(&str, LazyLock<StopWords>); 7] = lists!["en", "de", "fr", "es", "it", "pt", "nl"];

/// The stop words of a language; absent where there is no list.
pub fn stop_words(language: &str) -> Option<&'static StopWords> {
    LISTS.iter().find(|(code, _)| *code == language).map(|(_, list)| &**list)
}

/// The form in which words are compared: lower case, without `’s`, and without a plural `s`, which all these languages have.
pub fn key(lower: &str) -> &str {
    let bare = lower.strip_suffix("'s").or_else(|| lower.strip_suffix("’s")).unwrap_or(lower);
    let plural = bare.strip_suffix('s').filter(|one| one.len() > 3 && !one.ends_with(['s', 'u', 'i']));
    plural.unwrap_or(bare)
}

struct Word<'t> {
    text: &'t str,
    key: u32,
    /// Bytes of the source at which it stands; the headline is a source of its own.
    start: usize,
    end: usize,
    capital: bool,
    opens: bool,
    headline: bool,
    /// False after a stop word, a mark or a paragraph: no phrase reaches over it.
    joined: bool,
}

/// All phrases of headline and text.
pub fn phrases<'t>(text: &'t str, headline: &'t str, stop_words: &StopWords) -> Phrases<'t> {
    let mut reader = Reader { stop_words, words: Vec::new(), known: Salted::default() };
    reader.read(headline, true);
    reader.read(text, false);
    let words = reader.words;
    let mut found: Vec<Phrase<'t>> = Vec::new();
    let mut known: Salted<[u32; MAX_WORDS], usize> = Salted::default();
    known.reserve(words.len() * 2);
    for first in 0..words.len() {
        let mut keys = [u32::MAX; MAX_WORDS];
        for last in first..words.len().min(first + MAX_WORDS) {
            if last > first && !words[last].joined {
                break;
            }
            keys[last - first] = words[last].key;
            let at = *known.entry(keys).or_insert_with(|| {
                let source = if words[first].headline { headline } else { text };
                found.push(phrase(&words, first, last, keys, source));
                found.len() - 1
            });
            count(&mut found[at], &words[first..=last]);
        }
    }
    let mut keys = vec![String::new(); reader.known.len()];
    reader.known.into_iter().for_each(|(key, at)| keys[at as usize] = key);
    Phrases { found, keys }
}

fn phrase<'t>(words: &[Word<'t>], first: usize, last: usize, keys: [u32; MAX_WORDS], source: &'t str) -> Phrase<'t> {
    Phrase {
        text: if first == last { words[first].text } else { &source[words[first].start..words[last].end] },
        words: (keys, last - first + 1),
        count: 0,
        capitals: 0,
        headline: false,
        place: first as f64 / words.len() as f64,
        first,
    }
}

fn count<'t>(phrase: &mut Phrase<'t>, words: &[Word<'t>]) {
    phrase.count += 1;
    phrase.headline |= words[0].headline;
    let capitals = words.iter().all(|word| word.capital);
    // a headline may be all capitals: it is no evidence of a name
    if capitals && !words[0].headline && !words[0].opens {
        phrase.capitals += 1;
    }
    // what is a plain word inside a sentence is shown as one
    if words.len() == 1 && !words[0].capital && phrase.text.starts_with(char::is_uppercase) {
        phrase.text = words[0].text;
    }
}

struct Reader<'t, 's> {
    stop_words: &'s StopWords,
    words: Vec<Word<'t>>,
    /// The words seen, with their numbers.
    known: Salted<String, u32>,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self, source: &'t str, headline: bool) {
        let mut lower = String::new();
        let (mut opens, mut joined) = (true, false);
        let mut at = 0;
        while let Some(c) = source[at..].chars().next() {
            if self.words.len() >= MAX_READ {
                return;
            }
            if !c.is_alphanumeric() {
                joined &= c == ' ';
                opens |= matches!(c, '.' | '!' | '?' | '\n' | ':' | '“' | '"' | '„' | '«');
                at += c.len_utf8();
                continue;
            }
            at += elided(&source[at..]);
            let end = at + word_length(&source[at..]);
            let text = bare(&source[at..end]);
            lower.clear();
            if text.len() <= MAX_WORD {
                push_lower(&mut lower, text);
            }
            let content = counts(text) && !lower.is_empty() && !self.stop_words.contains(lower.as_str());
            if content {
                let capital = text.starts_with(char::is_uppercase);
                let key = self.number(key(&lower));
                let shown = if initials(text) && source[end..].starts_with('.') { &source[at..=end] } else { text };
                let end = at + shown.len();
                self.words.push(Word { text: shown, key, start: at, end, capital, opens, headline, joined });
            }
            // no phrase goes on behind `’s`: "the council’s plan" are two
            joined = content && text.len() == end - at;
            opens = false;
            at = end;
        }
    }

    fn number(&mut self, key: &str) -> u32 {
        if let Some(&number) = self.known.get(key) {
            return number;
        }
        let number = self.known.len() as u32;
        self.known.insert(key.to_owned(), number);
        number
    }
}

/// True for `U.S` and the like, whose last mark belongs to them.
fn initials(text: &str) -> bool {
    text.contains('.') && text.split('.').all(|part| part.chars().count() == 1)
}

/// True for a word of two letters at least that is no measure.
fn counts(text: &str) -> bool {
    text.chars().nth(1).is_some() && text.contains(char::is_alphabetic) && !is_measure(text)
}

/// True for a number with what it counts or orders: `407.8m`, `6pm`, `10th`; not for `5G`.
fn is_measure(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    unit.len() < text.len()
        && matches!(unit, "m" | "bn" | "tn" | "p" | "am" | "pm" | "km" | "kg" | "st" | "nd" | "rd" | "th")
}

/// Bytes of the word a text begins with: letters and digits, and what stands between two of them in one word.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inner = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || (inner && matches!(c, '\'' | '’' | '-' | '.' | '&'))) {
            return at;
        }
    }
    text.len()
}

/// What French and Italian drop a vowel of before another.
const ELIDED: [&str; 18] = [
    "l", "d", "j", "s", "n", "c", "m", "t", "qu", "un", "all", "dall", "dell", "nell", "sull", "quell", "jusqu",
    "lorsqu",
];

/// Bytes of an elided word (`l’`, `dell’`) that a text begins with.
fn elided(text: &str) -> usize {
    let Some((at, mark)) = text.char_indices().take(7).find(|(_, c)| matches!(c, '\'' | '’')) else { return 0 };
    let vowel = text[at + mark.len_utf8()..].starts_with(|c: char| c.is_alphabetic() && !"sStT".contains(c));
    let known = ELIDED.iter().any(|word| text[..at].eq_ignore_ascii_case(word));
    if vowel && known { at + mark.len_utf8() } else { 0 }
}

/// A word without `’s` at its end.
fn bare(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).filter(|bare| !bare.is_empty()).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_no_word() {
        for text in ["407.8m", "6pm", "6.5bn", "10th", "m"] {
            assert!(!counts(text), "{text}");
        }
        for text in ["5G", "G20", "49ers", "km", "3D"] {
            assert!(counts(text), "{text}");
        }
    }

    #[test]
    fn runs_between_stop_words_and_marks() {
        let found =
            phrases("The iron bridge, the council’s plan and Iron Bridges.", "", stop_words("en").unwrap()).found;
        let shown: Vec<(&str, u32)> = found.iter().map(|phrase| (phrase.text, phrase.count)).collect();
        assert_eq!(shown, [("iron", 2), ("iron bridge", 2), ("bridge", 2), ("council", 1), ("plan", 1)]);
    }

    #[test]
    fn initials_keep_their_last_mark() {
        let found = phrases("The U.S. exports, the U.N. and release 2.0.", "", stop_words("en").unwrap()).found;
        let shown: Vec<&str> = found.iter().map(|phrase| phrase.text).collect();
        assert_eq!(shown, ["U.S.", "exports", "U.N.", "release"]);
    }

    #[test]
    fn elided_words_are_no_part_of_the_next() {
        let found = phrases("L’archéologie, dell'acqua, O'Brien don't", "", stop_words("fr").unwrap()).found;
        assert_eq!(
            found.iter().map(|phrase| phrase.text).collect::<Vec<_>>(),
            ["archéologie", "acqua", "O'Brien", "O'Brien don't", "don't"]
        );
    }

    #[test]
    fn every_list_is_sorted_and_has_no_word_twice() {
        for (code, list) in &LISTS {
            assert!(list.len() > 100, "{code}");
        }
        let lines: Vec<&str> =
            table::lines(include_str!("../../data/en/stop-words.txt")).flat_map(str::split_whitespace).collect();
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
