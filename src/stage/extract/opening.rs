//! Where the story opens in a page flattened to lines: the headline's line, and the byline and stamp lines around it. For pages
//! with markup this is the second opinion; for scraped text it is the only one.

mod foot;
mod line;
pub(super) mod never;
mod stamp;
mod unstuck;

use super::date::{self, Context, Found};
use super::{guess, name};
use crate::article::{Author, Block, BlockKind, CleanArticle};
use foot::Foot;

/// Blocks looked at for a headline. More: the footer's lines compete. Fewer: long menus hide it.
const MAX_BLOCKS: usize = 2500;

/// Blocks before and behind the headline in which byline and stamps stand.
const BEFORE: usize = 12;
const BEHIND: usize = 14;

/// Longest line that is a byline or stamp line, in characters.
const MAX_LINE: usize = 160;

/// Shortest text of a paragraph, in characters.
const PARAGRAPH: usize = 120;

/// What the lines around the opening say.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Opening {
    /// Block of the headline, and how sure, 0.0 to 1.0.
    pub headline: Option<(usize, f64)>,
    /// Block of the line under the headline.
    pub deck: Option<usize>,
    /// Stamps near the headline, or labelled ones elsewhere, in order.
    pub stamps: Vec<(usize, Found)>,
    /// Byline lines near the headline.
    pub bylines: Vec<Line>,
}

/// What says that a line is a byline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// A word such as `By` at its beginning.
    First,
    /// Such a word inside it: `Dec 19, 2023 by Ann Example`.
    Inside,
    /// Nothing but where it stands.
    Nothing,
}

/// A byline line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// As printed, without the stamp beside it.
    pub text: String,
    pub people: Vec<Author>,
    pub said: Said,
    /// Blocks between it and the headline.
    pub distance: usize,
    /// True when it stands behind the headline.
    pub behind: bool,
}

/// Reads the opening of an article.
pub(super) fn read(article: &CleanArticle, url: Option<&str>, context: &Context) -> Opening {
    let blocks = &article.blocks[..article.blocks.len().min(MAX_BLOCKS)];
    let headline = match anchored(article, blocks) {
        Some(at) => Some((at, 0.9)),
        None => guess::headline(blocks, url, article.page.title.is_some(), context),
    };
    let mut opening = Opening { headline, ..Opening::default() };
    around(blocks, context, &mut opening);
    opening
}

/// The block of the headline that record or page names: a heading where one of the names stands in a heading.
fn anchored(article: &CleanArticle, blocks: &[Block]) -> Option<usize> {
    let anchors = article.head.headline.as_deref().into_iter().chain(article.page.headlines());
    let found: Vec<usize> = anchors.filter_map(|anchor| same_line(blocks, anchor)).collect();
    let heading = found.iter().find(|at| matches!(blocks[**at].kind, BlockKind::Heading(_)));
    heading.or(found.first()).copied()
}

/// The last blocks in which credits stand: those of the story and the few dropped behind it.
pub(super) fn closing(article: &CleanArticle) -> impl Iterator<Item = &str> {
    let kept = article.blocks.iter().rposition(|block| block.dropped.is_none()).map_or(0, |at| at + 1);
    let end = (kept + 12).min(article.blocks.len());
    let start = kept.saturating_sub(8);
    let blocks = article.blocks[start..end].iter().map(|block| block.text.as_str());
    let paragraphs = article.paragraphs.iter().rev().take(4).rev().map(String::as_str);
    paragraphs.chain(blocks)
}

/// The block that is this headline, the last before the first long kept paragraph when it stands several times.
fn same_line(blocks: &[Block], anchor: &str) -> Option<usize> {
    let wanted = key(anchor);
    if wanted.len() < 4 {
        return None;
    }
    let matches = |block: &Block| {
        let mut own = letters(&block.text);
        let mut rest = wanted.chars();
        // both run side by side: most lines part at the first letter
        loop {
            match (own.next(), rest.next()) {
                (None, None) => return true,
                (None, Some(_)) => return wanted.len() - rest.as_str().len() > 12,
                (Some(_), None) => return wanted.len() >= 12 && own.count() < 60,
                (Some(one), Some(other)) if one == other => {}
                _ => return false,
            }
        }
    };
    let found: Vec<usize> = blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| block.text.len() <= 400 && matches(block))
        .map(|(at, _)| at)
        .take(6)
        .collect();
    found.iter().copied().find(|at| matches!(blocks[*at].kind, BlockKind::Heading(1))).or(found.first().copied())
}

/// Letters and digits in small letters, the first 200.
pub(super) fn key(text: &str) -> String {
    letters(text).collect()
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(200)
}

pub(super) fn is_paragraph(block: &Block) -> bool {
    block.text.chars().count() >= PARAGRAPH
        && block.text.trim_end().ends_with(['.', '!', '?', '"', '”', '’', '。', '…', ')', '»'])
}

/// A byline or stamp line.
pub(super) fn is_mark(block: &Block, context: &Context) -> bool {
    let text = block.text.as_str();
    if text.chars().count() > MAX_LINE {
        return false;
    }
    let stamp = text.bytes().any(|b| b.is_ascii_digit()) && !date::find(text, context).is_empty();
    stamp || name::without_lead(text).0.is_some() && !name::people(text).is_empty()
}

