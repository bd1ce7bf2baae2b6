//! Clean article and page facts to the fields a newsroom files by.
//!
//! Each field has its reader, which offers candidates; `choose` settles them and writes down where the value came from. A field
//! that is not known is absent, never guessed silently. No input makes this panic; every list and string is bounded. It never
//! changes the text.

mod agency;
mod byline;
mod choose;
mod credit;
mod date;
mod dateline;
mod editorial;
pub mod embargo;
mod guess;
mod headline;
mod image;
mod jsonld;
mod language;
mod lead;
mod name;
mod opening;
pub mod page;
mod plain;
mod published;
mod scene;
mod scrape;
mod section;
pub mod stats;

use std::collections::BTreeMap;

use crate::article::{
    Agency, Article, Author, CleanArticle, Credit, Dateline, FieldSource, Language, ProducedBy, SCHEMA_ARTICLE, Source,
    Truncation,
};
use crate::stage::url;
use choose::Notes;
pub use editorial::mark::{Marks, marks};
pub use editorial::withdrawal::withdrawn;
use scene::Scene;

/// The record of an article, but for id, story, verdict and origin, which the caller knows.
pub fn extract(article: &CleanArticle) -> Article {
    let text = article.text();
    let mut notes = Notes::default();
    let language = language(article, &text, &mut notes);
    let scene = Scene::new(article, language.as_ref().map(|language| language.code.as_str()));
    let mut record = unread(&scene, text, language);
    truncated(article, &mut notes);
    headline_and_marker(&scene, &mut record, &mut notes);
    times(&scene, &mut record, &mut notes);
    let line = dateline_line(&scene);
    dateline_and_credits(&scene, line.as_ref(), &mut record, &mut notes);
    people(&scene, line.as_ref(), &mut record, &mut notes);
    record.agency = agency::settle(&scene, &record, &mut notes);
    record.provenance = notes.0;
    record
}

/// The record before its facts are read: what stands fast, and every other field empty.
fn unread(scene: &Scene, text: String, language: Option<Language>) -> Article {
    let head = &scene.article.head;
    // Every field by name, so that the compiler asks who fills a new one.
    Article {
        schema: SCHEMA_ARTICLE.to_owned(),
        url: head.url.as_deref().and_then(|own| url::absolute(own, None)),
        canonical_url: scene.url.as_deref().and_then(|own| url::canonical(own, scene.page.canonical())),
        source: source(scene),
        status: head.status,
        stats: stats::count(&text),
        text,
        truncated: scene.article.truncated.is_some(),
        language,
        images: image::read(scene),
        produced_by: ProducedBy::default(),
        extra: head.extra.clone(),
        // Read by `extract`, one after the other, since one needs what another found.
        headline: None,
        subheadline: None,
        lead: None,
        section: None,
        genre: None,
        editorial: None,
        byline: None,
        authors: Vec::new(),
        credits: Vec::new(),
        agency: None,
        dateline: None,
        published_at: None,
        modified_at: None,
        published: None,
        embargoed_until: None,
        provenance: BTreeMap::new(),
        // By `meaning`.
        keywords: Vec::new(),
        topics: Vec::new(),
        entities: Vec::new(),
        quotes: Vec::new(),
        // By the caller.
        id: String::new(),
        story: None,
        verdict: None,
        origin: None,
    }
}

/// A headline without its wire markers.
pub fn unmarked(headline: &str) -> &str {
    editorial::headline(headline).headline
}

/// By what clean knew that the text is not whole.
fn truncated(article: &CleanArticle, notes: &mut Notes) {
    let (source, rule) = match article.truncated {
        None => return,
        Some(Truncation::Mark) => (FieldSource::Text, "cut_mark"),
        Some(Truncation::Notice) => (FieldSource::Html, "notice_after_text"),
        Some(Truncation::Locked) => (FieldSource::JsonLd, "not_accessible_for_free"),
    };
    notes.note("truncated", source, rule, 0.9);
}

fn language(article: &CleanArticle, text: &str, notes: &mut Notes) -> Option<Language> {
    let record = article.head.language.as_deref().and_then(language::code);
    let page = || article.page.lang.as_deref().and_then(language::code);
    let data = || article.page.article().and_then(|data| language::code(data.language.as_deref()?));
    let source = if record.is_some() { FieldSource::Record } else { FieldSource::Html };
    let prior = record.or_else(page).or_else(data);
    let found = language::detect(text, prior.as_deref())?;
    let agreed = prior.as_deref() == Some(found.code.as_str());
    let (source, rule) = if agreed { (source, "hint_agreed") } else { (FieldSource::Text, "detected") };
    notes.note("language", source, rule, found.confidence);
    Some(found)
}

fn source(scene: &Scene) -> Source {
    let own = &scene.article.head.source;
    let page = scene.page.article().and_then(|article| article.publisher.clone());
    let page = page.or_else(|| scene.page.meta(&["og:site_name"]).map(str::to_owned));
    Source {
        name: own.name.clone().or(page),
        domain: own.domain.clone().or_else(|| scene.url.as_deref().and_then(url::domain)),
        feed: own.feed.clone(),
    }
}

