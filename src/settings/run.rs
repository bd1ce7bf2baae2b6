//! `[run]`: what a worker does, at which pace, in how much memory, and how long it waits.

use std::time::Duration;

use super::Stages;

/// What a crash may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Outputs and offsets in one transaction.
    #[default]
    ExactlyOnce,
    /// For brokers or consumers without transactions: a crash repeats up to `commit_records` records.
    AtLeastOnce,
}

/// `[run]`: pace, memory, deadlines.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Which part of the line runs here.
    pub stages: Stages,
    /// What a crash may cost.
    pub delivery: Delivery,
    /// Bound for everything in flight: prefetch, records on the line, producer queues. Bytes.
    pub memory: u64,
    /// Threads for the stages; `None`: one for each core.
    pub workers: Option<usize>,
    /// A transaction is committed at this many records ...
    pub commit_records: usize,
    /// ... or this long after its first record, and at once when the line has run dry.
    pub commit_interval: Duration,
    /// How long a revoke or a shutdown waits for records on the line.
    pub drain_timeout: Duration,
    /// Outer bound of a shutdown.
    pub shutdown_timeout: Duration,
    /// The process ends when the driver has made no step for this long.
    pub watchdog: Duration,
    /// Stop when this share of records died of faults, 0.0 to 1.0; `None`: off.
    pub reject_limit: Option<f64>,
    /// ... over this window, of at least 5,000 records.
    pub reject_window: Duration,
    /// The service manager's socket (NOTIFY_SOCKET), where there is one that wants to hear how the worker is.
    pub notify_socket: Option<String>,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            stages: Stages::default(),
            delivery: Delivery::default(),
            memory: 192 << 20,
            workers: None,
            commit_records: 1000,
            commit_interval: Duration::from_millis(200),
            drain_timeout: Duration::from_secs(8),
            shutdown_timeout: Duration::from_secs(20),
            watchdog: Duration::from_secs(75),
            reject_limit: Some(0.5),
            reject_window: Duration::from_secs(300),
            notify_socket: None,
        }
    }
}
