//! Was this, or this story, already told? Two questions, one memory.
//!
//! [`keys`] say by what an article is recognised; a [`print`](mod@print) carries them through the print log; the [`ledger`] reads
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
pub const ALGORITHM: u16 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// Two workers that judge by other numbers under one version would not agree.
    #[test]
    fn a_number_by_which_is_judged_moves_with_the_version() {
        let files = [include_str!("verdict.rs"), include_str!("near.rs")];
        let lines = files.into_iter().flat_map(str::lines).filter_map(|line| line.strip_prefix("const "));
        let numbers = lines.filter_map(|line| {
            let (name, value) = line.strip_suffix(';')?.split_once(" = ")?;
            let number = value.starts_with(|c: char| c.is_ascii_digit());
            number.then_some(format!("{} = {value}", name.split(':').next()?))
        });
        let (version, as_of) = (ALGORITHM, numbers.collect::<Vec<_>>());
        let known = [
            "COPY = 800",
            "ALIKE = 400",
            "CONTAINED = 600",
            "CONTAINS = 200",
            "COMMON = 8",
            "TAIL = 650",
            "OPENING = 500",
            "OPENING_FILLED_IN = 600",
            "OPENING_NUMBERS = 3",
            "OPENING_NUMBERS_SHARED = 35",
            "BODY = 850",
            "BODY_NUMBERS_SHARED = 80",
            "BEGINNING = 950",
            "BEGINNING_COMMON = 40",
            "ITEM = 400",
            "ITEM_OPENING = 200",
            "FILLED_IN = 3",
            "FILLED_IN_SHARED = 60",
            "AGAIN = 900",
            "AGAIN_UNTITLED = 980",
            "AGAIN_COMMON = 64",
            "TAKE = 950",
            "GENERATION = 32_768",
            "FURNITURE = 3",
            "FURNITURE_SHARE = 64",
            "WORN = 4",
            "PHRASE = 10",
            "SAME_HASH = 64",
            "MOST_FOUND = 1 << 16",
            "MOST_COMPARED = 64",
        ];
        assert_eq!((version, as_of), (4, known.map(str::to_owned).to_vec()), "raise ALGORITHM, and write both here");
    }
}
