//! The program as a person types it: in a folder, with an empty environment.

#![allow(dead_code)] // each test file uses its part

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command line in `folder`.
pub fn copydesk(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

/// Runs a command line in `folder` with `input` on standard input.
pub fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = copydesk(folder, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Runs a command line in an empty folder.
pub fn run(arguments: &[&str], input: &[u8]) -> Output {
    run_in(tempfile::tempdir().unwrap().path(), arguments, input)
}

/// Exit code, standard output, standard error.
pub fn parts(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What a command line prints that ends well and complains of nothing.
pub fn ok(arguments: &[&str], input: &[u8]) -> String {
    let (code, out, err) = parts(run(arguments, input));
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
    out
}
