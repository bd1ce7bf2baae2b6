//! What can be counted in a piece of text, in any script.

/// Counts of one block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Measure {
    /// Letters and digits, an ideograph or kana counting as three: comparable across scripts.
    pub weight: u32,
    /// The part of the weight that is inside links.
    pub linked: u32,
    /// Words; ideographs and kana are not counted.
    pub words: u32,
    /// Words that begin with a capital.
    pub capitals: u32,
    /// Digits.
    pub digits: u32,
    /// Full stops, question and exclamation marks of any script that end a word.
    pub stops: u32,
    /// Commas and the like.
    pub commas: u32,
    /// The text ends like a sentence, or like one that is signed.
    pub closed: bool,
}

/// Weight of a character of a script that writes a word in one or two of them.
const DENSE_WEIGHT: u32 = 3;

impl Measure {
    /// Counts `text`; `linked` is left at 0.
    pub(super) fn of(text: &str) -> Measure {
        let mut m = Measure::default();
        let mut before = ' ';
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_ascii_lowercase() && before.is_ascii_alphanumeric() {
                m.weight += 1;
            } else if is_word(c) {
                m.letter(c, before);
            } else if is_stop(c) {
                m.stops += u32::from(chars.peek().is_none_or(|next| !is_word(*next) || is_dense(*next)));
            } else if matches!(c, ',' | ';' | '，' | '、' | '；' | '،' | '؛') {
                m.commas += 1;
            }
            before = c;
        }
        m.closed = ends_sentence(text) || super::signed::is_signed(text);
        m
    }

    fn letter(&mut self, c: char, before: char) {
        let dense = is_dense(c);
        self.weight += if dense { DENSE_WEIGHT } else { 1 };
        self.digits += u32::from(!dense && c.is_numeric());
        if !dense && !is_word(before) && before != '\'' && before != '’' {
            self.words += 1;
            self.capitals += u32::from(c.is_uppercase());
        }
    }

    /// Share of the weight inside links, 0.0 to 1.0; 0.0 for a block without letters.
    pub(super) fn link_share(&self) -> f32 {
        if self.weight == 0 { 0.0 } else { (self.linked as f32 / self.weight as f32).min(1.0) }
    }
}

/// Running text: sentences, few links.
pub(super) fn is_running(m: &Measure) -> bool {
    m.weight >= 60 && (m.stops > 0 || m.weight >= 250) && m.link_share() < 0.33
}

/// `char::is_alphanumeric`, several times as fast for the scripts that come by the page: the library's table is searched for
/// every character beyond ASCII.
#[inline]
pub(super) fn is_word(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' => c.is_ascii_alphanumeric(),
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'Α'..='Ρ' | 'Σ'..='ώ' | 'Ѐ'..='ҁ' | 'Ҋ'..='ԯ' => true,
        'ぁ'..='ゖ' | 'ァ'..='ヺ' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '가'..='힣' => true,
        '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        _ => c.is_alphanumeric(),
    }
}

/// The weight of `text`, see [`Measure::weight`].
pub(super) fn weight(text: &str) -> u32 {
    let one = |c: char| if is_dense(c) { DENSE_WEIGHT } else { u32::from(is_word(c)) };
    text.chars().map(one).sum()
}

/// Ideographs, kana, and Thai: scripts without spaces between words.
#[inline]
pub(super) fn is_dense(c: char) -> bool {
    c >= '\u{0E00}'
        && matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

/// A mark that ends a sentence.
#[inline]
pub(super) fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '۔' | '।' | '｡')
}

/// True when `text` ends like a sentence, closing quotes and brackets aside.
pub(super) fn ends_sentence(text: &str) -> bool {
    let closing =
        |c: char| matches!(c, '"' | '\'' | '”' | '“' | '’' | '»' | '«' | ')' | ']' | '」' | '』' | '）' | ' ');
    text.trim_end_matches(closing).ends_with(|c| is_stop(c) || matches!(c, ':' | '：' | ';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_a_sentence() {
        let m = Measure::of("The Mayor's budget, 3.5 million, was cut. “Why?”");
        assert_eq!((m.words, m.capitals, m.digits, m.stops, m.commas, m.closed), (9, 3, 2, 2, 2, true));
    }

    #[test]
    fn the_fast_test_for_letters_agrees_with_the_library() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_word(c), c.is_alphanumeric(), "{c:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_weigh_as_much_as_words() {
        let m = Measure::of("市議会は予算を可決した。反対は三人だった。");
        assert_eq!((m.words, m.stops, m.closed), (0, 2, true));
        assert_eq!(m.weight, 57);
        assert_eq!(weight("市議会は予算を可決した。反対は三人だった。"), 57);
    }

    #[test]
    fn a_sentence_may_end_in_a_quote() {
        assert!(ends_sentence("He said “no.”"));
        assert!(ends_sentence("هل هذا صحيح؟"));
        assert!(!ends_sentence("Most popular"));
    }
}
