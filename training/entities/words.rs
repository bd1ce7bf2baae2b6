//! The lexicon: for each form in the news its cluster, and how often a word has a capital. Clusters are spherical k-means over the
//! words' neighbours, in two levels: what is used alike gets the same number.

use std::collections::{BTreeMap, HashMap};

use copydesk::stage::meaning::entity::document::Document;
use copydesk::stage::meaning::entity::lexicon::{Entry, Lexicon};
use copydesk::stage::meaning::entity::model::Model;
use copydesk::stage::meaning::entity::tagger::tag;
use copydesk::stage::meaning::entity::token::tokens;
use copydesk::stage::meaning::entity::word::Case;

use crate::crf::Random;

/// Forms seen less often get no cluster.
const RAREST: u32 = 6;
/// Neighbours that are looked at: the most frequent words.
const NEIGHBOURS: usize = 1200;
/// Clusters of the first level, and parts of each.
const FIRST: usize = 64;
const PARTS: usize = 16;
/// Rounds of k-means.
const ROUNDS: usize = 10;

/// The lexicon's bytes, made of texts.
pub fn lexicon(texts: &[String]) -> Vec<u8> {
    let mut counts = Counts::default();
    texts.iter().for_each(|text| counts.take(text));
    let vocabulary = counts.vocabulary();
    eprintln!("{} texts, {} tokens, {} forms", texts.len(), counts.tokens, vocabulary.len());
    let vectors = vectors(texts, &vocabulary);
    let clusters = clusters(&vectors);
    let mut entries: BTreeMap<u32, Entry> = BTreeMap::new();
    for (form, cluster) in vocabulary.iter().zip(clusters) {
        entries.entry(Lexicon::key(form)).or_default().cluster = cluster;
    }
    for (lower, capitals) in counts.capitals() {
        entries.entry(Lexicon::key(&lower)).or_default().capitals = capitals;
    }
    Lexicon::write(&entries)
}

/// The lexicon with what a first tagger makes of the texts: self-labelling, of which only one byte a word is kept.
pub fn kinds(texts: &[String], model: &Model) -> Vec<u8> {
    let lexicon = model.lexicon();
    let mut tallies: [HashMap<u32, [f32; 5]>; 3] = Default::default();
    for text in texts {
        let tokens = tokens(text);
        let document = Document::new(text, &tokens, &lexicon);
        let names = tag(&document, model);
        let form = |at: usize| tokens.get(at).map(|t| Lexicon::key(&text[t.start..t.end]));
        let mut count = |which: usize, at: usize, kind: usize, share: f32| {
            if let Some(key) = form(at) {
                tallies[which].entry(key).or_default()[kind] += share;
            }
        };
        let mut named = vec![false; tokens.len()];
        for name in &names {
            (name.start..name.end).for_each(|at| count(0, at, name.kind, name.confidence));
            named[name.start..name.end].fill(true);
            if let Some(before) = name.start.checked_sub(1) {
                count(1, before, name.kind, name.confidence);
            }
            count(2, name.end, name.kind, name.confidence);
        }
        for (at, spot) in document.spots.iter().enumerate() {
            let plain = !named[at] && !spot.loud && !spot.opens && document.word(at).case.is_capital();
            if plain {
                count(0, at, 4, 1.0);
            }
        }
    }
    let mut entries: BTreeMap<u32, Entry> = lexicon.all().collect();
    for (which, tally) in tallies.iter().enumerate() {
        for (key, counts) in tally {
            let Some(byte) = mostly(counts) else { continue };
            let entry = entries.entry(*key).or_default();
            *[&mut entry.kind, &mut entry.leads, &mut entry.trails][which] = byte;
        }
    }
    Lexicon::write(&entries)
}

