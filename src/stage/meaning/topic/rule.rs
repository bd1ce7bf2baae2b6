//! Topics by their words: for what the models were not trained on, and for other languages.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::scheme;
use crate::stage::quick::Map;
use crate::stage::table;
use crate::stage::text::push_lower;

/// Confidence of a topic the publisher's own section stands for.
pub const SECTION: f64 = 0.9;
/// Words looked at.
const MAX_READ: usize = 3000;
/// Fewest different words of a topic, and how many words of text one mention may stand for at most.
const LEAST_WORDS: usize = 3;
const SPREAD: usize = 45;
/// Confidence with just enough words, and with three times as many.
const WEAK: f64 = 0.6;
const STRONG: f64 = 0.85;

/// Words of one language, each with the topics it speaks for.
type Rules = Map<&'static str, Vec<&'static str>>;

static RULES: LazyLock<HashMap<&'static str, Rules>> = LazyLock::new(|| {
    let mut rules: HashMap<&str, Rules> = HashMap::new();
    for (key, words) in table::groups(include_str!("../../data/topic-rules.txt")) {
        let Some((language, code)) = key.split_once(' ') else { continue };
        let Some(code) = scheme::live(code) else { continue };
        for word in words {
            rules.entry(language).or_default().entry(word).or_default().push(code);
        }
    }
    rules
});

/// The topic a publisher's section stands for.
pub fn of_section(section: &str) -> Option<&'static str> {
    let rules = RULES.get("section")?;
    rules.get(section.trim().to_lowercase().as_str())?.first().copied()
}

/// What is counted of a topic.
#[derive(Default)]
struct Seen {
    words: HashSet<&'static str>,
    mentions: usize,
    headline: bool,
}

/// The topics whose words stand close enough together, with a confidence.
pub fn read(headline: &str, text: &str, language: &str) -> Vec<(&'static str, f64)> {
    let Some(rules) = RULES.get(language) else { return Vec::new() };
    let mut seen: HashMap<&'static str, Seen> = HashMap::new();
    let mut read = 0;
    let mut lower = String::new();
    for (source, in_headline) in [(headline, true), (text, false)] {
        let words = source.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|word| !word.is_empty());
        for word in words.take(MAX_READ).filter(|word| word.len() <= 40) {
            read += 1;
            lower.clear();
            push_lower(&mut lower, word);
            let Some((&word, codes)) = rules.get_key_value(lower.as_str()) else { continue };
            for code in codes {
                let topic = seen.entry(code).or_default();
                topic.words.insert(word);
                topic.mentions += 1;
                topic.headline |= in_headline;
            }
        }
    }
    let mut found: Vec<_> =
        seen.into_iter().filter_map(|(code, seen)| Some((code, confidence(&seen, read)?))).collect();
    found.sort_by(|a, b| a.0.cmp(b.0));
    found
}

fn confidence(seen: &Seen, read: usize) -> Option<f64> {
    let words = seen.words.len() + usize::from(seen.headline);
    if words < LEAST_WORDS || seen.mentions * SPREAD < read {
        return None;
    }
    let more = ((words - LEAST_WORDS) as f64 / (2 * LEAST_WORDS) as f64).min(1.0);
    let dense = (seen.mentions as f64 * 15.0 / read as f64).min(1.0);
    Some(WEAK + (STRONG - WEAK) * more.min(dense))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_words_close_together() {
        let storm = "The hurricane brought heavy rainfall and gusts, forecasters said, and another storm is near.";
        assert_eq!(read("", storm, "en").iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["17000000"]);
        assert_eq!(read("", "A storm of protest met the plan.", "en"), []);
        assert_eq!(read("", storm, "xx"), []);
    }

    #[test]
    fn sections_and_lists_are_whole() {
        assert_eq!(of_section("Sport"), Some("15000000"));
        assert_eq!(of_section("nowhere"), None);
        for (key, words) in table::groups(include_str!("../../data/topic-rules.txt")) {
            let (_, code) = key.split_once(' ').unwrap();
            assert_eq!(scheme::live(code), Some(code), "{key}");
            assert!(words.windows(2).all(|pair| pair[0] < pair[1]), "{key}: {words:?}");
        }
    }
}
