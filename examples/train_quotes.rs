//! Trains the ranker that chooses the speaker of a quote.
//!
//! usage: train_quotes TRAIN.jsonl DEV.jsonl [OUT]
//!
//! Each line is `{text, attributions: [{source: [[b, e]], content: [[b, e]]}]}` with offsets in Unicode code points, as in
//! PolNeAR. Prints how often the speaker is right on both files, and writes the weights to OUT (src/stage/data/quote-weights.txt).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a broken training file shall stop the training

use std::collections::HashSet;
use std::fs;

use copydesk::stage::meaning::quote::feature::{Choice, History, Scene};
use copydesk::stage::meaning::quote::rank::Weights;
use copydesk::stage::meaning::quote::span::{Span, spans};
use copydesk::stage::meaning::quote::word::{Lexicon, words};
use serde_json::Value;

/// Passes over the training file.
const EPOCHS: usize = 15;
/// First step; falls with each pass.
const RATE: f32 = 0.15;
/// Weights shrink by this share with each pass: what is seen rarely stays small.
const DECAY: f32 = 0.005;
/// Words of a quote from which it counts.
const MIN_WORDS: usize = 3;

/// A text with, for every span, who is right; `None` for spans that do not count.
struct Lesson {
    scene: Scene<'static>,
    gold: Vec<Option<Gold>>,
}

enum Gold {
    NoQuote,
    Nobody,
    Sources(Vec<[usize; 2]>),
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, dev, out @ ..] = arguments.as_slice() else { panic!("usage: train_quotes TRAIN DEV [OUT]") };
    let (train, dev) = (lessons(train), lessons(dev));
    let mut weights = Weights::default();
    let mut sum = Weights::default();
    let mut squares = vec![0.0; weights.0.len()];
    for epoch in 0..EPOCHS {
        for lesson in &train {
            learn(&mut weights, &mut squares, lesson, RATE);
        }
        weights.0.iter_mut().for_each(|weight| *weight *= 1.0 - DECAY);
        if epoch >= EPOCHS / 3 {
            sum.0.iter_mut().zip(&weights.0).for_each(|(sum, weight)| *sum += weight);
        }
        println!("pass {epoch}: {} | {}", report(&weights, &train), report(&weights, &dev));
    }
    let passes = (EPOCHS - EPOCHS / 3) as f32;
    sum.0.iter_mut().for_each(|weight| *weight /= passes);
    println!("mean: train {} | dev {}", report(&sum, &train), report(&sum, &dev));
    if let [out, ..] = out {
        fs::write(out, format!("{HEAD}{}", sum.lines())).unwrap();
    }
}

const HEAD: &str = "# Weights of the ranker that chooses the speaker of a quote, in hundredths: template, then value:weight. Made by\n\
    # examples/train_quotes.rs from PolNeAR (see ATTRIBUTION.md beside this file); holds no text.\n";

fn learn(weights: &mut Weights, squares: &mut [f32], lesson: &Lesson, rate: f32) {
    let mut history = History::default();
    for (quote, gold) in lesson.gold.iter().enumerate() {
        let choices = lesson.scene.choices(quote, &history);
        let probabilities = weights.probabilities(&choices);
        let best = (0..choices.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap();
        history.remember(quote, choices[best].0);
        let Some(gold) = gold else { continue };
        let right: Vec<bool> = rights(&lesson.scene, &choices.iter().map(|c| c.0).collect::<Vec<_>>(), gold);
        let mass: f32 = right.iter().zip(&probabilities).filter(|(right, _)| **right).map(|(_, p)| p).sum();
        if mass <= 0.0 {
            continue;
        }
        for ((right, p), (_, features)) in right.iter().zip(&probabilities).zip(&choices) {
            let gradient = p - if *right { p / mass } else { 0.0 };
            for &feature in &features.0 {
                let at = feature as usize;
                squares[at] += gradient * gradient;
                weights.0[at] -= rate * gradient / (squares[at] + 1.0).sqrt();
            }
        }
    }
}

fn rights(scene: &Scene, choices: &[Choice], gold: &Gold) -> Vec<bool> {
    let right = |choice: &Choice, strict: bool| match (choice, gold) {
        (Choice::NoQuote, Gold::NoQuote) | (Choice::Nobody, Gold::Nobody) => true,
        (Choice::Mention(m), Gold::Sources(sources)) => {
            let mention = &scene.mentions[*m];
            let (start, end) = (scene.words[mention.first].start, scene.words[mention.last - 1].end);
            let overlaps = sources.iter().any(|[b, e]| start < *e && *b < end);
            overlaps || (!strict && sources.iter().any(|[b, e]| shares(&scene.text[start..end], &scene.text[*b..*e])))
        }
        _ => false,
    };
    let strict: Vec<bool> = choices.iter().map(|choice| right(choice, true)).collect();
    if strict.contains(&true) { strict } else { choices.iter().map(|choice| right(choice, false)).collect() }
}

/// True when two names share a word that carries meaning.
fn shares(a: &str, b: &str) -> bool {
    const EMPTY: &str = " the a an of and or in on at for to his her their its mr mrs ms dr sen rep gov president former who said \
                         senator campaign ";
    let words = |text: &str| -> HashSet<String> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty() && !EMPTY.contains(&format!(" {word} "))).map(str::to_owned).collect()
    };
    !words(a).is_disjoint(&words(b))
}

