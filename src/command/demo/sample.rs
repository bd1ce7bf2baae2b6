//! The sample articles: fiction in the shapes that feeds and crawlers leave, each with the outcome it must have.

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use crate::kafka::mock::Plain;
use crate::outcome::OutcomeKind;

const SAMPLES: &str = include_str!("samples/samples.jsonl");

/// One sample: see `samples/README.md`.
#[derive(Debug, Deserialize)]
pub struct Sample {
    expect: Expect,
    key: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    value: Value,
    value_base64: Option<String>,
    #[serde(skip)]
    bytes: Option<Vec<u8>>,
}

#[derive(Debug, Deserialize)]
struct Expect {
    outcome: Wanted,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Enriched,
    Revision,
    Duplicate,
    Dead,
}

impl Sample {
    /// The message as a feed would send it.
    pub fn message(&self) -> Plain {
        let header = |(name, value): (&String, &String)| (name.clone(), Some(value.clone().into_bytes().into()));
        Plain {
            key: self.key.clone().map(String::into_bytes),
            value: self.bytes.clone(),
            headers: self.headers.iter().map(header).collect(),
        }
    }

    /// The outcome it must have.
    pub fn outcome(&self) -> OutcomeKind {
        match self.expect.outcome {
            Wanted::Enriched => OutcomeKind::Enriched,
            Wanted::Revision => OutcomeKind::Revision,
            Wanted::Duplicate => OutcomeKind::Duplicate,
            Wanted::Dead => OutcomeKind::Dead,
        }
    }
}

/// All samples, in order.
///
/// # Errors
/// When the file that is built in is not what it should be.
pub fn samples() -> anyhow::Result<Vec<Sample>> {
    let read = |(n, line): (usize, &str)| {
        let mut sample: Sample = serde_json::from_str(line).with_context(|| format!("sample {}", n + 1))?;
        sample.bytes = match (&sample.value_base64, &sample.value) {
            (Some(packed), _) => Some(STANDARD.decode(packed).with_context(|| format!("sample {}", n + 1))?),
            (None, Value::Null) => None,
            (None, Value::String(text)) => Some(text.clone().into_bytes()),
            (None, object) => Some(serde_json::to_vec(object)?),
        };
        Ok(sample)
    };
    SAMPLES.lines().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_reads_and_all_outcomes_occur() {
        let samples = samples().unwrap();
        assert_eq!(samples.len(), 48);
        for kind in OutcomeKind::ALL {
            assert!(samples.iter().any(|s| s.outcome() == kind), "{}", kind.name());
        }
    }
}
