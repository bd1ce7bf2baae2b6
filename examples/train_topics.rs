//! Trains the two topic models and prints how good they are on what they have not seen.
//!
//! usage: train_topics REUTERS_TRAIN REUTERS_TEST BBC [OUT_FOLDER]
//!
//! Lines are `{title?, text, topics}`. Markets: Reuters-21578, ModApte split, micro-F1 over all categories. Sections: BBC, every
//! fifth document held out, share right. What is printed is measured with the quantised weights that are written to
//! OUT_FOLDER/topic-markets.bin and OUT_FOLDER/topic-sections.bin.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a broken training file shall stop the training

use std::collections::{BTreeSet, HashMap};
use std::fs;

use copydesk::stage::meaning::topic::bag::bag;
use copydesk::stage::meaning::topic::model::{Model, RARITY_STEPS, value};
use serde_json::Value;

/// Passes over the training texts.
const EPOCHS: usize = 25;
const RATE: f32 = 1.5;
/// Shrinks all weights with each pass.
const DECAY: f32 = 0.003;
/// Texts that must have a word.
const LEAST_TEXTS: u32 = 3;
/// Quantised weights nearer to zero than this are left out.
const LEAST_WEIGHT: i8 = 3;
/// Gradients below this are not worth a pass over the words.
const LEAST_GRADIENT: f32 = 0.002;

/// A text: hashed words with their counts, and the classes it belongs to.
struct Text {
    bag: Vec<(u32, u32)>,
    topics: Vec<String>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, bbc, out @ ..] = arguments.as_slice() else { panic!("usage: train_topics TRAIN TEST BBC [OUT]") };
    let markets = markets(&texts(train), &texts(test));
    let (mut held, mut seen) = (Vec::new(), Vec::new());
    for (at, text) in texts(bbc).into_iter().enumerate() {
        if at % 5 == 0 { held.push(text) } else { seen.push(text) }
    }
    let sections = train_model(&seen);
    let right = |text: &&Text| best(&sections, text).is_some_and(|class| text.topics.contains(class));
    println!(
        "sections: {:.3} of {} held out texts right",
        held.iter().filter(right).count() as f64 / held.len() as f64,
        held.len()
    );
    if let [folder, ..] = out {
        for (name, model) in [("markets", markets), ("sections", sections)] {
            let file = model.write();
            println!("topic-{name}.bin: {} words, {} bytes", model.words.len(), file.len());
            fs::write(format!("{folder}/topic-{name}.bin"), file).unwrap();
        }
    }
}

/// Trains with biases chosen on a fifth of the training texts, then again on all of them.
fn markets(train: &[Text], test: &[Text]) -> Model {
    let (rest, fifth): (Vec<_>, Vec<_>) = train.iter().enumerate().partition(|(at, _)| at % 5 != 0);
    let part: Vec<&Text> = rest.into_iter().map(|(_, text)| text).collect();
    let fifth: Vec<&Text> = fifth.into_iter().map(|(_, text)| text).collect();
    let trial = train_on(&part);
    let shifts: HashMap<String, f32> =
        trial.classes.iter().enumerate().map(|(class, name)| (name.clone(), shift(&trial, class, &fifth))).collect();
    let mut model = train_on(&train.iter().collect::<Vec<_>>());
    for (name, (_, bias)) in model.classes.iter().zip(&mut model.scales) {
        *bias += shifts.get(name).copied().unwrap_or(0.0);
    }
    let (mut right, mut told, mut asked) = (0, 0, 0);
    for text in test {
        let scores = model.scores(&text.bag);
        let highest = scores.iter().copied().fold(f32::MIN, f32::max);
        let chosen = model.classes.iter().zip(&scores).filter(|(_, score)| **score > 0.0 || **score == highest);
        let chosen: Vec<_> = chosen.map(|(class, _)| class).collect();
        right += chosen.iter().filter(|class| text.topics.contains(class)).count();
        told += chosen.len();
        asked += text.topics.len();
    }
    println!(
        "markets: micro-F1 {:.3} on {} texts, {} classes",
        2.0 * right as f64 / (told + asked) as f64,
        test.len(),
        model.classes.len()
    );
    model
}

/// What to add to a class's scores for the best F1 on these texts; little for a class that is rare among them.
fn shift(model: &Model, class: usize, texts: &[&Text]) -> f32 {
    let name = &model.classes[class];
    let mut scored: Vec<(f32, bool)> =
        texts.iter().map(|text| (model.scores(&text.bag)[class], text.topics.contains(name))).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = scored.iter().filter(|(_, own)| *own).count();
    if all < 4 {
        return 0.4;
    }
    let (mut right, mut best, mut threshold) = (0, 0.0, 0.0);
    for (at, (score, own)) in scored.iter().enumerate() {
        right += usize::from(*own);
        let f = 2.0 * right as f32 / (at + 1 + all) as f32;
        if f > best {
            let next = scored.get(at + 1).map_or(*score, |next| next.0);
            (best, threshold) = (f, (score + next) / 2.0);
        }
    }
    -threshold.clamp(-1.5, 1.0)
}

