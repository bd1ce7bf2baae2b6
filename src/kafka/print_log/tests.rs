//! What becomes of a worker whose print log is taken away, on the mock cluster.

use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::*;
use crate::article::{Body, Head, RawArticle};
use crate::kafka::mock::Mock;
use crate::record::Position;
use crate::stage::dedupe::keys::keys;
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

    mock.fails(RDKafkaApiKey::Fetch, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE; 20]);
    let stopped = std::iter::repeat_with(|| prints.catch_up().wait(LIMIT)).find_map(Result::err).unwrap();
    assert!(stopped.to_string().contains("truncated, deleted or made anew"), "{stopped}");
    let asked = runtime.block_on(async { tokio::time::timeout(LIMIT, prints.ask(print(2))).await });
    assert!(matches!(asked, Ok(Err(Stop::Broken(_)))), "{asked:?}");
    prints.close(LIMIT);
}
