//! Mentions to entities, within one document: a surname after the full name, an acronym after what it stands for, a name met again.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::address::{ADDRESSES, addressed, bare, is_full, shown};
use super::gazetteer::GAZETTEER;
use super::state::States;
use crate::article::{Entity, EntityKind};
use crate::stage::meaning::quote::name::is_she;
use crate::stage::quick::Set;
use crate::stage::table;

/// What may be left out behind a name: legal forms, and what follows a surname.
static ENDINGS: LazyLock<Set<&'static str>> = LazyLock::new(|| {
    table::lines(include_str!("../../data/names/endings.txt")).flat_map(str::split_whitespace).collect()
});

/// Family names that stand before the given name.
static FAMILIES: LazyLock<Set<&'static str>> = LazyLock::new(|| {
    table::lines(include_str!("../../data/names/family-first.txt")).flat_map(str::split_whitespace).collect()
});

/// A mention of something: where it stands in the text, in code points.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// What it is.
    pub kind: EntityKind,
    /// As printed.
    pub name: String,
    /// Start and end.
    pub span: [u32; 2],
    /// Normal form, for money and the like.
    pub norm: Option<String>,
    /// 0.0 to 1.0.
    pub confidence: f64,
}

/// Most entities of one document, and most mentions of one entity. A list of names beyond that is a table, not a story.
const MAX_ENTITIES: usize = 2000;
const MAX_MENTIONS: usize = 500;

/// Entities in the order of first mention. `mentions` are in the order of the text.
pub fn entities(mentions: Vec<Mention>) -> Vec<Entity> {
    let mut known = Known::default();
    for mention in &mentions {
        known.full(mention);
    }
    known.states.read(&mentions);
    let mut entities: Vec<Entity> = Vec::new();
    let mut index: HashMap<(EntityKind, String), usize> = HashMap::new();
    for mention in mentions {
        let key = (mention.kind, known.key(&mention));
        match index.get(&key) {
            Some(at) => add(&mut entities[*at], mention),
            None if entities.len() < MAX_ENTITIES => {
                index.insert(key, entities.len());
                entities.push(begin(entities.len() + 1, mention, &known));
            }
            None => {}
        }
    }
    entities
}

fn begin(number: usize, mention: Mention, known: &Known) -> Entity {
    let name = shown(&mention).to_owned();
    let country = known.country(&mention).map(str::to_owned);
    let norm = mention.norm.or(country);
    Entity {
        id: format!("e{number}"),
        kind: mention.kind,
        name,
        count: 1,
        mentions: vec![mention.span],
        norm,
        confidence: rounded(mention.confidence),
    }
}

fn add(entity: &mut Entity, mention: Mention) {
    let name = shown(&mention);
    let (own, other) = match mention.kind {
        EntityKind::Person => (addressed(name).1, addressed(&entity.name).1),
        _ => (name, entity.name.as_str()),
    };
    if fuller(own, other) {
        entity.name = name.to_owned();
    }
    entity.count = entity.count.saturating_add(1);
    if entity.mentions.len() < MAX_MENTIONS {
        entity.mentions.push(mention.span);
    }
    // a name met again is surer than any one of its mentions
    entity.confidence = rounded(entity.confidence.max(mention.confidence));
}

fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}

/// A longer name is fuller, and of the same length the one not printed in capitals.
fn fuller(name: &str, than: &str) -> bool {
    let words = |name: &str| name.split(' ').count();
    let loud = |name: &str| name.len() > 4 && !name.chars().any(char::is_lowercase);
    words(name) > words(than) || (words(name) == words(than) && loud(than) && !loud(name) && name.len() == than.len())
}

/// Full names met in the document.
#[derive(Debug, Default)]
struct Known {
    /// Last word of a person's full name to that name; empty when two persons share it.
    surnames: HashMap<String, String>,
    /// Last word of a surname with a form of address before it, likewise.
    forms: HashMap<String, String>,
    /// First word of a full name that is a family name, likewise.
    families: HashMap<String, String>,
    /// Acronym to the name it stands for.
    acronyms: HashMap<String, String>,
    states: States,
}

