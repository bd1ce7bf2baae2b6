//! Times, by `time`, `itemprop` and the names that sites give to stamps.

use super::{Known, MAX_SEEN, Names, Say, short_text};
use crate::article::page::{PageFacts, PageStamp, StampKind, StampMark};
use crate::stage::html::{Document, NodeId, Tag};

/// A `meta itemprop=datePublished` in the body.
pub(super) fn hidden<'h>(doc: &Document<'h>, id: NodeId, facts: &mut PageFacts, known: &mut Known<'h>) {
    let names = Names::of(doc, id, known);
    if let Some(kind) = itemprop_kind(&names.itemprop)
        && let Some(value) = names.content
    {
        push_stamp(
            facts,
            PageStamp {
                value: Some(value),
                text: String::new(),
                kind,
                mark: StampMark::Itemprop,
                place: id.index() as u32,
            },
        );
    }
}

fn itemprop_kind(itemprop: &str) -> Option<StampKind> {
    if itemprop.contains("datepublished") {
        Some(StampKind::Published)
    } else if itemprop.contains("datemodified") {
        Some(StampKind::Modified)
    } else if itemprop.contains("datecreated") {
        Some(StampKind::Unknown)
    } else {
        None
    }
}

fn push_stamp(facts: &mut PageFacts, stamp: PageStamp) {
    if facts.stamps.len() < MAX_SEEN {
        facts.stamps.push(stamp);
    }
}

/// Reads one element.
pub(super) fn stamp(doc: &Document, id: NodeId, tag: Tag, names: &Names, facts: &mut PageFacts) {
    let itemprop = itemprop_kind(&names.itemprop);
    let mark = if itemprop.is_some() {
        StampMark::Itemprop
    } else if tag == Tag::Time {
        StampMark::Time
    } else if matches!(
        tag,
        Tag::Span
            | Tag::Div
            | Tag::P
            | Tag::Li
            | Tag::A
            | Tag::Abbr
            | Tag::Em
            | Tag::Small
            | Tag::Strong
            | Tag::Td
            | Tag::H4
            | Tag::H5
            | Tag::H6
            | Tag::Dd
            | Tag::B
            | Tag::I
    ) && names.say(Say::Stamp)
    {
        StampMark::Class
    } else {
        return;
    };
    let text = short_text(doc, id).unwrap_or_default();
    let value = names.datetime.clone().or_else(|| names.content.clone()).or_else(|| names.title.clone());
    if mark == StampMark::Class && !text.chars().any(char::is_numeric) || value.is_none() && text.is_empty() {
        return;
    }
    let modified = names.say(Say::Modified) && !names.say(Say::Published);
    let kind = itemprop.unwrap_or(match (modified, names.say(Say::Posted)) {
        (true, _) => StampKind::Modified,
        (false, true) => StampKind::Published,
        _ => StampKind::Unknown,
    });
    push_stamp(facts, PageStamp { value, text, kind, mark, place: id.index() as u32 });
}
