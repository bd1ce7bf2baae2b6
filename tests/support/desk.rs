//! The real desk on a print log in memory: records as bytes in, messages out, and a driver that does nothing by itself.

use std::collections::{HashMap, HashSet};
use std::future::{Future, ready};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use copydesk::flow::cpu::Cpu;
use copydesk::flow::cut::Cut;
use copydesk::flow::deliver::{Limits, Message};
use copydesk::flow::desk::Desk;
use copydesk::flow::lanes::{Gate, Held, Lanes, Ready};
use copydesk::flow::{Delivery, Parcel, PrintLog, Stop, Taken};
use copydesk::metrics::Metrics;
use copydesk::record::{Offset, Position, Record};
use copydesk::settings::{self, Output, Stages, Topics};
use copydesk::stage::Rules;
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::ledger::{Answer, Applied, Ledger};
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use tokio::sync::oneshot;

use super::world::{DESK, PROMISE, apply, encode};

/// Longest wait for something that the desk does at once; far above any hiccup of a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One log for all workers, and its clock.
#[derive(Default)]
pub struct Log(Mutex<Records>);

#[derive(Default)]
struct Records {
    now: i64,
    /// Log time and bytes.
    all: Vec<(i64, Vec<u8>)>,
}

impl Log {
    pub fn append(&self, entry: Entry) {
        let mut log = self.0.lock().unwrap();
        let now = log.now;
        log.all.push((now, encode(entry)));
    }

    pub fn pass_time(&self, millis: i64) {
        self.0.lock().unwrap().now += millis;
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap().all.iter().map(|(_, bytes)| LogRecord::decode(bytes).unwrap().entry).collect()
    }
}

/// A worker's view of the log. What it asks is answered once its tail has been read on.
pub struct Prints {
    log: Arc<Log>,
    index: Mutex<Index>,
}

struct Index {
    ledger: Ledger,
    tail: usize,
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
}

impl Prints {
    /// Reads the log to its end.
    pub fn read(&self) {
        let log = self.log.0.lock().unwrap().all.clone();
        let mut index = self.index.lock().unwrap();
        while let Some((time, bytes)) = log.get(index.tail) {
            let at = index.tail;
            index.tail += 1;
            if let Some(Applied::Judged(nonce, answer)) = apply(&mut index.ledger, at, *time, bytes)
                && let Some(waiting) = index.waiting.remove(&nonce)
            {
                // Nobody waits any more when the lane was ended.
                let _ = waiting.send(answer);
            }
        }
    }
}

impl PrintLog for Prints {
    fn look<R>(&self, look: impl FnOnce(&Ledger) -> R) -> R {
        look(&self.index.lock().unwrap().ledger)
    }

    fn ask(&self, print: Print) -> impl Future<Output = Result<Answer, Stop>> + Send + 'static + use<> {
        let (answer, answered) = oneshot::channel();
        let mut index = self.index.lock().unwrap();
        index.ledger.asked(&print.position);
        index.waiting.insert(print.nonce, answer);
        drop(index);
        self.log.append(Entry::Print(print));
        self.read();
        async move { answered.await.map_err(|_| Stop::Broken("never answered".into())) }
    }

    fn append(&self, entry: Entry) -> impl Future<Output = Result<(), Stop>> + Send + 'static + use<> {
        self.log.append(entry);
        ready(Ok(()))
    }
}

/// A worker with the real desk.
pub struct Station {
    pub prints: Arc<Prints>,
    log: Arc<Log>,
    desk: Desk<Prints>,
    lanes: Lanes,
    inbox: Receiver<Delivery>,
    open: Open,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
struct Open {
    cut: Cut,
    sent: Vec<Message>,
    committed: HashSet<i64>,
}

struct Entering<'a>(&'a mut Open, &'a Prints);

impl Gate for Entering<'_> {
    type Error = Stop;

