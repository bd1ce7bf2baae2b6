//! The verbs that look, compare and repair, as typed: what they print, where, and how they end. Those that need a broker
//! are in tests/broker/.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

#[path = "support/typed.rs"]
mod typed;

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use typed::{copydesk, ok, parts, run_in};

fn run(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    parts(typed::run(arguments, input))
}

fn lines(records: &[Value]) -> Vec<u8> {
    records.iter().map(|r| format!("{r}\n")).collect::<String>().into_bytes()
}

fn stories() -> Vec<u8> {
    lines(&[
        json!({"id": "a", "source": "wire", "story": "The ferry of Korva runs again."}),
        json!({"id": "b", "source": "post", "story": "The ferry of Korva runs again."}),
        json!({"id": "a", "source": "wire", "story": "The ferry of Korva runs late."}),
    ])
}

/// A broker that is not there.
const NOBODY: &[&str] = &["--set", "kafka.brokers=127.0.0.1:1"];

#[test]
fn records_are_explained_against_those_before_them() {
    let out = ok(&["explain", "-"], &stories());
    assert!(out.contains("new: nothing came before it in this run"), "{out}");
    assert!(out.contains("copy of a (-:1), by same content"), "{out}");
    assert!(out.contains("revision of a (-:1), by same source and id"), "{out}");
    assert!(out.contains("    only here        The ferry of Korva runs late.\n"), "{out}");
    assert!(out.contains("    only there       The ferry of Korva runs again.\n"), "{out}");
    assert!(out.contains("=> duplicate of a: only a link is published"), "{out}");
    let third = ok(&["explain", "-", "--line", "3"], &stories());
    assert!(third.starts_with("-:3\n") && third.contains("=> revision of a"), "{third}");
    assert_eq!(run(&["explain", "-", "--line", "4"], &stories()).0, 2);
}

#[test]
fn pages_texts_and_bytes_that_are_nothing_are_explained() {
    let page =
        b"<html><nav><a href=/>Home</a></nav><article><p>The mill of Korva was sold on Monday for nine crowns.</p>";
    let out = ok(&["explain", "-"], page);
    assert!(
        out.contains("    - navigation         Home\n") && out.contains("    + paragraph          The mill"),
        "{out}"
    );
    assert!(!out.contains('\x1b'), "no colours off a terminal");
    let out = ok(&["explain", "-"], "Die Mühle von Korva wurde am Montag für neun Kronen verkauft.\n".as_bytes());
    assert!(out.contains("text of ") && out.contains("de (confidence"), "{out}");
    let out = ok(&["explain", "-"], b"\xff\xd8\xff\xe0 picture");
    assert!(out.contains("not recognised") && out.contains("=> dead: decode not_json"), "{out}");
    let colored = ok(&["explain", "-", "--color", "always"], page);
    assert!(colored.contains("\x1b[2;9mHome\x1b[0m"), "{colored:?}");
}

#[test]
fn an_explanation_is_json_or_a_page_too() {
    let out = ok(&["explain", "-", "--json"], &stories());
    let all: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(all.len(), 3);
    assert_eq!((&all[1]["dedupe"]["verdict"], &all[1]["dedupe"]["matched"]["id"]), (&json!("copy"), &json!("a")));
    assert_eq!(all[2]["published"]["topic"], "articles.enriched");
    let page = ok(&["explain", "--demo", "4", "--html"], b"");
    assert!(page.starts_with("<!doctype html>") && page.contains("<del>Skip to content</del>"), "{page}");
}

#[test]
fn two_configurations_are_compared_on_one_record() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.toml"), "[clean]\nmin_words = 900\n[topics]\ndead = \"desk.dead\"\n").unwrap();
    let page = b"<html><article><p>The mill of Korva was sold on Monday for nine crowns.</p>";
    let (code, out, err) = parts(run_in(folder.path(), &["explain", "-", "--config-b", "b.toml"], page));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("- enriched\n      + dead: clean too_short"), "{out}");
    assert!(out.contains("- articles.enriched\n      + desk.dead"), "{out}");
    let same = ok(&["explain", "--demo", "1", "--config-b", "/dev/null"], b"");
    assert!(same.contains("the second configuration decides the same"), "{same}");
    assert_eq!(run(&["explain", "--demo", "1", "--config-b", "absent.toml"], b"").0, 78);
}

