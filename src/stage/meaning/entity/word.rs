//! What a word is by itself and in its document: letters, shape, lists, cluster. One [`Word`] for each distinct form of a document.

use super::gazetteer::{GAZETTEER, Kinds, SUBJECTS};
use super::hash::text;
use super::lexicon::{Entry, Lexicon};

/// Longest part of a word that is looked at, in bytes: beyond it stands no name.
const MAX_WORD: usize = 64;

/// A distinct form of a document.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// Hash of the form.
    pub form: u64,
    /// Hash of the form in lower case, digits as 0, without the full stop of an abbreviation.
    pub lower: u64,
    /// Hashes of its first 2 to 4 letters.
    pub heads: [u64; 3],
    /// Hashes of its last 1 to 4 letters.
    pub tails: [u64; 4],
    /// Hash of its shape: `Xxx.`
    pub shape: u64,
    /// Kind of its capitals, see [`Case`].
    pub case: Case,
    /// Lists it stands on.
    pub kinds: Kinds,
    /// The subjects it speaks of.
    pub subjects: Kinds,
    /// What was counted of it in news.
    pub entry: Entry,
    /// How it is used in the document, see [`super::document`].
    pub uses: u32,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// No letter or digit.
    #[default]
    Mark,
    /// Small letters.
    Small,
    /// First letter capital.
    Title,
    /// One capital letter, with or without full stop.
    Initial,
    /// All capitals.
    Upper,
    /// Capitals inside.
    Mixed,
    /// Digits, no letter.
    Number,
    /// Digits and letters.
    Code,
}

impl Case {
    /// Whether it may be part of a name by its letters.
    pub fn is_capital(self) -> bool {
        matches!(self, Case::Title | Case::Initial | Case::Upper | Case::Mixed)
    }

    /// Reads it off a word.
    pub fn of(word: &str) -> Case {
        let (mut upper, mut small, mut digits) = (0, 0, 0);
        let mut count = |is_upper: bool, is_letter: bool, is_digit: bool| {
            upper += usize::from(is_upper);
            small += usize::from(is_letter && !is_upper);
            digits += usize::from(is_digit && !is_letter);
        };
        let first_upper = if word.is_ascii() {
            let bytes = &word.as_bytes()[..word.len().min(MAX_WORD)];
            let each = |b: &u8| count(b.is_ascii_uppercase(), b.is_ascii_alphabetic(), b.is_ascii_digit());
            bytes.iter().for_each(each);
            bytes.first().is_some_and(u8::is_ascii_uppercase)
        } else {
            let each = |c: char| count(c.is_uppercase(), c.is_uppercase() || c.is_alphabetic(), c.is_numeric());
            word.chars().take(MAX_WORD).for_each(each);
            word.starts_with(char::is_uppercase)
        };
        match (upper, small, digits) {
            (0, 0, 0) => Case::Mark,
            (0, 0, _) => Case::Number,
            (0, _, 0) => Case::Small,
            (1, 0, 0) => Case::Initial,
            (_, 0, 0) => Case::Upper,
            (1, _, 0) if first_upper => Case::Title,
            (_, _, 0) => Case::Mixed,
            _ => Case::Code,
        }
    }
}

impl Word {
    /// Reads a form.
    pub fn of(form: &str, lexicon: &Lexicon) -> Word {
        let form = crate::stage::text::head(form, MAX_WORD);
        let plain = plain(form);
        let lower = text(&plain);
        let name = plain.trim_end_matches('.');
        let kinds = GAZETTEER.word(lower) | GAZETTEER.word(text(name));
        Word {
            form: text(form),
            lower,
            heads: [2, 3, 4].map(|length| head(&plain, length)),
            tails: [1, 2, 3, 4].map(|length| tail(name, length)),
            shape: shape(form),
            case: Case::of(form),
            kinds: kinds & !SUBJECTS,
            subjects: kinds & SUBJECTS,
            entry: lexicon.entry(form, name),
            uses: 0,
        }
    }
}

/// Lower case, every digit as 0, curly apostrophe as a straight one; the full stop of an abbreviation stays only after capitals (`U.S.`).
fn plain(form: &str) -> String {
    let mut plain: String = form
        .chars()
        .map(|c| match c {
            '’' => '\'',
            '–' | '—' | '‑' | '‐' => '-',
            '“' | '”' => '"',
            c if c.is_ascii_digit() => '0',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    let inner = plain.trim_end_matches('.');
    if !inner.is_empty() && !inner.contains('.') && inner.len() > 1 {
        plain.truncate(inner.len());
    }
    plain
}

fn head(word: &str, length: usize) -> u64 {
    let end = word.char_indices().nth(length).map_or(word.len(), |(at, _)| at);
    text(&word[..end])
}

fn tail(word: &str, length: usize) -> u64 {
    let start = word.char_indices().rev().nth(length - 1).map_or(0, |(at, _)| at);
    text(&word[start..])
}

/// Capitals as X, letters as x, digits as 0, marks as themselves; runs of more than two are cut to two.
fn shape(form: &str) -> u64 {
    let mut shape = String::with_capacity(form.len());
    let (mut last, mut run) = ('\0', 0);
    for c in form.chars() {
        let kind = match c {
            c if c.is_uppercase() => 'X',
            c if c.is_alphabetic() => 'x',
            c if c.is_numeric() => '0',
            c => c,
        };
        run = if kind == last { run + 1 } else { 1 };
        last = kind;
        if run <= 2 {
            shape.push(kind);
        }
    }
    text(&shape)
}
