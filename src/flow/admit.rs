//! Admission: what a prepared record needs before it can be finished. Pure decisions over the index; the waiting and the
//! appending happen around them.
//!
//! Admission is a promise: what passes here is published or filed, never rejected any more.

use crate::article::CleanArticle;
use crate::outcome::{CopyKind, Rejection};
use crate::record::Record;
use crate::settings::DedupeMode;
use crate::stage::Prepared;
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::ledger::{Answer, Ledger, Match, Word};
use crate::stage::dedupe::print::Print;

/// A record that has its verdict, or needs none.
#[derive(Debug)]
pub enum Admitted {
    /// It becomes a dead letter.
    Dead(Rejection),
    /// It becomes a link.
    Filed(String, CopyKind, Match),
    /// It is published, with its verdict where one was asked for.
    Publish(String, Box<CleanArticle>, Option<Answer>),
}

/// What a prepared record needs.
#[derive(Debug)]
pub enum Admission {
    /// Nothing.
    Ready(Admitted),
    /// It dies although a print of it may still count as published: the log must hold `void` for that print first.
    Void(i64, Rejection),
    /// The print log must be asked.
    Ask(Box<Print>, Box<CleanArticle>),
}

/// What a print needs to be known by.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// A number that nobody else uses for a print.
    pub nonce: u64,
    /// The claim of the lane, [`super::LaneId::claim`].
    pub claim: u32,
}

/// The exact question, answered from the index alone. Only where copies are filed unread, and never for a record that
/// has a print, whatever became of it: that print is its answer, or a new one must be.
pub fn recognise(ledger: &Ledger, mode: DedupeMode, record: &Record, keys: &Keys) -> Option<(CopyKind, Match)> {
    let position = record.position.as_ref().filter(|_| mode == DedupeMode::On)?;
    if ledger.remembers(position) { None } else { ledger.copy_of(keys) }
}

/// What a record needs. Its preparation comes with the hash of its bytes; `ask` names the print it may need.
pub fn admission(
    ledger: &Ledger,
    mode: DedupeMode,
    record: &Record,
    prepared: Result<(Prepared, u128), Rejection>,
    Ask { nonce, claim }: Ask,
) -> Admission {
    let position = record.position.as_ref();
    match prepared {
        Err(rejection) => match position.and_then(|position| ledger.open_print(position)) {
            Some(print) => Admission::Void(print, rejection),
            None => Admission::Ready(Admitted::Dead(rejection)),
        },
        Ok((Prepared::Known(keys, kind, matched), _)) => Admission::Ready(Admitted::Filed(keys.id, kind, matched)),
        Ok((Prepared::Clean(keys, article, wording), value)) => {
            let Some(position) = position.filter(|_| mode != DedupeMode::Off) else {
                return Admission::Ready(Admitted::Publish(keys.id, article, None));
            };
            if let Some(answer) = ledger.find(position, value, claim) {
                return Admission::Ready(answered(mode, keys.id, article, answer));
            }
            let (position, timestamp) = (position.clone(), record.timestamp);
            let print = Print { algorithm: ALGORITHM, nonce, position, timestamp, claim, value, keys, wording };
            Admission::Ask(Box::new(print), article)
        }
    }
}

/// What becomes of an article with this answer.
pub fn answered(mode: DedupeMode, id: String, article: Box<CleanArticle>, answer: Answer) -> Admitted {
    match answer.word {
        Word::Copy(kind, matched) if mode == DedupeMode::On => Admitted::Filed(id, kind, matched),
        _ => Admitted::Publish(id, article, Some(answer)),
    }
}

impl Admitted {
    /// The own print that publishing makes told. A copy that is published all the same (`mark`) never counts as told.
    pub fn told(&self) -> Option<i64> {
        match self {
            Admitted::Publish(_, _, Some(answer)) if !answer.is_copy() => Some(answer.sequence),
            Admitted::Publish(..) | Admitted::Filed(..) | Admitted::Dead(_) => None,
        }
    }

    /// Print of the story this is filed under: it must be published no later.
    pub fn needs(&self) -> Option<i64> {
        match self {
            Admitted::Filed(_, _, matched) => Some(matched.of.print),
            Admitted::Publish(..) | Admitted::Dead(_) => None,
        }
    }
}
