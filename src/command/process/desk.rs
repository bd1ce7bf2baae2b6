//! The desk of one `process`: the line with its memory, without Kafka. It reads and writes nothing.

use super::parallel;
use crate::explain;
use crate::flow::cpu;
use crate::outcome::{Outcome, Rejection};
use crate::record::{Offset, Position, Record};
use crate::settings::{DedupeMode, Settings};
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::keys::Keys;
use crate::stage::dedupe::ledger::{Answer, Applied, Ledger, Word};
use crate::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use crate::stage::dedupe::wording::Wording;
use crate::stage::{self, Prepared, Rules};

/// A desk in memory: prints are told at once, since whatever is decided is written.
pub(in crate::command) struct Desk {
    rules: Rules,
    threads: usize,
    ledger: Ledger,
    now: i64,
    records: i64,
}

impl Desk {
    pub(in crate::command) fn new(settings: &Settings, mode: DedupeMode) -> anyhow::Result<Desk> {
        let meaning = crate::weights::of(&settings.extract).map_err(anyhow::Error::msg)?;
        let rules = Rules { mode, ..Rules::new(settings, meaning, settings.kafka.max_value()) };
        // There is no log clock: records count, time does not pass, and nothing lapses or grows old.
        let judging = Judging {
            algorithm: ALGORITHM,
            window: i64::MAX,
            max_articles: settings.dedupe.max_articles,
            promise: i64::MAX,
        };
        let now = jiff::Timestamp::now().as_millisecond();
        Ok(Desk { rules, threads: cpu::threads(&settings.run), ledger: Ledger::new(0, judging), now, records: 0 })
    }

    /// What the line needs to know of the configuration.
    pub(in crate::command) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// One record with its keys, the desk's answer and what became of it. Records are numbered from 1: the number is the
    /// offset of a matched original.
    pub(in crate::command) fn one(&mut self, record: &Record) -> (Option<Keys>, Option<Answer>, Outcome) {
        let prepared = stage::prepare(record, &self.rules, |_| None, &mut ());
        let keys = known_by(&prepared);
        let (prepared, answer) = self.judge(prepared);
        (keys, answer.clone(), outcome(prepared, answer, &self.rules))
    }

    /// The same with the answer of another memory.
    pub(in crate::command) fn one_by(
        &self,
        record: &Record,
        ask: impl FnOnce(&Keys, &Wording) -> Option<Answer>,
    ) -> (Option<Keys>, Option<Answer>, Outcome) {
        let prepared = stage::prepare(record, &self.rules, |_| None, &mut ());
        let answer = match &prepared {
            Ok(Prepared::Clean(keys, _, wording)) if self.rules.mode != DedupeMode::Off => ask(keys, wording),
            Ok(Prepared::Clean(..) | Prepared::Known(..)) | Err(_) => None,
        };
        (known_by(&prepared), answer.clone(), outcome(prepared, answer, &self.rules))
    }

    /// What `make` makes of the outcome of every line of a batch, in order.
    pub(in crate::command) fn batch<O: Send>(&mut self, batch: Vec<Vec<u8>>, make: impl Fn(Outcome) -> O + Sync) -> Vec<O> {
        let rules = &self.rules;
        let prepared = parallel::map(batch, self.threads, |line| {
            stage::prepare(&record(line), rules, |_| None, &mut ())
        });
        let judged: Vec<_> = prepared.into_iter().map(|prepared| self.judge(prepared)).collect();
        let rules = &self.rules;
        parallel::map(judged, self.threads, |(prepared, answer)| make(outcome(prepared, answer, rules)))
    }

    /// Asks in input order.
    fn judge(&mut self, prepared: Result<Prepared, Rejection>) -> (Result<Prepared, Rejection>, Option<Answer>) {
        self.records += 1;
        let answer = match &prepared {
            Ok(Prepared::Clean(keys, _, wording)) if self.rules.mode != DedupeMode::Off => {
                let position = Position { topic: "".into(), partition: 0, offset: Offset(self.records) };
                let (algorithm, value) = (ALGORITHM, 0);
                let (keys, wording) = (keys.clone(), wording.clone());
                self.apply(Entry::Print(Print { algorithm, nonce: 0, position, timestamp: None, claim: 0, value, keys, wording }))
            }
            Ok(Prepared::Clean(..) | Prepared::Known(..)) | Err(_) => None,
        };
        if let Some(answer) = answer.as_ref().filter(|answer| !answer.is_copy()) {
            self.apply(Entry::Told(vec![answer.sequence]));
        }
        (prepared, answer)
    }

    fn apply(&mut self, entry: Entry) -> Option<Answer> {
        let offset = self.ledger.next_offset();
        match self.ledger.apply(offset, self.now, &LogRecord { desk: 0, entry }) {
            Applied::Judged(_, answer) => Some(answer),
            Applied::Moved | Applied::Skipped(_) => None,
        }
    }
}

fn known_by(prepared: &Result<Prepared, Rejection>) -> Option<Keys> {
    prepared.as_ref().ok().map(|prepared| match prepared {
        Prepared::Known(keys, ..) | Prepared::Clean(keys, ..) => keys.clone(),
    })
}

fn outcome(prepared: Result<Prepared, Rejection>, answer: Option<Answer>, rules: &Rules) -> Outcome {
    match (prepared, answer) {
        (Err(rejection), _) => Outcome::Dead(rejection),
        (Ok(Prepared::Known(keys, kind, matched)), _) => stage::file(keys.id, kind, &matched, None),
        (Ok(Prepared::Clean(keys, ..)), Some(Answer { word: Word::Copy(kind, matched), .. })) if rules.mode == DedupeMode::On => {
            stage::file(keys.id, kind, &matched, None)
        }
        (Ok(Prepared::Clean(keys, article, _)), answer) => {
            stage::finish(keys.id, &article, answer.as_ref(), None, rules, &mut ())
        }
    }
}

pub(in crate::command) fn record(line: Vec<u8>) -> Record {
    // A line is JSON or it is dead: never taken for a page, as a bare value from Kafka may be.
    explain::record(line, Some("application/json"))
}
