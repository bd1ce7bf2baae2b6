//! The snapshot of the ledger in a file of `dedupe.state_dir`: a cache that may be deleted at any time.
//!
//! A new one takes the place of the old one only when all of it is on the disk. It must never stop a worker: a snapshot
//! that cannot be written or read costs the time to read the print log.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::answers::Shared;
use crate::stage::dedupe::ledger::Ledger;
use crate::stage::dedupe::snapshot::{self, Mark, Refused, Writer};

/// Time from one snapshot to the next. Shorter: prints wait more often; longer: more is read again after a crash.
const EVERY: Duration = Duration::from_secs(600);

/// Where the snapshot of one desk is kept.
pub(super) struct Store {
    path: PathBuf,
    desk: u64,
    /// When the last one was written, or the worker began.
    since: Instant,
    /// The record the last one ends with.
    held: Option<Mark>,
    /// Brings the last one to the disk.
    finishing: Option<JoinHandle<()>>,
}

impl Store {
    /// The snapshot of `desk` in `folder`, which is made where it is not there.
    pub(super) fn new(folder: &Path, desk: u64) -> Store {
        if let Err(error) = fs::create_dir_all(folder) {
            tracing::warn!(folder = %folder.display(), %error, "dedupe.state_dir cannot be made: no snapshot is kept");
        }
        let path = folder.join(format!("prints-{desk:016x}.snapshot"));
        Store { path, desk, since: Instant::now(), held: None, finishing: None }
    }

    /// The snapshot, where there is one that can be used.
    pub(super) fn load(&mut self) -> Option<(Ledger, Mark)> {
        let begun = Instant::now();
        match read(&self.path, self.desk) {
            Ok((ledger, mark)) => {
                self.held = Some(mark);
                tracing::info!(prints = ledger.len(), offset = mark.offset, took = ?begun.elapsed(), "snapshot read");
                Some((ledger, mark))
            }
            Err(Refused::Unreadable(ErrorKind::NotFound)) => None,
            Err(refused) => {
                self.warn(&refused);
                None
            }
        }
    }

    /// Says that the snapshot is not used, and why.
    pub(super) fn warn(&self, why: &dyn std::fmt::Display) {
        let file = self.path.display();
        tracing::warn!(%file, "snapshot not used: {why}; the print log is read from its beginning");
    }

    /// Writes a snapshot when its time has come. Nothing may be applied meanwhile; the disk is waited for elsewhere.
    pub(super) fn keep(&mut self, shared: &Shared, mark: Option<Mark>) {
        let busy = self.finishing.as_ref().is_some_and(|thread| !thread.is_finished());
        if busy || self.since.elapsed() < EVERY {
            return;
        }
        let Some(written) = self.write(shared, mark) else { return };
        let thread = std::thread::Builder::new().name("snapshot".into()).spawn(move || written.finish());
        self.finishing = thread.ok();
    }

    /// Writes the last snapshot and waits for the disk.
    pub(super) fn close(&mut self, shared: &Shared, mark: Option<Mark>) {
        if let Some(thread) = self.finishing.take() {
            let _ = thread.join();
        }
        if let Some(written) = self.write(shared, mark) {
            written.finish();
        }
    }

    /// Writes what the log says up to `mark`, unless the last snapshot holds that.
    fn write(&mut self, shared: &Shared, mark: Option<Mark>) -> Option<Written> {
        self.since = Instant::now();
        let mark = mark.filter(|mark| self.held != Some(*mark))?;
        let begun = Instant::now();
        let new = self.path.with_extension("new");
        match write(&new, shared, mark) {
            Ok(file) => {
                tracing::debug!(offset = mark.offset, took = ?begun.elapsed(), "snapshot written");
                self.held = Some(mark);
                Some(Written { file, new, path: self.path.clone() })
            }
            Err(error) => {
                failed(&new, &error);
                None
            }
        }
    }
}

/// A snapshot that is not known to be on the disk yet.
struct Written {
    file: File,
    new: PathBuf,
    path: PathBuf,
}

impl Written {
    fn finish(self) {
        if let Err(error) = self.replace() {
            failed(&self.new, &error);
        }
    }

    fn replace(&self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.new, &self.path)?;
        // The name is on the disk when its folder is.
        File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn failed(new: &Path, error: &io::Error) {
    let _ = fs::remove_file(new);
    tracing::warn!(file = %new.display(), %error, "no snapshot written; a restart reads more of the print log");
}

/// Takes the lock anew for every block, so that nobody who looks waits for long.
fn write(path: &Path, shared: &Shared, mark: Mark) -> io::Result<File> {
    let (mut file, mut writer) = (File::create(path)?, Writer::new(mark));
    loop {
        let index = shared.lock();
        let Some(block) = writer.block(&index.ledger) else { return Ok(file) };
        drop(index);
        file.write_all(block)?;
    }
}

fn read(path: &Path, desk: u64) -> Result<(Ledger, Mark), Refused> {
    let file = File::open(path).map_err(|error| Refused::Unreadable(error.kind()))?;
    snapshot::read(&mut BufReader::with_capacity(1 << 18, file), desk)
}
