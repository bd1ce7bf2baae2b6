//! What to say of a key that does not exist or may not be set: what was probably meant, or where it belongs.

use super::given::Given;
use super::keys::{self, Access, SECTIONS, Section};
use super::suggest;
use super::value::Raw;

/// Nothing when the key exists and may be set.
pub(super) fn message(given: &Given) -> Option<String> {
    let path = given.key.as_str();
    match keys::find(path) {
        Some((key, Some(member))) => match key.access {
            Access::Each { refuse, .. } => refuse(member),
            Access::One { .. } => None,
        },
        Some((_, None)) => None,
        None => Some(match path.split_once('.') {
            Some((section, name)) => match SECTIONS.iter().find(|s| s.name == section) {
                Some(known) => unknown_key(known, name),
                None => unknown_section(section),
            },
            None if given.value.raw == Raw::Other("table") => unknown_section(path),
            None => outside(path),
        }),
    }
}

fn unknown_key(section: &Section, name: &str) -> String {
    let names = || section.keys.iter().map(|key| key.name);
    if names().any(|known| known == name) {
        return format!("a table; write [{}.{name}]", section.name);
    }
    if let Some(elsewhere) = section_with(name) {
        return format!("unknown key; {name} belongs under [{elsewhere}]");
    }
    match suggest::nearest(name, names()) {
        Some(meant) => format!("unknown key; did you mean {meant}?"),
        None => format!("unknown key; [{}] has {}", section.name, names().collect::<Vec<_>>().join(", ")),
    }
}

fn unknown_section(name: &str) -> String {
    let names = || SECTIONS.iter().map(|section| section.name);
    match suggest::nearest(name, names()) {
        Some(meant) => format!("unknown section; did you mean [{meant}]?"),
        None => format!("unknown section; there are {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// A key before the first `[section]`.
fn outside(name: &str) -> String {
    if SECTIONS.iter().any(|section| section.name == name) {
        return format!("a section; write [{name}]");
    }
    match section_with(name) {
        Some(section) => format!("stands in no section; write it under [{section}]"),
        None => "unknown key, and in no section; `copydesk init --full` prints every key".to_owned(),
    }
}

fn section_with(name: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|section| section.keys.iter().any(|key| key.name == name)).map(|section| section.name)
}
