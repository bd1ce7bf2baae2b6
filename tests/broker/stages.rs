//! The line cut in two: workers of each half, handing over through topics.cleaned.

use std::collections::BTreeMap;

use rdkafka::Message;
use serde_json::Value;

use super::articles::with_copies;
use super::cluster::eventually;
use super::desk::{Desk, PARTITIONS, PATIENCE, Worker};
use super::oracle::{self, Told};

fn half(desk: &Desk, stages: &str) -> Worker {
    desk.start(&["run", "--stages", stages])
}

/// Waits until so many outcomes stand on the topics.
fn wait_for_outcomes(desk: &Desk, records: usize) {
    eventually(PATIENCE, || {
        let ended: usize =
            ["enriched", "duplicates", "dead"].map(|t| desk.cluster.read_all(&desk.topic(t)).len()).iter().sum();
        if ended >= records { Ok(()) } else { Err(format!("{ended} of {records} ended")) }
    });
}

/// Published articles by id, without what names a topic, a place in it or a place in the log: who comes first of two copies
/// is up to how the partitions interleave.
fn facts(told: &Told) -> BTreeMap<String, Value> {
    let plain = |article: &&Value| {
        let mut article = (*article).clone();
        for field in ["origin", "story", "verdict"] {
            article.as_object_mut().unwrap().remove(field);
        }
        (article["id"].as_str().unwrap().to_owned(), article)
    };
    told.published().iter().map(plain).collect()
}

#[test]
fn halves_that_are_killed_tell_exactly_once_what_one_worker_tells() {
    let (records, copies) = with_copies(500);
    let apart = Desk::new("apart");
    let first = [half(&apart, "dedupe,clean"), half(&apart, "dedupe,clean")];
    let second = [half(&apart, "extract"), half(&apart, "extract")];
    apart.feed(&records);
    apart.wait_for(records.len() / 4);
    wait_for_outcomes(&apart, records.len() / 8);
    let [killed, first] = first;
    killed.kill();
    let [killed, second] = second;
    killed.kill();
    let again = [half(&apart, "dedupe,clean"), half(&apart, "extract")];
    apart.wait_for(records.len());
    wait_for_outcomes(&apart, records.len());
    let handed = first.metric("copydesk_records_handed_over_total", "");
    let extracted = second.metric("copydesk_records_total", "enriched");
    assert!(handed > 0.0 && extracted > 0.0, "both halves worked: {handed}, {extracted}");
    eventually(PATIENCE, || {
        let inside: f64 = [&first, &second].map(|worker| worker.metric("copydesk_records_in_flight", "")).iter().sum();
        if inside == 0.0 { Ok(()) } else { Err(format!("{inside} in flight")) }
    });
    for worker in again.into_iter().chain([first, second]) {
        worker.stop();
    }
    let told = oracle::read(&apart);
    assert_eq!(told.exact(&apart).links().len(), copies);
    let published = told.published().len();
    assert_eq!(apart.cluster.read_all(&apart.topic("cleaned")).len(), published, "handed over once");

    let whole = Desk::new("whole");
    whole.feed(&records);
    let mut worker = whole.start(&["run", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    let one = oracle::read(&whole);
    assert_eq!(one.exact(&whole).links().len(), copies);
    let (two, one) = (facts(&told), facts(&one));
    let both: Vec<&String> = two.keys().filter(|id| one.contains_key(*id)).collect();
    assert!(both.len() > published * 9 / 10, "{} of {published}", both.len());
    for id in both {
        assert_eq!(two[id], one[id], "{id}");
    }
}

/// What it reads ends in the commit marks of the first half, which take offsets and are no records.
#[test]
fn a_second_half_that_has_done_everything_has_no_lag() {
    let desk = Desk::new("apart-idle");
    let (first, second) = (half(&desk, "dedupe,clean"), half(&desk, "extract"));
    let records = &with_copies(500).0[..100];
    desk.feed(records);
    wait_for_outcomes(&desk, records.len());
    eventually(PATIENCE, || {
        let group = format!("{}-extract", desk.name);
        let committed = desk.cluster.committed(&group, &desk.topic("cleaned"), PARTITIONS).ok_or("no answer")?;
        let committed = committed.iter().sum::<i64>() as f64;
        let (seen, lag) = (second.metric("copydesk_consumer_position", ""), second.metric("copydesk_consumer_lag", ""));
        let done = committed > 0.0 && seen == committed && lag == 0.0;
        if done { Ok(()) } else { Err(format!("committed {committed}, seen {seen}, lag {lag}")) }
    });
    first.stop();
    second.stop();
}

#[test]
fn a_dead_letter_of_the_second_half_is_replayed_to_where_it_was_handed_over() {
    let desk = Desk::new("apart-dead");
    let cleaned = desk.topic("cleaned");
    desk.cluster.produce(&cleaned, Some(b"k"), Some(b"{\"id\":\"a\"}"));
    let mut worker = desk.start(&["run", "--stages", "extract", "--once"]);
    assert!(worker.ended().0.success(), "{}", worker.log());
    let dead = desk.cluster.read_all(&desk.topic("dead"));
    assert_eq!((dead.len(), dead[0].payload()), (1, Some(&b"{\"id\":\"a\"}"[..])));
    assert_eq!(oracle::headers(&dead[0])["__streams.errors.topic"], cleaned);
    let replayed = desk.output(&["dlq", "replay", "--yes"]);
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    assert_eq!(desk.cluster.read_all(&cleaned).len(), 2);
}

#[test]
fn without_its_topic_a_half_says_how_to_make_it() {
    let mut desk = Desk::new("apart-missing");
    desk.set("TOPICS__CLEANED", "nowhere.cleaned");
    let mut worker = half(&desk, "extract");
    assert_eq!(worker.ended().0.code(), Some(78));
    assert!(worker.log().contains("nowhere.cleaned does not exist: copydesk topics --create"), "{}", worker.log());
}
