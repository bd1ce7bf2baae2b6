//! `check`: is the configuration right, and is the cluster as it must be?

use std::time::Duration;

use super::{Exit, Global, print};
use crate::kafka::admin::{self, Depth, Finding};
use crate::settings::Loaded;

/// How long the brokers may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Checks the configuration and reports every problem at once
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also asks the cluster: brokers, topics, whether they are set up as copydesk needs them, and its rights to them
    #[arg(long)]
    connect: bool,
}

/// A wrong configuration ends with 78 before this says anything.
pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let loaded = global.load()?;
    print(&line(true, "configuration", &summary(&loaded)))?;
    if !args.connect {
        return Ok(Exit::Done);
    }
    global.start_logging(&loaded, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let looked = runtime.block_on(admin::look(&loaded.settings, Depth::Rights, ANSWER));
    let cluster = looked.map_err(|away| Exit::away(&away).because(away))?;
    report(&admin::findings(&loaded.settings, &cluster))
}

/// Prints findings, one a line. The answer is no when one is wrong.
pub(super) fn report(findings: &[Finding]) -> anyhow::Result<Exit> {
    for finding in findings {
        print(&line(!finding.wrong, &finding.subject, &finding.text))?;
    }
    Ok(if findings.iter().any(|f| f.wrong) { Exit::No } else { Exit::Done })
}

fn line(sound: bool, subject: &str, text: &str) -> String {
    let mark = if sound { "ok" } else { "x" };
    format!("{mark:<3} {subject:<16} {text}\n")
}

fn summary(loaded: &Loaded) -> String {
    let file = loaded.file.as_ref().map_or_else(|| "no file".to_owned(), |path| path.display().to_string());
    match loaded.origins.len() {
        0 => format!("{file}, everything at its default"),
        1 => format!("{file}, 1 key set"),
        n => format!("{file}, {n} keys set"),
    }
}
