//! Text to the tokens of the date grammar: numbers, words, signs. Letters and digits part where they touch, so a stamp with
//! other text glued to it still falls into its parts. Knows no grammar.

use super::words::{Meaning, Sense, senses};

/// Most tokens looked at in one text. More: a long line costs time. Fewer: a stamp at the end of a byline is missed.
const MAX_TOKENS: usize = 160;

/// Longest written word of scripts without spaces, in characters (`月曜日`, `最終更新`).
const MAX_UNSPACED: usize = 3;

/// One token, with its place in the text in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// True when white space stands before it.
    pub spaced: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A run of digits of any script: its value and how many digits. Longer runs than 14 digits have no value.
    Number(u64, u8),
    /// A word and all it may mean in a date.
    Word(&'static [Sense]),
    /// Any other character.
    Sign(char),
}

impl Token {
    /// Value and digits of a number.
    pub fn number(&self) -> Option<(u64, u8)> {
        match self.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    /// True for this sign.
    pub fn is_sign(&self, sign: char) -> bool {
        matches!(self.kind, Kind::Sign(c) if c == sign)
    }

    /// True for a word that may mean this in any language.
    pub fn means(&self, meaning: Meaning) -> bool {
        self.senses().iter().any(|sense| sense.meaning == meaning)
    }

    /// All meanings of a word.
    pub fn senses(&self) -> &'static [Sense] {
        match self.kind {
            Kind::Word(senses) => senses,
            _ => &[],
        }
    }

    /// The month of a word: the one of `language`, else the one that all its languages agree on.
    pub fn month(&self, language: Option<&str>) -> Option<i8> {
        let months = || {
            self.senses().iter().filter_map(|sense| match sense.meaning {
                Meaning::Month(month) => Some((sense.language, month)),
                _ => None,
            })
        };
        if let Some((_, month)) = months().find(|(own, _)| Some(*own) == language) {
            return Some(month);
        }
        let (_, first) = months().next()?;
        months().all(|(_, month)| month == first).then_some(first)
    }
}

/// The tokens of `text`, at most [`MAX_TOKENS`].
pub(super) fn scan(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(32);
    let mut at = 0;
    let mut spaced = false;
    while tokens.len() < MAX_TOKENS {
        let Some(c) = text[at..].chars().next() else { break };
        if c.is_whitespace() || is_invisible(c) {
            spaced |= c.is_whitespace();
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = token(&text[at..], c);
        tokens.push(Token { kind, start: at, end: at + length, spaced });
        at += length;
        spaced = false;
    }
    tokens
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    if digit(first).is_some() {
        number(rest)
    } else if is_unspaced(first) {
        unspaced(rest, first)
    } else if is_thai(first) {
        thai(rest)
    } else if is_letter(first) {
        dotted_meridiem(rest).unwrap_or_else(|| word(rest))
    } else {
        (Kind::Sign(first), first.len_utf8())
    }
}

/// The whole word where it is a known one, however misprinted its capitals (`MArch`); else its first part.
fn word(rest: &str) -> (Kind, usize) {
    let whole = rest.find(|c| !is_letter(c) || is_unspaced(c)).unwrap_or(rest.len());
    let known = lookup(&rest[..whole]);
    if !known.is_empty() {
        return (Kind::Word(known), whole);
    }
    let length = word_length(rest);
    (Kind::Word(lookup(&rest[..length])), length)
}

/// Length of the word here. Words glued together part where the case says so: `PublishedApr`, `UTCBy`.
fn word_length(rest: &str) -> usize {
    let mut capitals = 0;
    let mut last = None;
    for (at, c) in rest.char_indices() {
        if !is_letter(c) || is_unspaced(c) {
            return at;
        }
        match (last, c.is_uppercase()) {
            (Some((_, false)), true) => return at,
            (Some((before, true)), false) if capitals >= 2 && c.is_lowercase() => return before,
            _ => {}
        }
        capitals = if c.is_uppercase() { capitals + 1 } else { 0 };
        last = Some((at, c.is_uppercase()));
    }
    rest.len()
}

fn number(rest: &str) -> (Kind, usize) {
    let mut value = 0u64;
    let mut digits = 0u8;
    let mut length = 0;
    for c in rest.chars() {
        let Some(d) = digit(c) else { break };
        value = value.saturating_mul(10).saturating_add(u64::from(d));
        digits = digits.saturating_add(1);
        length += c.len_utf8();
    }
    (if digits <= 14 { Kind::Number(value, digits) } else { Kind::Sign('#') }, length)
}

/// The longest known word here of a script without spaces, else one character.
fn unspaced(rest: &str, first: char) -> (Kind, usize) {
    let ends = rest.char_indices().take(MAX_UNSPACED).map(|(at, c)| at + c.len_utf8());
    ends.filter(|end| !senses(&rest[..*end]).is_empty())
        .last()
        .map_or((Kind::Sign(first), first.len_utf8()), |end| (Kind::Word(senses(&rest[..end])), end))
}

/// Thai abbreviations carry full stops inside: `เม.ย.`
fn thai(rest: &str) -> (Kind, usize) {
    let length = rest.find(|c| !is_thai(c) && c != '.').unwrap_or(rest.len());
    let word: String = rest[..length].chars().take(16).filter(|c| *c != '.').collect();
    (Kind::Word(senses(&word)), length)
}

/// `a.m.`, `p. m.`, `π.μ.`: two letters with full stops, read as one word.
fn dotted_meridiem(rest: &str) -> Option<(Kind, usize)> {
    let mut chars = rest.char_indices();
    let (_, first) = chars.next()?;
    (matches!(first, 'a' | 'A' | 'p' | 'P' | 'π') && chars.next()?.1 == '.').then_some(())?;
    let (mut at, mut second) = chars.next()?;
    if matches!(second, ' ' | '\u{a0}' | '\u{202f}') {
        (at, second) = chars.next()?;
    }
    matches!(second, 'm' | 'M' | 'μ').then_some(())?;
    let end = at + second.len_utf8();
    let after = rest[end..].chars().next();
    let end = if after == Some('.') { end + 1 } else { end };
    let after_is_letter = rest[end..].chars().next().is_some_and(|c| c.is_alphabetic() && after != Some('.'));
    (!after_is_letter).then(|| {
        let word = if matches!(first, 'a' | 'A') { "am" } else { "pm" };
        (Kind::Word(senses(word)), end)
    })
}

fn lookup(word: &str) -> &'static [Sense] {
    let found = senses(word);
    if found.is_empty() && word.len() <= 48 && word.chars().any(char::is_uppercase) {
        senses(&word.to_lowercase())
    } else {
        found
    }
}

