//! `dlq`: what lies in the dead letters, why, and back with it.

use super::{Exit, Global};

mod list;
mod replay;
mod select;
mod show;

pub(super) use replay::unwritten;

/// Looks at dead letters, explains them with today's program, and sends them back
///
/// Reads the headers of copydesk, Kafka Streams, Kafka Connect and Spring.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk dlq list --since 24h\n  copydesk dlq show articles.dead/0/12\n  \
    copydesk dlq replay --reason too_short\n  copydesk dlq replay --reason too_short --yes --rate 20")]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Counts dead letters by stage and reason, and lists the newest
    List(list::Args),
    /// Explains a dead letter with today's program: would it pass now?
    Show(show::Args),
    /// Sends dead letters back to the topic they came from; without --yes only says what it would do
    Replay(replay::Args),
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list::run(args, global),
        Verb::Show(args) => show::run(args, global),
        Verb::Replay(args) => replay::run(args, global),
    }
}
