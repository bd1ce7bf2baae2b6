//! Tools of others that a test asks. Where one is not installed the test has nothing to say; but .ci/run installs them, and then
//! sets a variable by which none may be missing.

/// Says that `tool` is not there; fails the test where it must be.
pub fn missing(tool: &str) {
    assert!(
        std::env::var_os("COPYDESK_TEST_TOOLS").is_none(),
        "COPYDESK_TEST_TOOLS is set and {tool} is not installed"
    );
    eprintln!("skipped: {tool} is not installed");
}
