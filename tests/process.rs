//! `process` as its contract says: one outcome a line, in input order, nothing else on standard output; and the demo.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

#[path = "support/typed.rs"]
mod typed;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use typed::{copydesk, run};

fn outcomes(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let output = run(arguments, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn lines(records: &[Value]) -> Vec<u8> {
    records.iter().map(|r| format!("{r}\n")).collect::<String>().into_bytes()
}

fn story(id: &str, text: &str) -> Value {
    json!({"id": id, "story": text})
}

#[test]
fn outcomes_come_in_input_order_and_bad_lines_do_not_end_the_run() {
    let mut input = lines(&[story("a", "The ferry runs again.")]);
    input.extend(b"this is no JSON\n");
    input.extend(b"<html><p>nor is a page</p></html>\n");
    input.extend(b"{\"id\":\"u\",\"story\":\"caf\xe9\"}\n");
    input.extend(lines(&[
        json!({"id": "l", "url": "https://a.test/x"}),
        json!({"id": "t", "story": 4}),
        story("b", "The mill is sold."),
    ]));
    let got = outcomes(&["process"], &input);
    let kinds: Vec<_> = got.iter().map(|o| o["reason"].as_str().or(o["outcome"].as_str()).unwrap()).collect();
    assert_eq!(kinds, ["enriched", "not_json", "not_json", "invalid_utf8", "url_only", "wrong_type", "enriched"]);
    assert_eq!(got[6]["article"]["text"], "The mill is sold.");
    assert_eq!(got[5]["id"], "t", "the id is told where it could be read");
}

/// As `run` does, where the topics take all that is sent.
#[test]
fn a_text_that_no_output_record_has_room_for_is_dead() {
    let arguments = ["process", "--set", "kafka.max_message=64 KiB"];
    let room = (65_536 - 4096) / 3;
    // A blank line counts behind each paragraph.
    let [fits, not] = [room - 2, room - 1].map(|bytes| "a".repeat(bytes));
    let got = outcomes(&arguments, &lines(&[story("fits", &fits), story("not", &not)]));
    assert_eq!((&got[0]["outcome"], &got[1]["reason"]), (&json!("enriched"), &json!("too_large")), "{}", got[1]);
}

/// Whoever pipes a feed through sees each outcome while the feed goes on, and loses nothing by Ctrl-C.
#[test]
fn a_live_pipe_is_answered_at_once_and_ctrl_c_ends_it_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = copydesk(folder.path(), &["process"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut feed, out) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let (said, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || out.lines().try_for_each(|line| said.send(line.unwrap())));
    let outcome = || serde_json::from_str::<Value>(&heard.recv_timeout(Duration::from_secs(60)).unwrap()).unwrap();
    for id in ["a", "b"] {
        // The beginning of the next line is no reason to wait.
        feed.write_all(format!("{}\n{{\"id\":", story(id, "The ferry runs.")).as_bytes()).unwrap();
        assert_eq!(outcome()["id"], id);
        feed.write_all(b"0}\n").unwrap();
        assert_eq!(outcome()["outcome"], "dead");
    }
    let interrupt = Command::new("bash").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(feed);
}

#[test]
fn blank_lines_are_no_records() {
    let mut input = b"\n \t\r\n".to_vec();
    input.extend(lines(&[story("a", "The ferry runs."), story("b", "The mill is sold.")]));
    input.extend(b"\n");
    assert_eq!(outcomes(&["process"], &input).len(), 2);
    let output = run(&["compare", "--input", "-", "/dev/null", "/dev/null"], &input);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "the same decisions on 2 records\n");
}

#[test]
fn copies_are_linked_marked_or_not_looked_for() {
    let input =
        lines(&[story("a", "The ferry runs."), story("b", "The ferry runs."), story("a", "The ferry runs late.")]);
    let on = outcomes(&["process"], &input);
    assert_eq!(on[1], json!({"outcome": "duplicate", "id": "b", "of": "a", "kind": "exact", "similarity": 1.0}));
    assert_eq!(
        (&on[2]["outcome"], &on[2]["revises"], &on[2]["kind"]),
        (&json!("revision"), &json!("a"), &json!("revision"))
    );
    let mark = outcomes(&["process", "--dedupe", "mark"], &input);
    assert_eq!((&mark[1]["outcome"], &mark[1]["article"]["verdict"]["kind"]), (&json!("enriched"), &json!("copy")));
    let off = outcomes(&["process", "--dedupe", "off", "-"], &input);
    assert!(off.iter().all(|o| o["outcome"] == "enriched" && o["article"].get("verdict").is_none()));
}

/// docs/records.md, which article is which.
#[test]
fn an_article_is_known_by_source_and_id_or_by_its_address() {
    let url = "https://daily.test/mill";
    let input = lines(&[
        json!({"id": "1", "source": "AP", "story": "The ferry runs."}),
        json!({"id": "1", "source": "dpa", "story": "The mill is sold."}),
        json!({"id": "1", "source": "AP", "story": "The ferry runs."}),
        json!({"id": "1", "status": "canceled"}),
        json!({"id": "1", "source": "AP", "status": "canceled"}),
        json!({"id": "9", "url": url, "source": "Daily", "story": "The harbour of Korva is shut."}),
        json!({"id": "7", "url": url, "status": "canceled"}),
    ]);
    let got = outcomes(&["process"], &input);
    let said = |n: usize| {
        let (outcome, verdict) = (&got[n], &got[n]["article"]["verdict"]);
        (outcome["outcome"].as_str().unwrap(), outcome["of"].as_str().or(verdict["of"].as_str()))
    };
    assert_eq!([said(0).0, said(1).0], ["enriched"; 2], "one id of two sources");
    assert_eq!((said(2).0, said(2).1, &got[2]["kind"]), ("duplicate", Some("1"), &json!("exact")), "sent again");
    assert_eq!((said(3).0, said(3).1), ("enriched", None), "withdraws nothing that is known");
    assert_eq!((said(4).0, said(4).1), ("revision", Some("1")));
    assert_eq!((said(6).0, said(6).1), ("revision", Some("9")), "by its address");
}

#[test]
fn files_may_be_plain_gzip_or_zstd_and_results_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let records: Vec<Value> =
        (0..300).map(|n| story(&format!("s{n}"), &format!("Story {} of the mill.", n % 90))).collect();
    let plain = lines(&records);
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    let files = [
        write("a.jsonl", &plain),
        write("a.jsonl.gz", &gzip.finish().unwrap()),
        write("a.jsonl.zst", &zstd::encode_all(&plain[..], 1).unwrap()),
    ];
    let expected = outcomes(&["process", &files[0]], b"");
    assert_eq!(expected.len(), 300);
    assert_eq!(expected.iter().filter(|o| o["outcome"] == "duplicate").count(), 210);
    for file in &files[1..] {
        assert_eq!(outcomes(&["process", file], b""), expected, "{file}");
    }
    assert_eq!(outcomes(&["process", "--set", "run.workers=1", &files[0]], b""), expected);
}

