//! The pages for people say what the program says: what can be made from the code is made from it, and what is promised
//! names the tests that prove it. `UPDATE=1 cargo test --test docs` writes the made parts anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares a page with what it should be, or writes it.
fn compare(name: &str, should: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path(name), should).unwrap();
    }
    let is = fs::read_to_string(path(name)).unwrap_or_default();
    assert!(is == should, "{name} is out of date: UPDATE=1 cargo test --test docs");
}

#[test]
fn the_configuration_page_lists_every_key() {
    compare("docs/configuration.md", &copydesk::settings::page());
}

/// What stands between `<!-- made: NAME -->` and `<!-- end -->` is made by `make`.
fn with_made_parts(page: &str, make: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!-- made: ") {
        let (name, after) = after.split_once(" -->\n").expect("a name and a line of its own");
        let (_, after) = after.split_once("<!-- end -->").expect("an end for every made part");
        out.push_str(&format!("{before}<!-- made: {name} -->\n{}<!-- end -->", make(name)));
        rest = after;
    }
    out + rest
}

fn schema(record: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_copydesk")).args(["schema", record]).env_clear().output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The type of a field in one word or two.
fn kind(field: &Value) -> String {
    if let Some(name) = field["$ref"].as_str().and_then(|link| link.rsplit('/').next()) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = field["anyOf"].as_array() {
        let kinds: Vec<String> = choices.iter().filter(|choice| choice["type"] != "null").map(kind).collect();
        return kinds.join(" or ");
    }
    let named = field["type"].as_str().or_else(|| field["type"][0].as_str()).unwrap_or("anything");
    match named {
        "array" => format!("list of {}", kind(&field["items"])),
        "object" => match &field["additionalProperties"] {
            member @ Value::Object(_) => format!("map to {}", kind(member)),
            _ => "object".into(),
        },
        name => name.into(),
    }
}

fn one_line(text: &Value) -> String {
    text.as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

/// The fields of an object, or the values of a choice, as a table.
fn table(schema: &Value) -> String {
    let mut table = String::new();
    if let Some(fields) = schema["properties"].as_object() {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        table.push_str("| field | type | |\n|---|---|---|\n");
        for (name, field) in fields {
            let always = if required.contains(&Value::from(name.as_str())) { ", always" } else { "" };
            table.push_str(&format!("| `{name}` | {}{always} | {} |\n", kind(field), one_line(&field["description"])));
        }
    } else if let Some(choices) = schema["oneOf"].as_array() {
        table.push_str("| value | |\n|---|---|\n");
        for choice in choices {
            let value = choice["const"].as_str().unwrap_or("an object");
            table.push_str(&format!("| `{value}` | {} |\n", one_line(&choice["description"])));
        }
    } else if let Some(choices) = schema["anyOf"].as_array() {
        let kinds: Vec<String> = choices.iter().map(kind).collect();
        table.push_str(&format!("{}\n", kinds.join(" or ")));
    }
    table
}

/// A record and every type it is made of, in the order of the schema. Types of `known` stand elsewhere on the page.
fn tables(record: &Value, known: &[&Value]) -> String {
    let mut text = format!("{}\n\n{}", one_line(&record["description"]), table(record));
    for (name, part) in record["$defs"].as_object().into_iter().flatten() {
        if known.iter().all(|other| other["$defs"][name].is_null()) {
            text.push_str(&format!("\n#### {name}\n\n{}\n\n{}", one_line(&part["description"]), table(part)));
        }
    }
    text
}

#[test]
fn the_records_page_lists_every_field() {
    let article = schema("article");
    let make = |name: &str| match name {
        "article" => tables(&article, &[]),
        "duplicate" => tables(&schema("duplicate"), &[&article]),
        "raw" => tables(&schema("raw"), &[&article]),
        "cleaned" => table(&schema("cleaned")),
        "reasons" => table(&schema("outcome")["$defs"]["Reason"]),
        other => panic!("nobody makes {other}"),
    };
    let page = fs::read_to_string(path("docs/records.md")).unwrap();
    assert_eq!(page.matches("<!-- made: ").count(), 5);
    compare("docs/records.md", &with_made_parts(&page, make));
}

/// Links between the pages lead somewhere.
#[test]
fn every_link_of_the_pages_leads_somewhere() {
    let mut pages: Vec<String> = fs::read_dir(path("docs"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter_map(|page| {
            let name = page.file_name()?.to_str()?.to_owned();
            name.ends_with(".md").then(|| format!("docs/{name}"))
        })
        .collect();
    pages.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned));
    pages.extend(["src/stage/data/ATTRIBUTION.md", "src/stage/data/names/ATTRIBUTION.md"].map(str::to_owned));
    let mut links = 0;
    for page in pages {
        let text = fs::read_to_string(path(&page)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, name)| (file, Some(name)));
            let beside = path(&page).parent().unwrap().join(file);
            let target = if file.is_empty() { path(&page) } else { beside };
            assert!(target.exists(), "{page}: {link}");
            if let Some(name) = heading {
                let text = fs::read_to_string(&target).unwrap();
                assert!(anchors(&text).any(|anchor| anchor == name), "{page}: no heading for {link}");
            }
            links += 1;
        }
    }
    assert!(links > 30, "{links} links");
}

