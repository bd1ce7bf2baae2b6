//! Each way in: those that are right deliver; those that are wrong end in time, with a sentence that says what is wrong
//! and what to do, and without a secret.

use std::time::{Duration, Instant};

use super::way::{BRIEF, ELSEWHERE, EXPIRED, MUTUAL, TLS, at, tls, token};
use crate::articles::article;
use crate::cluster::eventually;
use crate::desk::{Desk, PATIENCE};
use crate::oracle;

/// One way in, and its name.
type Way = (&'static str, fn(&mut Desk));

#[test]
fn each_way_that_is_right_is_found_right_and_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, token("worker", 600)).unwrap();
    let ways: [Way; 6] = [
        ("tls", |desk| desk.by_tls(TLS)),
        ("mtls", |desk| {
            desk.by_tls(MUTUAL);
            desk.certificate("worker");
            desk.set("KAFKA__KEY_FILE", &tls("worker-locked.key"));
            desk.set("KAFKA__KEY_PASSWORD", "key-secret");
        }),
        ("scram-512", |desk| desk.by_password("scram_sha_512", "worker", "worker-secret")),
        ("scram-256", |desk| desk.by_password("scram_sha_256", "worker", "worker-secret")),
        ("plain", |desk| desk.by_password("plain", "worker", "worker-secret")),
        ("oauthbearer", |_| {}),
    ];
    for (name, way) in ways {
        let mut desk = Desk::new(&format!("way-{name}"));
        desk.feed(&[article(1), article(2)]);
        way(&mut desk);
        if name == "oauthbearer" {
            desk.by_token(&path);
        }
        let checked = desk.output(&["check", "--connect"]);
        assert!(checked.status.success(), "{name}: {}", said(&checked));
        let mut worker = desk.start(&["run", "--once"]);
        assert!(worker.ended().0.success(), "{name}: {}", worker.log());
        // Read by the plaintext listener, whose clients may do everything.
        assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 2, "{name}");
    }
}

/// A way that is wrong: what `check --connect` says of it, and its exit code.
struct Wrong {
    name: &'static str,
    way: fn(&mut Desk),
    says: &'static [&'static str],
    code: i32,
}

const WRONG_PASSWORD: &str = "c4nary-wrong-password";

const WRONG: [Wrong; 16] = [
    Wrong {
        name: "wrong password, SCRAM-SHA-512",
        way: |desk| desk.by_password("scram_sha_512", "worker", WRONG_PASSWORD),
        says: &["refuse the login of \"worker\"", "check kafka.username and kafka.password_file"],
        code: 78,
    },
    Wrong {
        name: "wrong password, SCRAM-SHA-256",
        way: |desk| desk.by_password("scram_sha_256", "worker", WRONG_PASSWORD),
        says: &["refuse the login of \"worker\""],
        code: 78,
    },
    Wrong {
        name: "wrong password, PLAIN",
        way: |desk| desk.by_password("plain", "worker", WRONG_PASSWORD),
        says: &["refuse the login of \"worker\"", "Invalid username or password"],
        code: 78,
    },
    Wrong {
        name: "unknown user",
        way: |desk| desk.by_password("scram_sha_512", "nobody", WRONG_PASSWORD),
        says: &["refuse the login of \"nobody\""],
        code: 78,
    },
    Wrong {
        name: "mechanism that is not enabled",
        way: |desk| {
            desk.by_password("plain", "worker", WRONG_PASSWORD);
            desk.set("KAFKA__BROKERS", &at(BRIEF));
        },
        says: &["take no logins by PLAIN, but by SCRAM-SHA-512,OAUTHBEARER; set kafka.sasl_mechanism"],
        code: 78,
    },
    Wrong {
        name: "login where none is taken",
        way: |desk| {
            desk.by_password("scram_sha_512", "worker", WRONG_PASSWORD);
            desk.set("KAFKA__BROKERS", &at(TLS));
        },
        says: &["take no logins at this port", "kafka.security"],
        code: 78,
    },
    Wrong {
        name: "CA that is not the broker's",
        way: |desk| {
            desk.by_tls(TLS);
            desk.set("KAFKA__CA_FILE", &tls("other-ca.crt"));
        },
        says: &["a CA that is not trusted (127.0.0.1:", "set kafka.ca_file"],
        code: 78,
    },
    Wrong {
        name: "certificate of another host",
        way: |desk| desk.by_tls(ELSEWHERE),
        says: &["a certificate of another host (127.0.0.1:", "kafka.brokers"],
        code: 78,
    },
    Wrong {
        name: "expired server certificate",
        way: |desk| desk.by_tls(EXPIRED),
        says: &["a certificate that has expired (127.0.0.1:", "must be renewed"],
        code: 78,
    },
    Wrong {
        name: "no client certificate",
        way: |desk| desk.by_tls(MUTUAL),
        says: &["ask for a client certificate; set kafka.certificate_file and kafka.key_file"],
        code: 78,
    },
    Wrong {
        name: "expired client certificate",
        way: |desk| {
            desk.by_tls(MUTUAL);
            desk.certificate("worker-expired");
        },
        says: &["refuse the client certificate: kafka.certificate_file expired on 2020-02-01"],
        code: 78,
    },
    Wrong {
        name: "client certificate of another CA",
        way: |desk| {
            desk.by_tls(MUTUAL);
            desk.certificate("worker-other");
        },
        says: &["refuse the client certificate of kafka.certificate_file", "check that its CA"],
        code: 78,
    },
    Wrong {
        name: "key of another certificate",
        way: |desk| {
            desk.by_tls(MUTUAL);
            desk.certificate("worker");
            desk.set("KAFKA__KEY_FILE", &tls("worker-other.key"));
        },
        says: &["kafka.key_file is not the key of kafka.certificate_file"],
        code: 78,
    },
    Wrong {
        name: "wrong key password",
        way: |desk| {
            desk.by_tls(MUTUAL);
            desk.certificate("worker");
            desk.set("KAFKA__KEY_FILE", &tls("worker-locked.key"));
            desk.set("KAFKA__KEY_PASSWORD", WRONG_PASSWORD);
        },
        says: &["kafka.key_password"],
        code: 78,
    },
    Wrong {
        name: "plaintext to a TLS port",
        way: |desk| desk.set("KAFKA__BROKERS", &at(TLS)),
        says: &["want TLS or a login at this port; check kafka.security"],
        code: 69,
    },
    Wrong {
        name: "TLS to a plaintext port",
        way: |desk| desk.by_tls(0),
        says: &["do not speak TLS at this port", "kafka.security"],
        code: 78,
    },
];

