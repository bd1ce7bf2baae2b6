//! What each fuzz target does with its bytes. `tests/corpora.rs` replays the corpora through the same functions.
//!
//! Nothing here may panic, whatever the bytes: what a function promises of its result is asserted.

use bytes::Bytes;
use copydesk::letter;
use copydesk::outcome::Reason;
use copydesk::record::{Headers, Record};
use copydesk::settings::{self, Settings};
use copydesk::stage::dedupe::ALGORITHM;
use copydesk::stage::dedupe::ledger::Ledger;
use copydesk::stage::dedupe::print::{Entry, Judging, LogRecord};
use copydesk::stage::dedupe::snapshot::{self, Writer};
use copydesk::stage::{self, Prepared, Rules, extract, text, url};
use serde_json::json;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// One target: its name, which is that of its corpus, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 9] = [
    ("envelope", envelope),
    ("html", html),
    ("text", prose),
    ("dates", dates),
    ("url", addresses),
    ("print", print),
    ("snapshot", snapshot),
    ("config", config),
    ("letter", dead_letter),
];

/// A message value of any kind, through the whole line.
pub fn envelope(data: &[u8]) {
    line(data, Vec::new());
}

/// A page in whatever charset.
pub fn html(data: &[u8]) {
    line(data, vec![("content-type".into(), Some(Bytes::from_static(b"text/html")))]);
}

/// A story as plain text, and what text is made one form by.
pub fn prose(data: &[u8]) {
    let story = String::from_utf8_lossy(data);
    let once = text::normalise(&story);
    assert_eq!(text::normalise(&once), once, "one form, whoever made it");
    line(json!({"id": "fuzz", "story": story}).to_string().as_bytes(), Vec::new());
}

/// A date in every place where one may stand.
pub fn dates(data: &[u8]) {
    let date = String::from_utf8_lossy(data);
    let body =
        "<p>The ferry of Kettle Quay was repaired, officials said, and people came to see it leave.</p>".repeat(3);
    let page = format!(
        "<meta property=\"article:published_time\" content=\"{date}\"><article><h1>Ferry repaired</h1>\
         <time datetime=\"{date}\">{date}</time><p>Published {date}</p><p>KETTLE QUAY, {date} — The ferry left.</p>{body}"
    );
    let record = json!({"id": "fuzz", "published_at": date, "embargoed_until": date, "html": page});
    line(record.to_string().as_bytes(), Vec::new());
}

/// Addresses: the first line and what follows it, as a page and a link on it.
pub fn addresses(data: &[u8]) {
    let both = String::from_utf8_lossy(data);
    let (one, other) = both.split_once('\n').unwrap_or((&both, ""));
    let canonical = url::canonical(one, Some(other));
    if let Some(canonical) = &canonical {
        assert!(url::domain(canonical).is_some(), "{canonical} has no domain");
    }
    url::absolute(other, Some(one));
}

/// The desk that records and snapshots of the corpora belong to.
pub const DESK: u64 = 7;

/// Rules with little room, so that a few prints fill a ledger.
pub const JUDGING: Judging = Judging { algorithm: ALGORITHM, window: 60_000, max_articles: 3, promise: 10_000 };

/// A record of the print log: what is read is written back as the same record, and any ledger takes it. Also with the
/// checksum set right, which no change of the bytes would meet.
pub fn print(data: &[u8]) {
    let mut sealed = data.to_vec();
    if let [_, _, body @ .., a, b, c, d] = sealed.as_mut_slice() {
        [*a, *b, *c, *d] = (xxh3_64(body) as u32).to_le_bytes();
    }
    let mut ledger = Ledger::new(DESK, JUDGING);
    for bytes in [data, &sealed, &sealed] {
        let Ok(record) = LogRecord::decode(bytes) else { continue };
        ledger.apply(ledger.next_offset(), 0, &record);
        assert_eq!(LogRecord::decode(&record.encode()), Ok(record));
    }
}

/// A snapshot of the ledger, also with all checksums set right: what is read can be written, read and moved on.
pub fn snapshot(data: &[u8]) {
    for bytes in [data, &sealed(data)] {
        let Ok((mut ledger, mark)) = snapshot::read(&mut &*bytes, DESK) else { continue };
        let (mut writer, mut written) = (Writer::new(mark), Vec::new());
        while let Some(block) = writer.block(&ledger) {
            written.extend_from_slice(block);
        }
        let back = snapshot::read(&mut &*written, DESK).map(|(ledger, mark)| (ledger.len(), mark));
        assert_eq!(back, Ok((ledger.len(), mark)));
        let settings = LogRecord { desk: DESK, entry: Entry::Settings(JUDGING) };
        ledger.apply(0, i64::MAX, &settings);
    }
}

/// `snapshot` with the lengths and checksums of its blocks set right: magic word and format, then of each block length,
/// checksum, body.
fn sealed(snapshot: &[u8]) -> Vec<u8> {
    let (start, mut blocks) = snapshot.split_at(snapshot.len().min(9));
    let (mut bytes, mut checksum) = (start.to_vec(), 0);
    while let Some((frame, rest)) = blocks.split_first_chunk::<12>() {
        let [a, b, c, d, ..] = *frame;
        let (body, rest) = rest.split_at(rest.len().min(u32::from_le_bytes([a, b, c, d]) as usize));
        checksum = xxh3_64_with_seed(body, checksum);
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(checksum.to_le_bytes());
        bytes.extend_from_slice(body);
        blocks = rest;
    }
    bytes
}

/// A configuration file: settings or a list of problems, each with words.
pub fn config(data: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    if std::fs::write(folder.path().join("copydesk.toml"), data).is_err() {
        return;
    }
    let sources = settings::Sources { folder: folder.path().to_owned(), ..Default::default() };
    if let Err(problems) = settings::load(&sources) {
        assert!(!problems.to_string().trim().is_empty());
    }
}

/// The headers of a dead letter, as lines of `name: value`; what is empty is null.
pub fn dead_letter(data: &[u8]) {
    let header = |line: &[u8]| {
        let at = line.iter().position(|b| *b == b':').unwrap_or(line.len());
        let value = line.get(at + 1..).unwrap_or_default().trim_ascii();
        let value = (!value.is_empty()).then(|| Bytes::copy_from_slice(value));
        (String::from_utf8_lossy(&line[..at]).into_owned(), value)
    };
    let headers: Headers = data.split(|b| *b == b'\n').map(header).collect();
    letter::read(&headers);
    let back = letter::original(&record(data, headers));
    assert_eq!(back.raw.as_deref(), Some(data));
    letter::counted(&back.headers, 1);
}

fn line(value: &[u8], headers: Headers) {
    let rules = Rules::new(&Settings::default(), None, 3 << 20);
    match stage::prepare(&record(value, headers), &rules, |_| None, &mut ()) {
        Err(rejection) => assert_ne!(rejection.reason, Reason::Panic, "{}", rejection.detail),
        Ok(Prepared::Known(..)) => {}
        Ok(Prepared::Clean(_, article, _)) => drop(extract::extract(&article)),
    }
}

fn record(value: &[u8], headers: Headers) -> Record {
    let raw = Some(Bytes::copy_from_slice(value));
    Record { position: None, key: None, headers, timestamp: None, raw }
}
