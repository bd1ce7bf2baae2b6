//! A worker in steps: what is simulated is the broker's side and the threads; lanes, cut, ledger and the rules of
//! admission are the program's own. Each step mirrors one of `src/kafka/session.rs` and says which.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use copydesk::article::{CleanArticle, Head};
use copydesk::flow::admit::{self, Admission, Admitted, Ask, admission, answered};
use copydesk::flow::cut::Cut;
use copydesk::flow::deliver::Message;
use copydesk::flow::lanes::{Gate, Held, Lanes, Ready};
use copydesk::flow::room;
use copydesk::flow::{Delivery, Flow, Intake, LaneId, Parcel, Stop, Taken};
use copydesk::metrics::Tally;
use copydesk::outcome::{CopyKind, Reason, Rejection, Route, Stage};
use copydesk::record::{Offset, Position, Record};
use copydesk::settings::DedupeMode;
use copydesk::stage::Prepared;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::ledger::{Answer, Applied, Ledger, State};
use copydesk::stage::dedupe::print::{Entry, Judging};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::chance::Chance;
use super::checker::Step;
use super::world::{DESK, Refused, What, World, apply, encode, wording};

/// Both ends of a lane.
type Pipe = (UnboundedReceiver<Taken>, Sender<Delivery>);

/// The flow of a worker: its lanes end here, and the simulation moves what is in them.
struct Pipes {
    opened: Mutex<HashMap<LaneId, Pipe>>,
    runtime: tokio::runtime::Handle,
}

impl Flow for Pipes {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        let (records, intake) = unbounded_channel();
        let mut opened = self.opened.lock().unwrap();
        opened.retain(|older, _| older.partition != lane.partition);
        opened.insert(lane, (intake, out));
        Intake::new(records, self.runtime.spawn(std::future::ready(())).abort_handle())
    }
}

/// A record inside a lane, between admission and delivery.
enum Inside {
    Waiting(Record<()>, u64, Box<CleanArticle>, String),
    Ready(Record<()>, Admitted),
}

/// What becomes of what a worker had appended when it crashed.
#[derive(Debug, Clone, Copy)]
pub enum Appends {
    Written,
    Lost,
    Late,
}

/// One worker.
pub struct Worker {
    pub id: usize,
    pub ledger: Ledger,
    judging: Judging,
    tail: usize,
    lanes: Lanes,
    pipes: Pipes,
    inbox: Receiver<Delivery>,
    inside: HashMap<LaneId, VecDeque<Inside>>,
    answers: HashMap<u64, Option<Answer>>,
    open: Open,
    taken: BTreeMap<i32, i64>,
    /// Partitions assigned, with the end of the log to be read before their intake opens.
    starting: BTreeMap<i32, usize>,
    /// The claim that the committed offset of a partition bore when it came.
    inherited: BTreeMap<i32, u32>,
    voided: HashSet<i64>,
    /// Appended, and not written by the broker yet.
    outgoing: VecDeque<Vec<u8>>,
    /// True when the broker writes at once what is appended.
    instant: bool,
    /// Takes disputed records for articles.
    lenient: bool,
    /// The broker will refuse the next transaction.
    doomed: bool,
    consumed: u64,
    ended: u64,
    returned: u64,
}

#[derive(Default)]
struct Open {
    cut: Cut,
    sent: Vec<(i32, i64, What)>,
    committed: HashSet<i64>,
    /// Entered since the checker was told.
    entered: Vec<(i32, i64)>,
}

/// `session::Entering`
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
        let (partition, offset) = (delivery.lane.partition, delivery.offset.0);
        self.open.sent.push((partition, offset, what(&parcel.message)));
        self.open.entered.push((partition, offset));
        self.open.cut.enter(delivery.lane, delivery.offset, parcel, None, Instant::now());
        Ok(())
    }
}

