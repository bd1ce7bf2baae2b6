//! The IPTC Media Topics: names, and where a retired code went. From the NewsCodes of 2024 (CC BY 4.0).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::article::Topic;
use crate::stage::table;

static SCHEME: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let lines = table::lines(include_str!("../../data/media-topics.txt"));
    lines.filter_map(|line| line.split_once(' ')).map(|(code, rest)| (code, Entry::read(rest))).collect()
});

enum Entry {
    Live { name: &'static str },
    Retired { to: &'static str },
}

impl Entry {
    fn read(rest: &'static str) -> Entry {
        rest.strip_prefix("> ").map_or(Entry::Live { name: rest }, |to| Entry::Retired { to })
    }
}

/// The code itself, or for a retired one the nearest broader code that lives; `None` for what is no code.
pub fn live(code: &str) -> Option<&'static str> {
    let (own, entry) = SCHEME.get_key_value(code)?;
    Some(match entry {
        Entry::Live { .. } => own,
        Entry::Retired { to } => to,
    })
}

/// The topic of a code with a confidence.
pub fn topic(code: &str, confidence: f64) -> Option<Topic> {
    let code = live(code)?;
    let Some(Entry::Live { name }) = SCHEME.get(code) else { return None };
    Some(Topic {
        uri: format!("http://cv.iptc.org/newscodes/mediatopic/{code}"),
        qcode: format!("medtop:{code}"),
        name: (*name).to_owned(),
        confidence: (confidence * 100.0).round() / 100.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_retired_codes() {
        let earnings = topic("20000178", 0.9).unwrap();
        assert_eq!((earnings.qcode.as_str(), earnings.name.as_str()), ("medtop:20000178", "corporate earnings"));
        assert_eq!(live("20000212"), Some("20000210"));
        assert_eq!(live("99999999"), None);
    }

    /// Every replacement lives.
    #[test]
    fn the_scheme_is_whole() {
        assert!(SCHEME.len() > 1300);
        for entry in SCHEME.values() {
            if let Entry::Retired { to } = entry {
                assert!(matches!(SCHEME.get(to), Some(Entry::Live { .. })), "{to}");
            }
        }
    }
}
