//! Portraits of the author at the end of a story: "Ann Example covers the harbour."
//!
//! The name must stand in the byline; without a byline nobody is known to be the author.

use super::candidate::Candidate;
use super::phrase;
use crate::article::DropReason;

/// Kept blocks at the end among which the author's portrait is looked for.
const PORTRAIT: usize = 3;

/// Most words of a name.
const NAME: usize = 5;

/// Weight up to which a block can be a portrait told from a longer byline.
const LONGEST: u32 = 320;

/// Drops portraits of the author: paragraphs that begin with the name that is the byline.
pub(super) fn judge(candidates: &mut [Candidate]) {
    let Some(last) = candidates.iter().rposition(Candidate::is_solid) else { return };
    let names: Vec<String> = candidates[..=last].iter().filter_map(author).collect();
    for c in candidates.iter_mut().filter(|c| c.block.dropped.is_none()).rev().take(PORTRAIT) {
        let key = c.key();
        if names.iter().any(|name| key.starts_with(name.as_str()) && key.len() > name.len()) {
            c.block.dropped = Some(DropReason::AuthorBox);
        }
    }
}

/// The kept blocks near the end that begin with a name out of a byline and then say what portraits say ("covers", "is a").
pub(super) fn told(candidates: &[Candidate]) -> Vec<usize> {
    let Some(last) = candidates.iter().rposition(Candidate::is_solid) else { return Vec::new() };
    let is_byline = |c: &&Candidate| c.block.dropped == Some(DropReason::Byline);
    let bylines: Vec<String> = candidates[..=last].iter().filter(is_byline).map(|c| format!(" {} ", c.key())).collect();
    let kept = (0..candidates.len()).rev().filter(|i| candidates[*i].block.dropped.is_none()).take(PORTRAIT);
    let fits = |c: &Candidate| c.measure.weight <= LONGEST && portrays(c.key(), &bylines);
    kept.filter(|i| fits(&candidates[*i])).collect()
}

/// The name in a byline, as a key.
fn author(c: &Candidate) -> Option<String> {
    let named = matches!(c.block.dropped, Some(DropReason::Byline | DropReason::AuthorBox));
    if !named || c.measure.weight > 40 || !(2..=4).contains(&c.measure.capitals) {
        return None;
    }
    let key = c.key();
    let name = key.strip_prefix("by ").unwrap_or(key);
    (2..=3).contains(&name.split(' ').count()).then(|| name.to_owned())
}

/// True when a text begins with a name of the bylines and goes on as portraits do.
fn portrays(key: &str, bylines: &[String]) -> bool {
    let ends = key.match_indices(' ').map(|(at, _)| at).skip(1).take(NAME - 1);
    ends.into_iter().any(|end| {
        let (name, rest) = (&key[..end], &key[end + 1..]);
        phrase::portrays(rest) && bylines.iter().any(|byline| byline.contains(&format!(" {name} ")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::plain::candidate;
    use super::*;

    const STORY: &str =
        "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.";

    fn kept(byline: &str, end: &str) -> bool {
        let mut candidates: Vec<Candidate> =
            [byline, STORY, end].iter().map(|text| candidate((*text).to_owned())).collect();
        candidates[0].block.dropped = Some(DropReason::Byline);
        let told = told(&candidates).contains(&2);
        judge(&mut candidates);
        candidates[2].block.dropped.is_none() && !told
    }

    #[test]
    fn a_portrait_goes_and_the_story_stays() {
        let byline = "By Ann Example and Bob J. Sample-Third, Staff Writers";
        for end in [
            "Ann Example covers the harbour for the Courier. Reach her at ann@example.com.",
            "• Bob J. Sample-Third is a novelist and a former mayor of Lowmere.",
            "Ann Example is the Courier's local democracy reporter.",
        ] {
            assert!(!kept(byline, end), "{end}");
        }
        for end in [
            "Ann Example saw the crane fall in January.",
            "Cy Fourth covers the harbour for the Courier.",
            "Ann Other is a member of the council and voted for the crane.",
            "Example is a town of four thousand people on the east coast.",
        ] {
            assert!(kept(byline, end), "{end}");
        }
        assert!(!kept("Ann Example", "Ann Example saw the world before she wrote of the harbour."));
    }
}
