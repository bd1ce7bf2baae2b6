//! The slug line over a wire story: `AM-Tanker Spill, 3rd Ld-Writethru, a0598,1306`: cycle, slug, take, number, words.

use crate::article::{Editorial, EditorialKind};

/// Longest slug line, in bytes.
const MAX_SLUG: usize = 160;

/// Cycles a slug begins with.
const CYCLES: [&str; 6] = ["AM-", "PM-", "BC-", "AP-", "EU-", "US-"];

/// `AM-Tanker Spill, 3rd Ld-Writethru, a0598,1306`: a slug, a take, an item number.
pub(super) fn header(text: &str) -> Option<Editorial> {
    if text.len() > MAX_SLUG {
        return None;
    }
    let at = ["Writethru", "writethru", "WRITETHRU", "Write-thru"].iter().find_map(|word| text.find(word))?;
    let words = text[..at].split([' ', ',', '-']).rev().take(4);
    let sequence = words.filter_map(ordinal).next();
    Some(Editorial { kind: EditorialKind::Writethru, sequence, note: None })
}

/// `3rd` to 3.
fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
    (digits.len() < word.len() || !digits.is_empty()).then(|| digits.parse().ok()).flatten()
}

/// True for a slug line: a cycle, and behind a comma a take, a number or what became of the story.
pub(in crate::stage::extract) fn is_slug(text: &str) -> bool {
    let text = text.trim();
    let cycle = CYCLES.iter().any(|cycle| text.starts_with(cycle));
    let mut parts = text.split(',').skip(1).map(str::trim);
    let is_take = |part: &str| {
        let lower = part.to_lowercase();
        lower.contains("writethru") || lower.split([' ', '-']).any(|word| word == "ld")
    };
    let is_number = |part: &str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_digit());
    let tells = parts.any(|part| is_take(part) || is_number(part) || super::withdrawal::is_slug_part(part));
    text.len() <= MAX_SLUG && cycle && !text.ends_with('.') && tells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_line_is_told_from_a_headline() {
        for text in [
            "BC-Harbour-Crane, 1st Ld-Writethru,130",
            "AM-Ferry, 2nd Ld, a0598",
            "BC-Ferry, Withdrawal",
            "PM-Ferry,0512",
        ] {
            assert!(is_slug(text), "{text}");
        }
        for text in ["US-led force leaves, UN says", "EU-China talks, 10 years on", "Ferry late, 130 wait", "BC-", ""] {
            assert!(!is_slug(text), "{text}");
        }
    }
}
