//! copydesk: the copy desk of a newsroom data platform. See ARCHITECTURE.md.

pub mod article;
pub mod command;
pub mod fetch;
pub mod flow;
pub mod http;
pub mod kafka;
pub mod log;
pub mod metrics;
pub mod outcome;
pub mod record;
pub mod settings;
pub mod stage;
pub mod worker;
