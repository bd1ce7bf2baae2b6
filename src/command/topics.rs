//! `topics`: which topics there are, and how the missing ones are made.

use std::time::Duration;

use super::{Exit, Global, print};
use crate::kafka::admin::{self, Made};

/// Lists the topics copydesk uses, and makes the missing ones
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Makes topics that do not exist, set up as copydesk needs them; those that exist stay as they are
    #[arg(long)]
    create: bool,
    /// Waits this long for the brokers, seconds
    #[arg(long, default_value_t = 15, value_name = "SECONDS")]
    wait: u64,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let loaded = global.load()?;
    global.start_logging(&loaded, None)?;
    let settings = loaded.settings;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let looked = admin::look(&settings, Duration::from_secs(args.wait)).await;
        let cluster = looked.map_err(|away| Exit::Unreachable.because(away))?;
        if args.create {
            let made = admin::create(&settings, &cluster).await.map_err(|text| Exit::Unreachable.because(text))?;
            for (name, made) in made {
                let word = match made {
                    Made::Created => "created",
                    Made::Exists => "exists",
                };
                print(&format!("{word:<8} {name}\n"))?;
            }
            return Ok(Exit::Done);
        }
        let findings = admin::findings(&settings, &cluster);
        super::check::report(&findings)
    })
}
