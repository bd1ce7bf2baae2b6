//! A Kafka in memory and the workers on it. What is simulated is the broker and the threads; lanes, cut, ledger and the
//! rules of admission are the program's own. Each worker step below mirrors one of `src/kafka/session.rs`.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use copydesk::article::{CleanArticle, Head, Status};
use copydesk::flow::admit::{self, Admission, Admitted, admission, answered};
use copydesk::flow::cut::Cut;
use copydesk::flow::deliver::Message;
use copydesk::flow::lanes::{Gate, Lanes, Ready};
use copydesk::flow::{Delivery, Flow, Intake, LaneId, Parcel, Stop};
use copydesk::metrics::Tally;
use copydesk::outcome::{CopyKind, Outcome, Reason, Rejection, Route, Stage};
use copydesk::record::{Offset, Position, Record};
use copydesk::settings::DedupeMode;
use copydesk::stage::Prepared;
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::ledger::{Applied, Ledger};
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::chance::Chance;

pub const PROMISE: i64 = 120_000;

/// One input record: an article, or something that cannot be one.
#[derive(Debug, Clone)]
pub struct Input {
    pub keys: Option<Keys>,
}

/// What a committed transaction published for one position.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    pub partition: i32,
    pub offset: i64,
    pub transaction: u64,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Story { content: u128 },
    Link { of: Position },
    Dead,
}

/// Topics, offsets and the print log.
pub struct World {
    pub inputs: Vec<Vec<Input>>,
    pub committed: Vec<i64>,
    pub owner: Vec<Option<usize>>,
    pub log: Vec<(i64, LogRecord)>,
    pub clock: i64,
    pub published: Vec<Published>,
    transactions: u64,
    nonces: u64,
    runtime: tokio::runtime::Runtime,
}

impl World {
    pub fn new(inputs: Vec<Vec<Input>>) -> World {
        let partitions = inputs.len();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        World {
            inputs,
            committed: vec![0; partitions],
            owner: vec![None; partitions],
            log: Vec::new(),
            clock: 1_700_000_000_000,
            published: Vec::new(),
            transactions: 0,
            nonces: 0,
            runtime,
        }
    }

    pub fn append(&mut self, entry: Entry) {
        self.log.push((self.clock, LogRecord { desk: 1, entry }));
    }

    pub fn done(&self) -> bool {
        self.committed.iter().zip(&self.inputs).all(|(done, all)| *done == all.len() as i64)
    }
}

pub fn judging() -> Judging {
    Judging { algorithm: ALGORITHM, window: 72 * 3_600_000, max_articles: 10_000, promise: PROMISE }
}

/// Both ends of a lane.
type Pipe = (UnboundedReceiver<Record<()>>, Sender<Delivery>);

/// The flow of a worker: its lanes end here, and the simulation moves what is in them.
#[derive(Default)]
struct Pipes {
    opened: Mutex<HashMap<LaneId, Pipe>>,
    runtime: Option<tokio::runtime::Handle>,
}

impl Flow for Pipes {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        let (records, intake) = unbounded_channel();
        self.opened.lock().unwrap().insert(lane, (intake, out));
        let task = self.runtime.as_ref().unwrap().spawn(std::future::pending::<()>());
        Intake::new(records, task.abort_handle())
    }
}

/// A record inside a lane, between admission and delivery.
enum Inside {
    Waiting(Record<()>, u64, Box<CleanArticle>, String),
    Voiding(Record<()>, Rejection),
    Ready(Record<()>, Admitted),
}

/// One worker.
pub struct Worker {
    pub ledger: Ledger,
    tail: usize,
    lanes: Lanes,
    pipes: Pipes,
    inbox: Receiver<Delivery>,
    inside: HashMap<LaneId, VecDeque<Inside>>,
    answers: HashMap<u64, copydesk::stage::dedupe::ledger::Answer>,
    open: Open,
    taken: BTreeMap<i32, i64>,
    /// Partitions assigned, with the end of the log to be read before their intake opens.
    starting: BTreeMap<i32, usize>,
    pub consumed: u64,
    pub ended: u64,
    pub returned: u64,
}

