//! The second opinion: what the rules judged is looked at once more, by a forest that has seen many pages.
//!
//! The rules name their reasons; the forest only weighs. So it overrules them on blocks that are open to doubt, and what it
//! drops is named for what speaks most against it. Grown by `training/clean/train.py`.

use std::sync::LazyLock;

use super::candidate::{Candidate, Page};
use super::doubt::{is_doubtful, is_doubtful_line};
use super::evidence::{LINE, Scene};
use super::forest::Forest;
use super::measure::is_running;
use super::rule::{self, Headlines};
use crate::article::{BlockKind, DropReason};
use crate::stage::html::{Document, NodeId};

static PAGES: LazyLock<Forest> = LazyLock::new(|| Forest::read(include_str!("../data/forest-page.txt")));
static LINES: LazyLock<Forest> = LazyLock::new(|| Forest::read(include_str!("../data/forest-line.txt")));

/// Score from which on a block is kept. Below 0 because a lost paragraph is worse than a stray line.
const KEPT: f32 = -0.4;
/// Score after which no further tree is asked. Lower: faster, and a few doubtful blocks fall wrong.
const CERTAIN: f32 = 2.4;
/// Share of links from which on a block is dropped for them.
const LINKED: f32 = 0.25;

/// Blocks from which on a page or text is like those that the forests have seen. Fewer are a piece of one.
const ENOUGH: usize = 12;

/// A forest that would leave less than one part in so many of the rules' story has met a page unlike any it has seen.
const LEAST: u32 = 3;

/// Overrules the rules on the blocks of a page.
pub(super) fn page(doc: &Document, page: &mut Page, container: NodeId, headlines: &Headlines) {
    if page.candidates.len() < ENOUGH {
        return;
    }
    let scene = Scene::page(doc, page, container, headlines);
    let score = |i: usize| (i, PAGES.score(&scene.row(i).values, CERTAIN) > KEPT);
    let kept = (0..page.candidates.len()).filter(|i| is_doubtful(&page.candidates[*i])).map(score).collect();
    let parts: Vec<DropReason> = page.parts.iter().map(|part| part.reason).collect();
    overrule(&mut page.candidates, kept, |c| c.part.map(|part| parts[part]));
}

/// Overrules the rules on lines of scraped text.
pub(super) fn text(candidates: &mut [Candidate]) {
    if candidates.len() < ENOUGH {
        return;
    }
    let scene = Scene::text(candidates);
    let score = |i: usize| (i, LINES.score(&scene.row(i).values[..LINE], CERTAIN) > KEPT);
    let kept = (0..candidates.len()).filter(|i| is_doubtful_line(&candidates[*i])).map(score).collect();
    overrule(candidates, kept, |_| None);
}

/// Keeps what is said to be kept and names what is not.
fn overrule(
    candidates: &mut [Candidate],
    kept: Vec<(usize, bool)>,
    claimed: impl Fn(&Candidate) -> Option<DropReason>,
) {
    let running = |i: usize| if is_running(&candidates[i].measure) { candidates[i].measure.weight } else { 0 };
    let by_rules: u32 =
        kept.iter().filter(|(i, _)| candidates[*i].block.dropped.is_none()).map(|(i, _)| running(*i)).sum();
    let by_forest: u32 = kept.iter().filter(|(_, keep)| *keep).map(|(i, _)| running(*i)).sum();
    if by_forest < by_rules / LEAST {
        return;
    }
    for (i, keep) in kept {
        let c = &mut candidates[i];
        c.block.dropped = if keep { None } else { c.block.dropped.or_else(|| Some(against(c, claimed(c)))) };
    }
    rule::headings(candidates);
}

/// What speaks most against a block that the rules had kept.
fn against(c: &Candidate, claimed: Option<DropReason>) -> DropReason {
    let by_form = match c.block.kind {
        _ if c.measure.link_share() > LINKED => DropReason::LinkDense,
        BlockKind::Heading(_) => DropReason::LoneHeading,
        _ if is_running(&c.measure) => DropReason::BoilerplatePhrase,
        _ => DropReason::Fragment,
    };
    claimed.or_else(|| rule::named(c)).unwrap_or(by_form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::evidence::PAGE;
    use crate::stage::clean::plain;

    #[test]
    fn both_forests_are_whole_and_ask_only_for_numbers_that_there_are() {
        for (text, forest, numbers) in [
            (include_str!("../data/forest-page.txt"), &PAGES, PAGE),
            (include_str!("../data/forest-line.txt"), &LINES, LINE),
        ] {
            let lines = text.lines().filter(|line| !line.starts_with('#')).count();
            assert!(lines > 50);
            assert_eq!(forest.trees(), lines);
            assert!(forest.features().all(|feature| feature < numbers));
        }
    }

    #[test]
    fn what_is_dropped_is_named_for_what_speaks_against_it() {
        let mut line = plain::candidate("Ten ropes that no sailor should be without this summer".to_owned());
        assert_eq!(against(&line, Some(DropReason::Sidebar)), DropReason::Sidebar);
        assert_eq!(against(&line, None), DropReason::Fragment);
        line.measure.linked = line.measure.weight;
        assert_eq!(against(&line, None), DropReason::LinkDense);
    }

    #[test]
    fn a_piece_of_a_page_is_left_to_the_rules() {
        let mut lines: Vec<Candidate> = (0..ENOUGH - 1).map(|n| plain::candidate(format!("Scrap {n}"))).collect();
        text(&mut lines);
        assert!(lines.iter().all(|line| line.block.dropped.is_none()));
        lines.push(plain::candidate("Scrap 99".to_owned()));
        text(&mut lines);
        assert!(lines.iter().any(|line| line.block.dropped.is_some()));
    }
}
