//! What stands under the headline: the line below it, and the lead.
//!
//! It must never tell the headline a second time.

use super::choose::{Candidate, Notes};
use super::opening;
use super::scene::Scene;
use crate::article::page::{BylineMark, HeadingMark};
use crate::article::{Article, CleanArticle, FieldSource};

/// Longest subheadline, in characters.
const MAX_SUBHEADLINE: usize = 400;

/// Shortest paragraph taken for the lead where the line under the headline is passed over, in bytes. Shorter: a date, a credit.
const SHORTEST_LEAD: usize = 40;

/// The first paragraph that is neither the headline again nor, where others follow, marked up as the line under it.
pub(super) fn lead(article: &CleanArticle, headline: Option<&str>) -> Option<String> {
    let headline = headline.map(opening::key);
    let decks = article.page.headings.iter().filter(|heading| heading.mark == HeadingMark::Deck);
    let decks: Vec<String> = decks.map(|heading| opening::key(&heading.text)).collect();
    let paragraphs = || article.paragraphs.iter().take(3);
    let new = |paragraph: &&String| headline.as_ref() != Some(&opening::key(paragraph));
    let follows = |paragraph: &&String| {
        !decks.contains(&opening::key(paragraph)) && (decks.is_empty() || paragraph.len() >= SHORTEST_LEAD)
    };
    let lead = paragraphs().filter(new).find(follows);
    lead.or_else(|| paragraphs().find(new)).cloned()
}

/// The line under the headline, where it says something that headline and lead do not, and is no byline.
pub(super) fn subheadline(scene: &Scene, record: &Article, notes: &mut Notes) -> Option<String> {
    let marked = scene.page.bylines.iter().filter(|line| line.mark == BylineMark::Byline).map(|line| &line.text);
    let lines = scene.opening.bylines.iter().map(|line| &line.text);
    let bylines: Vec<String> = marked.chain(lines).map(|text| opening::key(text)).collect();
    let new = |text: &str| {
        let key = opening::key(text);
        let told = |other: Option<&str>| other.is_some_and(|other| opening::key(other).starts_with(&key));
        !text.is_empty()
            && text.chars().count() <= MAX_SUBHEADLINE
            && !told(record.headline.as_deref())
            && !told(record.lead.as_deref())
            && !bylines.contains(&key)
    };
    let deck = scene
        .page
        .headings
        .iter()
        .find(|heading| heading.mark == HeadingMark::Deck)
        .map(|heading| heading.text.as_str());
    let data = scene.page.article().and_then(|article| article.subheadline.as_deref());
    let line = scene.opening.deck.and_then(|at| scene.article.blocks.get(at)).map(|block| block.text.as_str());
    let candidates = [
        deck.map(|text| (text, FieldSource::Html, "deck_class", 0.8)),
        data.map(|text| (text, FieldSource::JsonLd, "alternative_headline", 0.7)),
        line.map(|text| (text, FieldSource::Text, "line_under_headline", 0.6)),
    ];
    let fitting = candidates.into_iter().flatten().filter(|(text, ..)| new(text));
    notes.settle(
        "subheadline",
        fitting.map(|(text, source, rule, confidence)| Candidate::new(text.to_owned(), source, rule, confidence)),
    )
}