/// The most frequent kind and how large its share is; `None` where too little was seen.
fn mostly(counts: &[f32; 5]) -> Option<u8> {
    let sum: f32 = counts.iter().sum();
    let best = (0..5).max_by(|a, b| counts[*a].total_cmp(&counts[*b])).unwrap_or(4);
    let share = counts[best] / sum.max(1e-6);
    let bucket = [0.5, 0.7, 0.85, 0.95].iter().filter(|least| share >= **least).count() as u8;
    (sum >= 2.5).then_some(1 + best as u8 * 5 + bucket)
}

/// The tokens of a text, sentences in capitals left out.
fn quiet(text: &str) -> Vec<(&str, bool)> {
    let all: Vec<(&str, bool)> = tokens(text).iter().map(|t| (&text[t.start..t.end], t.opens)).collect();
    let mut kept = Vec::with_capacity(all.len());
    for sentence in all.chunk_by(|_, next| !next.1) {
        let upper = sentence.iter().filter(|(token, _)| Case::of(token) == Case::Upper).count();
        let words = sentence.iter().filter(|(token, _)| token.chars().any(char::is_alphabetic)).count();
        if upper * 2 <= words {
            kept.extend_from_slice(sentence);
        }
    }
    kept
}

/// How often forms were seen, and lower forms as small, title and upper inside sentences.
#[derive(Default)]
struct Counts {
    forms: HashMap<String, u32>,
    written: HashMap<String, [u32; 3]>,
    tokens: usize,
}

impl Counts {
    fn take(&mut self, text: &str) {
        for (token, opens) in quiet(text) {
            self.tokens += 1;
            *self.forms.entry(token.to_owned()).or_default() += 1;
            let place = match Case::of(token) {
                Case::Small => 0,
                Case::Title | Case::Mixed | Case::Initial if !opens => 1,
                Case::Upper => 2,
                _ => continue,
            };
            let lower = token.to_lowercase();
            self.written.entry(lower.trim_end_matches('.').to_owned()).or_default()[place] += 1;
        }
    }

    fn vocabulary(&self) -> Vec<String> {
        let often =
            self.forms.iter().filter(|(form, count)| **count >= RAREST && form.chars().any(char::is_alphabetic));
        let mut forms: Vec<(&String, &u32)> = often.collect();
        forms.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        forms.into_iter().map(|(form, _)| form.clone()).collect()
    }

    fn capitals(&self) -> Vec<(String, u8)> {
        let known = self.written.iter().filter(|(_, counts)| counts.iter().sum::<u32>() >= 4);
        known
            .map(|(lower, [small, title, upper])| {
                let all = small + title + upper;
                let bucket = if upper * 10 > all * 6 { 9 } else { 1 + ((title + upper) * 7).div_ceil(all) };
                (lower.clone(), bucket as u8)
            })
            .collect()
    }
}

/// Positive pointwise mutual information of each form with frequent words one and two places away, length 1.
fn vectors(texts: &[String], vocabulary: &[String]) -> Vec<Vec<(u32, f32)>> {
    let index: HashMap<&str, u32> = vocabulary.iter().zip(0..).map(|(form, at)| (form.as_str(), at)).collect();
    let mut lower: HashMap<String, u32> = HashMap::new();
    for text in texts {
        quiet(text).iter().for_each(|(token, _)| *lower.entry(token.to_lowercase()).or_default() += 1);
    }
    let mut frequent: Vec<(String, u32)> = lower.into_iter().collect();
    frequent.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let neighbours: HashMap<String, u32> =
        frequent.into_iter().take(NEIGHBOURS).zip(0..).map(|((word, _), at)| (word, at)).collect();
    let mut pairs: Vec<HashMap<u32, f32>> = vec![HashMap::new(); vocabulary.len()];
    for text in texts {
        let tokens = quiet(text);
        let own: Vec<Option<u32>> = tokens.iter().map(|(token, _)| index.get(token).copied()).collect();
        let near: Vec<Option<u32>> =
            tokens.iter().map(|(token, _)| neighbours.get(&token.to_lowercase()).copied()).collect();
        for at in 0..tokens.len() {
            let Some(form) = own[at] else { continue };
            for (slot, step) in [-2isize, -1, 1, 2].into_iter().enumerate() {
                let other = at.checked_add_signed(step).and_then(|at| near.get(at).copied().flatten());
                if let Some(other) = other {
                    *pairs[form as usize].entry(slot as u32 * NEIGHBOURS as u32 + other).or_default() += 1.0;
                }
            }
        }
    }
    let mut columns: HashMap<u32, f32> = HashMap::new();
    let mut total = 0.0f64;
    for (column, count) in pairs.iter().flatten() {
        *columns.entry(*column).or_default() += count;
        total += f64::from(*count);
    }
    pairs.into_iter().map(|row| weigh(row, &columns, total as f32)).collect()
}

