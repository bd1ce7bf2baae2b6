//! What is said twice: a lede shown as an excerpt before the text, a pull quote, a whole paragraph.
//!
//! The same comparison finds the blocks that the page's own account of its story contains. Compared by runs of five words,
//! hashed, so that the cost stays linear; ideographs and kana count as words.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use super::candidate::Candidate;
use super::measure::{is_dense, is_running};
use super::phrase;
use crate::article::{BlockKind, DropReason};
use crate::stage::html::{Document, NodeId, Tag};

/// Words in a run.
const RUN: usize = 5;
/// Weight under which a block is too short to be called a repetition.
const SHORT: u32 = 30;
/// Words that an excerpt may have before a paragraph it otherwise repeats: a byline glued to it.
const GLUED: usize = 8;

/// Marks the blocks whose words are mostly in `body` too.
pub(super) fn anchor(candidates: &mut [Candidate], body: &str) {
    let body: HashSet<u64> = runs_of(&phrase::key(body)).into_iter().collect();
    for c in candidates.iter_mut().filter(|c| c.measure.weight >= SHORT) {
        let own = runs_of(c.key());
        let shared = own.iter().filter(|run| body.contains(run)).count();
        c.anchored = shared > 0 && shared * 3 >= own.len() * 2;
    }
}

/// Drops repetitions among the kept blocks.
pub(super) fn judge(candidates: &mut [Candidate]) {
    whole(candidates);
    let runs: Vec<Vec<u64>> =
        candidates.iter().map(|c| if is_judged(c) { runs_of(c.key()) } else { Vec::new() }).collect();
    let quoted = candidates.iter().any(|c| is_judged(c) && c.block.kind == BlockKind::Quote);
    let seen = if quoted { blocks_with(&runs) } else { HashMap::new() };
    for (i, c) in candidates.iter_mut().enumerate().filter(|(_, c)| is_judged(c)) {
        let own = &runs[i];
        let is_quoted =
            c.block.kind == BlockKind::Quote && own.iter().all(|run| seen.get(run).is_some_and(|blocks| *blocks > 1));
        if !own.is_empty() && (is_quoted || is_excerpt(&runs, i)) {
            c.block.dropped = Some(DropReason::Repeated);
        }
    }
}

/// In how many blocks each run stands.
fn blocks_with(runs: &[Vec<u64>]) -> HashMap<u64, u32> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    for own in runs {
        for run in own.iter().collect::<HashSet<_>>() {
            *seen.entry(*run).or_default() += 1;
        }
    }
    seen
}

/// Lists and tables repeat themselves for good reason, and a heading may be taken up by the text.
fn is_judged(c: &Candidate) -> bool {
    let told = matches!(c.block.kind, BlockKind::Paragraph | BlockKind::Quote);
    c.block.dropped.is_none() && told && c.measure.weight >= SHORT
}

/// Drops paragraphs that are word for word an earlier one.
fn whole(candidates: &mut [Candidate]) {
    let mut seen = HashSet::new();
    for c in candidates.iter_mut().filter(|c| c.block.dropped.is_none() && c.measure.weight >= SHORT) {
        if !seen.insert(xxh3_64(c.key().as_bytes())) {
            c.block.dropped = Some(DropReason::Repeated);
        }
    }
}

/// Drops the second of two times that a page tells its story: a preview before the whole, a copy for small screens. Such a copy
/// begins where the story does and has its paragraphs in their order; what else repeats may be meant so. Asked when all else is
/// judged, so that one copy stays.
pub(super) fn told_twice(candidates: &mut [Candidate]) {
    let kept: Vec<usize> = (0..candidates.len()).filter(|i| candidates[*i].block.dropped.is_none()).collect();
    let mut known: HashMap<u64, usize> = HashMap::new();
    let first = |(at, i): (usize, &usize)| *known.entry(xxh3_64(candidates[*i].key().as_bytes())).or_insert(at);
    let firsts: Vec<usize> = kept.iter().enumerate().map(first).collect();
    let is_told = |at: usize| {
        let c = &candidates[kept[at]];
        c.block.kind == BlockKind::Paragraph && is_running(&c.measure)
    };
    let opening: Vec<usize> = (0..kept.len()).filter(|at| is_told(*at)).take(OPENING).collect();
    let mut copied: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < kept.len() {
        let in_order = |to: &usize| firsts[*to] < *to && (*to == at || firsts[*to] > firsts[*to - 1]);
        let end = (at..kept.len()).take_while(in_order).last().map_or(at, |last| last + 1);
        let mut told = (at..end).filter(|at| is_told(*at));
        if told.next().is_some_and(|start| opening.contains(&firsts[start])) && told.next().is_some() {
            copied.extend(&kept[at..end]);
        }
        at = end.max(at + 1);
    }
    for i in copied {
        candidates[i].block.dropped = Some(DropReason::Repeated);
    }
}

