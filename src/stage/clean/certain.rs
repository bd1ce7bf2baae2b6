//! What the words of a block say for certain, whatever rules and forest made of it. It stands behind both, so that it changes
//! nothing but the blocks it drops.

use super::candidate::Candidate;
use super::{phrase, portrait, rule};
use crate::article::{BlockKind, DropReason};
use crate::stage::extract::is_makers;

/// Weight up to which a block can be furniture, such as a label with the headline of another story.
const LONGEST: u32 = 140;

/// Drops kept blocks that are rows of labels, calls to follow or to write, labelled links, or the author's portrait.
pub(super) fn judge(candidates: &mut [Candidate]) {
    let kept = (0..candidates.len()).filter(|i| candidates[*i].block.dropped.is_none());
    let named = kept.filter_map(|i| Some((i, said(&candidates[i])?)));
    let makers = makers(candidates).into_iter().map(|i| (i, DropReason::Byline));
    let portraits = portrait::told(candidates).into_iter().map(|i| (i, DropReason::AuthorBox));
    let found: Vec<(usize, DropReason)> = named.chain(makers).chain(portraits).collect();
    for (i, reason) in &found {
        candidates[*i].block.dropped = Some(*reason);
    }
    if !found.is_empty() {
        rule::headings(candidates);
    }
}

/// Lines above the first paragraph that say who made the piece.
fn makers(candidates: &[Candidate]) -> Vec<usize> {
    let first = candidates.iter().position(Candidate::is_solid).unwrap_or(0);
    let is_line = |c: &Candidate| c.block.dropped.is_none() && c.block.kind == BlockKind::Paragraph;
    let fits = |c: &Candidate| is_line(c) && c.measure.weight <= MAKERS && is_makers(&c.block.text);
    (0..first).filter(|i| fits(&candidates[*i])).collect()
}

/// Weight up to which a line can be a byline.
const MAKERS: u32 = 90;

fn said(c: &Candidate) -> Option<DropReason> {
    if c.measure.weight > LONGEST {
        return None;
    }
    let link = || phrase::labelled(&c.block.text).filter(|_| !c.measure.closed);
    phrase::row(c.key()).or_else(|| phrase::around(&c.block.text, c.key())).or_else(link)
}

#[cfg(test)]
mod tests {
    use super::super::{Anchors, page, text};
    use crate::stage::html::{Budget, parse};

    const STORY: [&str; 3] = [
        "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.",
        "The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.",
        "Fishermen will land their catch at the ferry terminal until the crane has been painted, she said.",
    ];

    #[test]
    fn what_is_certain_goes_from_pages_and_from_scraped_text() {
        for furniture in [
            "Kommentare Drucken Teilen",
            "Lesen Sie auch: Warum die Sauna in Brakel zu bleibt",
            "À lire aussi : Sécheresse, les nappes toujours au plus bas",
            "Follow Ann Example on Twitter @annexample",
            "Thanks for reading The Quay Letter! Subscribe for free to get the next one.",
            "Mehr Nachrichten aus der Region gibt es jeden Abend im Newsletter. Hier kostenlos anmelden",
            "The Reuters Daily Briefing newsletter provides all the news you need to start your day. Sign up here.",
            "Cieszymy się, że jesteś z nami. Zapisz się na newsletter, aby otrzymywać najlepsze treści",
            "Tu suscripción se está usando en otro dispositivo",
            "Have you been affected? Email us at news@example.com or call 01632 960000",
        ] {
            let [one, two, three] = STORY;
            let html =
                format!("<main><h1>Crane stays</h1><p>{one}</p><p>{furniture}</p><p>{two}</p><p>{three}</p></main>");
            let doc = parse(&html, &Budget::default()).unwrap();
            assert_eq!(page(&doc, &Anchors::default()).paragraphs, STORY, "{furniture}");
            let lines = [one, two, furniture, three].join("\n\n");
            assert_eq!(text(&lines, None).paragraphs, STORY, "{furniture}");
        }
    }

    #[test]
    fn who_made_it_is_no_paragraph_above_the_story_and_one_within() {
        let [one, two, three] = STORY;
        for line in [
            "Words: Ann Example. Pictures: Bob Sample",
            "De nuestros corresponsales Ana Ejemplo y Luis Muestra",
            "Political reporter, Quay News",
        ] {
            let html = |above: &str, within: &str| {
                let nav = "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav>";
                format!(
                    "{nav}<main><h1>Crane stays</h1><p>{above}</p><p>{one}</p><p>{within}</p><p>{two}</p><p>{three}</p></main>"
                )
            };
            let kept = |html: &str| page(&parse(html, &Budget::default()).unwrap(), &Anchors::default()).paragraphs;
            assert_eq!(kept(&html(line, "It stays.")), [one, "It stays.", two, three], "{line}");
        }
    }
}
