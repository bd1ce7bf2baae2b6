//! The configuration file that documents itself, and the list of what is set, both from the table of keys.

use super::Settings;
use super::keys::{Access, Key, SECTIONS, Section};
use super::load::Loaded;

/// What a person sets first; the rest has defaults that need no thought.
const FIRST: [&str; 9] = [
    "kafka.brokers",
    "kafka.group",
    "topics.raw",
    "topics.enriched",
    "topics.duplicates",
    "topics.dead",
    "topics.prints",
    "dedupe.window",
    "http.listen",
];

/// Every key with its default and the reason: config/copydesk.toml, and what `init --full` prints.
pub fn full() -> String {
    let mut text = String::from(
        "# copydesk: every setting, its default and the reason. `copydesk init --full` prints this file, `copydesk check`\n\
         # checks one, `copydesk config show` says what is in force and where it came from.\n\
         #\n\
         # Times and sizes are texts with a unit: \"200ms\", \"30s\", \"10m\", \"72h\", \"7d\"; \"64 KiB\", \"96 MiB\", \"1 GB\". Paths\n\
         # are relative to this file. Every key has an environment variable: kafka.brokers is COPYDESK__KAFKA__BROKERS.\n\
         # A flag (--set kafka.brokers=...) beats the environment, the environment beats this file.\n",
    );
    for section in SECTIONS {
        text.push_str(&format!("\n#{}\n[{}]\n", section.doc, section.name));
        section.keys.iter().for_each(|key| full_key(&mut text, key));
    }
    text
}

fn full_key(text: &mut String, key: &Key) {
    text.push('\n');
    for line in key.doc {
        text.push_str(&format!("#{line}\n"));
    }
    match key.access {
        Access::One { show, range, example, .. } => {
            if let Some(range) = range() {
                text.push_str(&format!("# From {range}.\n"));
            }
            match show(&Settings::default()) {
                Some(value) => text.push_str(&format!("{} = {value}\n", key.name)),
                None => text.push_str(&format!("# {} = {}\n", key.name, example())),
            }
        }
        Access::Each { show, example, .. } => {
            let members = show(&Settings::default());
            if members.is_empty() {
                text.push_str(&format!("# {}.{}\n", key.name, example()));
            }
            for (name, value) in members {
                text.push_str(&format!("{}.{name} = {value}\n", key.name));
            }
        }
    }
}

/// Every key on one page for people: docs/configuration.md.
pub fn page() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Every key, its default and the reason. Made from the program: `UPDATE=1 cargo test --test docs` writes it anew.\n\n\
         * `copydesk init > copydesk.toml` writes what a person sets first, `copydesk init --full` everything on this page.\n\
         * `copydesk check` reports every problem at once, with line, caret and suggestion; an unknown key is a problem.\n\
         * `copydesk config show` prints what is in force and where each value came from, secrets masked.\n\
         * A flag (`--set kafka.brokers=...`) beats the environment (`COPYDESK__KAFKA__BROKERS`), the environment beats the\n  \
         file (`-c FILE`, else `COPYDESK_CONFIG`, else `./copydesk.toml`), the file beats the default.\n\
         * Times and sizes are texts with a unit: `\"200ms\"`, `\"72h\"`, `\"96 MiB\"`. Paths are relative to the file.\n",
    );
    for section in SECTIONS {
        text.push_str(&format!("\n## `[{}]`\n\n{}\n", section.name, section.doc.trim()));
        section.keys.iter().for_each(|key| page_key(&mut text, key));
    }
    text
}

fn page_key(text: &mut String, key: &Key) {
    let path = key.path();
    let variable = format!("COPYDESK__{}", path.to_uppercase().replace('.', "__"));
    text.push_str(&format!("\n### `{path}`\n\n"));
    key.doc.iter().for_each(|line| text.push_str(&format!("{}\n", line.trim())));
    text.push('\n');
    match key.access {
        Access::One { show, range, example, .. } => {
            match show(&Settings::default()) {
                Some(value) => text.push_str(&format!("* Default: `{value}`\n")),
                None => text.push_str(&format!("* Not set by default; for example `{}`\n", example())),
            }
            if let Some(range) = range() {
                text.push_str(&format!("* From {range}\n"));
            }
            text.push_str(&format!("* Environment: `{variable}`\n"));
        }
        Access::Each { show, example, .. } => {
            let members = show(&Settings::default());
            if members.is_empty() {
                text.push_str(&format!("* Empty by default; for example `{}.{}`\n", key.name, example()));
            }
            for (name, value) in members {
                text.push_str(&format!("* `{}.{name} = {value}`\n", key.name));
            }
            text.push_str(&format!("* Environment: `{variable}__NAME`\n"));
        }
    }
}

/// What a person sets first, with defaults: what `init` prints.
pub fn short() -> String {
    let mut text =
        String::from("# copydesk: what to set first. `copydesk init --full` prints every setting with its reason.\n");
    for section in SECTIONS {
        let keys: Vec<&Key> = section.keys.iter().filter(|key| FIRST.contains(&key.path().as_str())).collect();
        let lines = keys.into_iter().filter_map(short_line);
        text.push_str(&section_text(section, lines.collect()));
    }
    text
}

/// A key with its default, and the first sentence of its doc.
fn short_line(key: &Key) -> Option<(String, String)> {
    let Access::One { show, .. } = key.access else { return None };
    let value = show(&Settings::default())?;
    let doc = key.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let sentence = doc.split_inclusive(". ").next().unwrap_or_default().trim().trim_end_matches('.');
    Some((format!("{} = {value}", key.name), sentence.to_owned()))
}

/// A section whose lines carry comments in one column; nothing where there are no lines.
fn section_text(section: &Section, lines: Vec<(String, String)>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let lines = lines.iter().map(|(line, comment)| format!("{line:width$}  # {comment}\n"));
    format!("\n[{}]\n{}", section.name, lines.collect::<String>())
}

/// Every value in force with its origin, as a configuration file; secrets are masked.
pub fn in_force(loaded: &Loaded) -> String {
    let text: String = SECTIONS.iter().map(|section| section_in_force(section, loaded)).collect();
    text.trim_start().to_owned()
}

fn section_in_force(section: &Section, loaded: &Loaded) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for key in section.keys {
        match key.access {
            Access::One { show, .. } => lines.push(one_in_force(key, show(&loaded.settings), loaded)),
            Access::Each { show, .. } => lines.extend(show(&loaded.settings).into_iter().map(|(name, value)| {
                let origin = origin(&format!("{}.{name}", key.path()), loaded);
                (format!("{}.{} = {value}", key.name, member(&name)), origin)
            })),
        }
    }
    section_text(section, lines)
}

fn one_in_force(key: &Key, value: Option<String>, loaded: &Loaded) -> (String, String) {
    let path = key.path();
    // A secret that came from its file shows at the file's key, so that each value has one origin.
    let read_from_file = loaded.origins.contains_key(&format!("{path}_file"));
    match value {
        Some(value) if !read_from_file => (format!("{} = {value}", key.name), origin(&path, loaded)),
        None if loaded.origins.contains_key(&path) => (format!("# {} is read", key.name), origin(&path, loaded)),
        _ => (format!("# {}", key.name), "not set".to_owned()),
    }
}

fn origin(path: &str, loaded: &Loaded) -> String {
    loaded.origins.get(path).map_or_else(|| "default".to_owned(), ToString::to_string)
}

/// A name of a property of librdkafka has dots and needs quotes, or TOML would make tables of it.
fn member(name: &str) -> String {
    if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() }
}
