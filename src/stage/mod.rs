//! The pure line: decode, dedupe, clean, extract. No I/O, no clock, no tokio, no broker, no environment.

pub mod clean;
pub mod extract;
pub mod html;
pub mod text;
pub mod url;
