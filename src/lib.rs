//! copydesk: the copy desk of a newsroom data platform.
//!
//! Raw articles come in on a Kafka topic; each leaves as exactly one outcome: enriched, revision, duplicate or dead.
//!
//! | module | what it is |
//! |---|---|
//! | [`stage`] | the pure line: decode, dedupe, clean, extract, meaning. No I/O, no clock |
//! | [`flow`] | one ordered stream for each partition, and the transaction without its broker |
//! | [`kafka`] | the only module that names rdkafka: driver, transaction, print log |
//! | [`worker`] | all of it put together, and taken apart in order |
//! | [`settings`] | every key an operator may set, checked before anything connects |
//! | [`weights`] | the weights of the entity tagger, built in or from a file |
//! | [`metrics`], [`http`], [`log`], [`service`], [`recent`] | what an operator sees |
//! | [`letter`] | a dead letter read back |
//! | [`fetch`] | links to pages, never from a private address |
//! | [`command`] | the verbs |
//! | [`explain`] | why one record became what it became, for a terminal, a page, or as JSON |
//! | [`article`], [`outcome`], [`record`] | what passes between them; `closed` declares their closed sets |
//!
//! The invariants, each with the test that guards it, stand in ARCHITECTURE.md.

pub mod article;
mod closed;
pub mod command;
pub mod explain;
pub mod fetch;
pub mod flow;
pub mod http;
pub mod kafka;
pub mod letter;
pub mod log;
pub mod metrics;
pub mod outcome;
pub mod recent;
pub mod record;
pub mod service;
pub mod settings;
pub mod stage;
pub mod weights;
pub mod worker;
