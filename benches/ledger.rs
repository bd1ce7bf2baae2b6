//! What the desk's memory costs, at a million prints or as many as PRINTS says: `cargo bench --bench ledger`.
//!
//! Prints of made-up texts are judged as the tail of the print log judges them; then the memory is written and read back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a bench that cannot go on shall stop

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use copydesk::article::Status;
use copydesk::record::{Offset, Position};
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::keys::Keys;
use copydesk::stage::dedupe::ledger::Ledger;
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord, Print};
use copydesk::stage::dedupe::snapshot::{self, Mark, Writer};
use copydesk::stage::dedupe::wording::Wording;

/// Words of an article: from, and how many more at most.
const WORDS: (u64, u64) = (80, 520);
/// One article in so many is a copy of an earlier one, word for word but with another id and another last sentence.
const COPIES: u64 = 10;
/// Prints made before they are judged.
const BATCH: u64 = 500;

fn main() {
    let prints: u64 = std::env::var("PRINTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let judging = Judging { algorithm: ALGORITHM, window: i64::MAX / 4, max_articles: u64::MAX, promise: 120_000 };
    let (mut ledger, before) = (Ledger::new(1, judging), resident());
    let last = judge(&mut ledger, prints, before);
    let mark = Mark::of(ledger.next_offset() - 1, &last);
    let path = std::env::temp_dir().join(format!("copydesk-ledger-{}", std::process::id()));
    write(&ledger, mark, &path);
    let bytes = ledger.bytes();
    drop(ledger);
    load(&path, bytes);
    std::fs::remove_file(&path).unwrap();
}

/// Judges and tells `prints` prints from their bytes; the last record's bytes. Rates are per second of processor time, as far
/// as the system tells it, so that a busy machine does not count.
fn judge(ledger: &mut Ledger, prints: u64, before: u64) -> Vec<u8> {
    let (mut decode, mut apply) = (Duration::ZERO, Duration::ZERO);
    let (mut size, mut offset, mut last) = (0, 0, Vec::new());
    let mut each = Vec::with_capacity(prints as usize + prints as usize / 100);
    for batch in 0..prints.div_ceil(BATCH) {
        let log = batch_of(batch, offset);
        size += log.iter().map(Vec::len).sum::<usize>();
        let begun = processor();
        let records: Vec<_> = log.iter().map(|bytes| LogRecord::decode(bytes).unwrap()).collect();
        let read = processor();
        for record in &records {
            let began = Instant::now();
            ledger.apply(offset, offset * 80, record);
            each.push(began.elapsed().as_micros() as u32);
            offset += 1;
        }
        (decode, apply) = (decode + read - begun, apply + processor() - read);
        last = log.into_iter().next_back().unwrap_or_default();
    }
    each.sort_unstable();
    let part = |share: f64| f64::from(each[((each.len() - 1) as f64 * share) as usize]) / 1000.0;
    let slow = each.len() - each.partition_point(|micros| *micros <= 10_000);
    let (longest, median, rare) = (part(1.0), part(0.5), part(0.9999));
    drop(each);
    let (rss, prints) = (resident().saturating_sub(before), ledger.len());
    println!("{prints} prints, {} bytes each in the log", size / prints);
    println!("judged      {:>10.0} prints/s", prints as f64 / apply.as_secs_f64());
    println!(
        "one apply   {median:>10.3} ms p50, {rare:.1} ms p99.99, {longest:.1} ms at most, {slow} over 10 ms, by the clock"
    );
    println!("replay      {:>10.1} s from bytes", (decode + apply).as_secs_f64());
    println!("memory      {:>10} bytes an article held, {} resident", ledger.bytes() / prints, rss as usize / prints);
    last
}

/// A part of the log, which begins at `offset`: prints, and that all of them were published.
fn batch_of(batch: u64, offset: i64) -> Vec<Vec<u8>> {
    let prints = (batch * BATCH..(batch + 1) * BATCH).map(|n| Entry::Print(print(n)));
    let told = Entry::Told((offset..offset + BATCH as i64).collect());
    prints.chain([told]).map(|entry| LogRecord { desk: 1, entry }.encode()).collect()
}

/// Processor time of this thread; the clock's, where the system does not say.
fn processor() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
}

