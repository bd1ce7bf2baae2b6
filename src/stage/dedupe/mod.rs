//! Was this, or this story, already told? Two questions, one memory.
//!
//! [`keys`] say by what an article is recognised; a [`print`] carries them through the print log; the [`ledger`] reads
//! that log in order and gives every print its verdict by the rules in [`verdict`]. Everything here is a function of the
//! log prefix: no clock, no randomness, no dependence on memory layout, so that every worker and every replay agree.

mod answer;
mod frequency;
pub mod keys;
pub mod ledger;
mod memory;
mod near;
mod postings;
pub mod print;
mod rice;
mod sieve;
mod sketch;
pub mod snapshot;
mod token;
pub mod verdict;
pub mod wording;

/// Version of the rules that turn a log prefix into verdicts. Prints of a version this program does not know are
/// counted and passed over; change it whenever the same log would be judged otherwise.
pub const ALGORITHM: u16 = 2;
