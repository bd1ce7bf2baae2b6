//! Clean article and page facts to the fields a newsroom files by.

pub mod page;
