//! Bylines weighed by each other: what one lacks another has, and what one says another may deny.

use super::Byline;
use crate::article::{Author, FieldSource};
use crate::stage::extract::choose::{Candidate, best};
use crate::stage::extract::name;
use crate::stage::extract::opening::{Line, Said};
use crate::stage::extract::scene::Scene;

/// Blocks under the headline in which a byline is the story's, whatever the data says.
const UNDER: usize = 4;

/// Weighs every byline by the others.
pub(super) fn settle(scene: &Scene, found: &mut [Candidate<Byline>]) {
    addressed(found);
    complete(found);
    prefer_printed(scene, found);
}

/// Who uploads a piece stands in the data as its author: a byline that says so under the headline, and names nobody of them, is
/// surer.
fn prefer_printed(scene: &Scene, found: &mut [Candidate<Byline>]) {
    let Some(best) = best(found.iter().cloned()) else { return };
    let under = |line: &&Line| line.said == Said::First && line.behind && line.distance <= UNDER;
    let Some(line) = scene.opening.bylines.iter().find(under) else { return };
    let shares = |one: &Author, other: &Author| {
        let words = |author: &Author| author.name.to_lowercase().split(' ').map(str::to_owned).collect::<Vec<_>>();
        words(one).iter().any(|word| word.chars().count() > 2 && words(other).contains(word))
    };
    let known = line.people.iter().any(|one| best.value.people.iter().any(|other| shares(one, other)));
    if known || !matches!(best.source, FieldSource::Meta | FieldSource::JsonLd) {
        return;
    }
    let printed =
        |other: &&mut Candidate<Byline>| other.rule == "byline_line" && other.value.people.contains(&line.people[0]);
    if let Some(printed) = found.iter_mut().find(printed) {
        printed.confidence = best.confidence + 0.01;
    }
}

/// Gives every person the page that another candidate links the same name to.
fn addressed(found: &mut [Candidate<Byline>]) {
    let people = found.iter().flat_map(|candidate| &candidate.value.people);
    let linked: Vec<Author> = people.filter(|author| author.url.is_some()).cloned().collect();
    for author in
        found.iter_mut().flat_map(|candidate| &mut candidate.value.people).filter(|author| author.url.is_none())
    {
        author.url =
            linked.iter().find(|other| name::same(&other.name, &author.name)).and_then(|other| other.url.clone());
    }
}

/// Data often names the first author only: a byline in the text that names them all and more is as sure as the data, and so is
/// what text and meta tags say alike.
fn complete(found: &mut [Candidate<Byline>]) {
    let Some(best) = best(found.iter().cloned()) else { return };
    let holds = |byline: &Byline| {
        best.value.people.iter().all(|author| byline.people.iter().any(|other| name::same(&other.name, &author.name)))
    };
    let meta: Vec<Author> =
        found.iter().filter(|c| c.source == FieldSource::Meta).flat_map(|c| c.value.people.clone()).collect();
    let alike =
        |people: &[Author]| people.iter().all(|author| meta.iter().any(|other| name::same(&other.name, &author.name)));
    let sure = |other: &&mut Candidate<Byline>| match other.rule {
        "byline_line" | "byline_class" => true,
        "name_line" | "author_class" | "author_link" => alike(&other.value.people),
        _ => false,
    };
    for other in found.iter_mut().filter(sure) {
        if other.value.people.len() > best.value.people.len()
            && holds(&other.value)
            && best.source != FieldSource::Record
        {
            other.confidence = best.confidence + 0.01;
        }
    }
}
