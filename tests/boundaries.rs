//! Who may name what. These rules are what keeps the code findable; a test is how they stay true.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// Lines of code that name one of `words`, outside comments and tests.
fn naming<'s>(sources: &'s [(PathBuf, String)], words: &[&str]) -> Vec<(&'s Path, String)> {
    let mut found = Vec::new();
    for (path, text) in sources {
        if path.ends_with("tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if words.iter().any(|word| line.contains(word)) {
                found.push((path.as_path(), line.trim().to_owned()));
            }
        }
    }
    found
}

#[test]
fn stage_is_pure() {
    let outside = [
        "tokio",
        "rdkafka",
        "reqwest",
        "std::env",
        "env::var",
        "std::fs",
        "std::net",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "println!",
        "eprintln!",
        "tracing::",
    ];
    assert_eq!(naming(&sources("src/stage"), &outside), []);
}

#[test]
fn flow_knows_no_broker() {
    assert_eq!(naming(&sources("src/flow"), &["rdkafka", "crate::kafka"]), []);
}

#[test]
fn one_owner_each() {
    let all = sources("src");
    let stray = |words: &[&str], owners: &[&str]| {
        let found = naming(&all, words);
        let owned = |path: &Path| owners.iter().any(|owner| path.starts_with(owner) || path == Path::new(owner));
        found.into_iter().filter(|(path, _)| !owned(path)).collect::<Vec<_>>()
    };
    assert_eq!(stray(&["rdkafka::"], &["src/kafka"]), []);
    assert_eq!(stray(&["env::var", "env::vars"], &["src/settings", "src/settings.rs"]), []);
    assert_eq!(stray(&["unsafe {", "unsafe_code", "unsafe fn"], &["src/kafka/token.rs"]), []);
    assert_eq!(stray(&["prometheus::"], &["src/metrics", "src/metrics.rs"]), []);
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = sources("src").into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|s| s.0).collect();
    assert_eq!(silent, Vec::<PathBuf>::new());
}

/// Paths in backticks of the pages about the code exist; CODE and VERB stand for any.
#[test]
fn the_pages_about_the_code_name_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "docs/model-card.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        for name in text.split('`').skip(1).step_by(2) {
            let folders = ["src/", "tests/", "deploy/", "config/", "docs/", "training/", "examples/"];
            let path = name.split(' ').next().unwrap_or_default();
            let is_path = folders.iter().any(|start| path.starts_with(start)) && !path.contains(['*', '{']);
            let any = path.split(['/', '.']).any(|part| part == "CODE" || part == "VERB");
            assert!(!is_path || any || root.join(path).exists(), "{page}: {path} is not there");
        }
    }
}

/// Tests that ARCHITECTURE.md names as guards exist.
#[test]
fn the_guards_of_the_architecture_page_are_tests() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let code: String = [sources("src"), sources("tests")].into_iter().flatten().map(|(_, text)| text).collect();
    let guards = page.lines().filter(|line| line.contains("`tests/") || line.contains(".rs`: `"));
    for line in guards {
        for name in line.split('`').skip(1).step_by(2).filter(|n| n.contains('_') && !n.contains(['/', '.', ' '])) {
            assert!(code.contains(&format!("fn {name}(")), "{name} is no test: {line}");
        }
    }
}
