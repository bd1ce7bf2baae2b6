//! Which dead letters a verb is about, and how they are read.

use std::ops::ControlFlow;

use crate::command::explain::unread;
use crate::command::{Exit, when};
use crate::kafka::reader::{Range, Reader};
use crate::letter::{self, Letter, Style};
use crate::outcome::{Reason, Stage};
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
    #[arg(long, value_name = "TIME", value_parser = Since::read)]
    pub since: Option<Since>,
}

/// Since when, and how that was said: `24h` is another moment tomorrow, and the same selection.
#[derive(Debug, Clone)]
pub struct Since {
    /// As it was typed.
    pub typed: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub time: i64,
}

impl Since {
    fn read(typed: &str) -> Result<Since, String> {
        when::time(typed).map(|time| Since { typed: typed.to_owned(), time })
    }
}

/// A dead letter: where it lies, what it says, what it holds.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it lies.
    pub position: Position,
    /// What it says.
    pub letter: Letter,
    /// The message itself.
    pub record: Record,
}

impl Selection {
    /// Refuses a stage or a reason that no letter of ours can have. A topic that is named may hold the letters of others.
    ///
    /// # Errors
    /// Ends the program with 2.
    pub fn check(&self) -> anyhow::Result<()> {
        let given = |name: &Option<String>| name.clone().filter(|_| self.topic.is_none());
        let stages = Stage::ALL.map(Stage::name).into_iter().chain(Style::ALL.map(Style::name));
        let reasons = Reason::ALL.map(Reason::name).into_iter().chain([letter::NO_REASON]);
        known("--stage", given(&self.stage), stages, &Stage::ALL.map(Stage::name))?;
        known("--reason", given(&self.reason), reasons, &Reason::ALL.map(Reason::name))
    }

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
        match &self.since {
            Some(since) => reader.since(topic, &all, since.time).map_err(unread),
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
        let each = |record: Record| {
            let letter = letter::read(&record.headers);
            match record.position.clone().filter(|_| self.wants(&letter)) {
                Some(position) => visit(Found { position, letter, record }),
                None => ControlFlow::Continue(()),
            }
        };
        reader.scan(topic, ranges, each).map_err(unread)
    }
}

/// Refuses a name that is none of `all`, and names those that are `ours`.
fn known<'n>(flag: &str, name: Option<String>, mut all: impl Iterator<Item = &'n str>, ours: &[&str]) -> anyhow::Result<()> {
    match name.filter(|name| !all.any(|known| known.eq_ignore_ascii_case(name))) {
        None => Ok(()),
        Some(name) => Err(Exit::Usage.because(format!(
            "{flag} {name} is none of ours, which are {}; with --topic the letters of others are chosen by their own",
            ours.join(", ")
        ))),
    }
}

/// Why the whole of a record cannot be had.
pub const CUT: &str = "the letter holds only the beginning of its value, and the record it came from is gone";

/// The record as it was before it died. Where the letter was cut, from the place it came from, if it is still the same.
///
/// # Errors
/// [`CUT`], or 69.
pub fn original(found: &Found, reader: &Reader) -> anyhow::Result<Result<Record, &'static str>> {
    let record = letter::original(&found.record);
    let Letter { cut_from, hash, .. } = &found.letter;
    if cut_from.is_none() {
        return Ok(Ok(record));
    }
    let Some(position) = found.letter.position() else { return Ok(Err(CUT)) };
    let whole = match reader.at(&position) {
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

    #[test]
    fn a_name_that_no_letter_can_have_is_refused_with_those_that_one_can() {
        let check = |flags: &[&str]| crate::command::tests::typed::<Selection>(flags).check().map_err(|e| e.to_string());
        let refused = check(&["--reason", "nosuch"]).unwrap_err();
        assert!(refused.contains("--reason nosuch") && refused.contains("not_json") && refused.contains("too_short"));
        assert!(check(&["--stage", "publish"]).unwrap_err().contains("decode, dedupe, clean"));
        for flags in [&["--reason", "NOT_JSON", "--stage", "decode"][..], &["--reason", "unknown"], &["--stage", "connect"]] {
            assert_eq!(check(flags), Ok(()), "{flags:?}");
        }
        assert_eq!(check(&["--topic", "wire.dlq", "--reason", "SerializationException"]), Ok(()));
    }
}