#[test]
fn what_cannot_be_explained_says_what_to_do() {
    let cases: [(&[&str], i32, &str); 9] = [
        (&["explain"], 2, "RECORD"),
        (&["explain", "absent.json"], 74, "absent.json"),
        (&["explain", "."], 74, ". is a directory; name the files in it"),
        (&["explain", "ftp://daily.test/mill"], 2, "http:// and https:// are fetched"),
        (&["explain", "--demo", "99"], 2, "there are 1 to 48"),
        (&[&["explain", "-", "--against-log"], NOBODY].concat(), 69, "check kafka.brokers"),
        (&["explain", "http://127.0.0.1/story"], 1, "no public address"),
        (&["explain", "file-of-many", "--line", "0"], 2, "--line"),
        (&[&["explain", "articles.raw/0/1"], NOBODY].concat(), 69, "check kafka.brokers"),
    ];
    for (arguments, expected, said) in cases {
        let (code, out, err) = run(arguments, b"");
        assert_eq!((code, out.as_str()), (expected, ""), "{arguments:?}: {err}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}

#[test]
fn two_configurations_are_compared_over_many_records() {
    let folder = tempfile::tempdir().unwrap();
    let page = |n: u32, words: usize| {
        let text = "The mill of Korva was sold on Monday for nine crowns, said the mayor of the town. ".repeat(words);
        json!({"id": format!("p{n}"), "html": format!("<article><p>{n} {text}</p></article>")})
    };
    std::fs::write(folder.path().join("in.jsonl"), lines(&[page(1, 1), page(2, 9), page(3, 1)])).unwrap();
    std::fs::write(folder.path().join("a.toml"), "[dedupe]\nmode = \"off\"\n").unwrap();
    std::fs::write(folder.path().join("b.toml"), "[clean]\nmin_words = 50\n[dedupe]\nmode = \"off\"\n").unwrap();
    let compare = |b: &str, flags: &[&str]| {
        parts(run_in(folder.path(), &[&["compare", "a.toml", b, "--input", "in.jsonl"], flags].concat(), b""))
    };
    let (code, out, err) = compare("b.toml", &[]);
    assert_eq!((code, err.as_str()), (1, ""), "they differ");
    assert!(out.contains("in.jsonl:1  p1\n  outcome\n    - enriched\n    + dead: clean too_short\n"), "{out}");
    assert!(out.contains("2 of 3 records differ\n         2 enriched -> dead\n"), "{out}");
    let (_, out, _) = compare("b.toml", &["--limit", "1"]);
    assert!(out.contains("and 1 more; --limit shows them"), "{out}");
    let (_, out, _) = compare("b.toml", &["--json"]);
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["records"], &last["changed"]), (&json!(3), &json!(2)));
    assert_eq!(compare("a.toml", &[]), (0, "the same decisions on 3 records\n".into(), String::new()));
    assert_eq!(compare("absent.toml", &[]).0, 78);
}

#[test]
fn a_backfill_without_a_broker_reads_or_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let html = "<p>The mill of Korva was sold.</p>";
    let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{html}");
    let warc = format!("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n", http.len());
    std::fs::write(folder.path().join("pages.warc"), warc).unwrap();
    std::fs::write(folder.path().join("in.jsonl"), [stories(), b"\n\n".to_vec()].concat()).unwrap();
    let backfill = |flags: &[&str]| parts(run_in(folder.path(), &[&["backfill"], flags].concat(), b""));
    let dry = backfill(&["in.jsonl", "pages.warc", "--dry-run", "--state", "state.json"]);
    assert_eq!(dry, (0, "would write 4 records to articles.raw\n".into(), String::new()));
    assert!(!folder.path().join("state.json").exists(), "a dry run notes nothing");
    let (code, out, err) = backfill(&[&["in.jsonl"], NOBODY].concat());
    assert_eq!((code, out.as_str()), (69, ""));
    assert!(err.contains("check kafka.brokers"), "{err}");
    assert_eq!(backfill(&["absent.jsonl", "--dry-run"]).0, 74);
    std::fs::write(folder.path().join("torn.warc"), "no archive").unwrap();
    let (code, _, err) = backfill(&["torn.warc", "--dry-run"]);
    assert!(code == 74 && err.contains("not a web archive"), "{err}");
    assert_eq!(backfill(&["in.jsonl", "--rate", "-1"]).0, 2);
    let large = format!("{{\"id\": \"large\", \"story\": \"{}\"}}\n", "x".repeat(200_000));
    std::fs::write(folder.path().join("large.jsonl"), [large.into_bytes(), stories()].concat()).unwrap();
    let (code, out, err) = backfill(&["large.jsonl", "--dry-run", "--set", "kafka.max_message=100 KiB"]);
    assert_eq!((code, out.as_str()), (1, "would write 3 records to articles.raw\n"));
    assert!(
        err.contains("1 record left out, larger than kafka.max_message; the first is record 1 of large.jsonl"),
        "{err}"
    );
    let piped = run(&["backfill", "-", "--dry-run"], &stories());
    assert_eq!(piped, (0, "would write 3 records to articles.raw\n".into(), String::new()));
    let (code, _, err) = backfill(&[&["in.jsonl", "absent.jsonl"], NOBODY].concat());
    assert!(code == 74 && err.contains("absent.jsonl"), "a file that is missing shows before anything is asked: {err}");
    assert_eq!(run(&["run", "--from", "2026-03-10", "--until", "2026-03-09"], b"").0, 2);
}