#[test]
fn a_body_of_20_mb_is_one_dead_outcome() {
    let input =
        lines(&[json!({"id": "big", "html": "<p>word</p>".repeat(20_000_000 / 11)}), story("b", "The mill is sold.")]);
    let got = outcomes(&["process"], &input);
    assert_eq!(
        (&got[0]["reason"], &got[0]["stage"], &got[1]["outcome"]),
        (&json!("too_large"), &json!("decode"), &json!("enriched"))
    );
}

#[test]
fn a_missing_file_and_a_closed_pipe_end_as_they_should() {
    let output = run(&["process", "no-such-file.jsonl"], b"");
    assert_eq!(output.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file.jsonl"));
}

/// The demo is the README's first command: all of the worker, on a broker inside the process. Every article it
/// publishes is as the schema says, and every sample ends as its file says.
#[test]
fn the_demo_runs_and_every_sample_ends_as_it_should() {
    // What an operator configured for a desk of his own is no business of the demo's.
    let own = ["run.stages=extract", "output.format=ninjs", "topics.raw=mine", "clean.min_words=500"];
    let set = ["http.listen=off"].iter().chain(&own).flat_map(|value| ["--set", value]);
    let output = run(&["demo", "--once"].into_iter().chain(set).collect::<Vec<_>>(), b"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("48 read = 23 enriched + 4 revision + 14 duplicate + 7 dead"), "{text}");
}

/// The samples that are JSON, as lines.
fn samples() -> Vec<u8> {
    let samples = include_str!("../src/command/demo/samples/samples.jsonl");
    let values = samples.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["value"].clone());
    lines(&values.filter(Value::is_object).collect::<Vec<_>>())
}

#[test]
fn outcomes_of_all_samples_are_as_their_schema_says() {
    let printed = run(&["schema", "outcome"], b"");
    let schema = jsonschema::validator_for(&serde_json::from_slice(&printed.stdout).unwrap()).unwrap();
    let got = outcomes(&["process"], &samples());
    assert!(got.len() > 35);
    for outcome in got {
        let problem = schema.iter_errors(&outcome).next().map(|e| e.to_string());
        assert_eq!(problem, None, "{outcome}");
    }
}

#[test]
fn every_sample_is_a_ninjs_item_where_that_is_wanted() {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let geojson = read(include_str!("../src/article/ninjs/geojson.json"));
    let registry = jsonschema::Registry::new().add("https://geojson.org/schema/GeoJSON.json", geojson);
    let registry = registry.unwrap().prepare().unwrap();
    let options = jsonschema::options().should_validate_formats(true).with_registry(&registry);
    let schema = options.build(&read(include_str!("../src/article/ninjs/schema.json"))).unwrap();
    let (plain, got) = (outcomes(&["process"], &samples()), outcomes(&["process", "--format", "ninjs"], &samples()));
    assert_eq!(got, outcomes(&["process", "--set", "output.format=ninjs"], &samples()));
    for (mut plain, mut outcome) in plain.into_iter().zip(got) {
        if let Some(item) = outcome.as_object_mut().unwrap().remove("article") {
            let problem = schema.iter_errors(&item).next().map(|e| e.to_string());
            assert_eq!(problem, None, "{item}");
            // a withdrawal has no body
            assert_eq!(item["bodies"][0]["value"].as_str().unwrap_or_default(), plain["article"]["text"]);
        }
        plain.as_object_mut().unwrap().remove("article");
        assert_eq!(outcome, plain, "the envelope stays");
    }
}
