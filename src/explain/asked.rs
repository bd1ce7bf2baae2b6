//! What the desk's memory was asked, what it said, and the earlier record it spoke of.
//!
//! It must never judge likeness itself: which paragraphs only one of the two has is shown beside the verdict, not part of it.

use std::collections::HashSet;

use serde::Serialize;

use super::read;
use crate::article::Block;
use crate::record::Record;
use crate::stage::Rules;
use crate::stage::dedupe::ledger::{Answer, Match, Word};
use crate::stage::dedupe::verdict::Found;

/// What the desk's memory was asked, and what it said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// How many records of this run stood before it, or how many articles the print log remembers.
    pub before: usize,
    /// `new`, `copy`, `revision` or `update`.
    pub verdict: &'static str,
    /// What it was matched with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
    /// What the print log holds of the record itself, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Logged>,
}

/// What the print log of a desk holds of one record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logged {
    /// Articles that it remembers.
    pub remembered: usize,
    /// The print of this record; absent for a record that lies in no topic, that was not read yet, or that was filed
    /// unread as a copy of equal content.
    pub own: Option<OwnPrint>,
}

/// The print of a record, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnPrint {
    /// Where it lies.
    pub position: String,
    /// When the broker took it, RFC 3339.
    pub time: String,
    /// The verdict it got there: `new`, `copy`, `revision` or `update`.
    pub verdict: &'static str,
    /// The article it was matched with, and where that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What is known of it since: `published`, `promised`, `void`, `forgotten`; `filed` for a copy.
    pub state: &'static str,
    /// Id of the story it belongs to.
    pub story: String,
    /// False when the record had other bytes then: it is another one, at the same place of a topic that was made anew.
    pub same: bool,
}

/// The earlier article a record was matched with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matched {
    /// Its id.
    pub id: String,
    /// Where it was read in this run.
    pub name: String,
    /// How it was found, in words.
    pub by: &'static str,
    /// 0.0 to 1.0, share of this text that the earlier one covers; absent where words were not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// What differs, as far as the prints tell.
    pub differs: Vec<String>,
    /// Paragraphs of this record that the earlier one does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only_here: Vec<String>,
    /// Paragraphs of the earlier one that this record does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only_there: Vec<String>,
}

/// A record that was decided before in this run.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'e> {
    /// How it is called.
    pub name: &'e str,
    /// The record.
    pub record: &'e Record,
}

/// What a record was compared with.
#[derive(Debug, Clone)]
pub enum Before<'d> {
    /// The records before it in this run, in order.
    Run(&'d [Earlier<'d>]),
    /// The memory of a desk, and the record that it matched, as far as that can still be read.
    Log(Logged, Option<&'d Record>),
}

/// What the memory was asked about a record whose body has `blocks`, and its `answer`.
pub(super) fn answered(answer: Option<&Answer>, before: &Before<'_>, blocks: &[Block], rules: &Rules) -> Asked {
    let (verdict, matched) = answer.map_or(("new", None), |answer| told(&answer.word));
    let matched = matched.map(|matched| compared(matched, before, blocks, rules));
    match before {
        Before::Run(records) => Asked { before: records.len(), verdict, matched, log: None },
        Before::Log(log, _) => Asked { before: log.remembered, verdict, matched, log: Some(log.clone()) },
    }
}

/// A verdict in a word, and what it was matched with.
pub fn told(word: &Word) -> (&'static str, Option<&Match>) {
    match word {
        Word::New => ("new", None),
        Word::Copy(_, matched) => ("copy", Some(matched)),
        Word::Revision(matched) => ("revision", Some(matched)),
        Word::Update(matched) => ("update", Some(matched)),
    }
}

/// The matched record, and which paragraphs only one of the two has.
fn compared(matched: &Match, before: &Before<'_>, blocks: &[Block], rules: &Rules) -> Matched {
    // Records of a run are numbered from 1.
    let n = usize::try_from(matched.of.position.offset.0 - 1).ok();
    let (name, earlier) = match before {
        Before::Run(records) => n.and_then(|n| records.get(n)).map(|e| (e.name, e.record)).unzip(),
        Before::Log(_, earlier) => (None, *earlier),
    };
    let there = earlier.map(|earlier| read(earlier, rules).1);
    Matched {
        id: matched.of.id.clone(),
        name: name.map_or_else(|| matched.of.position.to_string(), str::to_owned),
        by: match matched.found {
            Found::ByIdentity => "same source and id",
            Found::ByUrl => "same address",
            Found::ByContent => "same content",
            Found::ByText => "much of its words",
        },
        similarity: matched.similarity,
        differs: matched.differs.clone(),
        only_here: there.as_ref().map(|there| only(blocks, there)).unwrap_or_default(),
        only_there: there.as_ref().map(|there| only(there, blocks)).unwrap_or_default(),
    }
}

/// Kept paragraphs of `these` that `those` do not keep.
fn only(these: &[Block], those: &[Block]) -> Vec<String> {
    let kept = |block: &&Block| block.dropped.is_none();
    let known: HashSet<&str> = those.iter().filter(kept).map(|block| block.text.as_str()).collect();
    these.iter().filter(kept).filter(|b| !known.contains(b.text.as_str())).map(|block| block.text.clone()).collect()
}
