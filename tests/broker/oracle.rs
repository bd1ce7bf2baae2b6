//! What must hold whatever happened: every input position ends exactly once over the three topics, every link names a
//! story that was published, and every record is as its schema says.

use std::collections::{BTreeMap, HashMap};

use rdkafka::Message;
use rdkafka::message::{Headers, OwnedMessage};
use serde_json::Value;

use super::desk::Desk;

/// A position in the raw topic.
pub type Position = (i64, i64);

/// What the three topics say.
#[derive(Debug, Default)]
pub struct Told {
    /// Outcomes by position, each with its record.
    pub ends: BTreeMap<Position, Vec<End>>,
}

/// One outcome.
#[derive(Debug, Clone)]
pub enum End {
    /// New story or revision.
    Published(Value),
    /// Link.
    Link(Value),
    /// Dead letter.
    Dead,
}

/// Reads the three topics under read_committed.
pub fn read(desk: &Desk) -> Told {
    let mut told = Told::default();
    let mut end = |position, end| told.ends.entry(position).or_default().push(end);
    let article = schema(desk, "article");
    for record in desk.cluster.read_all(&desk.topic("enriched")) {
        let value = valid(&article, &record);
        end(origin(&value["origin"]), End::Published(value));
    }
    let link = schema(desk, "duplicate");
    for record in desk.cluster.read_all(&desk.topic("duplicates")) {
        let value = valid(&link, &record);
        end(origin(&value["origin"]), End::Link(value));
    }
    for record in desk.cluster.read_all(&desk.topic("dead")) {
        let headers = headers(&record);
        let number = |name: &str| headers[name].parse::<i64>().unwrap();
        let position = (number("__streams.errors.partition"), number("__streams.errors.offset"));
        end(position, End::Dead);
    }
    told
}

impl Told {
    /// Fails unless every position of the raw topic ends exactly once and every link names a published story.
    pub fn exact(&self, desk: &Desk) -> &Told {
        self.nothing_lost(desk);
        for (position, ends) in &self.ends {
            assert_eq!(ends.len(), 1, "{position:?} ended more than once: {ends:?}");
        }
        for link in self.links() {
            let of = origin(&link["of_origin"]);
            let story = self.ends.get(&of).and_then(|ends| ends.first());
            let Some(End::Published(story)) = story else { panic!("{link} names {of:?}, which is {story:?}") };
            assert_eq!(story["id"], link["of"]);
        }
        self
    }

    /// Fails unless every position of the raw topic ends at least once.
    pub fn nothing_lost(&self, desk: &Desk) {
        let positions = desk.cluster.read_all(&desk.topic("raw"));
        for record in &positions {
            let position = (i64::from(record.partition()), record.offset());
            assert!(self.ends.contains_key(&position), "{position:?} was lost");
        }
        assert_eq!(self.ends.len(), positions.len(), "an outcome belongs to no input");
    }

    /// All links.
    pub fn links(&self) -> Vec<&Value> {
        let links =
            self.ends.values().flatten().filter_map(|end| if let End::Link(link) = end { Some(link) } else { None });
        links.collect()
    }

    /// All published articles.
    pub fn published(&self) -> Vec<&Value> {
        let all = self.ends.values().flatten();
        all.filter_map(|end| if let End::Published(article) = end { Some(article) } else { None }).collect()
    }
}

/// Headers as text.
pub fn headers(record: &OwnedMessage) -> HashMap<String, String> {
    let headers = record.headers().into_iter().flat_map(|headers| headers.iter());
    headers.map(|h| (h.key.to_owned(), String::from_utf8_lossy(h.value.unwrap_or_default()).into_owned())).collect()
}

fn origin(value: &Value) -> Position {
    let number = |name: &str| value[name].as_i64().unwrap_or_else(|| panic!("no {name} in {value}"));
    (number("partition"), number("offset"))
}

fn schema(desk: &Desk, which: &str) -> jsonschema::Validator {
    let printed = desk.output(&["schema", which]);
    assert!(printed.status.success());
    jsonschema::validator_for(&serde_json::from_slice(&printed.stdout).unwrap()).unwrap()
}

fn valid(schema: &jsonschema::Validator, record: &OwnedMessage) -> Value {
    let value: Value = serde_json::from_slice(record.payload().unwrap()).unwrap();
    assert!(schema.is_valid(&value), "{:?} in {value}", schema.iter_errors(&value).next().map(|e| e.to_string()));
    value
}