fn write(ledger: &Ledger, mark: Mark, path: &std::path::Path) {
    let (begun, worked) = (Instant::now(), processor());
    let (mut file, mut writer) = (std::fs::File::create(path).unwrap(), Writer::new(mark));
    let (mut longest, mut size) = (Duration::ZERO, 0);
    loop {
        let began = Instant::now();
        let Some(block) = writer.block(ledger) else { break };
        longest = longest.max(began.elapsed());
        size += block.len();
        std::io::Write::write_all(&mut file, block).unwrap();
    }
    let (written, worked) = (begun.elapsed(), processor() - worked);
    file.sync_all().unwrap();
    println!(
        "snapshot    {:>10.2} s written ({:.2} s of processor, longest block {:.1} ms), {:.2} s with fsync, {} bytes an article",
        written.as_secs_f64(),
        worked.as_secs_f64(),
        millis(longest),
        begun.elapsed().as_secs_f64(),
        size / ledger.len(),
    );
}

fn load(path: &std::path::Path, bytes: usize) {
    let (begun, worked) = (Instant::now(), processor());
    let mut file = std::io::BufReader::with_capacity(1 << 18, std::fs::File::open(path).unwrap());
    let (ledger, _) = snapshot::read(&mut file, 1).unwrap();
    let (took, worked) = (begun.elapsed().as_secs_f64(), (processor() - worked).as_secs_f64());
    println!(
        "loaded      {took:>10.2} s ({worked:.2} s of processor), {} bytes held where {bytes} were",
        ledger.bytes()
    );
}

fn print(n: u64) -> Print {
    let copied = n > 100 && n.is_multiple_of(COPIES);
    let story = if copied { n - 1 - mix(n) % 100 } else { n };
    let mut text = words(story);
    text.push_str(&format!(". By {} of {}.", word(mix(n ^ 1)), word(mix(n ^ 2))));
    let source = format!("source-{}.test", mix(n ^ 3) % 2000);
    let keys = Keys {
        id: format!("{source}:{n:012}"),
        content: u128::from(mix(n)) << 64 | u128::from(n),
        identity: Some(u128::from(mix(n ^ 4)) << 64),
        url: Some(u128::from(mix(n ^ 5)) << 64),
        status: Status::Usable,
        embargo: None,
        version: None,
    };
    Print {
        algorithm: ALGORITHM,
        nonce: n,
        position: Position { topic: "articles.raw".into(), partition: (n % 12) as i32, offset: Offset(n as i64 / 12) },
        timestamp: Some(n as i64 * 80),
        claim: 7,
        value: keys.content,
        keys,
        wording: Wording::new(&[text], Some("A headline"), Some(&source)),
    }
}

fn words(story: u64) -> String {
    let length = WORDS.0 + mix(story ^ 6) % WORDS.1;
    let mut text = String::with_capacity(length as usize * 8);
    for at in 0..length {
        let chosen = mix(story << 12 | at);
        // One word in forty is a number.
        let next = if chosen.is_multiple_of(40) { format!("{}", chosen >> 50) } else { word(chosen) };
        text.push_str(&next);
        text.push(' ');
    }
    text
}

/// One of 50,000 words, the early ones far more often.
fn word(chosen: u64) -> String {
    let share = (chosen >> 11) as f64 / (1u64 << 53) as f64;
    format!("w{}", (share * share * share * 50_000.0) as u64)
}

fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Resident bytes of this process; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|kb| kb.trim().split(' ').next()?.parse::<u64>().ok()).map_or(0, |kb| kb * 1024)
}
