//! Ten canaries in every place where a secret may be put: nothing the program prints, logs or exports holds one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

#[path = "support/typed.rs"]
mod typed;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use typed::copydesk;

/// Every canary begins so.
const CANARY: &str = "c4nary";

/// Everything a verb says, on both streams.
fn said(mut command: Command) -> String {
    let output = command.output().unwrap();
    let both = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn silent(what: &str, text: &str) {
    assert!(!text.to_lowercase().contains(CANARY), "{what}:\n{text}");
}

/// A configuration that loads: passwords from files, one from the environment, and key files that are none.
fn right() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let toml = "[kafka]\nbrokers = \"127.0.0.1:1\"\nsecurity = \"sasl_ssl\"\nusername = \"desk\"\n\
                password_file = \"login\"\nkey_file = \"key.pem\"\ncertificate_file = \"client.pem\"\n\
                key_password_file = \"key-login\"\nsocket_timeout = \"1s\"\n\
                [kafka.client]\n\"debug\" = \"all\"\n\
                [http]\nlisten = \"127.0.0.1:0\"\ndesk = \"127.0.0.1:0\"\n";
    write("copydesk.toml", toml);
    write("login", "c4nary-1\n");
    write("key-login", "c4nary-2\n");
    write("key.pem", "-----BEGIN PRIVATE KEY-----\nc4nary3\n-----END PRIVATE KEY-----\n");
    write("client.pem", "-----BEGIN CERTIFICATE-----\nc4nary4\n-----END CERTIFICATE-----\n");
    folder
}

#[test]
fn what_is_shown_checked_and_complained_of_holds_no_secret() {
    let folder = right();
    for verb in
        [&["config", "show"][..], &["check"], &["topics"], &["topics", "--create"], &["status"], &["-vv", "check"]]
    {
        silent(&format!("{verb:?}"), &said(copydesk(folder.path(), verb)));
        let mut command = copydesk(folder.path(), verb);
        command.env("COPYDESK__KAFKA__PASSWORD", "c4nary-5").env("COPYDESK__KAFKA__KEY_PASSWORD", "c4nary-6");
        silent(&format!("{verb:?}, from the environment"), &said(command));
    }
    let mut command = copydesk(folder.path(), &["config", "show"]);
    command.env("COPYDESK__KAFKA__PASSWORD", "c4nary-5");
    assert!(said(command).contains("password = \"***\""));
}

#[test]
fn what_is_refused_is_refused_without_being_repeated() {
    let wrong = [
        "[kafka]\nbrokers = \"desk:c4nary-7@kafka:9092\"",
        "[kafka]\nbrokers = \"sasl://desk:c4nary-7@kafka:9092\"",
        "[kafka]\nbrokers = \"desk:c4nary 7@kafka\"",
        "[fetch]\nallow = [\n  \"desk:c4nary-8@intranet:80\",\n]",
        "[kafka.client]\n\"sasl.oauthbearer.client.secret\" = \"c4nary-9\"",
        "[kafka.client]\n\"ssl.key.pem\" = \"c4nary-9\"",
        "[kafka.client]\n\"sasl.jaas.config\" = \"c4nary-9\"",
        "[kafka]\npassword = { value = \"c4nary-10\" }",
        "[kafka]\npasword = \"c4nary-10\"",
        "[http]\nlisten = \"http://desk:c4nary-10@0.0.0.0:9464\"",
    ];
    for toml in wrong {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("copydesk.toml"), toml).unwrap();
        for verb in [&["check"][..], &["config", "show"], &["run"]] {
            let output = copydesk(folder.path(), verb).output().unwrap();
            assert_ne!(output.status.code(), Some(0), "{toml}: {verb:?} takes it");
            silent(toml, &String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
        }
        let set = toml.split_once(']').unwrap().1.trim().replace(" = ", "=");
        silent(toml, &said(copydesk(folder.path(), &["check", "--set", &format!("kafka.{set}")])));
    }
}

#[test]
fn a_token_is_never_shown_whatever_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "copydesk.toml",
        "[kafka]\nbrokers = \"127.0.0.1:1\"\nsecurity = \"sasl_ssl\"\nsasl_mechanism = \"oauthbearer\"\n\
         oauth_token_file = \"token\"\nsocket_timeout = \"1s\"\n[kafka.client]\n\"debug\" = \"all\"\n",
    );
    // One that would do, one that has expired (1970), one of two words, one with what no token holds.
    for token in ["c4nary-11", "c4nary.eyJleHAiOjF9.c4nary", "c4nary 12", "c4nary-\u{1}13"] {
        write("token", token);
        for verb in
            [&["config", "show"][..], &["check"], &["-vv", "check", "--connect"], &["-vv", "run", "--fail-fast"]]
        {
            silent(&format!("{verb:?}"), &said(copydesk(folder.path(), verb)));
        }
    }
}

#[test]
fn a_worker_that_cannot_log_in_neither_logs_nor_exports_a_secret() {
    let folder = right();
    let mut worker = copydesk(folder.path(), &["run", "-vv"]).stderr(Stdio::piped()).spawn().unwrap();
    let (mut log, mut address) = (String::new(), None);
    for line in BufReader::new(worker.stderr.take().unwrap()).lines().map(Result::unwrap) {
        log.push_str(&line);
        log.push('\n');
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        if line.contains("probes and metrics") {
            address = event["address"].as_str().map(str::to_owned);
        }
        if line.contains("do not answer") && address.is_some() {
            break;
        }
    }
    let address = address.unwrap_or_else(|| panic!("no listener:\n{log}"));
    for path in ["/metrics", "/readyz", "/version"] {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{path}: {answer}");
        silent(path, &answer);
    }
    worker.kill().unwrap();
    worker.wait().unwrap();
    silent("the log", &log);
}
