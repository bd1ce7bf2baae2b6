//! Which blocks of the story's container are the story: a small rule per reason, then what stands around what is kept.
//!
//! Rules look at form first (links, length, place, repetition) and at words only to name furniture for certain; none knows a
//! site.

use super::candidate::Candidate;
use super::measure::{Measure, is_stop};
use super::{Anchors, phrase, portrait, repeat, signed};
use crate::article::{BlockKind, DropReason};
use crate::stage::extract::has_dateline;
use crate::stage::html::{Document, Tag};

/// Texts that are the headline of the page, as keys.
#[derive(Debug, Default)]
pub(super) struct Headlines {
    /// What the page gives as its title.
    titles: Vec<String>,
    /// First-rank headings, which may belong to the site or to another story.
    headings: Vec<String>,
}

impl Headlines {
    /// From the anchor, the page's title, what it gives to social networks, and its `h1`s.
    pub(super) fn of(doc: &Document, anchors: &Anchors) -> Headlines {
        let mut texts: Vec<String> = anchors.headline.iter().cloned().collect();
        let social = doc.find_all(Tag::Meta).filter(|id| doc.attr(*id, "property").is_some_and(|p| p == "og:title"));
        texts.extend(social.take(1).filter_map(|id| doc.attr(id, "content")).map(|title| title.into_owned()));
        if let Some(title) = doc.find_all(Tag::Title).next() {
            let title = doc.text(title);
            for mark in TITLE_MARKS {
                texts.extend(title.split(mark).take(TITLE_PARTS).map(str::to_owned));
            }
            texts.push(title);
        }
        let headings = doc.find_all(Tag::H1).take(HEADINGS).map(|id| doc.text(id)).collect();
        Headlines { headings: keys(headings), ..Headlines::from(texts) }
    }

    /// From texts known to be the headline.
    pub(super) fn from(texts: Vec<String>) -> Headlines {
        Headlines { titles: keys(texts), headings: Vec::new() }
    }

    /// True when the text with this key is a headline.
    fn has(&self, key: &str) -> bool {
        self.titles.iter().chain(&self.headings).any(|known| is_near(key, known))
    }

    /// True when a block is short and says a headline. Found once a block, since it is asked for again and again.
    pub(super) fn repeated_by(&self, c: &Candidate) -> bool {
        *c.headline.get_or_init(|| c.measure.weight <= LONGEST_HEADLINE && self.has(c.key()))
    }

    /// True when the text with this key is what the page gives as its title.
    fn is_title(&self, key: &str) -> bool {
        self.titles.iter().any(|known| is_near(key, known))
    }
}

