//! Cleans the same pages with copydesk and with other extractors, page by page in turn on one thread.
//!
//! usage: clean PAGES... [--rounds N]; PAGES is a folder of pages, or a .jsonl or .jsonl.gz with a member `html` on each line.
//! Of every page each extractor's fastest round counts, which the rest of the machine disturbs least. Memory is what one page
//! held at its peak above the page itself, in a round of its own. Then the pages are laid end to end to pages of 2 MB, for
//! the slowest of them.

mod count;
mod pages;

use std::hint::black_box;
use std::time::{Duration, Instant};

use copydesk::stage::anchors;
use copydesk::stage::clean::page;
use copydesk::stage::extract::page::read;
use copydesk::stage::html::{Budget, parse};

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

type Extract = fn(&str) -> usize;

/// Each returns the length of the text it found.
const EXTRACTORS: [(&str, Extract); 3] =
    [("copydesk", copydesk_), ("dom_smoothie", dom_smoothie_), ("trafilatura", trafilatura_)];

/// Bytes of a long page.
const LONG: usize = 2_000_000;

/// Parse, read what the page says of its article, clean: what the line does with a page.
fn copydesk_(html: &str) -> usize {
    let Ok(document) = parse(html, &Budget::default()) else { return 0 };
    let anchors = anchors(&read(&document), None);
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
    let (paths, rounds) = arguments()?;
    for path in &paths {
        let pages = pages::texts(path, "html")?;
        let name = path.rsplit('/').next().unwrap_or(path);
        compare(name, &pages, rounds);
        shares(&pages, rounds);
        long_pages(&pages, rounds);
    }
    Ok(())
}

fn arguments() -> anyhow::Result<(Vec<String>, usize)> {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    let mut rounds = 5;
    if let Some(at) = paths.iter().position(|argument| argument == "--rounds") {
        rounds = paths.get(at + 1).map_or(Ok(rounds), |n| n.parse())?;
        paths.drain(at..paths.len().min(at + 2));
    }
    anyhow::ensure!(!paths.is_empty(), "usage: clean PAGES... [--rounds N]");
    Ok((paths, rounds))
}

/// What one extractor did with all pages.
#[derive(Clone)]
struct Tally {
    /// Fastest time of each page.
    times: Vec<Duration>,
    /// Bytes of text found.
    found: usize,
    /// Most bytes that one page held at a time.
    peak: usize,
}

fn compare(name: &str, pages: &[String], rounds: usize) {
    let bytes: usize = pages.iter().map(String::len).sum();
    println!("\n{name}: {} pages, {:.1} MB, fastest of {rounds} rounds for each page", pages.len(), bytes as f64 / 1e6);
    let none = Tally { times: vec![Duration::MAX; pages.len()], found: 0, peak: 0 };
    let mut tallies = vec![none; EXTRACTORS.len()];
    for round in 0..rounds {
        for (at, page) in pages.iter().enumerate() {
            for turn in 0..EXTRACTORS.len() {
                let who = (turn + round + at) % EXTRACTORS.len();
                let (time, found) = timed(EXTRACTORS[who].1, page);
                let tally = &mut tallies[who];
                tally.times[at] = tally.times[at].min(time);
                tally.found += if round == 0 { found } else { 0 };
            }
        }
    }
    for ((_, extract), tally) in EXTRACTORS.iter().zip(&mut tallies) {
        let peaks = pages.iter().map(|page| count::peak(|| black_box(extract(page))));
        tally.peak = peaks.max().unwrap_or(0);
    }
    print(&tallies, pages, bytes);
}

fn timed(extract: Extract, page: &str) -> (Duration, usize) {
    let start = Instant::now();
    let found = black_box(extract(black_box(page)));
    (start.elapsed(), found)
}

fn print(tallies: &[Tally], pages: &[String], bytes: usize) {
    let total = |tally: &Tally| tally.times.iter().sum::<Duration>().as_secs_f64();
    let ours = total(&tallies[0]);
    println!(
        "{:13} {:>7} {:>14} {:>13} {:>22} {:>10}",
        "", "MB/s", "copydesk times", "peak MB", "slowest page", "text MB"
    );
    for ((name, _), tally) in EXTRACTORS.iter().zip(tallies) {
        let (at, worst) = tally.times.iter().enumerate().max_by_key(|(_, time)| **time).unwrap_or((0, &Duration::ZERO));
        println!(
            "{name:13} {:7.1} {:14.2} {:13.2} {:>13.1} ms {:4} kB {:9.2}",
            bytes as f64 / 1e6 / total(tally),
            total(tally) / ours,
            tally.peak as f64 / 1e6,
            worst.as_secs_f64() * 1e3,
            pages.get(at).map_or(0, String::len) / 1000,
            tally.found as f64 / 1e6,
        );
    }
}

/// How our time divides: every step on top of the ones before it.
fn shares(pages: &[String], rounds: usize) {
    let parsing = |html: &str| parse(html, &Budget::default()).map_or(0, |document| document.len());
    let reading =
        |html: &str| parse(html, &Budget::default()).map_or(0, |document| usize::from(read(&document).title.is_some()));
    let steps: [Extract; 3] = [parsing, reading, copydesk_];
    let mut totals = [0.0; 3];
    for page in pages {
        for (step, total) in steps.iter().zip(&mut totals) {
            let fastest = (0..rounds).map(|_| timed(*step, page).0).min().unwrap_or_default();
            *total += fastest.as_secs_f64();
        }
    }
    let [parsed, read, all] = totals;
    let share = |part: f64| part / all * 100.0;
    println!(
        "copydesk's time: parse {:.0} %, what the page says of its article {:.0} %, clean {:.0} %",
        share(parsed),
        share(read - parsed),
        share(all - read)
    );
}

/// Our slowest page of 2 MB, and what it held.
fn long_pages(pages: &[String], rounds: usize) {
    let long = end_to_end(pages);
    let fastest = |page: &String| (0..rounds).map(|_| timed(copydesk_, page).0).min().unwrap_or_default();
    let slowest = long.iter().map(fastest).max().unwrap_or_default();
    let peak = long.iter().map(|page| count::peak(|| black_box(copydesk_(page)))).max().unwrap_or(0);
    let refused = long.iter().filter(|page| parse(page, &Budget::default()).is_err()).count();
    println!(
        "copydesk on {} pages of 2 MB laid end to end ({refused} over the budget): slowest {:.0} ms, peak {:.1} MB",
        long.len(),
        slowest.as_secs_f64() * 1e3,
        peak as f64 / 1e6
    );
}

/// The pages one after another, cut to pieces of `LONG` bytes at page ends.
fn end_to_end(pages: &[String]) -> Vec<String> {
    let mut long = Vec::new();
    let mut piece = String::new();
    for page in pages {
        piece.push_str(page);
        if piece.len() >= LONG {
            let mut end = LONG;
            while !piece.is_char_boundary(end) {
                end -= 1;
            }
            piece.truncate(end);
            long.push(std::mem::take(&mut piece));
        }
    }
    long
}
