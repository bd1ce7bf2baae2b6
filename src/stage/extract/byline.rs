//! Who wrote it: what record, data, markup and lines offer, as people; organisations and "staff" are none.

mod agree;

use super::choose::Candidate;
use super::name;
use super::opening::{Line, Said};
use super::plain::plain;
use super::scene::Scene;
use crate::article::page::{BylineMark, LdAuthor};
use crate::article::{Author, FieldSource};
use crate::stage::url;

/// Meta tags that name an author.
pub(super) const AUTHOR: [&str; 17] = [
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "byl",
    "citation_author",
    "authors",
    "og:article:author",
    "article.author",
    "cxenseparse:author",
    "rnews:creator",
    "og:author",
    "mrf:authors",
];

/// Blocks between a byline line and the headline up to which nobody else's line stands there.
const NEAR: usize = 20;

/// A byline: as printed, and its people.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Byline {
    /// As printed in record or text; `None` where only data names the people.
    pub printed: Option<String>,
    pub people: Vec<Author>,
}

/// Every byline the article may have.
pub(super) fn candidates(scene: &Scene) -> Vec<Candidate<Byline>> {
    let mut found = Vec::new();
    let mut push = |printed: Option<&str>, people: Vec<Author>, source, rule, confidence| {
        if !people.is_empty() {
            found.push(Candidate::new(
                Byline { printed: printed.map(str::to_owned), people },
                source,
                rule,
                confidence,
            ));
        }
    };
    if let Some(text) = scene.article.head.byline.as_deref().map(plain) {
        push(Some(&text), name::people(&text), FieldSource::Record, "record", 0.99);
    }
    for article in scene.page.articles.iter().filter(|article| super::jsonld::weight(article) >= 3) {
        push(
            None,
            data(&article.authors, scene),
            FieldSource::JsonLd,
            "author",
            if super::jsonld::weight(article) >= 5 { 0.92 } else { 0.7 },
        );
    }
    let metas = scene.page.all(&AUTHOR).chain(label_author(scene)).filter(|text| !text.contains("://"));
    let people: Vec<Author> = metas.flat_map(|text| loosely(text, scene)).fold(Vec::new(), add);
    push(None, people, FieldSource::Meta, "author", 0.85);
    marked(scene, &mut found);
    lines(scene, &mut found);
    found.extend(owner(scene));
    found.iter_mut().for_each(|byline| {
        byline.value.people.retain(|author| !(name::is_outlet(&author.name) && is_site(&author.name, scene)))
    });
    found.retain(|byline| !byline.value.people.is_empty());
    agree::settle(scene, &mut found);
    found
}

/// `twitter:label1` "Written by", `twitter:data1` the name.
fn label_author<'s>(scene: &Scene<'s>) -> Option<&'s str> {
    let page = scene.page;
    ["1", "2"].into_iter().find_map(|number| {
        let label = page
            .metas
            .iter()
            .find(|(key, _)| key.strip_prefix("twitter:label") == Some(number))
            .map(|(_, label)| label)?;
        let is_author =
            name::without_lead(label).0.is_some() || name::LISTS.label.contains(label.to_lowercase().as_str());
        let value = page
            .metas
            .iter()
            .find(|(key, _)| key.strip_prefix("twitter:data") == Some(number))
            .map(|(_, value)| value.as_str());
        value.filter(|_| is_author)
    })
}

/// The people of a text that is known to name authors: small letters and one-word pen names count too.
fn loosely(text: &str, scene: &Scene) -> Vec<Author> {
    let people = name::people(text);
    if !people.is_empty() {
        return people;
    }
    let text = name::without_lead(text.trim()).1.trim();
    let pair: Vec<&str> = text.split(" & ").flat_map(|text| text.split(" and ")).collect();
    if pair.len() == 2 && pair.iter().all(|name| name::is_given(name)) {
        return pair.into_iter().map(|name| Author { name: name.to_owned(), ..Author::default() }).collect();
    }
    let tidy = name::tidy(text);
    let name = if tidy != text && name::is_person(&tidy) {
        Some(tidy)
    } else {
        is_pen_name(text, scene).then(|| text.to_owned())
    };
    name.map(|name| Author { name, ..Author::default() }).into_iter().collect()
}

/// One more person, unless already there.
fn add(mut people: Vec<Author>, author: Author) -> Vec<Author> {
    if !people.iter().any(|other| name::same(&other.name, &author.name)) {
        people.push(author);
    }
    people
}

/// Authors of schema.org data: a person may have one word for a name.
fn data(authors: &[LdAuthor], scene: &Scene) -> Vec<Author> {
    let mut people: Vec<Author> = Vec::new();
    for author in authors.iter().filter(|author| author.person != Some(false) || name::is_person(&author.name)) {
        let mut named =
            if author.person == Some(true) { loosely(&author.name, scene) } else { name::people(&author.name) };
        if let [only] = named.as_mut_slice() {
            only.url = author.url.as_deref().and_then(|link| url::absolute(link, scene.url.as_deref()));
            only.role = only.role.take().or_else(|| author.role.clone());
        }
        people = named.into_iter().fold(people, add);
    }
    people
}

/// One word that a site calls a person: no staff word, not the site's own name, no address.
fn is_pen_name(text: &str, scene: &Scene) -> bool {
    let key = super::opening::key(text);
    let site = scene.url.as_deref().and_then(url::domain).map(|host| super::opening::key(&host)).unwrap_or_default();
    let length = text.chars().count();
    !text.contains([' ', '@', '/', '.'])
        && (3..=24).contains(&length)
        && (name::is_given(text) || !site.contains(&key))
        && !name::is_staff_word(text)
        && super::agency::bracketed(text).is_none()
        && text.chars().any(char::is_alphabetic)
}

