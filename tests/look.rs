//! The verbs that look, compare and repair, as typed: what they print, where, and how they end. Those that need a broker
//! are in tests/broker/.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Runs a command line in `folder` with an empty environment and `input` on standard input.
fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn run(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    parts(run_in(tempfile::tempdir().unwrap().path(), arguments, input))
}

/// Exit code, standard output, standard error.
fn parts(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn ok(arguments: &[&str], input: &[u8]) -> String {
    let (code, out, err) = run(arguments, input);
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
    out
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
    assert!(out.contains("new: not like any of the 0 records before it"), "{out}");
    assert!(out.contains("copy of a (-:1), by same content\n"), "{out}");
    assert!(out.contains("revision of a (-:1), by same source and id; differs: content"), "{out}");
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
    let cases: [(&[&str], i32, &str); 6] = [
        (&["explain"], 2, "RECORD"),
        (&["explain", "absent.json"], 74, "absent.json"),
        (&["explain", "--demo", "99"], 2, "there are 1 to 48"),
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