fn weigh(row: HashMap<u32, f32>, columns: &HashMap<u32, f32>, total: f32) -> Vec<(u32, f32)> {
    let sum: f32 = row.values().sum();
    let mut vector: Vec<(u32, f32)> = row
        .into_iter()
        .filter_map(|(column, count)| {
            let expected = sum * columns.get(&column)? / total;
            // a count of one is discounted: it tells little
            let information = ((count - 0.4) / expected.max(0.05)).ln();
            (information > 0.0).then_some((column, information))
        })
        .collect();
    vector.sort_unstable_by_key(|(column, _)| *column);
    let length = vector.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(1e-6);
    vector.iter_mut().for_each(|(_, value)| *value /= length);
    vector
}

/// A number from 1 for each vector: first level times [`PARTS`] plus the part.
fn clusters(vectors: &[Vec<(u32, f32)>]) -> Vec<u16> {
    let all: Vec<usize> = (0..vectors.len()).collect();
    let first = k_means(vectors, &all, FIRST);
    let mut numbers = vec![0u16; vectors.len()];
    for cluster in 0..FIRST {
        let members: Vec<usize> = all.iter().copied().filter(|at| first[*at] == cluster).collect();
        let parts = k_means(vectors, &members, PARTS.min(members.len() / 20 + 1));
        for (member, part) in members.iter().zip(parts) {
            numbers[*member] = (PARTS * (cluster + 1) + part) as u16;
        }
    }
    numbers
}

/// Spherical k-means over some of the vectors.
fn k_means(vectors: &[Vec<(u32, f32)>], members: &[usize], k: usize) -> Vec<usize> {
    let width = 4 * NEIGHBOURS;
    let mut random = Random(7);
    let mut labels: Vec<usize> = members.iter().map(|_| random.below(k)).collect();
    for round in 0..ROUNDS {
        let mut centres = vec![0.0f32; width * k];
        if round == 0 {
            // begins from single, frequent members
            for cluster in 0..k {
                let seed = members.get(random.below(members.len().min(40 * k))).copied().unwrap_or(0);
                vectors[seed].iter().for_each(|(column, value)| centres[*column as usize * k + cluster] = *value);
            }
        } else {
            for (member, label) in members.iter().zip(&labels) {
                vectors[*member].iter().for_each(|(column, value)| centres[*column as usize * k + label] += value);
            }
        }
        let mut lengths = vec![0.0f32; k];
        centres
            .chunks(k)
            .for_each(|row| row.iter().zip(&mut lengths).for_each(|(value, length)| *length += value * value));
        for row in centres.chunks_mut(k) {
            row.iter_mut().zip(&lengths).for_each(|(value, length)| *value /= length.sqrt().max(1e-6));
        }
        for (member, label) in members.iter().zip(&mut labels) {
            let mut near = vec![0.0f32; k];
            for (column, value) in &vectors[*member] {
                let row = &centres[*column as usize * k..][..k];
                near.iter_mut().zip(row).for_each(|(near, centre)| *near += value * centre);
            }
            *label = (0..k).max_by(|a, b| near[*a].total_cmp(&near[*b])).unwrap_or(0);
        }
    }
    labels
}
