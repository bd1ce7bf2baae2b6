//! One outcome in a few words, for people: what was heard of the article, what became of it, why, and what it lacks.

use std::sync::Arc;

use serde::Serialize;

use crate::article::Head;
use crate::metrics::Field;
use crate::outcome::{CopyKind, Outcome, OutcomeKind, RevisionKind};
use crate::record::Position;
use crate::stage::url;

/// Longest text of a brief in characters: a headline in two lines.
const TEXT: usize = 180;
/// Bytes of an article's text that are kept, to be shown beside a copy of it: some thousand words.
const KEPT: usize = 6000;

/// What a record says of its article, as far as a brief needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    source: String,
    headline: Option<String>,
    text: Option<Arc<str>>,
}

impl Heard {
    /// The source's name, else its host, else the host of the address.
    pub fn new(head: &Head) -> Heard {
        let host = || head.url.as_deref().and_then(url::domain);
        let source = head.source.name.clone().or_else(|| head.source.domain.clone()).or_else(host);
        Heard { source: short(&source.unwrap_or_default()), headline: head.headline.as_deref().map(short), text: None }
    }

    /// Takes the beginning of the text too, and the headline where the record names none.
    pub fn read(&mut self, headline: Option<&str>, paragraphs: &[String]) {
        self.headline = self.headline.take().or_else(|| headline.map(short));
        self.text = Some(beginning(paragraphs).into());
    }
}

/// The first [`KEPT`] bytes of a text.
fn beginning(paragraphs: &[String]) -> String {
    let mut text = String::new();
    for paragraph in paragraphs {
        let gap = if text.is_empty() { "" } else { "\n\n" };
        let room = KEPT.saturating_sub(text.len() + gap.len());
        let Some(end) = (0..=room.min(paragraph.len())).rev().find(|end| paragraph.is_char_boundary(*end)) else {
            break;
        };
        text.extend([gap, paragraph.get(..end).unwrap_or_default()]);
        if end < paragraph.len() {
            text.push('…');
            break;
        }
    }
    text
}

/// One outcome in a few words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Brief {
    /// `topic/partition/offset` of the raw record, as every verb of the command line takes it.
    pub position: Option<String>,
    /// Message time of the raw record, milliseconds since 1970-01-01 UTC.
    pub time: Option<i64>,
    /// Article id, where there is one.
    pub id: Option<String>,
    /// `enriched`, `revision`, `duplicate` or `dead`.
    pub outcome: &'static str,
    /// Who sent it; empty when nobody knows.
    pub source: String,
    /// Headline, where it was read.
    pub headline: Option<String>,
    /// The article it repeats or revises.
    pub of: Option<String>,
    /// Where that article was read.
    pub of_position: Option<String>,
    /// Why it became that: how it was recognised, or stage, reason and detail of a rejection.
    pub why: Option<String>,
    /// 0.0 to 1.0, share of its text that the one it repeats covers, where that was compared.
    pub similarity: Option<f64>,
    /// What differs from the one it repeats.
    pub differs: Vec<String>,
    /// Fields that a published article lacks.
    pub missing: Vec<&'static str>,
    /// The beginning of its text, where it was read.
    #[serde(skip)]
    pub(super) text: Option<Arc<str>>,
    #[serde(skip)]
    pub(super) kind: OutcomeKind,
}

