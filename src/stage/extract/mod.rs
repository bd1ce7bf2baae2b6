//! Clean article and page facts to the fields a newsroom files by.

mod date;
pub mod page;
mod table;
