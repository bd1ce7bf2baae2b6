//! copydesk: the copy desk of a newsroom data platform. See ARCHITECTURE.md.

pub mod article;
pub mod fetch;
pub mod outcome;
pub mod record;
pub mod settings;
pub mod stage;
