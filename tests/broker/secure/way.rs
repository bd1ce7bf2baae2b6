//! Ways into the secured broker: the listeners, keys, users and tokens of `tests/kafka/secure.sh`; and its ACLs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cluster::Cluster;
use crate::desk::Desk;

/// The listeners, by what is added to the port of the plaintext one.
pub const LOGIN: u16 = 2;
pub const MUTUAL: u16 = 3;
pub const EXPIRED: u16 = 4;
pub const ELSEWHERE: u16 = 5;
pub const BRIEF: u16 = 6;
pub const TLS: u16 = 7;

/// A file of the broker's keys and certificates.
pub fn tls(name: &str) -> String {
    let data = std::env::var("KAFKA_DATA").expect("KAFKA_DATA names the broker's folder: run tests/broker.sh");
    let path = PathBuf::from(data).join("tls").join(name);
    assert!(path.is_file(), "{} is not there: run tests/broker.sh, which makes a secured broker", path.display());
    path.display().to_string()
}

/// The address of a listener.
pub fn at(listener: u16) -> String {
    let brokers = Cluster::from_env().brokers().to_owned();
    let (host, port) = brokers.split(',').next().unwrap().rsplit_once(':').unwrap();
    format!("{host}:{}", port.parse::<u16>().unwrap() + listener)
}

impl Desk {
    /// Goes in by TLS at a listener.
    pub fn by_tls(&mut self, listener: u16) {
        self.set("KAFKA__BROKERS", &at(listener));
        self.set("KAFKA__SECURITY", "ssl");
        self.set("KAFKA__CA_FILE", &tls("ca.crt"));
    }

    /// With a client certificate.
    pub fn certificate(&mut self, name: &str) {
        self.set("KAFKA__CERTIFICATE_FILE", &tls(&format!("{name}.crt")));
        self.set("KAFKA__KEY_FILE", &tls(&format!("{name}.key")));
    }

    /// Logs in with a password.
    pub fn by_password(&mut self, mechanism: &str, user: &str, password: &str) {
        self.by_tls(LOGIN);
        self.set("KAFKA__SECURITY", "sasl_ssl");
        self.set("KAFKA__SASL_MECHANISM", mechanism);
        self.set("KAFKA__USERNAME", user);
        self.set("KAFKA__PASSWORD", password);
    }

    /// Logs in with the token in `path`.
    pub fn by_token(&mut self, path: &Path) {
        self.by_tls(LOGIN);
        self.set("KAFKA__SECURITY", "sasl_ssl");
        self.set("KAFKA__SASL_MECHANISM", "oauthbearer");
        self.set("KAFKA__OAUTH_TOKEN_FILE", &path.display().to_string());
    }
}

/// A token without a signature for `user`, which lives for so many seconds from now on.
pub fn token(user: &str, seconds: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    let claims = serde_json::json!({"sub": user, "iat": now - 60, "exp": now + seconds});
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// What an ACL is about, with Kafka's number for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    Topic(String),
    Group(String),
    TransactionalId(String),
}

impl On {
    fn parts(&self) -> (i8, &str) {
        match self {
            On::Topic(name) => (2, name),
            On::Group(name) => (3, name),
            On::TransactionalId(name) => (5, name),
        }
    }
}

pub const READ: i8 = 3;
pub const WRITE: i8 = 4;
pub const CREATE: i8 = 5;

/// Grants a right to User:guest, on everything whose name begins so. rdkafka has no calls for ACLs; the protocol is short
/// (CreateAcls 1, DeleteAcls 1).
pub fn grant(on: &On, right: i8) {
    let mut body = 1_i32.to_be_bytes().to_vec();
    acl(&mut body, on);
    body.extend([right as u8, 3]); // allow
    ask(30, &body);
}

/// Takes it away again.
pub fn revoke(on: &On, right: i8) {
    let mut body = 1_i32.to_be_bytes().to_vec();
    acl(&mut body, on);
    body.extend([right as u8, 3]);
    ask(31, &body);
}

fn acl(body: &mut Vec<u8>, on: &On) {
    let (kind, name) = on.parts();
    body.push(kind as u8);
    text(body, name);
    body.push(4); // prefixed
    text(body, "User:guest");
    text(body, "*");
}

fn text(body: &mut Vec<u8>, text: &str) {
    body.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
    body.extend(text.as_bytes());
}

fn ask(api: i16, body: &[u8]) {
    let mut request = Vec::new();
    request.extend(api.to_be_bytes());
    request.extend(1_i16.to_be_bytes());
    request.extend(7_i32.to_be_bytes());
    text(&mut request, "test");
    request.extend(body);
    let mut stream = TcpStream::connect(at(0)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(&i32::try_from(request.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(&request).unwrap();
    let mut size = [0; 4];
    stream.read_exact(&mut size).unwrap();
    let mut answer = vec![0; u32::from_be_bytes(size) as usize];
    stream.read_exact(&mut answer).unwrap();
    // Correlation id, throttle time, one result with its error code first.
    assert_eq!(&answer[8..14], [0, 0, 0, 1, 0, 0], "{answer:?}");
}
