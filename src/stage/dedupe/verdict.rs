//! The rules: from what the desk remembers of an article to new, copy, revision, update.
//!
//! One function over two views, so that every rule stands on one screen. It must read nothing but its arguments: the
//! same verdict has to come out on every worker and on every replay.

use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::sketch::{Likeness, Openings};
use crate::article::Status;
use crate::outcome::CopyKind;

/// What a print is, compared with what was told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ruling {
    /// Nothing told before it matches.
    New,
    /// Only a link is published.
    Copy(CopyKind),
    /// Published as another version of the match.
    Revision,
    /// Published: it repeats the match and adds to it.
    Update,
}

/// How a told article was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Found {
    /// Same source and id: its latest version.
    ByIdentity,
    /// Same canonical address: its latest version.
    ByUrl,
    /// Same content.
    ByContent,
    /// Much of its words.
    ByText,
}

/// What the rules read of an article besides its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Hash of its content.
    pub content: u128,
    /// Key of its address; 0 for none.
    pub url: u64,
    /// Status of this version.
    pub status: Status,
    /// Not to be published before, milliseconds since 1970-01-01 UTC.
    pub embargo: Option<i64>,
    /// Version number given by the feed.
    pub version: Option<i64>,
}

impl From<&Keys> for Facts {
    fn from(keys: &Keys) -> Facts {
        let [_, url] = keys.versions();
        let Keys { content, status, embargo, version, .. } = keys;
        Facts { content: *content, url, status: *status, embargo: *embargo, version: *version }
    }
}

/// Rules on `new` against `told`, the first article found in the order identity, address, content.
///
/// * With the same source and id, or address, only equality with the latest version is a copy; a lower version number
///   is filed under the higher one; everything else is a revision. A withdrawal always passes.
/// * With the same content alone, it is a copy when the told article may be matched at all ([`matchable`]).
pub fn rule(new: &Facts, told: &Facts, found: Found) -> Ruling {
    let equal = new.content == told.content;
    match found {
        Found::ByIdentity | Found::ByUrl if equal => Ruling::Copy(CopyKind::Exact),
        Found::ByIdentity if overtaken(new, told) => Ruling::Copy(CopyKind::Near),
        Found::ByIdentity | Found::ByUrl => Ruling::Revision,
        Found::ByContent => Ruling::Copy(CopyKind::Exact),
        Found::ByText => Ruling::Update,
    }
}

/// Whether an article whose reader sees what he saw before may be a copy of its version before: a version that the feed numbers
/// anew, a withdrawal and another embargo are none.
pub fn seen_again(new: &Facts, told: &Facts) -> bool {
    (new.status, new.embargo, new.version) == (told.status, told.embargo, told.version)
}

/// An older version that arrives after a newer one. Withdrawals and holds are never filed away.
fn overtaken(new: &Facts, told: &Facts) -> bool {
    new.status == Status::Usable && matches!((new.version, told.version), (Some(n), Some(t)) if n < t)
}

/// Whether another article may be filed as a copy of this one: usable, and free of embargo at `now`, milliseconds of log
/// time. Asked of the matched version and of the latest one, which may have withdrawn it since.
pub fn matchable(told: &Facts, now: i64) -> bool {
    told.status == Status::Usable && told.embargo.is_none_or(|until| until <= now)
}

/// Share of the new text, in parts of a thousand, that the told story must cover before the text is filed under it.
/// Lower: news that a later take adds is lost; higher: copies with a sentence added are published.
const COPY: u32 = 800;
/// Shingles in both of those in either, from which on two texts are versions of one story.
const ALIKE: u32 = 400;
/// ... or the share of the one that is in the other,
const CONTAINED: u32 = 600;
/// and of the other in the one,
const CONTAINS: u32 = 200;
/// with so many shingles in common, since a share of few is chance.
const COMMON: u64 = 8;

/// Share of the new text that a told story must cover, before both may be other stories with one tail. Lower: later takes with
/// a lede of their own lose their link, and they are published anyway.
const TAIL: u32 = 650;
/// Share of each opening that the other text must have, below which they are,
const OPENING: u32 = 500;
/// ... and where the numbers of the openings differ too:
const OPENING_FILLED_IN: u32 = 600;
/// so many of both,
const OPENING_NUMBERS: usize = 3;
/// of which the other text has not even so many percent.
const OPENING_NUMBERS_SHARED: usize = 35;
/// Share of each of two texts that the other has, from which on it is no tail, however both begin,
const BODY: u32 = 850;
/// when the other has so many percent of its numbers.
const BODY_NUMBERS_SHARED: usize = 80;

