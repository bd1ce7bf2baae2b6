//! The program: everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    copydesk::command::main(std::env::args_os())
}
