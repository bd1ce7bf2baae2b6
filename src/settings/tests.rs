//! Loading as a whole: where values come from, what wins, what is said when something is wrong.

use std::path::Path;

use super::keys::{Access, SECTIONS};
use super::*;

/// A folder with a copydesk.toml and other files, and sources that look there.
struct Folder(tempfile::TempDir, Sources);

fn folder(toml: &str) -> Folder {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("copydesk.toml"), toml).unwrap();
    let sources = Sources { folder: folder.path().to_owned(), ..Sources::default() };
    Folder(folder, sources)
}

impl Folder {
    fn with(mut self, environment: &[(&str, &str)], set: &[&str]) -> Folder {
        self.1.environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.1.set = set.iter().map(|s| (*s).to_owned()).collect();
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load(&self) -> Loaded {
        load(&self.1).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Key and message of each problem.
    fn problems(&self) -> Vec<String> {
        let problems = load(&self.1).expect_err("loads although it should not").0;
        problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
    }

    fn problem(&self) -> String {
        let problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems[0].clone()
    }

    /// Everything that a user would see of the problems.
    fn report(&self) -> String {
        load(&self.1).expect_err("loads although it should not").to_string()
    }
}

#[test]
fn without_a_file_everything_is_at_its_default() {
    let empty = tempfile::tempdir().unwrap();
    let loaded = load(&Sources { folder: empty.path().to_owned(), ..Sources::default() }).unwrap();
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!((loaded.file, loaded.origins.len()), (None, 0));
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let file = "[run]\nmemory = \"64 MiB\"\ncommit_records = 10\nworkers = 1\n";
    let environment = [("COPYDESK__RUN__COMMIT_RECORDS", "20"), ("COPYDESK__RUN__WORKERS", "2"), ("HOME", "/root")];
    let loaded = folder(file).with(&environment, &["run.workers=3"]).load();
    let run = &loaded.settings.run;
    assert_eq!((run.workers, run.commit_records, run.memory), (Some(3), 20, 64 << 20));
    assert_eq!(run.watchdog, Run::default().watchdog);
    assert_eq!(loaded.origins["run.workers"], Place::Flag);
    assert_eq!(loaded.origins["run.commit_records"].to_string(), "COPYDESK__RUN__COMMIT_RECORDS");
    assert!(loaded.origins["run.memory"].to_string().ends_with("copydesk.toml:2"));
}

#[test]
fn the_file_is_the_named_one_else_that_of_the_environment_else_the_one_that_is_there() {
    let folder = folder("[kafka]\ngroup = \"here\"");
    for name in ["named", "variable"] {
        std::fs::write(folder.path().join(format!("{name}.toml")), format!("[kafka]\ngroup = \"{name}\"")).unwrap();
    }
    let group = |sources: &Sources| load(sources).unwrap().settings.kafka.group;
    let mut sources = folder.1.clone();
    assert_eq!(group(&sources), "here");
    sources.environment.insert("COPYDESK_CONFIG".into(), "variable.toml".into());
    assert_eq!(group(&sources), "variable");
    sources.file = Some("named.toml".into());
    assert_eq!(group(&sources), "named");
    sources.file = Some("absent.toml".into());
    assert!(load(&sources).unwrap_err().to_string().contains("absent.toml: cannot read this file"));
}

#[test]
fn every_problem_is_reported_at_once() {
    let folder = folder(
        "[kafka]\nbrokres = \"kafka:9092\"\nsession_timeout = \"24hours\"\n[run]\nmemory = 96\ndelivery = \"exactly-once\"\n\
         [topics]\ndead = \"articles.raw\"\n",
    )
    .with(&[("COPYDESK__DEDUPE__WINDW", "1h")], &["http.listen=:9464"]);
    assert_eq!(
        folder.problems(),
        [
            "kafka.brokres: unknown key; did you mean brokers?",
            "kafka.session_timeout: unknown unit \"hours\"; write \"24h\"",
            "run.memory: a whole number cannot stand here; write a size from \"16 MiB\" to \"64 GiB\"",
            "run.delivery: \"exactly-once\" is not known; did you mean \"exactly_once\"?",
            "topics.dead: \"articles.raw\" is topics.raw already; every topic needs a name of its own",
            "dedupe.windw: unknown key; did you mean window?",
            "http.listen: \":9464\" names no address; write \"0.0.0.0:9464\", or \"off\"",
        ]
    );
}

#[test]
fn unknown_names_say_what_was_meant_or_where_it_belongs() {
    let cases = [
        ("[kafak]\nbrokers = \"a\"", "kafak: unknown section; did you mean [kafka]?"),
        ("brokers = \"a\"", "brokers: stands in no section; write it under [kafka]"),
        ("kafka = 3", "kafka: a section; write [kafka]"),
        ("[run]\nbrokers = \"a\"", "run.brokers: unknown key; brokers belongs under [kafka]"),
        ("[http]\nport = 1", "http.port: unknown key; [http] has listen, desk"),
        ("[decode]\nfields = 3", "decode.fields: a table; write [decode.fields]"),
        ("[decode.fields]\nheadlin = \"title\"", "decode.fields.headlin: unknown key; did you mean headline?"),
        (
            "[kafka.brokers]\na = 1",
            "kafka.brokers: a table cannot stand here; write text, such as \"kafka-1:9092,kafka-2:9092\"",
        ),
    ];
    for (toml, expected) in cases {
        assert_eq!(folder(toml).problem(), expected);
    }
    let unknown_variable = folder("").with(&[("COPYDESK__KAFKA", "x")], &[]).problem();
    assert_eq!(unknown_variable, "kafka: a section; write [kafka]");
    assert_eq!(
        folder("").with(&[], &["kafka.group"]).problem(),
        "kafka.group: no value; write --set section.key=value"
    );
}

#[test]
fn a_file_that_is_no_toml_is_reported_with_what_else_is_wrong() {
    let folder = folder("[kafka]\nbrokers = \ngruop = \"x\"\n");
    let report = folder.report();
    assert!(report.contains("copydesk.toml:2:"), "{report}");
    assert!(report.contains("did you mean group?"), "{report}");
    assert!(report.ends_with("2 problems in the configuration; nothing was started"), "{report}");
    std::fs::write(folder.path().join("copydesk.toml"), b"[kafka]\ngroup = \"\xff\"").unwrap();
    assert!(folder.problem().ends_with("line 2 is not UTF-8; save the file as UTF-8"));
    std::fs::write(folder.path().join("copydesk.toml"), "#".repeat((1 << 20) + 1)).unwrap();
    assert!(folder.problem().contains("larger than 1 MiB"));
}

#[test]
fn values_of_every_kind_are_read() {
    let folder = folder(
        "[kafka]\nca_file = \"ca.pem\"\nsecurity = \"ssl\"\nstart = \"latest\"\n\
         [kafka.client]\n\"client.rack\" = \"a\"\nlinger.ms = 5\n\
         [run]\nreject_limit = \"off\"\nworkers = 4\n\
         [topics]\nreplication = 3\nretention = \"30d\"\n\
         [decode.fields]\nheadline = [\"title\", \"meta.title\"]\nbyline = \"author\"\n\
         [fetch]\nenabled = true\nallow = [\"intranet:8080\"]\nmax_packed = \"1 MB\"\n\
         [http]\nlisten = \"off\"\n[clean]\nmin_words = 0\n",
    );
    std::fs::write(folder.path().join("ca.pem"), "x").unwrap();
    let settings = folder.load().settings;
    assert_eq!(settings.kafka.ca_file, Some(folder.path().join("ca.pem")), "relative to the file");
    assert_eq!((settings.kafka.start, settings.kafka.security), (Start::Latest, Security::Ssl));
    assert_eq!(settings.kafka.client["client.rack"], "a");
    assert_eq!(settings.kafka.client["linger.ms"], "5");
    assert_eq!((settings.run.reject_limit, settings.run.workers), (None, Some(4)));
    assert_eq!((settings.topics.replication, settings.topics.retention.as_secs()), (Some(3), 30 * 86_400));
    assert_eq!(settings.decode.fields[&RawField::Headline], ["title", "meta.title"]);
    assert_eq!(settings.decode.fields[&RawField::Byline], ["author"]);
    assert_eq!(settings.decode.fields[&RawField::Id], ["id"], "others keep their default");
    assert_eq!((settings.fetch.enabled, settings.fetch.max_packed), (true, 1_000_000));
    assert_eq!(settings.fetch.allow, ["intranet:8080"]);
    assert_eq!((settings.http.listen, settings.clean.min_words), (None, 0));
}

#[test]
fn the_environment_reaches_every_kind_and_table() {
    let environment = [
        ("COPYDESK__KAFKA__BROKERS", "a:1,b:2"),
        ("COPYDESK__KAFKA__CLIENT__CLIENT_RACK", "b"),
        ("COPYDESK__DECODE__FIELDS__HEADLINE", "title, meta.title"),
        ("COPYDESK__FETCH__ENABLED", "true"),
        ("COPYDESK__RUN__WORKERS", "2"),
        ("COPYDESK__RUN__REJECT_LIMIT", "12.5%"),
        ("COPYDESK__HTTP__LISTEN", "127.0.0.1:0"),
        ("POD_NAME", "copydesk-7"),
        ("NOTIFY_SOCKET", "/run/systemd/notify"),
    ];
    let loaded = folder("").with(&environment, &[]).load();
    let settings = &loaded.settings;
    assert_eq!(settings.kafka.brokers, "a:1,b:2");
    assert_eq!(settings.kafka.client["client.rack"], "b");
    assert_eq!(settings.decode.fields[&RawField::Headline], ["title", "meta.title"]);
    assert_eq!((settings.fetch.enabled, settings.run.workers, settings.run.reject_limit), (true, Some(2), Some(0.125)));
    assert_eq!(settings.http.listen.map(|a| a.port()), Some(0));
    assert_eq!((settings.kafka.instance.as_deref(), settings.kafka.pod.as_deref()), (None, Some("copydesk-7")));
    assert_eq!(settings.run.notify_socket.as_deref(), Some("/run/systemd/notify"));
}

#[test]
fn a_variable_with_single_underscores_is_a_slip_and_those_of_kubernetes_are_not() {
    let kubernetes =
        [("COPYDESK_SERVICE_HOST", "10.0.0.1"), ("COPYDESK_PORT", "tcp://10.0.0.1:9464"), ("COPYDESK_CONFIG", "")];
    assert_eq!(folder("").with(&kubernetes, &[]).load().settings, Settings::default());
    assert_eq!(
        folder("").with(&[("COPYDESK_KAFKA_BROKERS", "a:1")], &[]).problem(),
        "kafka.brokers: this variable has no effect; write COPYDESK__KAFKA__BROKERS"
    );
}

#[test]
fn values_out_of_range_and_of_the_wrong_type_say_what_to_write() {
    let cases = [
        ("[topics]\npartitions = 0", "topics.partitions: 0 is out of range; write a whole number from 1 to 10000"),
        ("[topics]\npartitions = -1", "topics.partitions: -1 is out of range; write a whole number from 1 to 10000"),
        (
            "[topics]\npartitions = \"12\"",
            "topics.partitions: a text cannot stand here; write a whole number from 1 to 10000",
        ),
        (
            "[topics]\npartitions = 1.5",
            "topics.partitions: a decimal number cannot stand here; write a whole number from 1 to 10000",
        ),
        ("[fetch]\nenabled = \"yes\"", "fetch.enabled: a text cannot stand here; write true or false, without quotes"),
        ("[dedupe]\nwindow = \"1s\"", "dedupe.window: \"1s\" is out of range; write a time from \"1m\" to \"365d\""),
        (
            "[run]\nreject_limit = \"0%\"",
            "run.reject_limit: \"0%\" is no share; write more than \"0%\" and at most \"100%\", or \"off\"",
        ),
        (
            "[run]\nreject_limit = 0.5",
            "run.reject_limit: a decimal number cannot stand here; write more than \"0%\" and at most \"100%\", or \"off\"",
        ),
        ("[kafka]\ngroup = \" \"", "kafka.group: empty; write text, such as \"copydesk\""),
        (
            "[kafka]\nassignor = \"sticky\"",
            "kafka.assignor: \"sticky\" is not known; write \"range\" or \"cooperative-sticky\"",
        ),
        (
            "[decode.fields]\nhtml = []",
            "decode.fields.html: an empty name; write a name such as \"html\" or a list of names",
        ),
        (
            "[decode.fields]\nhtml = \"a..b\"",
            "decode.fields.html: an empty name; write a name such as \"html\" or a list of names",
        ),
        (
            "[log]\nlevel = \"loud\"",
            "log.level: \"loud\" is no level; write error, warn, info, debug, trace, or a filter such as \"info,copydesk::kafka=debug\"",
        ),
        (
            "[kafka.client]\nacks = 1",
            "kafka.client.acks: cannot be set here: every replica must hold a message before it counts",
        ),
        (
            "[kafka.client]\nenable.idempotence = false",
            "kafka.client.enable.idempotence: cannot be set here: without it a retry could double or reorder messages",
        ),
        (
            "[kafka.client]\ndebug = [\"cgrp\"]",
            "kafka.client.debug: a property of librdkafka is text, a number or a boolean",
        ),
    ];
    for (toml, expected) in cases {
        assert_eq!(folder(toml).problem(), expected);
    }
}

#[test]
fn what_depends_on_a_value_that_cannot_be_read_is_not_judged() {
    let folder = folder("[kafka]\nsession_timeout = \"24hours\"\ntransaction_timeout = \"40s\"\n");
    assert_eq!(folder.problem(), "kafka.session_timeout: unknown unit \"hours\"; write \"24h\"");
}

#[test]
fn what_does_not_fit_together_is_shown_where_it_was_written() {
    let report = folder("[kafka]\n\ntransaction_timeout = \"40s\"\n").report();
    assert!(report.contains("copydesk.toml:3:23\n  3 | transaction_timeout = \"40s\"\n    |                       ^^^^^ kafka.transaction_timeout: \"40s\" must be less than kafka.session_timeout (\"30s\")"), "{report}");
    let report = folder("").with(&[("COPYDESK__RUN__WATCHDOG", "20s")], &[]).report();
    assert!(report.starts_with("COPYDESK__RUN__WATCHDOG\n  run.watchdog: "), "{report}");
}

#[test]
fn secrets_come_from_files_and_the_nearer_source_wins() {
    let folder = folder("[kafka]\nsecurity = \"sasl_ssl\"\nusername = \"desk\"\npassword_file = \"secret\"\n");
    std::fs::write(folder.path().join("secret"), "from the file \r\n").unwrap();
    let revealed = |folder: &Folder| folder.load().settings.kafka.password.unwrap().reveal().to_owned();
    assert_eq!(revealed(&folder), "from the file ");
    let folder = folder.with(&[("COPYDESK__KAFKA__PASSWORD", "from outside")], &[]);
    assert_eq!(revealed(&folder), "from outside");
    assert!(!folder.load().origins.contains_key("kafka.password_file"));

    let both = self::folder(
        "[kafka]\nsecurity = \"sasl_ssl\"\nusername = \"d\"\npassword = \"x\"\npassword_file = \"secret\"\n",
    );
    std::fs::write(both.path().join("secret"), "y").unwrap();
    assert_eq!(both.problem(), "kafka.password_file: kafka.password is set too; keep one of them");
    std::fs::write(both.path().join("secret"), "\n").unwrap();
    assert!(both.problem().ends_with("secret is empty"));
    assert!(self::folder("[kafka]\npassword_file = \"absent\"").problems()[0].contains("cannot read"));
}

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
    let local = include_str!("../../config/local.toml");
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