#[derive(Default)]
struct Open {
    cut: Cut,
    sent: Vec<(i32, i64, What)>,
    committed: HashSet<i64>,
}

struct Entering<'a> {
    open: &'a mut Open,
    ledger: &'a Ledger,
}

impl Gate for Entering<'_> {
    type Error = Stop;

    fn ready(&self, parcel: &Parcel) -> Ready {
        self.open.cut.ready(parcel, &self.open.committed, |print| self.ledger.state(print))
    }

    fn enter(&mut self, delivery: &Delivery, parcel: &Parcel) -> Result<(), Stop> {
        let what = what(&parcel.message);
        self.open.sent.push((delivery.lane.partition, delivery.offset.0, what));
        self.open.cut.enter(delivery.lane, delivery.offset, parcel, None, Instant::now());
        Ok(())
    }
}

impl Worker {
    pub fn new(world: &World) -> Worker {
        let (out, inbox) = channel();
        let pipes = Pipes { opened: Mutex::default(), runtime: Some(world.runtime.handle().clone()) };
        Worker {
            ledger: Ledger::new(1, judging()),
            tail: 0,
            lanes: Lanes::new(out),
            pipes,
            inbox,
            inside: HashMap::new(),
            answers: HashMap::new(),
            open: Open::default(),
            taken: BTreeMap::new(),
            starting: BTreeMap::new(),
            consumed: 0,
            ended: 0,
            returned: 0,
        }
    }

    pub fn partitions(&self) -> Vec<i32> {
        self.lanes.partitions()
    }

    /// Consumed less ended, returned and in flight: the law says zero.
    pub fn law(&self) -> i64 {
        let in_flight = (self.lanes.inside() + self.open.cut.len()) as u64;
        self.consumed as i64 - (self.ended + self.returned + in_flight) as i64
    }

    /// Reads up to `records` of the print log.
    pub fn read(&mut self, world: &World, records: usize) {
        for _ in 0..records {
            let Some((time, record)) = world.log.get(self.tail) else { return };
            if let Applied::Judged(nonce, answer) = self.ledger.apply(self.tail as i64, *time, record) {
                self.answers.insert(nonce, answer);
            }
            self.tail += 1;
        }
    }

    pub fn assign(&mut self, world: &mut World, me: usize, partition: i32) {
        world.owner[partition as usize] = Some(me);
        self.lanes.open(partition, &self.pipes);
        self.taken.insert(partition, world.committed[partition as usize]);
        self.starting.insert(partition, world.log.len());
    }

    /// Opens the intake where the log is read far enough, and tells what a crash left untold.
    pub fn start_ready(&mut self, world: &mut World) {
        let ready: Vec<i32> = self.starting.iter().filter(|(_, end)| self.tail >= **end).map(|(p, _)| *p).collect();
        for partition in ready {
            self.starting.remove(&partition);
            let untold = self.ledger.untold("raw", partition, self.taken[&partition]);
            if !untold.is_empty() {
                world.append(Entry::Told(untold));
            }
        }
    }

    /// Takes the next record of a partition in.
    pub fn take(&mut self, world: &World, partition: i32) {
        let next = self.taken[&partition];
        if self.starting.contains_key(&partition) || next >= world.inputs[partition as usize].len() as i64 {
            return;
        }
        let record = Record {
            position: Some(Position { topic: "raw".into(), partition, offset: Offset(next) }),
            key: None,
            headers: Vec::new(),
            timestamp: None,
            raw: None,
            body: (),
        };
        if self.lanes.take(partition, record, Instant::now()) {
            self.consumed += 1;
            self.taken.insert(partition, next + 1);
        }
    }

