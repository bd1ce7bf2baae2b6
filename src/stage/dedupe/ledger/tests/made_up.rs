//! Logs nobody would write: however such a log is read, whole, again or from a snapshot, its answers are the same.

use proptest::prelude::*;

use super::{judging, keys, position};
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::ledger::{Answer, Applied, Ledger, Word};
use crate::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use crate::stage::dedupe::snapshot::{self, Mark, Writer};
use crate::stage::dedupe::wording::Wording;

/// One record of a made-up log, from three numbers: few ids, contents, places and sentences, so that much matches.
fn made_up(n: i64, (kind, what, other): (u8, u8, u8)) -> LogRecord {
    let (a, b) = (i64::from(what), i64::from(other));
    let entry = match kind {
        0 | 1 => Entry::Told((0..4).map(|back| n - 1 - back * (a % 7)).collect()),
        2 => Entry::Void(vec![n - 1 - a % 9]),
        3 if b % 8 == 0 => Entry::Settings(Judging { max_articles: 20 + a as u64 % 40, ..judging() }),
        _ => Entry::Print(Print {
            algorithm: ALGORITHM,
            nonce: n as u64,
            claim: kind.into(),
            position: position(a % 90),
            timestamp: (b % 3 == 0).then_some(b),
            value: 1,
            keys: Keys { version: (a % 6 == 0).then_some(b), ..keys(&format!("{}", b % 40), (a % 61) as u128) },
            wording: Wording::new(&sentences(a, b), Some("Ferries"), [None, Some("a.test")][usize::from(kind % 2)]),
        }),
    };
    LogRecord { desk: 1, entry }
}

fn sentences(a: i64, b: i64) -> Vec<String> {
    let sentence =
        |n: i64| format!("On day {n} the boat {} of line {} lay in harbour {} for hours.", n * 7, n * 3, n * 5);
    [a % 5, a % 5 + 10, b % 4 + 20, b % 9 + 30].map(sentence).into()
}

/// What a ledger answers to the rest of a log.
fn answers(ledger: &mut Ledger, log: &[LogRecord], from: usize) -> Vec<Applied> {
    let rest = log.iter().enumerate().skip(from);
    rest.map(|(n, record)| ledger.apply(n as i64, n as i64 * 20_000, record)).collect()
}

/// The ledger as a snapshot gives it back.
fn restored(ledger: &Ledger) -> Ledger {
    let (mut writer, mut bytes) = (Writer::new(Mark::of(0, b"")), Vec::new());
    while let Some(block) = writer.block(ledger) {
        bytes.extend_from_slice(block);
    }
    snapshot::read(&mut &*bytes, 1).unwrap().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_same_log_gives_the_same_answers_however_it_is_read(
        numbers in prop::collection::vec((0u8..12, any::<u8>(), any::<u8>()), 150..400),
        cut in 0.0..1.0f64,
    ) {
        let log: Vec<_> = numbers.into_iter().enumerate().map(|(n, three)| made_up(n as i64, three)).collect();
        let mut whole = Ledger::new(1, judging());
        let all = answers(&mut whole, &log, 0);
        prop_assert_eq!(&answers(&mut Ledger::new(1, judging()), &log, 0), &all);
        let near = |applied: &&Applied| matches!(applied, Applied::Judged(_, Answer { word: Word::Update(_), .. }));
        prop_assert!(all.iter().filter(near).count() > 3, "the texts are compared");
        let cut = (log.len() as f64 * cut) as usize;
        let mut begun = Ledger::new(1, judging());
        answers(&mut begun, &log[..cut], 0);
        let mut back = restored(&begun);
        prop_assert_eq!(&answers(&mut back, &log, cut), &all[cut..]);
        for offset in 0..log.len() as i64 {
            prop_assert_eq!(back.state(offset), whole.state(offset));
        }
        let committed = std::collections::BTreeMap::from([(0, (90, 5))]);
        prop_assert_eq!(back.untold("raw", &committed), whole.untold("raw", &committed));
    }
}
