//! Follows every record through every worker and knows which step may follow which; prints the history otherwise.

use std::collections::{BTreeMap, HashMap};

use copydesk::stage::dedupe::print::Entry;

use super::world::{Published, What, World};

/// What happened to a record in a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Taken,
    Admitted,
    Entered,
    Committed,
    /// Given back unfinished: by an abort, a revoke, a loss or a crash.
    Returned,
}

/// The lives of all records.
#[derive(Debug, Default)]
pub struct Checker {
    lives: BTreeMap<(usize, i32, i64), Step>,
    history: Vec<(usize, i32, i64, Step)>,
}

impl Checker {
    /// Notes a step; it must be one that may come next.
    pub fn step(&mut self, worker: usize, partition: i32, offset: i64, next: Step) {
        self.history.push((worker, partition, offset, next));
        let at = (worker, partition, offset);
        let legal = matches!(
            (self.lives.get(&at), next),
            (None, Step::Taken)
                | (Some(Step::Taken), Step::Admitted)
                | (Some(Step::Admitted), Step::Entered)
                | (Some(Step::Entered), Step::Committed)
                | (Some(Step::Taken | Step::Admitted | Step::Entered), Step::Returned)
        );
        assert!(legal, "{next:?} cannot come now: {}", self.history(partition, offset));
        match next {
            Step::Committed | Step::Returned => self.lives.remove(&at),
            Step::Taken | Step::Admitted | Step::Entered => self.lives.insert(at, next),
        };
    }

    /// Everything a worker held is given back: of one partition or of all, entered or not.
    pub fn returned(&mut self, worker: usize, partition: Option<i32>, entered: bool) {
        let theirs = |(w, p, _): &(usize, i32, i64)| *w == worker && partition.is_none_or(|partition| *p == partition);
        let held = self.lives.iter().filter(|(at, step)| theirs(at) && entered == (**step == Step::Entered));
        for (_, partition, offset) in held.map(|(at, _)| *at).collect::<Vec<_>>() {
            self.step(worker, partition, offset, Step::Returned);
        }
    }

    /// Records a worker holds.
    pub fn held(&self, worker: usize) -> usize {
        self.lives.range((worker, i32::MIN, i64::MIN)..=(worker, i32::MAX, i64::MAX)).count()
    }

    /// What happened to one record.
    pub fn history(&self, partition: i32, offset: i64) -> String {
        let steps = self.history.iter().enumerate().filter(|(_, (_, p, o, _))| (*p, *o) == (partition, offset));
        let steps: Vec<String> = steps.map(|(at, (worker, _, _, step))| format!("{at}: w{worker} {step:?}")).collect();
        format!("{partition}/{offset}: {}", steps.join(", "))
    }
}

/// What must hold of a world in which everything has ended, whatever happened on the way.
pub fn judge(world: &mut World) {
    every_record_once(world);
    links_follow_their_stories(world);
    world.replay();
    nothing_told_in_vain(world);
}

fn every_record_once(world: &World) {
    let mut ends: HashMap<(i32, i64), usize> = HashMap::new();
    for p in &world.published {
        *ends.entry((p.partition, p.offset)).or_default() += 1;
    }
    let all: usize = world.inputs.iter().map(Vec::len).sum();
    assert_eq!(ends.len(), all, "every record ends");
    for ((partition, offset), times) in ends {
        assert_eq!(times, 1, "once: {}", world.checker.history(partition, offset));
    }
}

/// The stories published, by position.
pub fn stories(world: &World) -> HashMap<(i32, i64), &Published> {
    let stories = world.published.iter().filter(|p| matches!(p.what, What::Story { .. }));
    stories.map(|p| ((p.partition, p.offset), p)).collect()
}

/// A link names a story, never a link, that was published no later; an exact one a story of the same content.
fn links_follow_their_stories(world: &World) {
    let stories = stories(world);
    for link in &world.published {
        let What::Link { of, content, exact } = &link.what else { continue };
        let place = (of.partition, of.offset.0);
        let Some(story) = stories.get(&place) else {
            panic!("no story: {link:?}, {}", world.checker.history(of.partition, of.offset.0));
        };
        assert!(story.transaction <= link.transaction, "{link:?} came before {story:?}");
        let same = matches!(&story.what, What::Story { content: told } if told == content);
        assert!(same || !exact, "{link:?} is no copy of {story:?}");
    }
}

/// No print is told whose record was not published as a story: copies filed under it would be lost.
fn nothing_told_in_vain(world: &World) {
    let stories = stories(world);
    let entries: BTreeMap<i64, Entry> = world.entries().collect();
    let told = entries.values().filter_map(|entry| if let Entry::Told(told) = entry { Some(told) } else { None });
    for offset in told.flatten() {
        let Some(Entry::Print(print)) = entries.get(offset) else { continue };
        let place = (print.position.partition, print.position.offset.0);
        let history = || world.checker.history(place.0, place.1);
        assert!(stories.contains_key(&place), "print {offset} is told in vain, {}", history());
    }
}
