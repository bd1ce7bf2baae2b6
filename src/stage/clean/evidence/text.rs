//! What a block's own text shows, as numbers.

use super::{Row, log, number, verdict};
use crate::article::BlockKind;
use crate::stage::clean::candidate::Candidate;
use crate::stage::clean::measure::{Measure, is_word};
use crate::stage::clean::rule;

fn kind(kind: BlockKind) -> f32 {
    match kind {
        BlockKind::Paragraph => 0.0,
        BlockKind::Quote => 1.0,
        BlockKind::Preformatted => 2.0,
        BlockKind::ListItem => 3.0,
        BlockKind::TableRow => 4.0,
        BlockKind::Caption => 5.0,
        BlockKind::Heading(level) => 6.0 + f32::from(level),
    }
}

/// What the block's own text shows.
pub(super) fn of_text(row: &mut Row, c: &Candidate) {
    let m: &Measure = &c.measure;
    let words = m.words.max(1) as f32;
    let weight = m.weight.max(1) as f32;
    row.all(&[verdict(c), kind(c.block.kind), log(m.weight), m.words.min(200) as f32, m.link_share()]);
    row.all(&[m.capitals as f32 / words, m.digits as f32 / weight, m.stops.min(20) as f32, m.commas as f32 / words]);
    row.all(&[m.words as f32 / weight, f32::from(u8::from(m.closed)), m.stops as f32 * 100.0 / weight]);
    row.push(number(rule::named(c)));
    let short = c.key().as_bytes().split(|b| *b == b' ').filter(|word| word.len() <= SHORT).count();
    row.push(short as f32 / words);
    let text = c.block.text.as_str();
    let (mut capitals, mut marks, mut quotes, mut brackets) = (0u32, 0u32, 0u32, 0u32);
    for c in text.chars() {
        match c {
            'a'..='z' | ' ' => {}
            'A'..='Z' => capitals += 1,
            '|' | '/' | '@' | '#' | '$' | '*' | '+' | '=' => marks += 1,
            '"' | '“' | '”' | '«' | '»' | '„' | '「' | '」' => quotes += 1,
            '(' | ')' | '[' | ']' | '（' | '）' => brackets += 1,
            _ => {}
        }
    }
    row.push(capitals as f32 / weight);
    row.push(first(text));
    row.push(last(text));
    row.push(marks.min(20) as f32);
    row.push(quotes.min(10) as f32);
    row.push(brackets.min(10) as f32);
}

/// Bytes of a word that binds others: most languages written with spaces have many such in running text.
const SHORT: usize = 3;

/// What kind of character the text begins with.
fn first(text: &str) -> f32 {
    match text.chars().next() {
        Some(c) if c.is_lowercase() => 1.0,
        Some(c) if c.is_numeric() => 2.0,
        Some('"' | '“' | '«' | '„' | '\'' | '‘' | '「') => 3.0,
        Some('(' | '[' | '（') => 4.0,
        Some(c) if is_word(c) => 0.0,
        _ => 5.0,
    }
}

/// What kind of character the text ends with.
fn last(text: &str) -> f32 {
    match text.chars().next_back() {
        Some(':' | '：') => 1.0,
        Some('…') => 2.0,
        Some('?' | '？') => 3.0,
        Some('!' | '！') => 4.0,
        Some('.' | '。') if text.ends_with("..") => 2.0,
        Some('.' | '。') => 5.0,
        Some(c) if c.is_numeric() => 6.0,
        Some(c) if is_word(c) => 0.0,
        _ => 7.0,
    }
}
