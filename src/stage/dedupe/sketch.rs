//! What memory keeps of a told story's words, and how alike another text is to it.
//!
//! A sketch is the smallest hashes of the story's shingles (bottom-k: Cohen and Kaplan, "Summarizing data using bottom-k
//! sketches", 2007). Below its largest hash nothing is missing, so three counts in that range tell how much of the
//! story is in the text, how much of the text is in the story, and how alike both are. A text cut out of the story comes
//! out as wholly covered, without any error of estimation.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wording::Wording;

/// Hashes in the index; a text is found by them. More: memory; fewer: trims and long stories are not found.
pub const POSTED: usize = 16;
/// Hashes kept as 16-bit tags besides those, for comparing.
const TAGGED: usize = 48;
/// Numbers kept.
const NUMBERS: usize = 32;
/// Hashes of its opening kept as tags.
const OPENING: usize = 16;
/// Numbers of its opening kept.
const OPENING_NUMBERS: usize = 8;
/// Shingles that an opening needs, before it can be told whether the other text has it: a share of fewer is chance.
const FEW_OPENING: usize = 4;

/// Numbers that each of two texts must have, before they can speak against a match.
const FEW_NUMBERS: usize = 3;
/// Percent of the fewer numbers that must be shared: below it two texts are one template filled in twice.
const SHARED_NUMBERS: usize = 35;

/// The text that asks: its shingles as far as the filters let them through.
#[derive(Debug)]
pub struct Question<'w> {
    /// What its print says.
    pub wording: &'w Wording,
    /// Its shingles after both filters, ascending.
    pub shingles: Vec<u32>,
    /// Those of them that open the text.
    pub opening: Vec<u32>,
    /// The same shingles as (low half, whole), ascending.
    tags: Vec<(u16, u32)>,
    /// Low halves of all its shingles, whatever the filters say, ascending.
    all: Vec<u16>,
}

impl<'w> Question<'w> {
    /// A question about these shingles of the wording.
    pub fn new(wording: &'w Wording, shingles: Vec<u32>) -> Question<'w> {
        let passed = |hash: &&u32| shingles.binary_search(hash).is_ok();
        let opening = wording.opening.iter().filter(passed).copied().collect();
        Question { wording, shingles, opening, tags: Vec::new(), all: Vec::new() }
    }

    /// Sorts the tags, for comparing; few texts need it.
    pub fn prepare(&mut self) {
        if self.tags.is_empty() {
            self.tags = self.shingles.iter().map(|hash| (*hash as u16, *hash)).collect();
            self.tags.sort_unstable();
            self.all = self.wording.shingles.iter().map(|hash| *hash as u16).collect();
            self.all.sort_unstable();
        }
    }

    /// Distinct shingles of the whole text, where only those below a limit were kept.
    fn size(&self) -> u64 {
        ((self.shingles.len() as u64) << 32) / (u64::from(self.wording.limit) + 1)
    }

    fn has(&self, tag: u16, top: u32) -> bool {
        let from = self.tags.partition_point(|(other, _)| *other < tag);
        self.tags.get(from).is_some_and(|(other, hash)| *other == tag && *hash <= top)
    }

    fn up_to(&self, top: u32) -> u64 {
        self.shingles.partition_point(|hash| *hash <= top) as u64
    }
}

/// The bounded memory of a story's words: a head, tags, tags and numbers of its opening, all numbers, in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch(Box<[u16]>);

impl Serialize for Sketch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|part| part.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Sketch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sketch, D::Error> {
        match <&[u8]>::deserialize(deserializer)?.as_chunks() {
            (parts, []) => Ok(Sketch(parts.iter().map(|part| u16::from_le_bytes(*part)).collect())),
            _ => Err(D::Error::custom("half a part of a sketch")),
        }
    }
}

/// size (2), top (2), entries in the index, tags, numbers are complete, tags of the opening, its numbers.
const HEAD: usize = 9;

impl Sketch {
    /// The sketch of a text; `posted` of its hashes went into the index.
    pub fn new(question: &Question, posted: usize) -> Sketch {
        let sample = &question.shingles[..question.shingles.len().min(POSTED + TAGGED)];
        let all = sample.len() == question.shingles.len();
        let top = if all { question.wording.limit } else { sample.last().copied().unwrap_or(u32::MAX) };
        let size = u32::try_from(question.size()).unwrap_or(u32::MAX);
        // A hash that found no room in the index is kept as a tag.
        let tagged = &sample[posted.min(sample.len())..];
        let numbers = &question.wording.numbers[..question.wording.numbers.len().min(NUMBERS)];
        let complete = numbers.len() == question.wording.numbers.len();
        let opening = &question.opening[..question.opening.len().min(OPENING)];
        let opening_numbers = &question.wording.opening_numbers;
        let opening_numbers = &opening_numbers[..opening_numbers.len().min(OPENING_NUMBERS)];
        let lengths = tagged.len() + opening.len() + opening_numbers.len() + numbers.len();
        let mut parts = Vec::with_capacity(HEAD + lengths);
        parts.extend([(size >> 16) as u16, size as u16, (top >> 16) as u16, top as u16]);
        parts.extend([posted as u16, tagged.len() as u16, u16::from(complete)]);
        parts.extend([opening.len() as u16, opening_numbers.len() as u16]);
        parts.extend(tagged.iter().chain(opening).map(|hash| *hash as u16));
        parts.extend(opening_numbers);
        parts.extend(numbers);
        Sketch(parts.into())
    }

    /// Bytes held beside the sketch itself.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }

    /// Entries in the index.
    pub fn posted(&self) -> usize {
        self.part(4)
    }

    fn part(&self, at: usize) -> usize {
        self.0.get(at).copied().unwrap_or_default().into()
    }

