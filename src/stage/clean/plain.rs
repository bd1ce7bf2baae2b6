//! Scraped text to the story: the same rules as for a page, on lines, where nothing is known but the words.

use super::between;
use super::boxed;
use super::candidate::Candidate;
use super::certain;
use super::measure::Measure;
use super::opinion;
use super::rule::{self, Headlines};
use super::{Cleaned, line};
use crate::article::{BlockKind, DropReason};
use crate::stage::html::NodeId;
use crate::stage::text::normalise;

/// The story in scraped text.
pub(super) fn text(text: &str, headline: Option<&str>) -> Cleaned {
    let headlines = Headlines::from(headline.iter().map(|h| (*h).to_owned()).collect());
    let mut candidates = judged(text, &headlines);
    opinion::text(&mut candidates);
    between::text(&mut candidates);
    boxed::text(&mut candidates);
    certain::judge(&mut candidates);
    broken_off(&mut candidates);
    announced(&mut candidates);
    if headline.is_none() {
        name_headline(&mut candidates);
    }
    Cleaned::of(candidates.into_iter().map(|c| c.block).collect(), false)
}

/// The lines as the rules judge them.
pub(super) fn judged(text: &str, headlines: &Headlines) -> Vec<Candidate> {
    let lines = line::paragraphs(text).into_iter().map(|l| normalise(&l)).filter(|l| !l.is_empty());
    let mut candidates: Vec<Candidate> = lines.map(candidate).collect();
    run(&mut candidates);
    rule::judge(&mut candidates, headlines);
    candidates
}

/// A line as a candidate.
pub(super) fn candidate(text: String) -> Candidate {
    Candidate::new(BlockKind::Paragraph, text, NodeId::ROOT)
}

/// Names the headline where the record has none: of the scraps right before the story the longest that could be one.
fn name_headline(candidates: &mut [Candidate]) {
    let Some(first) = candidates.iter().position(|c| c.block.dropped.is_none()) else { return };
    let before = &mut candidates[first.saturating_sub(HEADLINE_WITHIN)..first];
    let is_scrap =
        |c: &&mut Candidate| matches!(c.block.dropped, Some(DropReason::OutsideContainer | DropReason::Fragment));
    let fits = |c: &&mut Candidate| (20..=200).contains(&c.measure.weight) && !c.measure.closed;
    if let Some(c) = before.iter_mut().filter(is_scrap).filter(fits).max_by_key(|c| c.measure.weight) {
        c.block.dropped = Some(DropReason::Headline);
    }
}

/// Lines before the story among which its headline is looked for.
const HEADLINE_WITHIN: usize = 12;

/// Keeps the last line of a text where it is a sentence but for its full stop, right behind the story: within the story it would
/// have been kept.
fn broken_off(candidates: &mut [Candidate]) {
    let Some(last) = candidates.iter().rposition(|c| c.measure.weight > CODE) else { return };
    let is_sentence = |m: &Measure| m.weight >= SENTENCE && m.commas > 0 && m.capitals * 2 < m.words;
    let is_scrap = |c: &Candidate| matches!(c.block.dropped, Some(DropReason::OutsideContainer | DropReason::Fragment));
    let (c, follows) = (&candidates[last], last > 0 && candidates[last - 1].block.dropped.is_none());
    if follows && is_scrap(c) && is_sentence(&c.measure) && rule::named(c).is_none() {
        candidates[last].block.dropped = None;
    }
}

/// Keeps the points that the story's last line announces by a colon: a wire's brief is such a line and its points, none of them a
/// sentence.
fn announced(candidates: &mut [Candidate]) {
    let Some(last) = candidates.iter().rposition(|c| c.block.dropped.is_none()) else { return };
    let (story, behind) = candidates.split_at_mut(last + 1);
    let announces = story.last().is_some_and(|c| c.block.text.ends_with(':'));
    let points = behind.iter_mut().take_while(|c| announces && c.block.text.starts_with(POINTS));
    points.filter(|c| rule::named(c).is_none()).for_each(|c| c.block.dropped = None);
}

/// Signs that wires put before the points of a brief.
const POINTS: [char; 2] = ['*', '•'];

/// Weight up to which a line behind the story can be the code of a desk: `mcr/jlp`.
const CODE: u32 = 12;
/// Weight from which on a line is no headline.
const SENTENCE: u32 = 80;

/// Keeps the densest run of lines: every line of running text speaks for the run it is in, every scrap against it.
fn run(candidates: &mut [Candidate]) {
    let (mut best, mut best_sum) = (0..candidates.len(), 0.0f32);
    let (mut start, mut sum) = (0, 0.0f32);
    for (i, c) in candidates.iter().enumerate() {
        sum += score(c);
        if sum <= 0.0 {
            (start, sum) = (i + 1, 0.0);
        } else if sum > best_sum {
            (best, best_sum) = (start..i + 1, sum);
        }
    }
    let (before, rest) = candidates.split_at_mut(best.start);
    let after = &mut rest[best.len()..];
    for c in before.iter_mut().chain(after) {
        c.block.dropped = Some(DropReason::OutsideContainer);
    }
}

fn score(c: &Candidate) -> f32 {
    let weight = c.measure.weight as f32;
    match rule::named(c) {
        Some(DropReason::Comment) => -COMMENT,
        Some(_) => -FURNITURE,
        None if c.measure.weight >= 40 && (c.measure.closed || c.measure.stops > 1) => weight.min(LONGEST),
        None if c.measure.closed => 0.3 * weight,
        None => -(SCRAP - weight * 0.1).max(8.0),
    }
}

/// What a line of running text counts at most.
const LONGEST: f32 = 400.0;
/// What a scrap counts against the run it is in.
const SCRAP: f32 = 32.0;
/// The same for a line known to be furniture.
const FURNITURE: f32 = 40.0;
/// The same for a line that opens readers' comments, which are running text themselves.
const COMMENT: f32 = 400.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_of_a_brief_are_its_story() {
        let brief = "Nov 30 (Wire) - Harbour Lines AS:\n* SAYS FERRY RUNS AGAIN FROM DEC 3\n* FARES STAY AS THEY ARE\nSource text: [ID:x]";
        assert_eq!(
            text(brief, None).paragraphs,
            ["Nov 30 (Wire) - Harbour Lines AS:", "* SAYS FERRY RUNS AGAIN FROM DEC 3", "* FARES STAY AS THEY ARE"]
        );
        let story =
            "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.";
        assert_eq!(text(&format!("{story}\n\n* Crane\n* Ferry"), None).paragraphs, [story]);
    }

    #[test]
    fn the_last_paragraph_may_lack_its_full_stop_and_a_headline_is_none() {
        let story = [
            "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.",
            "The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.",
        ];
        let kept = |last: &str| text(&[&story[..], &[last]].concat().join("\n\n"), None).paragraphs;
        let open =
            "The roof of the school will be mended in spring and the cost, put at 40,000 crowns, shared by both towns";
        assert_eq!(kept(open), [story[0], story[1], open]);
        assert_eq!(
            kept(
                "Harbour Festival Opens With Fireworks, Music And A Parade Of Boats From Seven Towns Of The Old League"
            ),
            story
        );
        assert_eq!(kept("Ten ropes that no sailor should be without, this summer"), story);
    }
}
