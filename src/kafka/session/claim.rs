//! The claim beside a committed offset: which assignment of the partition the commit was made under.
//!
//! It is the metadata string of the committed offset. The next owner tells prints of that claim only: a print that an
//! earlier owner wrote late is not taken for published because somebody else's commit has passed its record. Offsets
//! that another tool has set bear no claim, and nothing is told for them.

/// A claim that no other assignment has; never 0, which stands for none.
pub(super) fn new() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(std::process::id()) as u32).max(1)
}

/// As the committed offset bears it.
pub(super) fn written(claim: u32) -> String {
    format!("copydesk claim {claim:08x}")
}

/// Reads it back; `None` for what somebody else wrote.
pub(super) fn read(metadata: &str) -> Option<u32> {
    u32::from_str_radix(metadata.strip_prefix("copydesk claim ")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_reads_back_and_foreign_metadata_is_none() {
        for claim in [1, 0xCAFE, u32::MAX] {
            assert_eq!(read(&written(claim)), Some(claim));
        }
        for foreign in ["", "copydesk claim", "copydesk claim zz", "consumer-7"] {
            assert_eq!(read(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn claims_differ() {
        let claims: std::collections::HashSet<u32> = (0..100).map(|_| new()).collect();
        assert!(claims.len() > 98, "two of a hundred may meet once in a million runs, three never");
    }
}
