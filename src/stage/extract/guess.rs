//! The headline among lines without markup: the line that the address spells, whose words the story goes on to use, that stands
//! shortly before the story and has a byline or stamp behind it. Lines are compared by hashes of their words: no allocation a line.

use std::collections::HashSet;

use super::date::{self, Context};
use super::opening::never::is_never_headline;
use super::opening::{is_mark, is_paragraph, key};
use crate::article::{Block, BlockKind, DropReason};
use crate::stage::text::head;

/// Most words of a line or an address compared.
const MAX_WORDS: usize = 60;

/// Fewest words before a stamp that make a headline. Fewer: "Updated on Monday at" becomes one.
const MIN_HEADED: usize = 5;

/// What it adds that clean took a line for the headline. More: on pages that are no news the first heading beats the title.
const MARKED: f64 = 0.1;
/// Score of the least likely headline.
const LEAST: f64 = 0.25;

/// What a headline is known by.
struct Clues {
    /// Words of the address, hashed.
    slug: Vec<u64>,
    /// Block of the story's first paragraph.
    story: usize,
    /// Words of the story's beginning, hashed.
    told: HashSet<u64>,
    /// The lines are those of a page with markup: what it sets apart from the story is the masthead more often than the headline.
    marked: bool,
}

/// The likeliest headline of lines without markup: its block, and how sure, from 0.25 up.
pub(super) fn headline(blocks: &[Block], url: Option<&str>, marked: bool, context: &Context) -> Option<(usize, f64)> {
    let kept = || blocks.iter().enumerate().filter(|(_, block)| block.dropped.is_none());
    let first = kept().find(|(_, block)| is_paragraph(block)).or_else(|| kept().find(|(_, block)| is_sentence(block)));
    let story = first.map_or(blocks.len().min(40), |(at, _)| at);
    let told = told(&blocks[story.min(blocks.len())..]);
    let clues = Clues { slug: url.map(slug).unwrap_or_default(), story, told, marked };
    let candidates = blocks.iter().enumerate().filter(|(_, block)| is_line(block));
    let scored = candidates.map(|(at, block)| (at, score(blocks, at, block, &clues, context)));
    let scored = scored.filter(|(at, score)| *score > LEAST && !is_never_headline(&blocks[*at], context));
    let best = scored.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    // a page prints its headline at the top and again above the story: the last one before the story has the byline
    let wanted = key(&blocks[best.0].text);
    let again = (best.0..=story.min(blocks.len().saturating_sub(1)))
        .rev()
        .find(|at| blocks[*at].text.len() <= 400 && key(&blocks[*at].text) == wanted);
    Some((again.unwrap_or(best.0), best.1))
}

/// What stands for the first paragraph where all are short.
fn is_sentence(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph
        && block.text.len() >= SENTENCE
        && block.text.ends_with(['.', '!', '?', '”', '"', '»'])
}

/// Shortest such sentence, in bytes. Shorter: a headline that is one.
const SENTENCE: usize = 80;

/// A line that may be a headline.
fn is_line(block: &Block) -> bool {
    let length = block.text.chars().count();
    (8..=260).contains(&length)
        && !matches!(block.kind, BlockKind::Caption | BlockKind::TableRow)
        && block.text.contains(' ')
        || (6..=80).contains(&length) && block.text.chars().filter(|c| *c >= '\u{2e80}').count() > 5
}

fn score(blocks: &[Block], at: usize, block: &Block, clues: &Clues, context: &Context) -> f64 {
    let story = clues.story;
    let mut score = match block.kind {
        BlockKind::Heading(1) => 0.5,
        BlockKind::Heading(2) => 0.15,
        _ => 0.0,
    };
    score += 1.2 * similarity(&block.text, &clues.slug) + 0.5 * overlap(&block.text, &clues.told);
    let text = block.text.trim();
    let words = text.split_whitespace().count();
    if text.ends_with(['.', ':', ',', ';']) || words > 32 {
        score -= 0.25;
    }
    // of scraped lines clean has looked for the headline too
    if !clues.marked && block.dropped == Some(DropReason::Headline) && !is_mark(block, context) {
        score += MARKED;
    }
    if words < 3 && clues.slug.is_empty() {
        score -= 0.2;
    }
    // near the story's first paragraph, and before it
    if at < story {
        score += 0.35 * (1.0 - (story - at).min(20) as f64 / 20.0);
    } else {
        score -= 0.3;
    }
    if at == 0 {
        score += 0.3;
    }
    if clues.marked && is_apart(block) {
        score -= 0.3;
    }
    // only a line that already looks good is worth reading it and its neighbours for
    if score > LEAST {
        if blocks[at + 1..].iter().take(6).any(|next| is_mark(next, context)) {
            score += 0.3;
        }
        if is_mark(block, context) {
            score -= if headed(&block.text, context).is_some() { 0.1 } else { 0.6 };
        }
    }
    score
}

