//! Clean article and page facts to the fields a newsroom files by.

mod agency;
mod choose;
mod credit;
mod date;
mod dateline;
mod editorial;
mod language;
mod name;
pub mod page;
mod stats;
mod table;