impl Worker {
    /// `KafkaPrintLog::open` and `join`: reads the log, and appends its settings where others are in force.
    pub fn new(world: &mut World, instant: bool, lenient: bool) -> Worker {
        let (out, inbox) = channel();
        let pipes = Pipes { opened: Mutex::default(), runtime: world.runtime.handle().clone() };
        let mut worker = Worker {
            id: world.next_worker(),
            ledger: Ledger::new(DESK, world.judging),
            judging: world.judging,
            tail: 0,
            lanes: Lanes::new(out),
            pipes,
            inbox,
            inside: HashMap::new(),
            answers: HashMap::new(),
            open: Open::default(),
            taken: BTreeMap::new(),
            starting: BTreeMap::new(),
            inherited: BTreeMap::new(),
            voided: HashSet::new(),
            outgoing: VecDeque::new(),
            instant,
            lenient,
            doomed: false,
            consumed: 0,
            ended: 0,
            returned: 0,
        };
        worker.read(world, usize::MAX);
        let settled = worker.ledger.settings() == Some(worker.judging);
        let entry = if settled { Entry::Told(Vec::new()) } else { Entry::Settings(worker.judging) };
        world.append(encode(entry));
        worker.read(world, usize::MAX);
        worker
    }

    pub fn partitions(&self) -> Vec<i32> {
        self.lanes.partitions()
    }

    /// In = ended + returned + in flight, and the checker sees the same records in flight.
    pub fn assert_law(&self, world: &World) {
        let in_flight = self.lanes.inside() + self.open.cut.len();
        assert_eq!(self.consumed, self.ended + self.returned + in_flight as u64, "the law");
        assert_eq!(world.checker.held(self.id), in_flight, "what is in flight");
    }

    /// Appends to the print log; the broker writes it now or later, in order.
    pub fn append(&mut self, world: &mut World, entry: Entry) {
        self.outgoing.push_back(encode(entry));
        if self.instant {
            self.write(world, usize::MAX);
        }
    }

    /// The broker writes up to `records` of what was appended.
    pub fn write(&mut self, world: &mut World, records: usize) {
        for _ in 0..records {
            let Some(append) = self.outgoing.pop_front() else { return };
            world.append(append);
        }
    }

    /// The tail reads up to `records` of the print log.
    pub fn read(&mut self, world: &mut World, records: usize) {
        for _ in 0..records {
            let Some((time, bytes)) = world.log.get(self.tail) else { return };
            let applied = apply(&mut self.ledger, self.tail, *time, bytes);
            self.tail += 1;
            let Some(Applied::Judged(nonce, answer)) = applied else { continue };
            world.agree(nonce, &answer);
            if let Some(waiting) = self.answers.get_mut(&nonce) {
                *waiting = Some(answer);
            }
        }
    }

    /// `State::assigned`
    pub fn assign(&mut self, world: &mut World, partition: i32) {
        let epoch = world.assign(partition, self.id);
        self.lanes.open(partition, u32::try_from(epoch).unwrap(), &self.pipes);
        self.taken.insert(partition, world.committed[partition as usize]);
        self.inherited.insert(partition, world.claims[partition as usize]);
        self.starting.insert(partition, world.log.len());
    }

    /// `State::start_ready`: opens the intake where the log is read far enough, and tells what a crash left untold.
    pub fn start_ready(&mut self, world: &mut World) {
        let ready: Vec<i32> = self.starting.iter().filter(|(_, end)| self.tail >= **end).map(|(p, _)| *p).collect();
        for partition in ready {
            self.starting.remove(&partition);
            let claim = self.inherited[&partition];
            let untold = self.ledger.untold("raw", partition, self.taken[&partition], claim);
            if !untold.is_empty() {
                self.append(world, Entry::Told(untold));
            }
        }
    }

