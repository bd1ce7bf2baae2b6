//! The print log read to its present end, for those who only look. It appends nothing, and never answers for a worker.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rdkafka::consumer::Consumer as _;

use super::client::CALL;
use super::print_log::{PARTITION, desk, judging};
use super::reader::{ReadError, Reader};
use crate::record::{Position, Record};
use crate::settings::Settings;
use crate::stage::dedupe::ledger::{Answer, Applied, Ledger};
use crate::stage::dedupe::print::{Entry, LogRecord};

/// The memory of the desk as its log has it now.
#[derive(Debug)]
pub struct Memory {
    /// Answers as a worker would.
    pub ledger: Ledger,
    /// The newest print of each record that was looked for.
    pub prints: HashMap<Position, Own>,
}

/// A print as the log holds it, and the verdict it got at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    /// Offset in the log.
    pub offset: i64,
    /// When the broker took it, milliseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Hash of the bytes that the record had then.
    pub value: u128,
    /// The verdict.
    pub answer: Answer,
}

/// Reads the log from its beginning, and notes the prints of the records at `wanted`.
///
/// # Errors
/// [`ReadError`] when there is no print log or no broker answers.
pub fn read(reader: &Reader, settings: &Settings, wanted: &[Position]) -> Result<Memory, ReadError> {
    let topic = &settings.topics.prints;
    let mut ranges = reader.ranges(topic)?;
    ranges.retain(|range| range.partition == PARTITION);
    let cluster = reader.consumer().client().fetch_cluster_id(CALL).unwrap_or_else(|| "unnamed".into());
    let desk = desk(&cluster, settings);
    let mut memory = Memory { ledger: Ledger::new(desk, judging(settings)), prints: HashMap::new() };
    reader.scan(topic, &ranges, |record| {
        memory.apply(&record, wanted);
        ControlFlow::Continue(())
    })?;
    Ok(memory)
}

impl Memory {
    fn apply(&mut self, record: &Record, wanted: &[Position]) {
        let Some(offset) = record.position.as_ref().map(|position| position.offset.0) else { return };
        let time = record.timestamp.unwrap_or_default();
        let Ok(read) = LogRecord::decode(record.raw.as_deref().unwrap_or_default()) else {
            return self.ledger.pass(offset, time);
        };
        let applied = self.ledger.apply(offset, time, &read);
        if let (Applied::Judged(_, answer), Entry::Print(print)) = (applied, read.entry)
            && wanted.contains(&print.position)
        {
            self.prints.insert(print.position, Own { offset, time, value: print.value, answer });
        }
    }
}
