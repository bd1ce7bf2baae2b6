//! What can be asked of the ledger without a print. Looks, and moves nothing.

use std::collections::BTreeMap;

use super::find::{Matched, similarity};
use super::{Answer, Ledger, Match, State};
use crate::outcome::CopyKind;
use crate::record::Position;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::memory::{Life, Remembered};
use crate::stage::dedupe::verdict::{Differs, Facts, Ruling};

impl Ledger {
    /// The answer that the record at `position` with this value already has by a print of this claim, while that answer
    /// holds. A print of an earlier owner has to be asked again, or its crash would leave it untold.
    pub fn find(&self, position: &Position, value: u128, claim: u32) -> Option<Answer> {
        let seq = self.same(position, value)?;
        let own = self.prints.get(seq).filter(|own| own.claim == claim)?;
        Some(self.answer(seq, own))
    }

    /// True when a print of this position is remembered or under way, whatever became of it. Such a record is never filed
    /// without a print of its own: it might be told for published when a crash falls between commit and `told`.
    pub fn remembers(&self, position: &Position) -> bool {
        self.at(position).is_some() || self.asked.contains(position)
    }

    /// Log offset of the print of this position, when it might still count as published.
    pub fn open_print(&self, position: &Position) -> Option<i64> {
        let (_, print) = self.at(position)?;
        (print.life == Life::Promised).then_some(print.log_offset)
    }

    /// The exact question, without a print: is an article with these keys a copy of something told or promised?
    /// `None` is no verdict, it only means that a print must ask.
    pub fn copy_of(&self, keys: &Keys) -> Option<(CopyKind, Match)> {
        let new = Facts::from(keys);
        let Matched { seq, found, ruling, .. } = self.compare(keys, &new)?;
        let Ruling::Copy(kind) = ruling else { return None };
        let told = self.prints.get(seq)?;
        let (similarity, differs) = (similarity(ruling, None), Differs::facts(&new, &told.facts()).words());
        Some((kind, Match { of: self.original(told), found, similarity, differs }))
    }

    /// What is known of the print at a log offset.
    pub fn state(&self, log_offset: i64) -> State {
        let Some(seq) = self.prints.seq_at(log_offset) else { return State::Unknown };
        match self.prints.get(seq) {
            None => State::Unknown,
            Some(print) if print.life == Life::Told => State::Told,
            Some(_) if self.alive(seq) => State::Promised,
            Some(_) => State::Void,
        }
    }

    /// Log offsets of prints for records of `topic` that were published for certain, since the owner that asked them has itself
    /// committed past them, and are neither told, void nor copies: a crash fell between commit and `told`. `committed` holds, by
    /// partition, the committed offset and the claim it bears. A print that some other owner wrote late proves nothing, whatever
    /// was committed. Every print is looked at once, for all partitions together.
    pub fn untold(&self, topic: &str, committed: &BTreeMap<i32, (i64, u32)>) -> Vec<i64> {
        let past = |p: &Remembered| {
            let owner = committed.get(&p.position.partition);
            owner.is_some_and(|(below, claim)| p.claim == *claim && p.position.offset < *below)
                && self.topics.is(p.position, topic)
        };
        let candidates = self.prints.iter().filter(|(_, p)| past(p));
        candidates
            .filter(|(_, p)| p.life == Life::Promised && !matches!(p.ruling, Ruling::Copy(_)))
            .filter(|(seq, p)| self.at_numbered(p.position).is_some_and(|(latest, _)| latest == *seq))
            .map(|(_, p)| p.log_offset)
            .collect()
    }
}
