//! What a text says of its own publication, an embargo or its withdrawal, put where the record would have said it, so that dedupe
//! and everybody after it has one place to look. It never overrules the record.

use super::extract::{embargo, withdrawn};
use crate::article::{CleanArticle, Status};
use crate::outcome::{Reason, Rejection, Stage};

/// Longest part of a line that is shown, in characters.
const SHOWN: usize = 120;

/// The article with what its text declares. A withdrawal is never held up.
///
/// # Errors
/// An embargo that nobody can read is one that nobody can keep.
pub(super) fn words(mut article: CleanArticle) -> Result<CleanArticle, Rejection> {
    if article.head.status == Status::Usable && withdrawn(&article) {
        article.head.status = Status::Canceled;
    }
    if article.head.embargoed_until.is_none() && article.head.status != Status::Canceled {
        article.head.embargoed_until = embargo::of_text(&article).map_err(|line| unreadable(&line))?;
    }
    Ok(article)
}

fn unreadable(line: &str) -> Rejection {
    let line: String = line.chars().take(SHOWN).collect();
    let detail = format!("{line:?} declares an embargo that cannot be read; send it as embargoed_until");
    Rejection::new(Stage::Clean, Reason::WrongType, detail)
}
