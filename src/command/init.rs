//! `init`: a configuration file to start from.

use super::{Exit, Global, print};
use crate::settings;

/// Prints a configuration file to start from: copydesk init > copydesk.toml
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Every setting, with its default and the reason
    #[arg(long)]
    full: bool,
}

pub(super) fn run(args: &Args, _global: &Global) -> anyhow::Result<Exit> {
    print(&if args.full { settings::full() } else { settings::short() })?;
    Ok(Exit::Done)
}
