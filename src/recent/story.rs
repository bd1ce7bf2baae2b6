//! The latest articles by the story they tell: who had it first, who copied it, what became of it since.
//!
//! Kept in order of their commits and bounded in number and in bytes of text; the oldest leaves first. Stories are put
//! together when somebody asks, so there is nothing that could fall out of step.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;

use super::Entry;
use crate::outcome::OutcomeKind;

/// Articles kept. Higher: copies that come later still find their first; lower: less memory, about 500 bytes each.
const ARTICLES: usize = 2000;
/// Bytes of text kept in all.
const TEXT: usize = 4 << 20;
/// Stories told at once.
const STORIES: usize = 40;
/// Members told of a story: the first and the newest.
const MEMBERS: usize = 12;

/// The latest articles that are no dead letters.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    articles: VecDeque<Entry>,
    /// Articles that have left.
    gone: u64,
    /// Bytes of text on the shelf.
    text: usize,
}

/// A story that was told more than once.
#[derive(Debug, Clone, Serialize)]
pub struct Cluster {
    /// Position of its first article.
    pub first: String,
    /// Headline of its newest published version, else of any member.
    pub headline: Option<String>,
    /// When its newest member was committed, milliseconds since 1970-01-01 UTC.
    pub newest: i64,
    /// How many articles of it are remembered.
    pub articles: usize,
    /// False when its first article was told before this worker remembers, or by another one.
    pub whole: bool,
    /// The first and the newest of them, in the order of their commits.
    pub members: Vec<Member>,
}

/// An article of a story.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// Names it for [`super::Recent::pair`].
    pub number: u64,
    /// What became of it.
    #[serde(flatten)]
    pub entry: Entry,
}

impl Shelf {
    pub fn add(&mut self, entry: Entry) {
        self.text += size(&entry);
        self.articles.push_back(entry);
        while self.articles.len() > ARTICLES || self.text > TEXT {
            let Some(oldest) = self.articles.pop_front() else { return };
            self.text -= size(&oldest);
            self.gone += 1;
        }
    }

    /// The article with a number, while it is remembered.
    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.articles.get(usize::try_from(number.checked_sub(self.gone)?).ok()?)
    }

    /// Stories that were told more than once, the one with the newest member first.
    pub fn clusters(&self) -> Vec<Cluster> {
        let mut members: BTreeMap<&str, Vec<(u64, &Entry)>> = BTreeMap::new();
        let firsts = self.firsts();
        for (number, entry) in (self.gone..).zip(&self.articles) {
            let of = entry.brief.of_position.as_deref().map(|of| firsts.get(of).copied().unwrap_or(of));
            if let Some(first) = of.or(entry.brief.position.as_deref()) {
                members.entry(first).or_default().push((number, entry));
            }
        }
        let again = members.into_iter().filter(|(_, all)| all.len() > 1 || all.iter().any(|m| m.1.brief.of.is_some()));
        let mut clusters: Vec<Cluster> = again.map(|(first, all)| cluster(first, &all)).collect();
        clusters.sort_by(|a, b| (b.newest, &a.first).cmp(&(a.newest, &b.first)));
        clusters.truncate(STORIES);
        clusters
    }

    /// The first article of the story of each one, both by their places: ids of two sources may be the same. An article
    /// repeats or revises another one, which may itself have been a later version.
    fn firsts(&self) -> HashMap<&str, &str> {
        let mut firsts = HashMap::new();
        for brief in self.articles.iter().map(|entry| &entry.brief) {
            if let (Some(own), Some(of)) = (brief.position.as_deref(), brief.of_position.as_deref()) {
                firsts.insert(own, firsts.get(of).copied().unwrap_or(of));
            }
        }
        firsts
    }
}

fn size(entry: &Entry) -> usize {
    entry.brief.text.as_ref().map_or(0, |text| text.len())
}

