//! Byline lines: said to be one by a word such as `By`, or a name beside a stamp or role.

use super::foot::is_teaser;
use super::unstuck::unstuck;
use super::{Line, MAX_LINE, Opening, Said, printed, without_stamps};
use crate::article::{Author, Block, DropReason};
use crate::stage::extract::date::{self, Context};
use crate::stage::extract::{embargo, name};

/// Reads one block near the headline; `place` is its distance from it, and whether it stands behind.
pub(super) fn byline(blocks: &[Block], index: usize, place: (usize, bool), context: &Context, opening: &mut Opening) {
    let text = blocks[index].text.trim();
    if opening.bylines.len() >= 12 || text.chars().count() > MAX_LINE || text.is_empty() {
        return;
    }
    let text = &*unstuck(text, context);
    let (lead, rest) = name::without_lead(text);
    let bare = without_stamps(rest, context);
    let mut push = |names: &str, said| push_line(opening, names, printed(text, context), said, place);
    if name::names_authors(text) {
        push(&without_stamps(text, context), Said::First);
    } else if is_lead_alone(text) {
        push(&below(blocks, index), Said::First);
    } else if lead.is_some() {
        push(&bare, Said::First);
    } else if let Some(names) = said_inside(&bare) {
        push(names, Said::Inside);
    } else if place.1 && is_name_line(blocks, index, text, &bare, context) {
        push(&bare, Said::Nothing);
    }
}

/// `By`, `Written by:`, `Author` and nothing else: the names stand in the next lines.
fn is_lead_alone(text: &str) -> bool {
    let word = text.trim_end_matches([':', ' ']).to_lowercase();
    matches!(name::without_lead(text), (Some(_), "")) || name::LISTS.label.contains(word.as_str())
}

/// The lines of names below a lead that stands alone.
fn below(blocks: &[Block], index: usize) -> String {
    let lines = blocks[index + 1..].iter().take(3).map(|block| block.text.trim());
    let named = |line: &&str| line.chars().count() < 80 && !name::people(line).is_empty();
    lines.take_while(named).collect::<Vec<_>>().join(", ")
}

/// `Dec 19, 2023 by Ann Example`, `Posted on ... by Ann Example`: what follows the word, unless it is another's work.
fn said_inside(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let at = lower
        .match_indices("by ")
        .map(|(at, _)| at)
        .find(|at| *at > 0 && !lower[..*at].ends_with(char::is_alphanumeric))?;
    let before = lower[..at].trim_end();
    let short = before.split_whitespace().count() <= 6;
    let others = name::LISTS.work.iter().any(|word| before.ends_with(word) || before.ends_with(&format!("{word}s")));
    let names = text[at + 3..].trim_start_matches([':', ' ']);
    let is_sentence = text.ends_with('.') && text.split_whitespace().count() > LONGEST_BYLINE;
    (short && !others && !is_sentence && starts_with_name(names)).then_some(names)
}

/// Words of a line up to which it can be a byline that ends in a full stop: `The bid is backed by Ann Example, ...` goes on.
const LONGEST_BYLINE: usize = 14;

/// A line that is a name: a usual given name, or a usual family name beside a stamp or role in the same or the next line. Towns
/// and sections stand beside stamps as well, and no word tells them from a name that no list knows.
fn is_name_line(blocks: &[Block], index: usize, text: &str, bare: &str, context: &Context) -> bool {
    let ends = text.ends_with(['.', '?', '!', ':']) && !text.ends_with("Jr.") && !text.ends_with("Sr.");
    let credit = text.contains('/') || text.contains("Images") || text.contains("Photo") || text.starts_with('—');
    let sentence = text.contains(['。', '！', '？']);
    // in capitals `EMBARGOED UNTIL` looks like a name
    let held = embargo::line::declares(text, context);
    if text.chars().count() > 90 || ends || sentence || credit || held || !starts_with_name(bare) {
        return false;
    }
    let words = name::people(bare).first().map_or(0, |author| author.name.split_whitespace().count());
    let given = bare.split_whitespace().next().is_some_and(name::is_given);
    let beside = || {
        let around = [index.wrapping_sub(1), index + 1].into_iter().filter_map(|at| blocks.get(at));
        bare.len() < text.len()
            || around
                .into_iter()
                .any(|block| is_stamp(block, context) || block.text.len() <= 60 && name::is_role(&block.text))
    };
    words <= 4 && (given && words <= 3 || is_known(bare) && beside())
}

