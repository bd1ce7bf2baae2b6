//! The oracle: what the topics hold in the end, against what was written and against the print log.

use std::collections::{BTreeMap, HashMap};

use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Headers};
use serde::Deserialize;

use copydesk::article::VerdictKind;
use copydesk::stage::dedupe::ledger::Answer;

use super::desk::Desk;
use super::oracle::Position;
use super::reference;

/// What the oracle counts.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Input positions.
    pub inputs: u64,
    /// Of them without an outcome.
    pub lost: u64,
    /// Outcomes above one for a position.
    pub doubled: u64,
    /// Links.
    pub links: u64,
    /// Dead letters.
    pub dead: u64,
    /// Outcomes compared with the log.
    pub compared: u64,
    /// Everything that must not be, in words; the first of each kind.
    pub wrong: BTreeMap<&'static str, String>,
}

/// One outcome, as far as it is looked at.
struct End {
    id: String,
    of: Option<(String, Option<Position>)>,
    kind: Option<VerdictKind>,
    time: i64,
}

#[derive(Deserialize)]
struct Origin {
    partition: i64,
    offset: i64,
}

#[derive(Deserialize)]
struct Said {
    kind: VerdictKind,
    of: Option<String>,
}

/// An enriched record or a link.
#[derive(Deserialize)]
struct Outcome {
    id: String,
    origin: Origin,
    of: Option<String>,
    of_origin: Option<Origin>,
    verdict: Option<Said>,
}

/// Everything that came out.
#[derive(Default)]
struct Ends {
    ends: HashMap<Position, End>,
    verdict: Verdict,
}

/// What may not be asked of every scenario.
pub struct Log {
    /// The print topic; none where it does not hold what the verdicts were given by any more.
    pub topic: Option<String>,
    /// The desk, where several write to the topic.
    pub desk: Option<u64>,
    /// No link goes before its story, by the stamps of the workers. Not asked where their clocks are wrong, nor of a log that was
    /// made anew under them: other prints stand then at the offsets by which they know whether a story was told.
    pub ordered: bool,
    /// Outcomes sent before, milliseconds since 1970-01-01 UTC, belong to an input that is gone.
    pub since: i64,
}

/// Reads the topics of a desk whose input holds the offsets `from..to` of each partition, all of them to be accounted for.
pub fn check(desk: &Desk, spans: &[(i64, i64)], log: &Log) -> Verdict {
    let mut all = Ends::default();
    for topic in ["enriched", "duplicates", "dead"] {
        let mut order = HashMap::new();
        desk.cluster.each(&desk.topic(topic), |record| {
            if record.timestamp().to_millis().unwrap() >= log.since {
                all.add(topic, record, &mut order);
            }
        });
    }
    all.nothing_lost(spans);
    all.links_name_stories(log.ordered);
    if let Some(topic) = &log.topic {
        all.as_the_log_says(&reference::answers(&desk.cluster, topic, log.desk));
    }
    all.verdict
}

impl Ends {
    fn add(&mut self, topic: &str, record: &BorrowedMessage<'_>, order: &mut HashMap<(i32, i64), i64>) {
        let (position, end) = if topic == "dead" { letter(record) } else { outcome(record) };
        match end.kind {
            None => self.verdict.dead += 1,
            Some(VerdictKind::Copy) if end.of.as_ref().is_some_and(|(_, of)| of.is_some()) => self.verdict.links += 1,
            Some(_) => {}
        }
        let last = order.insert((record.partition(), position.0), position.1);
        if last.is_some_and(|last| last >= position.1) {
            self.wrong("order", || format!("{topic}/{}: {position:?} after {last:?}", record.partition()));
        }
        if end.kind.is_some() && end.id != format!("{}-{}", position.0, position.1) {
            self.wrong("id", || format!("{position:?} has {}", end.id));
        }
        if self.ends.insert(position, end).is_some() {
            self.verdict.doubled += 1;
            self.wrong("doubled", || format!("{position:?}, again in {topic}"));
        }
    }

