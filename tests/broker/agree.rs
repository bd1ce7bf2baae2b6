//! Agreement: whatever crashes and joins, the workers' verdicts are those of one sequential reading of the print log.
//!
//! `SEED=n` repeats a schedule. `COPYDESK_STORIES=FILE` takes raw records (JSON Lines) in place of made-up ones, and
//! `ROUNDS=n` runs so many schedules.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use serde_json::{Value, json};

use copydesk::article::VerdictKind;

use super::articles::{fed, page};
use super::cluster::Fed;
use super::desk::{Desk, Worker};
use super::oracle::{self, End, Told};
use super::reference;

#[test]
fn verdicts_are_those_of_one_sequential_reading_of_the_log() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let first = number("SEED").unwrap_or_else(|| u64::from(std::process::id()));
    for seed in first..first + number("ROUNDS").unwrap_or(1) {
        eprintln!("repeat with SEED={seed} tests/broker.sh verdicts_are_those");
        round(seed);
    }
}

fn round(seed: u64) {
    let mut chance = Chance(seed);
    let desk = Desk::new("agree");
    let records = records(&mut chance);
    desk.feed(&records);
    let mut workers: Vec<Worker> = (0..[1, 2, 4][chance.below(3)]).map(|_| desk.run()).collect();
    for done in 1..=4 {
        desk.wait_for(records.len() * done / 5);
        match chance.below(3) {
            0 => workers.push(desk.run()),
            1 => workers.swap_remove(chance.below(workers.len())).kill(),
            _ => workers.swap_remove(chance.below(workers.len())).stop(),
        }
        if workers.is_empty() {
            workers.push(desk.run());
        }
    }
    desk.wait_for(records.len());
    workers.into_iter().for_each(Worker::stop);
    let told = oracle::read(&desk);
    let (links, published) = (told.exact(&desk).links().len(), told.published().len());
    let compared = compare(&desk, &told);
    eprintln!("{} records: {published} published, {links} links, {compared} verdicts compared", records.len());
}

/// Compares every outcome with what the log says of its record. Gives how many there were to compare.
fn compare(desk: &Desk, told: &Told) -> usize {
    let answers = reference::answers(&desk.cluster, &desk.topic("prints"), None);
    let mut compared = 0;
    for (place, ends) in &told.ends {
        let Some(answer) = answers.get(place) else {
            assert!(!matches!(&ends[0], End::Published(_)), "{place:?} was published without a print");
            continue;
        };
        compared += 1;
        let (kind, of) = reference::said(answer);
        match &ends[0] {
            End::Published(article) => {
                let verdict: VerdictKind = serde_json::from_value(article["verdict"]["kind"].clone()).unwrap();
                assert_eq!((verdict, article["verdict"]["of"].as_str()), (kind, of), "{place:?}");
                assert_eq!(article["story"]["id"], *answer.story.id, "{place:?}");
            }
            End::Link(link) => assert_eq!((VerdictKind::Copy, link["of"].as_str()), (kind, of), "{place:?}"),
            End::Dead => panic!("{place:?} died although it had a print"),
        }
    }
    compared
}

/// Stories, each with copies, edits and later takes, in any order over the partitions.
fn records(chance: &mut Chance) -> Vec<Fed> {
    let mut records: Vec<Fed> = match std::env::var("COPYDESK_STORIES") {
        Ok(file) => {
            let text = std::fs::read_to_string(file).unwrap();
            text.lines().enumerate().map(|(n, line)| fed(&n.to_string(), serde_json::from_str(line).unwrap())).collect()
        }
        Err(_) => (0..300).flat_map(|n| takes(n, chance)).collect(),
    };
    // A random key sends a record to a random partition, and its neighbours to others.
    for record in &mut records {
        record.key = Some(chance.next().to_be_bytes().to_vec());
    }
    records
}

fn takes(n: usize, chance: &mut Chance) -> Vec<Fed> {
    let take = |kind: &str, html: String| json!({ "id": format!("{kind}-{n}"), "url": format!("https://{kind}.test/{n}"), "html": html });
    let more = "<p>Later in the day the council met behind closed doors and said afterwards that the matter would be put to \
                a vote before the summer, whatever the ministry in the capital makes of it.</p>";
    let mut takes = vec![take("first", page(n))];
    if chance.below(2) == 0 {
        takes.push(take("copy", page(n)));
    }
    if chance.below(3) == 0 {
        takes.push(take("edit", page(n).replace("officials said", "an official told reporters")));
    }
    if chance.below(4) == 0 {
        takes.push(take("later", page(n).replace("</article>", &format!("{}</article>", more.repeat(1 + n % 3)))));
    }
    let records: BTreeMap<u64, Value> = takes.into_iter().map(|value| (chance.next(), value)).collect();
    records.into_values().map(|value| fed("", value)).collect()
}

/// Numbers from a seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 += 1;
        BuildHasherDefault::<DefaultHasher>::default().hash_one(self.0)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