fn keys(texts: Vec<String>) -> Vec<String> {
    let mut keys: Vec<String> = texts.iter().map(|t| phrase::key(t)).filter(|k| k.len() >= SHORTEST_HEADLINE).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Equal, or one with a little more at the end: a date, a site's name.
fn is_near(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short == long || short.len() >= 20 && short.len() * 4 >= long.len() * 3 && long.starts_with(short)
}

/// First-rank headings that can be the headline; every block is compared with each.
const HEADINGS: usize = 8;
/// Parts of a title that can be the headline.
const TITLE_PARTS: usize = 4;
/// What stands between headline and site name in a title.
const TITLE_MARKS: [&str; 6] = [" | ", " - ", " – ", " — ", " :: ", " » "];
/// Bytes under which a title part ("News", a site's name) is not taken for the headline.
const SHORTEST_HEADLINE: usize = 12;

/// Drops what is not the story among candidates that are still kept, and names what stands outside.
pub(super) fn judge(candidates: &mut [Candidate], headlines: &Headlines) {
    for c in candidates.iter_mut().filter(|c| c.block.dropped.is_none()) {
        c.block.dropped = alone(c, headlines);
    }
    repeat::judge(candidates);
    comments(candidates);
    next_article(candidates, headlines);
    kicked(candidates, headlines);
    ends(candidates);
    portrait::judge(candidates);
    lists(candidates);
    headings(candidates);
    // Outside the container headline, byline and date still are what they are: extract reads them from there.
    for c in candidates.iter_mut().filter(|c| c.block.dropped == Some(DropReason::OutsideContainer)) {
        c.block.dropped = alone(c, headlines).or(c.block.dropped);
    }
}

/// What a block is for itself, wherever it stands.
fn alone(c: &Candidate, headlines: &Headlines) -> Option<DropReason> {
    if c.block.kind == BlockKind::Caption {
        return Some(DropReason::Caption);
    }
    if headlines.repeated_by(c) {
        return Some(DropReason::Headline);
    }
    if let Some(reason) = named(c) {
        return Some(reason);
    }
    let listed = matches!(c.block.kind, BlockKind::ListItem | BlockKind::TableRow);
    if !listed && is_stamp(&c.measure, &c.block.text) {
        return Some(DropReason::Stamp);
    }
    let link_share = c.measure.link_share();
    let limit = if c.block.kind == BlockKind::ListItem { 0.8 } else { 0.6 };
    if link_share > limit && !(is_long(&c.measure) && link_share < 0.9) {
        return Some(DropReason::LinkDense);
    }
    None
}

/// The furniture that a block's words name, if they do.
pub(super) fn named(c: &Candidate) -> Option<DropReason> {
    *c.named.get_or_init(|| look_up(c))
}

fn look_up(c: &Candidate) -> Option<DropReason> {
    if c.measure.weight > LONGEST_FURNITURE {
        return None;
    }
    let whole = phrase::reason_of_key(c.key()).filter(|reason| fits(*reason, &c.measure));
    whole.or_else(|| credited(&c.block.text, &c.measure))
}

/// A caption whose last words name its photographer: "… on Monday. Photo: Ann Lee".
pub(super) fn credited(text: &str, m: &Measure) -> Option<DropReason> {
    let (_, credit) = text.trim_end_matches(is_stop).rsplit_once(|c: char| is_stop(c) || matches!(c, '(' | '|'))?;
    let short = m.weight <= LONGEST_CAPTION && super::measure::weight(credit) <= 50 && !signed::is_signed(text);
    phrase::reason(credit.trim()).filter(|reason| short && *reason == DropReason::Caption)
}

/// Weight up to which a block's words are looked up.
const LONGEST_FURNITURE: u32 = 600;
/// Weight up to which a block is compared with the headline.
const LONGEST_HEADLINE: u32 = 300;
/// Weight up to which a text can be a caption.
const LONGEST_CAPTION: u32 = 300;

fn is_long(m: &Measure) -> bool {
    m.weight >= 120 && m.stops > 0
}

/// Whether a block is small enough to be what its phrase says, and not a sentence of the story that begins alike.
fn fits(reason: DropReason, m: &Measure) -> bool {
    let longest = match reason {
        DropReason::Byline => return m.weight <= 70 && !(m.closed && m.words > 6),
        DropReason::Stamp => return m.weight <= 90 && m.digits > 0,
        DropReason::Copyright | DropReason::Credit | DropReason::Consent => 600,
        DropReason::Newsletter | DropReason::Paywall | DropReason::Comment => 320,
        DropReason::AuthorBox => 400,
        DropReason::Caption => return m.weight <= 200 && !m.closed,
        DropReason::TagList => return m.weight <= 250 && !m.closed,
        DropReason::Control | DropReason::Navigation => return m.weight <= 120 && !(m.closed && m.words > 12),
        DropReason::Related => return m.weight <= 140 && (m.link_share() > 0.3 || !m.closed || m.weight < 50),
        _ => 200,
    };
    m.weight <= longest
}

/// A date or time and little else.
fn is_stamp(m: &Measure, text: &str) -> bool {
    let dated = m.digits >= 3 && m.weight <= 60 && m.digits * 5 >= m.weight;
    let mut words =
        text.split(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | '/' | '-' | '年' | '月' | '日')));
    let is_time = |word: &str| word.len() >= 4 && word.chars().filter(char::is_ascii_digit).count() >= 3;
    dated && if m.closed { begins_with_day(text) } else { words.any(is_time) }
}

/// A day in numbers at the beginning: `2/3/2026 at 10:30. Updated at 12:45.`
fn begins_with_day(text: &str) -> bool {
    let day: Vec<&str> = text.split(' ').next().unwrap_or("").split(['/', '.', '-']).collect();
    let is_number = |part: &&str| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|b| b.is_ascii_digit());
    day.len() == 3 && day.iter().all(is_number) && day.iter().any(|part| part.len() == 4)
}

/// Drops the heading above the story that is the title behind a kicker, where no other is the headline: a heading may take it up.
fn kicked(candidates: &mut [Candidate], headlines: &Headlines) {
    let first = candidates.iter().position(Candidate::is_solid).unwrap_or(0);
    if candidates[..first].iter().any(|c| c.block.dropped == Some(DropReason::Headline)) {
        return;
    }
    let ends = |key: &str| {
        headlines.titles.iter().any(|t| t.len() >= 20 && t.len() * 2 >= key.len() && key.ends_with(t.as_str()))
    };
    let is_open = |c: &Candidate| matches!(c.block.dropped, None | Some(DropReason::OutsideContainer));
    let is_title = |c: &Candidate| matches!(c.block.kind, BlockKind::Heading(1 | 2)) && ends(c.key());
    for c in candidates[..first].iter_mut().filter(|c| is_open(c) && is_title(c)) {
        c.block.dropped = Some(DropReason::Headline);
    }
}

