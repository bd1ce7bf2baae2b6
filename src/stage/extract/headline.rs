//! The headline: what record, data, markup and lines offer, without the site's tail and without kickers.

mod tail;

use std::sync::LazyLock;

use super::choose::Candidate;
use super::guess;
use super::opening::key;
use super::plain::plain;
use super::scene::Scene;
use crate::article::page::HeadingMark;
use crate::article::{Block, BlockKind, FieldSource};
use crate::stage::{table, url};
use tail::{has_guillemets, is_site, without_tail};

const PHRASES: &str = include_str!("../data/marker-phrases.txt");

/// Longest headline, in characters. Longer: a paragraph is taken for one.
const MAX_HEADLINE: usize = 320;

/// Every headline the article may have.
pub(super) fn candidates(scene: &Scene) -> Vec<Candidate<String>> {
    let mut found = Vec::new();
    let sites = sites(scene);
    if let Some(headline) = scene.article.head.headline.as_deref().map(plain) {
        let headline = without_tail(&headline, &sites, true);
        let other = is_untitled(headline) || !page_names_none(scene) && is_site_alone(headline, &sites);
        if !other {
            push(&mut found, headline, FieldSource::Record, "record", 0.99);
        }
    }
    let page = scene.page;
    let data =
        page.article().and_then(|article| article.headline.as_deref()).map(|text| without_tail(text, &sites, true));
    let open_graph = page
        .meta(&["og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title"])
        .map(|text| without_tail(text, &sites, true));
    let title = page.title.as_deref().map(|text| without_tail(text, &sites, false));
    let anchors: Vec<&str> = [&data, &open_graph, &title].into_iter().flatten().copied().collect();
    let heading = heading(scene, &anchors);
    if heading.is_none_or(|(_, agreed)| !agreed)
        && let Some(below) = below(scene, &anchors)
    {
        push(&mut found, without_tail(below, &sites, true), FieldSource::Html, "heading_agreed", 0.9);
    }
    if let Some((heading, agreed)) = heading {
        let confidence = if agreed { 0.95 } else { 0.7 };
        let heading = unglued(heading, &anchors);
        push(
            &mut found,
            without_tail(heading, &sites, true),
            FieldSource::Html,
            if agreed { "heading_agreed" } else { "heading" },
            confidence,
        );
    }
    data.into_iter().for_each(|text| push(&mut found, text, FieldSource::JsonLd, "headline", 0.85));
    open_graph.into_iter().for_each(|text| push(&mut found, text, FieldSource::Meta, "og_title", 0.8));
    if let Some((at, confidence)) = scene.opening.headline
        && let Some(block) = scene.article.blocks.get(at)
    {
        let line = guess::headed(&block.text, &scene.dates()).unwrap_or(&block.text);
        push(
            &mut found,
            without_tail(line, &sites, true),
            FieldSource::Text,
            "headline_line",
            0.3 + 0.35 * confidence.clamp(0.0, 1.0),
        );
    }
    title.into_iter().for_each(|text| push(&mut found, text, FieldSource::Html, "title", 0.6));
    found
}

/// What a system writes where nobody gave a headline.
fn is_untitled(text: &str) -> bool {
    static UNTITLED: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "untitled"));
    UNTITLED.contains(&text.to_lowercase().as_str())
}

/// True for a few words that are the name of the site.
fn is_site_alone(text: &str, sites: &[String]) -> bool {
    text.split_whitespace().count() <= 3 && is_site(text, sites)
}

fn page_names_none(scene: &Scene) -> bool {
    scene.page.headings.is_empty() && scene.page.title.is_none()
}

fn push(found: &mut Vec<Candidate<String>>, text: &str, source: FieldSource, rule: &'static str, confidence: f64) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let signs: &[char] = if has_guillemets(&text) { &['|', ' '] } else { &['|', ' ', '»', '«'] };
    let text = text.trim_matches(signs).to_owned();
    if !text.is_empty() && text.chars().count() <= MAX_HEADLINE {
        found.push(Candidate::new(text, source, rule, confidence));
    }
}

/// The heading that the page's data and title agree with most; whether any does.
fn heading<'s>(scene: &'s Scene, anchors: &[&str]) -> Option<(&'s str, bool)> {
    let headings = || scene.page.headings.iter().filter(|heading| heading.mark != HeadingMark::Deck);
    let best = headings()
        .map(|heading| (agreement(&heading.text, anchors), heading))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (agreement, heading) = best?;
    if agreement >= 0.5 {
        return Some((&heading.text, true));
    }
    let first = headings().filter(|heading| heading.mark == HeadingMark::First).collect::<Vec<_>>();
    match first.as_slice() {
        [only] if only.text.contains(' ') => Some((&only.text, false)),
        _ => None,
    }
}

/// The heading of lower rank that is what the data or title says, under a first one that names the section: `Newsroom`.
fn below<'s>(scene: &'s Scene, anchors: &[&str]) -> Option<&'s str> {
    let is_below = |block: &&Block| matches!(block.kind, BlockKind::Heading(2 | 3)) && block.text.len() <= MAX_HEADLINE;
    let mut below = scene.article.blocks.iter().filter(is_below).map(|block| block.text.as_str());
    below.find(|text| text.split_whitespace().count() > 2 && agreement(text, anchors) > 0.9)
}

/// A heading without what the page's style alone parts from it: `SportFerry runs again` where its data says `Ferry runs again`.
fn unglued<'t>(heading: &'t str, anchors: &[&'t str]) -> &'t str {
    let glued = |anchor: &&&str| {
        let before =
            heading.strip_suffix(**anchor).filter(|_| anchor.contains(' ') && anchor.starts_with(char::is_uppercase));
        before.is_some_and(|before| before.ends_with(|c: char| c.is_lowercase() || c.is_numeric()))
    };
    anchors.iter().find(glued).copied().unwrap_or(heading)
}

/// Share of words that a heading and the likest anchor have in common, 0.0 to 1.0.
fn agreement(heading: &str, anchors: &[&str]) -> f64 {
    let own = words(heading);
    let of = |anchor: &&str| {
        let other = words(anchor);
        let shared = own.iter().filter(|word| other.contains(word)).count();
        2.0 * shared as f64 / (own.len() + other.len()).max(1) as f64
    };
    anchors.iter().map(of).fold(0.0, f64::max)
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(key).filter(|word| !word.is_empty()).take(60).collect()
}

/// Names under which the site may stand in a title, as keys.
fn sites(scene: &Scene) -> Vec<String> {
    let page = scene.page;
    let host = scene.url.as_deref().and_then(url::domain);
    let label = host.as_deref().and_then(|host| host.split('.').max_by_key(|label| label.len()));
    let names = [
        scene.article.head.source.name.as_deref(),
        page.meta(&[
            "og:site_name",
            "application-name",
            "al:android:app_name",
            "apple-mobile-web-app-title",
            "twitter:app:name:iphone",
        ]),
        page.article().and_then(|article| article.publisher.as_deref()),
        host.as_deref(),
        label,
    ];
    names.into_iter().flatten().map(key).filter(|name| name.len() >= 2).collect()
}

#[cfg(test)]
mod tests;
