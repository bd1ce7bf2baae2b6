//! What the tagger looks at, as 32-bit keys. Training and tagging share this file: a change here asks for new weights.
//!
//! Features of one word at one distance are summed once for each distinct word of a document (see `tagger`), so they may be many;
//! those of a place are read for every token that may be part of a name, so they are few.

use super::document::{Document, uses};
use super::hash::mix;
use super::word::Word;

/// Distances at which neighbours are looked at.
pub const REACH: [isize; 5] = [-2, -1, 0, 1, 2];

fn key(template: u64, value: u64) -> u32 {
    (mix(template, value) >> 32) as u32
}

/// Features of `word` standing `distance` tokens from the one in question.
pub fn of_word(word: &Word, distance: isize, mut take: impl FnMut(u32)) {
    let base = ((distance + 2) as u64) << 8;
    let mut add = |template: u64, value: u64| take(key(base + template, value));
    add(1, word.lower);
    add(2, u64::from(word.entry.cluster));
    if distance < 0 {
        add(22, u64::from(word.entry.leads));
    } else if distance > 0 {
        add(23, u64::from(word.entry.trails));
    }
    if distance.abs() == 2 {
        return;
    }
    add(3, word.case as u64);
    add(24, u64::from(word.entry.kind) << 4 | word.case as u64);
    add(4, u64::from(word.entry.capitals) << 8 | word.case as u64);
    add(5, word.tails[2]);
    bits(word.kinds, |bit| add(6, u64::from(bit)));
    if distance != 0 {
        return;
    }
    add(7, word.form);
    add(8, word.shape);
    word.heads.iter().zip(9..).for_each(|(head, template)| add(template, *head));
    word.tails.iter().zip(12..).for_each(|(tail, template)| add(template, *tail));
    let case = word.case as u64;
    add(16, u64::from(word.kinds) << 4 | case);
    add(17, u64::from(word.entry.cluster) << 4 | case);
    bits(word.uses, |bit| add(18, u64::from(bit)));
    bits(word.uses, |bit| add(19, mix(u64::from(bit), u64::from(word.entry.cluster))));
    let by_name = uses::AFTER_TITLE | uses::AFTER_FIRST | uses::AFTER_INITIAL | uses::BEFORE_SPEECH | uses::BEFORE_FIRM;
    let by_place =
        uses::AFTER_IN | uses::BEFORE_PLACE | uses::AFTER_THE | uses::SMALL | uses::BEFORE_TEAM | uses::BEFORE_BODY;
    add(20, u64::from(word.uses & (by_name | by_place)));
    add(21, mix(u64::from(word.uses & (uses::AFTER_THE | uses::AFTER_IN)), word.tails[0]));
}

/// Features of the token at `at` that need more than one word.
pub fn of_place(document: &Document, at: usize, mut take: impl FnMut(u32)) {
    let mut add = |template: u64, value: u64| take(key((1 << 16) + template, value));
    let spot = &document.spots[at];
    let word = document.word(at);
    let (before, after) = (document.near(at, -1), document.near(at, 1));
    let lower = |word: Option<&Word>| word.map_or(1, |word| word.lower);
    let cluster = |word: Option<&Word>| word.map_or(1, |word| u64::from(word.entry.cluster) + 2);
    let case = |word: Option<&Word>| word.map_or(15, |word| word.case as u64);
    let kinds = |word: Option<&Word>| word.map_or(0, |word| u64::from(word.kinds));
    let own = word.case as u64;

    add(0, 0);
    add(1, mix(lower(before), word.lower));
    add(2, mix(word.lower, lower(after)));
    add(3, case(before) << 8 | own << 4 | case(after));
    add(4, mix(cluster(before), u64::from(word.entry.cluster) << 4 | own));
    add(5, mix(cluster(after), u64::from(word.entry.cluster) << 4 | own));
    add(6, mix(lower(before), own));
    add(7, mix(lower(after), own));
    add(8, mix(kinds(before), kinds(Some(word))));
    add(9, mix(kinds(Some(word)), kinds(after)));
    add(10, mix(lower(before), lower(document.near(at, -2))));
    add(11, mix(lower(after), lower(document.near(at, 2))));
    let opening = u64::from(spot.opens) | u64::from(spot.loud) << 1;
    add(12, opening << 8 | own);
    add(13, opening << 12 | u64::from(word.entry.capitals) << 4 | own);
    add(14, mix(opening + 1, u64::from(word.kinds)));
    add(15, mix(opening + 1, u64::from(word.entry.cluster)));
    let (part, length) = (spot.part.0.min(3), spot.part.1.min(4));
    bits(spot.run, |bit| add(16, u64::from(bit) << 8 | u64::from(part) << 4 | u64::from(length)));
    add(17, mix(u64::from(spot.run), u64::from(part) << 4 | u64::from(length)));
    let about = u64::from(document.subject) << 4 | u64::from(spot.subject);
    add(18, about << 8 | own << 4 | case(before));
    add(19, mix(about, u64::from(spot.run) << 8 | u64::from(part) << 4 | u64::from(length)));
    add(20, mix(u64::from(document.subject) << 8 | own, lower(before)));
    add(21, mix(u64::from(document.subject) << 8 | own, u64::from(word.uses) & 0x1ffe));
    let lead = before.map_or(99, |word| u64::from(word.entry.leads));
    let trail = after.map_or(99, |word| u64::from(word.entry.trails));
    add(22, lead << 8 | u64::from(word.entry.kind));
    add(23, trail << 8 | u64::from(word.entry.kind));
    add(24, before.map_or(99, |word| u64::from(word.entry.kind)) << 8 | u64::from(word.entry.kind));
    add(25, after.map_or(99, |word| u64::from(word.entry.kind)) << 8 | u64::from(word.entry.kind));
    add(26, mix(u64::from(document.subject), u64::from(word.entry.kind) << 8 | u64::from(spot.opens) << 4 | own));
    add(27, mix(u64::from(word.entry.kind), u64::from(word.uses) & 0x3ffe));
    run(document, at, add);
}

