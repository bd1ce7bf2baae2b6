//! What an article is found by in the ledger, whether a print still counts, and the answer it has. Looks, and moves nothing.

use std::hash::{BuildHasher, Hash};

use super::{Answer, Ledger, Match, Original, Word};
use crate::outcome::CopyKind;
use crate::record::Position;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::memory::{Life, NumberedPosition, Remembered};
use crate::stage::dedupe::postings::Seq;
use crate::stage::dedupe::sketch::{Likeness, Question};
use crate::stage::dedupe::verdict::{self, Facts, Found, Ruling};

/// Articles of one content that are looked at, oldest first. More than one there is only where the first was withdrawn, or
/// where versions go back and forth.
const SAME_CONTENT: usize = 64;

impl Ledger {
    pub(super) fn same(&self, position: &Position, value: u128) -> Option<Seq> {
        let (seq, own) = self.at(position)?;
        (own.value == value as u64 && self.alive(seq)).then_some(seq)
    }

    /// The first article that matches, in the order identity, address, content, and the rule's word on it.
    pub(super) fn compare(&self, keys: &Keys, new: &Facts) -> Option<Matched> {
        let [identity, url] = keys.versions();
        let (seq, found) = self.latest(0, identity).map(|seq| (seq, Found::ByIdentity)).or_else(|| {
            let by_url = self.latest(1, url).map(|seq| (seq, Found::ByUrl));
            by_url.or_else(|| self.same_content(new).map(|seq| (seq, Found::ByContent)))
        })?;
        let ruling = verdict::rule(new, &self.prints.get(seq)?.facts(), found);
        Some(Matched { seq, found, ruling, like: None })
    }

    /// The told story that has most of these words, and the rule's word on it.
    pub(super) fn near(&self, question: &mut Question, new: &Facts) -> Option<Matched> {
        let told = |seq: Seq| self.matchable(seq).map(|print| (&print.sketch, print.headline));
        let (seq, like) = self.near.best(question, (self.prints.first(), self.prints.next()), told)?;
        let wording = question.wording;
        let titled = self.titled(seq, wording);
        let brings = wording.updates && verdict::brings(&like, titled);
        let passes = brings || verdict::passes(new, wording.corrects, self.now.unwrap_or_default());
        let ruling = verdict::near(&like, titled, passes);
        Some(Matched { seq, found: Found::ByText, ruling, like: Some(like) })
    }

    /// The latest version alive by one of the two version keys: 0 source and id, 1 address.
    fn latest(&self, by: usize, key: u64) -> Option<Seq> {
        let mut latest = None;
        if key != 0 {
            self.versions[by].find_back(self.hash(key), self.prints.first(), |seq| {
                let own = self.prints.get(seq).is_some_and(|print| print.versions[by] == key);
                latest = (own && self.alive(seq)).then_some(seq);
                latest.is_none()
            });
        }
        latest
    }

    fn same_content(&self, new: &Facts) -> Option<Seq> {
        let (mut found, mut room) = (None, SAME_CONTENT);
        self.contents.find(self.hash(new.content), self.prints.first(), |seq| {
            if self.prints.get(seq).is_some_and(|print| print.facts().content == new.content) {
                room -= 1;
                found = self.matchable(seq).map(|_| seq);
            }
            found.is_none() && room > 0
        });
        found
    }

    /// The print, when another article may be filed under it: alive, usable, free of embargo, and its latest version too.
    fn matchable(&self, seq: Seq) -> Option<&Remembered> {
        let print = self.prints.get(seq).filter(|_| self.alive(seq))?;
        let [identity, url] = print.versions;
        let latest = [self.latest(0, identity), self.latest(1, url), Some(seq)];
        let mut versions = latest.into_iter().flatten().filter_map(|seq| self.prints.get(seq));
        versions.all(|v| verdict::matchable(&v.facts(), self.now.unwrap_or_default())).then_some(print)
    }

    pub(super) fn alive(&self, seq: Seq) -> bool {
        let Some(print) = self.prints.get(seq) else { return false };
        let story = match print.ruling {
            Ruling::Copy(_) => self.prints.get(seq.wrapping_sub(print.matched)),
            Ruling::New | Ruling::Revision | Ruling::Update => Some(print),
        };
        let young = |p: &Remembered| self.now.unwrap_or_default().saturating_sub(p.log_time) <= self.judging.promise;
        print.life != Life::Void
            && story.is_some_and(|s| s.life == Life::Told || (s.life == Life::Promised && young(s)))
    }

    pub(super) fn answer(&self, seq: Seq, print: &Remembered) -> Answer {
        let of = (print.matched != 0).then(|| self.prints.get(seq.wrapping_sub(print.matched))).flatten();
        let matched = of.map(|of| Match {
            of: self.original(of),
            found: print.found,
            similarity: similarity(print.ruling, print.similarity),
            differs: print.differs.words(),
        });
        // A match that has left the window since is not named any more; a copy is not alive without it, so only a
        // revision or an update read again long after is published as new.
        let word = match (print.ruling, matched) {
            (Ruling::New, _) | (_, None) => Word::New,
            (Ruling::Copy(kind), Some(matched)) => Word::Copy(kind, matched),
            (Ruling::Revision, Some(matched)) => Word::Revision(matched),
            (Ruling::Update, Some(matched)) => Word::Update(matched),
        };
        Answer { sequence: print.log_offset, word, story: print.story() }
    }

    pub(super) fn original(&self, told: &Remembered) -> Original {
        let position = self.topics.named(told.position);
        Original { id: told.id.to_string(), position, timestamp: told.timestamp(), print: told.log_offset }
    }

    /// The latest print of a position.
    pub(super) fn at(&self, position: &Position) -> Option<(Seq, &Remembered)> {
        self.at_numbered(self.topics.find(position)?)
    }

    pub(super) fn at_numbered(&self, position: NumberedPosition) -> Option<(Seq, &Remembered)> {
        let mut latest = None;
        self.positions.find_back(self.hash(position), self.prints.first(), |seq| {
            latest = self.prints.get(seq).filter(|print| print.position == position).map(|print| (seq, print));
            latest.is_none()
        });
        latest
    }

    pub(super) fn hash(&self, key: impl Hash) -> u32 {
        self.hasher.hash_one(key) as u32
    }
}

/// What an article was matched with, and the rule's word on it.
pub(super) struct Matched {
    pub seq: Seq,
    pub found: Found,
    pub ruling: Ruling,
    /// Where the words were compared.
    pub like: Option<Likeness>,
}

/// The share of the new text that the match covers: all of equal content; an older version that arrived late was not compared.
pub(super) fn similarity(ruling: Ruling, compared: Option<u16>) -> Option<f64> {
    let compared = compared.map(|parts| f64::from(parts) / 1000.0);
    if ruling == Ruling::Copy(CopyKind::Exact) { Some(1.0) } else { compared }
}
