//! What one membership in the group holds: lanes, the open transaction, the outbox; and what a rebalance does to them.
//!
//! Life of a partition: assigned (start resolved, paused) -> open (print log caught up, its published prints told) ->
//! draining (intake closed; what has entered is committed at once, the rest into a fresh transaction, up to the drain
//! deadline) -> released. A shutdown takes the same way: it unsubscribes, and the revoke does the rest. A lost partition
//! is released at once, and nothing of it is committed.
//!
//! Callbacks run on the driver's thread inside `poll`. The lock is never held across `poll`, so it is always free there.

mod attempts;
mod begin;
mod claim;
mod open;
mod rebalance;
mod recover;
mod standing;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::consumer::BaseConsumer;

use self::attempts::{Attempts, Care};
use self::open::Open;
pub use self::standing::Standing;
use super::admin::Outputs;
use super::classify::Trouble;
use super::context::{Context, hand_on};
use super::outbox::Outbox;
use super::print_log::{KafkaPrintLog, Ticket};
use crate::flow::lanes::Lanes;
use crate::flow::reject_limit::RejectLimit;
use crate::flow::{Aside, Delivery, Flow, PrintLog, Taken};
use crate::http::Health;
use crate::metrics::Metrics;
use crate::outcome::Route;
use crate::recent::Recent;
use crate::record::Record;
use crate::settings::Settings;
use crate::stage::dedupe::print::Entry;

/// What does not change while the worker runs.
pub struct Job<F> {
    /// What happens to records.
    pub flow: F,
    /// The print log, where the flow has one.
    pub prints: Option<Arc<KafkaPrintLog>>,
    /// All settings.
    pub settings: Arc<Settings>,
    /// Which input this is.
    pub route: Route,
    /// Its topic.
    pub topic: Arc<str>,
    /// Consumer group.
    pub group: String,
    /// Transactional id.
    pub transactional_id: String,
    /// What the output topics ask for.
    pub outputs: Outputs,
    /// Numbers.
    pub metrics: Metrics,
    /// Probes.
    pub health: Arc<Health>,
    /// What the desk page shows.
    pub recent: Arc<Recent>,
    /// Where appends that nobody waits for run.
    pub runtime: tokio::runtime::Handle,
    /// Where the group stands, for whoever reports lag.
    pub standing: Arc<Mutex<BTreeMap<i32, Standing>>>,
}

impl<F> Job<F> {
    /// Whether its records are those that an operator counts; those of the fetch stage would only blur them.
    fn in_law(&self) -> bool {
        self.route != Route::Links
    }

    /// Where the group stands in the partitions that are held.
    pub(super) fn standing(&self) -> MutexGuard<'_, BTreeMap<i32, Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One membership. The consumer's context, so that rebalances find it.
pub struct Session<F> {
    context: Context,
    /// Shared with every session of this worker.
    pub job: Arc<Job<F>>,
    state: Mutex<State>,
}

/// What moves.
pub struct State {
    /// The lanes.
    pub lanes: Lanes,
    inbox: Receiver<Delivery>,
    open: Open,
    starting: Vec<Starting>,
    /// Paused for back-pressure.
    pub paused: BTreeSet<i32>,
    /// Next offset to take, by partition.
    pub taken: BTreeMap<i32, i64>,
    /// Under which claim the committed offset of a partition was committed before it came here.
    inherited: BTreeMap<i32, Option<u32>>,
    /// Where the group begins in partitions that are new to it, not committed yet.
    fresh: BTreeMap<i32, i64>,
    /// What was begun before and came to nothing, of partitions that have not got on yet.
    attempts: BTreeMap<i32, Attempts>,
    /// Paused while their one record is under way.
    alone: BTreeSet<i32>,
    /// Partition and offset of records whose message was refused for its size, until they are dead letters.
    oversize: BTreeSet<(i32, i64)>,
    /// Aborts in a row without a commit.
    pub in_vain: u32,
    /// Partitions read to their end.
    pub at_end: BTreeSet<i32>,
    /// Paused since all that is to be done of them was taken.
    done: BTreeSet<i32>,
    /// Rebalances seen.
    pub assignments: u64,
    /// Prints declared void that the own tail has not seen void yet.
    voided: HashSet<i64>,
    trouble: Option<Trouble>,
    rejects: RejectLimit,
    /// Set once the worker is leaving: what is given back counts as returned by the shutdown.
    pub leaving: bool,
}

/// Partitions assigned that wait until the print log is read to where it ended when they came.
struct Starting {
    partitions: Vec<i32>,
    ticket: Option<Ticket>,
}

impl<F: Flow> Session<F> {
    /// A membership that has no partitions yet.
    pub fn new(job: Arc<Job<F>>, outbox: Outbox) -> Session<F> {
        let (out, inbox) = std::sync::mpsc::channel();
        let run = &job.settings.run;
        let rejects = RejectLimit::new(run.reject_limit, run.reject_window);
        let open = Open::new(outbox, job.prints.clone());
        let state = State {
            lanes: Lanes::new(out),
            inbox,
            open,
            starting: Vec::new(),
            paused: BTreeSet::new(),
            taken: BTreeMap::new(),
            inherited: BTreeMap::new(),
            fresh: BTreeMap::new(),
            attempts: BTreeMap::new(),
            alone: BTreeSet::new(),
            oversize: BTreeSet::new(),
            in_vain: 0,
            at_end: BTreeSet::new(),
            done: BTreeSet::new(),
            assignments: 0,
            voided: HashSet::new(),
            trouble: None,
            rejects,
            leaving: false,
        };
        let context = Context::new(&job.settings.kafka);
        Session { context, job, state: Mutex::new(state) }
    }

