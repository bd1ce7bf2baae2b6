//! How far a backfill has come, in a line: of the bytes of its files, as they lie there, and how long the rest will take.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Cells of the bar.
const CELLS: usize = 20;
/// Seconds before a guess about the rest is worth anything.
const EARLY: f64 = 1.0;

/// The bytes of the files, and how many of them are done.
#[derive(Debug, Default)]
pub struct Progress {
    /// Of all files; `None` where one of them does not say, such as standard input.
    total: Option<u64>,
    /// Of the files before this one.
    before: u64,
    /// Of this one.
    here: u64,
    /// Done when the first record was written: what a broken-off backfill had passed is no pace.
    begun: Option<u64>,
}

impl Progress {
    /// Nothing done of these files.
    pub fn new(files: &[PathBuf]) -> Progress {
        Progress { total: files.iter().map(|file| bytes(file)).sum(), ..Progress::default() }
    }

    /// So many bytes of the file are done.
    pub fn at(&mut self, bytes: u64) {
        self.here = bytes;
    }

    /// The next file.
    pub fn next(&mut self) {
        self.before += std::mem::take(&mut self.here);
    }

    /// The first record is written from here.
    pub fn begin(&mut self) {
        self.begun.get_or_insert(self.before + self.here);
    }

    /// Share that is done, 0.0 to 1.0.
    pub fn share(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some(((self.before + self.here) as f64 / total as f64).min(1.0))
    }

    /// How long the rest will take, when it goes on as in the `elapsed` time.
    pub fn rest(&self, elapsed: Duration) -> Option<Duration> {
        let done = (self.before + self.here).saturating_sub(self.begun?) as f64;
        let left = self.total?.saturating_sub(self.before + self.here) as f64;
        let seconds = elapsed.as_secs_f64();
        (done > 0.0 && seconds >= EARLY).then(|| Duration::from_secs_f64((seconds * left / done).min(1e9)))
    }

    /// Share and rest in words, with a bar for a terminal; empty where nothing is known of the end.
    pub fn line(&self, elapsed: Duration, bar: bool) -> String {
        let Some(share) = self.share() else { return String::new() };
        let full = (share * CELLS as f64) as usize;
        let drawn = if bar { format!("[{}{}] ", "#".repeat(full), "-".repeat(CELLS - full)) } else { String::new() };
        let rest = self.rest(elapsed).map(|rest| format!("{} left, ", long(rest))).unwrap_or_default();
        format!("{drawn}{:>3.0} %, {rest}", (share * 100.0).floor())
    }
}

/// Bytes of a file; `None` for what is none, such as a pipe.
fn bytes(file: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(file).ok()?;
    metadata.is_file().then_some(metadata.len())
}

/// A time in its largest unit or two.
fn long(time: Duration) -> String {
    match time.as_secs() {
        s @ 0..=99 => format!("{s} s"),
        s @ 100..=5999 => format!("{} min", s.div_ceil(60)),
        s => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn of(total: u64) -> Progress {
        Progress { total: Some(total), ..Progress::default() }
    }

    #[test]
    fn share_and_rest_are_of_the_bytes_of_all_files() {
        let mut progress = of(1000);
        progress.begin();
        assert_eq!(progress.line(Duration::ZERO, true), "[--------------------]   0 %, ");
        progress.at(100);
        progress.next();
        progress.at(150);
        assert_eq!(progress.line(MINUTE, true), "[#####---------------]  25 %, 3 min left, ");
        assert_eq!(progress.line(MINUTE, false), " 25 %, 3 min left, ");
        progress.at(900);
        assert_eq!(progress.line(MINUTE, true), "[####################] 100 %, 0 s left, ");
        progress.at(5000);
        assert_eq!(progress.share(), Some(1.0), "a file that grew");
    }

    #[test]
    fn what_was_written_before_is_done_and_is_no_pace() {
        let mut progress = of(1000);
        progress.at(900);
        progress.begin();
        progress.at(950);
        progress.begin();
        assert_eq!(progress.share(), Some(0.95));
        assert_eq!(progress.rest(MINUTE), Some(MINUTE), "fifty bytes a minute");
    }

    #[test]
    fn of_a_pipe_and_of_empty_files_nothing_is_said() {
        assert_eq!(Progress::new(&[PathBuf::from("-")]).line(MINUTE, true), "");
        assert_eq!(of(0).line(MINUTE, true), "");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "12345").unwrap();
        let twice = [file.path().to_owned(), file.path().to_owned()];
        assert_eq!(Progress::new(&twice).total, Some(10));
        assert_eq!((long(Duration::from_secs(99)), long(Duration::from_secs(7200))), ("99 s".into(), "2 h 00 min".into()));
    }
}
