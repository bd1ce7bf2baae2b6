//! News agencies: by their names in datelines, bylines and credits.

use std::sync::LazyLock;

use super::choose::Notes;
use super::scene::Scene;
use super::{byline, name, opening};
use crate::article::page::BylineMark;
use crate::article::{Agency, Article, BlockKind, FieldSource};
use crate::stage::quick::Map;
use crate::stage::table;

const AGENCIES: &str = include_str!("../data/agencies.txt");

/// A form and whether it counts only in brackets, in capitals.
static FORMS: LazyLock<Map<&'static str, (&'static str, bool)>> = LazyLock::new(|| {
    let mut forms = Map::default();
    for (name, values) in table::groups(AGENCIES) {
        for value in values {
            match value.strip_prefix('=') {
                Some(form) => forms.insert(form, (name, true)),
                None => forms.insert(value, (name, false)),
            };
        }
    }
    forms
});

/// The agency a name in brackets after a place means: `(Reuters)`, `(AP)`, `(dpa/lsw)`, `(Agence France-Presse)`.
pub(super) fn bracketed(text: &str) -> Option<&'static str> {
    known(text).map(|(name, _)| name).or_else(|| {
        // two desks share a story: the first one counts
        text.split(['/', ',', ';']).find_map(|part| known(part)).map(|(name, _)| name)
    })
}

/// The agency of a name that stands by itself in a byline or credit: never a short form that may be another word.
pub(super) fn named(text: &str) -> Option<&'static str> {
    known(text).filter(|(_, short)| !short).map(|(name, _)| name)
}

fn known(text: &str) -> Option<(&'static str, bool)> {
    let text = text.trim().trim_matches(['.', '-', '*']);
    if text.len() > 60 {
        return None;
    }
    let form = text.replace('.', "").to_lowercase();
    let (name, short) = FORMS.get(form.as_str())?;
    (!short || !text.chars().any(char::is_lowercase)).then_some((*name, *short))
}

/// The agency of a line that is a byline and nothing else: `By Agence France-Presse`, `AFP`, `Reuters Staff`; the site's own name
/// may stand beside it.
fn alone(line: &str, scene: &Scene) -> Option<&'static str> {
    let parts = name::parts(&opening::printed(line, &scene.dates()));
    let staff = |text: &str| text.split_whitespace().any(name::is_staff_word);
    let site = |text: &str| named(text).is_none() && (byline::is_site(text, scene) || staff(text));
    let others = parts.iter().filter(|part| match part {
        name::Part::Other(text) | name::Part::Role(text) => !site(text),
        name::Part::Person(author) => !(name::is_outlet(&author.name) && site(&author.name)),
    });
    match others.collect::<Vec<_>>().as_slice() {
        [name::Part::Other(only) | name::Part::Role(only)] => staffed(only).or_else(|| short(only)),
        _ => None,
    }
}

/// An agency by a short form that fills the place of an author: `ANP`. Two letters may be a person's.
fn short(text: &str) -> Option<&'static str> {
    known(text).filter(|_| text.trim().chars().count() > 2).map(|(name, _)| name)
}

/// The agency that a line at the end of the story names: `Source: Reuters`, `(Avec AFP)`, `krü/dpa/AFP`,
/// `Ann Example, The Canadian Press`.
fn signed(line: &str) -> Option<&'static str> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || "()[]".contains(c));
    if line.len() > MAX_SIGN {
        return None;
    }
    let lower = line.to_lowercase();
    let behind = |label: &&str| lower.strip_prefix(*label).filter(|rest| rest.starts_with([' ', ':'])).map(str::len);
    if let Some(length) = name::LISTS.signoff.iter().find_map(behind) {
        let rest = line.get(line.len().checked_sub(length)?..)?.trim_start_matches([' ', ':']);
        return known(rest).map(|(name, _)| name);
    }
    if line.contains('/') && !line.contains(' ') {
        return line.split('/').filter(|part| part.len() <= MAX_DESK).find_map(known).map(|(name, _)| name);
    }
    match name::parts(line).as_slice() {
        [name::Part::Person(_), name::Part::Other(only)] => named(only).filter(|_| line.contains(", ")),
        _ => None,
    }
}

/// Longest line that signs a story, and longest desk in one, in bytes.
const MAX_SIGN: usize = 60;
const MAX_DESK: usize = 8;

/// An agency by its name, or by its name before its people or the place they write from: `Reuters Staff`, `AFP in Paris`.
fn staffed(text: &str) -> Option<&'static str> {
    let is_people = |word: &str| name::LISTS.wire.contains(word.to_lowercase().as_str());
    let before = |(at, _)| {
        let (agency, rest) = (&text[..at], text[at..].trim_start());
        named(agency).filter(|_| rest.starts_with("in ") || rest.split(' ').all(is_people))
    };
    named(text).or_else(|| text.match_indices(' ').find_map(before))
}

/// The agency whose name of several words stands behind a person's: `By Ann Example Associated Press`. One word may be a family's.
fn behind(printed: &str) -> Option<&'static str> {
    let ends = |(at, _): (usize, &str)| named(&printed[at + 1..]).filter(|_| printed[at + 1..].contains(' '));
    printed.match_indices(' ').find_map(ends)
}

