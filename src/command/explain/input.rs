//! What `explain` is asked about: files, standard input, addresses, positions and samples, as raw records.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::super::demo::sample::samples;
use super::super::process::{blank, open};
use super::super::Exit;
use super::unread;
use crate::explain::record;
use crate::explain::words::count;
use crate::fetch::record::raw_record;
use crate::fetch::{Fate, Fetcher};
use crate::flow::handover;
use crate::kafka::reader::Reader;
use crate::letter;
use crate::record::{Position, Record};
use crate::settings::Settings;

/// Largest file read into memory, unpacked. Larger records die at once anyway.
const MAX_FILE: u64 = 256 << 20;

/// Records of one file explained without being asked for one by one.
const MANY: usize = 20;

/// One record.
#[derive(Debug, Clone)]
pub struct Input {
    /// How it is called in the explanation.
    pub name: String,
    /// The record.
    pub record: Record,
    /// Whether it is explained, or only remembered.
    pub asked: bool,
}

/// The records that `names` stand for.
pub fn read(names: &[String], line: Option<u64>, settings: &Settings) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for name in names {
        let position = name.parse::<Position>().ok().filter(|_| !Path::new(name).exists());
        match position {
            Some(position) => inputs.push(at(&position, settings)?),
            None if name.starts_with("http://") || name.starts_with("https://") => inputs.push(fetched(name, settings)?),
            None if name.contains("://") && !Path::new(name).exists() => {
                return Err(Exit::Usage.because(format!("{name} is no address of a page; http:// and https:// are fetched")));
            }
            None => inputs.extend(file(name, line)?),
        }
    }
    Ok(inputs)
}

/// The `n`th sample of the demo, and those before it.
pub fn sample(n: usize) -> anyhow::Result<Vec<Input>> {
    let samples = samples()?;
    if n == 0 || n > samples.len() {
        return Err(Exit::Usage.because(format!("there is no sample {n}; there are 1 to {}", samples.len())));
    }
    let inputs = samples.iter().take(n).enumerate().map(|(i, sample)| {
        let message = sample.message();
        let record = Record {
            position: None,
            key: message.key.map(Into::into),
            headers: message.headers,
            timestamp: None,
            raw: message.value.map(Into::into),
        };
        Input { name: format!("sample {}", i + 1), record, asked: i + 1 == n }
    });
    Ok(inputs.collect())
}

/// A file, or standard input: one record, one a line, a page, or a text.
fn file(name: &str, line: Option<u64>) -> anyhow::Result<Vec<Input>> {
    let mut bytes = Vec::new();
    let input = open(Path::new(name))?;
    input.take(MAX_FILE + 1).read_to_end(&mut bytes).with_context(|| format!("reading {name}"))?;
    if bytes.len() as u64 > MAX_FILE {
        let text = format!("{name} has more than {} MiB; cut out the record: sed -n Np {name}", MAX_FILE >> 20);
        return Err(Exit::Io.because(text));
    }
    if !lines(&bytes) {
        if line.is_some_and(|n| n > 1) {
            return Err(Exit::Usage.because(format!("{name} is one record, so --line has no meaning")));
        }
        let content_type = content_type(&bytes);
        return Ok(vec![Input { name: name.to_owned(), record: record(bytes, content_type), asked: true }]);
    }
    let all: Vec<&[u8]> = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end).collect();
    pick(name, &all, line)
}

/// The records of a file of many: the one on `line` after all above it, or every one where they are few. Blank lines are none.
fn pick(name: &str, lines: &[&[u8]], line: Option<u64>) -> anyhow::Result<Vec<Input>> {
    let numbered = || (1..).zip(lines).filter(|(_, line)| !blank(line));
    let records = numbered().count();
    let last = match line {
        Some(asked) if !numbered().any(|(n, _)| n == asked) => {
            return Err(Exit::Usage.because(format!("{name} has {}, and none in line {asked}", count(records, "record"))));
        }
        Some(asked) => asked,
        None if records > MANY => {
            return Err(Exit::Usage.because(format!("{name} has {records} records; say which one: --line N")));
        }
        None => u64::MAX,
    };
    let inputs = numbered().take_while(|(n, _)| *n <= last).map(|(n, bytes)| Input {
        name: if records == 1 { name.to_owned() } else { format!("{name}:{n}") },
        record: record(bytes.to_vec(), Some("application/json")),
        asked: line.is_none_or(|asked| asked == n),
    });
    Ok(inputs.collect())
}

/// Whether a file holds one record a line: its first line is whole JSON. A record may also be spread over many lines.
fn lines(bytes: &[u8]) -> bool {
    let first = bytes.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    first.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(first).is_ok()
}

