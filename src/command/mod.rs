//! The verbs of the command line: one file each, with its arguments, its help, its work and its tests.
//!
//! Results go to standard output, everything else to standard error. A verb returns how it ended; nothing here or below
//! calls `exit`, so that whatever is open is closed.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::log::{self, Wish};
use crate::metrics::Metrics;
use crate::settings::{self, Loaded, Problems, Sources};

mod exit;
mod sight;
mod when;

pub use exit::Exit;

/// Declares the verbs, by the heading they stand under in `--help`. A verb is a module with a `struct Args` (its doc is
/// the help) and a `fn run(&Args, &Global) -> anyhow::Result<Exit>`; a new one is a line here.
macro_rules! verbs {
    ($( $heading:literal { $( $verb:ident $module:ident; )* } )+) => {
        $($( mod $module; )*)+

        #[derive(Debug, Subcommand)]
        enum Verb {
            $($( $verb($module::Args), )*)+
        }

        impl Verb {
            fn run(&self, global: &Global) -> anyhow::Result<Exit> {
                match self {
                    $($( Verb::$verb(args) => $module::run(args, global), )*)+
                }
            }
        }

        const HEADINGS: &[(&str, &[&str])] = &[$( ($heading, &[$( stringify!($module) ),*]) ),+];
    };
}

verbs! {
    "Run" {
        Run run;
        Process process;
        Backfill backfill;
        Demo demo;
    }
    "Look" {
        Explain explain;
        Trace trace;
        Tap tap;
        Status status;
        Compare compare;
        Config config;
        Schema schema;
    }
    "Repair" {
        Dlq dlq;
    }
    "Set up" {
        Init init;
        Check check;
        Topics topics;
        Health health;
        Completions completions;
        Man man;
    }
}

/// The copy desk of a newsroom data platform: dedupes, cleans and reads raw articles from Kafka, exactly once.
#[derive(Debug, Parser)]
#[command(name = "copydesk", version, about, disable_help_subcommand = true, subcommand_required = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of every verb")]
pub struct Global {
    /// Configuration file [default: COPYDESK_CONFIG, else ./copydesk.toml where there is one]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets one key for this run, over file and environment; may be repeated
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
    /// Says more; twice: everything. RUST_LOG beats it
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Says less: warnings; twice: errors
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,
    /// How log lines look: text, json, or auto (json off a terminal)
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["auto", "text", "json"])]
    pub log_format: Option<String>,
    /// Colours in log lines and reports; auto also looks at NO_COLOR
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", hide_possible_values = true)]
    pub color: Color,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Global {
    /// Where the settings of this run come from.
    pub fn sources(&self) -> Sources {
        let format = self.log_format.iter().map(|format| format!("log.format={format}"));
        Sources::of_process(self.config.clone(), self.set.iter().cloned().chain(format).collect())
    }

    /// Loads and checks the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them; ends the program with 78.
    pub fn load(&self) -> Result<Loaded, Problems> {
        settings::load(&self.sources())
    }

    /// Loads the settings of a verb that looks and starts its logging: what it finds is its result and what fails is its
    /// error, so the client's own worries are told only with `-v`.
    ///
    /// # Errors
    /// As those of [`Global::load`] and [`Global::start_logging`].
    pub fn look(&self) -> anyhow::Result<Loaded> {
        let mut loaded = self.load()?;
        if !loaded.origins.contains_key("log.level") {
            loaded.settings.log.level = "error".to_owned();
        }
        self.start_logging(&loaded, None)?;
        Ok(loaded)
    }

    /// Starts logging as settings, flags and environment say.
    ///
    /// # Errors
    /// When RUST_LOG is no filter; ends the program with 78.
    pub fn start_logging(&self, loaded: &Loaded, metrics: Option<Metrics>) -> anyhow::Result<()> {
        let sources = self.sources();
        let color = match self.color {
            Color::Auto => sources.variable("NO_COLOR").map(|_| false),
            Color::Always => Some(true),
            Color::Never => Some(false),
        };
        let verbosity = self.verbose.min(9) as i8 - self.quiet.min(9) as i8;
        let wish = Wish { verbosity, rust_log: sources.variable("RUST_LOG"), color };
        log::init(&loaded.settings.log, wish, metrics).map_err(|text| Exit::Config.because(text))
    }
}

/// Runs the program with `arguments`, the first being its name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => exit::code(cli.verb.run(&cli.global)),
        Err(error) => match error.print() {
            // Help and version come this way too: a result that cannot be written is an error.
            Err(unwritten) if !error.use_stderr() => {
                exit::code(Err(anyhow::Error::new(unwritten).context("writing standard output")))
            }
            Ok(()) | Err(_) => ExitCode::from(error.exit_code() as u8),
        },
    }
}

/// The command line as clap knows it. Its own list of verbs is hidden from the help, ours has headings.
fn command() -> clap::Command {
    complete_command()
        .mut_subcommands(|verb| verb.hide(true))
        .override_usage("copydesk [OPTIONS] <VERB>")
        .help_template("{about}\n\n{usage-heading} {usage}\n{before-help}{all-args}")
        .before_help(headings())
}

/// The command line with nothing hidden, for completion scripts and man pages.
fn complete_command() -> clap::Command {
    Cli::command()
}

/// The verbs under their headings.
fn headings() -> String {
    let verbs = Verb::augment_subcommands(clap::Command::new("copydesk"));
    let mut text = String::new();
    for (heading, names) in HEADINGS {
        text.push_str(&format!("\n{heading}:\n"));
        for name in *names {
            let about = verbs.find_subcommand(name).and_then(|verb| verb.get_about()).map(ToString::to_string);
            text.push_str(&format!("  {name:<12} {}\n", about.unwrap_or_default()));
        }
    }
    text
}

/// Writes a result to standard output.
///
/// # Errors
/// When it cannot be written. A closed pipe is an error too, and ends the program quietly with 0.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("writing standard output")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arguments of a verb as typed.
    pub(super) fn typed<A: clap::Args>(flags: &[&str]) -> A {
        let verb = A::augment_args(clap::Command::new("verb")).no_binary_name(true);
        A::from_arg_matches(&verb.get_matches_from(flags)).unwrap()
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_verb_stands_under_a_heading_and_says_what_it_does() {
        let verbs = Verb::augment_subcommands(clap::Command::new("copydesk"));
        let listed: Vec<&str> = HEADINGS.iter().flat_map(|(_, names)| *names).copied().collect();
        for verb in verbs.get_subcommands() {
            assert!(listed.contains(&verb.get_name()), "{} is not listed", verb.get_name());
            assert!(verb.get_about().is_some(), "{} has no help", verb.get_name());
        }
        assert_eq!(verbs.get_subcommands().count(), listed.len());
    }
}