fn cluster(first: &str, all: &[(u64, &Entry)]) -> Cluster {
    let headline = |published: bool| {
        let of = |entry: &&Entry| !published || entry.brief.kind != OutcomeKind::Duplicate;
        all.iter().rev().map(|(_, entry)| *entry).filter(of).find_map(|entry| entry.brief.headline.clone())
    };
    let newest = all.len().saturating_sub(MEMBERS - 1).max(1);
    let shown = all.iter().take(1).chain(all.iter().skip(newest));
    Cluster {
        first: first.to_owned(),
        headline: headline(true).or_else(|| headline(false)),
        newest: all.iter().map(|(_, entry)| entry.committed).max().unwrap_or_default(),
        articles: all.len(),
        whole: all.first().is_some_and(|(_, first)| first.brief.of.is_none()),
        members: shown.map(|(number, entry)| Member { number: *number, entry: (*entry).clone() }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Brief;
    use super::super::tests::brief;
    use super::*;

    /// An article read at a place, which repeats or revises the one at another.
    fn entry(at: &str, of: Option<&str>, kind: OutcomeKind, committed: i64) -> Entry {
        let brief = Brief {
            position: Some(at.to_owned()),
            of_position: of.map(str::to_owned),
            of: of.map(|_| "1002".to_owned()),
            headline: Some(format!("about {at}")),
            kind,
            ..(*brief("Coast Herald", false, 1)).clone()
        };
        Entry { committed, brief: Arc::new(brief) }
    }

    fn new(at: &str, committed: i64) -> Entry {
        entry(at, None, OutcomeKind::Enriched, committed)
    }

    fn copy(at: &str, of: &str, committed: i64) -> Entry {
        entry(at, Some(of), OutcomeKind::Duplicate, committed)
    }

    fn ids(cluster: &Cluster) -> Vec<&str> {
        cluster.members.iter().filter_map(|member| member.entry.brief.position.as_deref()).collect()
    }

    #[test]
    fn copies_and_versions_stand_with_the_story_they_tell() {
        let mut shelf = Shelf::default();
        shelf.add(new("a", 1));
        shelf.add(new("lonely", 2));
        shelf.add(new("x", 3));
        shelf.add(entry("a2", Some("a"), OutcomeKind::Revision, 4));
        shelf.add(copy("copy-of-a2", "a2", 5));
        shelf.add(copy("copy-of-x", "x", 6));
        let clusters = shelf.clusters();
        assert_eq!(clusters.len(), 2, "told once is no cluster: {clusters:?}");
        assert_eq!((clusters[0].first.as_str(), ids(&clusters[0])), ("x", vec!["x", "copy-of-x"]), "newest first");
        assert_eq!((clusters[1].first.as_str(), ids(&clusters[1])), ("a", vec!["a", "a2", "copy-of-a2"]));
        assert_eq!(clusters[1].headline.as_deref(), Some("about a2"), "of the newest published version");
        let pair = [clusters[1].members[0].number, clusters[1].members[2].number].map(|n| shelf.get(n).unwrap());
        assert_eq!(pair.map(|e| e.brief.position.as_deref().unwrap()), ["a", "copy-of-a2"]);
    }

    #[test]
    fn a_copy_whose_first_is_not_remembered_is_told_and_says_so() {
        let mut shelf = Shelf::default();
        shelf.add(copy("b", "of-another-worker", 1));
        let clusters = shelf.clusters();
        assert_eq!((clusters.len(), clusters[0].whole, clusters[0].first.as_str()), (1, false, "of-another-worker"));
    }

    #[test]
    fn the_shelf_is_bounded_in_number_and_in_text() {
        let mut shelf = Shelf::default();
        (0..5000).for_each(|n| shelf.add(copy(&format!("c{n}"), "a", n)));
        assert_eq!((shelf.articles.len(), shelf.get(0).is_none(), shelf.get(4999).is_some()), (ARTICLES, true, true));
        let clusters = shelf.clusters();
        assert_eq!((clusters[0].articles, clusters[0].members.len()), (ARTICLES, MEMBERS));
        assert_eq!((clusters[0].members[0].number, clusters[0].members[MEMBERS - 1].number), (3000, 4999));
        let long = |n: i64| {
            let brief = Brief { text: Some("x".repeat(6000).into()), ..(*new("l", n).brief).clone() };
            Entry { committed: n, brief: Arc::new(brief) }
        };
        (0..2000).for_each(|n| shelf.add(long(n)));
        assert!(shelf.text <= TEXT && shelf.text > TEXT - 6000, "{}", shelf.text);
        assert_eq!(shelf.text, shelf.articles.iter().map(size).sum::<usize>());
        (0..2000).for_each(|n| shelf.add(copy(&format!("c{n}"), "a", n)));
        assert_eq!(shelf.text, 0, "what has left is no longer counted");
    }

    #[test]
    fn many_stories_are_cut_to_the_newest() {
        let mut shelf = Shelf::default();
        (0..100).for_each(|n| shelf.add(copy(&format!("copy {n}"), &format!("story {n}"), n)));
        let clusters = shelf.clusters();
        assert_eq!((clusters.len(), clusters[0].first.as_str()), (STORIES, "story 99"));
    }
}
