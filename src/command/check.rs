//! `check`: is the configuration right?

use super::{Exit, Global, print};
use crate::settings::Loaded;

/// Checks the configuration and reports every problem at once
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// A wrong configuration ends with 78 before this says anything.
pub(super) fn run(_args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let loaded = global.load()?;
    print(&format!("ok  {:<13} {}\n", "configuration", summary(&loaded)))?;
    Ok(Exit::Done)
}

fn summary(loaded: &Loaded) -> String {
    let file = loaded.file.as_ref().map_or_else(|| "no file".to_owned(), |path| path.display().to_string());
    match loaded.origins.len() {
        0 => format!("{file}, everything at its default"),
        1 => format!("{file}, 1 key set"),
        n => format!("{file}, {n} keys set"),
    }
}
