//! What a transaction will have done once it stands. An aborted one is dropped uncounted and its records returned.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FetchResult, Field, Match, Metrics};
use crate::article::{Article, FieldSource, VerdictKind};
use crate::outcome::{Class, CopyKind, Outcome, OutcomeKind, Reason, Rejection, RevisionKind, Stage};
use crate::recent::Brief;

/// The outcomes of one open transaction, counted when it is committed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    ended: BTreeMap<OutcomeKind, u64>,
    dead: BTreeMap<(Stage, Reason), u64>,
    matches: BTreeMap<Match, u64>,
    fields: BTreeMap<(Field, Option<FieldSource>), u64>,
    briefs: Vec<Arc<Brief>>,
    handed_over: u64,
    /// Links, by where and why they gave no page.
    fetched: BTreeMap<Option<(Stage, Reason)>, u64>,
}

impl Tally {
    /// One article that was handed over to the second half of the line, which makes its outcome.
    pub fn handed_over() -> Tally {
        Tally { handed_over: 1, ..Tally::default() }
    }

    /// One link whose page was fetched, or why it was not. Its dead letter feeds no reject limit: what stands on the
    /// web is no fault of a feed or of this version.
    pub fn fetched(failed: Option<&Rejection>) -> Tally {
        let failed = failed.map(|rejection| (rejection.stage, rejection.reason));
        Tally { fetched: BTreeMap::from([(failed, 1)]), ..Tally::default() }
    }

    /// Adds the outcome of one record.
    pub fn add(&mut self, outcome: &Outcome) {
        *self.ended.entry(outcome.kind()).or_default() += 1;
        match outcome {
            Outcome::Enriched { article, .. } => self.article(article),
            Outcome::Revision { article, kind, .. } => {
                self.matched(match kind {
                    RevisionKind::Revision => Match::Url,
                    RevisionKind::Update => Match::Near,
                });
                self.article(article);
            }
            Outcome::Duplicate(link) => self.matched(match link.kind {
                CopyKind::Exact => Match::Exact,
                CopyKind::Near => Match::Near,
            }),
            Outcome::Dead(rejection) => self.rejection(rejection),
        }
    }

    /// Adds what is told of an outcome on the desk page.
    pub fn tell(&mut self, brief: Brief) {
        self.briefs.push(Arc::new(brief));
    }

    /// What is told of the outcomes in here, in order.
    pub fn briefs(&self) -> &[Arc<Brief>] {
        &self.briefs
    }