    /// `State::take`: the next record of a partition.
    pub fn take(&mut self, world: &mut World, partition: i32) {
        let next = self.taken[&partition];
        if self.starting.contains_key(&partition) || next >= world.inputs[partition as usize].len() as i64 {
            return;
        }
        let position = Position { topic: "raw".into(), partition, offset: Offset(next) };
        let (key, headers) = (None, Vec::new());
        let record = Record { position: Some(position), key, headers, timestamp: None, raw: None, body: () };
        if self.lanes.take(partition, Taken { record, unread: false }, Instant::now()) {
            world.checker.step(self.id, partition, next, Step::Taken);
            self.consumed += 1;
            self.taken.insert(partition, next + 1);
        }
    }

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

    fn admit(&mut self, world: &mut World, record: Record<()>, claim: u32) -> Inside {
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

    /// `State::step`, up to the commit: whatever may enter does.
    pub fn enter(&mut self, world: &mut World) {
        let held = self.pass(world);
        if held.behind.is_empty() {
            self.voided.clear();
        }
        let fresh: Vec<i64> = held.behind.into_iter().filter(|print| self.voided.insert(*print)).collect();
        if !fresh.is_empty() {
            self.append(world, Entry::Void(fresh));
        }
        for (lane, offset) in held.again {
            self.reopen(world, lane.partition, offset.0);
        }
    }

    fn pass(&mut self, world: &mut World) -> Held {
        while let Ok(delivery) = self.inbox.try_recv() {
            self.lanes.arrive(delivery);
        }
        let mut entering = Entering { open: &mut self.open, ledger: &self.ledger };
        let held = self.lanes.pass(Instant::now(), &mut entering).unwrap();
        for (partition, offset) in self.open.entered.drain(..) {
            world.checker.step(self.id, partition, offset, Step::Entered);
        }
        held
    }

    /// Commits what has entered; what is refused is aborted and read again.
    pub fn commit(&mut self, world: &mut World) {
        if self.try_commit(world, true).is_err() {
            self.abort(world);
        }
    }

    /// `State::commit`: outputs and offsets in one step. `tell`: the worker lives long enough to append `told`.
    pub fn try_commit(&mut self, world: &mut World, tell: bool) -> Result<(), Refused> {
        if self.open.cut.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.doomed) {
            return Err(Refused);
        }
        world.commit(self.id, &self.open.sent)?;
        let cut = std::mem::take(&mut self.open.cut);
        for (partition, offset, _) in self.open.sent.drain(..) {
            world.checker.step(self.id, partition, offset, Step::Committed);
        }
        for (partition, reached) in cut.offsets() {
            assert_eq!(world.committed[partition as usize], reached.next.0);
            world.claims[partition as usize] = reached.claim;
        }
        self.ended += cut.len() as u64;
        let told = cut.told();
        self.open.committed.retain(|print| self.ledger.state(*print) != State::Told);
        self.open.committed.extend(&told);
        if tell && !told.is_empty() {
            self.append(world, Entry::Told(told));
        }
        Ok(())
    }

    /// The broker will refuse the next transaction.
    pub fn doom(&mut self) {
        self.doomed = true;
    }

    /// `State::rewind`: aborts and reads again from the committed offsets.
    pub fn abort(&mut self, world: &mut World) {
        self.drop_cut(world);
        for partition in self.lanes.partitions() {
            self.reopen(world, partition, world.committed[partition as usize]);
        }
    }

    fn reopen(&mut self, world: &mut World, partition: i32, offset: i64) {
        self.returned += self.lanes.reopen(partition, &self.pipes) as u64;
        world.checker.returned(self.id, Some(partition), false);
        self.taken.insert(partition, offset);
    }

    fn drop_cut(&mut self, world: &mut World) {
        self.returned += self.open.cut.len() as u64;
        self.open.cut = Cut::default();
        self.open.sent.clear();
        world.checker.returned(self.id, None, true);
    }

