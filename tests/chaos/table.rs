//! The table in the end: one line for each scenario.

use std::time::Duration;

/// A line.
#[derive(Debug, Default)]
pub struct Row {
    pub scenario: String,
    pub nodes: u16,
    pub runs: u32,
    pub inputs: u64,
    pub faults: u64,
    pub kills: u64,
    pub lost: u64,
    pub doubled: u64,
    pub stall: Duration,
    pub recovery: Duration,
    pub peak: u64,
    pub compared: u64,
    pub took: Duration,
    pub wrong: Vec<String>,
    pub notes: Vec<String>,
}

impl Row {
    /// A scenario that this machine does not allow.
    pub fn skipped(scenario: &str, why: &str) -> Row {
        Row { scenario: scenario.into(), notes: vec![format!("skipped: {why}")], ..Row::default() }
    }

    /// The next run of the same scenario.
    pub fn add(&mut self, next: Row) {
        self.runs += next.runs;
        self.inputs += next.inputs;
        self.faults += next.faults;
        self.kills += next.kills;
        self.lost += next.lost;
        self.doubled += next.doubled;
        self.stall = self.stall.max(next.stall);
        self.recovery = self.recovery.max(next.recovery);
        self.peak = self.peak.max(next.peak);
        self.compared += next.compared;
        self.took += next.took;
        self.wrong.extend(next.wrong);
        self.notes.extend(next.notes);
    }

    fn cells(&self) -> [String; 14] {
        let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
        let verdict = if !self.wrong.is_empty() {
            "FAILED"
        } else if self.inputs == 0 {
            "skipped"
        } else {
            "exact"
        };
        [
            self.scenario.clone(),
            self.nodes.to_string(),
            self.runs.to_string(),
            self.inputs.to_string(),
            self.faults.to_string(),
            self.kills.to_string(),
            self.lost.to_string(),
            self.doubled.to_string(),
            self.compared.to_string(),
            seconds(self.stall),
            seconds(self.recovery),
            format!("{} MB", self.peak / 1_000_000),
            seconds(self.took),
            verdict.to_owned(),
        ]
    }
}

const HEAD: [&str; 14] = [
    "scenario",
    "nodes",
    "runs",
    "inputs",
    "faults",
    "kills",
    "lost",
    "doubled",
    "verdicts compared",
    "longest stall",
    "recovery",
    "peak memory",
    "took",
    "verdict",
];

/// The table as markdown, with a line for everything, and below it what was noticed and what was wrong.
pub fn markdown(rows: &[Row]) -> String {
    let mut all = Row { scenario: "all".into(), ..Row::default() };
    let mut lines = vec![HEAD.map(str::to_owned), HEAD.map(|_| "---".to_owned())];
    for row in rows {
        lines.push(row.cells());
        let copy = Row { wrong: row.wrong.clone(), scenario: String::new(), notes: Vec::new(), ..*row };
        all.add(copy);
    }
    lines.push(all.cells());
    let wide = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(wide).collect();
    let line = |cells: &[String; 14]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, wide)| format!("{cell:<wide$}")).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let mut text: String = lines.iter().map(line).collect();
    for row in rows {
        let notes = row.notes.iter().map(|note| (" ", note)).chain(row.wrong.iter().map(|wrong| (" WRONG: ", wrong)));
        text.extend(notes.map(|(mark, note)| format!("\n* {}:{mark}{note}", row.scenario)));
    }
    text + "\n"
}
