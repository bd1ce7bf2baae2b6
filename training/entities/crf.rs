//! Training of the chain: a conditional random field by AdaGrad. Where several labels are allowed at a token, it is their sum that
//! is made probable, so a set that lacks a type teaches nothing about it.

use std::collections::HashMap;

use copydesk::stage::meaning::entity::document::Document;
use copydesk::stage::meaning::entity::feature::{self, REACH};
use copydesk::stage::meaning::entity::model::LABELS;
use copydesk::stage::meaning::entity::tagger::{may_follow, stretches};

use crate::corpus::Allowed;

pub type Row = [f32; LABELS];

/// How training goes.
#[derive(Debug, Clone)]
pub struct Plan {
    pub epochs: usize,
    pub rate: f32,
    /// Pull of every touched weight towards zero.
    pub decay: f32,
    /// Share of features left out at each look, so that no single one is relied on.
    pub dropout: f32,
    /// Features seen at fewer tokens are not kept.
    pub rarest: u32,
}

/// The keys of the features of one token, as both training and tagging see them.
pub fn keys(document: &Document, at: usize) -> Vec<u32> {
    let mut keys = Vec::with_capacity(120);
    feature::of_place(document, at, |key| keys.push(key));
    for distance in REACH {
        if let Some(word) = document.near(at, distance) {
            feature::of_word(word, distance, |key| keys.push(key));
        }
    }
    keys
}

/// A stretch of tokens as training sees it.
struct Stretch {
    tokens: Vec<(u32, u32)>,
    allowed: Vec<Allowed>,
    weight: f32,
}

/// All stretches, with features as numbers.
#[derive(Default)]
pub struct Examples {
    stretches: Vec<Stretch>,
    features: Vec<u32>,
    numbers: HashMap<u32, u32>,
}

impl Examples {
    /// Reads documents with their labels and weights.
    pub fn new<'d>(
        documents: impl Iterator<Item = (&'d Document, &'d [Allowed], f32)> + Clone,
        plan: &Plan,
    ) -> Examples {
        let mut counts: HashMap<u32, u32> = HashMap::new();
        let mut all = Examples::default();
        for (document, allowed, weight) in documents {
            for (start, end) in stretches(document) {
                let mut tokens = Vec::new();
                for at in start..end {
                    let first = all.features.len() as u32;
                    all.features.extend(keys(document, at));
                    all.features[first as usize..].iter().for_each(|key| *counts.entry(*key).or_default() += 1);
                    tokens.push((first, all.features.len() as u32));
                }
                all.stretches.push(Stretch { tokens, allowed: allowed[start..end].to_vec(), weight });
            }
        }
        for (key, count) in &counts {
            if *count >= plan.rarest {
                all.numbers.insert(*key, 0);
            }
        }
        let mut order: Vec<u32> = all.numbers.keys().copied().collect();
        order.sort_unstable();
        order.iter().zip(1..).for_each(|(key, number)| {
            all.numbers.insert(*key, number);
        });
        for key in &mut all.features {
            *key = all.numbers.get(key).copied().unwrap_or(0);
        }
        all
    }
}

/// Trained weights.
#[derive(Clone)]
pub struct Weights {
    pub features: HashMap<u32, Row>,
    pub transitions: [Row; LABELS],
}

/// Weights under training, with the squared steps so far.
struct State {
    weights: Vec<Row>,
    squares: Vec<Row>,
    transitions: [Row; LABELS],
    transition_squares: [Row; LABELS],
}

/// Trains.
pub fn train(examples: &Examples, plan: &Plan, seed: u64) -> Weights {
    let size = examples.numbers.len() + 1;
    let mut state = State {
        weights: vec![[0.0; LABELS]; size],
        squares: vec![[0.0; LABELS]; size],
        transitions: [[0.0; LABELS]; LABELS],
        transition_squares: [[0.0; LABELS]; LABELS],
    };
    let mut random = Random(seed);
    let mut order: Vec<usize> = (0..examples.stretches.len()).collect();
    let mut sum: Vec<Row> = vec![[0.0; LABELS]; size];
    let mut transition_sum = [[0.0; LABELS]; LABELS];
    let averaged = plan.epochs.div_ceil(3);
    for epoch in 0..plan.epochs {
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        let mut loss = 0.0;
        for at in &order {
            loss += step(&examples.stretches[*at], examples, &mut state, plan, &mut random);
        }
        if std::env::var_os("QUIET").is_none() {
            eprint!("\repoch {epoch}: loss {loss:.0}   ");
        }
        if epoch + averaged >= plan.epochs {
            for (sum, row) in sum.iter_mut().zip(&state.weights) {
                sum.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight / averaged as f32);
            }
            for (sum, row) in transition_sum.iter_mut().zip(&state.transitions) {
                sum.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight / averaged as f32);
            }
        }
    }
    let features = examples.numbers.iter().map(|(key, number)| (*key, sum[*number as usize])).collect();
    Weights { features, transitions: transition_sum }
}