/// Stamps, bylines and the deck around the headline.
fn around(blocks: &[Block], context: &Context, opening: &mut Opening) {
    let story =
        blocks.iter().position(|block| block.dropped.is_none() && is_paragraph(block)).unwrap_or(blocks.len().min(30));
    let at = opening.headline.map(|(at, _)| at);
    let start = at.unwrap_or(story).saturating_sub(BEFORE);
    let end = (at.map_or(story + 4, |at| at + BEHIND)).min(blocks.len());
    let foot = Foot::of(blocks, at);
    let mut open = true;
    for (index, block) in blocks.iter().enumerate().take(end.min(foot.others)).skip(start) {
        let distance = at.map_or(index.abs_diff(story), |at| index.abs_diff(at));
        let behind = at.is_none_or(|at| index > at);
        stamp::near(blocks, index, context, open, opening);
        let near = index < foot.heading && (behind || distance <= 3);
        if near || name::without_lead(block.text.trim()).0.is_some() {
            line::byline(blocks, index, (distance, behind), context, opening);
        }
        // the second paragraph of the story closes the opening: names and dates behind it are the story's
        if behind && is_paragraph(block) && index > story {
            open = false;
        }
    }
    if opening.stamps.is_empty() {
        stamp::elsewhere(blocks, foot.others, context, opening);
    }
    if opening.bylines.is_empty() {
        line::elsewhere(blocks, foot.others, context, opening);
    }
    opening.deck = at.and_then(|at| deck(blocks, at, context));
}

/// A byline line without the stamp in it.
pub(super) fn without_stamps(text: &str, context: &Context) -> String {
    let Some(first) = date::find(text, context).into_iter().next() else { return text.to_owned() };
    let before = text.get(..first.span.start).unwrap_or(text).trim();
    let after = text.get(first.span.end..).unwrap_or("").trim_start_matches([' ', '|', '-', ',', '•', '·']);
    if name::people(before).is_empty() && !after.is_empty() { after.to_owned() } else { before.to_owned() }
}

/// A byline as printed, apart from the day and clock on its line and the words that lead to them (`Published:`, `on`); with
/// what the page's style draws apart parted: `Ann ExampleWriter`. Where such a word says what the day is, the line stays whole.
pub(super) fn printed(text: &str, context: &Context) -> String {
    let stamp = date::find(text, context).into_iter().next();
    if stamp.as_ref().is_some_and(|stamp| stamp.label.is_some()) {
        return text.to_owned();
    }
    let bare = without_stamps(text, context);
    let mut line = name::apart(&bare, &name::people(&bare));
    let signs = |c: char| c.is_whitespace() || "|•·‧,–—-/:([（【".contains(c);
    while stamp.is_some() {
        line.truncate(line.trim_end_matches(signs).len());
        let last = line.rsplit(' ').next().unwrap_or("");
        if last.len() == line.len()
            || !name::LISTS.tail.contains(last.to_lowercase().as_str()) && !date::is_weekday(last)
        {
            break;
        }
        line.truncate(line.len() - last.len());
    }
    let line = line.trim_start_matches(signs);
    // "(Reporting by Ann Example)": the bracket that was opened before the line
    line.strip_suffix(')').filter(|line| !line.contains('(')).unwrap_or(line).to_owned()
}

/// The line under the headline: a sentence shorter than a paragraph, no byline.
fn deck(blocks: &[Block], headline: usize, context: &Context) -> Option<usize> {
    let next = blocks.get(headline + 1)?;
    let length = next.text.chars().count();
    let words = next.text.split_whitespace().count();
    let kept_paragraph = next.dropped.is_none() && next.kind == BlockKind::Paragraph;
    let is_deck = (40..=260).contains(&length) && words >= 6 && !kept_paragraph;
    (is_deck && !guess::is_apart(next) && !is_mark(next, context)).then_some(headline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Head;

    fn article(lines: &[&str]) -> CleanArticle {
        let blocks = lines
            .iter()
            .map(|line| Block { kind: BlockKind::Paragraph, text: (*line).to_owned(), dropped: None })
            .collect();
        CleanArticle {
            head: Head::default(),
            page: Default::default(),
            blocks,
            paragraphs: Vec::new(),
            truncated: None,
        }
    }

    const STORY: &str = "The council closed the old bridge on Monday after engineers found cracks in two of its piers, officials said in a statement.";

    fn opening(lines: &[&str], url: Option<&str>) -> (Option<String>, Vec<String>, Vec<String>) {
        let article = article(lines);
        let opening = read(&article, url, &Context::default());
        let names =
            opening.bylines.iter().flat_map(|line| line.people.iter().map(|author| author.name.clone())).collect();
        let stamps = opening.stamps.iter().map(|(_, found)| found.stamp.value()).collect();
        (opening.headline.map(|(at, _)| lines[at].to_owned()), names, stamps)
    }

    #[test]
    fn the_first_line_is_the_headline_of_a_plain_story() {
        let (headline, names, stamps) = opening(
            &["Old bridge closed over cracks", "Published: Apr 20, 2022, 15:23 UTC2min read", "By Ann Example", STORY],
            None,
        );
        assert_eq!(headline.as_deref(), Some("Old bridge closed over cracks"));
        assert_eq!(names, ["Ann Example"]);
        assert_eq!(stamps, ["2022-04-20T15:23:00Z"]);
    }

    #[test]
    fn the_address_finds_the_headline_behind_a_menu() {
        let lines = [
            "Home",
            "Local news and weather",
            "Sign up for our free letter",
            "Old bridge closed over cracks",
            "Ann Example",
            "20 April 2022",
            STORY,
        ];
        let (headline, names, stamps) =
            opening(&lines, Some("https://example.com/news/2022/old-bridge-closed-over-cracks-1234"));
        assert_eq!(headline.as_deref(), Some("Old bridge closed over cracks"));
        assert_eq!(names, ["Ann Example"]);
        assert_eq!(stamps, ["2022-04-20"]);
    }

    #[test]
    fn by_alone_takes_the_next_lines() {
        let (_, names, _) = opening(&["Old bridge closed over cracks", "By", "Ann Example", STORY], None);
        assert_eq!(names.first().map(String::as_str), Some("Ann Example"));
    }
}
