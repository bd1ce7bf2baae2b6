//! The story as the page's own data or a template gives it, for pages that show next to none of it: text that a script sets, or that
//! a reader has to pay for. Where a page shows its story, its data is no text: it lacks paragraphs, lists, and what was added later.

use super::measure::{Measure, is_running, weight};
use super::{Anchors, Cleaned, page, plain};
use crate::article::{Block, DropReason};
use crate::stage::html::{Budget, decode, parse};

/// Weight from which on a body is a story and no summary, about a hundred words.
const LEAST: u32 = 600;
/// A page that shows less than one part in so many does not show its story. At a third there are pages whose data holds more
/// than the story.
const PARTS: u32 = 4;

/// What was `shown`, or the story in `body` where that is many times as much.
pub(super) fn instead_of(shown: Cleaned, body: &str, headline: Option<&str>) -> Cleaned {
    let least = (running(&shown) * PARTS).max(LEAST);
    if weight(body) <= least {
        return shown;
    }
    let given = story(body, headline);
    if running(&given) <= least {
        return shown;
    }
    let mut blocks = shown.blocks;
    blocks.iter_mut().filter(|b| b.dropped.is_none()).for_each(|b| b.dropped = Some(DropReason::Repeated));
    blocks.extend(given.blocks);
    Cleaned { blocks, ..given }
}

/// A body as text with line breaks, or with the mark-up that some systems leave in it.
fn story(body: &str, headline: Option<&str>) -> Cleaned {
    let is_markup = ["</p>", "<br", "</div>"].iter().any(|tag| body.contains(tag));
    match is_markup.then(|| parse(body, &Budget::default())) {
        Some(Ok(doc)) => page(&doc, &Anchors { headline: headline.map(str::to_owned), ..Anchors::default() }),
        _ => plain::text(&decode(body, false), headline),
    }
}

/// Weight of the running text that is kept.
fn running(cleaned: &Cleaned) -> u32 {
    let weight = |b: &Block| Some(Measure::of(&b.text)).filter(is_running).map(|m| m.weight);
    cleaned.blocks.iter().filter(|b| b.dropped.is_none()).filter_map(weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(n: usize) -> String {
        format!(
            "On day {n} the council met again in the old customs house, and the crane was what most of its members talked about."
        )
    }

    fn body(between: &str) -> String {
        (0..8).map(paragraph).collect::<Vec<_>>().join(between)
    }

    fn read(shown: &str, body: &str) -> Cleaned {
        let html = format!("<nav><a href=/>Home</a> <a href=/n>News</a></nav><main><h1>Crane</h1>{shown}</main>");
        let anchors =
            Anchors { headline: Some("Crane".into()), article_body: Some(body.into()), is_own: true, locked: None };
        page(&parse(&html, &Budget::default()).unwrap(), &anchors)
    }

    #[test]
    fn a_page_whose_text_stands_in_its_data_alone_is_no_story_lost() {
        assert_eq!(read("<div id=app></div>", &body("\n\n")).paragraphs, (0..8).map(paragraph).collect::<Vec<_>>());
        assert_eq!(read("", &body(" ")).paragraphs, [body(" ")]);
        let marked = format!("<p>{}&nbsp;</p>", body("</p><p>"));
        assert_eq!(read("", &marked).paragraphs, (0..8).map(paragraph).collect::<Vec<_>>());
        let escaped = body("\n").replace("council", "men &amp; women");
        assert!(read("", &escaped).paragraphs[7].contains("the men & women met"));
    }

    #[test]
    fn a_text_in_the_only_template_of_a_page_is_its_story() {
        let template = |text: &str| format!("<script type='text/template'><p>{text}</p></script>");
        let read = |scripts: &str| {
            let html = format!("<nav><a href=/>Home</a></nav><div itemprop=articleBody>{scripts}</div>");
            let doc = parse(&html, &Budget::default()).unwrap();
            page(&doc, &crate::stage::anchors(&crate::stage::extract::page::read(&doc), None)).paragraphs.len()
        };
        assert_eq!(read(&template(&body("</p><p>"))), 8);
        assert_eq!(read(&template(&body("{{ more }}</p><p>"))), 0);
        assert_eq!(read(&template(&body("</p><p>")).repeat(2)), 0);
    }

    #[test]
    fn the_first_lines_of_a_page_are_no_second_telling() {
        let cleaned = read(&format!("<p>{}</p>", paragraph(0)), &body("\n"));
        assert_eq!(cleaned.paragraphs.len(), 8);
        assert!(cleaned.blocks.iter().any(|b| b.text == paragraph(0) && b.dropped == Some(DropReason::Repeated)));
    }

    #[test]
    fn what_a_page_shows_goes_before_its_data() {
        let shown: String = (0..3).map(|n| format!("<p>{}</p>", paragraph(n))).collect();
        assert_eq!(read(&shown, &body("\n")).paragraphs.len(), 3);
        assert!(read("", &paragraph(0)).paragraphs.is_empty());
    }
}
