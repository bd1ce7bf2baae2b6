//! Who and what a text names: people, organisations, places and other names by a trained tagger (English) or by rules (other languages),
//! and money, shares and days by rules. It changes nothing of the text, and what it cannot tell is absent.
//!
//! `token` splits, `document` and `word` see words in their document, `feature` looks, `tagger` decides, `link` makes entities of
//! mentions. Time and memory are linear in the text.

mod address;
pub mod amount;
pub mod day;
pub mod document;
pub mod feature;
pub mod foreign;
pub mod found;
pub mod gazetteer;
pub mod hash;
pub mod lexicon;
pub mod link;
pub mod model;
pub mod state;
pub mod tagger;
pub mod token;
pub mod word;

use jiff::civil::Date;

use crate::article::{Entity, EntityKind};
use document::Document;
use found::{Found, Reader};
use link::Mention;
use model::Model;

/// The kinds of the tagger, in its order.
pub const KINDS: [EntityKind; tagger::KINDS] =
    [EntityKind::Person, EntityKind::Organisation, EntityKind::Place, EntityKind::Misc];

/// Names less sure than this are not told.
const LEAST: f64 = 0.3;

/// Entities of `text`, which is in `language` (ISO 639-1) and was published on `published`.
pub fn read(text: &str, language: &str, published: Option<Date>, model: &Model) -> Vec<Entity> {
    let tokens = token::tokens(text);
    let reader = Reader::new(text, &tokens, language);
    let names = if language == "en" { tagged(&reader, model) } else { foreign::read(&reader) };
    let found = settle(amount::read(&reader), names, day::read(&reader, published));
    link::entities(mentions(&reader, found))
}

fn tagged(reader: &Reader, model: &Model) -> Vec<Found> {
    let document = Document::new(reader.text, reader.tokens, &model.lexicon());
    let names = tagger::tag(&document, model).into_iter();
    let found = names.map(|name| Found::new(name.start, name.end, KINDS[name.kind], None, f64::from(name.confidence)));
    found.filter(|found| found.confidence >= LEAST).map(|found| storm(reader, found)).collect()
}

/// `Storm Bert`, `Hurricane Mary`: a given name, and nobody's.
fn storm(reader: &Reader, found: Found) -> Found {
    let is_storm = |at: usize| {
        let capital = reader.token(at).starts_with(char::is_uppercase);
        capital && matches!(reader.lower(at), "storm" | "hurricane" | "typhoon" | "cyclone")
    };
    let before = found.start.checked_sub(1).filter(|at| is_storm(*at));
    match found.kind {
        EntityKind::Person if before.is_some() || is_storm(found.start) && found.end > found.start + 1 => {
            Found { kind: EntityKind::Misc, start: before.unwrap_or(found.start), ..found }
        }
        _ => found,
    }
}

/// One list in the order of the text in which nothing overlaps: a sum beats a name, a name beats a day.
fn settle(amounts: Vec<Found>, names: Vec<Found>, days: Vec<Found>) -> Vec<Found> {
    let mut all = amounts;
    for weaker in [names, days] {
        let free: Vec<Found> = weaker.into_iter().filter(|one| !overlaps(&all, one)).collect();
        all.extend(free);
        all.sort_by_key(|found| found.start);
    }
    all
}

/// Whether one of `sorted`, which do not overlap each other, overlaps `one`.
fn overlaps(sorted: &[Found], one: &Found) -> bool {
    let after = sorted.partition_point(|found| found.end <= one.start);
    sorted.get(after).is_some_and(|found| found.start < one.end)
}

/// What was found, with places in code points.
fn mentions(reader: &Reader, found: Vec<Found>) -> Vec<Mention> {
    let (mut bytes, mut points) = (0, 0u32);
    let mut point = |to: usize| {
        points = points.saturating_add(reader.text[bytes..to].chars().count() as u32);
        bytes = to;
        points
    };
    let mut mentions = Vec::with_capacity(found.len());
    for found in found {
        let (Some(first), Some(last)) = (reader.tokens.get(found.start), reader.tokens.get(found.end - 1)) else {
            continue;
        };
        let span = [point(first.start), point(last.end)];
        let name = reader.text[first.start..last.end].split_whitespace().collect::<Vec<_>>().join(" ");
        mentions.push(Mention { kind: found.kind, name, span, norm: found.norm, confidence: found.confidence });
    }
    mentions
}

#[cfg(test)]
mod tests;
