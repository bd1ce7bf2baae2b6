//! What is seen of a quote and a possible speaker: small numbers, each in a numbered template. Training and reading share it.

mod shape;
mod side;

use shape::Shape;
use side::{ACCORDING, LEFTS, RIGHTS, Sides, shared, sides};

use super::mention::{KINDS, Mention};
use super::span::Span;
use super::word::{Class, Word};

/// Number of templates.
pub const TEMPLATES: usize = 54;
/// Values of a template.
pub const VALUES: usize = 512;

/// Furthest mentions offered, before and after a quote.
const BEFORE: usize = 16;
const AFTER: usize = 10;
/// Longest title of a work or so-called expression, in words; longer spans are always speech.
const MAX_TITLE: usize = 12;

/// The features of one candidate: indexes into the weights.
#[derive(Debug, Clone, Default)]
pub struct Features(pub Vec<u32>);

impl Features {
    fn add(&mut self, template: usize, value: usize) {
        debug_assert!(template < TEMPLATES && value < VALUES, "template {template} value {value}");
        self.0.push((template * VALUES + value.min(VALUES - 1)) as u32);
    }
}

/// Who may be chosen for a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The mention of this index.
    Mention(usize),
    /// Nobody is named.
    Nobody,
    /// These are no words that anybody said: a title, a so-called expression.
    NoQuote,
}

/// What was decided for the quotes before.
#[derive(Debug, Clone, Copy, Default)]
pub struct History {
    /// The last speaker, a mention.
    pub last: Option<usize>,
    /// Index of the quote that `last` spoke.
    pub quote: usize,
}

impl History {
    /// Takes note of a decision.
    pub fn remember(&mut self, quote: usize, choice: Choice) {
        if let Choice::Mention(mention) = choice {
            (self.last, self.quote) = (Some(mention), quote);
        }
    }
}

/// A text made ready: words, mentions, and sums over them, so that whatever lies between two places costs nothing to count.
pub struct Scene<'t> {
    /// The text.
    pub text: &'t str,
    /// Its quotes.
    pub spans: Vec<Span>,
    /// Its words.
    pub words: Vec<Word>,
    /// Its mentions.
    pub mentions: Vec<Mention>,
    /// Word index of each quote.
    quotes: Vec<usize>,
    /// By word: how many stops, breaks, quotes and verbs of saying came before.
    sums: Vec<[u32; 4]>,
    /// By mention: what stands left and right of it, and the verb it is the subject of, if any.
    sides: Vec<Sides>,
    /// By mention: how many other mentions share its last word, 0 to 3.
    shared: Vec<u8>,
}

impl<'t> Scene<'t> {
    /// Makes a text ready.
    pub fn new(text: &'t str, spans: Vec<Span>, words: Vec<Word>) -> Scene<'t> {
        let mentions = super::mention::mentions(&words);
        let quotes = (0..words.len()).filter(|&at| words[at].class.is(Class::QUOTE)).collect();
        let mut sum = [0; 4];
        let mut sums = Vec::with_capacity(words.len() + 1);
        for word in &words {
            sums.push(sum);
            for (count, class) in sum.iter_mut().zip([Class::STOP, Class::BREAK, Class::QUOTE, Class::CUE]) {
                *count += u32::from(word.class.is(class));
            }
        }
        sums.push(sum);
        let sides = mentions.iter().map(|mention| sides(&words, mention)).collect();
        let shared = shared(text, &words, &mentions);
        Scene { text, spans, words, mentions, quotes, sums, sides, shared }
    }

    /// The text of a mention.
    pub fn shown(&self, mention: &Mention) -> &'t str {
        &self.text[self.words[mention.first].start..self.words[mention.last - 1].end]
    }