/// What links name the headings of a page by.
fn anchors(page: &str) -> impl Iterator<Item = String> {
    page.lines().filter(|line| line.starts_with('#')).map(|heading| {
        let plain = heading.trim_start_matches('#').trim().to_lowercase();
        plain.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
    })
}

/// Every list and model that is built in is named, with its source and terms, beside it.
#[test]
fn every_data_file_has_its_source() {
    let data = path("src/stage/data");
    let attribution = fs::read_to_string(data.join("ATTRIBUTION.md")).unwrap();
    let names = fs::read_to_string(data.join("names/ATTRIBUTION.md")).unwrap();
    let mut files = 0;
    for folder in fs::read_dir(&data).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).chain([data.clone()]) {
        for file in fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()) {
            let own = file.strip_prefix(&data).unwrap().to_str().unwrap().to_owned();
            let name = file.file_name().unwrap().to_str().unwrap();
            let named = match own.strip_prefix("names/") {
                Some(name) => names.contains(&format!("`{name}`")),
                None => attribution.contains(&format!("`{own}`")) || attribution.contains(&format!("`*/{name}`")),
            };
            assert!(named || name == "ATTRIBUTION.md", "{own} is not in an ATTRIBUTION.md");
            files += 1;
        }
    }
    assert!(files > 50, "{files} files");
}

/// Each promise names tests in the form `path`: `name`, and they exist.
#[test]
fn every_promise_has_its_test() {
    let readme = fs::read_to_string(path("README.md")).unwrap();
    let short = readme.split_once("\n## Promises\n").unwrap().1.split_once("\n## ").unwrap().0;
    assert!(proved(&fs::read_to_string(path("docs/promises.md")).unwrap()) >= 15);
    assert!(proved(short) >= 5);
}

/// How many promises the tables of a page make, each with a test.
fn proved(page: &str) -> usize {
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.contains("|---")).skip(1).collect();
    for row in &rows {
        let proof = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let quoted: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
        let mut file = String::new();
        let mut tests = 0;
        for name in quoted {
            if name.contains('/') {
                file = fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
            } else {
                assert!(file.contains(&format!("fn {name}(")), "no test {name}: {row}");
                tests += 1;
            }
        }
        assert!(tests > 0, "a promise without a test: {row}");
    }
    rows.len()
}

/// Verbs that the pages tell people to type exist.
#[test]
fn every_command_of_the_pages_is_a_verb() {
    let help = Command::new(env!("CARGO_BIN_EXE_copydesk")).arg("--help").env_clear().output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut named = 0;
    for page in ["docs/runbook.md", "docs/configuration.md", "docs/desk.md", "docs/records.md", "docs/commands.md"] {
        let text = fs::read_to_string(path(page)).unwrap();
        // In code spans and on lines of code: `copydesk VERB`.
        for rest in text.split("copydesk ").skip(1).zip(text.split("copydesk ")).filter(|(_, before)| {
            before.ends_with('`') || before.ends_with("$ ") || before.ends_with("\n    ") || before.ends_with("| ")
        }) {
            let verb: String = rest.0.chars().take_while(char::is_ascii_lowercase).collect();
            if !verb.is_empty() {
                assert!(help.contains(&format!("\n  {verb} ")), "{page}: copydesk {verb}");
                named += 1;
            }
        }
    }
    assert!(named > 10, "{named} commands");
}
