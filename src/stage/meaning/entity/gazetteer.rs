//! Lists of names as features: what a word or a run of words may be. A list decides nothing; the tagger learned how far to trust it.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::hash::{Map, mix, text};
use crate::stage::table::{groups, lines};

/// What a word or a run of words may be, one bit each.
pub type Kinds = u32;

/// Given name.
pub const FIRST: Kinds = 1;
/// Family name.
pub const LAST: Kinds = 1 << 1;
/// Town.
pub const CITY: Kinds = 1 << 2;
/// Province or state.
pub const REGION: Kinds = 1 << 3;
/// Country or other well-known place.
pub const COUNTRY: Kinds = 1 << 4;
/// People, or what belongs to a country.
pub const PEOPLE: Kinds = 1 << 5;
/// Listed company.
pub const COMPANY: Kinds = 1 << 6;
/// Well-known organisation.
pub const KNOWN: Kinds = 1 << 7;
/// Stands before a person's name.
pub const TITLE: Kinds = 1 << 8;
/// Names what a person does.
pub const ROLE: Kinds = 1 << 9;
/// Within the name of an organisation.
pub const BODY: Kinds = 1 << 10;
/// Ends the name of a company.
pub const FIRM: Kinds = 1 << 11;
/// Within the name of a place.
pub const GROUND: Kinds = 1 << 12;
/// Day, month or season.
pub const TIME: Kinds = 1 << 13;
/// What people do.
pub const SPEECH: Kinds = 1 << 14;
/// Ends the name of a club.
pub const TEAM: Kinds = 1 << 15;
/// Ends the name of an event, law, prize or work.
pub const EVENT: Kinds = 1 << 16;
/// Sport.
pub const SPORT: Kinds = 1 << 17;
/// Music, film, books.
pub const MUSIC: Kinds = 1 << 18;
/// Business.
pub const TRADE: Kinds = 1 << 19;
/// Politics, war, courts.
pub const RULE: Kinds = 1 << 20;
/// What tells the subject of a text; not a kind of name.
pub const SUBJECTS: Kinds = SPORT | MUSIC | TRADE | RULE;
/// Not the end of an entry: a longer one begins like this.
const MORE: Kinds = 1 << 31;

/// The most words an entry has.
pub const LONGEST: usize = 5;

/// All lists, by the hash of their words in lower case.
#[derive(Debug, Default)]
pub struct Gazetteer {
    entries: Map<Kinds>,
    codes: Map<[u8; 2]>,
}

/// The lists of the program.
pub static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::embedded);

macro_rules! list {
    ($name:literal) => {
        include_str!(concat!("../../data/names/", $name, ".txt"))
    };
}

impl Gazetteer {
    fn embedded() -> Gazetteer {
        let mut all =
            Gazetteer { entries: Map::with_capacity_and_hasher(80_000, Default::default()), ..Default::default() };
        let given = lines(include_str!("../../data/first-names.txt")).flat_map(str::split_whitespace);
        given.for_each(|name| all.add(name, FIRST));
        for (data, kind) in [
            (list!("last-names"), LAST),
            (list!("cities"), CITY),
            (list!("regions"), REGION),
            (list!("companies"), COMPANY),
            (list!("organisations"), KNOWN),
        ] {
            lines(data).for_each(|name| all.add(name, kind));
        }
        for (data, kind) in [(list!("countries"), COUNTRY), (list!("places"), COUNTRY), (list!("peoples"), PEOPLE)] {
            for (code, names) in groups(data) {
                names.into_iter().for_each(|name| all.add_coded(name, kind, code));
            }
        }
        for (key, words) in groups(list!("words")) {
            let kind = WORDS.iter().find(|(name, _)| *name == key).map_or(0, |(_, kind)| *kind);
            words.into_iter().for_each(|word| all.add(word, kind));
        }
        all
    }

    fn add_coded(&mut self, name: &str, kind: Kinds, code: &str) {
        self.add(name, kind);
        if let (COUNTRY, [a, b]) = (kind, code.as_bytes())
            && code != "XX"
        {
            self.codes.entry(run(name)).or_insert([*a, *b]);
        }
    }

    fn add(&mut self, name: &str, kind: Kinds) {
        self.insert(name, kind);
        if !name.is_ascii() {
            let plain: String = name.nfd().filter(|c| !is_combining_mark(*c)).collect();
            self.insert(&plain, kind);
        }
    }