/// One look at a stretch; returns how improbable its labels were.
fn step(stretch: &Stretch, examples: &Examples, state: &mut State, plan: &Plan, random: &mut Random) -> f32 {
    let kept: Vec<Vec<u32>> = stretch
        .tokens
        .iter()
        .map(|(from, to)| {
            let all = examples.features[*from as usize..*to as usize].iter().copied();
            all.filter(|number| *number != 0 && (plan.dropout == 0.0 || random.unit() >= plan.dropout)).collect()
        })
        .collect();
    let scale = 1.0 / (1.0 - plan.dropout);
    let scores: Vec<Row> = kept
        .iter()
        .map(|numbers| {
            let mut score = [0.0; LABELS];
            for number in numbers {
                let row = &state.weights[*number as usize];
                score.iter_mut().zip(row).for_each(|(score, weight)| *score += weight * scale);
            }
            score
        })
        .collect();
    let free = Shares::of(&scores, &state.transitions, None);
    let bound = Shares::of(&scores, &state.transitions, Some(&stretch.allowed));
    if bound.log_sum == f32::NEG_INFINITY {
        return 0.0;
    }
    for (at, numbers) in kept.iter().enumerate() {
        let pull: Row =
            std::array::from_fn(|label| (bound.labels[at][label] - free.labels[at][label]) * stretch.weight);
        if pull.iter().all(|pull| pull.abs() < 1e-3) {
            continue;
        }
        for number in numbers {
            let (row, square) = (&mut state.weights[*number as usize], &mut state.squares[*number as usize]);
            for label in 0..LABELS {
                let slope = pull[label] * scale - plan.decay * row[label];
                square[label] += slope * slope;
                row[label] += plan.rate * slope / (square[label] + 1e-6).sqrt();
            }
        }
    }
    for before in 0..LABELS {
        for after in 0..LABELS {
            let slope = (bound.pairs[before][after] - free.pairs[before][after]) * stretch.weight;
            if slope.abs() > 1e-4 {
                let square = &mut state.transition_squares[before][after];
                *square += slope * slope;
                state.transitions[before][after] += plan.rate * slope / (*square + 1e-6).sqrt();
            }
        }
    }
    free.log_sum - bound.log_sum
}

/// Probabilities of labels and of pairs of them, over all label sequences or only the allowed ones.
struct Shares {
    labels: Vec<Row>,
    pairs: [Row; LABELS],
    log_sum: f32,
}

impl Shares {
    fn of(scores: &[Row], transitions: &[Row; LABELS], allowed: Option<&[Allowed]>) -> Shares {
        let factor: [Row; LABELS] = std::array::from_fn(|before| {
            std::array::from_fn(|after| if may_follow(before, after) { transitions[before][after].exp() } else { 0.0 })
        });
        let mut log_sum = 0.0;
        let emit: Vec<Row> = scores
            .iter()
            .enumerate()
            .map(|(at, score)| {
                let top = score.iter().copied().fold(f32::MIN, f32::max);
                log_sum += top;
                let may = |label: usize| allowed.is_none_or(|allowed| allowed[at] >> label & 1 == 1);
                std::array::from_fn(|label| if may(label) { (score[label] - top).exp() } else { 0.0 })
            })
            .collect();
        let mut ahead: Vec<Row> = Vec::with_capacity(scores.len());
        let mut last = [0.0; LABELS];
        last[0] = 1.0;
        for emit in &emit {
            let mut next = [0.0f32; LABELS];
            for before in 0..LABELS {
                for after in 0..LABELS {
                    next[after] += last[before] * factor[before][after];
                }
            }
            next.iter_mut().zip(emit).for_each(|(next, emit)| *next *= emit);
            let sum: f32 = next.iter().sum();
            log_sum += sum.ln();
            last = if sum > 0.0 { next.map(|value| value / sum) } else { next };
            ahead.push(last);
        }
        let mut labels = vec![[0.0; LABELS]; scores.len()];
        let mut pairs = [[0.0; LABELS]; LABELS];
        let mut behind = [1.0f32; LABELS];
        for at in (0..scores.len()).rev() {
            let share: Row = std::array::from_fn(|label| ahead[at][label] * behind[label]);
            let sum: f32 = share.iter().sum();
            labels[at] = share.map(|value| if sum > 0.0 { value / sum } else { 0.0 });
            let mut next = [0.0f32; LABELS];
            let mut joint = [[0.0f32; LABELS]; LABELS];
            let start: Row = std::array::from_fn(|label| f32::from(u8::from(label == 0)));
            let before_row = if at == 0 { &start } else { &ahead[at - 1] };
            let mut total = 0.0;
            for before in 0..LABELS {
                for after in 0..LABELS {
                    let value = factor[before][after] * emit[at][after] * behind[after];
                    next[before] += value;
                    joint[before][after] = before_row[before] * value;
                    total += joint[before][after];
                }
            }
            if total > 0.0 {
                pairs.iter_mut().flatten().zip(joint.iter().flatten()).for_each(|(sum, part)| *sum += part / total);
            }
            let sum: f32 = next.iter().sum();
            behind = if sum > 0.0 { next.map(|value| value / sum) } else { next };
        }
        Shares { labels, pairs, log_sum }
    }
}

/// Numbers that look random and are the same each time (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        b ^ (b >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }
}
