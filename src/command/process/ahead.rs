//! Lines read ahead on a thread of their own. A batch is whatever is at hand, so that a live pipe is answered line by line
//! and a file in full batches. What a line says is no matter here, only that it is not blank.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use super::input::{BATCH_BYTES, BATCH_RECORDS, blank, open, read_line};

/// The lines of some files in order, as far as they were read.
#[derive(Default)]
pub struct Ahead {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    lines: Vec<Vec<u8>>,
    bytes: usize,
    ended: Option<Ended>,
}

/// Why no line follows.
#[derive(Debug)]
pub enum Ended {
    /// All is read.
    Whole,
    /// Nobody wants more.
    Stopped,
    /// This cannot be read.
    Failed(anyhow::Error),
}

impl Ahead {
    /// Begins to read.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn read(files: Vec<PathBuf>) -> std::io::Result<Arc<Ahead>> {
        let ahead = Arc::new(Ahead::default());
        let reader = ahead.clone();
        std::thread::Builder::new().name("input".into()).spawn(move || {
            let read = files.iter().try_for_each(|file| reader.file(file));
            reader.end(read.map_or_else(Ended::Failed, |()| Ended::Whole));
        })?;
        Ok(ahead)
    }

    /// The lines at hand; where there are none, those that come first.
    ///
    /// # Errors
    /// Why none follow.
    pub fn batch(&self) -> Result<Vec<Vec<u8>>, Ended> {
        let mut held = self.held();
        while held.lines.is_empty() {
            if let Some(ended) = held.ended.take() {
                return Err(ended);
            }
            held = self.wait(held);
        }
        held.bytes = 0;
        let lines = std::mem::take(&mut held.lines);
        self.changed.notify_all();
        Ok(lines)
    }

    /// Nobody wants more than what was read.
    pub fn stop(&self) {
        self.end(Ended::Stopped);
    }

    fn file(&self, file: &Path) -> anyhow::Result<()> {
        let mut input = open(file)?;
        while let Some(line) = read_line(&mut input).with_context(|| format!("reading {}", file.display()))? {
            if !blank(&line) && !self.push(line) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Keeps a line and waits for room for the next one; false when nobody wants it.
    fn push(&self, line: Vec<u8>) -> bool {
        let mut held = self.held();
        held.bytes += line.len();
        held.lines.push(line);
        if held.lines.len() == 1 {
            self.changed.notify_all();
        }
        while held.ended.is_none() && (held.lines.len() >= BATCH_RECORDS || held.bytes >= BATCH_BYTES) {
            held = self.wait(held);
        }
        held.ended.is_none()
    }

    fn end(&self, ended: Ended) {
        self.held().ended.get_or_insert(ended);
        self.changed.notify_all();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'h>(&self, held: MutexGuard<'h, Held>) -> MutexGuard<'h, Held> {
        self.changed.wait(held).unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_comes_before_why_there_is_no_more() {
        let ahead = Ahead::default();
        assert!(ahead.push(b"one".to_vec()) && ahead.push(b"two".to_vec()));
        ahead.stop();
        assert!(!ahead.push(b"three".to_vec()), "the reader shall leave");
        ahead.end(Ended::Whole);
        assert_eq!(ahead.batch().unwrap(), [&b"one"[..], b"two", b"three"]);
        assert!(matches!(ahead.batch(), Err(Ended::Stopped)));
    }

    #[test]
    fn files_come_in_order_without_blank_lines_and_what_fails_comes_last() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            folder.path().join(name)
        };
        let many: String = (0..3 * BATCH_RECORDS).map(|n| format!("{n}\n\n")).collect();
        let files = vec![file("a", &many), file("b", " \t\r\nlast"), folder.path().join("none")];
        let ahead = Ahead::read(files).unwrap();
        let mut lines = Vec::new();
        let ended = loop {
            match ahead.batch() {
                Ok(batch) => {
                    assert!(batch.len() <= BATCH_RECORDS);
                    lines.extend(batch);
                }
                Err(ended) => break ended,
            }
        };
        let expected: Vec<String> = (0..3 * BATCH_RECORDS).map(|n| n.to_string()).chain(["last".to_owned()]).collect();
        assert_eq!(lines, expected.iter().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>());
        assert!(matches!(ended, Ended::Failed(error) if error.to_string().contains("none")));
    }
}