impl Known {
    fn full(&mut self, mention: &Mention) {
        let key = folded(shown(mention));
        let words: Vec<&str> = key.split(' ').collect();
        if let (EntityKind::Person, [family, _, ..]) = (mention.kind, words.as_slice())
            && FAMILIES.contains(family)
        {
            let own = self.families.entry((*family).to_owned()).or_insert_with(|| key.clone());
            if *own != key {
                own.clear();
            }
        }
        match (mention.kind, words.as_slice()) {
            // "Mr. Oak" is no full name, but the fullest where there is none
            (EntityKind::Person, [form, .., last]) if ADDRESSES.contains(form) => {
                let own = self.forms.entry((*last).to_owned()).or_insert_with(|| key.clone());
                if *own != key {
                    own.clear();
                }
            }
            (EntityKind::Person, [_, .., last]) if is_full(shown(mention)) => {
                let own = self.surnames.entry((*last).to_owned()).or_insert_with(|| key.clone());
                // "Anna Oak" and "Anna B. Oak" are one, "Anna Oak" and "Ben Oak" are not
                if first(own) != first(&key) {
                    own.clear();
                }
            }
            (EntityKind::Organisation, [_, _, ..]) => {
                for acronym in acronyms(&mention.name) {
                    self.acronyms.entry(acronym).or_insert_with(|| key.clone());
                }
            }
            _ => {}
        }
    }

    /// The full name of a person, as far as it is known: `Oak`, `Mr. Oak`, and `Xi` where the family name stands first.
    fn person(&self, mention: &Mention) -> String {
        let key = folded(shown(mention));
        let (form, rest) = addressed(&key);
        let last = rest.rsplit(' ').next().unwrap_or(rest);
        let family = || self.families.get(rest);
        let full =
            self.surnames.get(last).or_else(family).or_else(|| self.forms.get(last)).filter(|full| !full.is_empty());
        // "Mrs. Oak" is not Ben Oak
        let she = form.as_deref().and_then(|form| match form {
            "mr" => Some(false),
            "mrs" | "ms" | "miss" => Some(true),
            _ => None,
        });
        let fits = |full: &&String| she.is_none_or(|she| is_she(first(full)).is_none_or(|known| known == she));
        full.filter(fits).cloned().unwrap_or(key)
    }

    /// The code of the country that a mention names.
    fn country(&self, mention: &Mention) -> Option<&'static str> {
        let country = (mention.kind == EntityKind::Place).then(|| GAZETTEER.country(bare(&mention.name)))??;
        (!self.states.claim(mention)).then_some(country)
    }

    /// What mentions of the same thing share.
    fn key(&self, mention: &Mention) -> String {
        let key = folded(&mention.name);
        match mention.kind {
            EntityKind::Person => self.person(mention),
            EntityKind::Organisation => self.acronyms.get(&mention.name.replace('.', "")).cloned().unwrap_or(key),
            EntityKind::Place => self.country(mention).map_or(key, str::to_owned),
            EntityKind::Money | EntityKind::Percent | EntityKind::Date => mention.norm.clone().unwrap_or(key),
            EntityKind::Misc => key,
        }
    }
}

