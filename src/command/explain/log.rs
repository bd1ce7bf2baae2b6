//! Records explained with the memory of a desk: its print log is read to the end, and each record is asked as a worker
//! would ask now. Nothing is appended.

use super::Input;
use super::unread;
use crate::command::process::Desk;
use crate::command::when::shown;
use crate::explain::{Before, Decided, Explanation, Logged, OwnPrint, told};
use crate::kafka::prints::{self, Memory, Own};
use crate::kafka::reader::Reader;
use crate::record::{Offset, Position, Record};
use crate::settings::Settings;
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::keys::{Keys, value_hash};
use crate::stage::dedupe::ledger::{Answer, State};
use crate::stage::dedupe::print::Print;
use crate::stage::dedupe::wording::Wording;

/// Explains every record that is asked about, each by itself.
pub(super) fn explain(settings: &Settings, inputs: &[Input]) -> anyhow::Result<Vec<Explanation>> {
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let wanted: Vec<Position> = inputs.iter().filter_map(|input| input.record.position.clone()).collect();
    let memory = prints::read(&reader, settings, &wanted).map_err(unread)?;
    let mut asking = Asking { settings, desk: Desk::new(settings, settings.dedupe.mode)?, reader, memory };
    Ok(inputs.iter().filter(|input| input.asked).map(|input| asking.one(input)).collect())
}

struct Asking<'s> {
    settings: &'s Settings,
    desk: Desk,
    reader: Reader,
    memory: Memory,
}

impl Asking<'_> {
    fn one(&mut self, Input { name, record, .. }: &Input) -> Explanation {
        let remembered = self.memory.ledger.len();
        let own = record.position.as_ref().and_then(|position| self.memory.prints.get(position));
        let own = own.map(|own| self.own(own, record));
        let memory = &mut self.memory;
        let (keys, answer, outcome) = self.desk.one_by(record, |keys, wording| Some(ask(memory, record, keys, wording)));
        let matched = answer.as_ref().and_then(|answer| told(&answer.word).1);
        // It may be deleted by now: then only the prints tell what differs.
        let there = matched.and_then(|matched| self.reader.at(&matched.of.position).ok());
        let decided = Decided {
            rules: self.desk.rules(),
            topics: &self.settings.topics,
            output: self.settings.output,
            keys: keys.as_ref(),
            answer: answer.as_ref(),
            before: Before::Log(Logged { remembered, own }, there.as_ref()),
            outcome,
        };
        Explanation::new(name.clone(), record, decided)
    }

    fn own(&self, own: &Own, record: &Record) -> OwnPrint {
        let (verdict, matched) = told(&own.answer.word);
        let state = match self.memory.ledger.state(own.offset) {
            _ if own.answer.is_copy() => "filed",
            State::Told => "published",
            State::Promised => "promised",
            State::Void => "void",
            State::Unknown => "forgotten",
        };
        OwnPrint {
            position: format!("{}/0/{}", self.settings.topics.prints, own.offset),
            time: shown(Some(own.time)),
            verdict,
            of: matched.map(|matched| format!("{} ({})", matched.of.id, matched.of.position)),
            state,
            story: own.answer.story.id.clone(),
            same: own.value == value_hash(record.raw.as_deref()),
        }
    }
}

/// The answer that `record` would get if a worker read it now: its print comes next in the log, and a living one of its own counts.
fn ask(memory: &mut Memory, record: &Record, keys: &Keys, wording: &Wording) -> Answer {
    let nowhere = || Position { topic: "".into(), partition: 0, offset: Offset(memory.ledger.next_offset()) };
    let print = Print {
        algorithm: ALGORITHM,
        nonce: 0,
        position: record.position.clone().unwrap_or_else(nowhere),
        timestamp: record.timestamp,
        claim: 0,
        value: value_hash(record.raw.as_deref()),
        keys: keys.clone(),
        wording: wording.clone(),
    };
    memory.ledger.would(jiff::Timestamp::now().as_millisecond(), &print)
}
