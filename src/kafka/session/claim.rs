//! The mark beside a committed offset: which assignment of the partition the commit was made under, and how often the
//! offset was begun at without getting on.
//!
//! It is the metadata string of the committed offset. The next owner tells prints of that claim only: a print that an
//! earlier owner wrote late is not taken for published because somebody else's commit has passed its record. Offsets
//! that another tool has set bear no claim, and nothing is told for them.

use std::fmt::{Display, Formatter, Result as Written};

/// A claim that no other assignment has; never 0, which stands for none.
pub(super) fn new() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(std::process::id()) as u32).max(1)
}

/// What a committed offset bears; prints as its metadata string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// The claim of the commit that reached this offset; `None` where none of ours did.
    pub claim: Option<u32>,
    /// Assignments that took a record here and ended without a commit, see [`super::attempts`].
    pub attempts: u32,
    /// Where records that go one at a time are behind the culprit.
    pub until: Option<i64>,
}

impl Display for Mark {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "copydesk claim {:08x} attempts {}", self.claim.unwrap_or(0), self.attempts)?;
        self.until.map_or(Ok(()), |until| write!(f, " until {until}"))
    }
}

/// Reads a mark back, one of an older version without attempts too; empty for what somebody else wrote.
pub(super) fn read(metadata: &str) -> Mark {
    parsed(metadata).unwrap_or_default()
}

fn parsed(metadata: &str) -> Option<Mark> {
    let rest = metadata.strip_prefix("copydesk claim ")?;
    let (claim, attempts) = rest.split_once(" attempts ").unwrap_or((rest, "0"));
    let (attempts, until) =
        attempts.split_once(" until ").map_or((attempts, None), |(count, until)| (count, Some(until)));
    let claim = u32::from_str_radix(claim, 16).ok()?;
    let until = until.map(str::parse).transpose().ok()?;
    Some(Mark { claim: (claim != 0).then_some(claim), attempts: attempts.parse().ok()?, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_foreign_metadata_is_none() {
        for claim in [None, Some(1), Some(0xCAFE), Some(u32::MAX)] {
            for attempts in [0, 1, u32::MAX] {
                for until in [None, Some(0), Some(i64::MAX)] {
                    let mark = Mark { claim, attempts, until };
                    assert_eq!(read(&mark.to_string()), mark);
                }
            }
        }
        for foreign in [
            "",
            "copydesk claim zz",
            "copydesk claim 1 attempts x",
            "copydesk claim 1 attempts 3 until x",
            "consumer-7",
        ] {
            assert_eq!(read(foreign), Mark::default(), "{foreign}");
        }
    }

    #[test]
    fn a_mark_of_a_version_that_did_not_count_is_read() {
        assert_eq!(read("copydesk claim 0000cafe"), Mark { claim: Some(0xCAFE), ..Mark::default() });
    }

    #[test]
    fn claims_differ() {
        let claims: std::collections::HashSet<u32> = (0..100).map(|_| new()).collect();
        assert!(claims.len() > 98, "two of a hundred may meet once in a million runs, three never");
    }
}