/// How strongly a likeness says that both tell one story; `None` when it does not. `titled`: both bear one headline.
pub fn score(like: &Likeness, titled: bool) -> Option<u32> {
    let (more, less) = (like.told_covered.max(like.new_covered), like.told_covered.min(like.new_covered));
    let contained = more >= CONTAINED && less >= CONTAINS && like.common >= COMMON;
    let other = like.numbers.speak_against() || !titled && begin_apart(like);
    let same_story = (like.jaccard >= ALIKE || contained || is_beginning(like)) && !other;
    same_story.then_some(like.jaccard + more)
}

/// True when each text begins with what the other does not have and most of the new one is shared: that stands behind, the
/// company's own words, the hours of the funeral home, an offer to subscribe. A copy with a paragraph put before it has the
/// other's opening further down, a cut has nothing else.
fn begin_apart(like: &Likeness) -> bool {
    let Some(Openings { told_covered, new_covered, numbers }) = like.openings else { return false };
    let of_both = numbers.told + numbers.new;
    let differ = numbers.told.min(numbers.new) > 0
        && of_both >= OPENING_NUMBERS
        && numbers.common * 100 < of_both * OPENING_NUMBERS_SHARED;
    // Most of both is shared, with its numbers: a paper's own lead over the wire's story.
    let less = like.told_covered.min(like.new_covered);
    let fewer = like.numbers.told.min(like.numbers.new);
    if less >= BODY && like.numbers.common * 100 >= fewer * BODY_NUMBERS_SHARED {
        return false;
    }
    let bound = if differ { OPENING_FILLED_IN } else { OPENING };
    like.new_covered >= TAIL && told_covered.max(new_covered) < bound
}

/// Share of a text that the told story must have, and of the told story's opening that the text must have, for it to be a cut
/// of any length: a brief, a teaser, what stands before a paywall. An item of a round-up has not the round-up's opening.
const BEGINNING: u32 = 950;
/// ... with so many shingles in common, some four lines.
const BEGINNING_COMMON: u64 = 40;

/// True for the first paragraphs of the told story, and nothing else.
fn is_beginning(like: &Likeness) -> bool {
    let opens = |openings: Openings| openings.told_covered.min(openings.new_covered) >= BEGINNING;
    like.new_covered >= BEGINNING && like.common >= BEGINNING_COMMON && like.openings.is_some_and(opens)
}

/// Share of a told text that another one has, up to which it may be one item of a round-up,
const ITEM: u32 = 400;
/// and of the told opening, below which it is none of its cuts.
const ITEM_OPENING: u32 = 200;

/// True for a text from the midst of the told one: the told text may be a round-up, and the item stands alone for the first time.
fn is_item(like: &Likeness) -> bool {
    like.told_covered < ITEM && like.openings.is_some_and(|openings| openings.told_covered < ITEM_OPENING)
}

/// Numbers of each text,
const FILLED_IN: usize = 3;
/// of which the other must have so many percent: below it one form may have been filled in twice.
const FILLED_IN_SHARED: usize = 60;

/// True where most words are shared and many numbers are not: the results of another day, or the toll of a later hour.
/// Under one headline they are takes of one story.
fn is_filled_in(like: &Likeness, titled: bool) -> bool {
    let fewer = like.numbers.told.min(like.numbers.new);
    !titled && fewer >= FILLED_IN && like.numbers.common * 100 < fewer * FILLED_IN_SHARED
}

/// Rules on a text that tells a told story: a copy when the story covers most of it, else an update. What [`passes`] is
/// never filed, nor what may be a story of its own in borrowed words.
pub fn near(like: &Likeness, titled: bool, passes: bool) -> Ruling {
    let copies = like.new_covered >= COPY && !passes && !is_item(like) && !is_filled_in(like, titled);
    if copies { Ruling::Copy(CopyKind::Near) } else { Ruling::Update }
}

