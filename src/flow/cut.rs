//! What has entered the open transaction: a prefix of each partition, and the prints that its commit makes told.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use super::lanes::Ready;
use super::{LaneId, Parcel};
use crate::metrics::Tally;
use crate::record::{NextOffset, Offset};
use crate::stage::dedupe::ledger::State;

/// The open transaction, without the broker's part of it.
#[derive(Debug, Default)]
pub struct Cut {
    records: usize,
    tally: Tally,
    timestamps: Vec<i64>,
    told: HashSet<i64>,
    next: BTreeMap<i32, Reached>,
    since: Option<Instant>,
    bytes: usize,
}

/// How far a partition is done, and under which claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The offset to commit.
    pub next: NextOffset,
    /// The claim of its lane.
    pub claim: u32,
    /// Message time of its last record, milliseconds since 1970-01-01 UTC.
    pub time: Option<i64>,
}

impl Cut {
    /// Enters a record. In partition order: lanes see to that.
    pub fn enter(&mut self, lane: LaneId, offset: Offset, parcel: &Parcel, timestamp: Option<i64>, now: Instant) {
        self.since.get_or_insert(now);
        self.told.extend(parcel.told);
        self.next.insert(lane.partition, Reached { next: offset.next(), claim: lane.claim, time: timestamp });
        self.bytes += parcel.message.value.as_ref().map_or(0, bytes::Bytes::len);
        self.records += 1;
        self.tally.merge(&parcel.tally);
        self.timestamps.extend(timestamp);
    }

    /// True when nothing has entered.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// True when a record of `partition` has entered.
    pub fn holds(&self, partition: i32) -> bool {
        self.next.contains_key(&partition)
    }

    /// Records entered.
    pub fn len(&self) -> usize {
        self.records
    }

    /// Bytes of the values entered.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether to commit now: full, old enough, or nothing more under way (`dry`).
    pub fn due(&self, now: Instant, records: usize, interval: Duration, dry: bool) -> bool {
        let old = self.since.is_some_and(|since| now.duration_since(since) >= interval);
        !self.is_empty() && (dry || old || self.len() >= records)
    }

    /// The offsets the commit carries, by partition.
    pub fn offsets(&self) -> impl Iterator<Item = (i32, Reached)> + '_ {
        self.next.iter().map(|(partition, reached)| (*partition, *reached))
    }

    /// The prints that the commit makes told, in log order.
    pub fn told(&self) -> Vec<i64> {
        let mut told: Vec<i64> = self.told.iter().copied().collect();
        told.sort_unstable();
        told
    }

    /// The outcomes entered.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Message times of the records entered, milliseconds since 1970-01-01 UTC.
    pub fn timestamps(&self) -> &[i64] {
        &self.timestamps
    }

    /// Whether a parcel may enter. `committed` are prints this worker has published and not yet seen told in the log;
    /// `state` reads the index.
    ///
    /// No link enters before its story: the story is told, was committed by this worker, or is in this transaction.
    pub fn ready(&self, parcel: &Parcel, committed: &HashSet<i64>, state: impl Fn(i64) -> State) -> Ready {
        if parcel.told.is_some_and(|own| state(own) == State::Void) {
            return Ready::Again;
        }
        let Some(of) = parcel.needs else { return Ready::Enter };
        if self.told.contains(&of) || committed.contains(&of) {
            return Ready::Enter;
        }
        match state(of) {
            State::Told => Ready::Enter,
            State::Promised => Ready::Wait,
            State::Void | State::Unknown => Ready::Again,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::deliver::Message;
    use crate::flow::room::Held;
    use crate::outcome::Route;

    fn parcel(told: Option<i64>, needs: Option<i64>) -> Parcel {
        let message = Message { route: Route::Enriched, partition: None, key: None, value: None, headers: vec![] };
        Parcel { message, tally: Tally::default(), told, needs, held: Held::default() }
    }

    fn lane(partition: i32) -> LaneId {
        LaneId { partition, epoch: 1, claim: 5 }
    }

    #[test]
    fn a_link_enters_only_with_or_after_its_story() {
        let mut cut = Cut::default();
        let none = HashSet::new();
        let link = parcel(None, Some(7));
        assert_eq!(cut.ready(&link, &none, |_| State::Promised), Ready::Wait);
        assert_eq!(cut.ready(&link, &none, |_| State::Told), Ready::Enter);
        assert_eq!(cut.ready(&link, &none, |_| State::Void), Ready::Again);
        assert_eq!(cut.ready(&link, &HashSet::from([7]), |_| State::Promised), Ready::Enter);
        cut.enter(lane(0), Offset(3), &parcel(Some(7), None), None, Instant::now());
        assert_eq!(cut.ready(&link, &none, |_| State::Promised), Ready::Enter);
    }

    #[test]
    fn a_story_whose_own_promise_lapsed_is_judged_again() {
        let cut = Cut::default();
        assert_eq!(cut.ready(&parcel(Some(7), None), &HashSet::new(), |_| State::Void), Ready::Again);
        assert_eq!(cut.ready(&parcel(Some(7), None), &HashSet::new(), |_| State::Unknown), Ready::Enter);
    }

    #[test]
    fn commits_when_full_old_or_dry_and_never_when_empty_and_each_partition_has_its_place_and_time() {
        let start = Instant::now();
        let reached = |next, time| Reached { next: NextOffset(next), claim: 5, time };
        let mut cut = Cut::default();
        let (n, t) = (2, Duration::from_millis(200));
        assert!(!cut.due(start, n, t, true));
        cut.enter(lane(0), Offset(3), &parcel(None, None), Some(70), start);
        assert!(!cut.due(start, n, t, false));
        assert!(cut.due(start, n, t, true));
        assert!(cut.due(start + t, n, t, false));
        cut.enter(lane(1), Offset(9), &parcel(None, None), Some(90), start);
        assert!(cut.due(start, n, t, false));
        assert_eq!(cut.offsets().collect::<Vec<_>>(), [(0, reached(4, Some(70))), (1, reached(10, Some(90)))]);
    }
}
