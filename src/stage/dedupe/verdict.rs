//! The rules: from what the desk remembers of an article to new, copy, revision.
//!
//! One function over two views, so that every rule stands on one screen. It must read nothing but its arguments: the
//! same verdict has to come out on every worker and on every replay.

use super::keys::Keys;
use crate::article::Status;
use crate::outcome::CopyKind;

/// What a print is, compared with what was told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Nothing told before it matches.
    New,
    /// Only a link is published.
    Copy(CopyKind),
    /// Published as another version of the match.
    Revision,
}

/// How a told article was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// Same source and id: its latest version.
    ByIdentity,
    /// Same canonical address: its latest version.
    ByUrl,
    /// Same content.
    ByContent,
}

/// Rules on `new` against `told`, the first article found in the order identity, address, content.
///
/// * With the same source and id, or address, only equality with the latest version is a copy; a lower version number
///   is filed under the higher one; everything else is a revision. A withdrawal always passes.
/// * With the same content alone, it is a copy when the told article may be matched at all ([`matchable`]).
pub fn rule(new: &Keys, told: &Keys, found: Found) -> Ruling {
    let equal = new.content == told.content;
    match found {
        Found::ByIdentity | Found::ByUrl if equal => Ruling::Copy(CopyKind::Exact),
        Found::ByIdentity if overtaken(new, told) => Ruling::Copy(CopyKind::Near),
        Found::ByIdentity | Found::ByUrl => Ruling::Revision,
        Found::ByContent => Ruling::Copy(CopyKind::Exact),
    }
}

/// An older version that arrives after a newer one. Withdrawals and holds are never filed away.
fn overtaken(new: &Keys, told: &Keys) -> bool {
    new.status == Status::Usable && matches!((new.version, told.version), (Some(n), Some(t)) if n < t)
}

/// Whether another article may be filed as a copy of this one: usable, and free of embargo at `now`, milliseconds of log
/// time. Asked of the matched version and of the latest one, which may have withdrawn it since.
pub fn matchable(told: &Keys, now: i64) -> bool {
    told.status == Status::Usable && told.embargo.is_none_or(|until| until <= now)
}

/// What of the keys differs, in words for the link record.
pub fn differs(new: &Keys, told: &Keys) -> Vec<String> {
    let mut differs = Vec::new();
    if new.content != told.content {
        differs.push("content");
    }
    if new.url != told.url {
        differs.push("url");
    }
    if new.version != told.version {
        differs.push("version");
    }
    differs.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(content: u128) -> Keys {
        Keys {
            id: "a".into(),
            content,
            identity: Some(1),
            url: Some(2),
            status: Status::Usable,
            embargo: None,
            version: None,
        }
    }

    #[test]
    fn same_id_with_other_content_is_a_revision_and_with_equal_content_a_copy() {
        assert_eq!(rule(&keys(1), &keys(1), Found::ByIdentity), Ruling::Copy(CopyKind::Exact));
        assert_eq!(rule(&keys(2), &keys(1), Found::ByIdentity), Ruling::Revision);
        assert_eq!(rule(&keys(2), &keys(1), Found::ByUrl), Ruling::Revision);
        assert_eq!(rule(&keys(1), &keys(1), Found::ByContent), Ruling::Copy(CopyKind::Exact));
    }

    #[test]
    fn a_lower_version_is_filed_under_the_higher_one_unless_it_withdraws() {
        let told = Keys { version: Some(3), ..keys(1) };
        let late = Keys { version: Some(2), ..keys(2) };
        let kill = Keys { status: Status::Canceled, ..late.clone() };
        assert_eq!(rule(&late, &told, Found::ByIdentity), Ruling::Copy(CopyKind::Near));
        assert_eq!(rule(&kill, &told, Found::ByIdentity), Ruling::Revision);
        assert_eq!(rule(&Keys { version: Some(4), ..keys(2) }, &told, Found::ByIdentity), Ruling::Revision);
    }

    #[test]
    fn embargoed_and_withdrawn_stories_cannot_be_matched() {
        let embargoed = Keys { embargo: Some(100), ..keys(1) };
        let withdrawn = Keys { status: Status::Canceled, ..keys(2) };
        assert!(matchable(&keys(1), 0));
        assert!(!matchable(&embargoed, 99));
        assert!(matchable(&embargoed, 100));
        assert!(!matchable(&withdrawn, 0));
    }
}
