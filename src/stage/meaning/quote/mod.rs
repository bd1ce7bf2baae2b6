//! Words between quotation marks and who said them.
//!
//! `span` finds what stands between marks, `word` and `mention` what could have spoken, `feature` and `rank` choose, `name`
//! finds out who is meant by "she" or "the minister". A quote without a speaker is kept; titles of works and so-called
//! expressions are not. Nothing here needs the tagger; where it has named people, the speaker is tied to them. Where a
//! language has no word list, quotes are found and nobody is named.

pub mod feature;
pub mod mention;
pub mod name;
pub mod offset;
pub mod rank;
pub mod span;
pub mod word;

use feature::{Choice, Scene};
use mention::{Kind, Mention};
use name::Names;
use offset::Offsets;
use rank::Weights;
use span::Span;
use word::{Class, Lexicon};

use crate::article::{Entity, EntityKind, Quote, QuoteKind, Speaker};

/// Shortest quote in words; a shorter one counts only when it has a speaker for sure.
const MIN_WORDS: usize = 3;
/// How sure the speaker of a shorter quote must be.
const SURE: f32 = 0.8;
/// Confidence of a quote whose language has no word list.
const UNREAD: f64 = 0.5;
/// How much of its confidence a speaker keeps when a pronoun or an office had to be resolved.
const RESOLVED: f64 = 0.85;

/// The quotes of a text in order. `language` is its code, `entities` are the people and bodies named in it, if they are known.
pub fn read(text: &str, language: Option<&str>, entities: &[Entity]) -> Vec<Quote> {
    let spans = span::spans(text);
    if spans.is_empty() {
        return Vec::new();
    }
    let lexicon = language.and_then(Lexicon::of);
    let words = word::words(text, &spans, lexicon.unwrap_or(Lexicon::none()));
    let scene = Scene::new(text, spans, words);
    let offsets = Offsets::new(text);
    let people = people(&scene, &offsets, entities);
    let english = language == Some("en");
    let reader = Reader { scene: &scene, names: Names::new(&scene, people), offsets, entities, english };
    match lexicon {
        Some(_) => reader.with_speakers(),
        None => reader.without(),
    }
}

struct Reader<'s, 't> {
    scene: &'s Scene<'t>,
    names: Names<'s, 't>,
    offsets: Offsets<'t>,
    entities: &'s [Entity],
    english: bool,
}

impl Reader<'_, '_> {
    fn with_speakers(&self) -> Vec<Quote> {
        let decisions = Weights::embedded().decide(self.scene);
        let mut last = None;
        let mut quotes = Vec::new();
        for (at, &(choice, probability)) in decisions.iter().enumerate() {
            let long = self.length(at) >= MIN_WORDS;
            let choice = match choice {
                Choice::Mention(mention) if self.is_nobody(mention) => Choice::Nobody,
                choice => choice,
            };
            match choice {
                Choice::Mention(mention) if long || probability >= SURE => {
                    let (speaker, share) = self.speaker(mention, last);
                    let confidence = f64::from(probability) * share;
                    let cue = self.scene.cue(at, mention).map(|word| self.shown(word));
                    quotes.push(Quote {
                        speaker: Some(speaker),
                        cue,
                        confidence: rounded(confidence),
                        ..self.quote(at)
                    });
                    last = Some(self.names.meant(mention, last).unwrap_or(mention));
                }
                Choice::Nobody if long => {
                    quotes.push(Quote { confidence: rounded(f64::from(probability)), ..self.quote(at) });
                }
                _ => {}
            }
        }
        quotes
    }

    fn without(&self) -> Vec<Quote> {
        (0..self.scene.spans.len()).filter(|&at| self.length(at) >= MIN_WORDS).map(|at| self.quote(at)).collect()
    }

    /// Words of a quote; in scripts without spaces, pairs of characters.
    fn length(&self, at: usize) -> usize {
        let inside = self.inside(&self.scene.spans[at]);
        let dense = inside.chars().filter(|c| ('\u{3040}'..'\u{a000}').contains(c)).count() / 2;
        let words = inside.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
        words.max(dense)
    }

