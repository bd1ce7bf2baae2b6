//! Who is meant: "she" by sex and nearness, "the minister" by whoever was named with that title, a surname by the full name.

mod pronoun;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::feature::Scene;
use super::mention::{Kind, Mention};
use super::word::Class;
use crate::stage::table;

/// The sex a text or a given name speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sex {
    He,
    She,
}

static GIVEN: LazyLock<HashMap<&'static str, Sex>> = LazyLock::new(|| {
    let sexes = table::groups(include_str!("../../data/given-sex.txt"));
    sexes
        .flat_map(|(key, names)| {
            names.into_iter().map(move |name| (name, if key == "she" { Sex::She } else { Sex::He }))
        })
        .collect()
});

/// Whether a given name, in small letters, is a woman's; absent where it is not known or anybody's.
pub fn is_she(given: &str) -> Option<bool> {
    GIVEN.get(given).map(|sex| *sex == Sex::She)
}

/// The people and bodies of a text.
pub struct Names<'s, 't> {
    scene: &'s Scene<'t>,
    /// By last word: the mention with the fullest form.
    full: HashMap<&'t str, usize>,
    /// By last word of a name.
    sex: HashMap<&'t str, Sex>,
    /// By kind of office, lower case: the mentions that were named with it, in order.
    office: HashMap<String, Vec<usize>>,
    /// By mention: whether it is known for a person.
    people: Vec<bool>,
}

impl<'s, 't> Names<'s, 't> {
    /// Reads who is named how. `people` tells by mention whether a person is named there.
    pub fn new(scene: &'s Scene<'t>, people: Vec<bool>) -> Names<'s, 't> {
        let mut names = Names { scene, full: HashMap::new(), sex: HashMap::new(), office: HashMap::new(), people };
        for at in 0..scene.mentions.len() {
            names.note(at);
        }
        names
    }

    fn note(&mut self, at: usize) {
        let mention = &self.scene.mentions[at];
        let Some(surname) = self.scene.surname(mention) else { return };
        let length = |at: usize| {
            let m = &self.scene.mentions[at];
            m.last - self.bare(m)
        };
        let fullest = self.full.get(surname).is_none_or(|&known| length(known) < length(at));
        if fullest {
            self.full.insert(surname, at);
        }
        if let Some(sex) = self.sex_of(at) {
            self.sex.entry(surname).or_insert(sex);
        }
        for role in self.offices(at) {
            self.office.entry(role).or_default().push(at);
        }
    }

    /// The index of a mention's first word behind its titles. A body that is named by its kind has none: `Justice Department`.
    fn bare(&self, mention: &Mention) -> usize {
        let class = |at: usize| self.scene.words[at].class;
        let title = |at: &usize| {
            class(*at).is(Class::MR | Class::MS | Class::DR | Class::MINISTER) && !class(at + 1).is(Class::OF)
        };
        if class(mention.last - 1).is(Class::MINISTER) {
            return mention.name.min(mention.last - 1);
        }
        (mention.name..mention.last - 1).rev().find(title).map_or(mention.name, |title| title + 1)
    }

