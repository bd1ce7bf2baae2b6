//! `completions`: what a shell needs to complete this command line.

use clap_complete::Shell;

use super::{Exit, Global, complete_command, print};

/// Prints a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, _global: &Global) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut complete_command(), "copydesk", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(Exit::Done)
}