/// Drops scraps before the first and after the last paragraph of running text.
fn ends(candidates: &mut [Candidate]) {
    let Some(first) = candidates.iter().position(Candidate::is_solid) else { return };
    let last = candidates.iter().rposition(Candidate::is_solid).unwrap_or(first);
    for c in &mut candidates[..first] {
        let short = !c.measure.closed || c.measure.weight < 40 && !has_dateline(&c.block.text);
        let heading = matches!(c.block.kind, BlockKind::Heading(level) if level > 1);
        if c.block.dropped.is_none() && short && !heading {
            c.block.dropped = Some(DropReason::Fragment);
        }
    }
    for c in candidates[last + 1..].iter_mut() {
        let list = matches!(c.block.kind, BlockKind::ListItem | BlockKind::TableRow);
        if c.block.dropped.is_none() && !list && !(c.measure.closed && c.measure.weight >= 15) {
            c.block.dropped = Some(DropReason::Fragment);
        }
    }
}

/// Drops readers' comments that no element declares: what follows a line like "comments" under running text, when dates and
/// "reply" come again and again in it.
fn comments(candidates: &mut [Candidate]) {
    let Some(first) = candidates.iter().position(Candidate::is_solid) else { return };
    let is_start = |c: &Candidate| c.block.dropped == Some(DropReason::Comment) && c.part.is_none();
    let Some(start) = candidates.iter().skip(first).position(is_start) else { return };
    let rest = &mut candidates[first + start..];
    let marks =
        rest.iter().filter(|c| matches!(c.block.dropped, Some(DropReason::Comment | DropReason::Stamp))).count();
    if marks >= COMMENT_MARKS && marks * 10 >= rest.len() {
        for c in rest.iter_mut() {
            c.block.dropped = c.block.dropped.or(Some(DropReason::Comment));
        }
    }
}

/// Dates and replies after which what follows "comments" is believed to be comments.
const COMMENT_MARKS: usize = 4;

/// Drops everything from the headline of a second article on: a first-rank heading under running text, with a date or byline
/// beside it.
fn next_article(candidates: &mut [Candidate], headlines: &Headlines) {
    let solid = (0..candidates.len()).filter(|i| candidates[*i].is_solid());
    let Some(first) = solid.into_iter().nth(2) else { return };
    let is_other = |c: &Candidate| c.block.kind == BlockKind::Heading(1) && !headlines.is_title(c.key());
    let beside = |i: usize| {
        let around = &candidates[i.saturating_sub(BESIDE)..candidates.len().min(i + BESIDE + 1)];
        around.iter().any(|c| matches!(c.block.dropped, Some(DropReason::Stamp | DropReason::Byline)))
    };
    let next = (first + 1..candidates.len()).find(|i| is_other(&candidates[*i]) && beside(*i));
    for c in candidates.iter_mut().skip(next.unwrap_or(usize::MAX)) {
        c.block.dropped = c.block.dropped.or(Some(DropReason::NextArticle));
    }
}

/// Blocks around a headline among which its date and byline are looked for.
const BESIDE: usize = 4;

/// Drops lists that are mostly links.
fn lists(candidates: &mut [Candidate]) {
    let mut start = 0;
    while start < candidates.len() {
        let is_item = |c: &Candidate| c.block.kind == BlockKind::ListItem;
        if !is_item(&candidates[start]) {
            start += 1;
            continue;
        }
        let len = candidates[start..].iter().take_while(|c| is_item(c)).count();
        let list = &mut candidates[start..start + len];
        let weight: u32 = list.iter().map(|c| c.measure.weight).sum();
        let linked: u32 = list.iter().map(|c| c.measure.linked).sum();
        if linked * 2 > weight {
            for c in list.iter_mut().filter(|c| c.block.dropped.is_none()) {
                c.block.dropped = Some(DropReason::LinkDense);
            }
        }
        start += len;
    }
}

/// Drops headings under which nothing is kept.
pub(super) fn headings(candidates: &mut [Candidate]) {
    let mut kept_below: Option<u8> = None; // level of the highest heading that something kept stands under, going backwards
    for c in candidates.iter_mut().rev() {
        match c.block.kind {
            BlockKind::Heading(level) if c.block.dropped.is_none() => {
                if kept_below.is_none_or(|below| below <= level) {
                    c.block.dropped = Some(DropReason::LoneHeading);
                } else {
                    kept_below = Some(level);
                }
            }
            BlockKind::Heading(level) => kept_below = kept_below.filter(|below| *below < level).or(None),
            _ if c.block.dropped.is_none() => kept_below = Some(7),
            _ => {}
        }
    }
}
