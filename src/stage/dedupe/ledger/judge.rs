//! What a print's verdict is, by what the desk remembers when its turn comes.

use super::find::Matched;
use super::{Answer, Ledger};
use crate::outcome::CopyKind;
use crate::stage::dedupe::memory::Remembered;
use crate::stage::dedupe::near::generation;
use crate::stage::dedupe::print::Print;
use crate::stage::dedupe::sketch::Question;
use crate::stage::dedupe::verdict::{self, Differs, Facts, Ruling};
use crate::stage::dedupe::wording::Wording;

/// A print with its verdict.
pub(super) struct Judged<'p> {
    pub own: Remembered,
    /// The question of its words, if it has any.
    pub question: Option<Question<'p>>,
    /// It says again what its match said.
    pub again: bool,
}

impl Ledger {
    pub(super) fn judge(&mut self, offset: i64, print: &Print) -> Answer {
        self.asked.remove(&print.position);
        if let Some(answer) = self.ask_again(print) {
            return answer;
        }
        let judged = self.judged(offset, print);
        let answer = self.answer(self.prints.next(), &judged.own);
        self.remember(judged);
        answer
    }

    /// A print with its verdict. It is not remembered yet, and counts for nothing.
    fn judged<'p>(&mut self, offset: i64, print: &'p Print) -> Judged<'p> {
        let now = self.now.unwrap_or_default();
        self.near.turn(generation(offset, now, self.judging.window));
        let mut question = print.story().map(|wording| self.near.question(wording));
        let new = Facts::from(&print.keys);
        let matched = self
            .compare(&print.keys, &new)
            .map(|matched| self.seen_again(print, &new, matched))
            .or_else(|| self.near(question.as_mut()?, &new));
        let again = matched.as_ref().is_some_and(|matched| self.again(print, matched));
        let position = self.topics.number(&print.position);
        let mut own = Remembered::new(print, position, offset, now);
        if let Some(matched) = matched {
            self.relate(&mut own, &new, &matched);
        }
        Judged { own, question, again }
    }

    /// The answer that a print would get if it came next, stamped `timestamp`. Of several that are asked so, none knows of another.
    /// For those who only look: the counts grow as old as `timestamp` says.
    pub fn would(&mut self, timestamp: i64, print: &Print) -> Answer {
        let (now, next) = (self.now, self.next_offset);
        self.pass(next, timestamp);
        let living = self.same(&print.position, print.value).and_then(|seq| Some((seq, self.prints.get(seq)?)));
        let answer = match living {
            Some((seq, own)) => self.answer(seq, own),
            None => {
                let own = self.judged(next, print).own;
                self.answer(self.prints.next(), &own)
            }
        };
        (self.now, self.next_offset) = (now, next);
        answer
    }

    /// The page of an article that was read again, and changed only round the article, is an exact copy of its version before.
    fn seen_again(&self, print: &Print, new: &Facts, matched: Matched) -> Matched {
        let told = self.prints.get(matched.seq);
        let same = |told: &Remembered| print.wording.article == told.article && verdict::seen_again(new, &told.facts());
        let same = print.wording.article != 0 && matched.ruling == Ruling::Revision && told.is_some_and(same);
        if same { Matched { ruling: Ruling::Copy(CopyKind::Exact), ..matched } } else { matched }
    }

    /// True when a print says again what its match said: another version of it, or the same words.
    fn again(&self, print: &Print, matched: &Matched) -> bool {
        matched.like.is_none_or(|like| verdict::again(&like, self.titled(matched.seq, &print.wording)))
    }

    /// True when a remembered text stands under the headline of another.
    pub(super) fn titled(&self, seq: u32, wording: &Wording) -> bool {
        wording.headline != 0 && self.prints.get(seq).is_some_and(|told| told.headline == wording.headline)
    }

    /// Writes down the match and what differs from it.
    fn relate(&self, own: &mut Remembered, new: &Facts, matched: &Matched) {
        let Some(told) = self.prints.get(matched.seq) else { return };
        own.ruling = matched.ruling;
        own.found = matched.found;
        own.matched = self.prints.next().wrapping_sub(matched.seq);
        own.story = Some(told.story());
        own.differs = Differs::facts(new, &told.facts());
        if let Some(like) = matched.like {
            own.differs = own.differs.text(&like, own.headline != told.headline);
            own.similarity = u16::try_from(like.new_covered).ok();
        }
    }
}
