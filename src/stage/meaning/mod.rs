//! What a text is about: entities, quotes with their speakers, keywords, topics.
//!
//! Reads the finished record; changes nothing but the fields it is for. No input makes it panic, and
//! all of it is linear in the text.

pub mod entity;
pub mod keyword;
pub mod quote;
pub mod topic;

use crate::article::{Article, FieldSource, Provenance};
use entity::model::Model;

/// Version of the weights that choose speakers, and of those that choose topics; moves with the data files.
const QUOTES: &str = "polnear-1";
const TOPICS: &str = "reuters-bbc-1";

/// Fills the fields that say what the text is about.
pub fn read(record: &mut Article, model: &Model) {
    let language = record.language.as_ref().map(|language| language.code.clone());
    let (language, headline) = (language.as_deref(), record.headline.as_deref());
    record.keywords = keyword::read(&record.text, headline, language);
    record.topics = topic::read(&record.text, headline, language, record.section.as_deref());
    entities(record, language, model);
    record.quotes = quote::read(&record.text, language, &record.entities);
    let surest = |confidences: &mut dyn Iterator<Item = f64>| confidences.reduce(f64::max);
    let keywords = (!record.keywords.is_empty()).then_some(0.7);
    let topics = surest(&mut record.topics.iter().map(|topic| topic.confidence));
    let quotes = surest(&mut record.quotes.iter().map(|quote| quote.confidence));
    note(record, "keywords", (FieldSource::Text, "frequency"), None, keywords);
    note(record, "topics", (FieldSource::Model, "linear"), Some(TOPICS), topics);
    note(record, "quotes", (FieldSource::Model, "ranker"), Some(QUOTES), quotes);
}

fn entities(record: &mut Article, language: Option<&str>, model: &Model) {
    let Some(language) = language else { return };
    let published = record.published_at.as_deref().and_then(|at| at.get(..10)?.parse().ok());
    record.entities = entity::read(&record.text, language, published, model);
    let found = !record.entities.is_empty();
    let (from, confidence) = if language == "en" {
        ((FieldSource::Model, "tagger"), 0.8)
    } else {
        ((FieldSource::Text, "lists_and_capitals"), 0.6)
    };
    note(record, "entities", from, Some(model.name()), found.then_some(confidence));
}

/// Writes down where a field that is there came from; `confidence` is that of the surest of its values.
fn note(
    record: &mut Article,
    field: &str,
    (source, rule): (FieldSource, &str),
    model: Option<&str>,
    confidence: Option<f64>,
) {
    let Some(confidence) = confidence else { return };
    record.provenance.insert(field.to_owned(), Provenance { source, rule: rule.to_owned(), confidence });
    if let Some(model) = model {
        record.produced_by.models.insert(field.to_owned(), model.to_owned());
    }
}