#[test]
fn each_way_that_is_wrong_is_said_for_what_it_is_in_time_and_without_the_secret() {
    // Side by side: each waits for the broker most of its time.
    std::thread::scope(|scope| {
        for wrong in &WRONG {
            scope.spawn(move || {
                let mut desk = Desk::bare("wrong");
                (wrong.way)(&mut desk);
                refused(wrong.name, &desk, wrong.says, wrong.code);
            });
        }
    });
}

#[test]
fn a_token_that_does_not_hold_is_said_for_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let expired = token("worker", -60);
    let cases: [(&str, &[&str]); 3] = [
        (&expired, &["were sent no token: the token in", "s ago; see to what renews that file"]),
        ("c4nary-opaque-token", &["refuse the token of kafka.oauth_token_file", "check who issues it"]),
        ("", &["holds no token"]),
    ];
    for (text, says) in cases {
        std::fs::write(&path, text).unwrap();
        let mut desk = Desk::bare("token");
        desk.by_token(&path);
        let all = refused("token", &desk, says, 78);
        assert!(text.is_empty() || !all.contains(text), "{all}");
    }
}

/// `check --connect` and `run --fail-fast` both end so; the secret is in neither.
fn refused(name: &str, desk: &Desk, says: &[&str], code: i32) -> String {
    let mut all = String::new();
    for verb in [&["check", "--connect"][..], &["run", "--fail-fast"]] {
        let begun = Instant::now();
        let output = desk.output(verb);
        let took = begun.elapsed();
        let text = said(&output);
        println!("{name}: {verb:?} {code} in {} ms: {}", took.as_millis(), text.lines().last().unwrap_or_default());
        assert_eq!(output.status.code(), Some(code), "{name}: {text}");
        let last = text.lines().last().unwrap_or_default();
        assert!(says.iter().all(|part| last.contains(part)), "{name}: {last}");
        assert!(!text.contains("c4nary"), "{name}: {text}");
        assert!(took < Duration::from_secs(25), "{name} took {took:?}");
        all.push_str(&text);
    }
    all
}

/// What a verb said on both streams.
pub fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

#[test]
fn logins_that_end_are_made_anew_from_a_token_that_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, token("worker", 12)).unwrap();
    let mut desk = Desk::new("renewed");
    desk.by_token(&path);
    // Every login lasts three seconds there, and the first token twelve.
    desk.set("KAFKA__BROKERS", &at(BRIEF));
    let worker = desk.run();
    desk.feed(&[article(1)]);
    desk.wait_for(1);
    std::fs::write(&path, token("worker", 600)).unwrap();
    let begun = Instant::now();
    for n in 2.. {
        desk.feed(&[article(n)]);
        desk.wait_for(n);
        if begun.elapsed() > Duration::from_secs(14) {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(500));
    }
    assert_eq!(worker.metric("copydesk_client_rebuilds_total", ""), 0.0, "{}", worker.log());
    worker.stop();
    oracle::read(&desk).exact(&desk);
}

#[test]
fn a_worker_whose_login_is_refused_goes_on_trying_says_so_and_delivers_once_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, token("worker", -5)).unwrap();
    let mut desk = Desk::new("mended");
    desk.by_token(&path);
    desk.feed(&[article(1)]);
    let worker = desk.run();
    eventually(PATIENCE, || {
        let ready = worker.get("/readyz");
        let log = worker.log();
        if ready.contains("503") && log.contains("see to what renews that file; trying again") {
            Ok(())
        } else {
            Err(log)
        }
    });
    std::fs::write(&path, token("worker", 600)).unwrap();
    desk.wait_for(1);
    worker.stop();
    assert_eq!(oracle::read(&desk).exact(&desk).published().len(), 1);
}