/// The agency that the page's marks, or the line right under the headline, name in an author's place.
fn from_page(scene: &Scene) -> Option<(&'static str, FieldSource, &'static str, f64)> {
    let meta = scene.page.all(&byline::AUTHOR).find_map(|text| alone(text, scene));
    let marked = || {
        let sure =
            scene.page.bylines.iter().filter(|line| line.mark != BylineMark::Class && line.mark != BylineMark::Link);
        sure.take(NEAR).find_map(|line| alone(&line.text, scene))
    };
    let under = || {
        let (at, _) = scene.opening.headline?;
        let next = scene.article.blocks.get(at + 1..)?.iter().take(UNDER);
        next.filter(|block| block.kind == BlockKind::Paragraph).find_map(|block| alone(&block.text, scene))
    };
    meta.map(|name| (name, FieldSource::Meta, "author", 0.85))
        .or_else(|| Some((marked()?, FieldSource::Html, "byline_class", 0.8)))
        .or_else(|| Some((under()?, FieldSource::Text, "byline_line", 0.75)))
}

/// Marked bylines of a page that may be the article's; behind them those of other stories begin.
const NEAR: usize = 3;

/// Blocks under the headline in which an agency may stand for the byline. More: the credit of a picture is taken for one.
const UNDER: usize = 2;

/// The agency of the dateline, else of the byline, else the one whose style the credits have.
pub(super) fn settle(scene: &Scene, record: &Article, notes: &mut Notes) -> Option<Agency> {
    if record.agency.is_some() {
        return record.agency.clone();
    }
    let data = scene.page.article().map(|article| article.authors.as_slice()).unwrap_or(&[]);
    let from_data =
        data.iter().find_map(|author| named(&author.name)).map(|name| (name, FieldSource::JsonLd, "author", 0.9));
    let from_byline = || {
        let printed = scene.article.head.byline.as_deref().or(record.byline.as_deref())?;
        let organisation = name::parts(printed).into_iter().find_map(|part| match part {
            name::Part::Other(text) | name::Part::Role(text) => staffed(&text),
            name::Part::Person(_) => None,
        });
        organisation.or_else(|| behind(printed)).map(|name| (name, FieldSource::Text, "byline", 0.9))
    };
    let from_source = || {
        let name = named(record.source.name.as_deref()?)?;
        Some((name, FieldSource::Record, "source", 0.85))
    };
    let from_end = || {
        let name = scene.closing().find_map(signed)?;
        Some((name, FieldSource::Text, "signoff", 0.75))
    };
    // "(Reporting by A; Editing by B)" in brackets is the house style of one agency only
    let from_style = || {
        let styled = scene
            .closing()
            .any(|text| text.rfind("(Reporting by ").is_some_and(|at| text[at..].contains("diting by ")));
        styled.then_some(("Reuters", FieldSource::Text, "credit_style", 0.7))
    };
    let (name, source, rule, confidence) = from_data
        .or_else(from_byline)
        .or_else(|| from_page(scene))
        .or_else(from_source)
        .or_else(from_end)
        .or_else(from_style)?;
    notes.note("agency", source, rule, confidence);
    Some(Agency { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_stands_for_two_agencies() {
        let count: usize = table::groups(AGENCIES).map(|(_, values)| values.len()).sum();
        assert_eq!(count, FORMS.len());
        let names: Vec<_> = table::groups(AGENCIES).map(|(name, _)| name.to_lowercase()).collect();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn an_agency_may_stand_before_its_people_or_their_place() {
        assert_eq!(staffed("Reuters Staff"), Some("Reuters"));
        assert_eq!(staffed("Associated Press writer"), Some("AP"));
        assert_eq!(staffed("Agence France-Presse in Paris"), Some("AFP"));
        assert_eq!(staffed("AP Photo"), None);
        assert_eq!(staffed("Reuters Plus sponsored content"), None);
    }

    #[test]
    fn a_line_at_the_end_may_sign_the_story() {
        for (line, agency) in [
            ("Source: Reuters", Some("Reuters")),
            ("(Avec AFP)", Some("AFP")),
            ("Bron: ANP", Some("ANP")),
            ("Kaynak: AA", Some("AA")),
            ("exa/dpa/AFP", Some("dpa")),
            ("Ann Example, The Canadian Press", Some("CP")),
            ("Source: the harbour office", None),
            ("Sourcebook: Reuters", None),
            ("and/or", None),
            ("With Reuters gone, the office is empty.", None),
            ("Ann Example, Quay", None),
        ] {
            assert_eq!(signed(line), agency, "{line}");
        }
    }

    #[test]
    fn short_forms_count_only_in_capitals_and_brackets() {
        assert_eq!(bracketed("AP"), Some("AP"));
        assert_eq!(bracketed("PA"), Some("PA"));
        assert_eq!(bracketed("pa"), None);
        assert_eq!(named("PA"), None);
        assert_eq!(named("The Associated Press"), Some("AP"));
        assert_eq!(bracketed("Reuters/Desk"), Some("Reuters"));
        assert_eq!(bracketed("the company"), None);
    }
}
