//! The search behind `trace`: what is known of the article grows with what is found. Reads, and says nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::Args;
use crate::command::sight::{Sight, see};
use crate::kafka::reader::{Range, ReadError, Reader};
use crate::outcome::Route;
use crate::record::Position;
use crate::settings::Settings;
use crate::stage::url::canonical;

/// What is looked for: grows with what is found.
#[derive(Debug, Default)]
struct Wanted {
    ids: BTreeSet<String>,
    url: Option<String>,
    positions: BTreeSet<String>,
}

impl Wanted {
    fn new(article: &str) -> Wanted {
        let url = article.contains("://").then(|| canonical(article, None)).flatten();
        Wanted { ids: BTreeSet::from([article.to_owned()]), url, positions: BTreeSet::new() }
    }

    /// Whether a record is of the article itself.
    fn is(&self, sight: &Sight) -> bool {
        sight.id.as_ref().is_some_and(|id| self.ids.contains(id))
            || (sight.url.is_some() && sight.url == self.url)
            || self.positions.contains(&sight.position)
            || sight.origin.as_ref().is_some_and(|origin| self.positions.contains(origin))
    }

    /// Whether a record is of another article that repeats or revises it.
    fn is_of(&self, sight: &Sight) -> bool {
        sight.of.as_ref().is_some_and(|of| self.ids.contains(of))
    }

    fn learn(&mut self, sight: &Sight, route: Route) {
        self.ids.extend(sight.id.clone());
        if matches!(route, Route::Raw | Route::Cleaned) {
            self.positions.insert(sight.position.clone());
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub(super) of_it: Vec<Sight>,
    pub(super) others: Vec<Sight>,
}

/// What there is of the article, in the order of time.
pub(super) fn find(reader: &Reader, settings: &Settings, args: &Args) -> Result<Trail, ReadError> {
    let search = Search { reader, settings, args };
    let mut wanted = Wanted::new(&args.article);
    let mut trail = search.outputs(&mut wanted)?;
    if args.input || trail.of_it.is_empty() {
        let mut read = Trail::default();
        search.scan(Route::Raw, &mut wanted, &mut read)?;
        // By what the input has taught of it, ids and places, more may be found.
        trail = if read.of_it.is_empty() { trail } else { search.outputs(&mut wanted)? };
        trail.of_it.extend(read.of_it);
    } else {
        search.origins(&mut trail)?;
    }
    trail.of_it.sort_by_key(|sight| sight.at);
    trail.others.sort_by_key(|sight| sight.at);
    Ok(trail)
}

struct Search<'s> {
    reader: &'s Reader,
    settings: &'s Settings,
    args: &'s Args,
}

impl Search<'_> {
    /// What came out. In this order, since each topic teaches ids and places that the next one is searched by.
    fn outputs(&self, wanted: &mut Wanted) -> Result<Trail, ReadError> {
        let mut trail = Trail::default();
        let between = self.settings.run.stages.apart().then_some(Route::Cleaned);
        for route in between.into_iter().chain([Route::Enriched, Route::Duplicates, Route::Dead]) {
            self.scan(route, wanted, &mut trail)?;
        }
        Ok(trail)
    }

    fn scan(&self, route: Route, wanted: &mut Wanted, trail: &mut Trail) -> Result<(), ReadError> {
        let topic = self.settings.topics.name(route);
        let mut ranges = self.reader.ranges(topic)?;
        if let Some(since) = self.args.since {
            ranges = self.reader.since(topic, &ranges, since)?;
        }
        self.reader.scan(topic, &newest(&ranges, self.args.scan), |record| {
            let sight = see(&record, route, &self.settings.decode);
            if wanted.is(&sight) {
                wanted.learn(&sight, route);
                trail.of_it.push(sight);
            } else if wanted.is_of(&sight) {
                trail.others.push(sight);
            }
            ControlFlow::Continue(())
        })
    }

