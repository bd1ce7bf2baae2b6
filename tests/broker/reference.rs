//! The reference: what one sequential reading of the print log says of each record.

use std::collections::HashMap;

use rdkafka::Message;

use copydesk::article::VerdictKind;
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::ledger::{Answer, Applied, Ledger, Word};
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord};

use super::cluster::Cluster;
use super::oracle::Position;

/// The last answer of each record that has a print, by one reading of the log for `desk`, or for the only desk that is in it.
pub fn answers(cluster: &Cluster, prints: &str, desk: Option<u64>) -> HashMap<Position, Answer> {
    let judging = Judging { algorithm: ALGORITHM, window: i64::MAX, max_articles: u64::MAX, promise: 0 };
    let (mut ledger, mut answers) = (None, HashMap::new());
    cluster.each(prints, |record| {
        // Foreign bytes are passed over by everybody.
        let Some(Ok(read)) = record.payload().map(LogRecord::decode) else { return };
        let ledger = ledger.get_or_insert_with(|| Ledger::new(desk.unwrap_or(read.desk), judging));
        let time = record.timestamp().to_millis().unwrap();
        if let Applied::Judged(_, answer) = ledger.apply(record.offset(), time, &read)
            && let Entry::Print(print) = read.entry
        {
            answers.insert((i64::from(print.position.partition), print.position.offset.0), answer);
        }
    });
    answers
}

/// Kind and story of an answer.
pub fn said(answer: &Answer) -> (VerdictKind, Option<&str>) {
    match &answer.word {
        Word::New => (VerdictKind::New, None),
        Word::Copy(_, matched) => (VerdictKind::Copy, Some(&matched.of.id)),
        Word::Revision(matched) => (VerdictKind::Revision, Some(&matched.of.id)),
        Word::Update(matched) => (VerdictKind::Update, Some(&matched.of.id)),
    }
}
