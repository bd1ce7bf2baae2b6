//! Words between quotation marks and who said them.
//!
//! `span` finds what stands between marks, `word` and `mention` what could have spoken, `feature` and `rank` choose, `name`
//! finds out who is meant by "she" or "the minister". A quote without a speaker is kept; titles of works and so-called
//! expressions are not. Nothing here needs the tagger; where it has named people, the speaker is tied to them.

pub mod feature;
pub mod mention;
pub mod rank;
pub mod span;
pub mod word;