/// Paragraphs among which a copy begins: one of them may be a summary that is printed once.
const OPENING: usize = 3;

/// Drops the quotes of a page that its paragraphs tell too, and whose name stands beside them. Asked when all else is judged, so
/// that the paragraphs stay.
pub(super) fn pulled(doc: &Document, candidates: &mut [Candidate]) {
    if !candidates.iter().any(is_quoted) {
        return;
    }
    let is_kept = |c: &Candidate| c.block.dropped.is_none();
    let is_told = |c: &&Candidate| is_kept(c) && c.block.kind == BlockKind::Paragraph && !is_quoted(c);
    let told: HashSet<u64> = candidates.iter().filter(is_told).flat_map(|c| runs_of(c.key())).collect();
    for i in 0..candidates.len() {
        let c = &mut candidates[i];
        if is_kept(c) && is_quoted(c) {
            let own = runs_of(c.key());
            let repeats = !own.is_empty() && own.iter().all(|run| told.contains(run));
            c.block.dropped = repeats.then_some(DropReason::Repeated);
        }
        if c.block.dropped == Some(DropReason::Repeated) && is_quoted(c) && is_signature(doc, candidates, i) {
            candidates[i + 1].block.dropped = Some(DropReason::Repeated);
        }
    }
}

/// A quote by its element, or a paragraph that is one from its first sign to its last.
fn is_quoted(c: &Candidate) -> bool {
    let text = c.block.text.as_str();
    let marked = || text.starts_with(['"', '“', '„', '«', '»']) && text.ends_with(['"', '”', '“', '»', '«']);
    let is_one = || text.chars().filter(|c| matches!(c, '"' | '“' | '”' | '„' | '«' | '»')).count() == 2;
    c.measure.weight >= PULLED
        && match c.block.kind {
            BlockKind::Quote => true,
            BlockKind::Paragraph => marked() && is_one(),
            _ => false,
        }
}

/// Weight under which a quote is too short to be called told twice.
const PULLED: u32 = 20;

/// True when the block behind a quote says whose it is: a few words in the same box, which holds nothing else.
fn is_signature(doc: &Document, candidates: &[Candidate], i: usize) -> bool {
    let Some(next) = candidates.get(i + 1).filter(|c| c.block.dropped.is_none()) else { return false };
    let node = candidates[i].node;
    let own = (doc.tag(node) == Some(Tag::Blockquote)).then_some(node);
    let Some(home) = own.or_else(|| doc.parent(node)) else { return false };
    let inside = |inner: NodeId| inner == home || doc.contains(home, inner);
    let around = &candidates[i.saturating_sub(AROUND)..candidates.len().min(i + AROUND + 1)];
    let alone = !around.iter().any(|c| c.is_solid() && inside(c.node));
    alone && inside(next.node) && next.measure.weight <= SIGNATURE && !next.measure.closed
}

/// Blocks before and behind a quote that are looked at, and weight up to which one of them can say whose it is.
const AROUND: usize = 3;
const SIGNATURE: u32 = 60;

/// Blocks that follow an excerpt and are compared with it.
const FOLLOWING: usize = 8;

/// True when one of the next blocks begins as this one does, or is what this one says after a few words of its own.
fn is_excerpt(runs: &[Vec<u64>], i: usize) -> bool {
    let own = &runs[i];
    let next = runs[i + 1..].iter().take(FOLLOWING).filter(|other| !other.is_empty());
    let glued = |other: &[u64]| own.len() > other.len() && own.len() - other.len() <= GLUED && own.ends_with(other);
    next.into_iter().any(|other| other.starts_with(own) || glued(other))
}

fn runs_of(key: &str) -> Vec<u64> {
    let words: Vec<u64> = words(key).collect();
    words.windows(RUN).map(|run| run.iter().fold(0, |sum: u64, word| sum.rotate_left(11) ^ word)).collect()
}

