//! The closed label sets of the metrics: every value a label may have exists in one of these enums.
//!
//! A source, a URL or the text of an error is never a label: the number of series must not grow with the input.

use crate::article::{Article, FieldSource};
use crate::outcome::{OutcomeKind, Reason, Stage};

/// A closed set of label values.
pub trait Label: Copy + Send + Sync + 'static {
    /// Every value, so that all series exist at zero from the start.
    const ALL: &'static [Self];
    /// The value as it is exported.
    fn text(self) -> &'static str;
}

/// Declares a label: the enum, its values and their exported names, once.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$value_doc])* $value),+ }

        impl Label for $name {
            const ALL: &'static [Self] = &[$($name::$value),+];
            fn text(self) -> &'static str {
                match self { $($name::$value => $text),+ }
            }
        }
    };
}

label! {
    /// Why records were given back unfinished.
    Returned {
        /// Their partition was taken away.
        Revoke = "revoke",
        /// Their transaction was aborted.
        Abort = "abort",
        /// The worker stopped before they were done.
        Shutdown = "shutdown",
    }
}

label! {
    /// How a commit ended.
    CommitResult {
        /// Outputs and offsets stand.
        Ok = "ok",
        /// Nothing stands; the records are read again.
        Aborted = "aborted",
        /// The broker refused for good.
        Failed = "failed",
        /// Nobody knows: the client is built anew.
        Indefinite = "indefinite",
    }
}

label! {
    /// Why a call was made again.
    RetryCause {
        /// No broker answers.
        Transport = "transport",
        /// The producer's queue is full.
        Busy = "busy",
    }
}

label! {
    /// Why consumer and producer were thrown away and built anew.
    RebuildCause {
        /// The client reported a fatal error.
        Fatal = "fatal",
        /// A transactional call ended without an answer.
        Indefinite = "indefinite",
        /// Another process uses the same transactional id.
        Fenced = "fenced",
    }
}

label! {
    /// What a rebalance did to this worker.
    Rebalance {
        /// Partitions came.
        Assigned = "assigned",
        /// Partitions were handed over in order.
        Revoked = "revoked",
        /// Partitions were taken without asking.
        Lost = "lost",
    }
}

label! {
    /// Why a message could not be written.
    ProduceError {
        /// Larger than the topic allows.
        TooLarge = "too_large",
        /// No right to write there.
        Denied = "denied",
        /// No acknowledgement in time.
        Timeout = "timeout",
        /// The topic or partition is not there.
        UnknownTopic = "unknown_topic",
        /// Anything else.
        Other = "other",
    }
}

label! {
    /// Why a record of the print log was passed over.
    SkippedPrint {
        /// It cannot be read.
        Damaged = "damaged",
        /// Another desk wrote it.
        ForeignDesk = "foreign_desk",
        /// A newer or older program wrote it.
        UnknownVersion = "unknown_version",
    }
}

label! {
    /// How an article was recognised.
    Match {
        /// Equal content.
        Exact = "exact",
        /// Nearly the same words.
        Near = "near",
        /// The same address, or the same source and id, with other content.
        Url = "url",
    }
}

label! {
    /// How the fetch of a link ended.
    FetchResult {
        /// The page was written to the raw topic.
        Page = "page",
        /// It became a dead letter.
        Dead = "dead",
    }
}

label! {
    /// The fields of the article whose absence an editor notices.
    Field {
        /// `headline`
        Headline = "headline",
        /// `authors`
        Authors = "authors",
        /// `byline`
        Byline = "byline",
        /// `published_at`
        PublishedAt = "published_at",
        /// `section`
        Section = "section",
        /// `language`
        Language = "language",
        /// `images`
        Images = "images",
        /// `dateline`
        Dateline = "dateline",
        /// `agency`
        Agency = "agency",
    }
}

label! {
    /// How loud a log message is.
    Level {
        /// Something is wrong that nobody intended.
        Error = "error",
        /// Something may become wrong.
        Warn = "warn",
        /// What a person wants to know.
        Info = "info",
        /// What a person looking for a fault wants to know.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

impl Field {
    /// Where `article` has this field from; `None` when it lacks it.
    pub fn source(self, article: &Article) -> Option<FieldSource> {
        let told = |name: &str| article.provenance.get(name).map(|from| from.source);
        match self {
            // The printed byline and the people in it are read from one place, which is told once; without any it is
            // what the record said.
            Field::Byline if article.byline.is_none() => None,
            Field::Byline => told("authors").or(Some(FieldSource::Record)),
            _ => told(self.text()),
        }
    }
}

impl Label for Stage {
    const ALL: &'static [Self] = &Stage::ALL;
    fn text(self) -> &'static str {
        self.name()
    }
}

impl Label for OutcomeKind {
    const ALL: &'static [Self] = &OutcomeKind::ALL;
    fn text(self) -> &'static str {
        self.name()
    }
}

/// The reasons a stage can give: the series of dead letters that exist from the start. Another combination would still
/// be counted, from its first case on.
pub(super) fn reasons(stage: Stage) -> &'static [Reason] {
    match stage {
        Stage::Decode => &[
            Reason::NullValue,
            Reason::EmptyValue,
            Reason::NotJson,
            Reason::WrongType,
            Reason::InvalidUtf8,
            Reason::BadCompression,
            Reason::TooLarge,
            Reason::TooDeep,
            Reason::UrlOnly,
            Reason::EmptyBody,
            Reason::Panic,
            Reason::CrashLoop,
        ],
        Stage::Dedupe => &[Reason::TooLarge, Reason::Panic],
        Stage::Clean => &[Reason::OverBudget, Reason::NoStory, Reason::TooShort, Reason::Panic],
        Stage::Extract => &[Reason::TooLarge, Reason::Panic],
        Stage::Fetch => &[
            Reason::NullValue,
            Reason::EmptyValue,
            Reason::NotJson,
            Reason::WrongType,
            Reason::BadCompression,
            Reason::TooLarge,
            Reason::Refused,
            Reason::Unreachable,
            Reason::NotAPage,
            Reason::Panic,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Provenance;

    #[test]
    fn a_byline_comes_from_where_its_authors_do() {
        let from = Provenance { source: FieldSource::Text, rule: "byline_line".into(), confidence: 0.8 };
        let mut article = Article { provenance: [("authors".to_owned(), from)].into(), ..Article::default() };
        assert_eq!((Field::Byline.source(&article), Field::Authors.source(&article)), (None, Some(FieldSource::Text)));
        article.byline = Some("By Ana Ruiz".into());
        assert_eq!(Field::Byline.source(&article), Some(FieldSource::Text));
        assert_eq!(Field::Headline.source(&article), None);
    }

    #[test]
    fn every_reason_belongs_to_a_stage() {
        for reason in Reason::ALL {
            assert!(Stage::ALL.into_iter().any(|stage| reasons(stage).contains(&reason)), "{reason:?} has no series");
        }
    }
}
