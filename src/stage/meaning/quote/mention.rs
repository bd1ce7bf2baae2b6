//! Who could have spoken: names, pronouns and noun phrases outside the quotes, found by capitals and word lists alone.

use super::word::{Class, Word};

/// What a mention is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A name of two words and more, or one with a title.
    Name,
    /// A single capitalised word.
    Single,
    /// A single capitalised word that begins its sentence.
    Opening,
    /// `he`
    He,
    /// `she`
    She,
    /// `they`
    They,
    /// `it`
    It,
    /// `I`, `we`, `who`
    Other,
    /// A noun phrase whose last word is a kind of person or body: `the minister`.
    Role,
    /// Any other noun phrase.
    Phrase,
}

/// How many kinds there are.
pub const KINDS: u8 = 10;

/// A stretch of words that names somebody or something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Its first word, an index into the words.
    pub first: usize,
    /// One past its last word.
    pub last: usize,
    /// What it is made of.
    pub kind: Kind,
    /// The capitalised words at its end: the name without role and article. Empty (`last`..`last`) when there are none.
    pub name: usize,
}

/// Longest run of words without a name that counts as one phrase, after the article.
const MAX_PHRASE: usize = 3;
/// Longest name, in words.
const MAX_NAME: usize = 12;

/// All mentions of a text, in order, never overlapping.
pub fn mentions(words: &[Word]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut opening = true;
    while let Some(word) = words.get(at) {
        let mention = pronoun(words, at).or_else(|| phrase(words, at, opening));
        match mention {
            Some(mention) => {
                at = mention.last;
                found.push(mention);
                opening = false;
            }
            None => {
                at += 1;
                opening = word.class.is(Class::STOP | Class::BREAK | Class::QUOTE)
                    || (opening && !word.class.is(Class::WORD));
            }
        }
    }
    found
}

fn pronoun(words: &[Word], at: usize) -> Option<Mention> {
    let class = words[at].class;
    let kind = match class {
        _ if !class.is(Class::PRONOUN) => return None,
        _ if class.is(Class::HE) => Kind::He,
        _ if class.is(Class::SHE) => Kind::She,
        _ if class.is(Class::THEY) => Kind::They,
        _ if class.is(Class::IT) => Kind::It,
        _ => Kind::Other,
    };
    Some(Mention { first: at, last: at + 1, kind, name: at + 1 })
}

fn phrase(words: &[Word], first: usize, opening: bool) -> Option<Mention> {
    let class = |at: usize| words.get(at).map_or(Class::NONE, |word| word.class);
    let article = class(first).is(Class::THE);
    let mut at = first + usize::from(article);
    let mut plain = 0;
    let mut name = None;
    let mut role = false;
    while at - first < MAX_NAME {
        let own = class(at);
        let begins = at == first && opening;
        let joint = name.is_some() && own == Class::NONE && class(at + 1).is(Class::CAPITAL) && is_joint(words, at);
        if !(joint || own.is(Class::WORD)) {
            break;
        }
        if is_name(own, begins) {
            name = name.or(Some(at));
        } else if joint || (name.is_some() && own.is(Class::VAN) && is_name(class(at + 1), false)) {
            // inside a name
        } else if own.is(Class::MINISTER) && !own.is(Class::CUE) {
            role = true;
            name = None;
        } else if own.is(Class::WORD) && article && !role && name.is_none() && plain < MAX_PHRASE && is_plain(own) {
            plain += 1;
        } else {
            break;
        }
        at += 1;
    }
    let last = at;
    if last == first + usize::from(article) {
        return None;
    }
    let names = name.map_or(0, |name| last - name);
    let titled = (first..last).any(|at| class(at).is(Class::MR | Class::MS | Class::DR)) || (role && names > 0);
    let kind = match names {
        0 if role => Kind::Role,
        0 => Kind::Phrase,
        1 if titled => Kind::Name,
        1 if opening && !article => Kind::Opening,
        1 => Kind::Single,
        _ => Kind::Name,
    };
    Some(Mention { first, last, kind, name: name.unwrap_or(last) })
}

/// `&` between two names.
fn is_joint(words: &[Word], at: usize) -> bool {
    words[at].end - words[at].start == 1 && words[at + 1].start - words[at].end <= 1
}

/// A capitalised word that is not small and, where a sentence begins, no verb of saying.
fn is_name(class: Class, begins: bool) -> bool {
    class.is(Class::CAPITAL)
        && !class.is(Class::SMALL)
        && !(begins && class.is(Class::CUE))
        && !(begins && class.is(Class::MINISTER) && !class.is(Class::MR | Class::MS | Class::DR))
}

fn is_plain(class: Class) -> bool {
    !class.is(Class::SMALL | Class::CUE)
}

#[cfg(test)]
mod tests {
    use super::super::span::spans;
    use super::super::word::{Lexicon, words};
    use super::*;

    fn shown(text: &str) -> Vec<(&str, Kind)> {
        let words = words(text, &spans(text), Lexicon::of("en").unwrap());
        let found = mentions(&words);
        found.iter().map(|m| (&text[words[m.first].start..words[m.last - 1].end], m.kind)).collect()
    }

    #[test]
    fn names_roles_and_pronouns() {
        assert_eq!(
            shown("The minister, Jane van Roe, said he knew."),
            [("The minister", Kind::Role), ("Jane van Roe", Kind::Name), ("he", Kind::He)]
        );
        assert_eq!(
            shown("But Mr. Doe told the tired old crowd that Roe left"),
            [("Mr. Doe", Kind::Name), ("the tired old crowd", Kind::Role), ("Roe", Kind::Single)]
        );
        assert_eq!(
            shown("“Never,” said Ada Poe of the University of Ulm."),
            [("Ada Poe", Kind::Name), ("the University of Ulm", Kind::Name)]
        );
    }
}
