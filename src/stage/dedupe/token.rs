//! The words of a story as hashes, so that two printings of one text give one sequence.
//!
//! A token is a run of letters and digits, in lower case and Unicode compatibility form; marks belong to the letter
//! before them. Scripts written without spaces give a token for each character. Digits of every script count as 0 to 9;
//! within a number the comma between digits is passed over and the point kept. It reads each character once and keeps
//! nothing of the text.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// A word, or a character of a script without spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// 64 well mixed bits of its characters.
    pub hash: u64,
    /// Sixteen bits of its digits alone, where it has any: two printings of one number agree in them.
    pub number: Option<u16>,
}

/// Reads tokens and hands each to `each`.
pub fn tokens(text: &str, mut each: impl FnMut(Token)) {
    let mut word = Word::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii() {
            let digit_next = chars.peek().is_some_and(char::is_ascii_digit);
            word.ascii(c as u8, digit_next, &mut each);
        } else if is_punctuation(c) {
            word.end(&mut each);
        } else {
            fold(c, |folded| word.other(folded, &mut each));
        }
    }
    word.end(&mut each);
}

/// A character beyond ASCII in compatibility form and lower case. Most are in that form already.
fn fold(c: char, each: impl FnMut(char)) {
    match is_nfkc_quick(std::iter::once(c)) {
        IsNormalized::Yes => c.to_lowercase().for_each(each),
        _ => std::iter::once(c).nfkc().flat_map(char::to_lowercase).for_each(each),
    }
}

/// The word being read.
struct Word {
    hash: u64,
    digits: u64,
    any: bool,
    any_digit: bool,
    /// The last character was a digit.
    in_number: bool,
}

/// FNV-1a, 64 bits.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

impl Default for Word {
    fn default() -> Word {
        Word { hash: OFFSET, digits: OFFSET, any: false, any_digit: false, in_number: false }
    }
}

impl Word {
    fn ascii(&mut self, byte: u8, digit_next: bool, each: &mut impl FnMut(Token)) {
        match byte {
            b'0'..=b'9' => self.digit(byte),
            b'a'..=b'z' | b'A'..=b'Z' => self.letter(u32::from(byte.to_ascii_lowercase())),
            b',' if self.in_number && digit_next => {}
            b'.' if self.in_number && digit_next => {
                self.letter(u32::from(byte));
                self.in_number = true;
            }
            _ => self.end(each),
        }
    }

    fn other(&mut self, c: char, each: &mut impl FnMut(Token)) {
        if let Some(digit) = digit(c) {
            self.digit(digit);
        } else if stands_alone(c) {
            self.end(each);
            self.letter(u32::from(c));
            self.end(each);
        } else if c.is_alphanumeric() || (self.any && is_combining_mark(c)) {
            self.letter(u32::from(c));
        } else if !is_invisible(c) {
            self.end(each);
        }
    }

    fn letter(&mut self, c: u32) {
        self.hash = (self.hash ^ u64::from(c)).wrapping_mul(PRIME);
        self.any = true;
        self.in_number = false;
    }

    fn digit(&mut self, digit: u8) {
        self.letter(u32::from(digit));
        self.digits = (self.digits ^ u64::from(digit)).wrapping_mul(PRIME);
        self.any_digit = true;
        self.in_number = true;
    }

    fn end(&mut self, each: &mut impl FnMut(Token)) {
        if self.any {
            let word = std::mem::take(self);
            let number = word.any_digit.then(|| (mix(word.digits) >> 48) as u16);
            each(Token { hash: mix(word.hash), number });
        }
    }
}

/// The finalizer of splitmix64: every bit of the input moves every bit of the result.
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Zeros of the decimal digits that compatibility form leaves as they are, in order; each begins a run of ten.
const ZEROS: [u32; 22] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946,
];

/// The ASCII digit of a decimal digit of any living script.
fn digit(c: char) -> Option<u8> {
    let c = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= c)].last()?;
    u8::try_from(c - zero).ok().filter(|value| *value < 10).map(|value| b'0' + value)
}

/// Characters of scripts written without spaces, or with spaces between phrases only: Thai, Lao, Myanmar, Khmer, kana, Han,
/// hangul. Their marks stand alone too.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x1100..=0x11ff | 0x3005..=0x3007 | 0x3040..=0x30ff
        | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x3ffff)
        && (c.is_alphanumeric() || is_combining_mark(c))
}

/// The commonest marks outside ASCII: dashes, quotes, bullets. They need no folding.
fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{ab}' | '\u{bb}' | '\u{3001}'..='\u{3003}')
}

/// Characters inside words that no reader sees: soft hyphens, joiners, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Token> {
        let mut found = Vec::new();
        tokens(text, |token| found.push(token));
        found
    }

    #[test]
    fn one_text_in_two_printings_gives_the_same_tokens() {
        for (one, two) in [
            ("The Ferry, again.", "the ferry again"),
            ("the \u{2018}last\u{2019} ferry", "the 'last' ferry"),
            ("profit of 1,250,000 dollars", "Profit of 1250000 dollars"),
            ("\u{ff11}\u{ff12} ferries", "12 ferries"),
            ("\u{664}\u{662} ferries", "42 ferries"),
            ("CAF\u{c9}S", "caf\u{e9}s"),
            ("the \u{fb01}rst", "the first"),
            ("the fer\u{ad}ry", "the ferry"),
            ("\u{6e21}\u{8239}\u{3002}", "\u{6e21} \u{8239}"),
        ] {
            assert_eq!(read(one), read(two), "{one}");
        }
    }

    /// Hashes stand in the print log: a character folded in another way forgets what was told.
    #[test]
    fn every_character_is_folded_as_by_the_whole_compatibility_form() {
        for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_ascii()) {
            let mut folded = String::new();
            fold(c, |c| folded.push(c));
            let whole: String = std::iter::once(c).nfkc().flat_map(char::to_lowercase).collect();
            assert_eq!(folded, whole, "{:x}", u32::from(c));
        }
    }

    #[test]
    fn scripts_without_spaces_give_a_token_for_each_character() {
        for (text, count) in [
            ("\u{6e21}\u{8239}\u{505c}\u{822a}", 4),
            ("\u{30d5}\u{30a7}\u{30ea}\u{30fc}", 4),
            ("\u{d398}\u{b9ac}", 2),
            ("\u{e40}\u{e23}\u{e37}\u{e2d}", 4),
            ("\u{43f}\u{430}\u{440}\u{43e}\u{43c}", 1),
            ("\u{928}\u{93e}\u{935}", 1),
        ] {
            assert_eq!(read(text).len(), count, "{text}");
        }
    }

    #[test]
    fn numbers_agree_in_their_digits() {
        let number = |text| read(text)[0].number;
        assert_eq!(number("12.5m"), number("12.5"));
        assert_eq!(number("1,250"), number("1250"));
        assert_ne!(number("1,250"), number("1251"));
        assert_eq!(number("ferry"), None);
        assert_eq!(read("3, 4").len(), 2, "a comma before a space ends the number");
        assert_eq!(read("in 1987. The").len(), 3);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(read(" \u{2014} \u{ad}... \n"), []);
        assert!(ZEROS.is_sorted());
    }
}
