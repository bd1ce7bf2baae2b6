//! The last outcomes of this worker, and what each source sends, for the desk page.
//!
//! Fed where outcomes count: when a transaction is committed. Kept in memory only, bounded in number and in size; it is a
//! view for people, and nothing is ever decided by it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::outcome::OutcomeKind;

mod brief;
mod source;
mod story;

pub use brief::{Brief, Heard};
use source::Habits;
pub use source::SourceView;
use story::Shelf;
pub use story::{Cluster, Member};

/// Outcomes remembered.
const LAST: usize = 200;
/// Sources remembered; the one that was silent for longest makes room.
const SOURCES: usize = 500;

/// A brief and when its transaction was committed.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Milliseconds since 1970-01-01 UTC.
    pub committed: i64,
    /// What became of the record.
    #[serde(flatten)]
    pub brief: Arc<Brief>,
}

impl Entry {
    /// The beginning of the article's text, where it was read: a copy that is recognised by its content is not.
    pub fn text(&self) -> Option<&str> {
        self.brief.text.as_deref()
    }
}

/// The memory of a worker's last outcomes. Shared as an `Arc`.
#[derive(Debug, Default)]
pub struct Recent(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    last: VecDeque<Entry>,
    shelf: Shelf,
    sources: HashMap<String, Habits>,
}

impl Recent {
    /// A transaction with these outcomes was committed at `now`.
    pub fn add(&self, briefs: &[Arc<Brief>], now: SystemTime) {
        let committed = milliseconds(now);
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for brief in briefs {
            inner.source(&brief.source).add(brief, committed);
            if brief.kind != OutcomeKind::Dead {
                inner.shelf.add(Entry { committed, brief: brief.clone() });
            }
        }
        for brief in briefs.iter().rev().take(LAST).rev() {
            if inner.last.len() == LAST {
                inner.last.pop_front();
            }
            inner.last.push_back(Entry { committed, brief: brief.clone() });
        }
    }

    /// The last outcomes, newest first.
    pub fn last(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last.iter().rev().cloned().collect()
    }

    /// The latest stories that were told more than once, the one with the newest member first.
    pub fn clusters(&self) -> Vec<Cluster> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).shelf.clusters()
    }

    /// Two members of stories by their numbers; `None` when one of them is not remembered any more.
    pub fn pair(&self, first: u64, second: u64) -> Option<[Member; 2]> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let member = |number| Some(Member { number, entry: inner.shelf.get(number)?.clone() });
        Some([member(first)?, member(second)?])
    }

    /// Every source that is remembered, by name.
    pub fn sources(&self, now: SystemTime) -> BTreeMap<String, SourceView> {
        let now = milliseconds(now);
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sources.iter().map(|(name, habits)| (name.clone(), habits.view(now))).collect()
    }
}

impl Inner {
    fn source(&mut self, name: &str) -> &mut Habits {
        if !self.sources.contains_key(name) && self.sources.len() >= SOURCES {
            let oldest = self.sources.iter().min_by_key(|(_, habits)| habits.arrived()).map(|(name, _)| name.clone());
            oldest.map(|name| self.sources.remove(&name));
        }
        self.sources.entry(name.to_owned()).or_default()
    }
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::article::{Head, Source};
    use crate::outcome::{CopyKind, Duplicate, Outcome, Reason, Rejection, Stage};

    /// A brief of `source`: dead, or a copy.
    pub(crate) fn brief(source: &str, dead: bool, time: i64) -> Arc<Brief> {
        let head = Head { source: Source { name: Some(source.into()), ..Source::default() }, ..Head::default() };
        let outcome = if dead {
            Outcome::Dead(Rejection::new(Stage::Clean, Reason::NoStory, "none of 3 blocks belongs to a story"))
        } else {
            Outcome::Duplicate(Duplicate::new("b".into(), "a".into(), CopyKind::Exact))
        };
        Arc::new(Brief::new(None, Some(time), &Heard::new(&head), &outcome))
    }

    #[test]
    fn the_newest_come_first_and_the_memory_is_bounded() {
        let recent = Recent::default();
        let briefs: Vec<_> = (0..1500).map(|n| brief(&format!("source {n}"), false, n)).collect();
        recent.add(&briefs, SystemTime::UNIX_EPOCH + Duration::from_secs(5));
        let last = recent.last();
        assert_eq!((last.len(), last[0].brief.source.as_str(), last[0].committed), (LAST, "source 1499", 5000));
        assert_eq!(recent.sources(SystemTime::UNIX_EPOCH).len(), SOURCES);
    }
}
