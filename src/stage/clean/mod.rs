//! Page or scraped text to the paragraphs of the story: ordered blocks, each kept or dropped with a named reason.
//!
//! Three ways in, by what arrives: [`page`] for HTML, [`text`] for what a scraper stored, [`story`] for a bare story, which is
//! only normalised. A page goes: blocks with their measures in one pass (`block.rs`), the part of the page that holds the story
//! (`container.rs`), then a judgement on every block in it (`rule.rs`), a second opinion on what is open to doubt
//! (`opinion.rs`), and what words say for certain (`certain.rs`). No rule knows a site, and none rests on one language.

mod between;
mod block;
mod boxed;
mod candidate;
#[cfg(test)]
mod cases;
mod certain;
mod container;
mod cut;
mod doubt;
pub mod evidence;
mod forest;
mod given;
mod hint;
#[cfg(test)]
mod hostile;
mod line;
mod measure;
mod notice;
mod opinion;
mod phrase;
mod plain;
mod portrait;
mod repeat;
mod rule;
mod signed;
mod surroundings;
mod vocabulary;

use super::html::{Document, NodeId};
use super::text::normalise;
use crate::article::{Block, BlockKind, Truncation};

use candidate::Page;
pub use notice::notice;

/// What the page says of its story outside the text; used to find the place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anchors {
    /// The headline.
    pub headline: Option<String>,
    /// The body as JSON-LD gives it, often cut.
    pub article_body: Option<String>,
    /// True when that can be no other story's, so that it is the text where the page shows next to none (`given.rs`).
    pub is_own: bool,
    /// CSS selectors of the parts that the page's data calls locked; none of them: the whole article. `None`: not locked.
    pub locked: Option<Vec<String>>,
}

/// What clean makes of one body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cleaned {
    /// Every block in order.
    pub blocks: Vec<Block>,
    /// The story: normalised paragraphs, without headline, byline and furniture.
    pub paragraphs: Vec<String>,
    /// By what it is known that the rest is behind a paywall or was cut, if it is.
    pub truncated: Option<Truncation>,
}

impl Cleaned {
    /// The story of judged blocks: what was kept, in order. `withheld`: it is known that some of it is not there.
    fn of(mut blocks: Vec<Block>, withheld: bool) -> Cleaned {
        cut::drop_notices(&mut blocks);
        cut::drop_behind(&mut blocks);
        let truncated = cut::sign(&blocks).or(withheld.then_some(Truncation::Locked));
        let paragraphs = blocks.iter().filter(|b| b.dropped.is_none()).map(|b| b.text.clone()).collect();
        Cleaned { blocks, paragraphs, truncated }
    }
}

/// The story of a page or of a fragment of one. Nothing is invented: every paragraph is a block of the page or of the body it gives.
pub fn page(doc: &Document, anchors: &Anchors) -> Cleaned {
    let headlines = rule::Headlines::of(doc, anchors);
    let (mut page, container) = judged(doc, anchors, &headlines);
    opinion::page(doc, &mut page, container, &headlines);
    repeat::told_twice(&mut page.candidates);
    repeat::pulled(doc, &mut page.candidates);
    between::page(doc, &mut page.candidates);
    boxed::page(&mut page.candidates);
    certain::judge(&mut page.candidates);
    if let Some(parts) = &anchors.locked {
        cut::drop_scraps(doc, &mut page.candidates, parts);
    }
    let withheld = anchors.locked.as_ref().is_some_and(|parts| cut::is_withheld(doc, &page.candidates, parts));
    let shown = Cleaned::of(page.candidates.into_iter().map(|c| c.block).collect(), withheld);
    match &anchors.article_body {
        Some(body) if anchors.is_own => given::instead_of(shown, body, anchors.headline.as_deref()),
        _ => shown,
    }
}

/// The blocks of a page as the rules judge them, and the element that holds the story.
fn judged(doc: &Document, anchors: &Anchors, headlines: &rule::Headlines) -> (Page, NodeId) {
    let mut page = block::blocks(doc);
    if let Some(body) = &anchors.article_body {
        repeat::anchor(&mut page.candidates, body);
    }
    let container = container::choose(doc, &mut page, headlines);
    rule::judge(&mut page.candidates, headlines);
    (page, container)
}

/// The story of text that a scraper stored: lines, some of them furniture. `headline` is the record's, when it has one.
pub fn text(text: &str, headline: Option<&str>) -> Cleaned {
    plain::text(text, headline)
}

/// What the second opinion sees of every block of a page: the rules' judgement and the row of numbers. For those who grow its
/// forest; blocks that are not doubtful have no row.
pub fn evidence_of_page(doc: &Document, anchors: &Anchors) -> Vec<(Block, Option<evidence::Row>)> {
    let headlines = rule::Headlines::of(doc, anchors);
    let (page, container) = judged(doc, anchors, &headlines);
    let scene = evidence::Scene::page(doc, &page, container, &headlines);
    let row = |i: usize| doubt::is_doubtful(&page.candidates[i]).then(|| scene.row(i));
    page.candidates.iter().enumerate().map(|(i, c)| (c.block.clone(), row(i))).collect()
}

/// The same for scraped text.
pub fn evidence_of_text(text: &str) -> Vec<(Block, Option<evidence::Row>)> {
    let candidates = plain::judged(text, &rule::Headlines::default());
    let scene = evidence::Scene::text(&candidates);
    let row = |i: usize| doubt::is_doubtful_line(&candidates[i]).then(|| scene.row(i));
    candidates.iter().enumerate().map(|(i, c)| (c.block.clone(), row(i))).collect()
}

/// A bare story: paragraphs put together from its lines and normalised, none dropped.
pub fn story(text: &str) -> Cleaned {
    let paragraphs: Vec<String> =
        line::paragraphs(text).into_iter().map(|p| normalise(&p)).filter(|p| !p.is_empty()).collect();
    let block = |text: &String| Block { kind: BlockKind::Paragraph, text: text.clone(), dropped: None };
    let blocks: Vec<Block> = paragraphs.iter().map(block).collect();
    let truncated = cut::sign(&blocks);
    Cleaned { blocks, paragraphs, truncated }
}
