//! The words of settings that are one of a few.

use super::kind::Words;
use super::{
    Assignor, DedupeMode, Delivery, Format, LogFormat, Meaning, OnLostOffset, SaslMechanism, Security, Stages, Start,
};

impl Words for Start {
    const WORDS: &'static [(&'static str, Self)] = &[("earliest", Start::Earliest), ("latest", Start::Latest)];
}

impl Words for OnLostOffset {
    const WORDS: &'static [(&'static str, Self)] =
        &[("stop", OnLostOffset::Stop), ("earliest", OnLostOffset::Earliest), ("latest", OnLostOffset::Latest)];
}

impl Words for Assignor {
    const WORDS: &'static [(&'static str, Self)] =
        &[("range", Assignor::Range), ("cooperative-sticky", Assignor::CooperativeSticky)];
}

impl Words for Security {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("plaintext", Security::Plaintext),
        ("ssl", Security::Ssl),
        ("sasl_ssl", Security::SaslSsl),
        ("sasl_plaintext", Security::SaslPlaintext),
    ];
}

impl Words for SaslMechanism {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("scram_sha_512", SaslMechanism::ScramSha512),
        ("scram_sha_256", SaslMechanism::ScramSha256),
        ("plain", SaslMechanism::Plain),
        ("oauthbearer", SaslMechanism::Oauthbearer),
    ];
}

impl Words for Delivery {
    const WORDS: &'static [(&'static str, Self)] =
        &[("exactly_once", Delivery::ExactlyOnce), ("at_least_once", Delivery::AtLeastOnce)];
}

impl Words for Stages {
    const WORDS: &'static [(&'static str, Self)] =
        &[("dedupe,clean,extract", Stages::All), ("dedupe,clean", Stages::DedupeClean), ("extract", Stages::Extract)];
}

impl Words for DedupeMode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("on", DedupeMode::On), ("mark", DedupeMode::Mark), ("off", DedupeMode::Off)];
}

impl Words for LogFormat {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];
}

impl Words for Format {
    const WORDS: &'static [(&'static str, Self)] = &[("copydesk", Format::Copydesk), ("ninjs", Format::Ninjs)];
}

impl Words for Meaning {
    const WORDS: &'static [(&'static str, Self)] = &[("on", Meaning::On), ("off", Meaning::Off)];
}
