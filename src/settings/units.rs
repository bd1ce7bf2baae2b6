//! Durations and sizes as people write them: "72h", "200ms", "96 MiB". Pure; an error says what to write instead.

use std::time::Duration;

/// Units of time in milliseconds, longest first, with the spellings that are understood only to suggest the right one.
const TIME: [(&str, u64, &[&str]); 5] = [
    ("d", 86_400_000, &["day", "days"]),
    ("h", 3_600_000, &["hr", "hrs", "hour", "hours"]),
    ("m", 60_000, &["min", "mins", "minute", "minutes"]),
    ("s", 1000, &["sec", "secs", "second", "seconds"]),
    ("ms", 1, &["msec", "msecs", "millis", "millisecond", "milliseconds"]),
];

/// Units of size in bytes, largest first, with the spellings that are understood only to suggest the right one.
const SIZE: [(&str, u64, &[&str]); 7] = [
    ("GiB", 1 << 30, &["g", "gi", "gib"]),
    ("GB", 1_000_000_000, &["gb"]),
    ("MiB", 1 << 20, &["m", "mi", "mib"]),
    ("MB", 1_000_000, &["mb"]),
    ("KiB", 1 << 10, &["k", "ki", "kib"]),
    ("kB", 1000, &["kb"]),
    ("B", 1, &["b", "byte", "bytes"]),
];

/// Reads a duration such as `72h`, `7d`, `200ms`.
pub fn duration(text: &str) -> Result<Duration, String> {
    parse(text, &TIME, "s").map(Duration::from_millis)
}

/// Writes a duration so that `duration` reads it back; days only from a week on, because newsrooms say 72h.
pub(super) fn show_duration(value: Duration) -> String {
    let millis = value.as_millis() as u64;
    let from = if millis >= 7 * TIME[0].1 { &TIME[..] } else { &TIME[1..] };
    show(millis, from, "")
}

/// Reads a size such as `96 MiB`, `64KiB`, `1 GB`; bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    parse(text, &SIZE, " MiB")
}

/// Writes a size so that `size` reads it back, in binary units.
pub(super) fn show_size(bytes: u64) -> String {
    show(bytes, &[SIZE[0], SIZE[2], SIZE[4], SIZE[6]], " ")
}

type Unit = (&'static str, u64, &'static [&'static str]);

fn parse(text: &str, units: &[Unit], usual: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = (&text[..digits], text[digits..].trim_start());
    if unit.is_empty() && !number.is_empty() {
        return Err(format!("{text:?} has no unit; write \"{number}{usual}\" or another of {}", names(units)));
    }
    let Ok(count) = number.parse::<u64>() else {
        return Err(format!("{text:?} is no whole number with a unit; write such as \"{}\"", example(units)));
    };
    let Some((_, factor, _)) = units.iter().find(|(name, ..)| *name == unit) else {
        return Err(unknown_unit(number, unit, units));
    };
    count.checked_mul(*factor).ok_or_else(|| format!("{text:?} is too large"))
}

fn unknown_unit(number: &str, unit: &str, units: &[Unit]) -> String {
    let meant = units.iter().find(|(_, _, others)| others.contains(&unit.to_lowercase().as_str()));
    match meant {
        Some((name, ..)) => format!("unknown unit {unit:?}; write \"{}\"", join(number, name)),
        None => format!("unknown unit {unit:?}; write one of {}", names(units)),
    }
}

/// Sizes are written with a blank, durations without.
fn join(number: &str, unit: &str) -> String {
    if unit.ends_with('B') { format!("{number} {unit}") } else { format!("{number}{unit}") }
}

fn names(units: &[Unit]) -> String {
    units.iter().rev().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
}

fn example(units: &[Unit]) -> &'static str {
    if units[0].0 == "d" { "72h" } else { "96 MiB" }
}

fn show(value: u64, units: &[Unit], between: &str) -> String {
    let unit = units.iter().find(|(_, factor, _)| value.is_multiple_of(*factor) && value >= *factor);
    let (name, factor, _) = unit.unwrap_or(&units[units.len() - 1]);
    format!("{}{between}{name}", value / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_back() {
        for text in ["72h", "7d", "30d", "200ms", "15s", "90m", "1500ms", "36h", "0ms"] {
            assert_eq!(show_duration(duration(text).unwrap()), text);
        }
        for text in ["96 MiB", "8 MiB", "1 GiB", "64 KiB", "1000 B", "0 B"] {
            assert_eq!(show_size(size(text).unwrap()), text);
        }
    }

    #[test]
    fn blanks_and_decimal_units_are_read() {
        assert_eq!(duration(" 2 h ").unwrap(), Duration::from_secs(7200));
        assert_eq!((size("64KiB").unwrap(), size("1 MB").unwrap(), size("3kB").unwrap()), (65_536, 1_000_000, 3000));
    }

    #[test]
    fn an_error_says_what_to_write() {
        let cases = [
            (duration("24hours").unwrap_err(), "unknown unit \"hours\"; write \"24h\""),
            (duration("24").unwrap_err(), "\"24\" has no unit; write \"24s\" or another of ms, s, m, h, d"),
            (duration("1.5h").unwrap_err(), "unknown unit \".5h\"; write one of ms, s, m, h, d"),
            (duration("soon").unwrap_err(), "\"soon\" is no whole number with a unit; write such as \"72h\""),
            (duration("-1s").unwrap_err(), "\"-1s\" is no whole number with a unit; write such as \"72h\""),
            (duration("").unwrap_err(), "\"\" is no whole number with a unit; write such as \"72h\""),
            (size("96mb").unwrap_err(), "unknown unit \"mb\"; write \"96 MB\""),
            (
                size("96").unwrap_err(),
                "\"96\" has no unit; write \"96 MiB\" or another of B, kB, KiB, MB, MiB, GB, GiB",
            ),
            (size("99999999999 GiB").unwrap_err(), "\"99999999999 GiB\" is too large"),
        ];
        for (message, expected) in cases {
            assert_eq!(message, expected);
        }
    }
}