fn report(weights: &Weights, lessons: &[Lesson]) -> String {
    let (mut quotes, mut kept, mut wrongly, mut asked, mut right, mut offered) = (0, 0, 0, 0, 0, 0);
    for lesson in lessons {
        let decisions = weights.decide(&lesson.scene);
        let mut history = History::default();
        for (quote, (gold, (choice, _))) in lesson.gold.iter().zip(&decisions).enumerate() {
            let candidates = lesson.scene.candidates(quote, &history);
            history.remember(quote, *choice);
            let is_kept = *choice != Choice::NoQuote;
            let loosely = |choice: Choice, gold: &Gold| match (choice, gold) {
                (Choice::Mention(_), Gold::Sources(_)) => rights(&lesson.scene, &[choice], gold)[0],
                _ => false,
            };
            match gold {
                None => {}
                Some(Gold::NoQuote) => wrongly += usize::from(is_kept),
                Some(Gold::Nobody) => (quotes, kept) = (quotes + 1, kept + usize::from(is_kept)),
                Some(gold) => {
                    (quotes, kept, asked) = (quotes + 1, kept + usize::from(is_kept), asked + usize::from(is_kept));
                    right += usize::from(loosely(*choice, gold));
                    offered += usize::from(candidates.iter().any(|m| loosely(Choice::Mention(*m), gold)));
                }
            }
        }
    }
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    format!(
        "found F1 {:.1}, speaker {:.1} (offered {:.1}) of {asked}",
        percent(2 * kept, quotes + kept + wrongly),
        percent(right, asked),
        percent(offered, asked)
    )
}

fn lessons(path: &str) -> Vec<Lesson> {
    let data = fs::read_to_string(path).unwrap();
    data.lines().map(|line| lesson(&serde_json::from_str(line).unwrap())).collect()
}

/// Who said what, in bytes.
struct Attribution {
    content: Vec<[usize; 2]>,
    source: Vec<[usize; 2]>,
}

fn lesson(row: &Value) -> Lesson {
    let text: &'static str = Box::leak(row["text"].as_str().unwrap().to_owned().into_boxed_str());
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let ranges = |value: &Value| -> Vec<[usize; 2]> {
        let pairs = value.as_array().into_iter().flatten();
        pairs.map(|pair| [0, 1].map(|at| bytes[pair[at].as_u64().unwrap() as usize])).collect()
    };
    let attribution = |a: &Value| Attribution { content: ranges(&a["content"]), source: ranges(&a["source"]) };
    let attributions: Vec<Attribution> = row["attributions"].as_array().unwrap().iter().map(attribution).collect();
    let found = spans(text);
    let gold = found.iter().map(|span| gold(text, span, &attributions)).collect();
    let words = words(text, &found, Lexicon::of("en").unwrap());
    Lesson { scene: Scene::new(text, found, words), gold }
}

fn gold(text: &str, span: &Span, attributions: &[Attribution]) -> Option<Gold> {
    let inside = &text[span.start..span.end];
    let words = inside.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count();
    if words < MIN_WORDS {
        return None;
    }
    let letters: Vec<usize> =
        inside.char_indices().filter(|(_, c)| c.is_alphanumeric()).map(|(at, _)| span.start + at).collect();
    let share =
        |content: &[[usize; 2]]| letters.iter().filter(|at| content.iter().any(|[b, e]| (b..e).contains(at))).count();
    let best = attributions.iter().max_by_key(|attribution| share(&attribution.content));
    Some(match best {
        Some(Attribution { content, source }) if share(content) * 5 >= letters.len() * 4 => {
            if source.is_empty() {
                Gold::Nobody
            } else {
                Gold::Sources(source.clone())
            }
        }
        _ => Gold::NoQuote,
    })
}
