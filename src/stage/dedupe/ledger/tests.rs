//! The ledger's rules, one story each.

mod made_up;
mod near;

use super::*;
use crate::outcome::CopyKind;
use std::collections::BTreeMap;

use crate::article::{Status, VerdictKind};
use crate::record::Offset;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::wording::Wording;

const MINUTE: i64 = 60_000;

/// A log of one desk, and a ledger that reads it as it grows.
struct Desk {
    ledger: Ledger,
    offset: i64,
    time: i64,
}

fn judging() -> Judging {
    Judging { algorithm: ALGORITHM, window: 72 * 60 * MINUTE, max_articles: 100, promise: 2 * MINUTE }
}

fn keys(id: &str, content: u128) -> Keys {
    let identity = Some(id.bytes().fold(7u128, |h, b| h * 31 + u128::from(b)));
    Keys { id: id.into(), content, identity, url: None, status: Status::Usable, embargo: None, version: None }
}

/// The verdict, and the id and print of what it was matched with.
fn says(answer: &Answer) -> (VerdictKind, &str, i64) {
    match &answer.word {
        Word::New => (VerdictKind::New, "", -1),
        Word::Copy(_, m) => (VerdictKind::Copy, &m.of.id, m.of.print),
        Word::Revision(m) => (VerdictKind::Revision, &m.of.id, m.of.print),
        Word::Update(m) => (VerdictKind::Update, &m.of.id, m.of.print),
    }
}

fn position(offset: i64) -> Position {
    Position { topic: "raw".into(), partition: 0, offset: Offset(offset) }
}

fn print(at: i64, keys: Keys) -> Print {
    let (value, wording) = (keys.content, Wording::default());
    Print { algorithm: ALGORITHM, nonce: 5, claim: 3, position: position(at), timestamp: None, value, keys, wording }
}

impl Desk {
    fn new() -> Desk {
        Desk { ledger: Ledger::new(1, judging()), offset: 0, time: 1_000_000 }
    }

    fn append(&mut self, entry: Entry) -> Applied {
        self.offset += 1;
        self.ledger.apply(self.offset, self.time, &LogRecord { desk: 1, entry })
    }

    fn print(&mut self, at: i64, keys: Keys) -> Answer {
        match self.append(Entry::Print(print(at, keys))) {
            Applied::Judged(5, answer) => answer,
            other => unreachable!("a print is judged, not {other:?}"),
        }
    }

    fn told(&mut self, answer: &Answer) {
        self.append(Entry::Told(vec![answer.sequence]));
    }
}

#[test]
fn a_copy_names_the_first_and_shares_its_story() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    let copy = desk.print(2, keys("b", 10));
    assert_eq!(first.word, Word::New);
    assert!(matches!(copy.word, Word::Copy(CopyKind::Exact, _)));
    assert_eq!(says(&copy), (VerdictKind::Copy, "a", first.sequence));
    assert_eq!(copy.story.id, "a");
}

#[test]
fn what_would_be_said_is_what_is_said_and_is_not_remembered() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    let before = (desk.ledger.len(), desk.ledger.next_offset());
    let mut would = |at, keys| {
        let said = desk.ledger.would(desk.time + 200 * MINUTE, &print(at, keys));
        (said.word == Word::New, says(&said).1.to_owned())
    };
    assert_eq!(would(2, keys("b", 10)), (false, "a".into()));
    assert_eq!(would(3, keys("c", 20)), (true, String::new()));
    assert_eq!(would(4, keys("d", 20)), (true, String::new()), "nothing is a copy of what was only asked");
    assert_eq!(would(1, keys("a", 10)), (true, String::new()), "a record that has a print gets that one's answer");
    assert_eq!((desk.ledger.len(), desk.ledger.next_offset()), before);
    desk.time += 1;
    let own = desk.ledger.would(desk.time, &print(4, keys("d", 20)));
    assert_eq!(desk.print(4, keys("d", 20)), own, "at the same place and time");
}