/// True for what the page's markup keeps apart from the story.
pub(super) fn is_apart(block: &Block) -> bool {
    use DropReason::{LinkDense, Navigation, OutsideContainer};
    matches!(block.dropped, Some(OutsideContainer | Navigation | LinkDense))
}

/// What stands before the moment at the end of a line that holds both a headline and a stamp, as pages without markup print them. A
/// day alone parts nothing: headlines name days, but hardly ever clocks.
pub(super) fn headed<'t>(text: &'t str, context: &Context) -> Option<&'t str> {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let stamp = date::find(text, context).into_iter().find(|found| found.stamp.instant.is_some())?;
    let before = text.get(..stamp.span.start)?.trim_end_matches(|c: char| c.is_whitespace() || "|-–—·•,(".contains(c));
    (before.split_whitespace().count() >= MIN_HEADED).then_some(before)
}

/// The words of the address that name the story: its longest path part with hyphens.
fn slug(url: &str) -> Vec<u64> {
    let path = url.split(['?', '#']).next().unwrap_or("");
    let parts = path.split('/').skip(3).filter(|part| part.contains(['-', '_']));
    let words = |part: &&str| part.split(['-', '_']).filter(|word| word.chars().any(char::is_alphabetic)).count();
    let longest = parts.max_by_key(words).unwrap_or("");
    let words = longest.split(['-', '_', '.', '+']).filter(|word| (1..24).contains(&word.len()) && *word != "html");
    words
        .filter(|word| word.chars().all(char::is_alphanumeric))
        .take(MAX_WORDS)
        .map(|word| hash(word.chars()))
        .collect()
}

/// How well a line and the words of the address agree, 0.0 to 1.0.
fn similarity(text: &str, slug: &[u64]) -> f64 {
    if slug.len() < 2 {
        return 0.0;
    }
    let mut seen = [false; MAX_WORDS];
    let (mut words, mut of_line) = (0usize, 0usize);
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '/'));
    for word in parts.filter(|word| word.chars().any(char::is_alphanumeric)).take(MAX_WORDS) {
        let own = hash(word.chars().filter(|c| c.is_alphanumeric()));
        words += 1;
        of_line += usize::from(slug.contains(&own));
        slug.iter().zip(&mut seen).filter(|(word, _)| **word == own).for_each(|(_, seen)| *seen = true);
    }
    let shared = seen.iter().filter(|seen| **seen).count();
    let (of_slug, of_line) = (shared as f64 / slug.len() as f64, of_line as f64 / words.max(1) as f64);
    if shared < 2 { 0.0 } else { 0.6 * of_slug + 0.4 * of_line }
}

/// The words of the story's first paragraphs.
fn told(blocks: &[Block]) -> HashSet<u64> {
    let paragraphs = blocks.iter().filter(|block| block.dropped.is_none() && block.text.len() > 80).take(4);
    let mut told = HashSet::new();
    paragraphs.for_each(|block| {
        terms(head(&block.text, 1200), |term| {
            told.insert(term);
        })
    });
    told
}

/// Share of a line's words that the story's beginning uses too, 0.0 to 1.0.
fn overlap(text: &str, told: &HashSet<u64>) -> f64 {
    let (mut own, mut shared) = (0usize, 0usize);
    terms(text, |term| {
        own += 1;
        shared += usize::from(told.contains(&term));
    });
    if own < 2 { 0.0 } else { shared as f64 / own as f64 }
}

/// Hands out the words of four letters and more, hashed; pairs of characters for scripts without spaces.
fn terms(text: &str, mut term: impl FnMut(u64)) {
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if word.chars().any(|c| c >= '\u{0e00}') {
            let pairs = word.chars().zip(word.chars().skip(1));
            pairs.for_each(|(one, two)| term(hash([one, two].into_iter())));
        } else if word.chars().nth(3).is_some() {
            term(hash(word.chars()));
        }
    }
}

/// FNV-1a over small letters.
fn hash(chars: impl Iterator<Item = char>) -> u64 {
    let mix = |hash: u64, c: char| (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3);
    chars.fold(0xcbf2_9ce4_8422_2325, |hash, c| match c {
        c if c.is_ascii() => mix(hash, c.to_ascii_lowercase()),
        c => c.to_lowercase().fold(hash, mix),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_signs() {
        let slug = slug("https://example.com/news/2022/old-bridge-closed-1234.html");
        assert!(similarity("“Old bridge” closed!", &slug) > 0.8);
        assert_eq!(similarity("A new bridge", &slug), 0.0);
        let mut told = HashSet::new();
        terms("The bridge was closed on Monday", |term| {
            told.insert(term);
        });
        assert!(overlap("BRIDGE CLOSED", &told) > 0.9);
        assert_eq!(overlap("Weather and sports", &told), 0.0);
    }
}
