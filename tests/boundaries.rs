//! Who may name what. These rules are what keeps the code findable; a test is how they stay true.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::collections::BTreeSet;
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
        if path.ends_with("tests.rs") || path.iter().any(|folder| folder == "tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
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

/// Dependencies run one way: what passes between the parts of the program knows none of them, the line knows only that and its
/// settings, and in the line extract reads what clean has made without asking clean, who may ask it what a line is.
#[test]
fn dependencies_run_one_way() {
    let all = sources("src");
    for (module, may_name) in [
        ("closed", &[][..]),
        ("record", &[]),
        ("article", &["closed", "record"]),
        ("outcome", &["article", "closed"]),
        ("letter", &["closed", "record"]),
        ("stage", &["article", "closed", "outcome", "record", "settings"]),
    ] {
        for (path, line) in naming(&all, &["crate::"]) {
            if path != Path::new(&format!("src/{module}.rs")) && !path.starts_with(format!("src/{module}")) {
                continue;
            }
            let named =
                line.split("crate::").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            let stray: Vec<_> = named.filter(|name| *name != module && !may_name.contains(name)).collect();
            assert!(stray.is_empty(), "{}: {module} may not name {stray:?}: {line}", path.display());
        }
    }
    assert_eq!(naming(&sources("src/stage/extract"), &["stage::clean", "clean::", "{clean", " clean,"]), []);
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
    assert_eq!(stray(&["unsafe {", "unsafe_code", "unsafe fn"], &["src/kafka/token.rs", "src/kafka/message.rs"]), []);
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

/// Tests that ARCHITECTURE.md names as guards exist, each in the file that stands before it.
#[test]
fn the_guards_of_the_architecture_page_are_tests() {
    let page = architecture();
    let guards = section(&page, "Invariants and their guards").lines().filter(|line| line.starts_with("| "));
    let mut tests = 0;
    for line in guards.skip(1) {
        let guard = line.trim_end_matches('|').rsplit('|').next().unwrap();
        let (mut path, mut code) = ("", String::new());
        for name in guard.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                path = name;
                code = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
                tests += usize::from(code.contains("#[test]"));
            } else {
                assert!(code.contains(&format!("fn {name}(")), "{name} is no test of {path}: {line}");
            }
        }
        assert!(!path.is_empty(), "an invariant without a guard: {line}");
    }
    assert!(tests > 15, "{tests} files with tests");
}

/// Every direct dependency stands in ARCHITECTURE.md with what it is for, and no other does.
#[test]
fn every_direct_dependency_has_its_reason() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let tables = ["dependencies", "dev-dependencies"].map(|name| manifest[name].as_table().unwrap());
    let direct: BTreeSet<&str> = tables.into_iter().flat_map(|table| table.keys()).map(String::as_str).collect();
    let page = architecture();
    let rows = section(&page, "Direct dependencies").lines().filter_map(|line| line.strip_prefix("| "));
    let mut named = BTreeSet::new();
    for row in rows.skip(1) {
        let (crates, reason) = row.split_once(" | ").unwrap();
        assert!(reason.len() > 5, "no reason: {row}");
        named.extend(crates.split(", "));
    }
    assert_eq!(named, direct);
}

/// Every module of the library is on the code map, and in the table that opens its documentation.
#[test]
fn every_module_is_on_the_code_map() {
    let page = architecture();
    let map = section(&page, "Code map");
    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for module in library.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")) {
        let name = module.trim_end_matches(';');
        let place = map.contains(&format!("`src/{name}.rs`")) || map.contains(&format!("`src/{name}/`"));
        assert!(place, "src/{name} is not on the code map");
        assert!(library.contains(&format!("`{name}`")), "{name} is not in the table of src/lib.rs");
    }
}

/// A data file that nobody reads is a mistake: a language whose folder is there and whose line in a list is not.
#[test]
fn every_data_file_is_read() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stage/data");
    let code = sources("src");
    let mut files = 0;
    for folder in fs::read_dir(&data).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).chain([data.clone()]) {
        for file in fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()) {
            let path = file.strip_prefix(&data).unwrap().to_str().unwrap();
            let read = match path.split_once('/') {
                // Lists by language: the code of the language stands in the file that names the list.
                Some((language, list)) if language.len() == 2 => code.iter().any(|(_, text)| {
                    text.contains(&format!("data/{path}\""))
                        || (text.contains(&format!("/{list}\"")) && text.contains(&format!("\"{language}\"")))
                }),
                // Lists of names: a macro puts the folder before the name.
                Some(("names", list)) => code.iter().any(|(_, text)| {
                    let name = list.trim_end_matches(".txt");
                    text.contains(&format!("names/{list}\"")) || text.contains(&format!("list!(\"{name}\")"))
                }),
                _ => code.iter().any(|(_, text)| text.contains(&format!("data/{path}\""))),
            };
            assert!(read || path.ends_with("ATTRIBUTION.md"), "nobody reads src/stage/data/{path}");
            files += 1;
        }
    }
    assert!(files > 50, "{files} files");
}

/// A key that nobody reads is an option nobody needs. Those that are read into another field, or only checked, are named here.
#[test]
fn every_key_is_read() {
    let elsewhere = ["password_file", "key_password_file", "insecure_sasl_plaintext"];
    let settings = Path::new("src/settings");
    let mut code = sources("src");
    code.retain(|(path, _)| !path.starts_with(settings) && path != Path::new("src/settings.rs"));
    let reference = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/copydesk.toml")).unwrap();
    let keys = reference.lines().filter_map(|line| Some(line.trim_start_matches("# ").split_once(" = ")?.0));
    let keys: Vec<&str> = keys.filter(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).collect();
    assert!(keys.len() > 50, "{} keys", keys.len());
    // A field: not a method, not the beginning of another, not what a text says.
    let reads = |line: &str, field: &str| {
        line.match_indices(field).any(|(at, _)| {
            let (before, rest) = (&line[..at], &line[at + field.len()..]);
            before.matches('"').count() % 2 == 0 && !rest.starts_with(|c: char| c.is_alphanumeric() || "_(".contains(c))
        })
    };
    for key in keys.into_iter().filter(|key| !elsewhere.contains(key)) {
        let field = format!(".{key}");
        let read = naming(&code, &[&field]).iter().any(|(_, line)| reads(line, &field));
        assert!(read, "nobody reads {key}");
    }
}

fn architecture() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap()
}

/// What stands under a heading of a page.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).expect("the heading");
    rest.split_once("\n## ").map_or(rest, |(own, _)| own)
}
