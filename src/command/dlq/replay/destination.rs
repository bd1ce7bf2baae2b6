//! Which topic a dead letter goes back to, and why one stays where it is. It sends nothing.

use super::Args;
use crate::command::dlq::select::CUT;
use crate::explain::terminal::short;
use crate::letter::{Letter, Style};
use crate::settings::Topics;

/// Why a letter stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stays {
    NoOrigin,
    Foreign(String),
    TooOften(u32),
    Cut,
}

impl std::fmt::Display for Stays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stays::NoOrigin => f.write_str("the letter does not say where it came from"),
            Stays::Foreign(topic) => {
                write!(f, "came from {}, which is none of our inputs: --into {0} allows it", short(topic, 80))
            }
            Stays::TooOften(most) => write!(f, "replayed {most} times or more: --max-replays allows it"),
            Stays::Cut => f.write_str(CUT),
        }
    }
}

/// The topic a letter goes back to, or why it stays.
pub(super) fn destination<'l>(letter: &'l Letter, args: &Args, topics: &Topics) -> Result<&'l str, Stays> {
    let topic = letter.topic.as_deref().filter(|_| letter.style != Style::Unknown).ok_or(Stays::NoOrigin)?;
    // A header is the sender's word: it must not let anybody write into any topic this user may write to.
    let inputs = [&topics.raw, &topics.links, &topics.cleaned];
    let ours = inputs.iter().any(|input| *input == topic) || args.into.iter().any(|into| into == topic);
    if !ours {
        return Err(Stays::Foreign(topic.to_owned()));
    }
    if letter.replays >= args.max_replays {
        return Err(Stays::TooOften(args.max_replays));
    }
    Ok(topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::typed;
    use crate::letter;

    fn letter(topic: &str, replays: &str) -> Letter {
        let text = |text: &str| Some(bytes::Bytes::copy_from_slice(text.as_bytes()));
        letter::read(&vec![
            ("copydesk-replays".to_owned(), text(replays)),
            ("__streams.errors.topic".to_owned(), text(topic)),
            ("copydesk-reason".to_owned(), text("not_json")),
        ])
    }

    #[test]
    fn letters_go_back_only_where_they_may_and_not_for_ever() {
        let topics = Topics::default();
        let go = |topic: &str, replays: &str, flags: &[&str]| {
            destination(&letter(topic, replays), &typed(flags), &topics).map(str::to_owned)
        };
        assert_eq!(go("articles.raw", "2", &[]), Ok("articles.raw".into()));
        assert_eq!(go("articles.raw", "3", &[]), Err(Stays::TooOften(3)));
        assert_eq!(go("articles.raw", "3", &["--max-replays", "4"]), Ok("articles.raw".into()));
        assert_eq!(go("payroll", "0", &[]), Err(Stays::Foreign("payroll".into())));
        assert_eq!(go("wire.in", "0", &["--into", "wire.in"]), Ok("wire.in".into()));
        let unknown = letter::read(&Vec::new());
        assert_eq!(destination(&unknown, &typed(&[]), &topics), Err(Stays::NoOrigin));
    }
}