    /// A mention's name without titles.
    fn name(&self, at: usize) -> &'t str {
        let mention = &self.scene.mentions[at];
        &self.scene.text[self.scene.words[self.bare(mention)].start..self.scene.words[mention.last - 1].end]
    }

    /// The phrase beside a name that says what its bearer is: `Roe, the mayor`.
    fn apposition(&self, at: usize) -> Option<&Mention> {
        let mention = &self.scene.mentions[at];
        let next = self.scene.mentions.get(at + 1)?;
        let joined = next.first == mention.last + 1 && self.scene.words[mention.last].class.is(Class::COMMA);
        (joined && next.kind == Kind::Role).then_some(next)
    }

    fn sex_of(&self, at: usize) -> Option<Sex> {
        let mention = &self.scene.mentions[at];
        let words = (mention.first..mention.last).chain(self.apposition(at).into_iter().flat_map(|m| m.first..m.last));
        let spoken = words.map(|word| self.scene.words[word].class).find_map(|class| match class {
            _ if class.is(Class::MS | Class::MOTHER) => Some(Sex::She),
            _ if class.is(Class::MR | Class::FATHER) => Some(Sex::He),
            _ => None,
        });
        let given = || {
            let first = self.name(at).split(' ').next().filter(|first| first.len() < 20)?;
            (mention.last - self.bare(mention) > 1).then(|| GIVEN.get(first.to_lowercase().as_str()).copied()).flatten()
        };
        spoken.or_else(given)
    }

    /// The offices that a name is given beside itself.
    fn offices(&self, at: usize) -> Vec<String> {
        let mention = &self.scene.mentions[at];
        let own = mention.first..self.bare(mention);
        let beside = self.apposition(at).map(|next| next.first..next.last).unwrap_or_default();
        let words = own.chain(beside).map(|word| self.scene.words[word]);
        words.filter(|word| word.class.is(Class::MINISTER)).map(|word| self.lower(word.start, word.end)).collect()
    }

    fn lower(&self, start: usize, end: usize) -> String {
        self.scene.text[start..end].to_lowercase()
    }

    /// The mention that a mention stands for, by which its name is known; `last` is the last speaker.
    pub fn meant(&self, at: usize, last: Option<usize>) -> Option<usize> {
        let mention = &self.scene.mentions[at];
        match mention.kind {
            Kind::He => self.antecedent(at, Sex::He, last),
            Kind::She => self.antecedent(at, Sex::She, last),
            Kind::Role => self.renamed(at).or_else(|| self.holder(at)),
            Kind::Other => self.relative(at),
            Kind::Phrase => self.renamed(at),
            Kind::They | Kind::It => None,
            Kind::Name | Kind::Single | Kind::Opening => {
                let full = || self.scene.surname(mention).and_then(|name| self.full.get(name)).copied();
                self.office_alone(mention).then(|| self.holder(at)).flatten().or_else(full)
            }
        }
    }

    /// True for an office printed like a name, as all German nouns are: `die Ministerin`.
    fn office_alone(&self, mention: &Mention) -> bool {
        let class = |at: usize| self.scene.words[at].class;
        mention.last - mention.first == 2
            && class(mention.first).is(Class::THE)
            && class(mention.first + 1).is(Class::MINISTER)
    }

    /// The best name known for a mention.
    pub fn known_as(&self, at: usize, meant: Option<usize>) -> &'t str {
        let fullest = meant
            .and_then(|meant| self.scene.surname(&self.scene.mentions[meant]))
            .and_then(|name| self.full.get(name));
        match (fullest, self.scene.mentions[at].kind) {
            (Some(&fullest), _) => self.name(fullest),
            (None, Kind::Name | Kind::Single | Kind::Opening) => self.name(at),
            _ => self.scene.shown(&self.scene.mentions[at]),
        }
    }

    /// The name between commas that a phrase goes on with: `the chair of the board, Ada Roe, said`, `said the chair, Ada Roe.`
    fn renamed(&self, at: usize) -> Option<usize> {
        let words = &self.scene.words;
        let phrase = &self.scene.mentions[at];
        let is = |at: usize, class: Class| words.get(at).is_none_or(|word| word.class.is(class));
        let ends = Class::STOP | Class::BREAK | Class::QUOTE;
        let clause =
            |name: &Mention| !words[phrase.last..name.first].iter().any(|word| word.class.is(ends | Class::CUE));
        // behind the verb the sentence may end with the name
        let said = phrase.first.checked_sub(1).is_some_and(|before| is(before, Class::CUE));
        let closed = |name: &Mention| is(name.last, if said { ends | Class::COMMA } else { Class::COMMA });
        let near = (at + 1..self.scene.mentions.len().min(at + 4)).map(|next| (next, &self.scene.mentions[next]));
        let mut near = near.take_while(|(_, name)| name.first - phrase.last < 9 && clause(name));
        near.find(|(next, name)| name.kind == Kind::Name && closed(name) && self.opened(phrase, *next))
            .map(|(next, _)| next)
    }

    /// Whether a comma behind a phrase opens what ends with a name: the name alone or, for a person, what he or she is without
    /// any small word: `her boyfriend, Ulm Rovers winger James Poe`.
    fn opened(&self, phrase: &Mention, next: usize) -> bool {
        let before = &self.scene.words[phrase.last..self.scene.mentions[next].first];
        let Some(comma) = before.iter().rposition(|word| word.class.is(Class::COMMA)) else { return false };
        let person = || self.people.get(next).is_some_and(|person| *person);
        let plain =
            || comma == 0 && before[1..].iter().all(|word| word.class.is(Class::WORD) && !word.class.is(Class::SMALL));
        // a phrase of any kind is sure to be a person only beside its name
        let beside = phrase.kind == Kind::Role || comma == 0;
        beside && (comma + 1 == before.len() || person() && plain())
    }

    /// The last person named with an office before it is used alone; `a minister` is nobody known.
    fn holder(&self, at: usize) -> Option<usize> {
        let mention = &self.scene.mentions[at];
        if self.scene.words[mention.first].class.is(Class::A) || mention.last - mention.first > 4 {
            return None;
        }
        let word = self.scene.words[mention.last - 1];
        let named = self.office.get(&self.lower(word.start, word.end))?;
        named[..named.partition_point(|named| *named < at)].last().copied()
    }

    /// `who`: the mention before it.
    fn relative(&self, at: usize) -> Option<usize> {
        let mention = &self.scene.mentions[at];
        let before = at.checked_sub(1)?;
        let near = mention.first - self.scene.mentions[before].last <= 1
            && self.scene.words[mention.first].class.is(Class::WHO);
        let named = self.scene.surname(&self.scene.mentions[before]).is_some();
        (near && named).then_some(before)
    }

    fn meant_name(&self, at: usize) -> Option<&'t str> {
        self.scene.surname(&self.scene.mentions[at])
    }
}

