//! Who wrote it: what record, data, markup and lines offer, as people; organisations and "staff" are none.

use super::choose::Candidate;
use super::name;
use super::page::{BylineMark, LdAuthor};
use super::scene::Scene;
use crate::article::{Author, FieldSource};
use crate::stage::url;

/// Meta tags that name an author.
const AUTHOR: [&str; 17] = [
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
    if let Some(text) = scene.article.head.byline.as_deref() {
        push(Some(text), name::people(text), FieldSource::Record, "record", 0.99);
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
    let metas = scene.page.all(&AUTHOR).filter(|text| !text.contains("://"));
    let people: Vec<Author> = metas.flat_map(name::people).fold(Vec::new(), add);
    push(None, people, FieldSource::Meta, "author", 0.85);
    marked(scene, &mut found);
    lines(scene, &mut found);
    found
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
        let mut named = name::people(&author.name);
        if named.is_empty() && author.person == Some(true) && is_pen_name(&author.name, scene) {
            named.push(Author { name: author.name.clone(), ..Author::default() });
        }
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
        && !site.contains(&key)
        && !name::is_staff_word(text)
        && text.chars().any(char::is_alphabetic)
}

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
            let mut named = name::people(&super::opening::without_stamps(&line.text, &scene.dates()));
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
            printed.get_or_insert_with(|| line.text.clone());
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
    !["twitter.", "x.com/", "facebook.", "linkedin.", "instagram."].iter().any(|site| link.contains(site))
}

/// Byline lines around the headline.
fn lines(scene: &Scene, found: &mut Vec<Candidate<Byline>>) {
    let said: Vec<_> = scene.opening.bylines.iter().filter(|line| line.said).collect();
    if let Some(first) = said.first() {
        let close = said.iter().filter(|line| line.distance.abs_diff(first.distance) <= 2);
        let people = close.flat_map(|line| line.people.iter().cloned()).fold(Vec::new(), add);
        let printed = Some(first.text.clone());
        found.push(Candidate::new(Byline { printed, people }, FieldSource::Text, "byline_line", 0.78));
    }
    if let Some(line) = scene.opening.bylines.iter().find(|line| !line.said) {
        let confidence = 0.58 - 0.01 * line.distance.min(10) as f64;
        let byline = Byline { printed: Some(line.text.clone()), people: line.people.clone() };
        found.push(Candidate::new(byline, FieldSource::Text, "name_line", confidence));
    }
}