/// Share of each of two texts that the other has, from which on both are one text that is printed again.
const AGAIN: u32 = 900;
/// ... and where the headlines differ:
const AGAIN_UNTITLED: u32 = 980;
/// with so many shingles in common: a notice of a line or two stands under many headlines.
const AGAIN_COMMON: u64 = 64;

/// True when a text says again what was told: it must not count as a further page of its source, or the fifth printing of one
/// story passes for furniture. A template filled in anew has other numbers or another headline.
pub fn again(like: &Likeness, titled: bool) -> bool {
    let both = like.told_covered.min(like.new_covered);
    let untitled = both >= AGAIN_UNTITLED && like.common >= AGAIN_COMMON;
    like.numbers.agree() && (titled && both >= AGAIN || untitled)
}

/// True when an article is published whatever it repeats: it corrects or withdraws, or bears an embargo that is not over.
pub fn passes(new: &Facts, corrects: bool, now: i64) -> bool {
    corrects || !matchable(new, now)
}

/// Share of a marked update that the told story must have, before it can be that update, printed elsewhere.
const TAKE: u32 = 950;

/// True when a text that is marked as an update brings what its match does not say: numbers, words, or another headline.
pub fn brings(like: &Likeness, titled: bool) -> bool {
    !titled || !like.numbers.agree() || like.new_covered < TAKE
}

/// What differs between an article and its match, as far as prints tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Differs(u8);

/// The words of [`Differs`], one a bit.
const WORDS: [&str; 7] = ["content", "url", "version", "headline", "numbers", "text added", "text cut"];

impl Differs {
    /// Compares the facts.
    pub fn facts(new: &Facts, told: &Facts) -> Differs {
        let differ = [new.content != told.content, new.url != told.url, new.version != told.version];
        Differs(bits(&differ))
    }

    /// Adds what the words tell.
    pub fn text(self, like: &Likeness, headline: bool) -> Differs {
        let differ = [headline, !like.numbers.agree(), like.new_covered < 1000, like.told_covered < 1000];
        Differs(self.0 | bits(&differ) << 3)
    }

    /// In words, for the link record.
    pub fn words(self) -> Vec<String> {
        let set = WORDS.iter().enumerate().filter(|(at, _)| self.0 >> at & 1 == 1);
        set.map(|(_, word)| (*word).to_owned()).collect()
    }
}

fn bits(set: &[bool]) -> u8 {
    set.iter().rev().fold(0, |bits, bit| bits << 1 | u8::from(*bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(content: u128) -> Facts {
        Facts { content, url: 2, status: Status::Usable, embargo: None, version: None }
    }

    #[test]
    fn same_id_with_other_content_is_a_revision_and_with_equal_content_a_copy() {
        assert_eq!(rule(&keys(1), &keys(1), Found::ByIdentity), Ruling::Copy(CopyKind::Exact));
        assert_eq!(rule(&keys(2), &keys(1), Found::ByIdentity), Ruling::Revision);
        assert_eq!(rule(&keys(2), &keys(1), Found::ByUrl), Ruling::Revision);
        assert_eq!(rule(&keys(1), &keys(1), Found::ByContent), Ruling::Copy(CopyKind::Exact));
    }

    #[test]
    fn a_lower_version_is_filed_under_the_higher_one_unless_it_withdraws() {
        let told = Facts { version: Some(3), ..keys(1) };
        let late = Facts { version: Some(2), ..keys(2) };
        let kill = Facts { status: Status::Canceled, ..late };
        assert_eq!(rule(&late, &told, Found::ByIdentity), Ruling::Copy(CopyKind::Near));
        assert_eq!(rule(&kill, &told, Found::ByIdentity), Ruling::Revision);
        assert_eq!(rule(&Facts { version: Some(4), ..keys(2) }, &told, Found::ByIdentity), Ruling::Revision);
    }

    #[test]
    fn embargoed_and_withdrawn_stories_cannot_be_matched() {
        let embargoed = Facts { embargo: Some(100), ..keys(1) };
        let withdrawn = Facts { status: Status::Canceled, ..keys(2) };
        assert!(matchable(&keys(1), 0));
        assert!(!matchable(&embargoed, 99));
        assert!(matchable(&embargoed, 100));
        assert!(!matchable(&withdrawn, 0));
    }
}
