//! Lines at the top of a text that are never its headline: copyright, stamp, slug, advisory, embargo, and a first paragraph that
//! begins with a dateline, however short it is.

use std::sync::LazyLock;

use crate::article::{Block, DropReason};
use crate::stage::extract::date::Context;
use crate::stage::extract::{editorial, embargo, guess, has_dateline};
use crate::stage::table;

const PHRASES: &str = include_str!("../../data/marker-phrases.txt");

/// True for a line that is no headline, whatever speaks for it.
pub(in crate::stage::extract) fn is_never_headline(block: &Block, context: &Context) -> bool {
    let text = block.text.trim();
    let furniture = match block.dropped {
        _ if text.starts_with('©') => true,
        Some(DropReason::Copyright) => true,
        Some(DropReason::Stamp) => words(text) < 2 && guess::headed(text, context).is_none(),
        _ => false,
    };
    furniture
        || is_advisory(text)
        || editorial::is_slug(text)
        || editorial::withdrawal::is_line(text)
        || embargo::line::declares(text, context)
        || has_dateline(text)
}

/// Words of three letters or more: a stamp is made of numbers, and `Ten ferries of 2025` is none.
fn words(text: &str) -> usize {
    let word = |word: &&str| word.chars().count() > 2 && word.chars().all(|c| c.is_alphabetic() || "-'’".contains(c));
    text.split(' ').filter(word).count()
}

fn is_advisory(text: &str) -> bool {
    static WHOLE: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "advisory"));
    static BEGINS: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(PHRASES, "advisory-begins"));
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    WHOLE.contains(&bare) || BEGINS.iter().any(|phrase| lower.starts_with(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::BlockKind;

    #[test]
    fn what_stands_around_a_text_is_no_headline() {
        let never = |text: &str| {
            let block = Block { kind: BlockKind::Paragraph, text: text.to_owned(), dropped: None };
            is_never_headline(&block, &Context::default())
        };
        for text in [
            "© 2026 Kettle Quay Post. All rights reserved",
            "BC-Kettle Quay-Ferry, 2nd Ld-Writethru,240",
            "For immediate release: 3 March 2026",
            "PRESS RELEASE",
            "Eds: UPDATES with fares",
            "(Adds fares)",
            "MANDATORY KILL",
            "EMBARGO: 00:01, 6 May 2026",
            "Strictly embargoed until Friday",
            "OSLO, March 3 (Reuters) - The ferry runs.",
            "Paris (AFP) - Le ferry circule.",
        ] {
            assert!(never(text), "{text}");
        }
        let stamped = |text: &str| {
            let dropped = Some(DropReason::Stamp);
            is_never_headline(
                &Block { kind: BlockKind::Paragraph, text: text.to_owned(), dropped },
                &Context::default(),
            )
        };
        assert!(stamped("bdt0317 4 pl 164 dpa 0388"));
        assert!(stamped("© 2026 Quay Post"));
        assert!(!stamped("Best ferries of 2025"));
        for text in [
            "Ferry runs again after storm",
            "EMBARGO: EU extends oil ban",
            "Press release of the year: how a ferry became famous",
            "Ferry - the last of its kind",
            "Editors resign over ferry story",
        ] {
            assert!(!never(text), "{text}");
        }
    }
}