    /// Moves one record of a lane on: prepare and admit the next, or deliver the head when it has its answer.
    pub fn move_lane(&mut self, world: &mut World, partition: i32, chance: &mut Chance) {
        let opened = self.pipes.opened.lock().unwrap().keys().filter(|l| l.partition == partition).max().copied();
        let Some(lane) = opened else { return };
        if chance.one_in(2) {
            let next = self.pipes.opened.lock().unwrap().get_mut(&lane).and_then(|(intake, _)| intake.try_recv().ok());
            if let Some(record) = next {
                let inside = self.admit(world, record);
                self.inside.entry(lane).or_default().push_back(inside);
            }
        }
        self.deliver_head(lane);
    }

    fn admit(&mut self, world: &mut World, record: Record<()>) -> Inside {
        let position = record.position.clone().unwrap();
        let input = &world.inputs[position.partition as usize][position.offset.0 as usize];
        let prepared = match &input.keys {
            None => Err(Rejection::new(Stage::Decode, Reason::NotJson, "poison")),
            Some(keys) => Ok(match admit::recognise(&self.ledger, DedupeMode::On, &record, keys) {
                Some((kind, matched)) => (Prepared::Known(keys.clone(), kind, matched), keys.content),
                None => (Prepared::Clean(keys.clone(), article(keys)), keys.content),
            }),
        };
        world.nonces += 1;
        match admission(&self.ledger, DedupeMode::On, &record, prepared, world.nonces) {
            Admission::Ready(admitted) => Inside::Ready(record, admitted),
            Admission::Void(print, rejection) => {
                world.append(Entry::Void(vec![print]));
                Inside::Voiding(record, rejection)
            }
            Admission::Ask(print, article) => {
                let id = print.keys.id.clone();
                world.append(Entry::Print(*print));
                Inside::Waiting(record, world.nonces, article, id)
            }
        }
    }

    fn deliver_head(&mut self, lane: LaneId) {
        let Some(queue) = self.inside.get_mut(&lane) else { return };
        let Some(head) = queue.pop_front() else { return };
        let (record, admitted) = match head {
            Inside::Ready(record, admitted) => (record, admitted),
            Inside::Voiding(record, rejection) => (record, Admitted::Dead(rejection)),
            Inside::Waiting(record, nonce, article, id) => match self.answers.remove(&nonce) {
                Some(answer) => (record, answered(DedupeMode::On, id, article, answer)),
                None => return queue.push_front(Inside::Waiting(record, nonce, article, id)),
            },
        };
        let delivery = Delivery {
            lane,
            offset: record.position.as_ref().unwrap().offset,
            weight: record.weight(),
            timestamp: None,
            result: Ok(parcel(&admitted)),
        };
        let opened = self.pipes.opened.lock().unwrap();
        opened[&lane].1.send(delivery).unwrap();
    }

    /// Lets finished records enter; reads again those whose verdict is void.
    pub fn enter(&mut self, world: &mut World) {
        while let Ok(delivery) = self.inbox.try_recv() {
            self.lanes.arrive(delivery);
        }
        let mut entering = Entering { open: &mut self.open, ledger: &self.ledger };
        let held = self.lanes.pass(Instant::now(), &mut entering).unwrap();
        if !held.behind.is_empty() {
            world.append(Entry::Void(held.behind));
        }
        for (lane, offset) in held.again {
            self.returned += self.lanes.open(lane.partition, &self.pipes) as u64;
            self.taken.insert(lane.partition, offset.0);
            assert!(offset.0 >= world.committed[lane.partition as usize], "what is read again was not committed");
        }
    }

    /// Commits what has entered: outputs and offsets in one step. `tell`: the worker lives long enough to append `told`.
    pub fn commit(&mut self, world: &mut World, tell: bool) {
        let cut = std::mem::take(&mut self.open.cut);
        if cut.is_empty() {
            return;
        }
        world.transactions += 1;
        for (partition, offset, what) in self.open.sent.drain(..) {
            let next = &mut world.committed[partition as usize];
            assert_eq!(*next, offset, "a cut is a prefix of its partition");
            *next = offset + 1;
            world.published.push(Published { partition, offset, transaction: world.transactions, what });
        }
        for (partition, next) in cut.offsets() {
            assert_eq!(world.committed[partition as usize], next.0);
        }
        self.ended += cut.len() as u64;
        let told = cut.told();
        self.open.committed.extend(&told);
        if tell && !told.is_empty() {
            world.append(Entry::Told(told));
        }
    }