    /// Reads the records of the input that outcomes came from, each where it lies. Some may be deleted by now.
    fn origins(&self, trail: &mut Trail) -> Result<(), ReadError> {
        let origins: BTreeSet<String> = trail.of_it.iter().filter_map(|sight| sight.origin.clone()).collect();
        let of_raw = |position: &Position| *position.topic == *self.settings.topics.raw;
        for position in origins.iter().filter_map(|origin| origin.parse().ok()).filter(of_raw) {
            match self.reader.at(&position) {
                Ok(record) => trail.of_it.push(see(&record, Route::Raw, &self.settings.decode)),
                Err(ReadError::NoTopic(_) | ReadError::NoPartition { .. } | ReadError::NoOffset { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The newest `most` records of a topic, an equal part from each partition.
pub(in crate::command) fn newest(ranges: &[Range], most: u32) -> Vec<Range> {
    let parts = i64::try_from(ranges.iter().filter(|range| !range.is_empty()).count().max(1)).unwrap_or(1);
    ranges.iter().map(|range| range.last((i64::from(most) + parts - 1) / parts)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::command::tests::typed;
    use crate::command::trace::tests::sight;
    use crate::kafka::mock::{Mock, Plain};
    use crate::settings::Kafka;

    #[test]
    fn the_input_is_searched_where_the_outputs_know_nothing_or_when_asked() {
        let settings = Settings::default();
        let mock = Mock::start(&settings.topics, 1).unwrap();
        let plain = |value: Value| Plain { value: Some(value.to_string().into_bytes()), ..Plain::default() };
        let story = |id: &str| {
            let url = format!("https://daily.test/{id}?utm_source=feed");
            json!({"id": id, "source": "daily", "url": url, "story": "The mill was sold."})
        };
        mock.write(Route::Raw, &["a", "lost", "a"].map(|id| plain(story(id)))).unwrap();
        let origin = json!({"topic": "articles.raw", "partition": 0, "offset": 0});
        let told = json!({"id": "a", "url": "https://daily.test/a?utm_source=feed", "origin": origin});
        mock.write(Route::Enriched, &[plain(told)]).unwrap();
        let reader = Reader::new(&Kafka { brokers: mock.brokers(), ..Kafka::default() }).unwrap();
        let found = |flags: &[&str]| {
            let mut trail = find(&reader, &settings, &typed(flags)).unwrap();
            trail.of_it.sort_by(|one, other| one.position.cmp(&other.position));
            trail.of_it.iter().map(|sight| sight.position.trim_start_matches("articles.").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found(&["https://daily.test/a"]), ["enriched/0/0", "raw/0/0"], "where it came from, and no more");
        assert_eq!(found(&["a", "--input"]), ["enriched/0/0", "raw/0/0", "raw/0/2"]);
        assert_eq!(found(&["https://daily.test/lost"]), ["raw/0/1"]);
        assert_eq!(found(&["nothing"]), [""; 0]);
    }

    #[test]
    fn an_address_leads_to_the_id_and_the_place_and_those_to_the_outcomes() {
        let mut wanted = Wanted::new("https://daily.test/mill?utm_source=x");
        let read = Sight { url: canonical("https://daily.test/mill", None), ..sight("read", "articles.raw/0/1", "a") };
        assert!(wanted.is(&read));
        wanted.learn(&read, Route::Raw);
        assert!(wanted.is(&sight("enriched", "articles.enriched/0/7", "a")));
        let renamed = Sight { origin: Some("articles.raw/0/1".into()), ..sight("dead", "articles.dead/0/1", "z") };
        assert!(wanted.is(&renamed));
        let copy = Sight { of: Some("a".into()), ..sight("duplicate", "articles.duplicates/0/1", "b") };
        assert!(!wanted.is(&copy) && wanted.is_of(&copy));
        assert!(!wanted.is(&sight("enriched", "articles.enriched/0/8", "c")));
    }

    #[test]
    fn the_newest_are_shared_out_among_partitions() {
        let range = |partition, high| Range { partition, low: 0, high };
        let parts = newest(&[range(0, 100), range(1, 4), range(2, 0)], 11);
        assert_eq!(parts.iter().map(|r| (r.low, r.high)).collect::<Vec<_>>(), [(94, 100), (0, 4), (0, 0)]);
    }
}
