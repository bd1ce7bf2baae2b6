//! The account of a scenario: what the oracle says of its records, and the line it gets in the table.

use std::sync::atomic::Ordering;

use super::super::desk::Worker;
use super::super::exact::{self, Verdict};
use super::super::table::Row;
use super::Arena;

/// `run.memory` of a worker.
const MEMORY: u64 = 192 << 20;

impl Arena<'_> {
    /// What the oracle says. Nothing may be wrong.
    pub fn account(&mut self) -> Row {
        let ends = self.written.ends();
        let from = |p: usize| self.from.get(&p).copied().unwrap_or(0);
        let spans: Vec<(i64, i64)> = ends.iter().enumerate().map(|(p, end)| (from(p), *end)).collect();
        let mut verdict = exact::check(&self.desk, &spans, &self.log);
        let (copies, poison) = (self.written.copies.load(Ordering::SeqCst), self.written.poison.load(Ordering::SeqCst));
        if !self.may_repeat && verdict.links as i64 != copies {
            verdict.wrong.insert("copies", format!("{copies} planted, {} links", verdict.links));
        }
        if self.from.is_empty() && !self.may_die && verdict.dead as i64 != poison {
            verdict.wrong.insert("dead", format!("{poison} planted, {} dead letters", verdict.dead));
        }
        self.row(verdict)
    }

    /// The line of a scenario that did not come to its end.
    pub fn failed(&mut self, why: String) -> Row {
        self.written.enough.store(true, Ordering::SeqCst);
        let inputs = self.written.total().unsigned_abs();
        self.row(Verdict { inputs, wrong: [("ended", why)].into(), ..Verdict::default() })
    }

    fn row(&mut self, mut verdict: Verdict) -> Row {
        let seen = self.watch.seen();
        if let Some(fell) = &seen.fell {
            verdict.wrong.insert("fell", format!("committed offsets fell: {fell}"));
        }
        let bound = MEMORY + self.beside + verdict.inputs * 500;
        if self.peak > bound {
            verdict.wrong.insert("memory", format!("{} MB, above {} MB", self.peak / 1_000_000, bound / 1_000_000));
        }
        Row {
            scenario: self.name.to_owned(),
            nodes: self.nodes.count,
            runs: 1,
            inputs: verdict.inputs,
            faults: seen.faults,
            kills: self.kills,
            lost: verdict.lost,
            doubled: verdict.doubled,
            stall: seen.stall,
            recovery: seen.recovery,
            peak: self.peak,
            compared: verdict.compared,
            took: self.begun.elapsed(),
            wrong: verdict.wrong.iter().map(|(what, text)| format!("{what}: {text}")).collect(),
            notes: self.notes.clone(),
        }
    }

    /// Writes what the workers said into a folder, for whoever looks for the cause.
    pub fn keep_logs(&self, folder: &std::path::Path) {
        let _ = std::fs::create_dir_all(folder);
        let running = self.workers.iter().map(Worker::log);
        for (n, log) in self.logs.iter().cloned().chain(running).enumerate() {
            let _ = std::fs::write(folder.join(format!("{}-{n}.log", self.name)), log);
        }
    }
}
