//! Whether what is left of a page or a scraped text is a story at all: not nothing, not too little, not a notice of the site.

use super::clean::notice;
use super::extract;
use crate::article::CleanArticle;
use crate::outcome::{Reason, Rejection, Stage};

/// Longest part of a notice that is shown, in characters.
const SHOWN: usize = 120;

/// A story of so many words at least.
///
/// # Errors
/// Anything less.
pub(super) fn story(article: &CleanArticle, min_words: u32) -> Result<(), Rejection> {
    let reject = |reason, detail| Err(Rejection::new(Stage::Clean, reason, detail));
    if article.paragraphs.is_empty() {
        return reject(Reason::NoStory, format!("none of {} blocks belongs to a story", article.blocks.len()));
    }
    let headlines = [article.head.headline.as_deref(), article.page.headline(), article.page.title.as_deref()];
    let headlines: Vec<&str> = headlines.into_iter().flatten().collect();
    if let Some(line) = notice(&headlines, &article.paragraphs) {
        let line: String = line.chars().take(SHOWN).collect();
        return reject(Reason::NoStory, format!("{line:?} is what a site shows in place of a story"));
    }
    let mut words = 0;
    for paragraph in &article.paragraphs {
        words += extract::stats::count(paragraph).words;
        if words >= min_words {
            return Ok(());
        }
    }
    reject(Reason::TooShort, format!("the story has {words} words, clean.min_words is {min_words}"))
}
