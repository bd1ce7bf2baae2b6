//! The two tables whose members are not keys of ours: properties of librdkafka, and field names of the raw record.

use std::collections::BTreeMap;

use super::kind::quoted;
use super::value::Value;
use super::{RawField, reserved, suggest};

/// A table of the configuration file that is kept in a field of type `T`.
pub(super) trait Table<T> {
    /// Reads one member.
    fn read(&self, field: &mut T, member: &str, value: &Value) -> Result<(), String>;

    /// Name and TOML literal of each member.
    fn show(&self, field: &T) -> Vec<(String, String)>;

    /// Why there can be no such member; `None` when there can.
    fn refuse(&self, member: &str) -> Option<String>;

    /// A member with a value, for the reference file where the default is an empty table.
    fn example(&self) -> &'static str;
}

/// `[kafka.client]`
pub(super) struct Client;

impl Table<BTreeMap<String, String>> for Client {
    fn read(&self, field: &mut BTreeMap<String, String>, member: &str, value: &Value) -> Result<(), String> {
        let text = value.scalar().ok_or("a property of librdkafka is text, a number or a boolean")?;
        field.insert(member.to_owned(), text);
        Ok(())
    }

    fn show(&self, field: &BTreeMap<String, String>) -> Vec<(String, String)> {
        field.iter().map(|(name, value)| (name.clone(), quoted(value))).collect()
    }

    fn refuse(&self, member: &str) -> Option<String> {
        reserved::refusal(member)
    }

    fn example(&self) -> &'static str {
        "\"client.rack\" = \"rack-1\""
    }
}

/// `[decode.fields]`
pub(super) struct Fields;

impl Table<BTreeMap<RawField, Vec<String>>> for Fields {
    fn read(&self, field: &mut BTreeMap<RawField, Vec<String>>, member: &str, value: &Value) -> Result<(), String> {
        let raw = RawField::ALL.into_iter().find(|f| f.name() == member).ok_or("unknown field")?;
        let hint = format!("write a name such as \"{member}\" or a list of names");
        let names = value.texts().ok_or_else(|| format!("a {} cannot stand here; {hint}", value.type_name()))?;
        if names.is_empty() || names.iter().any(|name| name.split('.').any(|step| step.trim().is_empty())) {
            return Err(format!("an empty name; {hint}"));
        }
        field.insert(raw, names);
        Ok(())
    }

    fn show(&self, field: &BTreeMap<RawField, Vec<String>>) -> Vec<(String, String)> {
        let literal = |names: &[String]| match names {
            [name] => quoted(name),
            names => format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")),
        };
        field.iter().map(|(raw, names)| (raw.name().to_owned(), literal(names))).collect()
    }

    fn refuse(&self, member: &str) -> Option<String> {
        let names = || RawField::ALL.into_iter().map(RawField::name);
        if names().any(|name| name == member) {
            return None;
        }
        Some(match suggest::nearest(member, names()) {
            Some(meant) => format!("unknown key; did you mean {meant}?"),
            None => format!("unknown key; write one of {}", names().collect::<Vec<_>>().join(", ")),
        })
    }

    fn example(&self) -> &'static str {
        "headline = [\"title\", \"meta.title\"]"
    }
}
