//! Counts of the text. One pass, no allocation.

use crate::article::Stats;

/// Words a person reads in a minute.
const WORDS_A_MINUTE: u64 = 240;

/// Characters of scripts without spaces a person reads in a minute.
const CHARACTERS_A_MINUTE: u64 = 500;

/// Counts words, characters and sentences of a text.
pub fn count(text: &str) -> Stats {
    let mut words = 0u64;
    let mut unspaced = 0u64;
    let mut sentences = 0u64;
    let mut characters = 0u64;
    let mut in_word = false;
    let mut open = false;
    let mut word_letters = 0u32;
    let mut abbreviation = false;
    let mut ended = false;
    for c in text.chars() {
        characters += 1;
        if is_unspaced(c) {
            unspaced += 1;
            in_word = false;
            open = true;
        } else if c.is_alphanumeric() {
            words += u64::from(!in_word);
            word_letters = if in_word { word_letters + 1 } else { 1 };
            // "Mr.", "Gov.", "St.": a short word with a capital and small letters ends no sentence
            abbreviation =
                if in_word { abbreviation && c.is_lowercase() && word_letters <= 3 } else { c.is_uppercase() };
            // "1.5 million", "U.S. officials said": no sentence ends before a digit glued on or a small letter
            ended &= !in_word && !c.is_lowercase();
            sentences += u64::from(std::mem::take(&mut ended));
            in_word = true;
            open = true;
        } else if c.is_whitespace() {
            in_word = false;
            if c == '\n' && open {
                sentences += 1;
                (open, ended) = (false, false);
            }
        } else if matches!(c, '。' | '！' | '？') {
            sentences += u64::from(open);
            (open, ended) = (false, false);
        } else if matches!(c, '.' | '!' | '?' | '…' | '।' | '؟') {
            ended = c != '.' || !abbreviation;
        } else if !matches!(c, '\'' | '’' | '-' | '"' | '”' | '“' | '»' | ')' | '\u{ad}') {
            in_word = false;
        }
    }
    sentences += u64::from(open);
    let seconds = (words * 60).div_ceil(WORDS_A_MINUTE) + (unspaced * 60).div_ceil(CHARACTERS_A_MINUTE);
    let clip = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Stats {
        words: clip(words + unspaced),
        characters: clip(characters),
        sentences: clip(sentences),
        reading_time_seconds: clip(seconds),
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
