//! The lanes of a worker, which the simulation moves: from what was taken to what is delivered. Each step mirrors one of
//! `src/flow/desk.rs`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::mpsc::Sender;

use copydesk::article::{CleanArticle, Head};
use copydesk::flow::admit::{self, Admission, Admitted, Ask, admission, answered};
use copydesk::flow::{Delivery, Flow, Intake, LaneId, Taken};
use copydesk::outcome::{Reason, Rejection, Stage};
use copydesk::record::Record;
use copydesk::settings::DedupeMode;
use copydesk::stage::Prepared;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::print::Entry;
use tokio::sync::mpsc::UnboundedReceiver;

use super::super::chance::Chance;
use super::super::checker::Step;
use super::super::world::{World, wording};
use super::Worker;
use super::parcel::parcel;

/// Both ends of a lane.
type Pipe = (UnboundedReceiver<Taken>, Sender<Delivery>);

/// The flow of a worker: its lanes end here, and the simulation moves what is in them.
pub struct Pipes {
    opened: Mutex<HashMap<LaneId, Pipe>>,
    runtime: tokio::runtime::Handle,
}

impl Pipes {
    pub fn new(runtime: tokio::runtime::Handle) -> Pipes {
        Pipes { opened: Mutex::default(), runtime }
    }

    /// What is in the lanes of a partition is gone.
    pub fn close(&self, partition: i32) {
        self.opened.lock().unwrap().retain(|lane, _| lane.partition != partition);
    }
}

impl Flow for Pipes {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        let mut opened = self.opened.lock().unwrap();
        opened.retain(|older, _| older.partition != lane.partition);
        Intake::open(&self.runtime, lane, out, |intake, out| {
            opened.insert(lane, (intake, out));
            std::future::ready(())
        })
    }
}

/// A record inside a lane, between admission and delivery.
pub enum Inside {
    Waiting(Record, u64, Box<CleanArticle>, String),
    Ready(Record, Admitted),
}

impl Worker {
    /// `desk::run`: prepare and admit the next record of a lane, or deliver the head when it has its answer.
    pub fn move_lane(&mut self, world: &mut World, partition: i32, chance: &mut Chance) {
        if chance.one_in(2) {
            self.admit_next(world, partition);
        }
        self.deliver_head(world, partition);
    }

    pub fn admit_next(&mut self, world: &mut World, partition: i32) {
        let Some(lane) = self.lane(partition) else { return };
        let next = self.pipes.opened.lock().unwrap().get_mut(&lane).and_then(|(intake, _)| intake.try_recv().ok());
        if let Some(Taken { record, .. }) = next {
            let offset = record.position.as_ref().unwrap().offset.0;
            let inside = self.admit(world, record, lane.claim);
            world.checker.step(self.id, partition, offset, Step::Admitted);
            self.inside.entry(lane).or_default().push_back(inside);
        }
    }

    fn lane(&self, partition: i32) -> Option<LaneId> {
        self.pipes.opened.lock().unwrap().keys().find(|lane| lane.partition == partition).copied()
    }

    fn admit(&mut self, world: &mut World, record: Record, claim: u32) -> Inside {
        let input = world.input(record.position.as_ref().unwrap()).clone();
        let prepared = match input.keys.filter(|_| self.lenient || !input.disputed) {
            None => Err(Rejection::new(Stage::Decode, Reason::NotJson, "poison")),
            Some(keys) => Ok(match admit::recognise(&self.ledger, DedupeMode::On, &record, &keys) {
                Some((kind, matched)) => (Prepared::Known(keys.clone(), kind, matched), keys.content),
                None => (Prepared::Clean(keys.clone(), clean(&keys), wording(keys.content)), keys.content),
            }),
        };
        let nonce = world.next_nonce();
        match admission(&self.ledger, DedupeMode::On, &record, prepared, Ask { nonce, claim }) {
            Admission::Ready(admitted) => Inside::Ready(record, admitted),
            Admission::Void(print, rejection) => {
                // The desk waits until the log holds it.
                self.append(world, Entry::Void(vec![print]));
                self.write(world, usize::MAX);
                Inside::Ready(record, Admitted::Dead(rejection))
            }
            Admission::Ask(print, article) => {
                let id = print.keys.id.clone();
                self.ledger.asked(&print.position);
                self.append(world, Entry::Print(*print));
                self.answers.insert(nonce, None);
                Inside::Waiting(record, nonce, article, id)
            }
        }
    }

    pub fn deliver_head(&mut self, world: &World, partition: i32) {
        let Some(lane) = self.lane(partition) else { return };
        let queue = self.inside.entry(lane).or_default();
        let ready = match queue.front() {
            Some(Inside::Waiting(_, nonce, ..)) => self.answers[nonce].is_some(),
            Some(Inside::Ready(..)) => true,
            None => false,
        };
        let Some(head) = ready.then(|| queue.pop_front()).flatten() else { return };
        let (record, admitted) = match head {
            Inside::Ready(record, admitted) => (record, admitted),
            Inside::Waiting(record, nonce, article, id) => {
                let answer = self.answers.remove(&nonce).flatten().unwrap();
                (record, answered(DedupeMode::On, id, article, answer))
            }
        };
        let position = record.position.as_ref().unwrap();
        let content = world.input(position).keys.as_ref().map_or(0, |keys| keys.content);
        let (offset, weight, result) = (position.offset, record.weight(), Ok(parcel(&admitted, content)));
        let delivery = Delivery { lane, offset, weight, timestamp: None, result };
        self.pipes.opened.lock().unwrap()[&lane].1.send(delivery).unwrap();
    }
}

fn clean(keys: &Keys) -> Box<CleanArticle> {
    let head = Head { id: Some(keys.id.clone()), ..Head::default() };
    let paragraphs = vec![format!("{:032x}", keys.content)];
    Box::new(CleanArticle { head, page: Default::default(), blocks: Vec::new(), paragraphs, truncated: None })
}
