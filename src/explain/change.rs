//! What differs between two decisions about one record. Says what differs, never which is better.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::words::brief;
use super::{Explanation, Field, fields};
use crate::article::Block;
use crate::outcome::Outcome;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What differs: `outcome`, `topic`, `text`, `block 3`, or the name of a field.
    pub what: String,
    /// As the first configuration has it; empty where it has nothing.
    pub a: String,
    /// As the second has it.
    pub b: String,
}

/// What differs between two explanations of one record, blocks included.
pub fn explanations(a: &Explanation, b: &Explanation) -> Vec<Change> {
    let mut changes = outcomes(&a.outcome, &b.outcome);
    changes.extend(change("topic", &a.published.topic, &b.published.topic));
    changes.extend(blocks(&a.blocks, &b.blocks));
    changes
}

/// What differs between two outcomes of one record.
pub fn outcomes(a: &Outcome, b: &Outcome) -> Vec<Change> {
    let mut changes: Vec<Change> = change("outcome", &decision(a), &decision(b)).into_iter().collect();
    if let (Some(one), Some(other)) = (text(a), text(b)) {
        changes.extend(change("text", one, other));
    }
    // Where only one of the two is an article, all its fields differ, and the outcome has said so.
    if text(a).is_some() == text(b).is_some() {
        changes.extend(field_changes(fields(a), fields(b)));
    }
    changes
}

fn change(what: &str, a: &str, b: &str) -> Option<Change> {
    (a != b).then(|| Change { what: what.to_owned(), a: a.to_owned(), b: b.to_owned() })
}

fn decision(outcome: &Outcome) -> String {
    let kind = outcome.kind().name();
    match outcome {
        Outcome::Enriched { .. } => kind.to_owned(),
        Outcome::Revision { revises, .. } => format!("{kind} of {revises}"),
        Outcome::Duplicate(link) => format!("{kind} of {}", link.of),
        Outcome::Dead(rejection) => format!("{kind}: {} {}", rejection.stage.name(), rejection.reason.name()),
    }
}

fn text(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Enriched { article, .. } | Outcome::Revision { article, .. } => Some(&article.text),
        Outcome::Duplicate(_) | Outcome::Dead(_) => None,
    }
}

fn field_changes(a: Vec<Field>, b: Vec<Field>) -> Vec<Change> {
    let by_name = |fields: Vec<Field>| fields.into_iter().map(|f| (f.name, f.value)).collect::<BTreeMap<_, _>>();
    let (a, b) = (by_name(a), by_name(b));
    let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
    let value = |value: Option<&Value>| value.map(brief).unwrap_or_default();
    names.filter_map(|name| change(name, &value(a.get(name)), &value(b.get(name)))).collect()
}

/// The blocks of one page come out alike whatever the configuration; where they do not, that is the difference.
fn blocks(a: &[Block], b: &[Block]) -> Vec<Change> {
    if a.len() != b.len() {
        return change("blocks", &a.len().to_string(), &b.len().to_string()).into_iter().collect();
    }
    let judged = |block: &Block| match &block.dropped {
        None => format!("kept: {}", block.text),
        Some(reason) => format!("{}: {}", super::words::named(reason), block.text),
    };
    let pairs = a.iter().zip(b).enumerate();
    pairs.filter_map(|(n, (a, b))| change(&format!("block {}", n + 1), &judged(a), &judged(b))).collect()
}

/// Two long texts from shortly before the place where they part.
pub fn apart<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    const BEFORE: usize = 40;
    let common = a.char_indices().zip(b.chars()).take_while(|((_, x), y)| x == y).map(|((at, _), _)| at);
    let Some(last) = common.last().filter(|last| *last > BEFORE) else { return (a, b) };
    let from = a.char_indices().map(|(at, _)| at).take_while(|at| *at + BEFORE <= last).last().unwrap_or(0);
    // At the beginning of a word, where there is one.
    let word = a.get(from..last).and_then(|text| text.find(' ')).map_or(from, |space| from + space + 1);
    (a.get(word..).unwrap_or(a), b.get(word..).unwrap_or(b))
}

/// `text` from shortly before the place where it parts from the most alike of `others`.
pub fn apart_from<'t>(text: &'t str, others: &'t [String]) -> &'t str {
    let shortest = |best: &'t str, shown: &'t str| if shown.len() < best.len() { shown } else { best };
    others.iter().map(|other| apart(text, other).0).fold(text, shortest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;
    use crate::outcome::{CopyKind, Duplicate};

    fn enriched(text: &str, headline: Option<&str>) -> Outcome {
        let article =
            Article { id: "a".into(), text: text.into(), headline: headline.map(Into::into), ..Article::default() };
        Outcome::Enriched { id: "a".into(), article: Box::new(article) }
    }

    fn names(changes: &[Change]) -> Vec<&str> {
        changes.iter().map(|c| c.what.as_str()).collect()
    }

    #[test]
    fn equal_decisions_have_no_changes() {
        assert_eq!(outcomes(&enriched("t", Some("h")), &enriched("t", Some("h"))), []);
    }

    #[test]
    fn text_and_fields_are_compared_where_both_are_articles() {
        let changes = outcomes(&enriched("t", Some("h")), &enriched("u", None));
        assert_eq!(names(&changes), ["text", "headline"]);
        assert_eq!((changes[1].a.as_str(), changes[1].b.as_str()), ("h", ""));
    }

    #[test]
    fn another_outcome_is_one_change() {
        let link = Outcome::Duplicate(Duplicate::new("a".into(), "b".into(), CopyKind::Exact));
        let changes = outcomes(&enriched("t", Some("h")), &link);
        assert_eq!(names(&changes), ["outcome"]);
        assert_eq!((changes[0].a.as_str(), changes[0].b.as_str()), ("enriched", "duplicate of b"));
    }

    #[test]
    fn long_texts_are_shown_from_where_they_part() {
        let (a, b) = (format!("{}Ä end", "ä ".repeat(60)), format!("{}Ö end", "ä ".repeat(60)));
        let (one, other) = apart(&a, &b);
        assert!(one.len() < 60 && one.ends_with("Ä end") && other.ends_with("Ö end"), "{one} {other}");
        assert_eq!(apart("abc", "abd"), ("abc", "abd"));
    }

    #[test]
    fn a_text_is_shown_from_where_it_parts_from_the_most_alike() {
        let start = "The mill of Korva was sold on Monday to a baker from the next valley ";
        let (text, other) = (format!("{start}for nine crowns."), format!("{start}for ten crowns."));
        let others = ["The ferry.".to_owned(), other];
        let shown = apart_from(&text, &others);
        assert!(shown.len() < 70 && shown.ends_with("nine crowns."), "{shown}");
        assert_eq!(apart_from(&text, &[]), text);
    }
}
