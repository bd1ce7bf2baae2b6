//! `[kafka]`: the cluster and this group's place in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// What a record needs besides its value: key, headers, batch overhead. Bytes.
pub const AROUND: u64 = 4096;

/// Where a group without committed offsets starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// At the oldest record.
    #[default]
    Earliest,
    /// At the next record.
    Latest,
}

/// What to do when the committed offset is gone from the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnLostOffset {
    /// Stop and say how to go on.
    #[default]
    Stop,
    /// Go on at the oldest record.
    Earliest,
    /// Go on at the next record.
    Latest,
}

/// How partitions are dealt to the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assignor {
    /// Everybody hands back everything first: no error in any rebalance storm measured.
    #[default]
    Range,
    /// Only what moves is handed back.
    CooperativeSticky,
}

/// How the brokers are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// No encryption, no login.
    #[default]
    Plaintext,
    /// TLS, with a client certificate where one is set.
    Ssl,
    /// TLS and a login.
    SaslSsl,
    /// A login in clear text; only with `insecure_sasl_plaintext = true`.
    SaslPlaintext,
}

/// How the login is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaslMechanism {
    /// SCRAM-SHA-512
    #[default]
    ScramSha512,
    /// SCRAM-SHA-256
    ScramSha256,
    /// PLAIN
    Plain,
    /// OAUTHBEARER
    Oauthbearer,
}

impl SaslMechanism {
    /// Kafka's name of it.
    pub fn name(self) -> &'static str {
        match self {
            SaslMechanism::ScramSha512 => "SCRAM-SHA-512",
            SaslMechanism::ScramSha256 => "SCRAM-SHA-256",
            SaslMechanism::Plain => "PLAIN",
            SaslMechanism::Oauthbearer => "OAUTHBEARER",
        }
    }
}

/// `[kafka]`: the cluster and this group's place in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kafka {
    /// `host:port`, several separated by commas.
    pub brokers: String,
    /// Consumer group. A new group publishes everything again.
    pub group: String,
    /// Name of this worker in the group, for `transactional.id` and `group.instance.id`.
    pub instance: Option<String>,
    /// The pod's name (POD_NAME), which serves for `transactional.id` where no instance is set. Not for static membership:
    /// a pod that is gone for good would keep its partitions until the session ends.
    pub pod: Option<String>,
    /// Where a group without committed offsets starts.
    pub start: Start,
    /// What to do when the committed offset is gone.
    pub on_lost_offset: OnLostOffset,
    /// How partitions are dealt.
    pub assignor: Assignor,
    /// How the brokers are spoken to.
    pub security: Security,
    /// How the login is made.
    pub sasl_mechanism: SaslMechanism,
    /// Login name.
    pub username: Option<String>,
    /// Login password; `password_file` reads it from a file.
    pub password: Option<Secret>,
    /// File that holds the token of a login by OAUTHBEARER; read again each time one is needed.
    pub oauth_token_file: Option<PathBuf>,
    /// CA certificates, PEM.
    pub ca_file: Option<PathBuf>,
    /// Client certificate, PEM.
    pub certificate_file: Option<PathBuf>,
    /// Client key, PEM.
    pub key_file: Option<PathBuf>,
    /// Password of the client key; `key_password_file` reads it from a file.
    pub key_password: Option<Secret>,
    /// Allows a login without TLS.
    pub insecure_sasl_plaintext: bool,
    /// A silent member is dropped after this long.
    pub session_timeout: Duration,
    /// An open transaction is aborted by the broker after this long: bounds how long a crash holds readers back.
    pub transaction_timeout: Duration,
    /// Bounds every hanging request: librdkafka's own 60 s would stall a worker that long.
    pub socket_timeout: Duration,
    /// Largest message this worker sends, in bytes; the output topics must allow it.
    pub max_message: u64,
    /// Passed to librdkafka as they are; keys this program depends on are refused.
    pub client: BTreeMap<String, String>,
}

impl Kafka {
    /// The name by which this worker is known again after a restart, where it has one.
    pub fn worker(&self) -> Option<&str> {
        self.instance.as_deref().or(self.pod.as_deref())
    }

    /// Largest value of a message, in bytes, on a topic that takes all that this worker sends.
    pub fn max_value(&self) -> usize {
        usize::try_from(self.max_message.saturating_sub(AROUND)).unwrap_or(usize::MAX)
    }
}

impl Default for Kafka {
    fn default() -> Self {
        Kafka {
            brokers: "localhost:9092".into(),
            group: "copydesk".into(),
            instance: None,
            pod: None,
            start: Start::default(),
            on_lost_offset: OnLostOffset::default(),
            assignor: Assignor::default(),
            security: Security::default(),
            sasl_mechanism: SaslMechanism::default(),
            username: None,
            password: None,
            oauth_token_file: None,
            ca_file: None,
            certificate_file: None,
            key_file: None,
            key_password: None,
            insecure_sasl_plaintext: false,
            session_timeout: Duration::from_secs(30),
            transaction_timeout: Duration::from_secs(15),
            socket_timeout: Duration::from_secs(8),
            max_message: 8 << 20,
            client: BTreeMap::new(),
        }
    }
}
