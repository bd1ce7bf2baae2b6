//! Counts of the text. One pass, no allocation.

use crate::article::Stats;

/// Words a person reads in a minute.
const WORDS_A_MINUTE: u64 = 240;

/// Characters of scripts without spaces a person reads in a minute.
const CHARACTERS_A_MINUTE: u64 = 500;

/// Counts words, characters and sentences of a text.
pub fn count(text: &str) -> Stats {
    let mut counted = Counted::default();
    text.chars().for_each(|c| counted.take(c));
    let Counted { words, unspaced, characters, .. } = counted;
    let sentences = counted.sentences + u64::from(counted.open);
    let seconds = (words * 60).div_ceil(WORDS_A_MINUTE) + (unspaced * 60).div_ceil(CHARACTERS_A_MINUTE);
    let clip = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Stats {
        words: clip(words + unspaced),
        characters: clip(characters),
        sentences: clip(sentences),
        reading_time_seconds: clip(seconds),
    }
}

/// What was counted up to a character, and what must be known of those before it.
#[derive(Default)]
struct Counted {
    words: u64,
    unspaced: u64,
    sentences: u64,
    characters: u64,
    in_word: bool,
    /// A sentence has begun.
    open: bool,
    word_letters: u32,
    abbreviation: bool,
    /// A sentence ends here, unless what follows says otherwise.
    ended: bool,
}

impl Counted {
    fn take(&mut self, c: char) {
        self.characters += 1;
        if is_unspaced(c) {
            self.unspaced += 1;
            (self.in_word, self.open) = (false, true);
        } else if c.is_alphanumeric() {
            self.letter(c);
        } else if c.is_whitespace() {
            self.in_word = false;
            if c == '\n' && self.open {
                self.sentences += 1;
                (self.open, self.ended) = (false, false);
            }
        } else if matches!(c, '。' | '！' | '？') {
            self.sentences += u64::from(self.open);
            (self.open, self.ended) = (false, false);
        } else if matches!(c, '.' | '!' | '?' | '…' | '।' | '؟') {
            self.ended = c != '.' || !self.abbreviation;
        } else if !matches!(c, '\'' | '’' | '-' | '"' | '”' | '“' | '»' | ')' | '\u{ad}') {
            self.in_word = false;
        }
    }

    fn letter(&mut self, c: char) {
        let in_word = std::mem::replace(&mut self.in_word, true);
        self.words += u64::from(!in_word);
        self.word_letters = if in_word { self.word_letters + 1 } else { 1 };
        // "Mr.", "Gov.", "St.": a short word with a capital and small letters ends no sentence
        self.abbreviation =
            if in_word { self.abbreviation && c.is_lowercase() && self.word_letters <= 3 } else { c.is_uppercase() };
        // "1.5 million", "U.S. officials said": no sentence ends before a digit glued on or a small letter
        self.ended &= !in_word && !c.is_lowercase();
        self.sentences += u64::from(std::mem::take(&mut self.ended));
        self.open = true;
    }
}

/// Scripts written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{0e00}'..='\u{0eff}' | '\u{1780}'..='\u{17ff}' | '\u{1000}'..='\u{109f}' | '\u{20000}'..='\u{2fa1f}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        for (text, words, sentences) in [
            ("", 0, 0),
            ("One two.", 2, 1),
            ("One two. Three four! Five?", 5, 3),
            ("Mr. J. Example paid 1.5 million. It's well-known.", 8, 2),
            ("A line\n\nanother line", 4, 2),
            ("今日は晴れ。明日は雨。", 9, 2),
            ("「今日は」。", 3, 1),
        ] {
            let stats = count(text);
            assert_eq!((stats.words, stats.sentences), (words, sentences), "{text}");
        }
    }

    #[test]
    fn reading_time_is_rounded_up() {
        assert_eq!(count("one two three").reading_time_seconds, 1);
        assert_eq!(count(&"word ".repeat(240)).reading_time_seconds, 60);
        assert_eq!(count(&"字".repeat(500)).reading_time_seconds, 60);
    }
}
