//! `config show`: what is in force, and where did it come from?

use super::{Exit, Global, print};
use crate::settings;

/// Shows the settings in force, each with where it came from; secrets are masked
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Prints every setting in force as a configuration file
    Show,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Show => print(&settings::in_force(&global.load()?))?,
    }
    Ok(Exit::Done)
}