impl Brief {
    /// What `outcome` made of the record at `position`.
    pub fn new(position: Option<&Position>, time: Option<i64>, heard: &Heard, outcome: &Outcome) -> Brief {
        let (id, of, why) = match outcome {
            Outcome::Enriched { id, .. } => (Some(id), None, None),
            Outcome::Revision { id, revises, kind, .. } => (Some(id), Some(revises), Some(revision(*kind).to_owned())),
            Outcome::Duplicate(link) => (Some(&link.id), Some(&link.of), Some(copy(link.kind, link.similarity))),
            Outcome::Dead(dead) => {
                let why = format!("{} {}: {}", dead.stage.name(), dead.reason.name(), dead.detail);
                (dead.id.as_ref(), None, Some(why))
            }
        };
        let article = match outcome {
            Outcome::Enriched { article, .. } | Outcome::Revision { article, .. } => Some(article),
            Outcome::Duplicate(_) | Outcome::Dead(_) => None,
        };
        let (of_origin, similarity, differs) = match (outcome, article.and_then(|a| a.verdict.as_ref())) {
            (Outcome::Duplicate(link), _) => (link.of_origin.as_ref(), link.similarity, link.differs.clone()),
            (_, Some(verdict)) => (verdict.of_origin.as_ref(), verdict.similarity, verdict.differs.clone()),
            (_, None) => (None, None, Vec::new()),
        };
        let headline = article.and_then(|a| a.headline.as_deref().or(a.lead.as_deref())).map(short);
        let lacks = |field: &&Field| article.is_some_and(|a| field.source(a).is_none());
        Brief {
            position: position.map(ToString::to_string),
            time,
            id: id.map(|id| short(id)),
            outcome: outcome.kind().name(),
            source: heard.source.clone(),
            headline: headline.or_else(|| heard.headline.clone()),
            of: of.map(|id| short(id)),
            of_position: of_origin.map(|origin| format!("{}/{}/{}", origin.topic, origin.partition, origin.offset)),
            similarity,
            differs,
            text: heard.text.clone(),
            why: why.map(|why| short(&why)),
            missing: Field::ALL.iter().filter(lacks).map(|field| field.name()).collect(),
            kind: outcome.kind(),
        }
    }
}

fn revision(kind: RevisionKind) -> &'static str {
    match kind {
        RevisionKind::Revision => "a new version",
        RevisionKind::Update => "repeats a story and adds to it",
    }
}

fn copy(kind: CopyKind, similarity: Option<f64>) -> String {
    match (kind, similarity) {
        (CopyKind::Exact, _) => "equal content".to_owned(),
        (CopyKind::Near, Some(share)) => format!("the same story, {:.0} % alike", share * 100.0),
        (CopyKind::Near, None) => "the same story".to_owned(),
    }
}

/// The first characters of a text.
fn short(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, Rejection, Stage};
    use crate::recent::Entry;

    #[test]
    fn of_a_text_its_beginning_is_kept() {
        let paragraphs = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(beginning(&paragraphs(&["One.", "Two."])), "One.\n\nTwo.");
        let long = "é".repeat(KEPT);
        for texts in [&[long.as_str()][..], &["a", &long], &["a", &long, "gone"]] {
            let kept = beginning(&paragraphs(texts));
            assert!(kept.ends_with("é…") && kept.len() <= KEPT + 3 && kept.len() > KEPT - 3, "{}", kept.len());
        }
        let mut heard = Heard::default();
        heard.read(Some("Ferry"), &paragraphs(&["One."]));
        assert_eq!((heard.text.as_deref(), heard.headline.as_deref()), (Some("One."), Some("Ferry")));
        heard.read(Some("Another"), &[]);
        assert_eq!(heard.headline.as_deref(), Some("Ferry"), "what the record says comes first");
    }

    #[test]
    fn a_brief_says_why_and_is_short() {
        let head = Head {
            url: Some("https://www.coast-herald.test/a".into()),
            headline: Some("é".repeat(1000)),
            ..Head::default()
        };
        let heard = Heard::new(&head);
        let dead = Outcome::Dead(Rejection::new(Stage::Clean, Reason::NoStory, "nothing"));
        let brief = Brief::new(None, None, &heard, &dead);
        assert_eq!(
            (brief.source.as_str(), brief.why.as_deref()),
            ("coast-herald.test", Some("clean no_story: nothing"))
        );
        assert_eq!(brief.headline.map(|h| h.chars().count()), Some(TEXT + 1));
        let json =
            serde_json::to_value(Entry { committed: 1, brief: crate::recent::tests::brief("x", false, 7) }).unwrap();
        assert_eq!(
            (&json["outcome"], &json["why"], &json["of"]),
            (&"duplicate".into(), &"equal content".into(), &"a".into())
        );
    }
}