fn first(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// Small letters, without article, genitive, the legal form of a company and the like.
fn folded(name: &str) -> String {
    let lower = bare(name).replace('’', "'").to_lowercase();
    let lower = lower.strip_suffix("'s").unwrap_or(&lower);
    let mut words: Vec<&str> =
        lower.split(' ').map(|word| word.trim_matches(['.', ','])).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && words.last().is_some_and(|word| ENDINGS.contains(word)) {
        words.pop();
    }
    words.join(" ")
}

/// What a name may be shortened to: its capitals, with and without the small words' letters.
fn acronyms(name: &str) -> Vec<String> {
    let words: Vec<&str> = bare(name).split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let capitals = words.iter().filter_map(|word| word.chars().next().filter(|c| c.is_uppercase()));
    let all = words.iter().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase);
    let mut forms = vec![capitals.collect::<String>(), all.collect::<String>()];
    forms.retain(|form| form.chars().count() > 1);
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(names: &[(EntityKind, &str)]) -> Vec<(String, u32)> {
        let mentions = names.iter().zip(0u32..).map(|((kind, name), at)| Mention {
            kind: *kind,
            name: (*name).to_owned(),
            span: [at * 10, at * 10 + 5],
            norm: None,
            confidence: 0.5,
        });
        entities(mentions.collect()).into_iter().map(|entity| (entity.name, entity.count)).collect()
    }

    fn counted(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
        expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn a_surname_belongs_to_the_full_name_even_before_it() {
        use EntityKind::Person;
        let names = [(Person, "Oak"), (Person, "Anna Oak"), (Person, "Oak"), (Person, "Anna B. Oak")];
        assert_eq!(link(&names), counted(&[("Anna B. Oak", 4)]));
        assert_eq!(link(&[(Person, "Ben Oak Jr."), (Person, "Oak")]), counted(&[("Ben Oak Jr.", 2)]));
        let two = [(Person, "Anna Oak"), (Person, "Ben Oak"), (Person, "Oak")];
        assert_eq!(link(&two).len(), 3);
    }

    #[test]
    fn a_form_of_address_is_no_part_of_a_name() {
        use EntityKind::Person;
        let link = |names: &[&str]| link(&names.iter().map(|name| (Person, *name)).collect::<Vec<_>>());
        assert_eq!(link(&["Mr. Oak", "Ben Oak", "Mr Oak"]), counted(&[("Ben Oak", 3)]));
        assert_eq!(link(&["Ben Oak", "Mrs. Oak"]), counted(&[("Ben Oak", 1), ("Mrs. Oak", 1)]));
        assert_eq!(link(&["Mr. Oak", "Mrs. Oak"]), counted(&[("Mr. Oak", 1), ("Mrs. Oak", 1)]));
        assert_eq!(link(&["Mr. Oak", "Oak"]), counted(&[("Mr. Oak", 2)]));
        assert_eq!(link(&["Sgt Ben Oak", "Sgt Oak"]), counted(&[("Ben Oak", 2)]));
        let names = ["Dr. Anna von der Oak", "Ms. von der Oak", "von der Oak"];
        assert_eq!(link(&names), counted(&[("Anna von der Oak", 3)]));
    }

    #[test]
    fn a_family_name_may_stand_first() {
        use EntityKind::Person;
        assert_eq!(link(&[(Person, "Wang Anna"), (Person, "Wang")]), counted(&[("Wang Anna", 2)]));
        assert_eq!(link(&[(Person, "Wang Anna"), (Person, "Wang Ben"), (Person, "Wang")]).len(), 3);
        assert_eq!(link(&[(Person, "Oak Anna"), (Person, "Oak")]).len(), 2);
    }

    #[test]
    fn an_acronym_belongs_to_what_it_stands_for() {
        use EntityKind::Organisation;
        let names = [(Organisation, "the Harbour Safety Board"), (Organisation, "HSB"), (Organisation, "H.S.B.")];
        assert_eq!(link(&names), counted(&[("Harbour Safety Board", 3)]));
        assert_eq!(link(&[(Organisation, "Acme Corp."), (Organisation, "Acme")]), counted(&[("Acme Corp.", 2)]));
    }

    #[test]
    fn names_of_one_country_are_one_and_kinds_stay_apart() {
        use EntityKind::{Misc, Person, Place};
        assert_eq!(link(&[(Place, "United Kingdom"), (Place, "Britain")]), counted(&[("United Kingdom", 2)]));
        let within = [(Place, "England"), (Place, "Scotland"), (Place, "Texas"), (Place, "N.Y."), (Place, "U.S.")];
        assert_eq!(link(&within).len(), 5);
        assert_eq!(link(&[(Place, "Paris"), (Person, "Paris"), (Misc, "Paris")]).len(), 3);
    }

    #[test]
    fn lists_are_bounded() {
        let many: Vec<String> = (0..MAX_ENTITIES + 100).map(|n| format!("Person{n} Name{n}")).collect();
        let names: Vec<(EntityKind, &str)> = many.iter().map(|name| (EntityKind::Person, name.as_str())).collect();
        assert_eq!(link(&names).len(), MAX_ENTITIES);
    }
}
