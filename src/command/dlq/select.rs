//! Which dead letters a verb is about, and how they are read.

use std::ops::ControlFlow;

use crate::command::explain::unread;
use crate::command::when;
use crate::kafka::reader::{Range, Reader};
use crate::letter::{self, Letter};
use crate::record::{Position, Record};
use crate::settings::Settings;

/// Which dead letters.
#[derive(Debug, Clone, clap::Args)]
pub struct Selection {
    /// The topic they lie in [default: topics.dead]
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Only those that died in this stage
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Only those that died of this
    #[arg(long, value_name = "REASON")]
    pub reason: Option<String>,
    /// Only those written since: 24h (ago), 2026-03-10, 2026-03-10T14:05:00Z
    #[arg(long, value_name = "TIME", value_parser = when::time)]
    pub since: Option<i64>,
}

/// A dead letter: where it lies, what it says, what it holds.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it lies.
    pub position: Position,
    /// What it says.
    pub letter: Letter,
    /// The message itself.
    pub record: Record<()>,
}

impl Selection {
    /// The topic they lie in.
    pub fn topic<'s>(&'s self, settings: &'s Settings) -> &'s str {
        self.topic.as_deref().unwrap_or(&settings.topics.dead)
    }

    /// Whether a letter is one of them.
    pub fn wants(&self, letter: &Letter) -> bool {
        let is = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|w| w.eq_ignore_ascii_case(name));
        is(&self.stage, &letter.stage) && is(&self.reason, &letter.reason)
    }

    /// What the topic holds of the time asked for.
    ///
    /// # Errors
    /// Ends the program with 69 or 1.
    pub fn ranges(&self, reader: &Reader, topic: &str) -> anyhow::Result<Vec<Range>> {
        let all = reader.ranges(topic).map_err(unread)?;
        match self.since {
            Some(since) => reader.since(topic, &all, since).map_err(unread),
            None => Ok(all),
        }
    }

    /// Every letter asked for in `ranges`, until `visit` has enough.
    ///
    /// # Errors
    /// Ends the program with 69.
    pub fn each(
        &self,
        reader: &Reader,
        topic: &str,
        ranges: &[Range],
        mut visit: impl FnMut(Found) -> ControlFlow<()>,
    ) -> anyhow::Result<()> {
        let each = |record: Record<()>| {
            let letter = letter::read(&record.headers);
            match record.position.clone().filter(|_| self.wants(&letter)) {
                Some(position) => visit(Found { position, letter, record }),
                None => ControlFlow::Continue(()),
            }
        };
        reader.scan(topic, ranges, each).map_err(unread)
    }
}

/// Why the whole of a record cannot be had.
pub const CUT: &str = "the letter holds only the beginning of its value, and the record it came from is gone";

/// The record as it was before it died. Where the letter was cut, from the place it came from, if it is still the same.
///
/// # Errors
/// [`CUT`], or 69.
pub fn original(found: &Found, reader: &Reader) -> anyhow::Result<Result<Record<()>, &'static str>> {
    let record = letter::original(&found.record);
    let Letter { topic, partition, offset, cut_from, hash, .. } = &found.letter;
    if cut_from.is_none() {
        return Ok(Ok(record));
    }
    let (Some(topic), Some(partition), Some(offset)) = (topic, partition, offset) else { return Ok(Err(CUT)) };
    let offset = crate::record::Offset(*offset);
    let whole = match reader.at(&Position { topic: topic.as_str().into(), partition: *partition, offset }) {
        Ok(whole) => whole,
        Err(away @ crate::kafka::reader::ReadError::Away(_)) => return Err(unread(away)),
        Err(_) => return Ok(Err(CUT)),
    };
    let same = |raw: &[u8]| Some(blake3::hash(raw).to_hex().as_str()) == hash.as_deref();
    Ok(match whole.raw.as_deref().is_some_and(same) {
        true => Ok(Record { raw: whole.raw, ..record }),
        false => Err(CUT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_and_reason_choose() {
        let headers = vec![
            ("copydesk-stage".to_owned(), Some("clean".into())),
            ("copydesk-reason".to_owned(), Some("too_short".into())),
        ];
        let letter = letter::read(&headers);
        let wants = |stage: Option<&str>, reason: Option<&str>| {
            let (stage, reason) = (stage.map(Into::into), reason.map(Into::into));
            Selection { topic: None, stage, reason, since: None }.wants(&letter)
        };
        assert!(wants(None, None) && wants(Some("clean"), Some("TOO_SHORT")));
        assert!(!wants(Some("decode"), None) && !wants(None, Some("no_story")));
    }
}
