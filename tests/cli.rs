//! The command line as typed: what each verb prints, where, and how it ends.
//!
//! A case of a wrong configuration is tests/cli/bad-config/NAME.toml with NAME.txt, exactly what a person sees;
//! `UPDATE=1 cargo test --test cli` writes the latter anew.

#![allow(clippy::unwrap_used)]

#[path = "support/typed.rs"]
mod typed;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use typed::{copydesk, parts};

fn run(arguments: &[&str]) -> Output {
    typed::run(arguments, b"")
}

fn ok(arguments: &[&str]) -> String {
    typed::ok(arguments, b"")
}

#[test]
fn help_and_version_are_results() {
    let help = ok(&["--help"]);
    for line in ["Look:", "Set up:", "  check        Checks the configuration", "--config <FILE>"] {
        assert!(help.contains(line), "{line} not in\n{help}");
    }
    assert!(ok(&["--version"]).starts_with("copydesk "));
    assert!(ok(&["health", "--help"]).contains("--live"));
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    for arguments in [&["--help"][..], &["--version"], &["dlq", "list", "--help"], &["schema", "article"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let output = copydesk(folder.path(), arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(74), "{arguments:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("writing standard output"), "{arguments:?}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    for wrong in [&["chekc"][..], &[], &["check", "--nothing"], &["-v", "-q", "check"], &["schema", "poem"]] {
        let (code, out, err) = parts(run(wrong));
        assert_eq!((code, out.as_str()), (2, ""), "{wrong:?}");
        assert!(err.contains("error:") || err.contains("Usage:"), "{err}");
    }
}

#[test]
fn a_cut_of_the_line_that_is_not_possible_says_which_are() {
    for wrong in ["clean", "dedupe", "extract,dedupe", "clean,extract", "fetch"] {
        let (code, out, err) = parts(run(&["run", "--stages", wrong]));
        assert_eq!((code, out.as_str()), (2, ""), "{wrong:?}");
        assert!(err.contains("write dedupe,clean for its first half or extract for its second"), "{err}");
    }
    let (code, _, err) = parts(run(&["run", "--stages", "extract", "--from", "24h"]));
    assert_eq!(code, 2);
    assert!(err.contains("they go with dedupe,clean"), "{err}");
}

#[test]
fn every_wrong_configuration_says_what_to_write() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/bad-config");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    cases.sort();
    assert!(cases.len() >= 8, "{cases:?}");
    for toml in cases {
        let name = toml.file_name().unwrap().to_str().unwrap();
        let (code, out, err) = parts(copydesk(&folder, &["check", "-c", name]).output().unwrap());
        assert_eq!((code, out.as_str()), (78, ""), "{name}: {err}");
        let expected = toml.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &err).unwrap();
        }
        assert_eq!(err, std::fs::read_to_string(&expected).unwrap_or_default(), "{name}");
    }
}

#[test]
fn a_right_configuration_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = ok(&["check"]);
    assert_eq!(
        said.split_whitespace().collect::<Vec<_>>().join(" "),
        "ok configuration no file, everything at its default"
    );
    std::fs::write(folder.path().join("copydesk.toml"), ok(&["init", "--full"])).unwrap();
    let (code, out, err) = parts(copydesk(folder.path(), &["check"]).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("ok  configuration ") && out.contains(" copydesk.toml, "), "{out}");
}

#[test]
fn what_is_in_force_is_shown_with_its_origin_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("desk.toml"), "[kafka]\nusername = \"desk\"\nsecurity = \"sasl_ssl\"\n").unwrap();
    let mut command = copydesk(folder.path(), &["config", "show", "--set", "run.memory=64 MiB"]);
    command.env("COPYDESK_CONFIG", "desk.toml").env("COPYDESK__KAFKA__PASSWORD", "c4nary");
    let (code, out, err) = parts(command.output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(!out.contains("c4nary"));
    let lines: Vec<String> = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "username = \"desk\" # desk.toml:2",
        "password = \"***\" # COPYDESK__KAFKA__PASSWORD",
        "memory = \"64 MiB\" # --set",
        "group = \"copydesk\" # default",
    ] {
        assert!(lines.iter().any(|l| l == line), "{line} not in\n{out}");
    }
}

#[test]
fn the_flag_beats_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = copydesk(folder.path(), &["config", "show", "--set", "kafka.group=flag", "--log-format", "json"]);
    let (_, out, _) = parts(command.env("COPYDESK__KAFKA__GROUP", "environment").output().unwrap());
    assert!(out.contains("group = \"flag\""), "{out}");
    assert!(out.contains("format = \"json\""), "{out}");
}

#[test]
fn schemas_and_completions_are_printed() {
    for record in ["article", "duplicate", "raw", "outcome"] {
        let schema: serde_json::Value = serde_json::from_str(&ok(&["schema", record])).unwrap();
        jsonschema::validator_for(&schema).unwrap();
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = ok(&["completions", shell]);
        assert!(script.contains("schema") && script.contains("health"), "{shell}");
    }
}

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = copydesk(folder.path(), &["schema", "outcome"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

/// One connection is answered with `answer`; returns the address.
fn listener(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let read = stream.read(&mut request).unwrap();
        assert!(request[..read].starts_with(b"GET /"));
        stream.write_all(answer.as_bytes()).unwrap();
    });
    address
}

fn health(answer: &'static str, flag: &[&str]) -> (i32, String, String) {
    let listen = format!("http.listen={}", listener(answer));
    parts(run(&[&["health", "--set", &listen], flag].concat()))
}

#[test]
fn health_answers_with_its_exit_code() {
    let (code, out, _) = health("HTTP/1.1 200 OK\r\n\r\n{\"ready\":true}", &[]);
    assert_eq!((code, out.as_str()), (0, "{\"ready\":true}\n"));
    let (code, out, _) = health("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"live\":false}", &["--live"]);
    assert_eq!((code, out.as_str()), (1, "{\"live\":false}\n"));
    let (code, _, err) = health("SSH-2.0-x\r\n", &[]);
    assert_eq!(code, 1);
    assert!(err.contains("another program listens there"), "{err}");
}

#[test]
fn health_of_nobody_is_no() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, err) = parts(run(&["health", "--set", &format!("http.listen={free}")]));
    assert_eq!(code, 1);
    assert!(err.contains(&format!("asking http://{free}/readyz")), "{err}");
    assert_eq!(parts(run(&["health", "--set", "http.listen=off"])).0, 78);
}
