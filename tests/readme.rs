//! The README does what it says: its commands are run as they are typed, and those that need a cluster are at least known to
//! the program, with every flag.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The blocks of code in one language, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split_once("```").expect("a closed block").0.to_owned()).collect()
}

/// A shell that finds the program under test, and nothing of the caller's configuration.
fn shell(folder: &Path, script: &str) -> Command {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_copydesk"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.args(["-euc", script]).current_dir(folder).env_clear().env("PATH", path).stdin(Stdio::null());
    shell
}

/// Whether the command asks a broker or a running worker.
fn needs_others(command: &str) -> bool {
    let verb = command.split_whitespace().nth(1).unwrap_or_default();
    let others = ["run", "topics", "backfill", "trace", "tap", "status", "health", "dlq"];
    others.contains(&verb) || command.contains("--connect") || command.contains(" articles.")
}

/// The command alone: what follows it (a pipe, a file, a remark) is the shell's.
fn alone(line: &str) -> &str {
    let ends = [" | ", " > ", " < ", " #", " \\|"].iter().filter_map(|end| line.find(end));
    line[..ends.min().unwrap_or(line.len())].trim_end()
}

/// A line of the README as it is run here.
fn runnable(line: &str) -> String {
    let line = line.replacen("cargo run --release --", "copydesk", 1);
    let script = line.split_whitespace().next().filter(|word| word.starts_with("tests/"));
    if let Some(script) = script {
        return format!("test -x {}", root().join(script).display());
    }
    if line == "cargo test" {
        return "true".to_owned(); // this is it
    }
    let asks = line.starts_with("copydesk ") && needs_others(&line);
    if asks { format!("{} --help > /dev/null", alone(&line)) } else { line }
}

/// Runs the blocks in order in one folder, all but the demo, and returns what the block with `wanted` printed.
fn run_all(wanted: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut printed = None;
    for block in blocks(&page("README.md"), "sh").iter().filter(|block| !block.contains("-- demo")) {
        let script: Vec<String> = block.lines().map(runnable).collect();
        let output = shell(folder.path(), &script.join("\n")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{block}\n{said}");
        if block.contains(wanted) {
            printed = Some(String::from_utf8(output.stdout).unwrap());
        }
    }
    printed.expect("the block wanted")
}

/// Whether everything that `shown` says is so; of a list, each member shown is one of those that are there.
fn holds(shown: &Value, is: &Value) -> bool {
    match (shown, is) {
        (Value::Object(shown), Value::Object(is)) => {
            shown.iter().all(|(name, value)| is.get(name).is_some_and(|is| holds(value, is)))
        }
        (Value::Array(shown), Value::Array(is)) => shown.iter().all(|value| is.iter().any(|is| holds(value, is))),
        (shown, is) => shown == is,
    }
}

#[test]
fn every_command_runs_and_the_sample_comes_out_as_shown() {
    let printed: Value = serde_json::from_str(&run_all("copydesk process ferry.json")).unwrap();
    let shown = blocks(&page("README.md"), "json");
    let shown: Value = serde_json::from_str(&shown[0]).unwrap();
    assert!(holds(&shown, &printed), "{printed:#}");
}

#[test]
fn the_demo_says_what_is_shown_and_ctrl_c_ends_it() {
    let readme = page("README.md");
    let block = blocks(&readme, "sh").into_iter().find(|block| block.contains("-- demo")).unwrap();
    let line = format!("exec {}", runnable(block.trim()));
    let folder = tempfile::tempdir().unwrap();
    let mut demo = shell(folder.path(), &line).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines: Vec<String> = Vec::new();
    for line in BufReader::new(demo.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let last = line.contains("Ctrl-C");
        lines.push(line);
        if last {
            let interrupt = Command::new("bash").args(["-c", &format!("kill -INT {}", demo.id())]).status();
            assert!(interrupt.unwrap().success());
        }
    }
    assert!(demo.wait().unwrap().success(), "{lines:#?}");
    // Ports, times and version differ, and the lines of articles come in no fixed order.
    let said = |text: &str| lines.iter().any(|line| line.starts_with(text));
    let shown = blocks(&readme, "text").into_iter().find(|block| block.contains(" demo: ")).unwrap();
    for line in shown.lines().filter(|line| line.trim() != "...") {
        let fixed =
            line.split("   5.2 s").next().unwrap().split("http:").next().unwrap().split("127.0").next().unwrap();
        let fixed = if line.starts_with("copydesk ") { "copydesk " } else { fixed };
        // Which of several copies is first depends on the order in which partitions are read.
        assert!(said(fixed) || line.contains(" is a copy of "), "{line:?} not in {lines:#?}");
    }
}

/// Lines that the page of the verbs shows as typed parse: the verb and each of its flags are there.
#[test]
fn every_command_of_the_page_of_verbs_parses() {
    let folder = tempfile::tempdir().unwrap();
    let page = page("docs/commands.md");
    let typed: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(typed.len() > 10, "{typed:?}");
    for line in typed {
        let output = shell(folder.path(), &format!("{} --help", alone(line))).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Verbs of the program that nobody would find by reading are missing in the table.
#[test]
fn the_table_of_verbs_is_complete() {
    let readme = page("README.md");
    let table = readme.split_once("## The verbs").unwrap().1.split_once("\n## ").unwrap().0.to_owned();
    let help = Command::new(env!("CARGO_BIN_EXE_copydesk")).arg("--help").env_clear().output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let verbs: Vec<&str> = help
        .lines()
        .take_while(|line| !line.starts_with("Options"))
        .filter_map(|line| line.strip_prefix("  ")?.split_once("  "))
        .map(|(verb, _)| verb)
        .filter(|verb| !verb.is_empty() && !verb.contains(' '))
        .collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    for verb in verbs {
        assert!(table.contains(&format!("`{verb}")), "{verb} is not in the table of verbs");
    }
}

#[test]
fn the_readme_is_read_in_five_minutes() {
    assert!(page("README.md").lines().count() < 250);
}
