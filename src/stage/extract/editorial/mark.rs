//! What an article says of itself: that it corrects, withdraws or follows an earlier one.

use crate::article::{CleanArticle, Editorial, EditorialKind, FieldSource};
use crate::stage::extract::choose::Notes;
use crate::stage::extract::opening;
use crate::stage::extract::scene::Scene;

/// What an article says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// It corrects or withdraws an earlier one.
    pub corrects: bool,
    /// It is a later take of an earlier one.
    pub updates: bool,
}

/// What the marker of its headline, a sentence near its beginning or end, or the page's data say the article is.
pub fn marks(article: &CleanArticle) -> Marks {
    let headline = article.head.headline.as_deref().or_else(|| article.page.headline());
    let opening = article.blocks.iter().take(40).map(|block| block.text.as_str());
    let said = opening.chain(opening::closing(article)).filter_map(super::block);
    let data = article.page.article().is_some_and(|data| data.correction.is_some());
    let mut marks = Marks { corrects: data, updates: false };
    for editorial in headline.and_then(|text| super::headline(text).editorial).into_iter().chain(said) {
        match editorial.kind {
            EditorialKind::Correction | EditorialKind::Withdrawal => marks.corrects = true,
            EditorialKind::Update | EditorialKind::Writethru | EditorialKind::Refile => marks.updates = true,
            EditorialKind::Repeat | EditorialKind::Advisory => {}
        }
    }
    marks
}

/// What the headline's marker says, else what a block near the beginning or the end says.
pub(in crate::stage::extract) fn settle(
    scene: &Scene,
    marked: Option<Editorial>,
    notes: &mut Notes,
) -> Option<Editorial> {
    let blocks = || {
        let opening = scene.article.blocks.iter().take(40).map(|block| block.text.as_str());
        let mut found = opening.chain(scene.closing()).filter_map(super::block);
        found.next()
    };
    let data = || {
        let note = scene.page.article()?.correction.clone()?;
        Some(Editorial { kind: EditorialKind::Correction, sequence: None, note: Some(note) })
    };
    if let Some(mut marked) = marked {
        notes.note("editorial", FieldSource::Text, "headline_marker", 0.95);
        marked.note = blocks().filter(|other| other.kind == marked.kind).and_then(|other| other.note);
        return Some(marked);
    }
    if let Some(line) = super::withdrawal::advisory(scene.article) {
        notes.note("editorial", FieldSource::Text, "advisory_line", 0.95);
        return Some(line);
    }
    if let Some(data) = data() {
        notes.note("editorial", FieldSource::JsonLd, "correction", 0.95);
        return Some(data);
    }
    let found = blocks()?;
    notes.note("editorial", FieldSource::Text, "sentence", 0.8);
    Some(found)
}
