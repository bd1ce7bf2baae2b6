//! Where the story opens in a page flattened to lines: the headline's line, and the byline and stamp lines around it. For pages
//! with markup this is the second opinion; for scraped text it is the only one.

use super::date::{self, Context, Found};
use super::name;
use crate::article::{Author, CleanArticle};
use crate::stage::clean::{Block, BlockKind};

/// Blocks looked at for a headline. More: the footer's lines compete. Fewer: long menus hide it.
const MAX_BLOCKS: usize = 700;

/// Blocks before and behind the headline in which byline and stamps stand.
const BEFORE: usize = 8;
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

/// A byline line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// As printed.
    pub text: String,
    pub people: Vec<Author>,
    /// True when words such as `By` say that it is one.
    pub said: bool,
    /// Blocks between it and the headline.
    pub distance: usize,
}

/// Reads the opening of an article.
pub(super) fn read(article: &CleanArticle, url: Option<&str>, context: &Context) -> Opening {
    let blocks = &article.blocks[..article.blocks.len().min(MAX_BLOCKS)];
    let slug = url.map(slug).unwrap_or_default();
    let anchor = article.head.headline.as_deref().or_else(|| article.page.headline());
    let headline = match anchor.and_then(|anchor| same_line(blocks, anchor)) {
        Some(at) => Some((at, 0.9)),
        None => find(blocks, &slug, context),
    };
    let mut opening = Opening { headline, ..Opening::default() };
    around(blocks, context, &mut opening);
    opening
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
        let own = key(&block.text);
        own == wanted
            || own.len() >= 12 && wanted.starts_with(&own)
            || wanted.len() >= 12 && own.len() < wanted.len() + 60 && own.starts_with(&wanted)
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

/// Letters and digits in small letters.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(200).collect()
}

/// The words of the address that name the story: its longest path part with hyphens.
fn slug(url: &str) -> Vec<String> {
    let path = url.split(['?', '#']).next().unwrap_or("");
    let parts = path.split('/').skip(3).filter(|part| part.contains(['-', '_']));
    let longest =
        parts.max_by_key(|part| part.split(['-', '_']).filter(|word| word.chars().any(char::is_alphabetic)).count());
    let words = longest
        .unwrap_or("")
        .split(['-', '_', '.', '+'])
        .filter(|word| word.chars().all(char::is_alphanumeric) && !word.is_empty());
    words.map(str::to_lowercase).filter(|word| word.len() < 24 && word != "html").take(40).collect()
}

/// The likeliest headline of lines without markup.
fn find(blocks: &[Block], slug: &[String], context: &Context) -> Option<(usize, f64)> {
    let story =
        blocks.iter().position(|block| is_paragraph(block) && block.dropped.is_none()).unwrap_or(blocks.len().min(40));
    let candidates = blocks.iter().enumerate().filter(|(_, block)| is_line(block));
    let scored = candidates.map(|(at, block)| (at, score(blocks, at, block, slug, story, context)));
    scored.filter(|(_, score)| *score > 0.25).reduce(|best, next| if next.1 > best.1 { next } else { best })
}

fn is_paragraph(block: &Block) -> bool {
    block.text.chars().count() >= PARAGRAPH
        && block.text.trim_end().ends_with(['.', '!', '?', '"', '”', '’', '。', '…', ')', '»'])
}

/// A line that may be a headline.
fn is_line(block: &Block) -> bool {
    let length = block.text.chars().count();
    (8..=260).contains(&length)
        && !matches!(block.kind, BlockKind::Caption | BlockKind::TableRow)
        && block.text.contains(' ')
        || (6..=80).contains(&length) && block.text.chars().filter(|c| *c >= '\u{2e80}').count() > 5
}

fn score(blocks: &[Block], at: usize, block: &Block, slug: &[String], story: usize, context: &Context) -> f64 {
    let mut score = match block.kind {
        BlockKind::Heading(1) => 0.5,
        BlockKind::Heading(2) => 0.15,
        _ => 0.0,
    };
    score += 1.2 * similarity(&block.text, slug);
    let text = block.text.trim();
    let words = text.split_whitespace().count();
    if text.ends_with(['.', ':', ',', ';']) || words > 32 {
        score -= 0.25;
    }
    if words < 3 && slug.is_empty() {
        score -= 0.2;
    }
    // near the story's first paragraph, and before it
    if at < story {
        score += 0.35 * (1.0 - (story - at).min(20) as f64 / 20.0);
    } else {
        score -= 0.3;
    }
    if at == 0 {
        score += 0.3;
    }
    // only a line that already looks good is worth reading its neighbours for
    if score > 0.3 && blocks[at + 1..].iter().take(6).any(|next| is_mark(next, context)) {
        score += 0.3;
    }
    score
}

/// A byline or stamp line.
fn is_mark(block: &Block, context: &Context) -> bool {
    let text = block.text.as_str();
    if text.chars().count() > MAX_LINE {
        return false;
    }
    let stamp = text.bytes().any(|b| b.is_ascii_digit()) && !date::find(text, context).is_empty();
    stamp || name::without_lead(text).0.is_some() && !name::people(text).is_empty()
}

