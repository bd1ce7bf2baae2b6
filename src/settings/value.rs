//! A value as it was given, before anything is known of the key: from TOML with its type, else as plain text.

use std::path::{Path, PathBuf};

use toml::de::DeValue;

/// A value somebody wrote.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// From the environment or a flag: may be read as any type.
    Untyped(String),
    /// A TOML string.
    Text(String),
    /// A TOML integer that fits.
    Integer(i64),
    /// A TOML boolean.
    Flag(bool),
    /// A TOML array.
    List(Vec<Raw>),
    /// What no key accepts; the name of its type.
    Other(&'static str),
}

impl From<&DeValue<'_>> for Raw {
    fn from(value: &DeValue<'_>) -> Raw {
        match value {
            DeValue::String(text) => Raw::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Raw::Other("number that is too large"), Raw::Integer),
            DeValue::Boolean(flag) => Raw::Flag(*flag),
            DeValue::Array(items) => Raw::List(items.iter().map(|item| Raw::from(item.get_ref())).collect()),
            DeValue::Float(_) => Raw::Other("decimal number"),
            DeValue::Datetime(_) => Raw::Other("date"),
            DeValue::Table(_) => Raw::Other("table"),
        }
    }
}

/// A value and the folder that relative paths in it start from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub raw: Raw,
    pub base: PathBuf,
}

impl Value {
    /// The value where a text is wanted.
    pub fn text(&self) -> Option<&str> {
        match &self.raw {
            Raw::Untyped(text) | Raw::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value where a whole number is wanted.
    pub fn integer(&self) -> Option<i64> {
        match &self.raw {
            Raw::Integer(number) => Some(*number),
            Raw::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The value where yes or no is wanted.
    pub fn flag(&self) -> Option<bool> {
        match &self.raw {
            Raw::Flag(flag) => Some(*flag),
            Raw::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The value where a list of texts is wanted: an array, or one text; commas separate in the environment.
    pub fn texts(&self) -> Option<Vec<String>> {
        match &self.raw {
            Raw::Text(text) => Some(vec![text.clone()]),
            Raw::Untyped(text) => {
                Some(text.split(',').map(|item| item.trim().to_owned()).filter(|i| !i.is_empty()).collect())
            }
            Raw::List(items) => {
                items.iter().map(|item| if let Raw::Text(t) = item { Some(t.clone()) } else { None }).collect()
            }
            _ => None,
        }
    }

    /// Any single value as text: what librdkafka wants of numbers and booleans too.
    pub fn scalar(&self) -> Option<String> {
        match &self.raw {
            Raw::Untyped(text) | Raw::Text(text) => Some(text.clone()),
            Raw::Integer(number) => Some(number.to_string()),
            Raw::Flag(flag) => Some(flag.to_string()),
            Raw::List(_) | Raw::Other(_) => None,
        }
    }

    /// What kind of value this is, for messages.
    pub fn type_name(&self) -> &'static str {
        match &self.raw {
            Raw::Untyped(_) | Raw::Text(_) => "text",
            Raw::Integer(_) => "whole number",
            Raw::Flag(_) => "boolean",
            Raw::List(_) => "list",
            Raw::Other(name) => name,
        }
    }

    /// A path, from the folder of whoever gave it.
    pub fn path(&self) -> Option<PathBuf> {
        self.text().map(|text| self.base.join(Path::new(text)))
    }
}