fn best<'m>(model: &'m Model, text: &Text) -> Option<&'m String> {
    let scores = model.scores(&text.bag);
    let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]))?;
    model.classes.get(best)
}

fn train_model(texts: &[Text]) -> Model {
    train_on(&texts.iter().collect::<Vec<_>>())
}

/// One logistic regression a class by stochastic gradients with AdaGrad, then quantised.
fn train_on(texts: &[&Text]) -> Model {
    let words = vocabulary(texts);
    let classes: Vec<String> =
        texts.iter().flat_map(|text| &text.topics).cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let n = classes.len();
    let rows: Vec<Vec<(usize, f32)>> = texts.iter().map(|text| row(text, &words)).collect();
    let gold: Vec<Vec<bool>> =
        texts.iter().map(|text| classes.iter().map(|class| text.topics.contains(class)).collect()).collect();
    let mut weights = vec![0.0f32; words.len() * n];
    let mut squares = vec![1e-2f32; words.len() * n];
    let (mut bias, mut bias_squares) = (vec![-2.0f32; n], vec![1.0f32; n]);
    for _ in 0..EPOCHS {
        for (row, gold) in rows.iter().zip(&gold) {
            let mut scores = bias.clone();
            for (word, value) in row {
                scores.iter_mut().zip(&weights[word * n..]).for_each(|(score, weight)| *score += value * weight);
            }
            for class in 0..n {
                let gradient = 1.0 / (1.0 + (-scores[class]).exp()) - f32::from(u8::from(gold[class]));
                if gradient.abs() < LEAST_GRADIENT {
                    continue;
                }
                bias_squares[class] += gradient * gradient;
                bias[class] -= RATE * gradient / bias_squares[class].sqrt();
                for (word, value) in row {
                    let at = word * n + class;
                    let step = gradient * value;
                    squares[at] += step * step;
                    weights[at] -= RATE * step / squares[at].sqrt();
                }
            }
        }
        weights.iter_mut().for_each(|weight| *weight *= 1.0 - DECAY);
    }
    quantised(classes, &words, &weights, &bias)
}

/// Words by hash with their rarity, in the order of the hash.
fn vocabulary(texts: &[&Text]) -> Vec<(u32, u8)> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    texts.iter().flat_map(|text| &text.bag).for_each(|(hash, _)| *counts.entry(*hash).or_default() += 1);
    let rarity = |count: u32| ((texts.len() as f32 / count as f32).ln() * RARITY_STEPS).clamp(1.0, 255.0) as u8;
    let mut words: Vec<_> = counts
        .into_iter()
        .filter(|(_, count)| *count >= LEAST_TEXTS)
        .map(|(hash, count)| (hash, rarity(count)))
        .collect();
    words.sort_unstable();
    words
}

fn row(text: &Text, words: &[(u32, u8)]) -> Vec<(usize, f32)> {
    let known = text
        .bag
        .iter()
        .filter_map(|(hash, count)| Some((words.binary_search_by_key(hash, |word| word.0).ok()?, *count)));
    let mut row: Vec<(usize, f32)> =
        known.map(|(at, count)| (at, value(count, f32::from(words[at].1) / RARITY_STEPS))).collect();
    let length = row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(1e-6);
    row.iter_mut().for_each(|(_, value)| *value /= length);
    row
}

fn quantised(classes: Vec<String>, words: &[(u32, u8)], weights: &[f32], bias: &[f32]) -> Model {
    let n = classes.len();
    let largest =
        |class: usize| weights.iter().skip(class).step_by(n).fold(0.0f32, |most, weight| most.max(weight.abs()));
    let scales: Vec<(f32, f32)> = (0..n).map(|class| (largest(class).max(1e-6) / 127.0, bias[class])).collect();
    let mut model = Model { classes, scales, ..Model::default() };
    for (at, (hash, rarity)) in words.iter().enumerate() {
        model.words.push((*hash, *rarity, model.weights.len() as u32));
        for class in 0..n {
            let weight = (weights[at * n + class] / model.scales[class].0).round() as i8;
            if weight.abs() >= LEAST_WEIGHT {
                model.weights.push((class as u8, weight));
            }
        }
    }
    model
}

fn texts(path: &str) -> Vec<Text> {
    let data = fs::read_to_string(path).unwrap();
    let text = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let topics = match &row["topics"] {
            Value::String(topic) => vec![topic.clone()],
            topics => topics.as_array().unwrap().iter().map(|topic| topic.as_str().unwrap().to_owned()).collect(),
        };
        Text { bag: bag(row["title"].as_str().unwrap_or_default(), row["text"].as_str().unwrap()), topics }
    };
    data.lines().map(text).collect()
}
