//! What a text is about: quotes with their speakers, keywords, topics.
//!
//! Reads the finished record and the clean article; changes nothing but the fields it is for. No input makes it panic, and
//! all of it is linear in the text.

pub mod keyword;
pub mod quote;
pub mod topic;

use crate::article::{Article, CleanArticle};

/// Fills the fields that say what the text is about.
pub fn read(record: &mut Article, _article: &CleanArticle) {
    let language = record.language.as_ref().map(|language| language.code.as_str());
    record.keywords = keyword::read(&record.text, record.headline.as_deref(), language);
    record.topics = topic::read(&record.text, record.headline.as_deref(), language, record.section.as_deref());
    record.quotes = quote::read(&record.text, language, &record.entities);
}
