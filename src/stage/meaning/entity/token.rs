//! Text to words with their places. Splits only; it judges no word.
//!
//! The splitting is the one the training sets use: `'s` stands alone, hyphenated words and abbreviations stay whole.

use std::sync::LazyLock;

use crate::stage::quick::Set;
use crate::stage::table;

/// Words printed with a full stop that does not end the sentence.
static ABBREVIATIONS: LazyLock<Set<&'static str>> = LazyLock::new(|| {
    table::lines(include_str!("../../data/abbreviations.txt")).flat_map(str::split_whitespace).collect()
});

/// A word or mark of a text; `start` and `end` are byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Whether a sentence begins here; a quotation mark that opens one and the word behind it both do.
    pub opens: bool,
}

/// Splits `text`; time is linear in its length.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::with_capacity(text.len() / 5);
    let mut base = 0;
    for line in text.split_inclusive('\n') {
        let (mut opens, mut at) = (true, 0);
        for chunk in line.split_inclusive(char::is_whitespace) {
            let word = chunk.trim_end();
            if !word.is_empty() {
                split(word, base + at, &mut found, &mut opens);
            }
            at += chunk.len();
        }
        base += line.len();
    }
    found
}

/// Splits what stands between two spaces.
fn split(chunk: &str, base: usize, found: &mut Vec<Token>, opens: &mut bool) {
    if is_address(chunk) {
        push(chunk, base, chunk.len(), found, opens);
        return;
    }
    let mut at = 0;
    while let Some(first) = chunk[at..].chars().next() {
        let rest = &chunk[at..];
        let length = if first.is_alphanumeric() { word(rest) } else { mark(rest, first) };
        push(rest, base + at, length, found, opens);
        at += length;
    }
}

fn push(text: &str, start: usize, length: usize, found: &mut Vec<Token>, opens: &mut bool) {
    let token = &text[..length];
    let quote =
        token.chars().all(|c| matches!(c, '"' | '“' | '”' | '«' | '»' | '„' | '\'' | '‘' | '’' | '(' | '-' | '–'));
    found.push(Token { start, end: start + length, opens: *opens });
    *opens = matches!(token, "." | "!" | "?" | "…") || (*opens && quote);
}

/// Web and mail addresses, handles and hash tags stay whole.
fn is_address(chunk: &str) -> bool {
    chunk.starts_with("http://")
        || chunk.starts_with("https://")
        || chunk.starts_with("www.")
        || ((chunk.starts_with('@') || chunk.starts_with('#')) && chunk.len() > 1)
        || chunk.get(1..).is_some_and(|rest| rest.contains('@') && rest.contains('.'))
}

/// Length of the mark that `text` begins with: a run of the same one, or one.
fn mark(text: &str, first: char) -> usize {
    let clitic = ["'s", "’s", "'S", "’S"];
    if let Some(own) = clitic.iter().find(|own| text.starts_with(**own)) {
        let after = text[own.len()..].chars().next();
        if !after.is_some_and(char::is_alphanumeric) {
            return own.len();
        }
    }
    if matches!(first, '.' | '-' | '`' | '\'' | '_') {
        return text.len() - text.trim_start_matches(first).len();
    }
    first.len_utf8()
}

/// Length of the word that `text` begins with.
fn word(text: &str) -> usize {
    // most words are nothing but such letters
    let plain = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (mut end, mut before) = (plain, text[..plain].chars().next_back().unwrap_or(' '));
    let mut chars = text[plain..].char_indices().map(|(at, c)| (plain + at, c)).peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let inner = next.is_some_and(char::is_alphanumeric)
            && match c {
                '-' | '‐' | '‑' | '&' | '_' => true,
                '.' => before.is_uppercase() || before.is_numeric() || !next.is_some_and(char::is_uppercase),
                ',' | ':' => before.is_numeric() && next.is_some_and(char::is_numeric),
                '\'' | '’' => !is_clitic(&text[at..]),
                _ => false,
            };
        if !(is_letter(c) || inner || (c == '.' && abbreviates(&text[..at], next))) {
            break;
        }
        end = at + c.len_utf8();
        before = c;
    }
    end.max(text.chars().next().map_or(1, char::len_utf8))
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}

/// Whether `'s`, `'t` or the like ends the word here.
fn is_clitic(text: &str) -> bool {
    let mut chars = text.chars();
    let (_, letter, after) = (chars.next(), chars.next(), chars.next());
    letter.is_some_and(|c| matches!(c, 's' | 'S')) && !after.is_some_and(char::is_alphanumeric)
}

/// Whether the full stop after `word` belongs to it: `U.S.`, `J.`, `Mr.`, `Corp.`
fn abbreviates(word: &str, next: Option<char>) -> bool {
    if next.is_some_and(char::is_alphanumeric) {
        return false;
    }
    let single = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_uppercase);
    word.len() <= 16 && (word.split('.').all(single) || ABBREVIATIONS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|t| &text[t.start..t.end]).collect()
    }

    #[test]
    fn words_are_split_as_the_training_sets_split_them() {
        for (text, expected) in [
            ("Mr. Oak's well-known U.S. firm.", vec!["Mr.", "Oak", "'s", "well-known", "U.S.", "firm", "."]),
            ("AT&T paid $1,200.50 (or 3.5%).", vec!["AT&T", "paid", "$", "1,200.50", "(", "or", "3.5", "%", ")", "."]),
            ("“We don’t,” O’Neill said", vec!["“", "We", "don’t", ",", "”", "O’Neill", "said"]),
            ("It ended. Acme Corp. did.", vec!["It", "ended", ".", "Acme", "Corp.", "did", "."]),
            ("see https://a.example/b?c now", vec!["see", "https://a.example/b?c", "now"]),
            ("", vec![]),
            ("  \n ", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_open_after_stops_and_at_lines() {
        let text = "“We won. Now” said Oak\nNext";
        let opened: Vec<&str> = tokens(text).iter().filter(|t| t.opens).map(|t| &text[t.start..t.end]).collect();
        assert_eq!(opened, ["“", "We", "Now", "Next"]);
    }

    #[test]
    fn every_token_is_a_piece_of_the_text_in_order() {
        for text in ["👩‍👩‍👧 emoji 🙂🙂", "日本語の文章。", "a'", "'", "...--", "é́́é x\u{300}", "İstanbul’s", "a.b.c..d"]
        {
            let mut last = 0;
            for token in tokens(text) {
                assert!(token.start >= last && token.end > token.start);
                assert!(text.get(token.start..token.end).is_some(), "{text}");
                last = token.end;
            }
        }
    }
}
