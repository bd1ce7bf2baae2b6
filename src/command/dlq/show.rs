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
    if args.form.json() {
        let all = json!({"letter": found.letter, "today": today, "cut": note, "explanation": explanation});
        print(&format!("{all}\n"))?;
        return Ok(Exit::Done);
    }
    if !args.form.html() {
        print(&format!("{}\n", head(&found, &today, note)))?;
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

fn head(found: &Found, today: &str, note: Option<&str>) -> String {
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
    line("today", today);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, Rejection, Stage};

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
