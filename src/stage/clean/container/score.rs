//! What a block says for the element it stands in: running text for it, links and scraps against it, and more near the headline.

use crate::article::BlockKind;
use crate::stage::clean::candidate::Candidate;
use crate::stage::clean::measure::is_running;

/// What each block says for the element it stands in.
pub(super) fn scores(candidates: &[Candidate], headline: Option<usize>) -> Vec<f32> {
    let own: Vec<f32> = candidates.iter().map(score).collect();
    let around = |i: usize| {
        let before = own[..i].last().copied().unwrap_or(0.0);
        let after = own.get(i + 1).copied().unwrap_or(0.0);
        before.max(after)
    };
    let nearness = nearness(candidates, &own, headline);
    // A single text between links and scraps is a teaser more often than a story.
    let alone =
        |i: usize, s: f32| if s > 0.0 && s < TEASER && around(i) <= 0.0 && nearness[i] < NEXT { s * 0.2 } else { s };
    own.iter().enumerate().map(|(i, s)| alone(i, *s) * nearness[i]).collect()
}

/// Score up to which a text between scraps is taken for a teaser.
const TEASER: f32 = 300.0;
/// Nearness of the first text under the headline.
const NEXT: f32 = 1.5;
/// Weight of links and scraps after which a text is half as near to the headline.
const HALF_WAY: f32 = 500.0;

/// How much a block counts for its distance from the headline: little before it, most right below, less the more scraps lie
/// between.
fn nearness(candidates: &[Candidate], scores: &[f32], headline: Option<usize>) -> Vec<f32> {
    let Some(headline) = headline else { return vec![1.0; candidates.len()] };
    let mut gap = 0.0;
    let mut first = true;
    let after = |(c, score): (&Candidate, &f32)| {
        if *score <= 0.0 {
            gap += c.measure.weight.min(200) as f32;
        }
        let near = 1.0 / (1.0 + gap / HALF_WAY);
        let next = *score > 0.0 && std::mem::take(&mut first);
        if next { NEXT } else { near }
    };
    let before = std::iter::repeat_n(0.3, headline);
    before.chain(candidates[headline..].iter().zip(&scores[headline..]).map(after)).collect()
}

/// How many times a block counts that the page itself calls part of its story's body.
const ANCHORED: f32 = 2.0;

fn score(c: &Candidate) -> f32 {
    if c.anchored {
        return c.measure.weight as f32 * ANCHORED;
    }
    let m = &c.measure;
    let weight = m.weight as f32;
    if c.block.dropped.is_some() {
        return -0.1 * weight.min(100.0);
    }
    match c.block.kind {
        BlockKind::Caption => 0.0,
        BlockKind::Heading(_) if m.link_share() < 0.5 => 0.0,
        _ if m.link_share() >= 0.5 => -0.5 * weight.min(60.0),
        _ if is_running(m) => (weight - m.linked as f32).min(800.0),
        _ if weight >= 30.0 && m.stops > 0 => 0.4 * weight,
        BlockKind::ListItem | BlockKind::TableRow if m.linked == 0 => 0.0,
        _ => -4.0,
    }
}