#[test]
fn copies_of_a_copy_name_the_first() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    desk.print(2, keys("b", 10));
    assert_eq!(says(&desk.print(3, keys("c", 10))).1, "a");
}

#[test]
fn an_article_is_never_a_duplicate_of_itself() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    assert_eq!(desk.print(1, keys("a", 10)), first);
    desk.told(&first);
    assert_eq!(desk.print(1, keys("a", 10)), first);
    assert_eq!(desk.ledger.find(&position(1), 10, 3), Some(first));
}

#[test]
fn the_same_place_with_another_value_is_another_article() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    assert_eq!(desk.ledger.find(&position(1), 11, 3), None);
    assert_eq!(says(&desk.print(1, keys("b", 11))).0, VerdictKind::New);
}

#[test]
fn a_copy_of_a_promise_falls_with_it() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    let copy = desk.print(2, keys("b", 10));
    assert_eq!(says(&copy).0, VerdictKind::Copy);
    assert_eq!(desk.ledger.state(first.sequence), State::Promised);
    desk.append(Entry::Void(vec![first.sequence]));
    assert_eq!(desk.ledger.state(first.sequence), State::Void);
    assert_eq!(desk.ledger.find(&position(2), 10, 3), None);
    assert_eq!(says(&desk.print(2, keys("b", 10))).0, VerdictKind::New);
    assert_eq!(says(&desk.print(1, keys("a", 10))).1, "b");
}

#[test]
fn a_promise_lapses_by_log_time_only() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.time += 2 * MINUTE;
    assert_eq!(says(&desk.print(2, keys("b", 10))).0, VerdictKind::Copy);
    desk.time += 1;
    assert_eq!(says(&desk.print(3, keys("c", 10))).0, VerdictKind::New);
    assert_eq!(desk.ledger.state(first.sequence), State::Void);
    desk.told(&first);
    assert_eq!(desk.ledger.state(first.sequence), State::Told, "it was published after all");
}

#[test]
fn a_told_story_cannot_be_made_void() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    desk.append(Entry::Void(vec![first.sequence]));
    assert_eq!(desk.ledger.state(first.sequence), State::Told);
}

#[test]
fn a_new_version_is_a_revision_of_the_latest_that_holds() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    let second = desk.print(2, keys("a", 11));
    assert_eq!(says(&second), (VerdictKind::Revision, "a", first.sequence));
    desk.append(Entry::Void(vec![second.sequence]));
    let third = desk.print(3, keys("a", 12));
    assert_eq!(says(&third).2, first.sequence, "the void version is passed over");
    assert_eq!(says(&desk.print(4, keys("a", 10))).2, third.sequence, "an old text again is a revision");
}

#[test]
fn copies_of_a_withdrawn_story_are_published() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    let kill = Keys { status: Status::Canceled, ..keys("a", 99) };
    let killed = desk.print(2, kill.clone());
    assert_eq!(says(&killed).0, VerdictKind::Revision);
    desk.told(&killed);
    assert_eq!(says(&desk.print(3, keys("b", 10))).0, VerdictKind::New);
    assert_eq!(says(&desk.print(4, kill)).0, VerdictKind::Copy, "a kill is filed only under itself");
}

#[test]
fn an_embargoed_story_is_matched_once_its_time_has_come() {
    let mut desk = Desk::new();
    let embargoed = |id| Keys { embargo: Some(1_000_000 + 3 * MINUTE), ..keys(id, 10) };
    let first = desk.print(1, embargoed("a"));
    desk.told(&first);
    assert_eq!(says(&desk.print(2, embargoed("b"))).0, VerdictKind::New);
    desk.time += 3 * MINUTE;
    assert_eq!(says(&desk.print(3, embargoed("c"))).0, VerdictKind::Copy);
}

