//! What the pure line costs an article, part by part: `cargo bench --bench line -- FILE ...` with raw records as `process` reads
//! them, one a line, plain or .gz, or folders of pages.
//!
//! One thread. Every record goes through the line once a round (ROUNDS, 5); of each record and part the fastest round counts,
//! so that other work on the machine does not. ONLY=clean stays in one part for a profiler.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a bench that cannot go on shall stop

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use copydesk::article::{Body, CleanArticle, RawArticle};
use copydesk::outcome::Outcome;
use copydesk::record::{Offset, Position};
use copydesk::settings::Settings;
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::keys::keys;
use copydesk::stage::dedupe::ledger::Ledger;
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use copydesk::stage::dedupe::wording::Wording;
use copydesk::stage::meaning::{entity, keyword, quote, topic};
use copydesk::stage::{anchors, clean, decode, extract, html, url};

const PARTS: [&str; 13] = [
    "decode", "keys", "parse", "facts", "clean", "print", "judge", "extract", "keywords", "topics", "entities",
    "quotes", "json",
];

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let values: Vec<Bytes> = files.iter().flat_map(|file| values(Path::new(file))).collect();
    assert!(!values.is_empty(), "name files of raw records or folders of pages");
    let rounds: u32 = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let only = std::env::var("ONLY").ok();
    let mut line = Line::new(only.as_deref());
    let mut best = vec![[Duration::MAX; PARTS.len()]; values.len()];
    for _ in 0..rounds {
        line.ledger = ledger();
        for (value, best) in values.iter().zip(&mut best) {
            line.took = [Duration::ZERO; PARTS.len()];
            line.article(value);
            best.iter_mut().zip(line.took).for_each(|(best, took)| *best = took.min(*best));
        }
    }
    let (n, bytes) = (values.len() as f64, values.iter().map(Bytes::len).sum::<usize>() as f64);
    println!("{n} records, {:.0} kB each; ms an article, the fastest of {rounds}", bytes / n / 1000.0);
    let mut all = 0.0;
    for (part, name) in PARTS.iter().enumerate() {
        let mean = best.iter().map(|took| took[part]).sum::<Duration>().as_secs_f64() * 1000.0 / n;
        all += mean;
        println!("{name:<10}{mean:>8.3}");
    }
    println!("{:<10}{all:>8.3}", "all");
}

/// The values of a file of records, or the pages of a folder.
fn values(path: &Path) -> Vec<Bytes> {
    if path.is_dir() {
        let mut files: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        return files.iter().filter(|file| file.is_file()).map(|file| std::fs::read(file).unwrap().into()).collect();
    }
    let mut bytes = std::fs::read(path).unwrap();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let packed = std::mem::take(&mut bytes);
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    }
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| line.to_vec().into()).collect()
}

fn ledger() -> Ledger {
    Ledger::new(0, Judging { algorithm: ALGORITHM, window: i64::MAX, max_articles: u64::MAX, promise: i64::MAX })
}

/// The line with its watch.
struct Line<'o> {
    settings: Settings,
    model: entity::model::Model,
    ledger: Ledger,
    took: [Duration; PARTS.len()],
    /// The part that is repeated.
    only: Option<&'o str>,
}

impl Line<'_> {
    fn new(only: Option<&str>) -> Line<'_> {
        let model = entity::model::Model::embedded().unwrap();
        Line { settings: Settings::default(), model, ledger: ledger(), took: Default::default(), only }
    }

    fn part<T>(&mut self, name: &str, mut work: impl FnMut(&mut Self) -> T) -> T {
        if self.only == Some(name) {
            (0..20).for_each(|_| drop(work(self)));
        }
        let began = Instant::now();
        let made = work(self);
        self.took[PARTS.iter().position(|part| *part == name).unwrap()] = began.elapsed();
        made
    }

    /// One record through the line. What cannot be read, and what holds no story, is done earlier, as in the line itself.
    fn article(&mut self, value: &Bytes) {
        let raw = self.part("decode", |line| decode::decode(Some(value), &Vec::new(), &line.settings.decode));
        let Ok(raw) = raw else { return };
        let own = self.part("keys", |_| {
            keys(&raw, raw.head.url.as_deref().and_then(|own| url::canonical(own, None)).as_deref(), None)
        });
        let article = self.clean(raw);
        if article.paragraphs.is_empty() {
            return;
        }
        let wording = self.part("print", |_| Wording::new(&article.paragraphs, article.page.headline(), None));
        let position = Position { topic: "".into(), partition: 0, offset: Offset(self.ledger.next_offset()) };
        let print = Entry::Print(Print {
            algorithm: ALGORITHM,
            nonce: 0,
            position,
            timestamp: None,
            claim: 0,
            value: 0,
            keys: own,
            wording,
        });
        let (print, told) = (LogRecord { desk: 0, entry: print }, self.ledger.next_offset());
        let began = Instant::now();
        self.ledger.apply(told, 0, &print);
        self.ledger.apply(told + 1, 0, &LogRecord { desk: 0, entry: Entry::Told(vec![told]) });
        self.took[PARTS.iter().position(|part| *part == "judge").unwrap()] = began.elapsed();
        self.read(&article);
    }

    fn clean(&mut self, raw: RawArticle) -> CleanArticle {
        let headline = raw.head.headline.as_deref();
        let (page, cleaned) = match &raw.body {
            Body::Html(page) => {
                let document = self.part("parse", |_| html::parse(page, &html::Budget::default()).unwrap());
                let facts = self.part("facts", |_| extract::page::read(&document));
                let anchors = anchors(&facts, headline);
                let cleaned = self.part("clean", |_| clean::page(&document, &anchors));
                (facts, cleaned)
            }
            Body::Text(text) => (Default::default(), self.part("clean", |_| clean::text(text, headline))),
            Body::Story(story) => (Default::default(), self.part("clean", |_| clean::story(story))),
            Body::None => Default::default(),
        };
        let clean::Cleaned { blocks, paragraphs, truncated, .. } = cleaned;
        CleanArticle { head: raw.head, page, blocks, paragraphs, truncated }
    }

    fn read(&mut self, article: &CleanArticle) {
        let mut record = self.part("extract", |_| extract::extract(article));
        let code = record.language.as_ref().map(|language| language.code.clone());
        let (language, text) = (code.as_deref(), record.text.as_str());
        let headline = record.headline.as_deref();
        let keywords = self.part("keywords", |_| keyword::read(text, headline, language));
        let topics = self.part("topics", |_| topic::read(text, headline, language, record.section.as_deref()));
        let published = record.published_at.as_deref().and_then(|at| at.get(..10)?.parse().ok());
        let entities = language.map_or_else(Vec::new, |language| {
            self.part("entities", |line| entity::read(text, language, published, &line.model))
        });
        record.quotes = self.part("quotes", |_| quote::read(text, language, &entities));
        (record.keywords, record.topics, record.entities) = (keywords, topics, entities);
        let outcome = Outcome::Enriched { id: String::new(), article: Box::new(record) };
        self.part("json", |_| serde_json::to_vec(&outcome).unwrap());
    }
}