/// Features of the run of capitalised words around the token: its length, its first and last word, what stands around it.
fn run(document: &Document, at: usize, mut add: impl FnMut(u64, u64)) {
    /// Longest way looked back or ahead. Names are shorter; without a bound a text in capitals takes quadratic time.
    const FAR: usize = 6;
    let capital = |at: usize| document.word(at).case.is_capital();
    if !capital(at) {
        return;
    }
    let opens = |at: usize| document.spots[at].opens;
    let (mut first, mut last) = (at, at);
    while first > 0 && at - first < FAR && capital(first - 1) && !opens(first) {
        first -= 1;
    }
    while last + 1 < document.spots.len() && last - at < FAR && capital(last + 1) && !opens(last + 1) {
        last += 1;
    }
    let (place, length) = ((at - first) as u64, (last - first + 1) as u64);
    let (head, end) = (document.word(first), document.word(last));
    add(32, place << 4 | length);
    add(33, mix(end.lower, place.min(1)));
    add(34, mix(head.lower, place.min(1)));
    add(35, mix(u64::from(end.kinds), place.min(1) << 4 | length.min(4)));
    add(36, mix(u64::from(head.kinds), place.min(1) << 4 | length.min(4)));
    add(37, mix(u64::from(head.kinds), u64::from(end.kinds)));
    let before = if opens(first) { None } else { document.near(first, -1) };
    let after = document.near(last, 1);
    let lower = |word: Option<&Word>| word.map_or(1, |word| word.lower);
    add(38, mix(lower(before), length.min(3)));
    add(39, mix(lower(after), length.min(3)));
    add(40, before.map_or(1, |word| u64::from(word.entry.cluster) + 2));
    add(41, after.map_or(1, |word| u64::from(word.entry.cluster) + 2));
    add(46, u64::from(head.entry.kind) << 8 | u64::from(end.entry.kind));
    add(47, mix(place << 4 | length, u64::from(end.entry.kind)));
    let lead = before.map_or(99, |word| u64::from(word.entry.leads));
    let trail = after.map_or(99, |word| u64::from(word.entry.trails));
    add(48, lead << 8 | trail);
    add(49, lead << 8 | u64::from(end.entry.kind));
    add(50, trail << 8 | u64::from(end.entry.kind));
    add(43, mix(u64::from(document.subject), lower(before)));
    add(44, mix(u64::from(document.subject), u64::from(end.kinds)));
    let span = document.spots[first];
    add(45, mix(u64::from(document.subject), u64::from(span.run) << 4 | length.min(4)));
    add(42, mix(before.map_or(1, |word| word.tails[2]), length.min(3)));
}

fn bits(mut set: u32, mut each: impl FnMut(u32)) {
    while set != 0 {
        each(set.trailing_zeros());
        set &= set - 1;
    }
}