#[cfg(test)]
mod tests {
    use super::super::span::spans;
    use super::super::word::{Lexicon, words};
    use super::*;

    /// What the last mention of a text is known as.
    fn known(text: &str) -> String {
        let found = spans(text);
        let words = words(text, &found, Lexicon::of("en").unwrap());
        let scene = Scene::new(text, found, words);
        let names = Names::new(&scene, Vec::new());
        let at = scene.mentions.len() - 1;
        names.known_as(at, names.meant(at, None)).to_owned()
    }

    #[test]
    fn titles_surnames_and_pronouns_are_resolved() {
        for (text, name) in [
            ("Gov. Mary Roe met James Poe. Later Roe", "Mary Roe"),
            ("Mary Roe met James Poe. Later she", "Mary Roe"),
            ("Mary Roe met James Poe. Later he", "James Poe"),
            ("Ms. Roe met Mr. Poe. Later he", "Poe"),
            ("Mary Roe, the finance minister, met voters. Later the minister", "Mary Roe"),
            ("Mayor Mary Roe met voters. Later the mayor", "Mary Roe"),
            ("Mayor Mary Roe met voters. Later a mayor", "a mayor"),
            ("Prime Minister Mary Roe met voters. Later Roe", "Mary Roe"),
            ("Nobody was there. Later she", "she"),
            ("“A,” said James Poe.\n\nMark Roe was angry. Later he", "Mark Roe"),
            ("James Poe came.\n\nThat angered Mark Roe. Later he", "Mark Roe"),
            ("Mark Roe said James Poe was late. Later he", "Mark Roe"),
            ("Mary Roe came.\n\nThe Ulm council met. Later she", "Mary Roe"),
        ] {
            assert_eq!(known(text), name, "{text}");
        }
    }

    /// Quadratic, this would take the test minutes.
    #[test]
    fn the_holder_of_an_office_is_found_without_a_walk() {
        let text = "Mayor Mary Roe met voters. Later the mayor";
        let found = spans(text);
        let words = words(text, &found, Lexicon::of("en").unwrap());
        let scene = Scene::new(text, found, words);
        let mut names = Names::new(&scene, Vec::new());
        let at = scene.mentions.len() - 1;
        assert_eq!(names.office["mayor"].len(), 1);
        names.office.entry("mayor".to_owned()).or_default().extend(at..at + 1_000_000);
        for _ in 0..100_000 {
            assert_eq!(names.holder(at).map(|named| names.name(named)), Some("Mary Roe"));
        }
    }

    #[test]
    fn no_name_has_two_sexes() {
        let count: usize = table::groups(include_str!("../../data/given-sex.txt")).map(|(_, names)| names.len()).sum();
        assert_eq!(count, GIVEN.len());
    }
}
