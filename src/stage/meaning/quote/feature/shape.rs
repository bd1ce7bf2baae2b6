//! What is seen of a quote alone, whoever may have spoken it.

use super::super::word::Class;
use super::{Features, History, Scene};

/// What is seen of the quote alone.
pub(super) struct Shape {
    pub(super) at: usize,
    /// Index of the first mention after it.
    pub(super) split: usize,
    pub(super) ending: usize,
    pub(super) before: usize,
    pub(super) follows: usize,
    /// How it is written: 0 begins small, 1 like a sentence, 2 like a title.
    pub(super) case: usize,
    pub(super) whole: usize,
    pub(super) words: usize,
    pub(super) size: usize,
    pub(super) capitals: usize,
    pub(super) continued: usize,
    /// Where it stands to the quote before: 0 first of the text, 1 same paragraph without stop, 2 same paragraph, 3 next, 4 later.
    pub(super) position: usize,
    /// Mentions in its own sentence that are the subject of a verb of saying.
    pub(super) rival: usize,
    /// The nearest mention with a verb of saying on each side.
    pub(super) best_before: Option<usize>,
    pub(super) best_after: Option<usize>,
}

impl Shape {
    /// Looks at a quote.
    pub(super) fn new(scene: &Scene, quote: usize, history: &History, candidates: &[usize]) -> Shape {
        let at = scene.quotes[quote];
        let span = scene.spans[quote];
        let inside = &scene.text[span.start..span.end];
        let (left, mut right) = scene.beside(quote);
        // outside English the comma stands behind the closing mark
        let comma = right.is(Class::COMMA);
        if comma {
            right = scene.words.get(at + 2).map_or(Class::BREAK, |word| word.class);
        }
        let split = scene.mentions.partition_point(|mention| mention.first < at);
        let words = inside.split_whitespace().count();
        let capitals = inside.split_whitespace().filter(|word| word.starts_with(char::is_uppercase)).count();
        let speaks = |m: &&usize| {
            let sides = scene.sides[**m];
            (1..7).contains(&sides.right) || (1..4).contains(&sides.left)
        };
        let same_sentence = |m: &&usize| {
            let between = scene.between(at, &scene.mentions[**m]);
            between.breaks == 0 && between.stops == 0
        };
        Shape {
            at,
            split,
            ending: if comma { 0 } else { ending(inside) },
            before: neighbour(left),
            follows: neighbour(right),
            case: case(inside),
            whole: match (left.is(Class::BREAK), right.is(Class::BREAK)) {
                (true, true) => 1,
                (true, false) => 2,
                (false, true) => 3,
                _ => 4,
            },
            words,
            size: size(words),
            capitals: capitals * 4 / words.max(1),
            continued: usize::from(span.continued),
            position: position(scene, quote, history),
            rival: candidates.iter().filter(speaks).filter(same_sentence).count(),
            best_before: candidates.iter().filter(|m| **m < split).rfind(speaks).copied(),
            best_after: candidates.iter().filter(|m| **m >= split).find(speaks).copied(),
        }
    }

    /// The features of having no speaker (`which` 0) or being no quote (1).
    pub(super) fn features(&self, which: usize) -> Features {
        let mut f = Features::default();
        let base = 30 + which * 12;
        f.add(base, 0);
        f.add(base + 1, (self.before * 5 + self.ending) * 3 + self.case);
        f.add(base + 2, (self.follows * 5 + self.whole) * 3 + self.case);
        f.add(base + 3, (self.size * 5 + self.capitals) * 3 + self.case);
        f.add(base + 4, self.rival.min(2) * 5 + self.position);
        f.add(base + 5, self.rival.min(2) * 10 + self.size);
        f.add(base + 6, (self.rival.min(1) * 5 + self.whole) * 5 + self.ending);
        f.add(base + 7, self.position * 10 + self.continued * 5 + self.whole);
        f.add(base + 9, self.before * 16 + self.follows);
        f.add(base + 10, (self.case * 16 + self.follows) * 3 + self.rival.min(2));
        f.add(base + 11, (self.case * 16 + self.before) * 6 + self.size);
        f.add(base + 8, (self.before * 5 + self.capitals) * 3 + self.case);
        f
    }
}

/// Where it stands to the last quote that somebody spoke, see [`Shape::position`].
fn position(scene: &Scene, quote: usize, history: &History) -> usize {
    let spoken = scene.quotes.get(history.quote).filter(|_| history.last.is_some() && history.quote < quote);
    spoken.map_or(0, |&last| {
        let count = |kind: usize| scene.sums[scene.quotes[quote]][kind] - scene.sums[last][kind];
        match (count(1), count(0)) {
            (0, 0) => 1,
            (0, _) => 2,
            (1, _) => 3,
            _ => 4,
        }
    })
}

/// The sign it ends with.
fn ending(inside: &str) -> usize {
    match inside.chars().next_back() {
        Some(',') => 0,
        Some('.' | '…') => 1,
        Some('?' | '!') => 2,
        Some('-' | '—' | '–') => 3,
        _ => 4,
    }
}

/// How long it is.
fn size(words: usize) -> usize {
    match words {
        0..=3 => 0,
        4 => 1,
        5..=6 => 2,
        7..=10 => 3,
        11..=25 => 4,
        _ => 5,
    }
}

/// 0 begins small, 1 like a sentence, 2 like a title: no longer word begins small, and two words at least have capitals.
fn case(inside: &str) -> usize {
    let small = |word: &str| word.starts_with(char::is_lowercase);
    let capitals = inside.split_whitespace().filter(|word| word.starts_with(char::is_uppercase)).count();
    match () {
        () if small(inside) => 0,
        () if capitals > 1 && !inside.split_whitespace().any(|word| small(word) && word.chars().nth(3).is_some()) => 2,
        () => 1,
    }
}

/// What kind of word stands beside a quote.
fn neighbour(class: Class) -> usize {
    match class {
        _ if class.is(Class::BREAK) => 0,
        _ if class.is(Class::COMMA) => 1,
        _ if class.is(Class::COLON) => 2,
        _ if class.is(Class::STOP) => 3,
        _ if class.is(Class::SAID) => 4,
        _ if class.is(Class::CLAIMED | Class::SAYING) => 5,
        _ if class.is(Class::QUOTE) => 6,
        _ if class.is(Class::TITLED) => 7,
        _ if class.is(Class::OWNER) => 8,
        _ if class.is(Class::THE) => 9,
        _ if class.is(Class::OF) => 10,
        _ if class.is(Class::SMALL) => 11,
        _ if class.is(Class::CAPITAL) => 12,
        _ if class.is(Class::WORD) => 13,
        _ if class.is(Class::DASH) => 14,
        _ => 15,
    }
}
