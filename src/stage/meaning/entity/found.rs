//! What the readers of a text share: the tokens with their words, and what was found in them.

use std::borrow::Cow;

use super::token::Token;
use crate::article::EntityKind;

/// Something found: tokens `start..end`.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// First token.
    pub start: usize,
    /// Token after the last.
    pub end: usize,
    /// What it is.
    pub kind: EntityKind,
    /// Its normal form.
    pub norm: Option<String>,
    /// 0.0 to 1.0.
    pub confidence: f64,
}

impl Found {
    /// One of these.
    pub fn new(start: usize, end: usize, kind: EntityKind, norm: Option<String>, confidence: f64) -> Found {
        Found { start, end, kind, norm, confidence }
    }
}

/// A text by tokens.
#[derive(Debug, Clone)]
pub struct Reader<'t> {
    /// The text.
    pub text: &'t str,
    /// Its tokens.
    pub tokens: &'t [Token],
    /// Its language.
    pub language: &'t str,
    /// Whether a comma is the decimal sign.
    pub comma_decimal: bool,
    lower: Vec<Cow<'t, str>>,
}

impl<'t> Reader<'t> {
    /// Over a text in a language (ISO 639-1).
    pub fn new(text: &'t str, tokens: &'t [Token], language: &'t str) -> Reader<'t> {
        let lower = tokens.iter().map(|t| lower(&text[t.start..t.end])).collect();
        let comma_decimal = !matches!(language, "en" | "zh" | "ja" | "ko" | "th" | "hi" | "he");
        Reader { text, tokens, language, comma_decimal, lower }
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// A token as printed; empty beyond the end.
    pub fn token(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |t| &self.text[t.start..t.end])
    }

    /// A token in lower case, a curly apostrophe as a straight one.
    pub fn lower(&self, at: usize) -> &str {
        self.lower.get(at).map_or("", |lower| lower)
    }

    /// Whether nothing stands between a token and the next.
    pub fn touches(&self, at: usize) -> bool {
        matches!((self.tokens.get(at), self.tokens.get(at + 1)), (Some(a), Some(b)) if a.end == b.start)
    }
}

/// In lower case, which most words are already, and with the apostrophe that the lists have.
fn lower(token: &str) -> Cow<'_, str> {
    let is_lower = token.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(token) } else { Cow::Owned(token.to_lowercase().replace('’', "'")) }
}
