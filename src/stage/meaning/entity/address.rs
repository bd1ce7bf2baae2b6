//! Names as they are told: without the article, and a person's without form of address.

use std::sync::LazyLock;

use super::link::Mention;
use crate::article::EntityKind;
use crate::stage::quick::Set;
use crate::stage::table;

/// Forms of address and ranks before a person's name.
pub(super) static ADDRESSES: LazyLock<Set<&'static str>> = LazyLock::new(|| {
    table::lines(include_str!("../../data/names/addresses.txt")).flat_map(str::split_whitespace).collect()
});

/// A name without the article it may begin with.
pub(super) fn bare(name: &str) -> &str {
    name.strip_prefix("the ").or_else(|| name.strip_prefix("The ")).filter(|rest| rest.contains(' ')).unwrap_or(name)
}

/// A name as it is told: a person's without form of address where a full name is left.
pub(super) fn shown(mention: &Mention) -> &str {
    let name = bare(&mention.name);
    let full = (mention.kind == EntityKind::Person).then(|| addressed(name).1).filter(|rest| is_full(rest));
    full.unwrap_or(name)
}

/// True for a name with a given name in it: `von der Oak` has none.
pub(super) fn is_full(name: &str) -> bool {
    name.contains(' ') && !name.starts_with(char::is_lowercase)
}

/// The form of address that a name begins with, in small letters, and what is left.
pub(super) fn addressed(name: &str) -> (Option<String>, &str) {
    let (mut form, mut rest) = (None, name);
    while let Some((word, more)) = rest.split_once(' ') {
        let word = word.trim_end_matches('.').to_lowercase();
        if !ADDRESSES.contains(word.as_str()) {
            break;
        }
        (form, rest) = (Some(word), more);
    }
    (form, rest)
}
