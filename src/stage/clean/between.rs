//! What stands in the midst of a story and is too short to speak for itself: the turns of an interview, an answer of one word, a
//! list of amounts. Its neighbours speak for it.
//!
//! It only takes back what was dropped for its form; what words name stays dropped.

use std::collections::HashMap;

use super::candidate::Candidate;
use super::measure::is_stop;
use super::rule;
use crate::article::{BlockKind, DropReason};
use crate::stage::html::{Document, NodeId, Tag};

/// Words and characters of a speaker's label at most.
const LABEL_WORDS: usize = 3;
const LABEL_CHARS: usize = 24;
/// Turns of a speaker, speakers and questions from which on lines with labels are an interview.
const TURNS: usize = 2;
const SPEAKERS: usize = 2;
const QUESTIONS: usize = 2;
/// Blocks from one turn to the next. More: the labels belong to something else.
const APART: usize = 3;
/// Lines of one form from which on they are a list, and how many times as many lines it has as were kept.
const LISTED: usize = 3;
const KEPT_PART: usize = 2;

/// Takes back what stands between the paragraphs of a page.
pub(super) fn page(doc: &Document, candidates: &mut [Candidate]) {
    let home = |c: &Candidate| doc.parent(c.node).filter(|_| doc.tag(c.node) == Some(Tag::P));
    let mut reach: HashMap<NodeId, (usize, usize)> = HashMap::new();
    for (i, c) in candidates.iter().enumerate().filter(|(_, c)| c.block.dropped.is_none() && is_sentence(c)) {
        home(c).into_iter().for_each(|home| reach.entry(home).or_insert((i, i)).1 = i);
    }
    for i in 1..candidates.len() {
        let c = &candidates[i];
        let inside =
            home(c).and_then(|home| reach.get(&home)).is_some_and(|(first, last)| (*first..*last).contains(&i));
        let answers = candidates[i - 1].block.text.ends_with('?') && c.measure.words == 1;
        if inside && is_sentence(c) && (is_open(c) || answers && c.block.dropped == Some(DropReason::Control)) {
            candidates[i].block.dropped = None;
            unask(&mut candidates[i - 1]);
        }
    }
    interview(candidates);
}

/// Takes back the question that counted as a heading with nothing below it.
fn unask(c: &mut Candidate) {
    if c.block.dropped == Some(DropReason::LoneHeading) && c.block.text.ends_with('?') {
        c.block.dropped = None;
    }
}

/// Takes back what stands between the lines of a text.
pub(super) fn text(candidates: &mut [Candidate]) {
    interview(candidates);
    lists(candidates);
}

/// A sentence without links.
fn is_sentence(c: &Candidate) -> bool {
    c.block.kind == BlockKind::Paragraph && c.measure.linked == 0 && c.measure.closed && c.measure.stops > 0
}

/// Kept, or dropped for nothing but its form.
fn is_open(c: &Candidate) -> bool {
    use DropReason::{Fragment, OutsideContainer};
    matches!(c.block.dropped, None | Some(Fragment | OutsideContainer)) && rule::named(c).is_none()
}

/// Takes back the turns of an interview: two speakers' labels come again and again, and questions are asked.
fn interview(candidates: &mut [Candidate]) {
    let turn = |(i, c): (usize, &Candidate)| Some((i, speaker(&c.block.text).filter(|_| is_open(c))?.to_owned()));
    let turns: Vec<(usize, String)> = candidates.iter().enumerate().filter_map(turn).collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    turns.iter().for_each(|(_, label)| *count.entry(label).or_default() += 1);
    let told: Vec<usize> = turns.iter().filter(|(_, label)| count[label.as_str()] >= TURNS).map(|(i, _)| *i).collect();
    let speakers = count.values().filter(|turns| **turns >= TURNS).count();
    let questions = told.iter().filter(|i| candidates[**i].block.text.ends_with('?')).count();
    let Some(opens) = candidates.iter().position(Candidate::is_solid) else { return };
    if speakers < SPEAKERS || questions < QUESTIONS {
        return;
    }
    for i in told.into_iter().filter(|i| *i > opens) {
        if candidates[i.saturating_sub(APART)..i].iter().any(|c| c.block.dropped.is_none()) {
            candidates[i].block.dropped = None;
        }
    }
}

/// Who speaks, by the label before the colon: `Q`, `Ann Example`.
fn speaker(text: &str) -> Option<&str> {
    let (label, said) = text.split_once(": ").or_else(|| text.split_once('：'))?;
    let short = label.chars().count() <= LABEL_CHARS && label.split(' ').count() <= LABEL_WORDS;
    (short && label.starts_with(char::is_alphabetic) && !label.starts_with(char::is_lowercase) && !said.is_empty())
        .then_some(label)
}

/// The form of a line that states facts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Begins with an amount: `200g soft butter`.
    Amount,
    /// Numbers behind a name: `Kettle Quay: Example 19, Sample 11, Third 8.`
    Tally,
}

/// Takes back lines of a list of which the half is kept.
fn lists(candidates: &mut [Candidate]) {
    let form_of = |c: &Candidate| form(c).filter(|_| is_open(c));
    let mut start = 0;
    while start < candidates.len() {
        let form = form_of(&candidates[start]);
        let list = candidates[start..].iter().take_while(|c| form_of(c) == form).count();
        let lines = &mut candidates[start..start + list];
        let kept = lines.iter().filter(|c| c.block.dropped.is_none()).count();
        let least = if form == Some(Form::Amount) { LISTED } else { TURNS };
        if form.is_some() && list >= least && kept * KEPT_PART >= list {
            lines.iter_mut().for_each(|c| c.block.dropped = None);
        }
        start += list;
    }
}

