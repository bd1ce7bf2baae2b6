//! The kinds of value a key can have: how each is read, what is said when it is wrong, how it is written back.
//!
//! Written back means as a TOML literal that reads to the same value; a secret is the exception and shows as `***`.

use std::ops::RangeInclusive;

use super::suggest;
use super::value::Value;

mod measure;
mod place;

pub(super) use measure::{Size, Time};
pub(super) use place::{Address, File, Folder, Hidden, HiddenFile, Weights};

/// One kind of value, for fields of type `T`.
pub(super) trait Kind<T> {
    /// Reads a value; the error says what is wrong and what to write.
    fn read(&self, value: &Value) -> Result<T, String>;

    /// The value as a TOML literal; `None` when it is not set.
    fn show(&self, value: &T) -> Option<String>;

    /// What may be written, as a phrase that follows "write".
    fn expects(&self) -> String;

    /// Smallest and largest value, as a phrase, where there are bounds.
    fn range(&self) -> Option<String> {
        None
    }

    /// A literal to show in the reference file where the default is "not set".
    fn example(&self) -> String {
        String::new()
    }
}

/// What every kind says of a value of the wrong type.
fn wrong_type<T>(kind: &impl Kind<T>, value: &Value) -> String {
    format!("a {} cannot stand here; write {}", value.type_name(), kind.expects())
}

/// `text` as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Text that is not empty; the example is also the hint.
pub(super) struct Text(pub &'static str);

impl Kind<String> for Text {
    fn read(&self, value: &Value) -> Result<String, String> {
        let text = value.text().ok_or_else(|| wrong_type(self, value))?.trim();
        if text.is_empty() {
            return Err(format!("empty; write {}", self.expects()));
        }
        if text.chars().any(char::is_control) {
            return Err("contains a control character".to_owned());
        }
        Ok(text.to_owned())
    }

    fn show(&self, value: &String) -> Option<String> {
        Some(quoted(value))
    }

    fn expects(&self) -> String {
        format!("text, such as {}", self.example())
    }

    fn example(&self) -> String {
        quoted(self.0)
    }
}

/// Several texts.
pub(super) struct Texts(pub &'static str);

impl Kind<Vec<String>> for Texts {
    fn read(&self, value: &Value) -> Result<Vec<String>, String> {
        value.texts().ok_or_else(|| wrong_type(self, value))
    }

    fn show(&self, value: &Vec<String>) -> Option<String> {
        let items: Vec<String> = value.iter().map(|item| quoted(item)).collect();
        Some(format!("[{}]", items.join(", ")))
    }

    fn expects(&self) -> String {
        format!("a list of texts, such as {}", self.0)
    }
}

/// `true` or `false`.
pub(super) struct Flag;

impl Kind<bool> for Flag {
    fn read(&self, value: &Value) -> Result<bool, String> {
        value.flag().ok_or_else(|| wrong_type(self, value))
    }

    fn show(&self, value: &bool) -> Option<String> {
        Some(value.to_string())
    }

    fn expects(&self) -> String {
        "true or false, without quotes".to_owned()
    }
}

/// A whole number within bounds.
pub(super) struct Count(pub RangeInclusive<u64>);

impl<T: TryFrom<u64> + Copy + TryInto<u64>> Kind<T> for Count {
    fn read(&self, value: &Value) -> Result<T, String> {
        let number = value.integer().ok_or_else(|| wrong_type::<T>(self, value))?;
        let within = u64::try_from(number).ok().filter(|n| self.0.contains(n)).and_then(|n| T::try_from(n).ok());
        within.ok_or_else(|| format!("{number} is out of range; write {}", Kind::<T>::expects(self)))
    }

    fn show(&self, value: &T) -> Option<String> {
        (*value).try_into().ok().map(|n| n.to_string())
    }

    fn expects(&self) -> String {
        format!("a whole number from {} to {}", self.0.start(), self.0.end())
    }

    fn range(&self) -> Option<String> {
        Some(format!("{} to {}", self.0.start(), self.0.end()))
    }

    fn example(&self) -> String {
        self.0.start().max(&3).to_string()
    }
}

/// One of a few words.
pub(super) trait Words: Copy + PartialEq + 'static {
    /// Every value with its word.
    const WORDS: &'static [(&'static str, Self)];
}

/// One of the words of the field's type.
pub(super) struct Word;

fn words<T: Words>() -> String {
    let words: Vec<String> = T::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    words.join(" or ")
}

impl<T: Words> Kind<T> for Word {
    fn read(&self, value: &Value) -> Result<T, String> {
        let text = value.text().ok_or_else(|| wrong_type::<T>(self, value))?.trim();
        if let Some((_, found)) = T::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*found);
        }
        let normal = text.to_lowercase().replace(['-', ' '], "_");
        match suggest::nearest(&normal, T::WORDS.iter().map(|(word, _)| *word)) {
            Some(meant) => Err(format!("{text:?} is not known; did you mean \"{meant}\"?")),
            None => Err(format!("{text:?} is not known; write {}", words::<T>())),
        }
    }

    fn show(&self, value: &T) -> Option<String> {
        T::WORDS.iter().find(|(_, v)| v == value).map(|(word, _)| quoted(word))
    }

    fn expects(&self) -> String {
        words::<T>()
    }
}

/// A value that may be left out.
pub(super) struct Maybe<K>(pub K);

impl<T, K: Kind<T>> Kind<Option<T>> for Maybe<K> {
    fn read(&self, value: &Value) -> Result<Option<T>, String> {
        self.0.read(value).map(Some)
    }

    fn show(&self, value: &Option<T>) -> Option<String> {
        value.as_ref().and_then(|value| self.0.show(value))
    }

    fn expects(&self) -> String {
        self.0.expects()
    }

    fn range(&self) -> Option<String> {
        self.0.range()
    }

    fn example(&self) -> String {
        self.0.example()
    }
}

/// A value that may be `"off"`.
pub(super) struct OrOff<K>(pub K);

impl<T, K: Kind<T>> Kind<Option<T>> for OrOff<K> {
    fn read(&self, value: &Value) -> Result<Option<T>, String> {
        if value.text().map(str::trim) == Some("off") {
            return Ok(None);
        }
        self.0.read(value).map(Some).map_err(|problem| format!("{problem}, or \"off\""))
    }

    fn show(&self, value: &Option<T>) -> Option<String> {
        value.as_ref().map_or_else(|| Some(quoted("off")), |value| self.0.show(value))
    }

    fn expects(&self) -> String {
        format!("{}, or \"off\"", self.0.expects())
    }
}

/// A share, written as per cent, read as 0.0 to 1.0.
pub(super) struct Percent;

impl Kind<f64> for Percent {
    fn read(&self, value: &Value) -> Result<f64, String> {
        let text = value.text().ok_or_else(|| wrong_type(self, value))?.trim();
        let number = text.strip_suffix('%').and_then(|n| n.trim().parse::<f64>().ok());
        let share = number.filter(|n| *n > 0.0 && *n <= 100.0).map(|n| n / 100.0);
        share.ok_or_else(|| format!("{text:?} is no share; write {}", self.expects()))
    }

    fn show(&self, value: &f64) -> Option<String> {
        Some(quoted(&format!("{}%", value * 100.0)))
    }

    fn expects(&self) -> String {
        "more than \"0%\" and at most \"100%\"".to_owned()
    }
}
