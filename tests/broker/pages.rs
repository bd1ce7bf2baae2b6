//! Real pages where they are given: COPYDESK_PAGES names .jsonl.gz files (separated by colons) of objects with `html`, or
//! files of plain text. Without them the made-up articles serve.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};

use super::articles;
use super::cluster::Fed;

/// Raw records, shuffled by `seed`, with an exact copy under another id and address of every seventh some way behind it
/// (15 %). Gives the number of copies too.
pub fn with_copies(seed: u64) -> (Vec<Fed>, usize) {
    let mut records = match std::env::var("COPYDESK_PAGES") {
        Ok(files) => files.split(':').flat_map(|file| read(Path::new(file))).collect(),
        Err(_) => made_up(),
    };
    shuffle(&mut records, seed);
    let (mut fed, mut waiting, mut copies) = (Vec::new(), VecDeque::new(), 0);
    for (n, record) in records.into_iter().enumerate() {
        if n % 7 == 3 {
            let mut copy = record.clone();
            copy["id"] = json!(format!("copy-{n}"));
            copy["url"] = json!(format!("https://mirror.test/{n}"));
            waiting.push_back((n + 10 + (n * 31 + seed as usize) % 290, copy));
        }
        fed.push(raw(&record));
        while waiting.front().is_some_and(|(at, _)| *at <= n) {
            fed.extend(waiting.pop_front().map(|(_, copy)| raw(&copy)));
            copies += 1;
        }
    }
    copies += waiting.len();
    fed.extend(waiting.into_iter().map(|(_, copy)| raw(&copy)));
    (fed, copies)
}

fn raw(record: &Value) -> Fed {
    articles::fed(record["id"].as_str().unwrap_or_default(), record.clone())
}

fn made_up() -> Vec<Value> {
    (0..1000).map(|n| json!({"id": format!("story-{n}"), "url": format!("https://daily.test/{n}"), "html": articles::page(n)})).collect()
}

fn read(file: &Path) -> Vec<Value> {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let open = std::fs::File::open(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    if !name.ends_with(".gz") {
        return vec![json!({"id": name, "text": std::fs::read_to_string(file).unwrap()})];
    }
    let lines = BufReader::new(flate2::read::MultiGzDecoder::new(open)).lines();
    let pages = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    pages
        .map(|page| json!({"id": format!("{name}-{}", page["id"]), "url": page["url"], "html": page["html"]}))
        .collect()
}

/// Fisher and Yates, by a linear congruential generator: the order must not depend on the machine.
fn shuffle(records: &mut [Value], seed: u64) {
    let mut state = seed.wrapping_mul(2) + 1;
    for last in (1..records.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        records.swap(last, (state >> 33) as usize % (last + 1));
    }
}
