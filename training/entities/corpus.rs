//! The labelled sets and the unlabelled news, read from the data folder. Which set may be trained on is decided here, once.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Error};
use std::path::{Path, PathBuf};

use copydesk::stage::meaning::entity::word::Case;
use flate2::read::GzDecoder;
use serde_json::Value;

/// Labels that are allowed at a token, one bit each.
pub type Allowed = u16;
/// No name.
pub const NONE: Allowed = 1;

/// Tokens of one document with what is known of their labels.
#[derive(Debug, Clone, Default)]
pub struct Labelled {
    pub tokens: Vec<String>,
    pub opens: Vec<bool>,
    pub allowed: Vec<Allowed>,
    /// The set it is from.
    pub set: &'static str,
    /// How much a mistake counts.
    pub weight: f32,
}

/// A labelled set: what its types are called here, whether its documents span sentences, how much it counts.
struct Set {
    file: &'static str,
    whole_documents: bool,
    has_misc: bool,
    weight: f32,
}

const fn set(file: &'static str, whole_documents: bool, has_misc: bool, weight: f32) -> Set {
    Set { file, whole_documents, has_misc, weight }
}

/// What is trained on beside wikigold. conll03_testa is not here and must never be: it only measures.
const TRAINED: [Set; 6] = [
    set("wnut17_train", false, true, 0.3),
    set("wnut17_dev", false, true, 0.3),
    set("crossner_politics_train", false, true, 1.0),
    set("crossner_politics_dev", false, true, 1.0),
    set("uner_ewt", true, false, 1.0),
    set("btc", false, false, 0.3),
];

/// The sets that are always trained on.
pub fn trained(data: &Path) -> Result<Vec<Labelled>, Error> {
    let sets: Result<Vec<Vec<Labelled>>, Error> = TRAINED.iter().map(|set| read(data, set)).collect();
    Ok(sets?.concat())
}

/// wikigold, for training and for cross-validation.
pub fn wikigold(data: &Path) -> Result<Vec<Labelled>, Error> {
    read(data, &set("wikigold", true, true, 1.0))
}

/// conll03_testa: measuring only.
pub fn testa(data: &Path) -> Result<Vec<Labelled>, Error> {
    read(data, &set("conll03_testa", true, true, 0.0))
}

fn read(data: &Path, set: &Set) -> Result<Vec<Labelled>, Error> {
    let mut documents: Vec<Labelled> = Vec::new();
    let mut last = Value::Null;
    for row in rows(&data.join(format!("extract/ner/{}.jsonl.gz", set.file)))? {
        let known = set.whole_documents && row["doc"] == last && !documents.is_empty();
        if !known {
            documents.push(Labelled { set: set.file, weight: set.weight, ..Labelled::default() });
        }
        last = row["doc"].clone();
        let Some(document) = documents.last_mut() else { continue };
        let texts = |key: &str| row[key].as_array().cloned().unwrap_or_default();
        let mut opens = true;
        for (token, tag) in texts("tokens").iter().zip(texts("tags")) {
            let token = token.as_str().unwrap_or_default().to_owned();
            document.allowed.push(allowed(tag.as_str().unwrap_or("O"), &token, set.has_misc));
            document.opens.push(opens);
            opens &= !token.chars().any(char::is_alphanumeric);
            document.tokens.push(token);
        }
    }
    documents.iter_mut().for_each(begin_names);
    Ok(documents)
}

fn allowed(tag: &str, token: &str, has_misc: bool) -> Allowed {
    let kind = match tag.get(2..).unwrap_or("") {
        "PER" | "person" | "politician" => 0,
        "ORG" | "organisation" | "politicalparty" | "corporation" | "group" => 1,
        "LOC" | "location" | "country" => 2,
        "" if has_misc || !Case::of(token).is_capital() => return NONE,
        // the set has no such type: the token may be the name of something else
        "" => return NONE | 0b11 << 7,
        _ => 3,
    };
    1 << (1 + 2 * kind + u16::from(!tag.starts_with('B')))
}

/// An inside without a beginning becomes one.
fn begin_names(document: &mut Labelled) {
    for at in 0..document.allowed.len() {
        let label = document.allowed[at].trailing_zeros();
        let before = at.checked_sub(1).map_or(0, |before| document.allowed[before].trailing_zeros());
        if document.allowed[at].count_ones() == 1
            && label > 0
            && label % 2 == 0
            && before != label
            && before + 1 != label
        {
            document.allowed[at] = 1 << (label - 1);
        }
    }
}

/// News without labels: sources, and the fields that hold text.
const NEWS: [(&str, &[&str]); 9] = [
    ("clean/dev/naeb", &["title", "body"]),
    ("clean/dev/wcxb_dev", &["title", "body"]),
    ("dedupe/reuters/articles", &["title", "text"]),
    ("dedupe/synd-dev/articles", &["text"]),
    ("extract/topics/bbc", &["text"]),
    ("extract/quotes/polnear_train", &["text"]),
    ("extract/wire/polnear_meta", &["title", "text"]),
    ("extract/keywords/500N-KPCrowd-v1.1", &["text"]),
    ("extract/wire/reuters21578", &["title", "text"]),
];

/// All news texts of the data folder, each paragraph once. Only counts, clusters and weights of them may be kept.
pub fn news(data: &Path) -> Result<Vec<String>, Error> {
    let mut seen = HashSet::new();
    let mut texts = Vec::new();
    for (file, fields) in NEWS {
        for row in rows(&data.join(format!("{file}.jsonl.gz")))? {
            let parts = fields.iter().filter_map(|field| row[*field].as_str());
            let text = parts.collect::<Vec<_>>().join("\n\n");
            let kept: Vec<String> = paragraphs(&text).into_iter().filter(|line| seen.insert(line.clone())).collect();
            if !kept.is_empty() && !row["lang"].as_str().is_some_and(|lang| lang != "en") {
                texts.push(kept.join("\n"));
            }
        }
    }
    Ok(texts)
}

/// Paragraphs with their hard line ends taken out.
fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let hard = text.lines().filter(|line| line.len() > 50 && line.len() < 85).count() * 2 > text.lines().count();
    let parts: Vec<&str> = if hard { text.split("\n\n").collect() } else { text.lines().collect() };
    parts
        .iter()
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .collect()
}

/// The rows of a gzipped JSON Lines file.
pub fn rows(path: &PathBuf) -> Result<Vec<Value>, Error> {
    let file = File::open(path).map_err(|error| Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}
