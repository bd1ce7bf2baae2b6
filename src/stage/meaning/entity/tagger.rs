//! Names in a document: a linear chain over the tokens that may be part of one, decoded exactly, with the probability of each name.

use super::document::Document;
use super::feature::{self, REACH};
use super::model::{LABELS, Model, Scores};

/// Labels of one kind of name: `1 + 2 * kind` begins one, the next is inside.
pub const KINDS: usize = (LABELS - 1) / 2;

/// A name: tokens `start..end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Name {
    /// First token.
    pub start: usize,
    /// Token after the last.
    pub end: usize,
    /// 0 person, 1 organisation, 2 place, 3 misc.
    pub kind: usize,
    /// 0.0 to 1.0.
    pub confidence: f32,
}

/// Whether `after` may stand behind `before`: the inside of a name only behind its beginning or inside.
pub fn may_follow(before: usize, after: usize) -> bool {
    after == 0 || after % 2 == 1 || before == after || before + 1 == after
}

/// How much the other mentions of a word weigh in the second pass. Chosen on wikigold by cross-validation.
pub const VOTE: f32 = 1.0;

/// Tags a document.
pub fn tag(document: &Document, model: &Model) -> Vec<Name> {
    tag_voting(document, model, VOTE)
}

/// Tags a document: once by itself, then again those stretches where a word was taken for one thing here and for another elsewhere.
/// There the other mentions weigh `vote`; with 0 there is no second pass.
pub fn tag_voting(document: &Document, model: &Model, vote: f32) -> Vec<Name> {
    let chain = Chain::new(model);
    let mut sums = Sums::new(document, model);
    let mut first: Vec<Pass> = Vec::new();
    for (start, end) in stretches(document) {
        let scores: Vec<[f32; LABELS]> = (start..end).map(|at| sums.at(at)).collect();
        let names = chain.decode(&scores, start);
        first.push(Pass { start, scores, names });
    }
    if vote == 0.0 {
        return first.into_iter().flat_map(|pass| pass.names).collect();
    }
    let votes = votes(document, &first);
    let mut names = Vec::new();
    for pass in first {
        match second(document, &pass, &votes, vote) {
            Some(scores) => names.extend(chain.decode(&scores, pass.start)),
            None => names.extend(pass.names),
        }
    }
    names
}

/// A stretch after the first pass.
struct Pass {
    start: usize,
    scores: Vec<[f32; LABELS]>,
    names: Vec<Name>,
}

/// For each word of the document, how sure its mentions are of each kind, and how many tokens those are.
fn votes(document: &Document, passes: &[Pass]) -> Vec<[f32; KINDS]> {
    let mut votes = vec![[0.0; KINDS]; document.words.len()];
    for name in passes.iter().flat_map(|pass| &pass.names) {
        for spot in &document.spots[name.start..name.end] {
            votes[spot.word as usize][name.kind] += name.confidence;
        }
    }
    votes
}

/// The scores of a stretch with the votes of the document, where they disagree with what was found; `None` where they do not.
fn second(document: &Document, pass: &Pass, votes: &[[f32; KINDS]], vote: f32) -> Option<Vec<[f32; LABELS]>> {
    let mut scores: Option<Vec<[f32; LABELS]>> = None;
    let mut ahead = pass.names.iter().peekable();
    for at in pass.start..pass.start + pass.scores.len() {
        if !document.word(at).case.is_capital() {
            continue;
        }
        while ahead.next_if(|name| name.end <= at).is_some() {}
        let name = ahead.peek().filter(|name| name.start <= at);
        let mut others = votes[document.spots[at].word as usize];
        if let Some(name) = name {
            others[name.kind] -= name.confidence;
        }
        let sum: f32 = others.iter().sum();
        let Some(best) = (0..KINDS).max_by(|a, b| others[*a].total_cmp(&others[*b])) else { continue };
        if sum < 0.5 || name.is_some_and(|name| name.kind == best) {
            continue;
        }
        let row = &mut scores.get_or_insert_with(|| pass.scores.clone())[at - pass.start];
        // grows with the number of mentions, but two are nearly as good as ten
        let bonus = vote * (others[best] / sum) * (1.0 + sum).ln();
        row[1 + 2 * best] += bonus;
        row[2 + 2 * best] += bonus;
    }
    scores
}

/// Stretches of tokens that may be part of a name, sentence by sentence.
pub fn stretches(document: &Document) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, spot) in document.spots.iter().enumerate().filter(|(_, spot)| spot.live) {
        match found.last_mut() {
            Some((_, end)) if *end == at && !spot.opens => *end = at + 1,
            _ => found.push((at, at + 1)),
        }
    }
    found
}

/// Scores of tokens. The features of a word at a distance are summed once for each distinct word.
struct Sums<'d> {
    document: &'d Document,
    model: &'d Model,
    words: Vec<[Option<Scores>; REACH.len()]>,
    /// Room for the features that are asked for at once.
    features: Vec<u32>,
}

impl<'d> Sums<'d> {
    fn new(document: &'d Document, model: &'d Model) -> Sums<'d> {
        let words = vec![[None; REACH.len()]; document.words.len()];
        Sums { document, model, words, features: Vec::new() }
    }

    fn at(&mut self, at: usize) -> [f32; LABELS] {
        let Sums { document, model, words, features } = self;
        features.clear();
        feature::of_place(document, at, |key| features.push(key));
        let mut total = model.sum(features);
        for (index, distance) in REACH.into_iter().enumerate() {
            let Some(spot) = at.checked_add_signed(distance).and_then(|at| document.spots.get(at)) else { continue };
            let word = spot.word as usize;
            let sum = *words[word][index].get_or_insert_with(|| {
                features.clear();
                feature::of_word(&document.words[word], distance, |key| features.push(key));
                model.sum(features)
            });
            total.iter_mut().zip(sum).for_each(|(total, part)| *total += part);
        }
        total.map(|score| score as f32 * model.step())
    }
}

