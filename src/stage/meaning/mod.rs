//! What a text is about: quotes with their speakers, keywords, topics.
//!
//! Reads the finished record and the clean article; changes nothing but the fields it is for. No input makes it panic, and
//! all of it is linear in the text.

pub mod keyword;
pub mod quote;
pub mod topic;

use crate::article::{Article, CleanArticle, FieldSource, Provenance};

/// Version of the weights that choose speakers, and of those that choose topics; moves with the data files.
const QUOTES: &str = "polnear-1";
const TOPICS: &str = "reuters-bbc-1";

/// Fills the fields that say what the text is about.
pub fn read(record: &mut Article, _article: &CleanArticle) {
    let language = record.language.as_ref().map(|language| language.code.as_str());
    let headline = record.headline.as_deref();
    record.keywords = keyword::read(&record.text, headline, language);
    record.topics = topic::read(&record.text, headline, language, record.section.as_deref());
    record.quotes = quote::read(&record.text, language, &record.entities);
    let surest = |confidences: &mut dyn Iterator<Item = f64>| confidences.reduce(f64::max);
    let keywords = (!record.keywords.is_empty()).then_some(0.7);
    let topics = surest(&mut record.topics.iter().map(|topic| topic.confidence));
    let quotes = surest(&mut record.quotes.iter().map(|quote| quote.confidence));
    note(record, "keywords", FieldSource::Text, "frequency", keywords);
    note(record, "topics", FieldSource::Model, TOPICS, topics);
    note(record, "quotes", FieldSource::Model, QUOTES, quotes);
}

/// Writes down where a field that is there came from; `confidence` is that of the surest of its values.
fn note(record: &mut Article, field: &str, source: FieldSource, rule: &str, confidence: Option<f64>) {
    let Some(confidence) = confidence else { return };
    record.provenance.insert(field.to_owned(), Provenance { source, rule: rule.to_owned(), confidence });
    if source == FieldSource::Model {
        record.produced_by.models.insert(field.to_owned(), rule.to_owned());
    }
}
