//! What a text is about: entities, and what builds on them. Reads the finished record, adds to it, changes nothing it holds.

pub mod entity;

use crate::article::{Article, CleanArticle, FieldSource, Provenance};
use entity::model::Model;

/// Adds to `record` what its text names and says.
pub fn read(record: &mut Article, _article: &CleanArticle, model: &Model) {
    entities(record, model);
}

fn entities(record: &mut Article, model: &Model) {
    let Some(language) = record.language.as_ref().map(|language| language.code.clone()) else { return };
    let published = record.published_at.as_deref().and_then(|at| at.get(..10)?.parse().ok());
    record.entities = entity::read(&record.text, &language, published, model);
    if record.entities.is_empty() {
        return;
    }
    let (source, rule, confidence) = if language == "en" {
        (FieldSource::Model, "tagger", 0.8)
    } else {
        (FieldSource::Text, "lists_and_capitals", 0.6)
    };
    record.provenance.insert("entities".to_owned(), Provenance { source, rule: rule.to_owned(), confidence });
    record.produced_by.models.insert("entities".to_owned(), model.name().to_owned());
}
