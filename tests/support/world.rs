//! A Kafka in memory: input partitions, committed offsets, outputs, and the print log with its offsets and log time.
//! A transaction writes outputs and offsets in one step, or is refused whole.

use std::collections::{HashMap, VecDeque};

use copydesk::article::Status;
use copydesk::record::{Offset, Position};
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::ledger::{Answer, Applied, Ledger};
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord};
use copydesk::stage::dedupe::wording::Wording;

use super::checker::Checker;

/// The desk all workers belong to.
pub const DESK: u64 = 1;
/// How long a promise lasts, milliseconds of log time.
pub const PROMISE: i64 = 120_000;

/// One input record: an article, or something that cannot be one.
#[derive(Debug, Clone)]
pub struct Input {
    pub keys: Option<Keys>,
    /// Only some workers take it for an article: during a roll-out two versions of the program may disagree.
    pub disputed: bool,
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
    Link { content: u128, of: Position, exact: bool },
    Dead,
}

/// The broker refused a transaction: it held a partition that its worker does not own any more.
#[derive(Debug)]
pub struct Refused;

/// Topics, offsets and the print log.
pub struct World {
    pub inputs: Vec<Vec<Input>>,
    pub committed: Vec<i64>,
    /// Under which claim each partition was last committed.
    pub claims: Vec<u32>,
    /// Which worker owns a partition, as the group sees it; the worker may not know yet that it lost one.
    pub owner: Vec<Option<usize>>,
    /// Log time and bytes of each record of the print log.
    pub log: Vec<(i64, Vec<u8>)>,
    pub clock: i64,
    pub published: Vec<Published>,
    /// How often each partition was assigned.
    pub epochs: Vec<u64>,
    /// Appends of workers that are gone, still on their way.
    pub late: VecDeque<Vec<u8>>,
    pub checker: Checker,
    /// What new workers judge by.
    pub judging: Judging,
    answers: HashMap<u64, Answer>,
    transactions: u64,
    nonces: u64,
    workers: usize,
    pub runtime: tokio::runtime::Runtime,
}

impl World {
    pub fn new(inputs: Vec<Vec<Input>>) -> World {
        let partitions = inputs.len();
        World {
            inputs,
            committed: vec![0; partitions],
            claims: vec![0; partitions],
            owner: vec![None; partitions],
            epochs: vec![0; partitions],
            log: Vec::new(),
            clock: 1_700_000_000_000,
            published: Vec::new(),
            late: VecDeque::new(),
            checker: Checker::default(),
            judging: Judging { algorithm: ALGORITHM, window: 72 * 3_600_000, max_articles: 10_000, promise: PROMISE },
            answers: HashMap::new(),
            transactions: 0,
            nonces: 0,
            workers: 0,
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        }
    }

    pub fn append(&mut self, bytes: Vec<u8>) {
        self.log.push((self.clock, bytes));
    }

    /// Hands a partition to a worker. Gives the number of this assignment.
    pub fn assign(&mut self, partition: i32, worker: usize) -> u64 {
        self.owner[partition as usize] = Some(worker);
        self.epochs[partition as usize] += 1;
        self.epochs[partition as usize]
    }

    /// One of the appends that come after their worker has gone.
    pub fn write_late(&mut self) {
        if let Some(append) = self.late.pop_front() {
            self.append(append);
        }
    }

    pub fn next_nonce(&mut self) -> u64 {
        self.nonces += 1;
        self.nonces
    }

    pub fn next_worker(&mut self) -> usize {
        self.workers += 1;
        self.workers
    }

    pub fn input(&self, position: &Position) -> &Input {
        &self.inputs[position.partition as usize][position.offset.0 as usize]
    }

    pub fn done(&self) -> bool {
        self.committed.iter().zip(&self.inputs).all(|(done, all)| *done == all.len() as i64)
    }

    /// Outputs and offsets in one step.
    pub fn commit(&mut self, worker: usize, outputs: &[(i32, i64, What)]) -> Result<(), Refused> {
        if outputs.iter().any(|(partition, ..)| self.owner[*partition as usize] != Some(worker)) {
            return Err(Refused);
        }
        self.transactions += 1;
        for (partition, offset, what) in outputs {
            let next = &mut self.committed[*partition as usize];
            assert_eq!(*next, *offset, "a cut is a prefix of its partition");
            *next = Offset(*offset).next().0;
            let (transaction, what) = (self.transactions, what.clone());
            self.published.push(Published { partition: *partition, offset: *offset, transaction, what });
        }
        Ok(())
    }

    /// Every worker must give a print the answer that the first one gave it.
    pub fn agree(&mut self, nonce: u64, answer: &Answer) {
        let first = self.answers.entry(nonce).or_insert_with(|| answer.clone());
        assert_eq!(first, answer, "two workers disagree on a print");
    }

    /// Reads the whole log as a worker does that starts now.
    pub fn replay(&mut self) -> Ledger {
        let mut ledger = Ledger::new(DESK, self.judging);
        for (offset, (time, bytes)) in self.log.clone().into_iter().enumerate() {
            match apply(&mut ledger, offset, time, &bytes) {
                Some(Applied::Judged(nonce, answer)) => self.agree(nonce, &answer),
                Some(Applied::Moved | Applied::Skipped(_)) | None => {}
            }
        }
        ledger
    }

    /// The records of this desk in the log, with their offsets.
    pub fn entries(&self) -> impl Iterator<Item = (i64, Entry)> + '_ {
        let records = self.log.iter().enumerate();
        let read = records.filter_map(|(at, (_, bytes))| Some((at as i64, LogRecord::decode(bytes).ok()?)));
        read.filter(|(_, record)| record.desk == DESK).map(|(at, record)| (at, record.entry))
    }
}

/// Applies a record as the tail does: what cannot be read is passed over.
pub fn apply(ledger: &mut Ledger, offset: usize, time: i64, bytes: &[u8]) -> Option<Applied> {
    match LogRecord::decode(bytes) {
        Ok(record) => Some(ledger.apply(offset as i64, time, &record)),
        Err(_) => {
            ledger.pass(offset as i64, time);
            None
        }
    }
}

/// A record of this desk as bytes.
pub fn encode(entry: Entry) -> Vec<u8> {
    LogRecord { desk: DESK, entry }.encode()
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

/// An input record that every worker takes for this article.
pub fn article(keys: Keys) -> Input {
    Input { keys: Some(keys), disputed: false }
}

/// The words of a content. Three contents in a row are takes of one story: the first, one that is edited a little, one
/// that adds as much again.
pub fn wording(content: u128) -> Wording {
    let word = |n: u128| -> String {
        let letter = |n: u128| char::from(b'a' + (n % 26) as u8);
        [letter(n), letter(n / 26), letter(n / 676), letter(n / 17_576)].iter().collect()
    };
    let (story, take) = (content / 3, content % 3);
    let edited = (take == 1).then_some(word(17_000)).into_iter();
    let length = if take == 2 { 28 } else { 14 };
    let text: Vec<String> = edited.chain((0..length).map(|n| word(story * 100 + n))).collect();
    Wording::new(&[text.join(" ")], None, None)
}