#[test]
fn the_exact_question_is_answered_without_a_print() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    let (kind, matched) = desk.ledger.copy_of(&keys("b", 10)).unwrap();
    assert_eq!((kind, matched.of.print), (CopyKind::Exact, first.sequence));
    assert_eq!(desk.ledger.copy_of(&keys("a", 11)), None, "a revision needs a print");
    assert_eq!(desk.ledger.copy_of(&keys("c", 12)), None);
    assert!(desk.ledger.remembers(&position(1)) && !desk.ledger.remembers(&position(2)));
}

#[test]
fn the_window_is_bounded_by_time_and_by_count() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    for hour in 0..73 {
        desk.time += 60 * MINUTE;
        desk.print(100 + hour, keys("tick", 1000 + hour as u128));
    }
    assert_eq!(desk.ledger.state(first.sequence), State::Unknown);
    assert_eq!(says(&desk.print(2, keys("b", 10))).0, VerdictKind::New);
    for n in 0..300 {
        desk.print(1000 + n, keys("many", 5000 + n as u128));
    }
    assert_eq!(desk.ledger.len(), 100);
}

#[test]
fn log_time_moves_forward_only_and_by_an_hour_at_most() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.told(&first);
    desk.time += 10_000 * 60 * MINUTE;
    desk.print(2, keys("b", 11));
    assert_eq!(desk.ledger.state(first.sequence), State::Told, "one wild stamp does not empty the window");
    desk.time = 0;
    desk.print(3, keys("c", 12));
    assert_eq!(desk.ledger.now, Some(1_000_000 + LARGEST_STEP));
}

#[test]
fn other_desks_and_unknown_versions_are_passed_over() {
    let mut desk = Desk::new();
    let foreign = LogRecord { desk: 2, entry: Entry::Told(vec![1]) };
    assert_eq!(desk.ledger.apply(9, 0, &foreign), Applied::Skipped(Skip::ForeignDesk));
    let later = Judging { algorithm: ALGORITHM + 1, ..judging() };
    assert_eq!(desk.append(Entry::Settings(later)), Applied::Skipped(Skip::UnknownVersion));
    assert_eq!(desk.ledger.settings(), None);
}

#[test]
fn settings_count_from_their_place_in_the_log() {
    let mut desk = Desk::new();
    let first = desk.print(1, keys("a", 10));
    desk.time += MINUTE;
    desk.append(Entry::Settings(Judging { promise: 1000, ..judging() }));
    assert_eq!(desk.ledger.settings().unwrap().promise, 1000);
    assert_eq!(desk.ledger.state(first.sequence), State::Void);
}

#[test]
fn prints_below_the_committed_offset_are_named_for_telling() {
    let mut desk = Desk::new();
    let told = desk.print(1, keys("a", 10));
    desk.told(&told);
    let open = desk.print(2, keys("b", 11));
    desk.print(3, keys("c", 10));
    let void = desk.print(4, keys("d", 12));
    desk.append(Entry::Void(vec![void.sequence]));
    let later = desk.print(5, keys("e", 13));
    let untold = |topic, committed: &[(i32, (i64, u32))]| {
        desk.ledger.untold(topic, &committed.iter().copied().collect::<BTreeMap<_, _>>())
    };
    assert_eq!(untold("raw", &[(0, (5, 3))]), vec![open.sequence]);
    assert_eq!(untold("raw", &[(0, (6, 3))]), vec![open.sequence, later.sequence]);
    assert_eq!(untold("raw", &[(1, (6, 3))]), Vec::<i64>::new());
    assert_eq!(untold("raw", &[(0, (6, 4))]), Vec::<i64>::new(), "another owner's commit proves nothing");
    assert_eq!(untold("raw", &[(0, (5, 3)), (1, (9, 3))]), vec![open.sequence], "to each partition its own");
    assert_eq!(untold("other", &[(0, (6, 3))]), Vec::<i64>::new());
}
