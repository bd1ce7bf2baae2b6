//! Clean article and page facts to the fields a newsroom files by.

mod agency;
mod date;
mod dateline;
mod name;
pub mod page;
mod table;
