//! Makes the table of document frequencies by which keywords are weighed.
//!
//! usage: count_documents OUT FILE.jsonl...
//!
//! Each line of a file is an object with the text in `text` or `body`; one with a `lang` other than `en` is left out. Prints
//! how many texts and words were counted. Holds counts only, no text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a broken file shall stop the counting

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::fs;

use copydesk::stage::meaning::keyword::frequency::STEPS;
use copydesk::stage::meaning::keyword::key;
use serde_json::Value;

/// Texts that must have a word before it enters the table. Lower: names and misprints fill it.
const LEAST: u32 = 10;
/// Longest line of the table.
const WIDTH: usize = 118;

const HEAD: &str = "# How rare words are in English news: natural logarithm of one in how many texts, in quarters, then the words, lower case,\n\
    # without plural s. Made by examples/count_documents.rs; the sources are named in ATTRIBUTION.md beside the data folders.\n";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, files @ ..] = arguments.as_slice() else { panic!("usage: count_documents OUT FILE.jsonl...") };
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut texts = 0;
    for file in files {
        for line in fs::read_to_string(file).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            if row["lang"].as_str().is_some_and(|code| code != "en") {
                continue;
            }
            let text = row["text"].as_str().or(row["body"].as_str()).unwrap_or_default().to_lowercase();
            let words = text.split(|c: char| !(c.is_alphanumeric() || "'’-".contains(c)));
            let words: HashSet<&str> = words.map(|word| key(word.trim_matches(['\'', '’', '-']))).collect();
            words
                .into_iter()
                .filter(|word| word.len() > 1)
                .for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
            texts += 1;
        }
    }
    let mut steps: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (word, count) in counts.iter().filter(|(word, count)| **count >= LEAST && word.contains(char::is_alphabetic)) {
        let rarity = (f64::from(texts + 1) / (f64::from(*count) + 0.5)).ln().max(0.0);
        steps.entry((rarity * STEPS).round() as u32).or_default().push(word);
    }
    let kept: usize = steps.values().map(Vec::len).sum();
    println!("{texts} texts, {} words, {kept} in the table", counts.len());
    fs::write(out, format!("{HEAD}{}", lines(steps))).unwrap();
}

fn lines(steps: BTreeMap<u32, Vec<&str>>) -> String {
    let mut out = String::new();
    for (step, mut words) in steps {
        words.sort_unstable();
        let mut width = WIDTH;
        for word in words {
            if width + word.len() >= WIDTH {
                write!(out, "\n{step}:").unwrap();
                width = 3;
            }
            write!(out, " {word}").unwrap();
            width += word.len() + 1;
        }
    }
    out.trim_start().to_owned() + "\n"
}