    fn insert(&mut self, name: &str, kind: Kinds) {
        let mut key = 0;
        for word in name.split(' ') {
            if key != 0 {
                *self.entries.entry(key).or_default() |= MORE;
            }
            key = step(key, lower(word));
        }
        *self.entries.entry(key).or_default() |= kind;
    }

    /// What a single word is, by the hash of its lower case.
    pub fn word(&self, lower: u64) -> Kinds {
        self.entries.get(&step(0, lower)).map_or(0, |kinds| kinds & !MORE)
    }

    /// The longest entry that begins with these words, given by the hashes of their lower case: its length and kinds.
    pub fn longest(&self, lower: impl Iterator<Item = u64>) -> (usize, Kinds) {
        let mut key = 0;
        let mut best = (0, 0);
        for (at, word) in lower.take(LONGEST).enumerate() {
            key = step(key, word);
            let Some(kinds) = self.entries.get(&key) else { break };
            if kinds & !MORE != 0 {
                best = (at + 1, kinds & !MORE);
            }
            if kinds & MORE == 0 {
                break;
            }
        }
        best
    }

    /// True for the name of a town, region or country.
    pub fn is_place(&self, name: &str) -> bool {
        self.entries.get(&run(name)).is_some_and(|kinds| kinds & (CITY | REGION | COUNTRY) != 0)
    }

    /// The ISO 3166 code of a country with this name.
    pub fn country(&self, name: &str) -> Option<&str> {
        let code = self.codes.get(&run(name))?;
        std::str::from_utf8(code).ok()
    }
}

fn step(key: u64, word: u64) -> u64 {
    mix(key.wrapping_add(1), word)
}

fn run(name: &str) -> u64 {
    name.split(' ').fold(0, |key, word| step(key, lower(word)))
}

/// Hash of a word in lower case, with the apostrophe that [`super::word::Word`] has.
fn lower(word: &str) -> u64 {
    text(&word.to_lowercase().replace('’', "'"))
}

const WORDS: [(&str, Kinds); 13] = [
    ("title", TITLE),
    ("role", ROLE),
    ("body", BODY),
    ("firm", FIRM),
    ("ground", GROUND),
    ("time", TIME),
    ("speech", SPEECH),
    ("team", TEAM),
    ("event", EVENT),
    ("sport", SPORT),
    ("music", MUSIC),
    ("trade", TRADE),
    ("rule", RULE),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<u64> {
        text.split(' ').map(|word| super::text(&word.to_lowercase())).collect()
    }

    #[test]
    fn the_longest_entry_is_found() {
        for (text, length, kind) in [
            ("New York Yankees won", 3, KNOWN),
            ("New York is", 2, CITY | COUNTRY),
            ("Côte d'Ivoire said", 2, COUNTRY),
            ("São Paulo is", 2, CITY),
            ("Sao Paulo is", 2, CITY),
            ("Norwegian ships", 1, PEOPLE),
            ("University of", 1, BODY),
        ] {
            let (found, kinds) = GAZETTEER.longest(words(text).into_iter());
            assert_eq!((found, kinds & kind != 0), (length, true), "{text}: {found} {kinds:b}");
        }
        assert_eq!(GAZETTEER.longest(words("qwxz jkvb").into_iter()), (0, 0));
    }

    #[test]
    fn a_country_has_its_code_under_every_name() {
        for (name, code) in
            [("Germany", "DE"), ("Deutschland", "DE"), ("U.S.", "US"), ("Britain", "GB"), ("Türkiye", "TR")]
        {
            assert_eq!(GAZETTEER.country(name), Some(code), "{name}");
        }
        for name in ["Springfield", "N.Y.", "California", "Scotland", "New Delhi", "Bayern"] {
            assert_eq!(GAZETTEER.country(name), None, "{name}");
        }
    }

    #[test]
    fn the_lists_are_in_order_without_doubles_or_blanks() {
        let plain =
            [list!("last-names"), list!("cities"), list!("regions"), list!("companies"), list!("organisations")];
        for data in plain.into_iter().chain([list!("countries")]) {
            let names: Vec<&str> = lines(data).collect();
            assert!(names.len() > 200 && names.is_sorted_by(|a, b| a < b), "{:?}", names.first());
        }
        for data in [list!("places"), list!("peoples"), list!("words"), list!("foreign")] {
            assert!(groups(data).all(|(_, names)| !names.is_empty()));
        }
        let known: Vec<&str> = groups(list!("words")).map(|(key, _)| key).collect();
        assert_eq!(known.len(), WORDS.len());
        assert!(WORDS.iter().all(|(key, _)| known.contains(key)), "{known:?}");
    }
}
