//! Cleans the same pages with copydesk and with other extractors, in turn, on one thread, and says how fast each was.
//!
//! usage: peers PAGES.jsonl [ROUNDS], each line with a member `html`. For each extractor the fastest round counts, which
//! the rest of the machine disturbs least. Memory is what the process held at its peak above the pages themselves (Linux).

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context;
use copydesk::stage::clean::{Anchors, page};
use copydesk::stage::extract::page::read;
use copydesk::stage::html::{Budget, parse};

type Extractor = (&'static str, fn(&str) -> usize);

/// Each returns the length of the text it found.
const EXTRACTORS: [Extractor; 3] =
    [("copydesk", copydesk_), ("dom_smoothie", dom_smoothie_), ("trafilatura", trafilatura_)];

fn copydesk_(html: &str) -> usize {
    let Ok(document) = parse(html, &Budget::default()) else { return 0 };
    let facts = read(&document);
    let anchors = Anchors {
        headline: facts.headline().map(str::to_owned),
        article_body: facts.article_body().map(str::to_owned),
    };
    page(&document, &anchors).paragraphs.iter().map(String::len).sum()
}

fn dom_smoothie_(html: &str) -> usize {
    let article = dom_smoothie::Readability::new(html, None, None).and_then(|mut page| page.parse());
    article.map_or(0, |article| article.text_content.len())
}

fn trafilatura_(html: &str) -> usize {
    trafilatura::extract(html, &trafilatura::Options::default()).map_or(0, |result| result.content_text.len())
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().context("usage: peers PAGES.jsonl [ROUNDS]")?;
    let rounds: usize = arguments.next().map_or(Ok(5), |n| n.parse())?;
    let pages = pages(&path)?;
    let bytes: usize = pages.iter().map(String::len).sum();
    let mut best = [(Duration::MAX, Duration::ZERO, 0u64); EXTRACTORS.len()];
    for _ in 0..rounds {
        for ((_, extract), best) in EXTRACTORS.iter().zip(&mut best) {
            let held = memory("VmRSS:");
            forget_peak();
            let (all, worst) = round(&pages, *extract);
            if all < best.0 {
                *best = (all, worst, memory("VmHWM:").saturating_sub(held));
            }
        }
    }
    println!("{} pages, {:.1} MB, best of {rounds} rounds", pages.len(), bytes as f64 / 1e6);
    for ((name, _), (all, worst, memory)) in EXTRACTORS.iter().zip(best) {
        let speed = bytes as f64 / 1e6 / all.as_secs_f64();
        let times = all.as_secs_f64() / best[0].0.as_secs_f64();
        println!("{name:14} {speed:7.1} MB/s, copydesk is {times:.2} times as fast, worst page {worst:.1?}, {memory} kB more");
    }
    Ok(())
}

fn pages(path: &str) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let html = |line: &str| Ok(serde_json::from_str::<serde_json::Value>(line)?["html"].as_str().unwrap_or("").to_owned());
    text.lines().map(html).collect()
}

fn round(pages: &[String], extract: fn(&str) -> usize) -> (Duration, Duration) {
    let times = pages.iter().map(|html| {
        let start = Instant::now();
        black_box(extract(html));
        start.elapsed()
    });
    times.fold((Duration::ZERO, Duration::ZERO), |(all, worst), time| (all + time, worst.max(time)))
}

/// A line of the process's status, kB; 0 where there is none.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Lets the peak begin anew.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
