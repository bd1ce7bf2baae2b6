//! The words of a text outside its quotes, each with what the language's word list says of it. A quote counts as one word.

use std::ops::BitOr;
use std::sync::LazyLock;

use super::span::Span;
use crate::stage::quick::Map;
use crate::stage::table;
use crate::stage::text::push_lower;

/// What is known of a word: a set of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Class(u64);

impl BitOr for Class {
    type Output = Class;

    fn bitor(self, other: Class) -> Class {
        Class(self.0 | other.0)
    }
}

#[allow(missing_docs)] // each is the key of the same name in speech.txt, explained at its head
impl Class {
    pub const NONE: Class = Class(0);
    pub const SAID: Class = Class(1);
    pub const CLAIMED: Class = Class(1 << 1);
    pub const SAYING: Class = Class(1 << 2);
    pub const ACCORDING: Class = Class(1 << 3);
    pub const HE: Class = Class(1 << 4);
    pub const SHE: Class = Class(1 << 5);
    pub const THEY: Class = Class(1 << 6);
    pub const IT: Class = Class(1 << 7);
    pub const I: Class = Class(1 << 8);
    pub const WHO: Class = Class(1 << 9);
    pub const THE: Class = Class(1 << 10);
    pub const OF: Class = Class(1 << 11);
    pub const AND: Class = Class(1 << 12);
    pub const HAS: Class = Class(1 << 13);
    pub const MR: Class = Class(1 << 14);
    pub const MS: Class = Class(1 << 15);
    pub const DR: Class = Class(1 << 16);
    pub const MINISTER: Class = Class(1 << 17);
    pub const FATHER: Class = Class(1 << 18);
    pub const MOTHER: Class = Class(1 << 19);
    pub const TITLED: Class = Class(1 << 20);
    pub const VAN: Class = Class(1 << 21);
    pub const TOLD: Class = Class(1 << 22);
    /// Begins with a capital.
    pub const CAPITAL: Class = Class(1 << 23);
    /// A letter or digit stands first.
    pub const WORD: Class = Class(1 << 24);
    /// Ends a sentence.
    pub const STOP: Class = Class(1 << 25);
    /// `,`
    pub const COMMA: Class = Class(1 << 26);
    /// `:`
    pub const COLON: Class = Class(1 << 27);
    /// A quote.
    pub const QUOTE: Class = Class(1 << 28);
    /// The break between two paragraphs.
    pub const BREAK: Class = Class(1 << 29);
    /// `’s` after a name.
    pub const OWNER: Class = Class(1 << 30);
    /// A digit stands first.
    pub const NUMBER: Class = Class(1 << 31);

    pub const A: Class = Class(1 << 33);
    /// A dash.
    pub const DASH: Class = Class(1 << 32);

    /// Any pronoun.
    pub const PRONOUN: Class = Class(Self::HE.0 | Self::SHE.0 | Self::THEY.0 | Self::IT.0 | Self::I.0 | Self::WHO.0);
    /// Any verb of saying.
    pub const CUE: Class = Class(Self::SAID.0 | Self::CLAIMED.0 | Self::SAYING.0);
    /// Small words that never begin a name.
    pub const SMALL: Class =
        Class(Self::OF.0 | Self::AND.0 | Self::HAS.0 | Self::THE.0 | Self::ACCORDING.0 | Self::PRONOUN.0);

    /// True when the two sets share something.
    pub fn is(self, other: Class) -> bool {
        self.0 & other.0 != 0
    }
}

/// The keys of a word list, and what they stand for.
const KEYS: [(&str, Class); 24] = [
    ("a", Class::A),
    ("said", Class::SAID),
    ("claimed", Class::CLAIMED),
    ("saying", Class::SAYING),
    ("according", Class::ACCORDING),
    ("he", Class::HE),
    ("she", Class::SHE),
    ("they", Class::THEY),
    ("it", Class::IT),
    ("i", Class::I),
    ("who", Class::WHO),
    ("the", Class::THE),
    ("of", Class::OF),
    ("and", Class::AND),
    ("has", Class::HAS),
    ("mr", Class::MR),
    ("ms", Class::MS),
    ("dr", Class::DR),
    ("minister", Class::MINISTER),
    ("father", Class::FATHER),
    ("mother", Class::MOTHER),
    ("titled", Class::TITLED),
    ("van", Class::VAN),
    ("told", Class::TOLD),
];

/// The word list of a language.
#[derive(Debug, Default)]
pub struct Lexicon(Map<&'static str, Class>);

macro_rules! lexicons {
    ($($code:literal),*) => {
        [$(($code, LazyLock::new(|| Lexicon::new(include_str!(concat!("../../data/", $code, "/speech.txt")))))),*]
    };
}

static LEXICONS: [(&str, LazyLock<Lexicon>); 7] = lexicons!["en", "de", "fr", "es", "it", "pt", "nl"];

impl Lexicon {
    fn new(data: &'static str) -> Lexicon {
        let mut words: Map<&'static str, Class> = Map::default();
        for (key, list) in table::groups(data) {
            let class = KEYS.iter().find(|(name, _)| *name == key).map_or(Class::NONE, |(_, class)| *class);
            for word in list {
                let known = words.entry(word).or_default();
                *known = *known | class;
            }
        }
        Lexicon(words)
    }

    /// A list without words.
    pub fn none() -> &'static Lexicon {
        static NONE: LazyLock<Lexicon> = LazyLock::new(Lexicon::default);
        &NONE
    }

    /// The list of a language; absent where there is none.
    pub fn of(code: &str) -> Option<&'static Lexicon> {
        LEXICONS.iter().find(|(own, _)| *own == code).map(|(_, lexicon)| &**lexicon)
    }

    fn class(&self, word: &str, lower: &mut String) -> Class {
        lower.clear();
        if word.len() > 24 {
            return Class::NONE;
        }
        push_lower(lower, word);
        self.0.get(lower.as_str()).copied().unwrap_or_default()
    }
}

