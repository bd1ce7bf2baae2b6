//! IPTC Media Topics of a text: two linear models and keyword rules, each with its confidence; silent when unsure.
//!
//! The model of sections tells sport, politics, business, technology and the arts apart; the model of markets names kinds of
//! business news and is asked only where the first, or the rules, find business. What neither was trained on is known by
//! rules: words of a subject, several different ones, close together. Models read English; rules have lists for more.

pub mod bag;
pub mod model;
mod rule;
mod scheme;

use std::sync::LazyLock;

use crate::article::Topic;
use crate::stage::table;
use model::Model;

/// Least confidence of a topic that is told.
const LEAST: f64 = 0.6;
/// Score from which a class of a model counts: texts of kinds it never saw score a little too high.
const MARGIN: f32 = 0.8;
/// Most that a model may claim.
const MOST: f64 = 0.97;
/// Most topics of a text.
const MAX_TOPICS: usize = 5;
/// Words without which a text says too little to judge.
const MIN_WORDS: usize = 30;
/// Economy, business and finance: what all market topics lie under.
const BUSINESS: &str = "04000000";

static SECTIONS: LazyLock<Model> = LazyLock::new(|| embedded(include_bytes!("../../data/topic-sections.bin")));
static MARKETS: LazyLock<Model> = LazyLock::new(|| embedded(include_bytes!("../../data/topic-markets.bin")));

/// A model that cannot be read knows nothing; a test sees to it that ours can.
fn embedded(file: &[u8]) -> Model {
    Model::read(file).unwrap_or_default()
}

/// The topics of a text, surest first. `language` is its code, `section` what the publisher files it under.
pub fn read(text: &str, headline: Option<&str>, language: Option<&str>, section: Option<&str>) -> Vec<Topic> {
    let headline = headline.unwrap_or_default();
    let mut found = Found::default();
    if let Some(code) = section.and_then(rule::of_section) {
        found.add(code, rule::SECTION);
    }
    for (code, confidence) in rule::read(headline, text, language.unwrap_or_default()) {
        found.add(code, confidence);
    }
    if language == Some("en") && text.split_ascii_whitespace().take(MIN_WORDS).count() == MIN_WORDS {
        let bag = bag::bag(headline, text);
        found.ask(&SECTIONS, "sections", &bag, 1.0);
        let business = found.confidence(BUSINESS);
        if business >= LEAST {
            found.ask(&MARKETS, "markets", &bag, business);
        }
    }
    found.topics()
}

/// Codes with the highest confidence anybody gave them.
#[derive(Default)]
struct Found(Vec<(&'static str, f64)>);

impl Found {
    fn add(&mut self, code: &'static str, confidence: f64) {
        match self.0.iter_mut().find(|(known, _)| *known == code) {
            Some((_, known)) => *known = known.max(confidence),
            None => self.0.push((code, confidence)),
        }
    }

    fn confidence(&self, code: &str) -> f64 {
        self.0.iter().find(|(known, _)| *known == code).map_or(0.0, |(_, confidence)| *confidence)
    }

    /// Adds what a model is sure of; `share` is how sure it is that the model may be asked.
    fn ask(&mut self, model: &Model, name: &str, bag: &[(u32, u32)], share: f64) {
        for (class, score) in model.classes.iter().zip(model.scores(bag)).filter(|(_, score)| *score > MARGIN) {
            if let Some(code) = code_of(name, class) {
                self.add(code, (share / (1.0 + f64::from(-score).exp())).min(MOST));
            }
        }
    }

    fn topics(mut self) -> Vec<Topic> {
        self.0.retain(|(_, confidence)| *confidence >= LEAST);
        self.0.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        self.0.truncate(MAX_TOPICS);
        self.0.into_iter().filter_map(|(code, confidence)| scheme::topic(code, confidence)).collect()
    }
}

/// The Media Topic of a model's class.
fn code_of(model: &str, class: &str) -> Option<&'static str> {
    static CLASSES: LazyLock<Vec<(&str, &str, &str)>> = LazyLock::new(|| {
        let entry = |(key, classes): (&'static str, Vec<&'static str>)| {
            let (model, code) = key.split_once(' ')?;
            let code = scheme::live(code)?;
            Some(classes.into_iter().map(move |class| (model, class, code)))
        };
        table::groups(include_str!("../../data/topic-classes.txt")).filter_map(entry).flatten().collect()
    });
    CLASSES.iter().find(|(own, known, _)| *own == model && *known == class).map(|(.., code)| *code)
}

#[cfg(test)]
mod tests;
