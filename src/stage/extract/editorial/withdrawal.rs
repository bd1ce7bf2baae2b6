//! Whether a text withdraws itself beyond doubt: an advisory line that is nothing but the marker, or a marker and a text that says
//! so. A headline that begins with `WITHDRAWN:` over an ordinary story does not.

use std::sync::LazyLock;

use super::{EditorialKind, MAX_NOTE, PHRASES, speaks_of_itself};
use crate::article::{CleanArticle, Editorial};
use crate::stage::extract::opening;
use crate::stage::table;

/// Blocks at the top of a text, up to the story's first paragraph, among which its marker stands.
const TOP: usize = 4;

/// True for an article that says it must not be used any more.
pub fn withdrawn(article: &CleanArticle) -> bool {
    advisory(article).is_some() || is_marked(article) && says_so(article)
}

/// The advisory line by which a text withdraws itself.
pub(in crate::stage::extract) fn advisory(article: &CleanArticle) -> Option<Editorial> {
    let line = top(article).find(|text| is_line(text))?;
    Some(Editorial { kind: EditorialKind::Withdrawal, sequence: None, note: Some(line.to_owned()) })
}

/// True for a line that is a withdrawal's marker and nothing else, or a slug that ends in one.
pub(in crate::stage::extract) fn is_line(text: &str) -> bool {
    static LINES: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "withdrawal-line"));
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    LINES.contains(&bare) || super::is_slug(text) && text.split(',').skip(1).any(is_slug_part)
}

/// `Withdrawal` of `BC-Ferry, Withdrawal`.
pub(super) fn is_slug_part(part: &str) -> bool {
    static PARTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "withdrawal-slug"));
    PARTS.contains(&part.trim().to_lowercase().as_str())
}

fn is_marked(article: &CleanArticle) -> bool {
    let kind = |text: &str| super::headline(text).editorial.map(|editorial| editorial.kind);
    top(article).any(|text| kind(text) == Some(EditorialKind::Withdrawal))
}

fn says_so(article: &CleanArticle) -> bool {
    static UNUSABLE: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "unusable"));
    let opening = article.blocks.iter().take(40).map(|block| block.text.as_str());
    let says = |text: &str| {
        let withdraws = || super::block(text).is_some_and(|editorial| editorial.kind == EditorialKind::Withdrawal);
        let unusable = || {
            let lower = text.to_lowercase();
            speaks_of_itself(text) && UNUSABLE.iter().any(|phrase| lower.contains(phrase))
        };
        text.len() <= 2 * MAX_NOTE && (withdraws() || unusable())
    };
    opening.chain(opening::closing(article)).any(says)
}

/// The headline, and the first lines of the text.
fn top(article: &CleanArticle) -> impl Iterator<Item = &str> {
    let headline = article.head.headline.as_deref().or_else(|| article.page.headline());
    // a page begins with its menu: there only what stands at the head of the story
    let from = match article.page.title {
        Some(_) => article.blocks.iter().position(|block| block.dropped.is_none()).unwrap_or(0),
        None => 0,
    };
    let lines = &article.blocks[from..article.blocks.len().min(from + TOP)];
    let story = lines.iter().position(opening::is_paragraph).map_or(lines.len(), |at| at + 1);
    headline.into_iter().chain(lines[..story].iter().map(|block| block.text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Head;
    use crate::stage::clean;

    const STORY: &str = "The ferry to Kettle Quay runs twice a day again, for the first time since the storm of last autumn, the \
                         harbour office said in a statement, and fares stay as they were before the pier was rebuilt.";

    fn withdraws(headline: Option<&str>, text: &str) -> bool {
        let head = Head { headline: headline.map(str::to_owned), ..Head::default() };
        let cleaned = clean::text(text, headline);
        let (blocks, paragraphs, truncated) = (cleaned.blocks, cleaned.paragraphs, cleaned.truncated);
        withdrawn(&CleanArticle { head, page: Default::default(), blocks, paragraphs, truncated })
    }

    #[test]
    fn a_wires_own_forms_withdraw_a_text() {
        for text in [
            "BC-Kettle Quay-Ferry, Withdrawal\nEditors: the story BC-Kettle Quay-Ferry is wrong.",
            "MANDATORY KILL\nThe ferry story is wrong.",
            "KILL -- Ferry runs again\nEditors: kill the story slugged Ferry; no substitute story will be issued.",
            "WITHDRAWN: Ferry runs again\nThis story has been withdrawn because its date was wrong.",
            "WITHDRAWN: Ferry runs again\nThe story is wrong and should not be used.",
            "STORY REMOVED: Ferry runs again\nThe harbour wire has withdrawn its story about the ferry. The story gave a wrong date.",
            "ANNULATION - Le ferry circule\nPrière de bien vouloir annuler notre dépêche sur le ferry.",
            "RÜCKZUG\nDie Meldung über die Fähre stimmt nicht.",
            "RÜCKZUG: Fähre fährt wieder\nBitte verwenden Sie die Meldung nicht.",
            "ALERTE ANNULATION\nLe ferry ne circule pas.",
            "ANNULATION - Le ferry circule\nLa dépêche est annulée, prière de ne pas l'utiliser.",
            "ANULACIÓN\nEl ferry no circula.",
            "ANNULLARE: Il traghetto riparte\nLa notizia è annullata.",
        ] {
            assert!(withdraws(None, text), "{text}");
            assert!(withdraws(None, &format!("{text}\n\n{STORY}")), "{text}");
        }
        assert!(withdraws(Some("KILL: Ferry runs again"), "This story has been withdrawn."));
    }

    #[test]
    fn a_story_of_a_withdrawal_stays() {
        for (headline, text) in [
            (None, format!("WITHDRAWN: Ferry runs again\n\n{STORY}")),
            (None, format!("Withdrawal of the ferry\n\n{STORY}")),
            (None, format!("Bid withdrawn\nThe bid has been withdrawn.\n\n{STORY}")),
            (Some("WITHDRAWN: the ferry nobody wanted"), STORY.to_owned()),
            (Some("KILL: a film about a ferry"), STORY.to_owned()),
            (None, format!("{STORY}\n\n{STORY}\n\nANNULATION\n\n{STORY}")),
        ] {
            assert!(!withdraws(headline, &text), "{text}");
        }
    }
}
