//! Why a record cannot become an article: the closed set of reasons, who gives them, and whose trouble they are.
//!
//! A new reason is added here; the compiler then asks for its stages and its class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Stage;
use crate::closed::closed;

closed! {
    /// What kind of trouble a reason is. Only faults feed the reject limit and the dead-letter alert.
    pub enum Class {
        /// Broken input or a defect of ours: somebody should look.
        Fault = "fault",
        /// Readable, and not an article this desk publishes.
        Policy = "policy",
    }
}

closed! {
    /// Why a record cannot become an article. A reason always means one dead letter, never a retry and never a stop.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Reason {
        /// The message value is null.
        NullValue = "null_value",
        /// The message value has no bytes, or only white space.
        EmptyValue = "empty_value",
        /// The value is neither JSON nor HTML.
        NotJson = "not_json",
        /// A field has a type or a value it cannot have, or the text declares an embargo: one that is no time.
        WrongType = "wrong_type",
        /// Bytes that are not text in the charset they claim.
        InvalidUtf8 = "invalid_utf8",
        /// gzip or zstd that does not unpack.
        BadCompression = "bad_compression",
        /// Larger than the body limit, packed or unpacked, or what becomes of it is larger than its topic takes.
        TooLarge = "too_large",
        /// JSON nested deeper than the limit.
        TooDeep = "too_deep",
        /// Only a URL: such records belong on the links topic.
        UrlOnly = "url_only",
        /// No body, and the status is neither canceled nor withheld.
        EmptyBody = "empty_body",
        /// A page with more nodes than the budget.
        OverBudget = "over_budget",
        /// A page or text in which no story was found, or only what a site shows in place of one.
        NoStory = "no_story",
        /// A story of fewer words than `clean.min_words`.
        TooShort = "too_short",
        /// A stage panicked before admission: a defect of ours.
        Panic = "panic",
        /// Workers ended again and again with this record under way: it was not read.
        CrashLoop = "crash_loop",
        /// A link that is no http(s) URL, or that leads to an address the guard refuses.
        Refused = "refused",
        /// A link that could not be fetched within the allowed attempts.
        Unreachable = "unreachable",
        /// A link that answered with something that is no page.
        NotAPage = "not_a_page",
    }
}

impl Reason {
    /// The stages that can give it.
    pub fn stages(self) -> &'static [Stage] {
        match self {
            Reason::NullValue | Reason::EmptyValue | Reason::NotJson | Reason::InvalidUtf8 | Reason::TooDeep => {
                &[Stage::Decode, Stage::Fetch]
            }
            Reason::BadCompression | Reason::UrlOnly | Reason::EmptyBody | Reason::CrashLoop => &[Stage::Decode],
            Reason::WrongType | Reason::TooLarge => &[Stage::Decode, Stage::Clean, Stage::Fetch],
            Reason::OverBudget | Reason::NoStory | Reason::TooShort => &[Stage::Clean],
            Reason::Panic => &[Stage::Decode, Stage::Dedupe, Stage::Clean],
            Reason::Refused | Reason::Unreachable | Reason::NotAPage => &[Stage::Fetch],
        }
    }

    /// Fault or policy.
    pub fn class(self) -> Class {
        match self {
            Reason::NullValue
            | Reason::EmptyValue
            | Reason::NotJson
            | Reason::WrongType
            | Reason::InvalidUtf8
            | Reason::BadCompression
            | Reason::TooLarge
            | Reason::TooDeep
            | Reason::OverBudget
            | Reason::Panic
            | Reason::CrashLoop => Class::Fault,
            Reason::UrlOnly
            | Reason::EmptyBody
            | Reason::NoStory
            | Reason::TooShort
            | Reason::Refused
            | Reason::Unreachable
            | Reason::NotAPage => Class::Policy,
        }
    }
}

/// A record that cannot become an article: which stage said so, why, and what exactly it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejection {
    /// Id of the record when it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The stage that rejected it.
    pub stage: Stage,
    /// Why, from a closed set.
    pub reason: Reason,
    /// One sentence for a person: what is wrong, where, what to do.
    pub detail: String,
}

impl Rejection {
    /// A rejection of a record whose id is not known yet.
    pub fn new(stage: Stage, reason: Reason, detail: impl Into<String>) -> Rejection {
        debug_assert!(reason.stages().contains(&stage), "{stage:?} never says {reason:?}");
        Rejection { id: None, stage, reason, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_belongs_to_a_stage() {
        for reason in Reason::ALL {
            assert!(!reason.stages().is_empty(), "{reason:?}");
        }
    }
}