fn form(c: &Candidate) -> Option<Form> {
    let text = c.block.text.as_str();
    let behind = text.trim_start_matches(|c: char| c.is_numeric() || matches!(c, '½' | '¼' | '¾' | '/' | '-' | '–'));
    let counted = behind.len() < text.len() && !behind.starts_with([':', '.', ')', ',']);
    if counted && !text.ends_with(is_stop) && c.measure.words > 1 {
        return Some(Form::Amount);
    }
    let numbers = |text: &str| text.split(' ').filter(|word| word.starts_with(char::is_numeric)).count();
    let (_, said) = speaker(text).and_then(|_| text.split_once(": "))?;
    (c.measure.commas > 1 && numbers(said) > 2).then_some(Form::Tally)
}

#[cfg(test)]
mod tests {
    use super::super::plain::candidate;
    use super::super::{Anchors, page, text};
    use super::{Candidate, DropReason};
    use crate::stage::html::{Budget, parse};

    const STORY: &str =
        "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.";

    const INTERVIEW: [&str; 8] = [
        "Post: When did you first climb it?",
        "Sample: In May. I was six years old and thought it was a tree.",
        "Post: And then?",
        "Sample: I fell.",
        "Post: Who found you?",
        "Sample: My mother. She had seen it all.",
        "Post: Do you climb it still?",
        "Sample: No.",
    ];

    #[test]
    fn an_interview_is_kept_whole_in_scraped_text_and_in_pages() {
        let lines =
            [&["Home", "News", "Sport", "The man on the crane", "By Ann Example", "Share"], &[STORY][..], &INTERVIEW];
        let scraped = [lines.concat().join("\n"), "Read more\nRoof to wait\n© 2026 Quay Post".to_owned()].join("\n");
        assert!(text(&scraped, None).paragraphs.ends_with(&INTERVIEW.map(str::to_owned)));
        let turns: String =
            INTERVIEW.iter().map(|turn| format!("<p><b>{}</p>", turn.replacen(':', ":</b>", 1))).collect();
        let html = format!(
            "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav><main><h1>The man on the crane</h1><p>By Ann \
             Example</p><div><p>{STORY}</p>{turns}</div></main><aside><h3>Most read</h3><ul><li><a href=/1>Roof to wait</a></ul></aside>"
        );
        let doc = parse(&html, &Budget::default()).unwrap();
        assert_eq!(page(&doc, &Anchors::default()).paragraphs, [&[STORY][..], &INTERVIEW].concat());
    }

    #[test]
    fn a_short_answer_between_paragraphs_is_the_story_and_what_words_name_is_not() {
        let html = format!(
            "<div><p>{STORY}</p><p>Will it cost more?</p><p>No.</p><p>Share this!</p><p>The mayor said so on Monday, and the \
             buyer from the mainland has not been heard of since that day, she said.</p></div>"
        );
        let doc = parse(&html, &Budget::default()).unwrap();
        let kept = page(&doc, &Anchors::default()).paragraphs;
        assert!(kept.contains(&"No.".to_owned()) && !kept.contains(&"Share this!".to_owned()), "{kept:?}");
    }

    #[test]
    fn the_question_over_an_answer_of_one_word_stays_with_it() {
        let turn = |asked: &str, said: &str| format!("<h3>{asked}</h3><p>{said}</p>");
        let turns = [
            turn("When does it open?", "On the 23rd of May, at ten in the morning, when the mayor has cut the ribbon."),
            turn("Is there a kiosk?", "Yes."),
            turn("May dogs come in?", "No, but for the last day of the season, when the water is let out of the pool."),
        ];
        let html = format!(
            "<main><h1>What to know of the pool</h1><p>{STORY}</p>{}<p>{STORY} So be it.</p></main>",
            turns.concat()
        );
        let kept = page(&parse(&html, &Budget::default()).unwrap(), &Anchors::default()).paragraphs;
        assert!(["Is there a kiosk?", "Yes."].iter().all(|line| kept.iter().any(|text| text == line)), "{kept:?}");
    }

    fn listed(lines: &[(&str, bool)]) -> Vec<bool> {
        let of = |(line, kept): &(&str, bool)| {
            let mut c = candidate((*line).to_owned());
            c.block.dropped = (!kept).then_some(DropReason::Fragment);
            c
        };
        let mut candidates: Vec<Candidate> = lines.iter().map(of).collect();
        super::text(&mut candidates);
        candidates.iter().map(|c| c.block.dropped.is_none()).collect()
    }

    #[test]
    fn a_list_that_is_half_kept_is_kept_whole() {
        let ropes = [("400g of old rope", true), ("3 hooks", false), ("2 tins of red paint", true), ("1 brush", false)];
        assert_eq!(listed(&ropes), [true; 4]);
        let score =
            [("Quay: Example 19, Sample 11, Third 8.", false), ("Lowmere: Fourth 27, Fifth 14, Sixth 10.", true)];
        assert_eq!(listed(&score), [true; 2]);
        let offers = [("3 ropes that no sailor needs", false), ("5 hooks on sale", false), ("2 tins of paint", true)];
        assert_eq!(listed(&offers), [false, false, true]);
        let times = [("10:30 Crane falls", true), ("9:15 Storm warning", false), ("8:05 Calm", true)];
        assert_eq!(listed(&times), [true, false, true]);
    }
}