    fn inside(&self, span: &Span) -> &str {
        &self.scene.text[span.start..span.end]
    }

    fn quote(&self, at: usize) -> Quote {
        let span = &self.scene.spans[at];
        Quote {
            text: self.inside(span).to_owned(),
            start: self.offsets.of(span.start),
            end: self.offsets.of(span.end),
            kind: self.kind(at),
            speaker: None,
            cue: None,
            confidence: UNREAD,
        }
    }

    /// Direct when it begins like a sentence, where a sentence or its speech may begin.
    fn kind(&self, at: usize) -> QuoteKind {
        let before = self.scene.beside(at).0;
        let edge = Class::BREAK | Class::STOP | Class::COMMA | Class::COLON | Class::QUOTE | Class::CUE | Class::DASH;
        let small =
            self.inside(&self.scene.spans[at]).chars().find(|c| c.is_alphanumeric()).is_none_or(char::is_lowercase);
        if before.is(edge) && !small { QuoteKind::Direct } else { QuoteKind::Mixed }
    }

    fn shown(&self, word: usize) -> String {
        let word = self.scene.words[word];
        self.scene.text[word.start..word.end].to_owned()
    }

    /// The speaker, and the share of confidence that is left when it had to be found out who is meant.
    fn speaker(&self, mention: usize, last: Option<usize>) -> (Speaker, f64) {
        let meant = self.names.meant(mention, last);
        let own = self.range(mention);
        let far = meant.filter(|&meant| meant != mention);
        let entity = self.entity(own).or_else(|| self.entity(self.range(far?)));
        let name = entity.map_or_else(|| self.names.known_as(mention, meant).to_owned(), |entity| entity.name.clone());
        let text = self.scene.shown(&self.scene.mentions[mention]).to_owned();
        let named = self.scene.surname(&self.scene.mentions[mention]).is_some();
        let speaker =
            Speaker { name, text, start: own[0], end: own[1], entity_id: entity.map(|entity| entity.id.clone()) };
        (speaker, if named || meant.is_none() { 1.0 } else { RESOLVED })
    }

    /// True outside English for `who` behind no name: `que`, `che` are more often no pronoun at all.
    fn is_nobody(&self, mention: usize) -> bool {
        let class = self.scene.words[self.scene.mentions[mention].first].class;
        let who = self.scene.mentions[mention].kind == Kind::Other && class.is(Class::WHO);
        who && !self.english && self.names.meant(mention, None).is_none()
    }

    fn range(&self, mention: usize) -> [u32; 2] {
        range(self.scene, &self.offsets, &self.scene.mentions[mention])
    }

    /// The person, or else the body, named there.
    fn entity(&self, [start, end]: [u32; 2]) -> Option<&Entity> {
        let there = |entity: &&Entity| {
            let first = entity.mentions.partition_point(|mention| mention[1] <= start);
            entity.mentions.get(first).is_some_and(|mention| mention[0] < end)
        };
        let of = |kind: EntityKind| self.entities.iter().filter(move |entity| entity.kind == kind).find(there);
        of(EntityKind::Person).or_else(|| of(EntityKind::Organisation))
    }
}

/// By mention of a scene: whether a person is named in it.
fn people(scene: &Scene, offsets: &Offsets, entities: &[Entity]) -> Vec<bool> {
    let people = entities.iter().filter(|entity| entity.kind == EntityKind::Person);
    let mut named: Vec<[u32; 2]> = people.flat_map(|entity| entity.mentions.iter().copied()).collect();
    named.sort_unstable();
    let is_person = |mention: &Mention| {
        let [start, end] = range(scene, offsets, mention);
        let first = named.partition_point(|person| person[1] <= start);
        named.get(first).is_some_and(|person| person[0] < end)
    };
    scene.mentions.iter().map(is_person).collect()
}

/// Where a mention stands, in code points.
fn range(scene: &Scene, offsets: &Offsets, mention: &Mention) -> [u32; 2] {
    let (first, last) = (scene.words[mention.first], scene.words[mention.last - 1]);
    [offsets.of(first.start), offsets.of(last.end)]
}

fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
