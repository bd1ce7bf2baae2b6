//! The closed label sets of the metrics: every value a label may have exists in one of these enums.
//!
//! A source, a URL or the text of an error is never a label: the number of series must not grow with the input.

use crate::article::{Article, FieldSource};
use crate::closed::closed;
use crate::outcome::{OutcomeKind, Reason, Stage};

/// A closed set of label values.
pub trait Label: Copy + Send + Sync + 'static {
    /// Every value, so that all series exist at zero from the start.
    const ALL: &'static [Self];
    /// The value as it is exported.
    fn text(self) -> &'static str;
}

closed! {
    /// Why records were given back unfinished.
    pub enum Returned {
        /// Their partition was taken away.
        Revoke = "revoke",
        /// Their transaction was aborted.
        Abort = "abort",
        /// The worker stopped before they were done.
        Shutdown = "shutdown",
    }
}

closed! {
    /// How a commit ended.
    pub enum CommitResult {
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

closed! {
    /// Why a call was made again.
    pub enum RetryCause {
        /// No broker answers.
        Transport = "transport",
        /// The producer's queue is full.
        Busy = "busy",
    }
}

closed! {
    /// Why consumer and producer were thrown away and built anew.
    pub enum RebuildCause {
        /// The client reported a fatal error.
        Fatal = "fatal",
        /// A transactional call ended without an answer.
        Indefinite = "indefinite",
        /// Another process uses the same transactional id.
        Fenced = "fenced",
    }
}

closed! {
    /// What a rebalance did to this worker.
    pub enum Rebalance {
        /// Partitions came.
        Assigned = "assigned",
        /// Partitions were handed over in order.
        Revoked = "revoked",
        /// Partitions were taken without asking.
        Lost = "lost",
    }
}

closed! {
    /// Why a message could not be written.
    pub enum ProduceError {
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

closed! {
    /// Why a record of the print log was passed over.
    pub enum SkippedPrint {
        /// It cannot be read.
        Damaged = "damaged",
        /// Another desk wrote it.
        ForeignDesk = "foreign_desk",
        /// A newer or older program wrote it.
        UnknownVersion = "unknown_version",
    }
}

closed! {
    /// How an article was recognised.
    pub enum Match {
        /// Equal content.
        Exact = "exact",
        /// Nearly the same words.
        Near = "near",
        /// The same address, or the same source and id, with other content.
        Url = "url",
    }
}

closed! {
    /// How the fetch of a link ended.
    pub enum FetchResult {
        /// The page was written to the raw topic.
        Page = "page",
        /// It became a dead letter.
        Dead = "dead",
    }
}

closed! {
    /// The fields of the article whose absence an editor notices.
    pub enum Field {
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

closed! {
    /// How loud a log message is.
    pub enum Level {
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
            _ => told(self.name()),
        }
    }
}

/// Makes closed sets labels.
macro_rules! labels {
    ($($set:ident)+) => { $(
        impl Label for $set {
            const ALL: &'static [$set] = &$set::ALL;
            fn text(self) -> &'static str {
                self.name()
            }
        }
    )+ };
}
labels! { Stage OutcomeKind Returned CommitResult RetryCause RebuildCause Rebalance ProduceError SkippedPrint Match FetchResult Field Level }

/// The reasons a stage can give: the series of dead letters that exist from the start. Another combination would still
/// be counted, from its first case on.
pub(super) fn reasons(stage: Stage) -> impl Iterator<Item = Reason> {
    Reason::ALL.into_iter().filter(move |reason| reason.stages().contains(&stage))
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
}
