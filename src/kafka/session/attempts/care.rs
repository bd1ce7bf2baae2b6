//! What follows from how often a partition was begun at an offset in vain: how its next record is handled, and what a commit
//! bears of it. Knows no broker.

use crate::kafka::session::claim::Mark;

/// Assignments without progress after which records go one at a time. Lower: two unlucky kills slow a partition down.
/// Higher: more restarts before it gets on.
const ALONE_FROM: u32 = 3;
/// Assignments without progress after which the record is not read any more: two of them had nothing else under way. Lower: a
/// worker that is killed by chance just as it begins takes an innocent record with it.
const UNREAD_FROM: u32 = 5;
/// Offsets over which records go one at a time: above what can be under way before a commit (1,000 records by default).
const STRETCH: i64 = 2_000;

/// How a record is to be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kafka::session) enum Care {
    /// Like any other.
    Usual,
    /// With no other of its partition beside it.
    Alone,
    /// To the dead letters, unread.
    Unread,
}

/// What an assignment knows of those before it. Forgotten once the partition gets on as usual.
#[derive(Debug, Clone, Copy)]
pub(in crate::kafka::session) struct Attempts {
    pub(super) begin: i64,
    pub(super) inherited: Mark,
    counted: bool,
    moved: bool,
}

impl Attempts {
    /// Of a partition that begins at the committed offset `begin`, which bears `inherited`.
    pub(in crate::kafka::session) fn new(begin: i64, inherited: Mark) -> Attempts {
        Attempts { begin, inherited, counted: false, moved: false }
    }

    /// What to commit at the begin before a record goes down its lane; `None` when that was done.
    pub(super) fn count(&self) -> Option<Mark> {
        let mark = Mark { attempts: self.inherited.attempts.saturating_add(1), ..self.inherited };
        (!self.counted).then_some(mark)
    }

    /// The count stands.
    pub(super) fn counted(self) -> Attempts {
        Attempts { counted: true, ..self }
    }

    /// What to commit at the begin when the partition is handed over in order, where it was counted and got nowhere.
    pub(super) fn take_back(&self) -> Option<Mark> {
        (self.counted && !self.moved).then_some(self.inherited)
    }

    pub(super) fn care(&self) -> Care {
        match self.inherited.attempts {
            attempts if attempts >= UNREAD_FROM && !self.moved => Care::Unread,
            attempts if attempts >= ALONE_FROM => Care::Alone,
            _ => Care::Usual,
        }
    }

    /// What a commit at `next` bears, made under `claim`: within the stretch, an heir goes on one record at a time.
    pub(super) fn carried(&self, claim: u32, next: i64) -> Mark {
        let until = self.inherited.until.unwrap_or(self.begin.saturating_add(STRETCH));
        let within = self.care() != Care::Usual && next < until;
        let (attempts, until) = if within { (ALONE_FROM, Some(until)) } else { (0, None) };
        Mark { claim: Some(claim), attempts, until }
    }

    /// Takes note of a commit at `next`; `None` once all goes as usual.
    pub(super) fn moved_to(self, next: i64) -> Option<Attempts> {
        (self.carried(0, next).attempts > 0).then_some(Attempts { moved: true, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 100;

    fn inherits(attempts: u32) -> Attempts {
        Attempts::new(AT, Mark { claim: Some(7), attempts, until: None })
    }

    /// The mark that the next owner finds after an assignment took a record and its process ended.
    fn crashed(mark: Mark) -> (Care, Mark) {
        let attempts = Attempts::new(AT, mark);
        (attempts.care(), attempts.count().unwrap())
    }

    #[test]
    fn after_three_attempts_in_vain_records_go_alone_and_after_two_more_one_is_set_aside() {
        let mut mark = Mark { claim: Some(7), ..Mark::default() };
        let mut cares = Vec::new();
        for _ in 0..7 {
            let (care, next) = crashed(mark);
            cares.push(care);
            mark = next;
        }
        use Care::{Alone, Unread, Usual};
        assert_eq!(cares, [Usual, Usual, Usual, Alone, Alone, Unread, Unread]);
        assert_eq!(mark, Mark { claim: Some(7), attempts: 7, until: None });
    }

    #[test]
    fn an_attempt_is_counted_once_and_only_when_a_record_is_taken() {
        let attempts = inherits(1);
        assert_eq!(attempts.take_back(), None);
        assert_eq!(attempts.count().map(|mark| mark.attempts), Some(2));
        assert_eq!(attempts.counted().count(), None);
    }

    #[test]
    fn handed_over_in_order_the_count_is_what_it_was() {
        let attempts = inherits(2).counted();
        assert_eq!(attempts.take_back().map(|mark| mark.attempts), Some(2));
    }

    #[test]
    fn progress_forgets_the_count() {
        let attempts = inherits(2).counted();
        assert_eq!(attempts.carried(8, AT + 1), Mark { claim: Some(8), attempts: 0, until: None });
        assert!(attempts.moved_to(AT + 1).is_none());
    }

    #[test]
    fn over_the_stretch_records_stay_alone_through_a_crash_and_only_the_first_is_set_aside() {
        let attempts = inherits(5).counted();
        assert_eq!((attempts.care(), attempts.carried(8, AT + 1).attempts), (Care::Unread, ALONE_FROM));
        let on = attempts.moved_to(AT + 1).unwrap();
        assert_eq!((on.care(), on.take_back()), (Care::Alone, None));
        assert_eq!(on.carried(8, AT + STRETCH).attempts, 0);
        assert!(on.moved_to(AT + STRETCH).is_none());
    }

    #[test]
    fn an_heir_within_the_stretch_does_not_make_it_longer() {
        let mark = inherits(3).counted().carried(8, AT + 50);
        let heir = Attempts::new(AT + 50, mark);
        assert_eq!((heir.care(), heir.carried(9, AT + STRETCH - 1).attempts), (Care::Alone, ALONE_FROM));
        assert_eq!(heir.carried(9, AT + STRETCH).attempts, 0);
        assert_eq!(heir.count().and_then(|mark| mark.until), Some(AT + STRETCH));
    }
}
