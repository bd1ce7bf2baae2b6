//! What was written, where: in the file, in the environment, in flags. Nothing here knows what a key means.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use toml::de::{DeTable, DeValue};

use super::keys::{self, Access};
use super::problem::{Document, Location, Problem, Show};
use super::value::{Raw, Value};

/// One value that was written, lowest precedence first in a list of them.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// `section.name`, or `section.table.member`.
    pub key: String,
    pub value: Value,
    pub origin: Origin,
}

/// Where it was written.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    File { document: Rc<Document>, key: Range<usize>, value: Range<usize> },
    Environment(String),
    Flag,
}

impl Given {
    /// The location of its key. The value beside it is not shown: an unknown key may be a misspelt secret.
    pub fn at_key(&self) -> Location {
        match &self.origin {
            Origin::File { document, key, .. } => document.location(key.clone(), Show::Key),
            other => other.location(),
        }
    }

    /// The location of its value.
    pub fn at_value(&self, show: Show) -> Location {
        match &self.origin {
            Origin::File { document, key, .. } if show == Show::Key => document.location(key.clone(), Show::Key),
            Origin::File { document, value, .. } => document.location(value.clone(), show),
            other => other.location(),
        }
    }

    /// Whether it can be told what was meant, with these lines broken: not on such a line, and not after a broken
    /// `[section]`, where keys belong to nobody knows what.
    fn is_readable(&self, broken: &[usize]) -> bool {
        let Origin::File { document, key, .. } = &self.origin else { return true };
        let line = document.line(key.start);
        !broken.iter().any(|at| *at == line || (*at < line && document.is_header(*at)))
    }
}

impl Origin {
    fn location(&self) -> Location {
        match self {
            Origin::File { document, key, .. } => document.location(key.clone(), Show::Key),
            Origin::Environment(name) => Location::Environment(name.clone()),
            Origin::Flag => Location::Flag,
        }
    }
}

/// Largest configuration file read. The full one has 15 kB; what is larger is some other file.
const MAX_FILE: u64 = 1 << 20;

/// Reads the configuration file. What can be read of a damaged one is returned, what cannot becomes a problem.
pub(super) fn file(path: &Path, problems: &mut Vec<Problem>) -> Vec<Given> {
    let text = match read(path) {
        Ok(text) => text,
        Err(message) => {
            problems.push(Problem { location: Location::Nowhere, key: path.display().to_string(), message });
            return Vec::new();
        }
    };
    let document = Rc::new(Document { path: path.display().to_string(), text });
    let (table, errors) = DeTable::parse_recoverable(&document.text);
    let mut broken = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        broken.push(document.line(span.start));
        let location = document.location(span, Show::Key);
        problems.push(Problem { location, key: String::new(), message: error.message().to_owned() });
    }
    let base = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut walk = Walk { document: document.clone(), base, given: Vec::new() };
    walk.table("", table.get_ref());
    walk.given.retain(|given| given.is_readable(&broken));
    walk.given
}

fn read(path: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("cannot read this file: {error}");
    if std::fs::metadata(path).map_err(cannot)?.len() > MAX_FILE {
        return Err("larger than 1 MiB: this is no configuration file".to_owned());
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        format!("line {line} is not UTF-8; save the file as UTF-8")
    })
}

/// The way through the tables of a file.
struct Walk {
    document: Rc<Document>,
    base: PathBuf,
    given: Vec<Given>,
}

impl Walk {
    /// Takes every value of `table`, whose keys begin with `prefix`. As deep as the parser lets tables nest.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path =
                if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
            match value.get_ref() {
                DeValue::Table(members) if has_members(&path) => self.table(&path, members),
                other => self.given.push(Given {
                    key: path,
                    value: Value { raw: Raw::from(other), base: self.base.clone() },
                    origin: Origin::File { document: self.document.clone(), key: key.span(), value: value.span() },
                }),
            }
        }
    }
}

/// Whether `path` is a section, a table of members, or inside one: `client.rack = "a"` is written without quotes too.
fn has_members(path: &str) -> bool {
    let is_section = keys::SECTIONS.iter().any(|section| section.name == path);
    let tables = keys::all().filter(|key| matches!(key.access, Access::Each { .. })).map(|key| key.path());
    is_section || tables.into_iter().any(|table| path == table || path.starts_with(&format!("{table}.")))
}

/// The prefix of environment variables that are settings.
const PREFIX: &str = "COPYDESK__";

/// Reads `COPYDESK__SECTION__KEY` and `COPYDESK__SECTION__TABLE__MEMBER`.
pub(super) fn environment(
    variables: &BTreeMap<String, String>,
    base: &Path,
    problems: &mut Vec<Problem>,
) -> Vec<Given> {
    problems.extend(variables.keys().filter_map(|name| single_underscores(name)));
    let settings = variables.iter().filter_map(|(name, value)| Some((name, name.strip_prefix(PREFIX)?, value)));
    settings
        .map(|(name, path, value)| Given {
            key: variable_key(path),
            value: Value { raw: Raw::Untyped(value.clone()), base: base.to_owned() },
            origin: Origin::Environment(name.clone()),
        })
        .collect()
}

/// `COPYDESK_KAFKA_BROKERS` would have no effect. Only the exact name of a key is taken for a slip: Kubernetes sets
/// COPYDESK_SERVICE_HOST and the like by itself.
fn single_underscores(name: &str) -> Option<Problem> {
    let meant = keys::all().find(|key| name == format!("COPYDESK_{}_{}", key.section, key.name).to_uppercase())?;
    let right = format!("{PREFIX}{}__{}", meant.section, meant.name).to_uppercase();
    let message = format!("this variable has no effect; write {right}");
    Some(Problem { location: Location::Environment(name.to_owned()), key: meant.path(), message })
}

/// A variable cannot hold a dot: `KAFKA__CLIENT__CLIENT_RACK` is `kafka.client.client.rack`.
fn variable_key(path: &str) -> String {
    let key = path.to_lowercase().replace("__", ".");
    match key.strip_prefix("kafka.client.") {
        Some(property) => format!("kafka.client.{}", property.replace('_', ".")),
        None => key,
    }
}

/// Reads `section.key=value`.
pub(super) fn flags(flags: &[String], base: &Path, problems: &mut Vec<Problem>) -> Vec<Given> {
    let mut given = Vec::new();
    for flag in flags {
        match flag.split_once('=') {
            Some((key, value)) => given.push(Given {
                key: key.trim().to_owned(),
                value: Value { raw: Raw::Untyped(value.to_owned()), base: base.to_owned() },
                origin: Origin::Flag,
            }),
            None => problems.push(Problem {
                location: Location::Flag,
                key: flag.clone(),
                message: "no value; write --set section.key=value".to_owned(),
            }),
        }
    }
    given
}
