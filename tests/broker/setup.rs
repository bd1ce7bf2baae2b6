//! A cluster that is not as it must be, a print log with foreign bytes in it, links to be fetched.

use std::io::{Read, Write};
use std::net::TcpListener;

use copydesk::stage::dedupe::print::FORMAT;
use serde_json::json;

use super::articles::{article, fed, page};
use super::desk::Desk;
use super::oracle;

#[test]
fn missing_topics_are_named_with_the_command_that_makes_them() {
    let desk = Desk::bare("missing");
    let mut worker = desk.run();
    assert_eq!(worker.ended().0.code(), Some(78));
    assert!(worker.log().contains("copydesk topics --create"), "{}", worker.log());
    let checked = desk.output(&["check", "--connect"]);
    assert_eq!(checked.status.code(), Some(1));
}

#[test]
fn a_print_topic_set_up_wrongly_is_refused() {
    let mut desk = Desk::new("wrong");
    let append_time = ("message.timestamp.type", "LogAppendTime");
    let keeps_all = ("retention.ms", "-1");
    let wrong: [(&[(&str, &str)], &str); 3] = [
        (&[keeps_all], "message.timestamp.type"),
        (&[keeps_all, append_time, ("cleanup.policy", "compact")], "cleanup.policy"),
        (&[append_time, ("retention.ms", "3600000")], "retention.ms"),
    ];
    for (config, named) in wrong {
        let prints = desk.cluster.create_topic("wrong-prints", 1, config);
        desk.set("TOPICS__PRINTS", &prints);
        let mut worker = desk.run();
        assert_eq!(worker.ended().0.code(), Some(78), "{named}");
        let log = worker.log();
        assert!(log.contains(&format!("{prints}: {named} must be")), "{log}");
        assert_eq!(log.matches("must be").count(), 1, "{log}");
    }
}

#[test]
fn a_broker_that_is_away_is_said_and_ends_with_69() {
    let mut desk = Desk::bare("away");
    desk.set("KAFKA__BROKERS", "127.0.0.1:1");
    for arguments in [&["run", "--fail-fast"][..], &["check", "--connect"], &["topics"]] {
        let output = desk.output(arguments);
        assert_eq!(output.status.code(), Some(69), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("127.0.0.1:1"), "{arguments:?}");
    }
}

#[test]
fn foreign_bytes_in_the_print_log_are_passed_over_and_counted() {
    let desk = Desk::new("foreign");
    let prints = desk.topic("prints");
    desk.cluster.produce(&prints, None, Some(b"not a print"));
    desk.cluster.produce(&prints, None, None);
    desk.feed(&[article(1), article(2)]);
    let worker = desk.run();
    desk.wait_for(2);
    desk.cluster.produce(&prints, Some(b"k"), Some(&[0xcd, FORMAT, 2, 3]));
    desk.feed(&[article(3)]);
    desk.wait_for(3);
    assert_eq!(worker.metric("copydesk_prints_skipped_total", "damaged"), 3.0);
    worker.stop();
    assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 3);
}

#[test]
fn links_are_fetched_and_what_must_not_be_fetched_dies() {
    let mut desk = Desk::new("links");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 4096]);
            let body = page(5);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close";
            let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    desk.set("FETCH__ENABLED", "true");
    desk.set("FETCH__ALLOW", &address.to_string());
    let worker = desk.run();
    let links = [
        fed("a", json!({"id": "a", "url": format!("http://{address}/5")})),
        fed("b", json!({"id": "b", "url": "http://169.254.169.254/latest/meta-data"})),
    ];
    desk.cluster.feed(&desk.topic("links"), &links);
    desk.wait_for(1);
    worker.stop();
    let published = desk.cluster.read_all(&desk.topic("enriched"));
    assert_eq!(published.len(), 1);
    let dead = desk.cluster.read_all(&desk.topic("dead"));
    assert_eq!(dead.iter().map(|d| oracle::headers(d)["copydesk-reason"].clone()).collect::<Vec<_>>(), ["refused"]);
}
