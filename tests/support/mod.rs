//! What the tests without a broker share: a Kafka in memory, workers that use the real lanes, cut, ledger and admission,
//! a checker that follows every record, and a small source of chance whose seed is all there is to a run.

#![allow(dead_code)] // each test file uses its part

pub mod chance;
pub mod checker;
pub mod desk;
pub mod faults;
pub mod worker;
pub mod world;