/// The weights of label after label, once as they are and once as factors.
struct Chain {
    weights: [[f32; LABELS]; LABELS],
    factors: [[f32; LABELS]; LABELS],
}

impl Chain {
    fn new(model: &Model) -> Chain {
        let mut weights = *model.transitions();
        for (before, row) in weights.iter_mut().enumerate() {
            for (after, weight) in row.iter_mut().enumerate() {
                *weight = if may_follow(before, after) { *weight } else { f32::NEG_INFINITY };
            }
        }
        Chain { weights, factors: weights.map(|row| row.map(f32::exp)) }
    }

    /// The most probable labels of a stretch, as names.
    fn decode(&self, scores: &[[f32; LABELS]], start: usize) -> Vec<Name> {
        let labels = self.best(scores);
        let mut names: Vec<Name> = Vec::new();
        for (at, label) in labels.iter().enumerate() {
            match names.last_mut() {
                Some(name) if label % 2 == 0 && *label > 0 && name.end == start + at => name.end += 1,
                _ if *label > 0 => {
                    let kind = (label - 1) / 2;
                    names.push(Name { start: start + at, end: start + at + 1, kind, confidence: 0.0 });
                }
                _ => {}
            }
        }
        if !names.is_empty() {
            let shares = self.shares(scores);
            for name in &mut names {
                let tokens = name.start - start..name.end - start;
                let share = |at: usize| shares[at][1 + 2 * name.kind] + shares[at][2 + 2 * name.kind];
                name.confidence = tokens.map(share).fold(1.0, f32::min).clamp(0.0, 1.0);
            }
        }
        names
    }

    /// Viterbi.
    fn best(&self, scores: &[[f32; LABELS]]) -> Vec<usize> {
        let mut best = [f32::NEG_INFINITY; LABELS];
        best[0] = 0.0;
        let mut from: Vec<[u8; LABELS]> = Vec::with_capacity(scores.len());
        for score in scores {
            let mut next = [f32::NEG_INFINITY; LABELS];
            let mut back = [0u8; LABELS];
            for (before, (so_far, row)) in best.iter().zip(&self.weights).enumerate() {
                for (after, weight) in row.iter().enumerate() {
                    let value = so_far + weight;
                    if value > next[after] {
                        (next[after], back[after]) = (value, before as u8);
                    }
                }
            }
            next.iter_mut().zip(score).for_each(|(next, score)| *next += score);
            best = next;
            from.push(back);
        }
        let mut label = (0..LABELS).max_by(|a, b| best[*a].total_cmp(&best[*b])).unwrap_or(0);
        let mut labels = vec![0; scores.len()];
        for at in (0..scores.len()).rev() {
            labels[at] = label;
            label = usize::from(from[at][label]);
        }
        labels
    }

    /// Forward and backward sums: the probability of each label at each token.
    fn shares(&self, scores: &[[f32; LABELS]]) -> Vec<[f32; LABELS]> {
        let factors: Vec<[f32; LABELS]> = scores
            .iter()
            .map(|score| {
                let top = score.iter().copied().fold(f32::MIN, f32::max);
                score.map(|score| (score - top).exp())
            })
            .collect();
        let mut shares = Vec::with_capacity(scores.len());
        let mut ahead = [0.0; LABELS];
        ahead[0] = 1.0;
        for factor in &factors {
            let mut next = [0.0; LABELS];
            for (share, row) in ahead.iter().zip(&self.factors) {
                next.iter_mut().zip(row).for_each(|(next, factor)| *next += share * factor);
            }
            next.iter_mut().zip(factor).for_each(|(next, factor)| *next *= factor);
            ahead = scaled(next);
            shares.push(ahead);
        }
        let mut behind = [1.0; LABELS];
        for at in (0..scores.len()).rev() {
            let share: [f32; LABELS] = std::array::from_fn(|label| shares[at][label] * behind[label]);
            shares[at] = scaled(share);
            let mut next = [0.0; LABELS];
            let weighed: [f32; LABELS] = std::array::from_fn(|label| factors[at][label] * behind[label]);
            for (next, row) in next.iter_mut().zip(&self.factors) {
                *next = row.iter().zip(weighed).map(|(factor, share)| factor * share).sum();
            }
            behind = scaled(next);
        }
        shares
    }
}

fn scaled(values: [f32; LABELS]) -> [f32; LABELS] {
    let sum: f32 = values.iter().sum();
    if sum > 0.0 { values.map(|value| value / sum) } else { [1.0 / LABELS as f32; LABELS] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::meaning::entity::token;

    /// A sentence may be as long as the text. Quadratic, this would take the test minutes.
    #[test]
    fn the_names_of_a_stretch_are_walked_once() {
        const WORDS: usize = 200_000;
        let text = "Oak ".repeat(WORDS);
        let model = Model::embedded().unwrap();
        let document = Document::new(&text, &token::tokens(&text), &model.lexicon());
        let name = |at| Name { start: at, end: at + 1, kind: 0, confidence: 0.9 };
        let mut names: Vec<Name> = (0..WORDS).map(name).collect();
        names[WORDS / 2].kind = 1;
        let pass = Pass { start: 0, scores: vec![[0.0; LABELS]; WORDS], names };
        let scores = second(&document, &pass, &votes(&document, std::slice::from_ref(&pass)), VOTE).unwrap();
        let changed: Vec<usize> = (0..WORDS).filter(|at| scores[*at] != [0.0; LABELS]).collect();
        assert_eq!(changed, [WORDS / 2], "the one that was taken for something else");
    }
}
