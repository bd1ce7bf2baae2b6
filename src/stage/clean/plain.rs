//! Scraped text to the story: the same rules as for a page, on lines, where nothing is known but the words.

use super::block::Candidate;
use super::measure::Measure;
use super::rule::{self, Headlines};
use super::{Block, BlockKind, Cleaned, DropReason, line};
use crate::stage::html::NodeId;
use crate::stage::text::normalise;

/// The story in scraped text.
pub(super) fn text(text: &str, headline: Option<&str>) -> Cleaned {
    let lines = line::paragraphs(text).into_iter().map(|l| normalise(&l)).filter(|l| !l.is_empty());
    let mut candidates: Vec<Candidate> = lines.map(candidate).collect();
    let headlines = Headlines::from(headline.iter().map(|h| (*h).to_owned()).collect());
    run(&mut candidates);
    rule::judge(&mut candidates, &headlines);
    let truncated = candidates.iter().any(|c| c.block.dropped == Some(DropReason::Paywall));
    Cleaned::of(candidates.into_iter().map(|c| c.block).collect(), truncated)
}

/// A line as a candidate.
pub(super) fn candidate(text: String) -> Candidate {
    let measure = Measure::of(&text);
    Candidate {
        block: Block { kind: BlockKind::Paragraph, text, dropped: None },
        measure,
        node: NodeId::ROOT,
        part: None,
    }
}

/// Keeps the densest run of lines: every line of running text speaks for the run it is in, every scrap against it.
fn run(candidates: &mut [Candidate]) {
    let (mut best, mut best_sum) = (0..candidates.len(), 0.0f32);
    let (mut start, mut sum) = (0, 0.0f32);
    for (i, c) in candidates.iter().enumerate() {
        sum += score(&c.measure);
        if sum <= 0.0 {
            (start, sum) = (i + 1, 0.0);
        } else if sum > best_sum {
            (best, best_sum) = (start..i + 1, sum);
        }
    }
    for (i, c) in candidates.iter_mut().enumerate().filter(|(i, _)| !best.contains(i)) {
        let _ = i;
        c.block.dropped = Some(DropReason::OutsideContainer);
    }
}

fn score(m: &Measure) -> f32 {
    let weight = m.weight as f32;
    if m.stops > 0 && m.weight >= 40 { weight.min(400.0) } else { -(30.0 - weight * 0.2).clamp(8.0, 30.0) }
}
