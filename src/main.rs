//! The program: everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Who starts OpenSSL first says whether it is taken down when the process exits. Not under the threads of librdkafka, which
    // may be in the middle of a handshake then: a worker that was refused would end by a signal.
    openssl::init();
    copydesk::command::main(std::env::args_os())
}
