//! Who "he" or "she" is: the person of that sex of whom the paragraph speaks, or else the last who was spoken of or spoke.

use super::super::mention::Kind;
use super::{Class, Names, Sex};

/// How many mentions back a pronoun may reach.
const REACH: usize = 40;

/// What speaks for a mention: that it stands in the pronoun's paragraph, that it begins a sentence or is the subject of a verb of
/// saying, that its bearer spoke last; and what each mention between takes away.
const BESIDE: f32 = 1.5;
const SUBJECT: f32 = 0.7;
const SPOKE: f32 = 0.6;
const STEP: f32 = 0.06;

/// A pronoun and what is known of it.
struct Pronoun<'n> {
    at: usize,
    sex: Sex,
    /// The surname of the last speaker.
    spoke: Option<&'n str>,
    /// The first pronoun of this sex in its paragraph, maybe itself.
    first: usize,
}

impl Names<'_, '_> {
    /// The named mention before a pronoun for which most speaks; `last` is the last speaker. Where that is a person whose sex
    /// nobody tells, it is meant only if no other can be, or if it spoke in the sentences before; else nobody is.
    pub(super) fn antecedent(&self, at: usize, sex: Sex, last: Option<usize>) -> Option<usize> {
        let start = at.saturating_sub(REACH);
        let kind = self.scene.mentions[at].kind;
        let first = (start..at).find(|&other| self.scene.mentions[other].kind == kind && self.beside(other, at));
        let pronoun =
            Pronoun { at, sex, spoke: last.and_then(|last| self.meant_name(last)), first: first.unwrap_or(at) };
        let reach = || (start..at).filter(|&other| self.may_be(other, &pronoun));
        let scored = reach().map(|other| (other, self.evidence(other, &pronoun)));
        let (best, _) = scored.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let alone = || reach().all(|other| self.meant_name(other) == self.meant_name(best));
        let speaks = || self.beside(best, at) && self.scene.begins_sentence(best) && self.scene.speaks(best);
        (self.is_told(best) || alone() || speaks()).then_some(best)
    }

    /// Whether a mention names somebody who may have the pronoun's sex.
    fn may_be(&self, at: usize, pronoun: &Pronoun) -> bool {
        let Some(name) = self.meant_name(at) else { return false };
        let mention = &self.scene.mentions[at];
        let titled = || mention.kind == Kind::Name && self.scene.words[mention.first].class.is(Class::DR);
        let person = || self.people.get(at).is_some_and(|person| *person) || titled() || pronoun.spoke == Some(name);
        self.sex.get(name).map_or_else(person, |known| *known == pronoun.sex)
    }

    /// Whether the sex of a name is known.
    fn is_told(&self, at: usize) -> bool {
        self.meant_name(at).is_some_and(|name| self.sex.contains_key(name))
    }

    fn evidence(&self, other: usize, pronoun: &Pronoun) -> f32 {
        let subject = self.scene.begins_sentence(other) || self.scene.speaks(other);
        let stands = if subject { SUBJECT } else { 0.0 };
        // whom the paragraph has called "she" already is not the woman it goes on to meet
        let new = || other < pronoun.first && self.is_told(other);
        let score = match self.beside(other, pronoun.at) {
            true if subject || new() => BESIDE + stands,
            false if pronoun.spoke.is_some() && pronoun.spoke == self.meant_name(other) => stands.max(SPOKE),
            _ => stands,
        };
        score - STEP * (pronoun.at - other) as f32
    }

    /// Whether two mentions stand in one paragraph.
    fn beside(&self, one: usize, other: usize) -> bool {
        self.scene.paragraph(one) == self.scene.paragraph(other)
    }
}
