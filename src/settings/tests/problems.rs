//! What is said when something is wrong.

use super::*;

#[test]
fn every_problem_is_reported_at_once() {
    let folder = folder(
        "[kafka]\nbrokres = \"kafka:9092\"\nsession_timeout = \"24hours\"\n[run]\nmemory = 96\ndelivery = \"exactly-once\"\n\
         [topics]\ndead = \"articles.raw\"\n",
    )
    .with(&[("COPYDESK__DEDUPE__WINDW", "1h")], &["http.listen=:9464", "http.desk=:9465"]);
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
            "http.desk: \":9465\" names no address; write \"127.0.0.1:9465\", or \"off\"",
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
