//! Money, shares and days by rule against the wire stories of ieer_apw: exact spans.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use copydesk::stage::meaning::entity::found::Reader;
use copydesk::stage::meaning::entity::token::tokens;
use copydesk::stage::meaning::entity::{amount, day};

use crate::corpus::rows;

/// Prints precision, recall and F1 of each kind and what differs.
pub fn score(data: &Path) -> Result<(), Box<dyn Error>> {
    let kinds = ["Money", "Percent", "Date"];
    let mut counts = [[0usize; 3]; 3];
    for row in rows(&data.join("extract/ner/ieer_apw.jsonl.gz"))? {
        let text = row["text"].as_str().unwrap_or_default();
        let tokens = tokens(text);
        let reader = Reader::new(text, &tokens, "en");
        let point = |byte: usize| text[..byte].chars().count() as u64;
        let found = amount::read(&reader).into_iter().chain(day::read(&reader, None));
        let found: BTreeSet<(u64, u64, String)> = found
            .map(|f| (point(tokens[f.start].start), point(tokens[f.end - 1].end), format!("{:?}", f.kind)))
            .collect();
        let spans = row["ents"].as_array().cloned().unwrap_or_default();
        let wanted: BTreeSet<(u64, u64, String)> = spans
            .iter()
            .filter_map(|span| {
                let kind = kinds.iter().find(|kind| kind.to_uppercase() == span[2].as_str().unwrap_or_default())?;
                Some((span[0].as_u64()?, span[1].as_u64()?, (*kind).to_owned()))
            })
            .collect();
        for (kind, count) in kinds.iter().zip(&mut counts) {
            let of = |set: &BTreeSet<(u64, u64, String)>| set.iter().filter(|s| s.2 == *kind).count();
            let right = found.intersection(&wanted).filter(|span| span.2 == *kind).count();
            count.iter_mut().zip([right, of(&found), of(&wanted)]).for_each(|(sum, part)| *sum += part);
        }
        for (from, to, kind) in found.symmetric_difference(&wanted).filter(|span| span.2 != "Date") {
            let words: String = text.chars().skip(*from as usize).take((to - from) as usize).collect();
            let which = if wanted.contains(&(*from, *to, kind.clone())) { "missed" } else { "invented" };
            println!("{which} {kind} {words:?}");
        }
    }
    let both = std::array::from_fn(|at| counts[0][at] + counts[1][at]);
    let named = kinds.iter().copied().zip(counts).chain([("Money and Percent", both)]);
    for (kind, [right, found, wanted]) in named {
        let share = |whole: usize| 100.0 * right as f64 / whole.max(1) as f64;
        let f1 = 200.0 * right as f64 / (found + wanted).max(1) as f64;
        println!("ieer_apw {kind}: P {:.1} R {:.1} F1 {f1:.1} ({wanted} wanted)", share(found), share(wanted));
    }
    Ok(())
}