    /// Aborts and reads again from the committed offsets.
    pub fn abort(&mut self, world: &World) {
        self.drop_cut();
        for partition in self.lanes.partitions() {
            self.returned += self.lanes.open(partition, &self.pipes) as u64;
            self.taken.insert(partition, world.committed[partition as usize]);
        }
    }

    fn drop_cut(&mut self) {
        self.returned += self.open.cut.len() as u64;
        self.open.cut = Cut::default();
        self.open.sent.clear();
    }

    /// Hands a partition over: commits what has entered, gives the rest back.
    pub fn revoke(&mut self, world: &mut World, partition: i32) {
        self.enter(world);
        self.commit(world, true);
        self.release(world, partition);
    }

    /// Loses a partition: nothing of it is committed.
    pub fn lose(&mut self, world: &mut World, partition: i32) {
        if self.open.cut.offsets().any(|(p, _)| p == partition) {
            self.abort(world);
        }
        self.release(world, partition);
    }

    fn release(&mut self, world: &mut World, partition: i32) {
        self.returned += self.lanes.abandon(partition) as u64;
        self.taken.remove(&partition);
        self.starting.remove(&partition);
        world.owner[partition as usize] = None;
    }

    /// Gives everything up without a word: the clients are built anew.
    pub fn forsake(&mut self, world: &mut World) {
        self.drop_cut();
        for partition in self.lanes.partitions() {
            self.release(world, partition);
        }
    }
}

fn article(keys: &Keys) -> Box<CleanArticle> {
    let head = Head { id: Some(keys.id.clone()), ..Head::default() };
    let text = format!("{:032x}", keys.content);
    Box::new(CleanArticle {
        head,
        page: Default::default(),
        blocks: Vec::new(),
        paragraphs: vec![text],
        truncated: false,
    })
}

/// The parcel of an admitted record; its message says what the oracle needs.
fn parcel(admitted: &Admitted) -> Parcel {
    let (route, value) = match admitted {
        Admitted::Dead(_) => (Route::Dead, String::new()),
        Admitted::Filed(_, kind, matched) => {
            assert!(matches!(kind, CopyKind::Exact | CopyKind::Near));
            let of = &matched.of.position;
            (Route::Duplicates, format!("{}/{}", of.partition, of.offset.0))
        }
        Admitted::Publish(_, article, _) => (Route::Enriched, article.text()),
    };
    let message = Message { route, partition: None, key: None, value: Some(value.into()), headers: Vec::new() };
    let mut tally = Tally::default();
    if let Admitted::Dead(rejection) = admitted {
        tally.add(&Outcome::Dead(rejection.clone()));
    }
    Parcel { message, tally, told: admitted.told(), needs: admitted.needs() }
}

fn what(message: &Message) -> What {
    let value = String::from_utf8(message.value.as_ref().unwrap().to_vec()).unwrap();
    match message.route {
        Route::Enriched => What::Story { content: u128::from_str_radix(&value, 16).unwrap() },
        Route::Duplicates => {
            let (partition, offset) = value.split_once('/').unwrap();
            let (partition, offset) = (partition.parse().unwrap(), Offset(offset.parse().unwrap()));
            What::Link { of: Position { topic: "raw".into(), partition, offset } }
        }
        Route::Dead | Route::Raw | Route::Prints | Route::Links => What::Dead,
    }
}

/// Keys of an article that tells `content` under `id`.
pub fn keys(id: &str, content: u128) -> Keys {
    let identity = id.bytes().fold(7u128, |hash, byte| hash.wrapping_mul(31) + u128::from(byte));
    Keys {
        id: id.into(),
        content,
        identity: Some(identity),
        url: None,
        status: Status::Usable,
        embargo: None,
        version: None,
    }
}