/// True when one of the names has a usual given or family name, or is in a script of which the lists know none.
fn is_known(names: &str) -> bool {
    name::people(names).iter().any(|author| {
        let first = author.name.split(' ').next().unwrap_or("");
        let last = author.name.rsplit(' ').next().unwrap_or("");
        let usual = name::is_given(first) || name::is_family(last) && !name::is_article(first);
        usual || !author.name.chars().any(|c| c.is_lowercase() || c.is_uppercase())
    })
}

/// A short line with a date in it.
fn is_stamp(block: &Block, context: &Context) -> bool {
    block.text.len() <= 80 && block.text.chars().any(char::is_numeric) && !date::find(&block.text, context).is_empty()
}

/// True when the line's first part is a name.
fn starts_with_name(text: &str) -> bool {
    matches!(name::parts(text).first(), Some(name::Part::Person(_)))
}

fn push_line(opening: &mut Opening, names: &str, text: String, said: Said, (distance, behind): (usize, bool)) {
    let people = name::people(names);
    if !people.is_empty() {
        opening.bylines.push(Line { text, people, said, distance, behind });
    }
}

/// The people that the page names far from the headline: a line that is `Written by` and names and nothing else, or that
/// clean knows for a byline. Lines that name different people belong to different stories, and say nothing.
/// Behind `foot` a line right under the headline of another story is that story's.
pub(super) fn elsewhere(blocks: &[Block], foot: usize, context: &Context, opening: &mut Opening) {
    let Some((headline, _)) = opening.headline else { return };
    let mut first: Option<(usize, Vec<Author>)> = None;
    let others = |at: usize| at > foot && is_teaser(&blocks[at - 1]);
    for index in (headline..blocks.len()).filter(|at| blocks[*at].text.len() <= MAX_FAR && !others(*at)) {
        let people = far(blocks, index, context).map(|names| name::people(&names)).unwrap_or_default();
        match &first {
            _ if people.is_empty() => {}
            None => first = Some((index, people)),
            Some((_, known)) if known[0].name != people[0].name => return,
            Some(_) => {}
        }
    }
    if let Some((index, people)) = first {
        let text = blocks[index].text.trim().to_owned();
        opening.bylines.push(Line { text, people, said: Said::First, distance: index - headline, behind: true });
    }
}

/// The names of a line that may stand far from the headline.
fn far(blocks: &[Block], index: usize, context: &Context) -> Option<String> {
    let block = &blocks[index];
    let text = block.text.trim();
    if is_lead_alone(text) {
        return Some(below(blocks, index)).filter(|names| is_all_names(names));
    }
    let (lead, rest) = name::without_lead(text);
    let names = match lead {
        Some(lead) if name::LISTS.far.contains(lead) => without_stamps(rest, context),
        None if text.contains("written by ") => said_inside(text)?.to_owned(),
        None if block.dropped == Some(DropReason::Byline) => without_stamps(text, context),
        _ => return None,
    };
    let sure = lead.is_some_and(|lead| lead.ends_with(" by")) || text.contains("written by ");
    let given = names.split_whitespace().next().is_some_and(name::is_given);
    (is_all_names(&names) && (sure || given)).then_some(names)
}

/// Longest byline far from the headline, in bytes.
const MAX_FAR: usize = 90;

/// True when every part is a person or a role.
fn is_all_names(text: &str) -> bool {
    let parts = name::parts(text);
    starts_with_name(text) && parts.iter().all(|part| !matches!(part, name::Part::Other(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_inside_a_line_are_authors_unless_it_tells_something_else() {
        for (text, names) in [
            ("Dec 19, 2023 by Ann Example", Some("Ann Example")),
            ("Posted on May 3 by Ann Example.", Some("Ann Example.")),
            ("She is survived by Ann Example and Bob Sample of Korva", None),
            ("He was preceded in death by Ann Example", None),
            ("The bid is backed by Ann Example, Bob Sample and the harbour board, which votes on it in May.", None),
            ("Photo edited by Ann Example", None),
        ] {
            assert_eq!(said_inside(text), names, "{text}");
        }
    }
}