    fn ready(&self, parcel: &Parcel) -> Ready {
        self.0.cut.ready(parcel, &self.0.committed, |print| self.1.look(|ledger| ledger.state(print)))
    }

    fn enter(&mut self, delivery: &Delivery, parcel: &Parcel) -> Result<(), Stop> {
        self.0.sent.push(parcel.message.clone());
        self.0.cut.enter(delivery.lane, delivery.offset, parcel, delivery.timestamp, Instant::now());
        Ok(())
    }
}

impl Station {
    /// A worker that takes stories of `min_words` words, with lanes for partitions 0 to 3.
    pub fn new(log: &Arc<Log>, min_words: u32) -> Station {
        let rules = Rules { clean: settings::Clean { min_words }, max_text: 1 << 20, ..Rules::default() };
        Station::with(log, rules, Output::default(), Stages::All)
    }

    /// A worker with these rules, which publishes in that form what these stages let it publish.
    pub fn with(log: &Arc<Log>, rules: Rules, output: Output, stages: Stages) -> Station {
        let judging = Judging { algorithm: ALGORITHM, window: i64::MAX, max_articles: 1000, promise: PROMISE };
        let index = Index { ledger: Ledger::new(DESK, judging), tail: 0, waiting: HashMap::new() };
        let prints = Arc::new(Prints { log: log.clone(), index: Mutex::new(index) });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (out, inbox) = channel();
        let limits = Limits { raw: 1 << 20, enriched: 1 << 20, cleaned: 1 << 20, duplicates: 1 << 20, dead: 1 << 20 };
        let metrics = Metrics::new(&Topics::default()).unwrap();
        let cpu = Cpu::new(runtime.handle().clone(), 2).unwrap();
        let desk = Desk::new(rules, limits, output, stages, prints.clone(), (cpu, usize::MAX), metrics);
        let mut lanes = Lanes::new(out);
        for partition in 0..4 {
            lanes.open(partition, 0, &desk);
        }
        prints.read();
        Station { prints, log: log.clone(), desk, lanes, inbox, open: Open::default(), _runtime: runtime }
    }

    /// Takes JSON in as a record at that place.
    pub fn take(&mut self, partition: i32, offset: i64, json: &str) {
        let position = Some(Position { topic: "raw".into(), partition, offset: Offset(offset) });
        let headers = vec![("content-type".into(), Some("application/json".into()))];
        let (timestamp, raw) = (Some(1_700_000_000_000), Some(json.to_owned().into()));
        self.take_record(Record { position, key: None, headers, timestamp, raw });
    }

    /// Takes a record in and waits until the desk has delivered it; whether it may enter is another matter.
    pub fn take_record(&mut self, record: Record) {
        let Position { partition, offset, .. } = record.position.clone().unwrap();
        assert!(self.lanes.take(partition, Taken { record, aside: None }, Instant::now()));
        let delivery = self.inbox.recv_timeout(PATIENCE).unwrap();
        assert_eq!((delivery.lane.partition, delivery.offset), (partition, offset));
        self.lanes.arrive(delivery);
    }

    /// Reads the log and lets enter what may.
    pub fn pass(&mut self) -> Held {
        self.prints.read();
        self.lanes.pass(Instant::now(), &mut Entering(&mut self.open, &self.prints)).unwrap()
    }

    /// Ends a lane and opens it anew.
    pub fn reopen(&mut self, partition: i32) {
        self.lanes.reopen(partition, &self.desk);
    }

    /// Aborts: what has entered is gone.
    pub fn abort(&mut self) {
        self.open.cut = Cut::default();
        self.open.sent.clear();
        (0..4).for_each(|partition| self.reopen(partition));
    }

    /// Commits, and tells what it published. Gives the messages.
    pub fn commit(&mut self) -> Vec<Message> {
        let told = std::mem::take(&mut self.open.cut).told();
        self.open.committed.extend(&told);
        self.log.append(Entry::Told(told));
        std::mem::take(&mut self.open.sent)
    }
}
