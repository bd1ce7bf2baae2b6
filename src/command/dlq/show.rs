//! `dlq show`: a dead letter, explained with today's program.

use serde_json::json;

use super::select::{self, Found};
use crate::command::explain::{Form, explain_one, show, unread};
use crate::command::when::shown;
use crate::command::{Exit, Global, print};
use crate::explain::Explanation;
use crate::explain::terminal::safe;
use crate::kafka::reader::Reader;
use crate::letter::{self, Letter, Style};
use crate::outcome::Outcome;
use crate::record::Position;

/// Bytes of a value that are shown where it cannot be read.
const SHOWN: usize = 240;

/// Explains a dead letter with today's program: would it pass now?
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where it lies: TOPIC/PARTITION/OFFSET, as `dlq list` prints it
    #[arg(value_name = "POSITION")]
    position: Position,
    #[command(flatten)]
    form: Form,
}

pub fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let settings = global.look()?.settings;
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let record = reader.at(&args.position).map_err(unread)?;
    let found = Found { position: args.position.clone(), letter: letter::read(&record.headers), record };
    if found.letter.style == Style::Unknown {
        let text = "has no headers of a dead letter; copydesk explain takes records of any topic";
        return Err(Exit::No.because(format!("{} {text}", found.position)));
    }
    let original = select::original(&found, &reader)?;
    let note = original.as_ref().err().copied();
    let record = original.unwrap_or_else(|_| letter::original(&found.record));
    let explanation = explain_one(&settings, format!("{}, the record as it was", found.position), record)?;
    let today = today(&found.letter, &explanation.outcome);
    // What cannot be read has no blocks to look at.
    let begins = explanation.decoded.is_none().then(|| beginning(found.record.raw.as_deref().unwrap_or_default()));
    if args.form.json() {
        let all = json!({"letter": found.letter, "today": today, "cut": note, "begins": begins, "explanation": explanation});
        print(&format!("{all}\n"))?;
        return Ok(Exit::Done);
    }
    if !args.form.html() {
        print(&format!("{}\n", head(&found, &today, note, begins.as_deref())))?;
    }
    show(&[named(explanation, &found, &today)], None, args.form, global)
}

/// On a page, the head has no place of its own.
fn named(explanation: Explanation, found: &Found, today: &str) -> Explanation {
    let letter = &found.letter;
    let name = format!("{} (died of {} {}; {today})", explanation.name, letter.stage, letter.reason);
    Explanation { name, ..explanation }
}

/// What today's program makes of a record that died.
fn today(letter: &Letter, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Dead(now) if now.stage.name() == letter.stage && now.reason.name() == letter.reason => {
            format!("still dead for the same reason: {}", now.detail)
        }
        Outcome::Dead(now) => format!("would die of {} {}: {}", now.stage.name(), now.reason.name(), now.detail),
        Outcome::Enriched { .. } | Outcome::Revision { .. } | Outcome::Duplicate(_) => "would now pass".to_owned(),
    }
}

/// The first bytes of a value, as text where they are text.
fn beginning(raw: &[u8]) -> String {
    let mut out = String::new();
    for chunk in raw.get(..SHOWN).unwrap_or(raw).utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    if raw.len() > SHOWN {
        out.push('…');
    }
    out
}

fn head(found: &Found, today: &str, note: Option<&str>, begins: Option<&str>) -> String {
    let letter = &found.letter;
    let number = |n: Option<i64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let from = match &letter.topic {
        Some(topic) => format!("{topic}/{}/{}", number(letter.partition.map(Into::into)), number(letter.offset)),
        None => "the letter does not say".to_owned(),
    };
    let mut out = format!("{}  {}\n", found.position, shown(found.record.timestamp));
    let mut line = |name: &str, text: &str| out.push_str(&format!("  {name:<10} {}\n", safe(text)));
    line("from", &from);
    line("died of", &format!("{} {}: {}", letter.stage, letter.reason, letter.message));
    line("replayed", &letter.replays.to_string());
    if let Some(note) = note {
        line("cut", note);
    }
    if let Some(begins) = begins {
        line("begins", begins);
    }
    line("today", today);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, Rejection, Stage};

    #[test]
    fn of_what_cannot_be_read_the_first_bytes_are_shown() {
        let odd = b"{\"id\":\"a\",\xff\0caf\xc3\xa9\x1b[31m\n";
        assert_eq!(beginning(odd), "{\"id\":\"a\",\\xff\\0café\\u{1b}[31m\\n");
        let long = beginning(&[b'a'; 5000]);
        assert_eq!((long.chars().count(), long.ends_with('…')), (SHOWN + 1, true));
    }

    #[test]
    fn today_is_compared_with_the_day_it_died() {
        let headers = vec![
            ("copydesk-stage".to_owned(), Some("clean".into())),
            ("copydesk-reason".to_owned(), Some("too_short".into())),
        ];
        let letter = letter::read(&headers);
        let dead = |stage, reason| Outcome::Dead(Rejection::new(stage, reason, "why"));
        assert_eq!(today(&letter, &dead(Stage::Clean, Reason::TooShort)), "still dead for the same reason: why");
        assert_eq!(today(&letter, &dead(Stage::Clean, Reason::NoStory)), "would die of clean no_story: why");
        let passes = Outcome::Enriched { id: "a".into(), article: Box::default() };
        assert_eq!(today(&letter, &passes), "would now pass");
    }
}
