//! The broker's side of the seam: the only module that names rdkafka.
//!
//! One OS thread ([`driver`]) owns the consumer and the transactional producer; nothing that blocks in librdkafka runs
//! on tokio. The print log has its own producer and its own tail thread ([`print_log`]).

pub mod admin;
pub mod bookmark;
mod certificate;
pub mod classify;
pub mod client;
pub mod context;
pub mod driver;
pub mod lag;
mod message;
pub mod mock;
mod outbox;
pub mod print_log;
pub mod prints;
pub mod reader;
pub mod refusal;
mod rights;
mod session;
mod token;
pub mod writer;