    fn nothing_lost(&mut self, spans: &[(i64, i64)]) {
        for (partition, (from, to)) in spans.iter().enumerate() {
            for offset in *from..*to {
                self.verdict.inputs += 1;
                let position = (partition as i64, offset);
                if !self.ends.contains_key(&position) {
                    self.verdict.lost += 1;
                    self.wrong("lost", || format!("{position:?}"));
                }
            }
        }
        let inside = |(p, o): &Position| spans.get(*p as usize).is_some_and(|(_, to)| *o < *to);
        let beyond = self.ends.keys().copied().find(|position| !inside(position));
        if let Some(beyond) = beyond {
            self.wrong("beyond", || format!("{beyond:?} belongs to no input"));
        }
    }

    /// The story of a link was published, under the id the link says, and not sent after it.
    fn links_name_stories(&mut self, ordered: bool) {
        let mut wrong = Vec::new();
        for (position, link) in &self.ends {
            let Some((of, Some(at))) = &link.of else { continue };
            match self.ends.get(at) {
                Some(story) if story.kind.is_none() || story.of.as_ref().is_some_and(|(_, of)| of.is_some()) => {
                    wrong.push(("link", format!("{position:?} names {at:?}, which was not published")));
                }
                Some(story) if story.id != *of => {
                    wrong.push(("link", format!("{position:?} names {of}, not {}", story.id)))
                }
                Some(story) if story.time > link.time && ordered => {
                    wrong.push(("before", format!("{position:?} before its story {at:?}")))
                }
                Some(_) => {}
                None => wrong.push(("link", format!("{position:?} names {at:?}, which is not there"))),
            }
        }
        for (what, text) in wrong {
            self.wrong(what, || text);
        }
    }

    fn as_the_log_says(&mut self, answers: &HashMap<Position, Answer>) {
        let mut wrong = Vec::new();
        for (position, end) in &self.ends {
            let link = end.of.as_ref().is_some_and(|(_, at)| at.is_some());
            let Some(answer) = answers.get(position) else {
                if end.kind.is_some() && !link {
                    wrong.push(format!("{position:?} was published without a print"));
                }
                continue;
            };
            self.verdict.compared += 1;
            let (kind, of) = reference::said(answer);
            let said = (end.kind, end.of.as_ref().map(|(of, _)| of.as_str()));
            if said != (Some(kind), of) {
                wrong.push(format!("{position:?} says {said:?}, the log {kind:?} {of:?}"));
            }
        }
        if !wrong.is_empty() {
            let count = wrong.len();
            self.wrong("verdict", || format!("{count} differ from the log: {}", wrong[0]));
        }
    }

    fn wrong(&mut self, what: &'static str, text: impl FnOnce() -> String) {
        self.verdict.wrong.entry(what).or_insert_with(text);
    }
}

fn outcome(record: &BorrowedMessage<'_>) -> (Position, End) {
    let outcome: Outcome = serde_json::from_slice(record.payload().unwrap()).unwrap();
    let position = |origin: Origin| (origin.partition, origin.offset);
    let (kind, of) = match outcome.verdict {
        Some(said) => (said.kind, said.of.map(|of| (of, None))),
        None => (VerdictKind::Copy, outcome.of.map(|of| (of, outcome.of_origin.map(position)))),
    };
    let time = record.timestamp().to_millis().unwrap();
    (position(outcome.origin), End { id: outcome.id, of, kind: Some(kind), time })
}

fn letter(record: &BorrowedMessage<'_>) -> (Position, End) {
    let header = |name: &str| {
        let mut headers = record.headers().into_iter().flat_map(|headers| headers.iter());
        let value = headers.find(|header| header.key == name).and_then(|header| header.value).unwrap();
        std::str::from_utf8(value).unwrap().parse::<i64>().unwrap()
    };
    let position = (header("__streams.errors.partition"), header("__streams.errors.offset"));
    (position, End { id: String::new(), of: None, kind: None, time: 0 })
}
