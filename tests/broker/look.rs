//! The verbs that look and fill, against a real broker: what became of an article, the newest records, files to the input,
//! a span of time again.

use serde_json::{Value, json};

use super::articles::{article, fed};
use super::cluster::eventually;
use super::desk::{Desk, PATIENCE};
use super::oracle;

fn ok(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.output(arguments);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

fn once(desk: &Desk, arguments: &[&str]) {
    let mut worker = desk.start(&[&["run", "--once"], arguments].concat());
    assert!(worker.ended().0.success(), "{}", worker.log());
}

#[test]
fn an_article_is_followed_from_its_address_to_its_copies() {
    let desk = Desk::new("trace");
    let story = |id: &str, source: &str| {
        let url = format!("https://{source}.test/mill?utm_source=feed");
        fed(id, json!({"id": id, "source": source, "url": url, "story": "The mill of Korva was sold for nine crowns."}))
    };
    desk.feed(&[article(1), story("first", "daily")]);
    once(&desk, &[]);
    desk.feed(&[
        story("second", "weekly"),
        fed("torn", json!({"id": "torn", "url": "https://daily.test/torn", "html": 7})),
    ]);
    once(&desk, &[]);
    let traced = |article: &str| -> Value { serde_json::from_str(&ok(&desk, &["trace", article, "--json"])).unwrap() };
    let what = |found: &Value| -> Vec<String> {
        found["records"].as_array().unwrap().iter().map(|r| r["what"].as_str().unwrap().to_owned()).collect()
    };
    let first = traced("https://daily.test/mill");
    assert_eq!(what(&first), ["read", "enriched"]);
    assert_eq!((&first["what"], &first["others"][0]["id"]), (&json!("published 1 time as first"), &json!("second")));
    let second = traced("https://weekly.test/mill");
    assert_eq!(what(&second), ["read", "duplicate"]);
    assert_eq!(second["what"], "filed 1 time as a copy of first");
    assert_eq!(what(&traced("torn")), ["read", "dead"]);
    let unknown = desk.output(&["trace", "https://daily.test/nothing"]);
    assert_eq!(unknown.status.code(), Some(1));

    assert_eq!(ok(&desk, &["tap", "--json", "--limit", "9"]).lines().count(), 4);
    let tapped: Value = serde_json::from_str(&ok(&desk, &["tap", "--match", "Nine crowns", "--json"])).unwrap();
    assert_eq!(tapped["value"]["id"], "first");
    assert_eq!(desk.output(&["tap", "--match", "nowhere"]).status.code(), Some(1));
    let behind = tapped["position"].as_str().unwrap().to_owned();
    assert!(ok(&desk, &["explain", &behind]).contains(&format!("the record behind {behind}")));
}

#[test]
fn a_backfill_goes_on_where_it_stopped_and_the_line_takes_it() {
    let desk = Desk::new("backfill");
    let folder = tempfile::tempdir().unwrap();
    let (file, state) = (folder.path().join("in.jsonl.gz"), folder.path().join("state.json"));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for n in 0..40 {
        let line = json!({"id": format!("b{n}"), "story": format!("House {n} of Korva was sold on Monday.")});
        std::io::Write::write_all(&mut packed, format!("{line}\n").as_bytes()).unwrap();
    }
    std::fs::write(&file, packed.finish().unwrap()).unwrap();
    let (file, state) = (file.to_str().unwrap(), state.to_str().unwrap());
    let raw = desk.topic("raw");
    let some = ok(&desk, &["backfill", file, "--state", state, "--limit", "15"]);
    assert_eq!(some, format!("wrote 15 records to {raw}\n"));
    let rest = ok(&desk, &["backfill", file, "--state", state, "--rate", "1000"]);
    assert_eq!(rest, format!("wrote 25 records to {raw}, after 15 that were written before\n"));
    once(&desk, &[]);
    assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 40);
    let missing = desk.output(&["backfill", file, "--set", "topics.raw=no.such.topic"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no such topic"));
}

#[test]
fn a_backfill_that_was_killed_goes_on_and_nothing_is_left_out() {
    let desk = Desk::new("backfill-killed");
    let folder = tempfile::tempdir().unwrap();
    let (file, state) = (folder.path().join("in.jsonl"), folder.path().join("state.json"));
    let line = |n: u32| json!({"id": format!("b{n}"), "story": format!("House {n} of Korva was sold on Monday.")});
    let all: String = (0..1500).map(|n| format!("{}\n", line(n))).collect();
    std::fs::write(&file, all).unwrap();
    let (file, kept) = (file.to_str().unwrap(), state.to_str().unwrap());
    let first = desk.start(&["backfill", file, "--state", kept, "--rate", "400"]);
    eventually(PATIENCE, || {
        let noted = std::fs::read_to_string(&state).unwrap_or_default().contains("records");
        if noted { Ok(()) } else { Err("no note yet".to_owned()) }
    });
    assert!(!first.log().contains('\r') && !first.log().contains("[#"), "no bar off a terminal: {}", first.log());
    first.kill();
    let noted: Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    let noted = noted[file]["records"].as_u64().unwrap();
    let rest = ok(&desk, &["backfill", file, "--state", kept]);
    assert!(noted > 0 && rest.contains(&format!("after {noted} that were written before")), "{noted}: {rest}");
    let mut keys: Vec<Vec<u8>> =
        desk.cluster.read_all(&desk.topic("raw")).iter().map(|m| rdkafka::Message::key(m).unwrap().to_vec()).collect();
    let written = keys.len() as u64;
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 1500, "nothing is left out");
    assert!(written < 1500 + 1500 - noted, "only what came after the note is written again: {written}");
}

#[test]
fn a_record_is_explained_by_what_the_desk_has_told() {
    let desk = Desk::new("explain-log");
    let story = |id: &str, source: &str, last: &str| {
        let text = format!(
            "The mill of Korva was sold on Monday for nine crowns, the mayor of the town told the council. The buyer, a \
             baker from the next valley, wants to grind again by the autumn. {last}"
        );
        fed(id, json!({"id": id, "source": source, "story": text}))
    };
    desk.feed(&[article(1), story("first", "daily", "Nobody else had made an offer."), article(2)]);
    once(&desk, &[]);
    desk.feed(&[story("second", "weekly", "Nobody had made an offer.")]);
    once(&desk, &[]);
    let traced: Value = serde_json::from_str(&ok(&desk, &["trace", "second", "--json"])).unwrap();
    let copy = traced["records"][0]["position"].as_str().unwrap().to_owned();
    let explained = |arguments: &[&str]| -> Value {
        serde_json::from_str(&ok(&desk, &[&["explain", "--against-log", "--json"], arguments].concat())).unwrap()
    };

    let of_copy = explained(&[&copy]);
    let (asked, own) = (&of_copy["dedupe"], &of_copy["dedupe"]["log"]["own"]);
    assert_eq!((&asked["verdict"], &asked["matched"]["id"]), (&json!("copy"), &json!("first")), "{of_copy}");
    assert!(asked["matched"]["only_here"][0].as_str().unwrap().contains("Nobody had"), "{asked}");
    assert_eq!((&own["verdict"], &own["state"], &own["story"]), (&json!("copy"), &json!("filed"), &json!("first")));
    assert!(own["of"].as_str().unwrap().starts_with("first ("), "{own}");
    assert_eq!(of_copy["outcome"]["outcome"], "duplicate");

    let first: Value = serde_json::from_str(&ok(&desk, &["trace", "first", "--json"])).unwrap();
    let of_first = explained(&[first["records"][0]["position"].as_str().unwrap()]);
    let own = &of_first["dedupe"]["log"]["own"];
    assert_eq!((&own["verdict"], &own["state"], &own["same"]), (&json!("new"), &json!("published"), &json!(true)));
    assert_eq!(of_first["dedupe"]["verdict"], "new", "delivered again it gets the same answer");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.json");
    let late = story("third", "evening", "Nobody else had made an offer.");
    std::fs::write(&file, late.value.unwrap()).unwrap();
    let prints = desk.cluster.read_all(&desk.topic("prints")).len();
    let of_file = explained(&[file.to_str().unwrap()]);
    assert_eq!((&of_file["dedupe"]["verdict"], &of_file["dedupe"]["matched"]["id"]), (&json!("copy"), &json!("first")));
    assert_eq!((&of_file["dedupe"]["log"]["own"], &of_file["dedupe"]["log"]["remembered"]), (&json!(null), &json!(4)));
    assert!(ok(&desk, &["explain", file.to_str().unwrap()]).contains("nothing came before it"), "alone it is new");
    let twins = folder.path().join("twins.jsonl");
    let text =
        "The ferry to Oxholm stays in port until the storm is over, said its captain, who has seen two such winters.";
    std::fs::write(&twins, ["one", "other"].map(|id| format!("{}\n", json!({"id": id, "story": text}))).concat())
        .unwrap();
    let asked = ok(&desk, &["explain", twins.to_str().unwrap(), "--against-log", "--json"]);
    let verdicts = asked.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["dedupe"]["verdict"].clone());
    assert_eq!(verdicts.collect::<Vec<_>>(), ["new", "new"], "each by itself");
    assert_eq!(desk.cluster.read_all(&desk.topic("prints")).len(), prints, "nothing was appended");
    let text = ok(&desk, &["explain", &copy, "--against-log"]);
    assert!(text.contains("got: copy of first (") && text.contains("filed as a link"), "{text}");
    let nowhere =
        desk.output(&["explain", file.to_str().unwrap(), "--against-log", "--set", "topics.prints=no.such.topic"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("there is no topic no.such.topic"));
}

#[test]
fn a_span_of_time_is_done_again_in_a_group_of_its_own() {
    let desk = Desk::new("span");
    desk.feed(&[article(1), article(2)]);
    once(&desk, &[]);
    let first = ok(&desk, &["tap", "--json", "--limit", "9"]);
    let after: i64 = first.lines().count() as i64;
    assert_eq!(after, 2);
    // Between the two feeds there is a moment of its own: the broker's stamps are of the producer, to the millisecond.
    let between = loop {
        let now = jiff::Timestamp::now();
        let newest = ok(&desk, &["tap", &desk.topic("raw"), "--json", "--limit", "1"]);
        let newest: Value = serde_json::from_str(newest.lines().last().unwrap()).unwrap();
        let stamp: jiff::Timestamp = newest["time"].as_str().unwrap().parse().unwrap();
        if now.as_second() > stamp.as_second() {
            break now.to_string();
        }
    };
    desk.feed(&[article(3), article(4), article(5)]);
    once(&desk, &[]);
    assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 5);

    let span = |arguments: &[&str]| {
        let mut worker = desk.start(&[&["run"], arguments].concat());
        assert!(worker.ended().0.success(), "{}", worker.log());
        desk.cluster.read_all(&desk.topic("enriched")).len()
    };
    assert_eq!(span(&["--from", "1h", "--until", &between]), 5 + 2, "only what lies before");
    assert_eq!(span(&["--from", &between]), 7 + 3, "only what lies after");
    assert_eq!(span(&["--from", &between]), 10, "the same span has nothing left");
}
