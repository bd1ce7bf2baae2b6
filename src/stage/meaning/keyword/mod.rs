//! The phrases a text is about: how often they stand in it, how rare they are elsewhere, whether the headline has them and
//! whether they are written with capitals. Looks at the words only, for languages with a list of stop words; elsewhere it
//! says nothing. Linear in the text.

pub mod frequency;
mod phrase;

use crate::article::Keyword;
use frequency::Frequencies;
use phrase::{Phrase, Phrases, phrases};

pub use phrase::key;

/// Most keywords of a text.
const MAX_KEYWORDS: usize = 12;
/// Share of the best score below which a phrase is no keyword.
const LEAST_SHARE: f64 = 0.12;
/// How much a phrase of one, two, … words counts: the words of a longer one are rarer already.
const LENGTH: [f64; phrase::MAX_WORDS] = [1.0, 0.85, 0.6, 0.35];
/// The same for a phrase whose words hardly stand alone: it counts more than any of them.
const COHESIVE: [f64; phrase::MAX_WORDS] = [1.0, 1.3, 1.25, 1.1];
/// What the headline adds, and capitals inside a sentence.
const IN_HEADLINE: f64 = 1.0;
const WITH_CAPITALS: f64 = 0.3;
/// Rarity beyond which it says nothing more: what hardly any text has is as often a misprint as a subject.
const MAX_RARITY: f64 = 6.0;

/// The keywords of a text, best first. `language` is its code.
pub fn read(text: &str, headline: Option<&str>, language: Option<&str>) -> Vec<Keyword> {
    let Some(stop_words) = language.and_then(phrase::stop_words) else { return Vec::new() };
    let frequencies = Frequencies::of(language.unwrap_or_default());
    let headline = headline.unwrap_or_default();
    let Phrases { found, keys } = phrases(text, headline, stop_words);
    let mut alone: Vec<Word> =
        keys.iter().map(|key| Word { count: 0, rarity: frequencies.rarity(key).min(MAX_RARITY) }).collect();
    found
        .iter()
        .filter(|phrase| phrase.words().len() == 1)
        .for_each(|one| alone[one.words()[0] as usize].count = one.count);
    let scored = found.into_iter().map(|phrase| (score(&phrase, &alone), phrase));
    best(scored.filter(|(score, _)| *score > 0.0).collect(), keys.len())
}

/// A word by itself: how often it stands in the text, how rare it is elsewhere.
struct Word {
    count: u32,
    rarity: f64,
}

/// `alone` holds every word of the text.
fn score(phrase: &Phrase, alone: &[Word]) -> f64 {
    let words = phrase.words().len();
    let each = || phrase.words().iter().filter_map(|word| alone.get(*word as usize));
    let rarity = each().map(|word| word.rarity).sum::<f64>() / words as f64;
    let name = phrase.capitals > 0 && phrase.capitals * 2 > phrase.count;
    // two words side by side are a phrase when they are a name, stand in the headline or come again
    if words > 1 && !(name || phrase.headline || phrase.count > 1) {
        return 0.0;
    }
    let again = phrase.count > 1 || phrase.headline;
    let count = f64::from(phrase.count) + if name && words > 1 && again { 1.0 } else { 0.0 };
    let cohesive = again && each().all(|word| word.count <= phrase.count * 2);
    let length = if cohesive { COHESIVE } else { LENGTH }[words - 1];
    let headline = if phrase.headline { IN_HEADLINE } else { 0.0 };
    let capitals = if name { WITH_CAPITALS } else { 0.0 };
    count * rarity * (1.0 + headline) * (1.0 + capitals) * length / (1.0 + 0.25 * phrase.place)
}

/// The best phrases, none inside or around a better one.
fn best(mut scored: Vec<(f64, Phrase)>, words: usize) -> Vec<Keyword> {
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0).then(a.1.first.cmp(&b.1.first)).then(b.1.words().len().cmp(&a.1.words().len()))
    });
    let highest = scored.first().map_or(0.0, |(score, _)| *score);
    let mut chosen: Vec<Keyword> = Vec::new();
    let mut taken = vec![false; words];
    for (score, phrase) in scored {
        if chosen.len() == MAX_KEYWORDS || score < highest * LEAST_SHARE {
            break;
        }
        if phrase.words().iter().any(|word| taken[*word as usize]) {
            continue;
        }
        let share = (score / highest * 100.0).round() / 100.0;
        chosen.push(Keyword { text: phrase.text.to_owned(), score: share });
        phrase.words().iter().for_each(|word| taken[*word as usize] = true);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "The iron bridge over the Lune will be closed on Monday, the Lune Valley council said. Engineers found cracks \
        in a pillar of the bridge.\n\nThe council wants to repair the pillar before winter. Engineers will inspect the bridge \
        again, and the Lune Valley council will decide then.";

    fn words(text: &str, headline: Option<&str>, language: &str) -> Vec<String> {
        read(text, headline, Some(language)).into_iter().map(|keyword| keyword.text).collect()
    }

    #[test]
    fn what_the_story_is_about_comes_first() {
        let found = words(STORY, Some("Cracks close bridge"), "en");
        assert_eq!(found[0], "bridge");
        assert!(found.iter().any(|word| word == "Lune Valley"), "{found:?}");
        assert!(!found.iter().any(|word| ["the", "said", "Lune"].contains(&word.as_str())), "{found:?}");
    }

    #[test]
    fn scores_fall_and_start_at_one() {
        let found = read(STORY, None, Some("en"));
        assert_eq!(found[0].score, 1.0);
        assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
    }

    #[test]
    fn other_languages_and_none() {
        let german =
            words("Die Brücke über die Lune bleibt gesperrt. Die Brücke hat Risse, sagte Ada Roe.", None, "de");
        assert_eq!(german[0], "Brücke");
        assert_eq!(words(STORY, None, "xx"), Vec::<String>::new());
        assert_eq!(words("", None, "en"), Vec::<String>::new());
    }

    #[test]
    fn hostile_texts_end() {
        for text in
            ["bridge ".repeat(1_000_000), "x".repeat(2_000_000), "😀".repeat(500_000), "BRIDGE Closed ".repeat(300_000)]
        {
            assert!(words(&text, None, "en").len() <= MAX_KEYWORDS);
        }
    }
}