fn headline_and_marker(scene: &Scene, record: &mut Article, notes: &mut Notes) {
    let headline = notes.settle("headline", headline::candidates(scene));
    let marked = headline.as_deref().map(editorial::headline).unwrap_or_default();
    record.headline = (!marked.headline.is_empty()).then(|| marked.headline.to_owned());
    record.editorial = editorial::mark::settle(scene, marked.editorial, notes);
    record.section = notes.settle("section", section::sections(scene));
    record.genre = notes.settle("genre", section::genres(scene, marked.genre, record.section.as_deref()));
    record.lead = lead::lead(scene.article, record.headline.as_deref());
    record.subheadline = lead::subheadline(scene, record, notes);
}

fn times(scene: &Scene, record: &mut Article, notes: &mut Notes) {
    let changed = published::modified(scene);
    let chosen = published::settle(published::published(scene, &changed));
    if let Some(chosen) = &chosen {
        notes.note("published_at", chosen.source, chosen.rule, chosen.confidence);
        record.published_at = Some(chosen.value.value());
        record.published = Some(chosen.value.published.clone());
    }
    let first = chosen.map(|chosen| chosen.value);
    if let Some(changed) = published::changed(changed, first.as_ref()) {
        notes.note("modified_at", changed.source, changed.rule, changed.confidence);
        record.modified_at = Some(changed.value.value());
    }
    record.embargoed_until = embargo::of(&scene.article.head).map(|embargo| embargo.text);
}

fn dateline_and_credits(scene: &Scene, line: Option<&dateline::Line>, record: &mut Article, notes: &mut Notes) {
    if let Some(line) = line {
        if !line.place.is_empty() {
            notes.note(
                "dateline",
                FieldSource::Text,
                "dateline",
                if line.agency.is_some() || line.day.is_some() { 0.97 } else { 0.8 },
            );
            let date = line.day.map(|day| dateline_date(day, record.published_at.as_deref()));
            record.dateline = Some(Dateline { text: line.place.clone(), places: line.places.clone(), date });
        }
        if let Some(name) = line.agency {
            notes.note("agency", FieldSource::Text, "dateline", 0.97);
            record.agency = Some(Agency { name: name.to_owned() });
        }
    }
    let mut credits: Vec<Credit> = Vec::new();
    for credit in scene.closing().flat_map(credit::read) {
        if !credits.contains(&credit) {
            credits.push(credit);
        }
    }
    credits.truncate(40);
    if !credits.is_empty() {
        notes.note("credits", FieldSource::Text, "closing_credits", 0.95);
    }
    record.credits = credits;
}

/// True for a text that begins with an agency's dateline: a paragraph, however short.
pub(super) fn has_dateline(text: &str) -> bool {
    let line = dateline::read(text, &date::Context::default());
    line.is_some_and(|line| line.agency.is_some() && !line.place.is_empty())
}

/// True for the name of a news agency and nothing else.
pub(super) fn is_agency(text: &str) -> bool {
    agency::named(text).is_some() || agency::bracketed(text).is_some() && !text.contains(char::is_whitespace)
}

/// True for a line that says who made a piece and nothing else: `Words: Ann Example. Pictures: Bob Sample`.
pub(super) fn is_makers(line: &str) -> bool {
    name::is_makers(line)
}

/// The first dateline of the opening paragraphs; a place and a colon are one only at the very beginning.
fn dateline_line(scene: &Scene) -> Option<dateline::Line> {
    let mut paragraphs = scene.article.paragraphs.iter().take(4).enumerate();
    let read = |paragraph: &str| dateline::read(paragraph, &scene.dates());
    paragraphs.find_map(|(at, paragraph)| read(paragraph).filter(|line| at == 0 || !line.bare))
}

/// YYYY-MM-DD: the year as printed, else the one that brings the day nearest to the publication; without either --MM-DD.
fn dateline_date((year, month, day): (Option<i16>, i8, i8), published: Option<&str>) -> String {
    let published: Option<jiff::civil::Date> = published.and_then(|at| at.get(..10)?.parse().ok());
    let near = || {
        let published = published?;
        let years = [published.year() - 1, published.year(), published.year() + 1];
        let days = years.into_iter().filter_map(|year| jiff::civil::Date::new(year, month, day).ok());
        days.min_by_key(|day| (*day - published).get_days().abs())
    };
    match year.and_then(|year| jiff::civil::Date::new(year, month, day).ok()).or_else(near) {
        Some(date) => date.to_string(),
        None => format!("--{month:02}-{day:02}"),
    }
}

fn people(scene: &Scene, line: Option<&dateline::Line>, record: &mut Article, notes: &mut Notes) {
    let mut candidates = byline::candidates(scene);
    if let Some(printed) = line.and_then(|line| line.byline.as_deref()) {
        let people: Vec<Author> = name::people(printed);
        if !people.is_empty() {
            let byline = byline::Byline { printed: Some(format!("By {printed}")), people };
            candidates.push(choose::Candidate::new(byline, FieldSource::Text, "before_dateline", 0.77));
        }
    }
    let printed = candidates.iter().find_map(|candidate| candidate.value.printed.clone());
    if let Some(byline) = notes.settle("authors", candidates) {
        record.byline = byline.printed.or(printed);
        record.authors = byline.people;
    } else {
        record.byline = scene.article.head.byline.as_deref().map(|byline| plain::plain(byline).into_owned());
    }
}

#[cfg(test)]
mod tests;
