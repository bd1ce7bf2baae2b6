//! What becomes of a worker whose print log is taken away, on the mock cluster.

use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::*;
use crate::article::{Body, Head, RawArticle};
use crate::kafka::mock::{Mock, Plain};
use crate::record::Position;
use crate::stage::dedupe::keys::keys;
use crate::stage::dedupe::ledger::State;
use crate::stage::dedupe::wording::Wording;

const LIMIT: Duration = Duration::from_secs(30);

fn print(at: i64) -> Print {
    let article = RawArticle { head: Head::default(), body: Body::None };
    let position = Position { topic: "raw".into(), partition: 0, offset: crate::record::Offset(at) };
    let keys = keys(&article, None, None);
    Print {
        algorithm: ALGORITHM,
        nonce: at as u64,
        position,
        timestamp: None,
        claim: 0,
        value: 0,
        keys,
        wording: Wording::default(),
    }
}

/// A desk on a mock cluster whose print log begins with a record that is none: whoever reads it counts it.
struct Desk {
    _mock: Mock,
    settings: Settings,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    fn new(state_dir: &std::path::Path, junk: usize) -> Desk {
        let mut settings = Settings::default();
        let mock = Mock::start(&settings.topics, 1).unwrap();
        let plain = Plain { value: Some(b"junk".to_vec()), ..Plain::default() };
        mock.write(Route::Prints, &vec![plain; junk]).unwrap();
        settings.kafka.brokers = mock.brokers();
        settings.dedupe.state_dir = Some(state_dir.to_owned());
        Desk { _mock: mock, settings, runtime: tokio::runtime::Runtime::new().unwrap() }
    }

    /// A worker that has read the log, and how many records of it that are none.
    fn worker(&self) -> (KafkaPrintLog, usize) {
        let metrics = Metrics::new(&self.settings.topics).unwrap();
        let handle = self.runtime.handle().clone();
        let prints = KafkaPrintLog::open(&self.settings, "test", metrics.clone(), handle).unwrap();
        prints.join(&self.settings, LIMIT).unwrap();
        let text = metrics.text().unwrap();
        let junk = text.lines().find_map(|line| line.strip_prefix("copydesk_prints_skipped_total{cause=\"damaged\"} "));
        (prints, junk.unwrap().parse().unwrap())
    }

    fn ask(&self, prints: &KafkaPrintLog, at: i64) -> Answer {
        self.runtime.block_on(prints.ask(print(at))).unwrap()
    }
}

#[test]
fn a_restart_goes_on_where_the_snapshot_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(&folder.path().join("made"), 1);
    let (first, junk) = desk.worker();
    assert_eq!(junk, 1);
    let told = desk.ask(&first, 1);
    first.append_and_wait(Entry::Told(vec![told.sequence])).unwrap();
    first.catch_up().wait(LIMIT).unwrap();
    first.close(LIMIT);

    // Somebody without a snapshot goes on.
    let state_dir = desk.settings.dedupe.state_dir.take();
    let (second, junk) = desk.worker();
    assert_eq!(junk, 1);
    let other = desk.ask(&second, 2);
    second.close(LIMIT);

    desk.settings.dedupe.state_dir = state_dir;
    let (third, junk) = desk.worker();
    assert_eq!(junk, 0, "the beginning of the log is not read again");
    let states = third.look(|ledger| [told.sequence, other.sequence].map(|at| ledger.state(at)));
    assert_eq!(states, [State::Told, State::Promised]);
    assert_eq!(desk.ask(&third, 1), told);
    third.close(LIMIT);
}

#[test]
fn a_snapshot_is_not_used_on_a_log_that_was_made_anew_or_when_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(folder.path(), 1);
    let (prints, _) = desk.worker();
    let told = desk.ask(&prints, 1);
    prints.close(LIMIT);
    drop(desk);
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let snapshot = std::fs::read(&file).unwrap();
    let damaged = snapshot[..snapshot.len() - 1].to_vec();
    // A shorter log, one that holds another record there, and a snapshot that is cut off.
    for (length, bytes) in [(0, &snapshot), (50, &snapshot), (3, &damaged)] {
        std::fs::write(&file, bytes).unwrap();
        let desk = Desk::new(folder.path(), length);
        let (prints, junk) = desk.worker();
        assert_eq!(junk, length, "the whole log is read");
        assert_eq!(prints.look(|ledger| (ledger.len(), ledger.state(told.sequence))), (0, State::Unknown));
        desk.ask(&prints, 1);
        prints.close(LIMIT);
        let (prints, junk) = desk.worker();
        assert_eq!((prints.remembered(), junk), (1, 0), "a new snapshot has taken its place");
        prints.close(LIMIT);
    }
}

#[test]
fn a_folder_that_cannot_be_written_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let desk = Desk::new(&file.join("below"), 0);
    let (prints, _) = desk.worker();
    desk.ask(&prints, 1);
    prints.close(LIMIT);
}

#[test]
fn a_log_that_is_gone_stops_whoever_asks_and_lets_the_worker_end() {
    let mut settings = Settings::default();
    let mock = Mock::start(&settings.topics, 1).unwrap();
    settings.kafka.brokers = mock.brokers();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let metrics = Metrics::new(&settings.topics).unwrap();
    let prints = KafkaPrintLog::open(&settings, "test", metrics, runtime.handle().clone()).unwrap();
    prints.join(&settings, LIMIT).unwrap();
    assert!(runtime.block_on(prints.ask(print(1))).is_ok());
    assert!(prints.broken().is_none());

    mock.fails(RDKafkaApiKey::Fetch, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE; 20]);
    let stopped = std::iter::repeat_with(|| prints.catch_up().wait(LIMIT)).find_map(Result::err).unwrap();
    assert!(stopped.to_string().contains("truncated, deleted or made anew"), "{stopped}");
    assert!(prints.broken().is_some());
    // The broker never acknowledges what is appended: a producer may wait for ever at a log that was made anew.
    mock.fails(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE; 100_000]);
    let asked = runtime.block_on(async { tokio::time::timeout(LIMIT, prints.ask(print(2))).await });
    assert!(matches!(asked, Ok(Err(Stop::Broken(_)))), "{asked:?}");
    let told = runtime.block_on(async { tokio::time::timeout(LIMIT, prints.append(Entry::Told(vec![1]))).await });
    assert!(matches!(told, Ok(Err(Stop::Broken(_)))), "{told:?}");
    prints.close(Duration::from_secs(1));
}

#[test]
fn a_broker_that_cannot_say_yet_where_the_log_ends_is_asked_again() {
    let mut settings = Settings::default();
    let mock = Mock::start(&settings.topics, 1).unwrap();
    settings.kafka.brokers = mock.brokers();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let metrics = Metrics::new(&settings.topics).unwrap();
    let prints = KafkaPrintLog::open(&settings, "test", metrics, runtime.handle().clone()).unwrap();
    prints.join(&settings, LIMIT).unwrap();
    mock.fails(RDKafkaApiKey::ListOffsets, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART; 4]);
    prints.catch_up().wait(LIMIT).unwrap();
    prints.close(LIMIT);
}