/// True for the name of the site itself, where it is no person's: `Le Figaro`, `Sample Post`. Many a person's own site bears the
/// person's name.
pub(super) fn is_site(name: &str, scene: &Scene) -> bool {
    let key = super::opening::key(name);
    let publisher = scene.page.article().and_then(|article| article.publisher.as_deref());
    let source = scene.article.head.source.name.as_deref();
    let mut named = [source, publisher, scene.page.meta(&["og:site_name"])].into_iter().flatten();
    let host = || scene.url.as_deref().and_then(url::domain).map(|host| super::opening::key(&host)).unwrap_or_default();
    !key.is_empty()
        && (named.any(|site| super::opening::key(site) == key) || key.len() >= MIN_SITE && host().starts_with(&key))
}

/// Shortest name, in bytes of its letters, that a host may be named after. Shorter: a person's name begins many a host.
const MIN_SITE: usize = 6;

/// Authors in the markup, by the surest kind of mark that names anybody.
fn marked(scene: &Scene, found: &mut Vec<Candidate<Byline>>) {
    let headline = scene.page.headings.iter().map(|heading| heading.place).find(|place| *place > 0);
    for (mark, rule, confidence) in [
        (BylineMark::Itemprop, "itemprop", 0.84),
        (BylineMark::Rel, "rel_author", 0.82),
        (BylineMark::Byline, "byline_class", 0.8),
        (BylineMark::Link, "author_link", 0.66),
        (BylineMark::Class, "author_class", 0.6),
    ] {
        let mut people = Vec::new();
        let mut printed = None;
        let mut last = None;
        for line in scene.page.bylines.iter().filter(|line| line.mark == mark) {
            // far from the first byline stand other stories' authors
            let near = last
                .or(headline)
                .is_none_or(|place: u32| line.place.abs_diff(place) < if last.is_some() { 60 } else { 700 });
            if !near {
                continue;
            }
            let text = super::opening::without_stamps(&line.text, &scene.dates());
            let sure = matches!(mark, BylineMark::Itemprop | BylineMark::Rel)
                || mark == BylineMark::Link && name::is_given(text.trim());
            let mut named = if sure { loosely(&text, scene) } else { name::people(&text) };
            if named.is_empty() {
                continue;
            }
            last = Some(line.place);
            if let [only] = named.as_mut_slice() {
                only.url = line
                    .url
                    .as_deref()
                    .and_then(|link| url::absolute(link, scene.url.as_deref()))
                    .filter(|link| is_profile(link));
            }
            printed.get_or_insert_with(|| super::opening::printed(&line.text, &scene.dates()));
            people = named.into_iter().fold(people, add);
        }
        if !people.is_empty() {
            let printed = printed.filter(|_| mark == BylineMark::Byline);
            found.push(Candidate::new(Byline { printed, people }, FieldSource::Html, rule, confidence));
        }
    }
}

/// An author's own page, no mail form and no social network.
fn is_profile(link: &str) -> bool {
    !url::is_social(link)
}

/// The person whose own site it is: a site named after a person, at an address that holds the name.
fn owner(scene: &Scene) -> Option<Candidate<Byline>> {
    let tail = scene.page.title.as_deref().and_then(|title| title.rsplit(" | ").next().filter(|tail| *tail != title));
    let named = scene.page.meta(&["og:site_name"]).into_iter().chain(tail);
    let host = super::opening::key(&scene.url.as_deref().and_then(url::domain)?);
    let own = |site: &&str| {
        let words: Vec<&str> = site.split_whitespace().collect();
        let last = words.last().map(|last| super::opening::key(last)).unwrap_or_default();
        words.len() <= 3
            && words.first().is_some_and(|first| name::is_given(first))
            && name::is_person(site)
            && last.len() > 2
            && host.contains(&last)
    };
    let name = named.into_iter().find(own)?;
    let people = vec![Author { name: name.to_owned(), ..Author::default() }];
    Some(Candidate::new(Byline { printed: None, people }, FieldSource::Meta, "site_owner", 0.5))
}

/// Byline lines around the headline.
fn lines(scene: &Scene, found: &mut Vec<Candidate<Byline>>) {
    let mut said: Vec<_> = scene.opening.bylines.iter().filter(|line| line.said != Said::Nothing).collect();
    // what stands behind the headline is its own; before it another story's may stand
    said.sort_by_key(|line| (!line.behind, line.distance));
    if let Some(first) = said.first() {
        let close = |line: &&&Line| line.said == Said::First && line.distance.abs_diff(first.distance) <= 2;
        let others = said.iter().skip(1).filter(close).flat_map(|line| &line.people);
        let people = first.people.iter().chain(others).cloned().fold(Vec::new(), add);
        let printed = Some(first.text.clone());
        let confidence = if first.distance <= NEAR { 0.78 } else { 0.55 };
        found.push(Candidate::new(Byline { printed, people }, FieldSource::Text, "byline_line", confidence));
    }
    if let Some(line) = scene.opening.bylines.iter().find(|line| line.said == Said::Nothing) {
        let confidence = 0.58 - 0.01 * line.distance.min(10) as f64;
        let byline = Byline { printed: Some(line.text.clone()), people: line.people.clone() };
        found.push(Candidate::new(byline, FieldSource::Text, "name_line", confidence));
    }
}
