//! Stamp lines: dates that stand near the headline, or that say elsewhere in the page what they are.

use super::unstuck::unstuck;
use super::{MAX_LINE, Opening};
use crate::article::{Block, BlockKind, DropReason};
use crate::stage::extract::date::{self, Context, Found, Label};
use crate::stage::extract::embargo;

/// Most stamps kept.
const MAX_STAMPS: usize = 16;

/// Most lines that are nothing but a date before they are a list of other stories.
const MAX_BARE: usize = 6;

/// Reads one block near the headline; `open` until the story is under way.
pub(super) fn near(blocks: &[Block], index: usize, context: &Context, open: bool, opening: &mut Opening) {
    let text = blocks[index].text.as_str();
    // the day in a caption is the picture's
    if blocks[index].kind == BlockKind::Caption || blocks[index].dropped == Some(DropReason::Caption) {
        return;
    }
    if opening.stamps.len() >= MAX_STAMPS || !text.chars().any(char::is_numeric) && text.len() > 40 {
        return;
    }
    let short = text.chars().count() <= MAX_LINE;
    let headline = opening.headline.map(|(at, _)| at);
    for found in find(blocks, index, context).into_iter().filter(|found| !is_today(blocks, index, headline, found)) {
        let leads = found.span.start < 60 && found.label.is_some();
        // a date inside a sentence is the story's; a labelled one at the head of a glued line is a stamp
        let heads = open && found.span.start <= 1 && !found.weak && found.label.is_none();
        if heads || open && short && (leads || !is_sentence(text)) || leads && found.label != Some(Label::Other) {
            opening.stamps.push((index, found));
        }
    }
}

/// The dates of a block; one at its beginning has the label that stands alone in the block before.
fn find(blocks: &[Block], index: usize, context: &Context) -> Vec<Found> {
    // the time of an embargo is no time of publication
    if embargo::line::declares(&blocks[index].text, context) {
        return Vec::new();
    }
    let mut found = date::find(&unstuck(&blocks[index].text, context), context);
    if let Some(first) = found.first_mut().filter(|first| first.label.is_none() && first.span.start <= 3) {
        let before = index.checked_sub(1).map(|at| blocks[at].text.as_str());
        let alone = |text: &&str| text.len() <= 60 && !text.bytes().any(|b| b.is_ascii_digit());
        first.label = before.filter(alone).and_then(date::label);
    }
    found
}

fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace().count();
    words > 12 && text.trim_end().ends_with(['.', '!', '?', '”', '"'])
}

/// Stamps anywhere in the page, where none stands near the headline: labelled ones such as `Last updated: 20 April 2022` at
/// its foot, else the line before `foot` and nearest to the headline that is nothing but a date.
pub(super) fn elsewhere(blocks: &[Block], foot: usize, context: &Context, opening: &mut Opening) {
    let short = |block: &Block| block.text.len() <= 160 && block.text.bytes().filter(u8::is_ascii_digit).count() >= 5;
    let mut bare = Vec::new();
    for index in (0..blocks.len()).filter(|at| short(&blocks[*at])).take(60) {
        for found in find(blocks, index, context) {
            match found.label {
                Some(Label::Published | Label::Updated) => opening.stamps.push((index, found)),
                None if index < foot && is_bare(&blocks[index].text, &found) => bare.push((index, found)),
                _ => {}
            }
        }
    }
    // "20.4.2022 - The council": a story that begins with its day
    let kept = |block: &Block| block.dropped.is_none() && block.kind == BlockKind::Paragraph;
    let story = blocks.iter().position(|block| kept(block) && super::is_paragraph(block));
    if let Some(story) = story {
        let heads = |found: &Found| found.span.start <= 1 && !found.weak;
        opening
            .stamps
            .extend(find(blocks, story, context).into_iter().take(1).filter(heads).map(|found| (story, found)));
    }
    opening.stamps.truncate(MAX_STAMPS);
    let headline = opening.headline.map(|(at, _)| at);
    bare.retain(|(index, found)| !is_today(blocks, *index, headline, found));
    let headline = headline.filter(|_| opening.stamps.is_empty() && bare.len() <= MAX_BARE);
    if let Some(headline) = headline {
        opening.stamps.extend(bare.into_iter().min_by_key(|(index, _)| index.abs_diff(headline)));
    }
}

/// Most words of a line above the date of a page's head: a site's name, or `Skip to content`. A headline has more.
const MAX_HEAD: usize = 4;

/// True for the date of the page's head, which is the day of reading: it says nothing of itself, nothing like a headline stands
/// above it, and the menu stands between it and the headline.
fn is_today(blocks: &[Block], index: usize, headline: Option<usize>, found: &Found) -> bool {
    let between = headline.and_then(|headline| blocks.get(index + 1..headline)).unwrap_or(&[]);
    // The title of the page stands above all.
    let first = || blocks[..index].iter().skip(1).all(|block| block.text.split_whitespace().count() <= MAX_HEAD);
    found.label.is_none() && first() && between.iter().any(|block| block.dropped == Some(DropReason::Navigation))
}

/// True for a line that is a date with its year, and little else.
fn is_bare(text: &str, found: &Found) -> bool {
    !found.weak && found.span.start <= 3 && 2 * found.span.len() >= text.trim().len()
}