    /// The moving part. Never held across a poll of the consumer.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last error librdkafka spoke of.
    pub fn last_reason(&self) -> Option<String> {
        self.context.last_reason()
    }
}

impl<F: Flow> ClientContext for Session<F> {
    hand_on!(log);
    hand_on!(error);
    hand_on!(rest);
}

/// One step of the driver's loop, apart from polling.
impl State {
    /// Takes a record in. Records of partitions that are not open are dropped; they will come again.
    pub fn take<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>, record: Record) {
        let Some(position) = record.position.clone() else { return };
        self.at_end.remove(&position.partition);
        self.goes_on(job, position.partition);
        let care = self.care(position.partition);
        let oversize = self.oversize.contains(&(position.partition, position.offset.0)).then_some(Aside::TooLarge);
        let aside = if care == Care::Unread { Some(Aside::CrashLoop) } else { oversize };
        let (weight, taken) = (record.weight(), Taken { record, aside });
        if self.lanes.take(position.partition, taken, Instant::now()) {
            job.metrics.consumed(job.route, weight);
            self.taken.insert(position.partition, position.offset.next().0);
            if care != Care::Usual {
                self.leave_alone(job, consumer, position.partition);
            }
        }
    }

    /// Takes finished records in, lets them enter, and commits when due.
    ///
    /// # Errors
    /// [`Trouble`] that the driver must deal with; one left by a rebalance comes first.
    pub fn step<F: Flow>(&mut self, job: &Job<F>, consumer: &BaseConsumer<Session<F>>) -> Result<(), Trouble> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        // Records may wait for what the log says next, and nobody asks it anything.
        if let Some(stop) = job.prints.as_ref().and_then(|prints| prints.broken()) {
            return Err(stop.into());
        }
        self.write_begins(job, consumer)?;
        self.start_ready(job, consumer)?;
        self.count_attempts(job, consumer)?;
        self.collect(Duration::ZERO);
        let held = self.enter(job, consumer)?;
        self.void_behind(job, &held.behind);
        for (lane, offset) in held.again {
            self.read_again(job, consumer, lane.partition, offset.0)?;
        }
        self.open.outbox.poll();
        self.hurry(job);
        let run = &job.settings.run;
        let dry = self.lanes.inside() == 0 || self.alone_entered();
        if self.open.cut.due(Instant::now(), run.commit_records, run.commit_interval, dry) {
            self.commit(job, consumer)?;
        }
        self.next_alone(job, consumer)?;
        if job.in_law() {
            job.metrics.in_flight_bytes(self.held_bytes());
            job.metrics.oldest_in_flight(self.lanes.oldest().map(|since| since.elapsed()));
        }
        Ok(())
    }

    /// Partitions whose intake is open, and not closed behind one record.
    pub fn open_partitions(&self) -> Vec<i32> {
        let starting = |p: &i32| self.starting.iter().any(|s| s.partitions.contains(p));
        self.lanes.partitions().into_iter().filter(|p| !starting(p) && !self.alone.contains(p)).collect()
    }

    /// Bytes on the line and in the open transaction.
    pub fn held_bytes(&self) -> usize {
        self.lanes.bytes() + self.open.cut.bytes()
    }

    /// True when nothing is on the line or in a transaction, and no partition is still starting.
    pub fn idle(&self) -> bool {
        self.lanes.inside() == 0 && self.open.cut.is_empty() && self.starting.is_empty()
    }

    /// Queues finished records, waiting up to `wait` for the first.
    fn collect(&mut self, wait: Duration) {
        let mut next = if wait.is_zero() { self.inbox.try_recv().ok() } else { self.inbox.recv_timeout(wait).ok() };
        while let Some(delivery) = next {
            self.lanes.arrive(delivery);
            next = self.inbox.try_recv().ok();
        }
    }

    /// A copy that stands before its own story in one partition: the story's print is void, both are judged again.
    fn void_behind<F: Flow>(&mut self, job: &Job<F>, prints: &[i64]) {
        if prints.is_empty() {
            return self.voided.clear();
        }
        let fresh: Vec<i64> = prints.iter().copied().filter(|print| self.voided.insert(*print)).collect();
        if !fresh.is_empty() {
            append(job, Entry::Void(fresh));
        }
    }

    /// A head has waited longer than a promise lasts: a record in the log moves log time, so that the promise lapses.
    fn hurry<F: Flow>(&mut self, job: &Job<F>) {
        let waited = self.lanes.longest_wait(Instant::now());
        if waited.is_some_and(|waited| waited > job.settings.dedupe.promise) {
            self.lanes.waits_anew(Instant::now());
            append(job, Entry::Told(Vec::new()));
        }
    }
}

/// Appends a record that nobody waits for. Should it get lost, the next owner of the partition makes up for it.
fn append<F: Flow>(job: &Job<F>, entry: Entry) {
    let Some(prints) = &job.prints else { return };
    let appended = prints.append(entry);
    job.runtime.spawn(async move {
        if let Err(stop) = appended.await {
            tracing::warn!("{stop}");
        }
    });
}
