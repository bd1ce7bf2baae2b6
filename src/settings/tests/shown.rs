//! What is shown of settings, in the reference and to whoever asks; and that nothing is left out or shown that must not be.

use super::*;
use crate::settings::keys::{Access, SECTIONS};

/// Many places where somebody may put a secret, and everything this module ever prints.
#[test]
fn a_secret_is_never_shown() {
    let canary = "c4nary";
    let wrong = [
        "[kafka]\npassword = [\"c4nary\"]",
        "[kafka]\npasswort = \"c4nary\"",
        "[kafka]\npassword = \"c4nary",
        "[kafka]\npassword = c4nary",
        "[kafka]\nkey_password = \"c4nary\"",
        "[kafka]\npassword = \"c4nary\"",
        "[kafka.client]\n\"sasl.password\" = \"c4nary\"",
        "[kafka.client]\nssl.key.pem = \"c4nary\"",
        "[kafka.client]\nsome.future.token = \"c4nary\"",
        "password = \"c4nary\"",
        "[kafka]\npassword = \"\"\"\nx\nc4nary",
    ];
    for toml in wrong {
        let report = folder(toml).report();
        assert!(!report.contains(canary), "{report}");
    }
    let environment = [("COPYDESK__KAFKA__PASSWORT", canary), ("COPYDESK__KAFKA__CLIENT__SASL_PASSWORD", canary)];
    assert!(!folder("").with(&environment, &["kafka.password=c4nary"]).report().contains(canary));

    let folder = folder(
        "[kafka]\nsecurity = \"sasl_ssl\"\nusername = \"desk\"\npassword = \"c4nary\"\nkey_file = \"f\"\n\
         certificate_file = \"f\"\nkey_password = \"c4nary\"\n",
    );
    std::fs::write(folder.path().join("f"), "").unwrap();
    let loaded = folder.load();
    assert_eq!(loaded.settings.kafka.password.as_ref().map(Secret::reveal), Some(canary));
    assert!(!in_force(&loaded).contains(canary), "{}", in_force(&loaded));
    assert!(in_force(&loaded).contains("password = \"***\""));
    let debugged = format!("{:?} {:?} {:?}", loaded.settings.kafka.password, loaded.origins, loaded.settings);
    assert!(!debugged.contains(canary), "{debugged}");
}

#[test]
fn the_reference_file_sets_every_default_and_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/copydesk.toml");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, full()).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == full(),
        "config/copydesk.toml: UPDATE=1 cargo test --lib settings"
    );
    let loaded = folder(&full()).load();
    assert_eq!(loaded.settings, Settings::default());
    let lines = full().lines().filter(|line| line.contains(" = ")).count();
    assert!(loaded.origins.len() > 50 && lines > loaded.origins.len());
}

/// What the reference file shows of keys that are not set can be taken as it stands, once the files exist.
#[test]
fn every_example_can_be_read() {
    for section in SECTIONS {
        for key in section.keys {
            if let Access::One { example, show, .. } = key.access
                && show(&Settings::default()).is_none()
                && !key.name.ends_with("_file")
            {
                let toml = format!("[{}]\n{} = {}", section.name, key.name, example());
                let problems = load(&folder(&toml).1).map_or_else(|problems| problems.0, |_| Vec::new());
                // A login alone does not fit together with no security; that it was read is what counts.
                assert!(
                    problems
                        .iter()
                        .all(|p| ["not used", "needs", "cannot read"].iter().any(|said| p.message.contains(said))),
                    "{toml}: {problems:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_in_force_reads_back_to_the_same() {
    let toml = "[run]\nmemory = \"128 MiB\"\nreject_limit = \"off\"\n[kafka.client]\nclient.rack = \"a\"\n\
                [decode.fields]\nheadline = [\"title\", \"meta.title\"]\n[fetch]\nallow = [\"a\", \"b:1\"]\n";
    let loaded = folder(toml).load();
    let shown = in_force(&loaded);
    assert_eq!(folder(&shown).load().settings, loaded.settings, "{shown}");
    assert!(shown.contains("memory = \"128 MiB\""));
}

#[test]
fn the_short_file_and_the_local_one_load() {
    assert_eq!(folder(&short()).load().settings, Settings::default());
    let local = include_str!("../../../config/local.toml");
    assert_eq!(folder(local).load().settings.topics.replication, Some(1));
}

#[test]
fn every_field_of_the_settings_has_a_key() {
    // The Debug form names every field once; each must be in the table, or nobody could set it.
    let debug = format!("{:#?}", Settings::default());
    for line in debug.lines() {
        let Some((field, _)) =
            line.trim().split_once(": ").filter(|_| line.starts_with("        ") && !line.starts_with("         "))
        else {
            continue;
        };
        // The pod's name and the service manager's socket come from the surroundings, nobody sets them.
        let known = ["pod", "notify_socket"].contains(&field)
            || SECTIONS.iter().any(|s| s.keys.iter().any(|key| key.name == field));
        assert!(known, "{field} has no key");
    }
    assert!(debug.contains("\n        brokers: "), "the shape this test relies on");
}

#[test]
fn no_key_and_no_section_stands_twice() {
    let mut paths: Vec<String> = keys::all().map(|key| key.path()).collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count);
}