/// How well a line and the words of the address agree, 0.0 to 1.0.
fn similarity(text: &str, slug: &[String]) -> f64 {
    if slug.len() < 2 {
        return 0.0;
    }
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '/'))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .take(60)
        .collect();
    let shared = slug.iter().filter(|word| words.iter().any(|own| own == *word)).count();
    let of_slug = shared as f64 / slug.len() as f64;
    let of_line = words.iter().filter(|word| slug.contains(word)).count() as f64 / words.len().max(1) as f64;
    if shared < 2 { 0.0 } else { 0.6 * of_slug + 0.4 * of_line }
}

/// Stamps, bylines and the deck around the headline.
fn around(blocks: &[Block], context: &Context, opening: &mut Opening) {
    let story =
        blocks.iter().position(|block| block.dropped.is_none() && is_paragraph(block)).unwrap_or(blocks.len().min(30));
    let at = opening.headline.map(|(at, _)| at);
    let start = at.unwrap_or(story).saturating_sub(BEFORE);
    let end = (at.map_or(story + 4, |at| at + BEHIND)).min(blocks.len());
    let mut open = true;
    for (index, block) in blocks.iter().enumerate().take(end).skip(start) {
        let distance = at.map_or(index.abs_diff(story), |at| index.abs_diff(at));
        let behind = at.is_none_or(|at| index > at);
        stamps(index, block, context, open, opening);
        if behind || distance <= 3 {
            byline(blocks, index, block, distance, behind, context, opening);
        }
        // the second paragraph of the story closes the opening: names and dates behind it are the story's
        if behind && is_paragraph(block) && index > story {
            open = false;
        }
    }
    opening.deck = at.and_then(|at| deck(blocks, at));
}

fn stamps(index: usize, block: &Block, context: &Context, open: bool, opening: &mut Opening) {
    let text = block.text.as_str();
    if opening.stamps.len() >= 16 || !text.chars().any(char::is_numeric) && text.len() > 40 {
        return;
    }
    let short = text.chars().count() <= MAX_LINE;
    for found in date::find(text, context) {
        let leads = found.span.start < 60 && found.label.is_some();
        // a date inside a sentence is the story's; a labelled one at the head of a glued line is a stamp
        if open && short && (leads || !is_sentence(text)) || leads && found.label != Some(date::Label::Other) {
            opening.stamps.push((index, found));
        }
    }
}

fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace().count();
    words > 12 && text.trim_end().ends_with(['.', '!', '?', '”', '"'])
}

fn byline(
    blocks: &[Block],
    index: usize,
    block: &Block,
    distance: usize,
    behind: bool,
    context: &Context,
    opening: &mut Opening,
) {
    let text = block.text.trim();
    if opening.bylines.len() >= 12 || text.chars().count() > MAX_LINE || text.is_empty() {
        return;
    }
    let (lead, rest) = name::without_lead(text);
    let bare = without_stamps(rest, context);
    if lead.is_some() && bare.trim().is_empty() {
        // "By" alone: the names stand in the next lines
        let names: Vec<&str> = blocks[index + 1..]
            .iter()
            .take(3)
            .map(|block| block.text.trim())
            .take_while(|line| !name::people(line).is_empty() && line.chars().count() < 80)
            .collect();
        push_line(opening, &names.join(", "), text, true, distance);
        return;
    }
    if lead.is_some() {
        push_line(opening, &bare, text, true, distance);
    } else if behind && text.chars().count() <= 90 && !text.ends_with(['.', '?', '!', ':']) && starts_with_name(&bare) {
        let given = bare.split_whitespace().next().is_some_and(name::is_given);
        let beside = bare.len() < text.len()
            || [index.wrapping_sub(1), index + 1]
                .iter()
                .any(|at| blocks.get(*at).is_some_and(|block| is_stamp(block, context)));
        if given || beside && bare.split_whitespace().count() <= 4 {
            push_line(opening, &bare, text, false, distance);
        }
    }
}

/// A short line with a date in it.
fn is_stamp(block: &Block, context: &Context) -> bool {
    block.text.len() <= 80 && block.text.chars().any(char::is_numeric) && !date::find(&block.text, context).is_empty()
}

/// True when the line's first part is a name.
fn starts_with_name(text: &str) -> bool {
    matches!(name::parts(text).first(), Some(name::Part::Person(_)))
}

fn push_line(opening: &mut Opening, names: &str, printed: &str, said: bool, distance: usize) {
    let people = name::people(names);
    if !people.is_empty() {
        opening.bylines.push(Line { text: printed.to_owned(), people, said, distance });
    }
}

/// A byline line without the stamps glued to it.
pub(super) fn without_stamps(text: &str, context: &Context) -> String {
    let Some(first) = date::find(text, context).into_iter().next() else { return text.to_owned() };
    let start = first.span.start;
    let before = text.get(..start).unwrap_or(text);
    let after = text.get(first.span.end..).unwrap_or("");
    if before.trim().is_empty() {
        after.trim_start_matches([' ', '|', '-', ',', '•', '·']).to_owned()
    } else {
        before.to_owned()
    }
}

/// The line under the headline: a sentence shorter than a paragraph, no byline.
fn deck(blocks: &[Block], headline: usize) -> Option<usize> {
    let next = blocks.get(headline + 1)?;
    let length = next.text.chars().count();
    let words = next.text.split_whitespace().count();
    let kept_paragraph = next.dropped.is_none() && next.kind == BlockKind::Paragraph;
    ((40..=260).contains(&length) && words >= 6 && !kept_paragraph && name::without_lead(&next.text).0.is_none())
        .then_some(headline + 1)
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
            truncated: false,
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
