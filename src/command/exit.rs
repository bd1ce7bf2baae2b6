//! How the program ends, as numbers a service manager and a script can act on.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::kafka::admin::Away;
use crate::settings::Problems;

/// How the program ends. Service managers must not restart on `Usage`, `RejectLimit` and `Config`: it would end the
/// same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, and the answer is no.
    No = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Too many records died: the reject limit tripped.
    RejectLimit = 65,
    /// The brokers cannot be reached.
    Unreachable = 69,
    /// A defect of this program, or the watchdog.
    Internal = 70,
    /// A file or a stream cannot be read or written.
    Io = 74,
    /// The configuration is wrong.
    Config = 78,
}

impl Exit {
    /// No broker answers, or one that does and we do not fit together, which no new attempt will mend.
    pub(super) fn away(away: &Away) -> Exit {
        if away.refused() { Exit::Config } else { Exit::Unreachable }
    }

    /// An error that ends the program this way.
    pub fn because(self, text: impl fmt::Display) -> anyhow::Error {
        self.of(anyhow::anyhow!("{text}"))
    }

    /// `error`, ending the program this way.
    pub fn of(self, error: anyhow::Error) -> anyhow::Error {
        anyhow::Error::new(Ended { exit: self, error })
    }
}

/// An error and the exit it leads to.
#[derive(Debug)]
struct Ended {
    exit: Exit,
    error: anyhow::Error,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Ended {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

/// The exit code of a verb; an error is printed with everything that caused it.
pub(super) fn code(result: anyhow::Result<Exit>) -> ExitCode {
    let exit = result.unwrap_or_else(|error| {
        let exit = exit_of(&error);
        if exit != Exit::Done {
            report(&error);
        }
        exit
    });
    ExitCode::from(exit as u8)
}

/// The exit an error leads to. Whoever read from us and left (`| head`) has what it wanted: that is no error.
fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(ended) = cause.downcast_ref::<Ended>() {
            return ended.exit;
        }
        if cause.is::<Problems>() {
            return Exit::Config;
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return if error.kind() == io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::Io };
        }
    }
    Exit::Internal
}

/// Prints an error and its causes, one a line. Problems of the configuration speak for themselves.
fn report(error: &anyhow::Error) {
    let mut text = if error.is::<Problems>() { format!("{error}\n") } else { format!("error: {error}\n") };
    for cause in error.chain().skip(1) {
        text.push_str(&format!("  because: {cause}\n"));
    }
    // Nobody is left to tell when standard error is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Stop;
    use crate::worker::Failure;
    use anyhow::Context;

    #[test]
    fn an_error_leads_to_the_exit_of_its_cause() {
        let io = |kind| anyhow::Error::new(io::Error::from(kind)).context("writing outcomes");
        assert_eq!(exit_of(&io(io::ErrorKind::BrokenPipe)), Exit::Done);
        assert_eq!(exit_of(&io(io::ErrorKind::PermissionDenied)), Exit::Io);
        assert_eq!(exit_of(&anyhow::Error::new(Problems(Vec::new()))), Exit::Config);
        assert_eq!(exit_of(&anyhow::anyhow!("a defect")), Exit::Internal);
        let wrapped: anyhow::Result<()> = Err(Exit::Unreachable.because("no broker answers"));
        assert_eq!(exit_of(&wrapped.context("check").unwrap_err()), Exit::Unreachable);
        let refused = anyhow::Error::new(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(exit_of(&Exit::Unreachable.of(refused)), Exit::Unreachable);
    }

    #[test]
    fn a_worker_that_would_end_the_same_way_again_is_not_to_be_restarted() {
        let ended = |stop| exit_of(&crate::command::run::exit(Failure::Stop(stop)));
        assert_eq!(ended(Stop::Setup("two workers share kafka.instance".into())), Exit::Config);
        assert_eq!(ended(Stop::Denied("the right to Read is missing".into())), Exit::Config);
        assert_eq!(ended(Stop::RejectLimit(0.6)), Exit::RejectLimit);
        assert_eq!(ended(Stop::Broken("the print log was closed".into())), Exit::Internal);
    }
}
