//! The desk's answer as records tell it: which story, why it is published, and where both were read.
//!
//! It must never change an answer, nor name a place of Kafka where the record itself has none.

use super::dedupe::ledger::{Answer, Original, Word};
use crate::article::{Judged, Origin, Story, Verdict, VerdictKind, rfc3339};
use crate::outcome::RevisionKind;

/// An answer as the record of its article tells it, whose own record was read at `origin`.
pub fn judged(answer: &Answer, origin: Option<&Origin>) -> Judged {
    let story = Story {
        id: answer.story.id.clone(),
        sequence: answer.sequence,
        first_seen_at: origin.and_then(|_| rfc3339(answer.story.first_seen)),
    };
    Judged { story, verdict: verdict(&answer.word, origin) }
}

fn verdict(word: &Word, origin: Option<&Origin>) -> Verdict {
    let (kind, matched) = match word {
        Word::New => (VerdictKind::New, None),
        Word::Copy(_, matched) => (VerdictKind::Copy, Some(matched)),
        Word::Revision(matched) => (VerdictKind::Revision, Some(matched)),
        Word::Update(matched) => (VerdictKind::Update, Some(matched)),
    };
    Verdict {
        kind,
        of: matched.map(|m| m.of.id.clone()),
        of_origin: matched.and_then(|m| of_origin(&m.of, origin)),
        similarity: matched.and_then(|m| m.similarity),
        differs: matched.map(|m| m.differs.clone()).unwrap_or_default(),
    }
}

/// Where the original was read, where that is told.
pub(super) fn of_origin(of: &Original, origin: Option<&Origin>) -> Option<Origin> {
    origin.map(|_| Origin::new(&of.position, of.timestamp))
}

/// What the article revises and how; `None` for what is new, and for a copy that is published all the same.
pub(super) fn revises(verdict: &Verdict) -> Option<(RevisionKind, String)> {
    let kind = match verdict.kind {
        VerdictKind::Revision => RevisionKind::Revision,
        VerdictKind::Update => RevisionKind::Update,
        // A copy is published only where duplicates are marked, not filed.
        VerdictKind::New | VerdictKind::Copy => return None,
    };
    Some((kind, verdict.of.clone()?))
}