    /// `State::give_back`: commits what has entered, lets the rest run dry for a while, commits that.
    pub fn revoke(&mut self, world: &mut World, partition: i32, chance: &mut Chance) {
        self.lanes.close(partition);
        let drained = self.try_commit(world, true).and_then(|()| {
            for _ in 0..chance.below(12) {
                self.write(world, 1);
                self.read(world, 2);
                self.move_lane(world, partition, chance);
                self.pass(world);
            }
            self.try_commit(world, true)
        });
        self.release(world, partition);
        world.owner[partition as usize] = None;
        if drained.is_err() {
            self.abort(world);
        }
    }

    /// `State::drop_lost`: the worker hears that partitions were taken from it. Nothing of them is committed.
    pub fn notice(&mut self, world: &mut World) {
        let lost = |p: &i32| world.owner[*p as usize] != Some(self.id);
        let lost: Vec<i32> = self.lanes.partitions().into_iter().filter(lost).collect();
        let entered = self.open.cut.offsets().any(|(partition, _)| lost.contains(&partition));
        lost.into_iter().for_each(|partition| self.release(world, partition));
        if entered {
            self.abort(world);
        }
    }

    fn release(&mut self, world: &mut World, partition: i32) {
        self.returned += self.lanes.abandon(partition) as u64;
        world.checker.returned(self.id, Some(partition), false);
        self.pipes.opened.lock().unwrap().retain(|lane, _| lane.partition != partition);
        self.taken.remove(&partition);
        self.starting.remove(&partition);
    }

    /// `State::forsake`: gives everything up without a word; the clients are built anew.
    pub fn forsake(&mut self, world: &mut World) {
        self.drop_cut(world);
        for partition in self.lanes.partitions() {
            self.release(world, partition);
            let owner = &mut world.owner[partition as usize];
            *owner = owner.filter(|owner| *owner != self.id);
        }
        self.open.committed.clear();
    }

    /// The process is gone.
    pub fn crash(mut self, world: &mut World, appends: Appends) {
        self.forsake(world);
        match appends {
            Appends::Written => self.write(world, usize::MAX),
            Appends::Lost => {}
            Appends::Late => world.late.append(&mut self.outgoing),
        }
    }
}

fn clean(keys: &Keys) -> Box<CleanArticle> {
    let head = Head { id: Some(keys.id.clone()), ..Head::default() };
    let paragraphs = vec![format!("{:032x}", keys.content)];
    Box::new(CleanArticle { head, page: Default::default(), blocks: Vec::new(), paragraphs, truncated: false })
}

/// The parcel of an admitted record; its message says what the checker needs.
fn parcel(admitted: &Admitted, content: u128) -> Parcel {
    let (route, value) = match admitted {
        Admitted::Dead(_) => (Route::Dead, String::new()),
        Admitted::Filed(_, kind, matched) => {
            let of = &matched.of.position;
            let exact = *kind == CopyKind::Exact;
            (Route::Duplicates, format!("{content}/{}/{}/{exact}", of.partition, of.offset.0))
        }
        Admitted::Publish(..) => (Route::Enriched, content.to_string()),
    };
    let message = Message { route, partition: None, key: None, value: Some(value.into()), headers: Vec::new() };
    let (told, needs) = (admitted.told(), admitted.needs());
    Parcel { message, tally: Tally::default(), told, needs, held: room::Held::default() }
}

fn what(message: &Message) -> What {
    let value = String::from_utf8(message.value.as_ref().unwrap().to_vec()).unwrap();
    let parts: Vec<&str> = value.split('/').collect();
    match (message.route, parts.as_slice()) {
        (Route::Enriched, [content]) => What::Story { content: content.parse().unwrap() },
        (Route::Duplicates, [content, partition, offset, exact]) => {
            let (partition, offset) = (partition.parse().unwrap(), Offset(offset.parse().unwrap()));
            let of = Position { topic: "raw".into(), partition, offset };
            What::Link { content: content.parse().unwrap(), of, exact: exact.parse().unwrap() }
        }
        (Route::Dead, _) => What::Dead,
        (route, _) => unreachable!("nothing is written to {route:?}"),
    }
}
