//! The linear ranker that chooses a speaker: weights learnt by `examples/train_quotes.rs`, embedded as text.

use std::sync::LazyLock;

use super::feature::{Choice, Features, History, Scene, TEMPLATES, VALUES};

/// How sure it must be that a span is no quote. Lower: real quotes are lost; higher: titles of works are taken for speech.
const DROP: f32 = 0.7;

/// A weight for every feature.
#[derive(Debug, Clone)]
pub struct Weights(pub Vec<f32>);

impl Default for Weights {
    fn default() -> Self {
        Weights(vec![0.0; TEMPLATES * VALUES])
    }
}

static EMBEDDED: LazyLock<Weights> = LazyLock::new(|| Weights::read(include_str!("../../data/quote-weights.txt")));

impl Weights {
    /// The weights that are part of the program.
    pub fn embedded() -> &'static Weights {
        &EMBEDDED
    }

    /// Reads `template value:weight value:weight …` lines; `#` begins a comment. Whatever is malformed counts as absent.
    pub fn read(data: &str) -> Weights {
        let mut weights = Weights::default();
        for line in data.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(' ');
            let Some(template) = fields.next().and_then(|field| field.parse::<usize>().ok()) else { continue };
            for (value, weight) in fields.filter_map(|field| field.split_once(':')) {
                if let (Ok(value), Ok(weight)) = (value.parse::<usize>(), weight.parse::<f32>())
                    && let Some(slot) = weights.0.get_mut(template * VALUES + value)
                {
                    *slot = weight / 100.0;
                }
            }
        }
        weights
    }

    /// The lines that [`Weights::read`] reads, in hundredths; what rounds to nothing is left out.
    pub fn lines(&self) -> String {
        let line = |(template, values): (usize, &[f32])| {
            let rounded = values.iter().map(|weight| (weight * 100.0).round() as i32).enumerate();
            let fields: String = rounded
                .filter(|(_, weight)| *weight != 0)
                .map(|(value, weight)| format!(" {value}:{weight}"))
                .collect();
            (!fields.is_empty()).then(|| format!("{template}{fields}\n"))
        };
        self.0.chunks(VALUES).enumerate().filter_map(line).collect()
    }

    fn score(&self, features: &Features) -> f32 {
        features.0.iter().filter_map(|&feature| self.0.get(feature as usize)).sum()
    }

    /// The probability of every choice for a quote.
    pub fn probabilities(&self, choices: &[(Choice, Features)]) -> Vec<f32> {
        let scores: Vec<f32> = choices.iter().map(|(_, features)| self.score(features)).collect();
        let highest = scores.iter().copied().fold(f32::MIN, f32::max);
        let parts: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
        let whole: f32 = parts.iter().sum();
        parts.iter().map(|part| part / whole).collect()
    }

    /// The best choice for every quote with its probability, in order: each decision is what the next one remembers.
    pub fn decide(&self, scene: &Scene) -> Vec<(Choice, f32)> {
        let mut history = History::default();
        let decide = |quote: usize| {
            let choices = scene.choices(quote, &history);
            let probabilities = self.probabilities(&choices);
            let decision = choose(&choices, &probabilities);
            history.remember(quote, decision.0);
            decision
        };
        (0..scene.spans.len()).map(decide).collect()
    }
}

/// The likeliest choice. That a span is no quote must be sure, unless nobody is there who could have said it.
fn choose(choices: &[(Choice, Features)], probabilities: &[f32]) -> (Choice, f32) {
    let pairs = || choices.iter().zip(probabilities).map(|((choice, _), probability)| (*choice, *probability));
    let likeliest = |a: &(Choice, f32), b: &(Choice, f32)| a.1.total_cmp(&b.1);
    let quote =
        pairs().filter(|(choice, _)| *choice != Choice::NoQuote).max_by(likeliest).unwrap_or((Choice::Nobody, 0.0));
    let least = if quote.0 == Choice::Nobody { quote.1 } else { DROP };
    pairs().find(|(choice, probability)| *choice == Choice::NoQuote && *probability > least).unwrap_or(quote)
}