    /// The last capitalised word of a mention, by which it is known again.
    pub fn surname(&self, mention: &Mention) -> Option<&'t str> {
        let word = (mention.name < mention.last).then(|| self.words[mention.last - 1])?;
        Some(&self.text[word.start..word.end])
    }

    /// True for the first mention of a sentence that begins with it.
    pub fn begins_sentence(&self, mention: usize) -> bool {
        self.sides[mention].first
    }

    /// True for a mention that is the subject of a verb of saying. A verb before it counts only behind a quote or a comma: in
    /// `Roe said Poe was late` Poe says nothing.
    pub fn speaks(&self, mention: usize) -> bool {
        let sides = self.sides[mention];
        let turned = || {
            let before = self.mentions[mention].first.checked_sub(2);
            before.is_some_and(|at| self.words[at].class.is(Class::QUOTE | Class::COMMA))
        };
        matches!(sides.right, 1 | 2 | 4) || matches!(sides.left, 1 | 2) && turned()
    }

    /// The paragraph in which a mention stands.
    pub fn paragraph(&self, mention: usize) -> u32 {
        self.sums[self.mentions[mention].first][1]
    }

    /// The verb of saying that ties a mention to a quote, an index into the words.
    pub fn cue(&self, quote: usize, mention: usize) -> Option<usize> {
        let Sides { before, behind, .. } = self.sides[mention];
        if self.mentions[mention].first > self.quotes[quote] { before.or(behind) } else { behind.or(before) }
    }

    /// The classes of the words beside a quote; a paragraph's edge counts as a break.
    pub fn beside(&self, quote: usize) -> (Class, Class) {
        let at = self.quotes[quote];
        let class =
            |word: Option<usize>| word.and_then(|word| self.words.get(word)).map_or(Class::BREAK, |word| word.class);
        (class(at.checked_sub(1)), class(Some(at + 1)))
    }

    /// Indexes of the mentions that are offered for a quote, and the last speaker.
    pub fn candidates(&self, quote: usize, history: &History) -> Vec<usize> {
        let at = self.quotes[quote];
        let after = self.mentions.partition_point(|mention| mention.first < at);
        let breaks = |word: usize| self.sums[word][1];
        let near_before =
            (after.saturating_sub(BEFORE)..after).filter(|&m| breaks(at) - breaks(self.mentions[m].first) <= 4);
        let last = history.last.filter(|last| *last + BEFORE < after);
        let end = (after + AFTER).min(self.mentions.len());
        // a paragraph that begins `According to` names the source of its own words
        let own = |m: usize| self.sides[m].left == ACCORDING && breaks(self.mentions[m].first) > breaks(at);
        let near_after = (after..end).filter(|&m| breaks(self.mentions[m].first) - breaks(at) <= 1 && !own(m));
        last.into_iter().chain(near_before).chain(near_after).collect()
    }

    /// The features of every choice for a quote; the mentions first, in the order of [`Scene::candidates`].
    pub fn choices(&self, quote: usize, history: &History) -> Vec<(Choice, Features)> {
        let candidates = self.candidates(quote, history);
        let shape = Shape::new(self, quote, history, &candidates);
        let mut choices: Vec<_> =
            candidates.iter().map(|&m| (Choice::Mention(m), self.mention_features(m, &shape, history))).collect();
        choices.push((Choice::Nobody, shape.features(0)));
        if shape.words <= MAX_TITLE {
            choices.push((Choice::NoQuote, shape.features(1)));
        }
        choices
    }

    fn mention_features(&self, m: usize, shape: &Shape, history: &History) -> Features {
        let mention = &self.mentions[m];
        let sides = self.sides[m];
        let between = self.between(shape.at, mention);
        let mut f = Features(Vec::with_capacity(40));
        let kind = mention.kind as usize;
        let (left, right) = (usize::from(sides.left), usize::from(sides.right));
        let side = usize::from(between.after);
        let near = side + 2 * between.breaks.min(1) + 4 * between.stops.min(1);
        let place = side + 2 * between.breaks.min(3) + 8 * between.stops.min(3) + 32 * between.quotes.min(2);
        let rank = if between.after { m - shape.split } else { shape.split - 1 - m };
        let verb = usize::from(right > 0 && right < 7 || (1..4).contains(&left));
        f.add(0, kind);
        f.add(1, place);
        f.add(2, right * 8 + near);
        f.add(3, left * 8 + near);
        f.add(4, left * RIGHTS + right);
        f.add(5, kind * RIGHTS + right);
        f.add(6, kind * 8 + near);
        f.add(7, rank.min(5) * 8 + near);
        f.add(8, between.distance * 8 + near);
        f.add(9, between.cues.min(3) * 8 + near);
        f.add(10, place * 5 + shape.whole);
        f.add(11, (shape.ending * 2 + side) * 8 + rank.min(2) * 2 + verb);
        f.add(12, (shape.before * 2 + side) * 8 + rank.min(2) * 2 + verb);
        f.add(13, usize::from(self.shared[m]) * usize::from(KINDS) + kind);
        f.add(14, (shape.case * 8 + near) * 2 + verb);
        f.add(15, usize::from(sides.first) * RIGHTS + right);
        f.add(16, between.distance * 32 + right.min(7) * 4 + side * 2 + between.stops.min(1));
        f.add(17, between.distance * 32 + left.min(7) * 4 + side * 2 + between.stops.min(1));
        f.add(18, (between.quotes.min(2) * 8 + near) * 2 + verb);
        f.add(19, (shape.rival.min(2) * 2 + verb) * 8 + near);
        let same = self.same(m, history.last);
        f.add(20, same * 40 + shape.position * 8 + near);
        f.add(21, same * 32 + usize::from(KINDS).min(kind) + 11 * shape.continued);
        f.add(22, same * 32 + shape.rival.min(2) * 8 + shape.whole);
        f.add(
            23,
            usize::from(shape.best_before == Some(m)) + 2 * usize::from(shape.best_after == Some(m)) + 4 * shape.ending,
        );
        f.add(24, (kind * LEFTS + left) * 2 + side);
        f.add(25, (shape.size * 8 + near) * 2 + verb);
        f.add(26, (shape.follows * 8 + near) * 2 + verb);
        f.add(27, same * 100 + kind * 8 + near);
        f.add(28, (shape.case * 16 + shape.before) * 2 + verb);
        f.add(29, (shape.case * 16 + shape.follows) * 2 + verb);
        f
    }

    /// How a mention stands to the last speaker: 0 there is none, 1 somebody else, 2 another mention of the name, 3 the same mention.
    fn same(&self, m: usize, last: Option<usize>) -> usize {
        let Some(last) = last else { return 0 };
        let (own, other) = (&self.mentions[m], &self.mentions[last]);
        match () {
            () if m == last => 3,
            () if own.kind == other.kind
                && own.first + 1 == own.last
                && self.words[own.first].class.is(Class::PRONOUN) =>
            {
                2
            }
            () if self.surname(own).is_some() && self.surname(own) == self.surname(other) => 2,
            () => 1,
        }
    }

    fn between(&self, quote: usize, mention: &Mention) -> Between {
        let after = mention.first > quote;
        let (from, to) = if after { (quote + 1, mention.first) } else { (mention.last, quote) };
        let count = |kind: usize| (self.sums[to][kind] - self.sums[from][kind]) as usize;
        let distance = match to - from {
            few @ 0..=3 => few,
            4..=5 => 4,
            6..=8 => 5,
            9..=14 => 6,
            15..=25 => 7,
            26..=50 => 8,
            _ => 9,
        };
        Between { after, distance, stops: count(0), breaks: count(1), quotes: count(2), cues: count(3) }
    }
}

/// What lies between a quote and a mention.
struct Between {
    after: bool,
    distance: usize,
    stops: usize,
    breaks: usize,
    quotes: usize,
    cues: usize,
}