/// A word, a mark, a quote or a paragraph's end.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub class: Class,
}

/// The words of `text` outside `spans`; every span is one word of class [`Class::QUOTE`], in the same order.
pub fn words(text: &str, spans: &[Span], lexicon: &Lexicon) -> Vec<Word> {
    let mut reader = Reader { text, lexicon, lower: String::new(), words: Vec::with_capacity(text.len() / 5) };
    let mut at = 0;
    for span in spans {
        reader.read(at, span.open);
        reader.push(span.open, span.close, Class::QUOTE);
        at = span.close;
    }
    reader.read(at, text.len());
    reader.words
}

struct Reader<'t> {
    text: &'t str,
    lexicon: &'t Lexicon,
    lower: String,
    words: Vec<Word>,
}

impl Reader<'_> {
    fn push(&mut self, start: usize, end: usize, class: Class) {
        self.words.push(Word { start, end, class });
    }

    fn read(&mut self, from: usize, to: usize) {
        let mut at = from;
        while let Some(c) = self.text[at..to].chars().next() {
            let next = at + c.len_utf8();
            at = match c {
                '\n' => {
                    if !self.words.last().is_some_and(|word| word.class.is(Class::BREAK)) {
                        self.push(at, next, Class::BREAK);
                    }
                    next
                }
                c if c.is_alphanumeric() => self.word(at, to),
                c if c.is_whitespace() => next,
                _ => {
                    self.push(at, next, mark(c));
                    next
                }
            };
        }
    }

    /// Reads the word at `start`; returns where it ends.
    fn word(&mut self, start: usize, to: usize) -> usize {
        let text = &self.text[start..to];
        let mut end = text.len();
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let inner = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
            if !(c.is_alphanumeric() || (inner && matches!(c, '\'' | '’' | '-' | '‐' | '.' | '&' | '@' | '_'))) {
                end = at;
                break;
            }
        }
        let (word, owner) = without_owner(&text[..end]);
        let first = word.chars().next().unwrap_or(' ');
        let mut class = self.lexicon.class(word, &mut self.lower) | Class::WORD;
        if first.is_uppercase() {
            class = class | Class::CAPITAL;
        }
        if first.is_numeric() {
            class = class | Class::NUMBER;
        }
        let mut stop = word.len();
        if text[stop..].starts_with('.') && shortened(word, class) {
            stop += 1;
        }
        self.push(start, start + stop, class);
        if owner > 0 {
            self.push(start + stop, start + stop + owner, Class::OWNER);
        }
        start + stop + owner
    }
}

/// The word without its `’s`, and the bytes of that.
fn without_owner(word: &str) -> (&str, usize) {
    let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s"));
    bare.filter(|bare| !bare.is_empty()).map_or((word, 0), |bare| (bare, word.len() - bare.len()))
}

/// A single capital, letters with full stops between them, or a known short form: its full stop ends no sentence.
fn shortened(word: &str, class: Class) -> bool {
    let capital = class.is(Class::CAPITAL);
    capital && (class.is(Class::DR) || word.chars().nth(1).is_none() || word.contains('.'))
}

fn mark(c: char) -> Class {
    match c {
        '.' | '!' | '?' | '…' | ';' | '。' => Class::STOP,
        ',' => Class::COMMA,
        '—' | '–' | '―' | '-' => Class::DASH,
        ':' => Class::COLON,
        _ => Class::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::super::span::spans;
    use super::*;

    #[test]
    fn a_quote_is_one_word() {
        let text = "Mr. Roe’s aide told J. Doe: “We are late.” So?";
        let lexicon = Lexicon::of("en").unwrap();
        let words = words(text, &spans(text), lexicon);
        let shown: Vec<&str> = words.iter().map(|word| &text[word.start..word.end]).collect();
        assert_eq!(shown, ["Mr.", "Roe", "’s", "aide", "told", "J.", "Doe", ":", "“We are late.”", "So", "?"]);
        assert!(
            words[4].class.is(Class::SAID) && words[8].class.is(Class::QUOTE) && words[3].class.is(Class::MINISTER)
        );
    }

    #[test]
    fn every_list_is_whole_and_names_a_word_once_under_a_key() {
        for (code, lexicon) in &LEXICONS {
            assert!(lexicon.0.len() > 100, "{code}");
        }
        let keys: Vec<_> = table::groups(include_str!("../../data/en/speech.txt")).map(|(key, _)| key).collect();
        assert!(keys.iter().all(|key| KEYS.iter().any(|(name, _)| name == key)), "{keys:?}");
    }
}