/// A worker that answers every request with what `answers` has for its path; returns its address.
fn worker(answers: &'static [(&'static str, &'static str)]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 2048];
            let read = std::io::Read::read(&mut stream, &mut request).unwrap();
            let asked = String::from_utf8_lossy(&request[..read]).into_owned();
            let (_, answer) = answers.iter().find(|(path, _)| asked.starts_with(&format!("GET {path} "))).unwrap();
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn a_worker_is_shown_on_one_screen() {
    const METRICS: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\
        copydesk_build_info{revision=\"r\",version=\"0.1.0\"} 1\ncopydesk_records_total{outcome=\"enriched\"} 7\n";
    const READY: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"ready\":true}";
    const NOT: &str =
        "HTTP/1.1 503 No\r\nconnection: close\r\n\r\n{\"ready\":false,\"reasons\":{\"joined\":\"not yet\"}}";
    let ready = worker(&[("/metrics", METRICS), ("/readyz", READY)]);
    let out = ok(&["status", "--at", &ready], b"");
    assert!(out.starts_with(&format!("copydesk 0.1.0 at {ready}   ready\n")) && out.contains("enriched 7"), "{out}");
    let listen = format!("http.listen={ready}");
    assert_eq!(ok(&["status", "--set", &listen], b""), out);
    let waiting = worker(&[("/metrics", METRICS), ("/readyz", NOT)]);
    let (code, out, _) = run(&["status", "--at", &waiting], b"");
    assert!(code == 1 && out.contains("waits for  joined: not yet"), "{out}");
    let json: Value = serde_json::from_str(&run(&["status", "--at", &waiting, "--json"], b"").1).unwrap();
    assert_eq!((&json["ready"], &json["outcomes"]["enriched"]), (&json!(false), &json!(7.0)));
    let other = worker(&[("/metrics", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nup 1\n")]);
    let (code, _, err) = run(&["status", "--at", &other], b"");
    assert!(code == 1 && err.contains("what answers there is no copydesk"), "{err}");
}

#[test]
fn a_worker_or_a_broker_that_is_away_is_said() {
    let (code, out, err) = run(&["status", "--at", "127.0.0.1:1"], b"");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("no worker answers at http://127.0.0.1:1"), "{err}");
    assert_eq!(run(&["status", "--set", "http.listen=off"], b"").0, 78);
    let verbs = [
        &["trace", "a"][..],
        &["tap"],
        &["dlq", "list"],
        &["dlq", "show", "articles.dead/0/0"],
        &["dlq", "replay"],
        &["run", "--from", "1h"],
    ];
    // Each waits for a broker as long as it may, so all of them at once.
    std::thread::scope(|scope| {
        for verb in verbs {
            scope.spawn(move || {
                let (code, out, err) = run(&[verb, NOBODY].concat(), b"");
                assert_eq!((code, out.as_str()), (69, ""), "{verb:?}: {err}");
                assert!(err.contains("error: the brokers at 127.0.0.1:1 do not answer: "), "{verb:?}: {err}");
                assert!(verb[0] == "run" || err.lines().count() == 1, "{err}");
            });
        }
    });
    assert_eq!(run(&["dlq", "show", "here"], b"").0, 2);
    assert_eq!(run(&["tap", "payroll"], b"").0, 2);
}

#[test]
fn a_reader_that_leaves_ends_them_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = copydesk(folder.path(), &["explain", "--demo", "1"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()), (Some(0), String::new()));
}

#[test]
fn every_verb_has_a_man_page() {
    let page = ok(&["man"], b"");
    assert!(page.contains(".TH copydesk 1") && page.contains("explain"), "{page}");
    for verb in [&["explain"][..], &["backfill"], &["dlq", "replay"]] {
        let page = ok(&[&["man"], verb].concat(), b"");
        assert!(page.contains(&format!(".TH copydesk-{} 1", verb.join("-"))), "{page}");
    }
    assert_eq!(run(&["man", "sing"], b"").0, 2);
}