/// The value of a decimal digit of the scripts that newspapers print dates in.
fn digit(c: char) -> Option<u8> {
    const ZEROS: [char; 9] = ['0', '٠', '۰', '०', '০', '๐', '０', '୦', '௦'];
    ZEROS.iter().map(|zero| (c as u32).wrapping_sub(*zero as u32)).find(|value| *value < 10).map(|value| value as u8)
}

/// Letters, with the vowel signs and joiners of Indic and Thai words.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        || ('\u{0300}'..='\u{036f}').contains(&c)
        || (('\u{0900}'..='\u{0e7f}').contains(&c) && digit(c).is_none() && c != '।')
}

fn is_thai(c: char) -> bool {
    ('\u{0e00}'..='\u{0e7f}').contains(&c) && digit(c).is_none()
}

/// Han, kana and Hangul, which are written without spaces between words.
fn is_unspaced(c: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&c) || ('\u{ac00}'..='\u{d7af}').contains(&c)
}

/// Characters that print nothing: direction marks, zero-width spaces.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        scan(text)
            .iter()
            .map(|token| match token.kind {
                Kind::Number(value, _) => value.to_string(),
                Kind::Word([]) => "x".into(),
                Kind::Word(_) => "w".into(),
                Kind::Sign(c) => c.into(),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn glued_text_falls_into_its_parts() {
        assert_eq!(shape("Apr 20, 2022, 15:23 UTC2min read"), "w 20 , 2022 , 15 : 23 x 2 w x");
        assert_eq!(shape("2022年4月20日下午3时23分"), "2022 w 4 w 20 w w 3 w 23 w");
        assert_eq!(shape("3:23 p.m. ET"), "3 : 23 w x");
        assert_eq!(shape("PublishedApr 20UTCBy"), "x w 20 x x");
        assert_eq!(shape("٢٠ أبريل ٢٠٢٢"), "20 w 2022");
    }

    #[test]
    fn an_endless_number_has_no_value() {
        assert_eq!(shape(&"9".repeat(4000)), "#");
    }

    #[test]
    fn a_month_name_of_two_meanings_needs_the_language() {
        let token = scan("listopad")[0];
        assert_eq!((token.month(Some("pl")), token.month(Some("hr")), token.month(None)), (Some(11), Some(10), None));
    }
}
