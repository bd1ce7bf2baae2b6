//! Articles out of files: a `.jsonl` or `.jsonl.gz` with one object a line, or a folder of pages.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The member `field` of every line, or every file of a folder. What is not UTF-8 is replaced.
pub fn texts(path: &str, field: &str) -> anyhow::Result<Vec<String>> {
    if Path::new(path).is_dir() {
        return folder(path);
    }
    let text = |line: &Value| line[field].as_str().unwrap_or_default().to_owned();
    Ok(lines(path)?.iter().map(text).filter(|text| !text.is_empty()).collect())
}

/// Every line of a file as an object.
pub fn lines(path: &str) -> anyhow::Result<Vec<Value>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {path}"))?;
    let mut text = String::new();
    if path.ends_with(".gz") {
        MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn folder(path: &str) -> anyhow::Result<Vec<String>> {
    let mut files = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    let read = |file| Ok(String::from_utf8_lossy(&fs::read(file)?).into_owned());
    files.iter().filter(|file| file.is_file()).map(read).collect()
}
