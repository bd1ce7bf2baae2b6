//! What the tests without a broker share: a Kafka in memory, workers that use the real lanes, cut, ledger and admission,
//! and a small source of chance whose seed is all there is to a run.

pub mod chance;
pub mod world;