    fn long(&self, at: usize) -> u32 {
        (self.part(at) << 16 | self.part(at + 1)) as u32
    }

    fn tags(&self) -> &[u16] {
        self.parts(HEAD, self.part(5))
    }

    fn opening(&self) -> &[u16] {
        self.parts(HEAD + self.part(5), self.part(7))
    }

    fn opening_numbers(&self) -> &[u16] {
        self.parts(HEAD + self.part(5) + self.part(7), self.part(8))
    }

    fn numbers(&self) -> &[u16] {
        self.0.get(HEAD + self.part(5) + self.part(7) + self.part(8)..).unwrap_or_default()
    }

    fn parts(&self, from: usize, count: usize) -> &[u16] {
        self.0.get(from..from + count).unwrap_or_default()
    }

    /// Compares a text with the story; these of the story's index entries were found in it.
    pub fn compare(&self, question: &Question, Hits { all: hits, opening }: Hits) -> Likeness {
        let top = self.long(2).min(question.wording.limit);
        let tags = self.tags();
        // Of a text cut off below the story's own range, only that part of the sample can be found.
        let kept = (self.posted() + tags.len()) as u64;
        let sampled = (kept * (u64::from(top) + 1)).div_ceil(u64::from(self.long(2)) + 1);
        let asked = question.up_to(top);
        let tagged = tags.iter().filter(|tag| question.has(**tag, top)).count() as u64;
        let found = hits as u64 + beyond_chance(tagged, tags.len() as u64, asked);
        let found = found.min(sampled).min(asked);
        Likeness {
            told_covered: share(found, sampled),
            new_covered: share(found, asked),
            jaccard: share(found, sampled + asked - found),
            common: found * u64::from(self.long(0)) / sampled.max(1),
            numbers: self.compare_numbers(&question.wording.numbers),
            openings: self.compare_openings(question, opening, top),
        }
    }

    fn compare_openings(&self, question: &Question, hits: usize, top: u32) -> Option<Openings> {
        let (wording, told) = (question.wording, self.opening());
        let new = &question.opening[..question.opening.partition_point(|hash| *hash <= top)];
        // Of a text cut off at a limit it cannot be said what it does not have.
        if wording.limit != u32::MAX || told.len().min(new.len()) < FEW_OPENING {
            return None;
        }
        let in_new = told.iter().filter(|tag| question.all.binary_search(tag).is_ok()).count();
        let in_told = hits + new.iter().filter(|hash| self.tags().contains(&(**hash as u16))).count();
        let new_numbers = self.comparable(&wording.opening_numbers);
        let common = common(self.opening_numbers(), &wording.numbers) + common(new_numbers, self.numbers());
        let numbers = Numbers { told: self.opening_numbers().len(), new: new_numbers.len(), common };
        Some(Openings {
            told_covered: share(in_new as u64, told.len() as u64),
            new_covered: share(in_told as u64, new.len() as u64),
            numbers,
        })
    }

    fn compare_numbers(&self, new: &[u16]) -> Numbers {
        let (told, new) = (self.numbers(), self.comparable(new));
        Numbers { told: told.len(), new: new.len(), common: common(new, told) }
    }

    /// Of many numbers only the smallest are kept of the told story: others are compared up to the largest kept.
    fn comparable<'n>(&self, new: &'n [u16]) -> &'n [u16] {
        let top = if self.part(6) == 1 { u16::MAX } else { self.numbers().last().copied().unwrap_or(u16::MAX) };
        &new[..new.partition_point(|number| *number <= top)]
    }
}

/// How many of some numbers are among others, which are ascending.
fn common(some: &[u16], others: &[u16]) -> usize {
    some.iter().filter(|number| others.binary_search(number).is_ok()).count()
}

/// Hits of 16-bit tags less those that `asked` hashes have by chance.
fn beyond_chance(hits: u64, tags: u64, asked: u64) -> u64 {
    const TAGS: u64 = 1 << 16;
    if asked >= TAGS {
        return 0;
    }
    (hits * TAGS).saturating_sub(tags * asked).div_ceil(TAGS - asked)
}

/// Parts in a thousand.
fn share(part: u64, whole: u64) -> u32 {
    (part * 1000).checked_div(whole).map_or(0, |share| share as u32)
}

/// How alike a text and a told story are. Shares in parts of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// Share of the told story that is in the new text.
    pub told_covered: u32,
    /// Share of the new text that is in the told story.
    pub new_covered: u32,
    /// Shingles in both, of those in either.
    pub jaccard: u32,
    /// Shingles in both, estimated.
    pub common: u64,
    /// What their numbers say.
    pub numbers: Numbers,
    /// How alike their openings are, where both are long enough to tell.
    pub openings: Option<Openings>,
}

/// Index entries of a told story that were found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hits {
    /// All of them.
    pub all: usize,
    /// Those that open the text.
    pub opening: usize,
}

/// How much of each text's opening stands anywhere in the other text. Shares in parts of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Openings {
    /// Of the told story's.
    pub told_covered: u32,
    /// Of the new text's.
    pub new_covered: u32,
    /// The numbers of both openings; common is the count of both that the other text has.
    pub numbers: Numbers,
}

/// Distinct numbers of both texts, as far as both are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// In the told story.
    pub told: usize,
    /// In the new text.
    pub new: usize,
    /// In both.
    pub common: usize,
}

impl Numbers {
    /// True when so few of them are shared that these are two stories of one kind: a template filled in twice.
    pub fn speak_against(&self) -> bool {
        let fewer = self.told.min(self.new);
        fewer >= FEW_NUMBERS && self.common * 100 < fewer * SHARED_NUMBERS
    }

    /// True when they are the same.
    pub fn agree(&self) -> bool {
        self.common == self.told && self.common == self.new
    }
}
