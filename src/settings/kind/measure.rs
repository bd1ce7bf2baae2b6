//! Times and sizes, with their unit and within bounds.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Kind, quoted, wrong_type};
use crate::settings::units;
use crate::settings::value::Value;

/// A time with its unit, within bounds.
pub(in crate::settings) struct Time(pub RangeInclusive<Duration>);

impl Kind<Duration> for Time {
    fn read(&self, value: &Value) -> Result<Duration, String> {
        let text = value.text().ok_or_else(|| wrong_type(self, value))?;
        let time = units::duration(text)?;
        if !self.0.contains(&time) {
            return Err(format!("{text:?} is out of range; write {}", self.expects()));
        }
        Ok(time)
    }

    fn show(&self, value: &Duration) -> Option<String> {
        Some(quoted(&units::show_duration(*value)))
    }

    fn expects(&self) -> String {
        let [from, to] = [self.0.start(), self.0.end()].map(|bound| units::show_duration(*bound));
        format!("a time from \"{from}\" to \"{to}\"")
    }

    fn range(&self) -> Option<String> {
        Some(format!("{} to {}", units::show_duration(*self.0.start()), units::show_duration(*self.0.end())))
    }
}

/// A size with its unit, within bounds; bytes.
pub(in crate::settings) struct Size(pub RangeInclusive<u64>);

impl Kind<u64> for Size {
    fn read(&self, value: &Value) -> Result<u64, String> {
        let text = value.text().ok_or_else(|| wrong_type(self, value))?;
        let size = units::size(text)?;
        if !self.0.contains(&size) {
            return Err(format!("{text:?} is out of range; write {}", self.expects()));
        }
        Ok(size)
    }

    fn show(&self, value: &u64) -> Option<String> {
        Some(quoted(&units::show_size(*value)))
    }

    fn expects(&self) -> String {
        let [from, to] = [self.0.start(), self.0.end()].map(|bound| units::show_size(*bound));
        format!("a size from \"{from}\" to \"{to}\"")
    }

    fn range(&self) -> Option<String> {
        Some(format!("{} to {}", units::show_size(*self.0.start()), units::show_size(*self.0.end())))
    }
}