/// What a file is that is no JSON: a page when it begins like one, a text when it is text, else decode shall say.
fn content_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes.trim_ascii_start().first() {
        Some(b'{' | b'[' | b'<') | None => None,
        Some(_) if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) => Some("text/plain"),
        Some(_) => None,
    }
}

/// The page at an address, as the fetch stage would write it: under the same guard, within the same limits.
fn fetched(url: &str, settings: &Settings) -> anyhow::Result<Input> {
    let fetcher = Fetcher::new(&settings.fetch)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let page = runtime.block_on(fetcher.fetch(url, settings.fetch.attempts)).map_err(|error| match error.fate() {
        Fate::Retry => Exit::Io.because(format!("the page could not be fetched: {error}")),
        Fate::Dead => Exit::No.because(format!("this is not fetched: {error}")),
    })?;
    let link = Map::from_iter([("url".to_owned(), Value::from(url))]);
    let name = page.final_url.clone();
    let raw = raw_record(&link, page, &jiff::Timestamp::now().to_string());
    Ok(Input { name, record: record(raw, Some("application/json")), asked: true })
}

/// The raw record at a position. Of a dead letter it is the record as it was; of an outcome, the record it came from.
fn at(position: &Position, settings: &Settings) -> anyhow::Result<Input> {
    let reader = Reader::new(&settings.kafka).map_err(unread)?;
    let found = reader.at(position).map_err(unread)?;
    let topics = &settings.topics;
    let topic = &*position.topic;
    let from = letter::read(&found.headers).topic;
    if from.as_ref() == Some(&topics.cleaned) || topic == topics.cleaned {
        let found = if from.is_some() { letter::original(&found) } else { found };
        let handed = handover::read(&found, &settings.decode).map_err(|why| Exit::No.because(format!("{position}: {}", why.detail)))?;
        let origin = handed.from.position.ok_or_else(|| Exit::No.because(format!("{position} names no raw record")))?;
        let record = reader.at(&origin).map_err(unread)?;
        return Ok(Input { name: format!("{origin}, the record behind {position}"), record, asked: true });
    }
    if topic == topics.dead || from.is_some() {
        return Ok(Input { name: format!("{position}, a dead letter"), record: letter::original(&found), asked: true });
    }
    if topic == topics.enriched || topic == topics.duplicates {
        let origin = origin(found.raw.as_deref()).ok_or_else(|| {
            Exit::No.because(format!("{position} is no outcome of copydesk: it does not say which record it came from"))
        })?;
        let record = reader.at(&origin).map_err(unread)?;
        return Ok(Input { name: format!("{origin}, the record behind {position}"), record, asked: true });
    }
    Ok(Input { name: position.to_string(), record: found, asked: true })
}

/// The position an outcome names as its origin.
pub(in crate::command) fn origin(value: Option<&[u8]>) -> Option<Position> {
    #[derive(serde::Deserialize)]
    struct Outcome {
        origin: crate::article::Origin,
    }
    let origin = serde_json::from_slice::<Outcome>(value?).ok()?.origin;
    Some(origin.position())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_is_seen_from_its_beginning() {
        assert!(lines(b"{\"id\":\"a\"}\n{\"id\":\"b\"}\n"));
        assert!(lines(b"{\"id\":\"a\"}\nthis line is broken\n"));
        assert!(!lines(b"{\n  \"id\": \"a\"\n}\n"));
        assert!(!lines(b"<html>\n</html>"));
        assert!(!lines(b"12\n13\n") && !lines(b""));
        assert_eq!(content_type(b"Korva, Monday"), Some("text/plain"));
        assert_eq!(content_type(b" <p>x"), None);
        assert_eq!(content_type(b"\xff\xd8\xff"), None);
    }

    #[test]
    fn the_line_asked_for_comes_after_all_above_it() {
        let lines: Vec<&[u8]> = vec![b"{}", b" ", b"{}", b"{}", b""];
        let picked = pick("f", &lines, Some(3)).unwrap();
        assert_eq!(picked.iter().map(|i| (i.name.as_str(), i.asked)).collect::<Vec<_>>(), [("f:1", false), ("f:3", true)]);
        assert!(pick("f", &lines, None).unwrap().iter().all(|input| input.asked));
        for none in [2, 6] {
            let text = format!("3 records, and none in line {none}");
            assert!(pick("f", &lines, Some(none)).unwrap_err().to_string().contains(&text));
        }
        assert!(pick("f", &vec![b"{}".as_slice(); 21], None).unwrap_err().to_string().contains("--line"));
    }

    #[test]
    fn an_outcome_names_its_record() {
        let value = br#"{"id":"a","origin":{"topic":"articles.raw","partition":2,"offset":11}}"#;
        assert_eq!(origin(Some(value)).unwrap().to_string(), "articles.raw/2/11");
        assert_eq!(origin(Some(b"{}")), None);
        assert_eq!(origin(None), None);
    }
}
