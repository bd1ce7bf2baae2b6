//! Who waits for which answer: the ledger as the tail reads it, and the prints that were asked and not answered yet.
//!
//! Whoever waits hears of it in any case: the answer, that its print is not where the broker put it, or that nothing is read
//! any more. It must never leave somebody waiting for a tail that has ended.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::gone;
use crate::flow::Stop;
use crate::stage::dedupe::ledger::{Answer, Ledger};
use crate::stage::dedupe::print::Print;

/// What the tail and those who ask share.
pub(super) struct Shared {
    index: Mutex<Index>,
    /// Set once the tail is to end.
    pub(super) stop: AtomicBool,
    /// Cancelled once the log cannot be read any further: an append to a log that was made anew may wait for ever.
    broken: CancellationToken,
}

/// The ledger, and who waits for what it says next.
pub(super) struct Index {
    /// The log as far as the tail has read it.
    pub(super) ledger: Ledger,
    waiting: HashMap<u64, oneshot::Sender<Result<Answer, Stop>>>,
    /// Log offsets the broker gave own prints that were not answered yet.
    expected: BTreeMap<i64, u64>,
    broken: Option<Stop>,
}

impl Shared {
    /// With nobody waiting.
    pub(super) fn new(ledger: Ledger) -> Shared {
        let index = Index { ledger, waiting: HashMap::new(), expected: BTreeMap::new(), broken: None };
        Shared { index: Mutex::new(index), stop: AtomicBool::new(false), broken: CancellationToken::new() }
    }

    /// Never held across a call to the broker.
    pub(super) fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The broker put an own print at `offset`. Once the tail has passed that place the print must have its answer.
    pub(super) fn expect(&self, offset: i64, nonce: u64) {
        let mut index = self.lock();
        if offset >= 0 && index.waiting.contains_key(&nonce) {
            index.expected.insert(offset, nonce);
            index.check();
        }
    }

    /// Tells everybody who waits, and who comes yet, why nothing is read any more.
    pub(super) fn fail(&self, stop: &Stop) {
        self.lock().fail(stop);
        self.broken.cancel();
    }

    /// Why nothing is read any more, when that is so. Takes the lock only then.
    pub(super) fn broken(&self) -> Option<Stop> {
        if self.broken.is_cancelled() { self.lock().broken.clone() } else { None }
    }

    /// Comes back once nothing is read any more, with the reason.
    pub(super) async fn breaks(&self) -> Stop {
        self.broken.cancelled().await;
        self.lock().broken.clone().unwrap_or_else(gone)
    }
}

impl Index {
    /// The answer to a print that is about to be appended: when the tail has passed it, or at once if it never will.
    pub(super) fn wait(&mut self, print: &Print) -> oneshot::Receiver<Result<Answer, Stop>> {
        let (answer, answered) = oneshot::channel();
        match &self.broken {
            Some(stop) => drop(answer.send(Err(stop.clone()))),
            None => {
                self.ledger.asked(&print.position);
                self.waiting.insert(print.nonce, answer);
            }
        }
        answered
    }

    /// Gives whoever waits for it the answer.
    pub(super) fn answer(&mut self, nonce: u64, answer: Answer) {
        if let Some(waiting) = self.waiting.remove(&nonce) {
            let _ = waiting.send(Ok(answer));
        }
    }

    /// Nobody waits for the answer to this print any more.
    pub(super) fn forget(&mut self, nonce: u64) {
        self.waiting.remove(&nonce);
    }

    /// Stops whoever waits for a print that the log does not hold where the broker said it put it.
    pub(super) fn check(&mut self) {
        while let Some((&offset, &nonce)) = self.expected.first_key_value() {
            if offset >= self.ledger.next_offset() {
                return;
            }
            self.expected.pop_first();
            if let Some(waiting) = self.waiting.remove(&nonce) {
                let _ = waiting.send(Err(Stop::Broken(format!(
                    "the print at offset {offset} of the print log is not there any more; is the topic compacted or shared?"
                ))));
            }
        }
    }

    fn fail(&mut self, stop: &Stop) {
        self.broken = Some(stop.clone());
        for (_, waiting) in self.waiting.drain() {
            let _ = waiting.send(Err(stop.clone()));
        }
    }
}
