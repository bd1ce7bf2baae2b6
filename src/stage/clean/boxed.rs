//! Boxes that lead to other stories in the midst of one: a line like "read also", and behind it their headlines.
//!
//! The line itself is named by its words; what follows speaks by its form, links on a page and lines without a full stop in text.

use super::candidate::Candidate;
use super::phrase;
use crate::article::{BlockKind, DropReason};

/// Weight up to which a line can open a box.
const HEAD: u32 = 40;
/// Headlines in a box at most; more are a list of the story's own.
const HEADLINES: usize = 4;
/// Weight up to which a line can be a headline.
const HEADLINE: u32 = 140;
/// Share of links from which on a block is a link and nothing else.
const LINKED: f32 = 0.9;

/// Drops the boxes of a page. A head that is a link itself opens none: it ends what stands before it.
pub(super) fn page(candidates: &mut [Candidate]) {
    let is_head = |c: &Candidate| {
        let short = c.measure.weight <= HEAD && c.measure.linked == 0;
        short && phrase::reason_of_key(c.key()) == Some(DropReason::Related)
    };
    drop_boxes(candidates, is_head, |c| c.measure.link_share() >= LINKED);
}

/// Drops the boxes of a text: only behind lines of several words, since one of a single word may be the story's own heading.
pub(super) fn text(candidates: &mut [Candidate]) {
    let is_head = |c: &Candidate| c.measure.weight <= HEAD && phrase::leads(c.key()) == Some(DropReason::Related);
    drop_boxes(candidates, is_head, |c| !c.measure.closed);
}

fn drop_boxes(candidates: &mut [Candidate], is_head: impl Fn(&Candidate) -> bool, leads: impl Fn(&Candidate) -> bool) {
    // what no sentence of the story follows is the end of it, which is judged already
    let Some(last) = candidates.iter().rposition(Candidate::is_solid) else { return };
    let fits = |c: &&Candidate| leads(c) && c.measure.weight <= HEADLINE && c.block.kind != BlockKind::TableRow;
    for head in 0..last {
        if !is_head(&candidates[head]) {
            continue;
        }
        let mut end = head + 1;
        end += candidates[end..].iter().take(HEADLINES + 1).take_while(fits).count();
        if !(head + 2..=head + 1 + HEADLINES).contains(&end) || end > last {
            continue;
        }
        for c in candidates[head..end].iter_mut().filter(|c| c.block.dropped.is_none()) {
            c.block.dropped = Some(DropReason::Related);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stage::clean::{Anchors, page, text};
    use crate::stage::html::{Budget, parse};

    const STORY: [&str; 3] = [
        "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.",
        "The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.",
        "Fishermen will land their catch at the ferry terminal until the crane has been painted, she said.",
    ];

    fn kept(inner: &str) -> Vec<String> {
        let [one, two, three] = STORY;
        let html = format!("<main><h1>Crane stays</h1><p>{one}</p>{inner}<p>{two}</p><p>{three}</p></main>");
        page(&parse(&html, &Budget::default()).unwrap(), &Anchors::default()).paragraphs
    }

    #[test]
    fn a_link_that_ends_an_item_opens_no_box() {
        let item = |name: &str| {
            format!(
                "<h3><a href={name}>The crane of {name}</a></h3><p>It has stood on the quay of {name} for a hundred years, and nobody has painted it since.</p><p><a href={name}>Read more</a></p>"
            )
        };
        let html = ["Korva", "Vesta", "Lund"].map(item).concat();
        let mut candidates = crate::stage::clean::block::blocks(&parse(&html, &Budget::default()).unwrap()).candidates;
        super::page(&mut candidates);
        assert!(candidates.len() >= 9 && candidates.iter().all(|c| c.block.dropped.is_none()));
    }

    #[test]
    fn a_box_of_links_is_dropped_whole() {
        let links = "<ul><li><a href=a>Ferry fares to rise in January</a><li><a href=b>Roof of the school to be mended</a></ul>";
        for head in
            ["<p><b>Read more:</b></p>", "<h4>Related stories</h4>", "<p>Mehr zum Thema:</p>", "<p>Lees ook</p>"]
        {
            assert_eq!(kept(&format!("{head}{links}")), STORY, "{head}");
            assert_eq!(kept(&format!("{head}<p><a href=a>Ferry fares to rise in January</a></p>")), STORY, "{head}");
        }
    }

    #[test]
    fn what_is_no_link_is_in_no_box() {
        let told = "The crane is older than the town hall and a little younger than the church.";
        let story = kept(&format!("<p>Read more:</p><p>{told}</p>"));
        assert!(story.iter().any(|paragraph| paragraph == told), "{story:?}");
    }

    #[test]
    fn in_text_the_headlines_behind_such_a_line_go() {
        let [one, two, three] = STORY;
        let four = "The last vote on the crane was held in 1987, and the council kept it then by a majority of three.";
        let lines = |head: &str| {
            let lines =
                [one, two, head, "Bahn verspricht neue Züge ab 2028", "Parkhaus am Hafen wird teurer", three, four];
            text(&lines.join("\n"), None).paragraphs
        };
        assert_eq!(lines("Lesen Sie auch"), [one, two, three, four]);
        assert_eq!(lines("Más información"), [one, two, three, four]);
        assert!(lines("Zwei Vorhaben").len() > 4);
    }
}
