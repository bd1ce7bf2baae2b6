//! `man`: the manual as man pages, from the command line itself, so that the two cannot disagree.

use clap_mangen::Man;

use super::{Exit, Global, complete_command, print};

/// Prints the man page of the program, or of a verb: copydesk man explain | man -l -
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The verb, with its own where it has any: dlq replay
    #[arg(value_name = "VERB")]
    verb: Vec<String>,
}

pub(super) fn run(args: &Args, _global: &Global) -> anyhow::Result<Exit> {
    // With its name in front of each verb and the options of every verb in each.
    let mut command = complete_command();
    command.build();
    for name in &args.verb {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| Exit::Usage.because(format!("there is no verb {name}; copydesk --help lists them")))?;
    }
    let name = [&["copydesk".to_owned()], args.verb.as_slice()].concat().join("-");
    let mut page = Vec::new();
    Man::new(command.display_name(name)).render(&mut page)?;
    print(&String::from_utf8(page)?)?;
    Ok(Exit::Done)
}
