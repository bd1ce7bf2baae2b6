//! `topics`: which topics there are, and how the missing ones are made.

use std::time::Duration;

use super::{Exit, Global, print};
use crate::flow::retry;
use crate::kafka::admin::{self, Depth, Made, NotMade};
use crate::outcome::Route;
use crate::settings::Settings;

/// How long one look at new topics may take.
const KNOWN: Duration = Duration::from_secs(5);

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
        let looked = admin::look(&settings, Depth::Configuration, Duration::from_secs(args.wait)).await;
        let cluster = looked.map_err(|away| Exit::away(&away).because(away))?;
        if args.create {
            let made = admin::create(&settings, &cluster).await.map_err(not_made)?;
            all_known(&settings).await?;
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

fn not_made(error: NotMade) -> anyhow::Error {
    match error {
        NotMade::Denied(_) => Exit::Config.because(error),
        NotMade::Failed(_) => Exit::Unreachable.because(error),
    }
}

/// Waits until the brokers know every topic: a new one takes a moment to get around, and `run` may come right after.
async fn all_known(settings: &Settings) -> anyhow::Result<()> {
    for attempt in 0..10 {
        let looked = admin::look(settings, Depth::Names, KNOWN).await;
        let cluster = looked.map_err(|away| Exit::away(&away).because(away))?;
        if cluster.topics.len() == Route::ALL.len() {
            return Ok(());
        }
        tokio::time::sleep(retry::delay(attempt)).await;
    }
    Err(Exit::Unreachable.because("the topics were made, and the brokers do not show them yet; look again: copydesk topics"))
}
