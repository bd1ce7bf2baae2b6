//! A document as the tagger sees it: words with what the document tells of them, sentences, and which tokens may be part of a name.

mod capitals;

use self::capitals::{Forms, loud};
use super::gazetteer::{self as list, GAZETTEER, Kinds};
use super::lexicon::Lexicon;
use super::token::Token;
use super::word::{Case, Word};
use crate::stage::quick::{Salted, SaltedSet};
use std::borrow::Cow;

/// A token in its place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot {
    /// Index of its word.
    pub word: u32,
    /// Whether a sentence begins here.
    pub opens: bool,
    /// Whether its sentence is printed in capitals.
    pub loud: bool,
    /// Whether it may be part of a name; all others are not looked at.
    pub live: bool,
    /// Lists on which a run of words stands that covers it.
    pub run: Kinds,
    /// Place in that run (from 0) and its length.
    pub part: (u8, u8),
    /// Subject of its sentence.
    pub subject: u8,
}

/// A document ready for features.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Distinct words.
    pub words: Vec<Word>,
    /// Its tokens.
    pub spots: Vec<Spot>,
    /// Its subject: 0 not clear, else which of the four.
    pub subject: u8,
}

/// Ways in which a word is used somewhere in the document, one bit each.
pub mod uses {
    #![allow(missing_docs)] // each name says what stands before or after the word
    pub const SMALL: u32 = 1;
    pub const CAPITAL_INSIDE: u32 = 1 << 1;
    pub const AFTER_TITLE: u32 = 1 << 2;
    pub const AFTER_FIRST: u32 = 1 << 3;
    pub const AFTER_INITIAL: u32 = 1 << 4;
    pub const BEFORE_FIRM: u32 = 1 << 5;
    pub const BEFORE_BODY: u32 = 1 << 6;
    pub const BEFORE_SPEECH: u32 = 1 << 7;
    pub const AFTER_IN: u32 = 1 << 8;
    pub const BEFORE_GENITIVE: u32 = 1 << 9;
    pub const AFTER_THE: u32 = 1 << 10;
    pub const IN_BRACKETS: u32 = 1 << 11;
    pub const BEFORE_TEAM: u32 = 1 << 12;
    pub const BEFORE_PLACE: u32 = 1 << 13;
    pub const AFTER_CAPITAL: u32 = 1 << 14;
    pub const BEFORE_CAPITAL: u32 = 1 << 15;
    pub const OFTEN: u32 = 1 << 16;
    pub const KNOWN_RUN: u32 = 1 << 17;
    pub const PLACE_RUN: u32 = 1 << 18;
    /// How many there are.
    pub const COUNT: u32 = 19;
}

impl Document {
    /// Reads the tokens of `text`.
    pub fn new(text: &str, tokens: &[Token], lexicon: &Lexicon) -> Document {
        let tokens: Vec<(&str, bool)> = tokens.iter().map(|t| (&text[t.start..t.end], t.opens)).collect();
        Document::of(&tokens, lexicon)
    }

    /// Reads words, each with whether a sentence begins with it.
    pub fn of(tokens: &[(&str, bool)], lexicon: &Lexicon) -> Document {
        let loud = loud(tokens);
        let forms = Forms::count(tokens, &loud);
        let mut document = Document::default();
        let mut known: Salted<Cow<str>, u32> = Salted::default();
        known.reserve(tokens.len() / 4);
        for (at, (token, opens)) in tokens.iter().enumerate() {
            let form = if loud[at] { Cow::Owned(forms.quiet(token, lexicon)) } else { Cow::Borrowed(*token) };
            let next = document.words.len() as u32;
            let word = match known.get(&form) {
                Some(word) => *word,
                None => {
                    document.words.push(Word::of(&form, lexicon));
                    known.insert(form, next);
                    next
                }
            };
            document.spots.push(Spot { word, opens: *opens || at == 0, loud: loud[at], ..Spot::default() });
        }
        document.enliven();
        document.look_up();
        document.note_uses();
        document.note_subjects();
        document
    }

    /// The word at a token.
    pub fn word(&self, at: usize) -> &Word {
        &self.words[self.spots[at].word as usize]
    }

    /// The word some tokens further, within the sentence's neighbourhood; nothing beyond the ends.
    pub fn near(&self, at: usize, step: isize) -> Option<&Word> {
        let at = at.checked_add_signed(step)?;
        (at < self.spots.len()).then(|| self.word(at))
    }

    /// Tokens with capitals, their neighbours, and short gaps between them.
    fn enliven(&mut self) {
        let mut last: Option<usize> = None;
        for at in 0..self.spots.len() {
            let case = self.word(at).case;
            if !(case.is_capital() || case == Case::Code) {
                continue;
            }
            let from = match last {
                Some(last) if at - last <= 4 => last + 1,
                _ => at.saturating_sub(1),
            };
            let to = (at + 2).min(self.spots.len());
            self.spots[from..to].iter_mut().for_each(|spot| spot.live = true);
            last = Some(at);
        }
    }