    /// Adds everything in `other`.
    pub fn merge(&mut self, other: &Tally) {
        fn add<K: Ord + Copy>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
            for (key, records) in from {
                *into.entry(*key).or_default() += records;
            }
        }
        add(&mut self.ended, &other.ended);
        add(&mut self.dead, &other.dead);
        add(&mut self.matches, &other.matches);
        add(&mut self.fields, &other.fields);
        add(&mut self.fetched, &other.fetched);
        self.handed_over += other.handed_over;
        self.briefs.extend(other.briefs.iter().cloned());
    }

    /// Records in here that died of a fault.
    pub fn faults(&self) -> u64 {
        self.dead.iter().filter(|((_, reason), _)| reason.class() == Class::Fault).map(|(_, records)| records).sum()
    }

    fn article(&mut self, article: &Article) {
        for field in Field::ALL {
            *self.fields.entry((field, field.source(article))).or_default() += 1;
        }
        // Only `dedupe.mode = "mark"` publishes copies.
        if let Some(verdict) = article.verdict.as_ref().filter(|v| v.kind == VerdictKind::Copy) {
            self.matched(if verdict.similarity == Some(1.0) { Match::Exact } else { Match::Near });
        }
    }

    fn matched(&mut self, kind: Match) {
        *self.matches.entry(kind).or_default() += 1;
    }

    fn rejection(&mut self, rejection: &Rejection) {
        *self.dead.entry((rejection.stage, rejection.reason)).or_default() += 1;
    }

    /// Moves the counters.
    pub(super) fn count(&self, metrics: &Metrics) {
        let m = &metrics.0.families;
        for (kind, records) in &self.ended {
            m.ended.of(*kind).inc_by(*records);
            m.in_flight.sub(*records as i64);
        }
        m.handed_over.inc_by(self.handed_over);
        m.in_flight.sub(self.handed_over as i64);
        for ((stage, reason), records) in &self.dead {
            metrics.dead_letters(*stage, *reason, *records);
        }
        for (failed, links) in &self.fetched {
            m.fetches.of(if failed.is_some() { FetchResult::Dead } else { FetchResult::Page }).inc_by(*links);
            if let Some((stage, reason)) = failed {
                metrics.dead_letters(*stage, *reason, *links);
            }
        }
        for (kind, articles) in &self.matches {
            m.matches.of(*kind).inc_by(*articles);
        }
        for ((field, source), articles) in &self.fields {
            let source = source.map_or(super::event::MISSING, FieldSource::name);
            m.fields.with_label_values(&[field.name(), source]).inc_by(*articles);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Provenance;
    use crate::outcome::Duplicate;

    fn article(field: &str, source: FieldSource) -> Box<Article> {
        let provenance = Provenance { source, rule: "test".into(), confidence: 1.0 };
        Box::new(Article { provenance: BTreeMap::from([(field.to_owned(), provenance)]), ..Article::default() })
    }

    fn outcomes() -> Vec<Outcome> {
        vec![
            Outcome::Enriched { id: "a".into(), article: article("headline", FieldSource::JsonLd) },
            Outcome::Revision {
                id: "b".into(),
                revises: "a".into(),
                kind: RevisionKind::Update,
                article: article("byline", FieldSource::Html),
            },
            Outcome::Duplicate(Duplicate::new("c".into(), "a".into(), CopyKind::Exact)),
            Outcome::Dead(Rejection::new(Stage::Clean, Reason::NoStory, "no story")),
        ]
    }

    #[test]
    fn a_commit_counts_every_outcome_once_and_an_uncounted_tally_counts_nothing() {
        let metrics = Metrics::new(&crate::settings::Topics::default()).unwrap();
        let mut tally = Tally::default();
        outcomes().iter().for_each(|outcome| tally.add(outcome));
        let gone = Rejection::new(Stage::Fetch, Reason::TooLarge, "too large");
        [None, Some(&gone), None].iter().for_each(|failed| tally.merge(&Tally::fetched(*failed)));
        assert_eq!(tally.faults(), 0, "what stands on the web is no fault");

        let text = metrics.text().unwrap();
        for line in ["copydesk_records_total{outcome=\"dead\"} 0", "copydesk_fetches_total{result=\"page\"} 0"] {
            assert!(text.contains(line), "nothing counts before the commit");
        }
        tally.count(&metrics);
        let text = metrics.text().unwrap();
        for line in [
            "copydesk_records_total{outcome=\"enriched\"} 1",
            "copydesk_records_total{outcome=\"revision\"} 1",
            "copydesk_records_total{outcome=\"duplicate\"} 1",
            "copydesk_records_total{outcome=\"dead\"} 1",
            "copydesk_dead_letters_total{class=\"policy\",reason=\"no_story\",stage=\"clean\"} 1",
            "copydesk_dead_letters_total{class=\"fault\",reason=\"too_large\",stage=\"fetch\"} 1",
            "copydesk_fetches_total{result=\"page\"} 2",
            "copydesk_fetches_total{result=\"dead\"} 1",
            "copydesk_dedupe_matches_total{kind=\"near\"} 1",
            "copydesk_dedupe_matches_total{kind=\"exact\"} 1",
            "copydesk_fields_total{field=\"headline\",source=\"json_ld\"} 1",
            "copydesk_fields_total{field=\"headline\",source=\"missing\"} 1",
            "copydesk_fields_total{field=\"agency\",source=\"missing\"} 2",
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
    }
}
