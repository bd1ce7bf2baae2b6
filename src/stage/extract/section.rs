//! Section and genre: where the publisher filed the piece and what kind it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::choose::Candidate;
use super::scene::Scene;
use crate::article::FieldSource;
use crate::stage::table;

const GENRES: &str = include_str!("../data/genres.txt");
const SECTIONS: &str = include_str!("../data/sections.txt");

static GENRE: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    table::groups(GENRES).flat_map(|(genre, words)| words.into_iter().map(move |word| (word, genre))).collect()
});

/// The list of what is no section.
const NONE: &str = "none";

static UNFILED: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(SECTIONS, NONE));

static SECTION: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let named = table::groups(SECTIONS).filter(|(name, _)| *name != NONE);
    named.flat_map(|(name, words)| words.into_iter().map(move |word| (word, name))).collect()
});

/// Every section the piece may be filed under.
pub(super) fn sections(scene: &Scene) -> Vec<Candidate<String>> {
    const METAS: [&str; 9] = [
        "article:section",
        "parsely-section",
        "section",
        "og:section",
        "article.section",
        "cxenseparse:taxonomy",
        "sailthru.section",
        "dc.subject.section",
        "og:article:section",
    ];
    let mut found = Vec::new();
    if let Some(section) = scene.page.article().and_then(|article| article.section.as_deref()) {
        found.push(Candidate::new(tidy(section), FieldSource::JsonLd, "article_section", 0.9));
    }
    if let Some(section) = scene.page.meta(&METAS) {
        found.push(Candidate::new(tidy(section), FieldSource::Meta, "section", 0.88));
    }
    if let Some(section) = path(scene).iter().take(2).find_map(|part| SECTION.get(part.as_str())) {
        found.push(Candidate::new((*section).to_owned(), FieldSource::Url, "first_path_part", 0.6));
    }
    found.retain(|candidate| (2..=60).contains(&candidate.value.chars().count()));
    found.retain(|candidate| !UNFILED.contains(&candidate.value.to_lowercase().as_str()));
    found
}

/// Entities and list leftovers gone: the first of `World, Politics`.
fn tidy(section: &str) -> String {
    section.split(['|', ';', ',', '/', '>']).map(str::trim).find(|part| !part.is_empty()).unwrap_or("").to_owned()
}

/// The parts of the address's path, lower case.
fn path(scene: &Scene) -> Vec<String> {
    let url = scene.url.as_deref().unwrap_or("");
    url.split(['?', '#']).next().unwrap_or("").split('/').skip(3).take(8).map(str::to_lowercase).collect()
}

/// Every genre the piece may be of; `marker` is what the headline's marker said.
pub(super) fn genres(scene: &Scene, marker: Option<&str>, section: Option<&str>) -> Vec<Candidate<String>> {
    let mut found = Vec::new();
    let known = |text: &str| GENRE.get(text.trim().to_lowercase().as_str()).copied();
    if let Some(genre) = marker {
        found.push(Candidate::new(genre.to_owned(), FieldSource::Text, "headline_marker", 0.95));
    }
    if let Some(article) = scene.page.article() {
        let kind = match article.kind.as_str() {
            "OpinionNewsArticle" => Some("opinion"),
            "AnalysisNewsArticle" => Some("analysis"),
            "ReviewNewsArticle" | "Review" => Some("review"),
            "LiveBlogPosting" => Some("live"),
            "BackgroundNewsArticle" => Some("background"),
            "AdvertiserContentArticle" => Some("advertisement"),
            _ => None,
        };
        let genre = kind.or_else(|| article.genre.as_deref().and_then(known));
        genre
            .into_iter()
            .for_each(|genre| found.push(Candidate::new(genre.to_owned(), FieldSource::JsonLd, "type", 0.9)));
    }
    if let Some(genre) = section.and_then(known) {
        found.push(Candidate::new(genre.to_owned(), FieldSource::Meta, "section", 0.8));
    }
    if let Some(genre) = path(scene).iter().take(3).find_map(|part| known(part)) {
        found.push(Candidate::new(genre.to_owned(), FieldSource::Url, "path", 0.75));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_stands_for_two_genres_or_sections() {
        for (data, count) in [(GENRES, GENRE.len()), (SECTIONS, SECTION.len() + UNFILED.len())] {
            assert_eq!(table::groups(data).map(|(_, words)| words.len()).sum::<usize>(), count);
        }
        let names: Vec<_> = table::groups(GENRES).map(|(name, _)| name).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