/// Hashes of the words of a key; ideographs and kana are words.
pub(super) fn words(key: &str) -> impl Iterator<Item = u64> + '_ {
    let end_of = |rest: &str| match rest.char_indices().find(|(_, c)| *c == ' ' || !c.is_ascii() && is_dense(*c)) {
        Some((0, c)) => c.len_utf8(),
        Some((at, _)) => at,
        None => rest.len(),
    };
    let mut rest = key;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        let (word, behind) = rest.split_at(end_of(rest));
        rest = behind;
        (!word.is_empty()).then(|| xxh3_64(word.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::plain;

    fn judged(lines: &[&str]) -> Vec<bool> {
        let mut candidates: Vec<Candidate> = lines.iter().map(|l| plain::candidate((*l).to_owned())).collect();
        judge(&mut candidates);
        candidates.iter().map(|c| c.block.dropped == Some(DropReason::Repeated)).collect()
    }

    const LEDE: &str = "The harbour council voted on Monday night to keep the old crane for another ten years.";

    #[test]
    fn an_excerpt_goes_and_the_paragraph_stays() {
        let glued = format!("By Ann Lee {LEDE}");
        assert_eq!(judged(&[&glued, "Most popular", LEDE]), [true, false, false]);
        let cut = "The harbour council voted on Monday night to keep the old crane";
        assert_eq!(judged(&[cut, LEDE]), [true, false]);
    }

    #[test]
    fn equal_paragraphs_are_kept_once_and_pull_quotes_go() {
        assert_eq!(judged(&[LEDE, LEDE]), [false, true]);
        let quoted = format!("{LEDE} “We could not bear to see that tall thing go,” said the mayor after the vote.");
        let mut candidates =
            [&quoted, "“We could not bear to see that tall thing go,”"].map(|l| plain::candidate(l.to_owned()));
        candidates[1].block.kind = BlockKind::Quote;
        judge(&mut candidates);
        assert_eq!(candidates[1].block.dropped, Some(DropReason::Repeated));
        assert_eq!(candidates[0].block.dropped, None);
    }

    #[test]
    fn a_pull_quote_of_a_page_goes_with_its_name() {
        let said = "We could not bear to see that tall old thing go";
        let paragraphs = [
            LEDE.to_owned(),
            format!("“{said}, not this year,” said the mayor, who had wanted to sell it to a buyer from the mainland."),
            "A buyer from the mainland had offered enough to mend the roof of the school, she said.".to_owned(),
        ];
        let [one, two, three] = &paragraphs;
        let kept = |pull: &str| {
            let html = format!("<main><h1>Crane stays</h1><p>{one}</p>{pull}<p>{two}</p><p>{three}</p></main>");
            let doc = crate::stage::html::parse(&html, &crate::stage::html::Budget::default()).unwrap();
            super::super::page(&doc, &super::super::Anchors::default()).paragraphs
        };
        for pull in [
            format!("<figure><blockquote><p>{said}</p><cite>Ann Example, mayor</cite></blockquote></figure>"),
            format!("<blockquote>“{said}”</blockquote>"),
            format!("<div class=pull><p>“{said}”</p><span>Ann Example, mayor</span></div>"),
        ] {
            assert_eq!(kept(&pull), paragraphs, "{pull}");
        }
        let other = "“Nobody has asked the fishermen what they think of it at all.”";
        assert_eq!(kept(&format!("<blockquote>{other}</blockquote>"))[1], other);
    }

    #[test]
    fn a_story_told_twice_is_kept_once_and_a_refrain_stays() {
        let second =
            "The mayor, who had wanted to sell it, said after the vote that she would look for money elsewhere.";
        let third = "A buyer from the mainland had offered enough to mend the roof of the school, said the mayor.";
        let told = |lines: &[&str]| {
            let mut candidates: Vec<Candidate> = lines.iter().map(|l| plain::candidate((*l).to_owned())).collect();
            told_twice(&mut candidates);
            candidates.iter().map(|c| c.block.dropped.is_none()).collect::<Vec<_>>()
        };
        let copy = [LEDE, second, "All agreed.", LEDE, second, "All agreed.", third];
        assert_eq!(told(&copy), [true, true, true, false, false, false, true]);
        for meant in [
            &[LEDE, second, third, LEDE][..],
            &[LEDE, second, third, second, LEDE],
            &["All agreed.", LEDE, "All agreed."],
        ] {
            assert_eq!(told(meant), vec![true; meant.len()]);
        }
    }

    #[test]
    fn scripts_without_spaces_are_compared_too() {
        let lede = "港の議会は月曜日の夜、古いクレーンをあと十年残すことを決めた。市長も賛成した。";
        assert_eq!(judged(&["港の議会は月曜日の夜、古いクレーンを", lede]), [true, false]);
    }
}