    /// Runs of words that stand on a list.
    fn look_up(&mut self) {
        let mut at = 0;
        while at < self.spots.len() {
            let case = self.word(at).case;
            let found = if case.is_capital() || case == Case::Code {
                let end = (at + list::LONGEST).min(self.spots.len());
                GAZETTEER.longest((at..end).map(|at| self.word(at).lower))
            } else {
                (0, 0)
            };
            let (length, kinds) = found;
            for part in 0..length {
                let spot = &mut self.spots[at + part];
                (spot.run, spot.part) = (kinds, (part as u8, length as u8));
            }
            at += length.max(1);
        }
    }

    /// What stands around each word anywhere in the document.
    fn note_uses(&mut self) {
        let mut seen = vec![0u32; self.words.len()];
        let small = self.words.iter().filter(|word| word.case == Case::Small);
        let small: SaltedSet<u64> = small.map(|word| word.lower).collect();
        for at in 0..self.spots.len() {
            if !self.word(at).case.is_capital() {
                continue;
            }
            let uses = self.uses_at(at);
            let index = self.spots[at].word as usize;
            seen[index] += 1;
            let often = if seen[index] > 2 { uses::OFTEN } else { 0 };
            self.words[index].uses |= uses | often;
        }
        for word in self.words.iter_mut().filter(|word| small.contains(&word.lower)) {
            word.uses |= uses::SMALL;
        }
    }

    /// What the document and each of its sentences are about.
    fn note_subjects(&mut self) {
        let mut start = 0;
        let mut all = [0u32; 4];
        while start < self.spots.len() {
            let next = (start + 1..self.spots.len()).find(|at| self.spots[*at].opens);
            let end = next.unwrap_or(self.spots.len());
            let mut own = [0u32; 4];
            for at in start..end {
                let subjects = self.word(at).subjects / list::SPORT;
                own.iter_mut().zip(0..).for_each(|(count, bit)| *count += subjects >> bit & 1);
            }
            all.iter_mut().zip(own).for_each(|(sum, count)| *sum += count);
            let subject = most(own, 2);
            self.spots[start..end].iter_mut().for_each(|spot| spot.subject = subject);
            start = end;
        }
        self.subject = most(all, 4);
    }

    fn uses_at(&self, at: usize) -> u32 {
        use super::gazetteer::{BODY, CITY, COMPANY, COUNTRY, FIRM, FIRST, KNOWN, REGION, SPEECH, TEAM, TITLE};
        let spot = self.spots[at];
        let before = if spot.opens { None } else { self.near(at, -1) };
        let after = self.near(at, 1);
        let capital = |word: Option<&Word>| word.is_some_and(|word| word.case.is_capital());
        let is = |word: Option<&Word>, kinds: Kinds| word.is_some_and(|word| word.kinds & kinds != 0);
        let says = |word: Option<&Word>, hash: u64| word.is_some_and(|word| word.lower == hash);
        let marks = &*MARKS;
        let flags = [
            (uses::CAPITAL_INSIDE, !spot.opens && !spot.loud),
            (uses::AFTER_TITLE, is(before, TITLE)),
            (uses::AFTER_FIRST, capital(before) && is(before, FIRST)),
            (uses::AFTER_INITIAL, before.is_some_and(|word| word.case == Case::Initial)),
            (uses::BEFORE_FIRM, capital(after) && is(after, FIRM)),
            (uses::BEFORE_BODY, capital(after) && is(after, BODY)),
            (uses::BEFORE_SPEECH, is(after, SPEECH)),
            (uses::AFTER_IN, says(before, marks.within) && !capital(after)),
            (uses::BEFORE_GENITIVE, says(after, marks.genitive)),
            (uses::AFTER_THE, says(before, marks.the)),
            (uses::IN_BRACKETS, says(before, marks.open) && says(after, marks.close)),
            (uses::BEFORE_TEAM, capital(after) && is(after, TEAM)),
            (uses::BEFORE_PLACE, says(after, marks.comma) && is(self.near(at, 2), CITY | REGION | COUNTRY)),
            (uses::AFTER_CAPITAL, capital(before)),
            (uses::BEFORE_CAPITAL, capital(after)),
            (uses::KNOWN_RUN, spot.part.1 > 1 && spot.run & (KNOWN | COMPANY) != 0),
            (uses::PLACE_RUN, spot.part.1 > 1 && spot.run & (CITY | REGION | COUNTRY) != 0),
        ];
        flags.into_iter().filter(|(_, holds)| *holds).fold(0, |all, (flag, _)| all | flag)
    }
}

/// Which of four counts is by far the largest, from 1; 0 when none is, or when it is less than `least`.
fn most(counts: [u32; 4], least: u32) -> u8 {
    let sum: u32 = counts.iter().sum();
    let best = (0..4).max_by_key(|at| counts[*at]).unwrap_or(0);
    if counts[best] >= least && counts[best] * 2 > sum { best as u8 + 1 } else { 0 }
}

/// Hashes of a few words.
struct Marks {
    within: u64,
    genitive: u64,
    the: u64,
    open: u64,
    close: u64,
    comma: u64,
}

static MARKS: std::sync::LazyLock<Marks> = std::sync::LazyLock::new(|| {
    let hash = super::hash::text;
    Marks {
        within: hash("in"),
        genitive: hash("'s"),
        the: hash("the"),
        open: hash("("),
        close: hash(")"),
        comma: hash(","),
    }
});
