//! How far each file of a backfill has come, in a small JSON file that is replaced whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::command::Exit;

/// How far one file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// Records written.
    records: u64,
    /// Bytes the file had.
    bytes: u64,
}

/// How far each file has come, by its path.
#[derive(Debug, Default)]
pub struct State {
    path: Option<PathBuf>,
    files: BTreeMap<String, Progress>,
}

impl State {
    /// The state kept at `path`, empty when there is no such file yet; without a path nothing is ever kept.
    ///
    /// # Errors
    /// When the file cannot be read or is no state.
    pub fn load(path: Option<&Path>) -> anyhow::Result<State> {
        let Some(path) = path else { return Ok(State::default()) };
        let files = match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                Exit::Io.because(format!("{} is no state of a backfill ({error}); name another file", path.display()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        Ok(State { path: Some(path.to_owned()), files })
    }

    /// Records of `file` that were written before.
    ///
    /// # Errors
    /// When the file has become smaller since: it is another one.
    pub fn done(&self, file: &Path) -> anyhow::Result<u64> {
        let Some(progress) = self.files.get(&name(file)).filter(|_| self.path.is_some()) else { return Ok(0) };
        if bytes(file) < progress.bytes {
            let text = "is smaller than when it was read last, so it is another file; begin anew with another --state";
            return Err(Exit::Io.because(format!("{} {text}", file.display())));
        }
        Ok(progress.records)
    }

    /// `records` of `file` are sent.
    pub fn pass(&mut self, file: &Path, records: u64) {
        if let Some(progress) = self.files.get_mut(&name(file)) {
            progress.records = records;
        } else {
            self.files.insert(name(file), Progress { records, bytes: bytes(file) });
        }
    }

    /// Keeps it: written beside the file, then put in its place, so that it is never half a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let beside = path.with_extension("part");
        let text = serde_json::to_vec_pretty(&self.files)?;
        fs::write(&beside, text).with_context(|| format!("writing {}", beside.display()))?;
        fs::rename(&beside, path).with_context(|| format!("writing {}", path.display()))
    }
}

fn name(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

/// Bytes of a file; 0 for standard input.
fn bytes(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_again_and_a_smaller_file_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, kept) = (folder.path().join("a.jsonl"), folder.path().join("state.json"));
        fs::write(&file, "{}\n{}\n").unwrap();
        let mut state = State::load(Some(&kept)).unwrap();
        assert_eq!(state.done(&file).unwrap(), 0);
        state.pass(&file, 1);
        state.pass(&file, 2);
        state.keep().unwrap();
        assert_eq!(State::load(Some(&kept)).unwrap().done(&file).unwrap(), 2);
        fs::write(&file, "{}\n").unwrap();
        let error = State::load(Some(&kept)).unwrap().done(&file).unwrap_err();
        assert!(error.to_string().contains("another --state"), "{error}");
        fs::write(&kept, "torn").unwrap();
        assert!(State::load(Some(&kept)).unwrap_err().to_string().contains("no state"));
    }

    #[test]
    fn without_a_path_nothing_is_kept() {
        let mut state = State::load(None).unwrap();
        state.pass(Path::new("a"), 5);
        state.keep().unwrap();
        assert_eq!(state.done(Path::new("a")).unwrap(), 0);
    }
}
