//! What is wrong with the configuration, where, and what to write instead. A value that may be secret is never shown.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written.
    pub location: Location,
    /// The key, `section.name`; empty for a file that cannot be read.
    pub key: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In the configuration file.
    File {
        /// Path as given.
        path: String,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// Characters to underline.
        width: usize,
        /// The line, with what may be secret left out.
        source: String,
    },
    /// In an environment variable.
    Environment(String),
    /// In a `--set`.
    Flag,
    /// Nowhere: a default, or several places at once.
    Nowhere,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.key.is_empty() { "" } else { ": " };
        let text = format!("{}{colon}{}", self.key, self.message);
        match &self.location {
            Location::File { path, line, column, width, source } => {
                let number = line.to_string();
                let blank = " ".repeat(number.len());
                // Tabs stay, so that the caret stands under its word however wide they are.
                let lead: String = source.chars().take(column - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
                writeln!(f, "{path}:{line}:{column}")?;
                writeln!(f, "  {number} | {source}")?;
                write!(f, "  {blank} | {lead}{} {text}", "^".repeat((*width).max(1)))
            }
            Location::Environment(name) => write!(f, "{name}\n  {text}"),
            Location::Flag => write!(f, "--set\n  {text}"),
            Location::Nowhere => write!(f, "{text}"),
        }
    }
}

impl Location {
    /// The order in which a person mends things: the file from top to bottom, then the rest.
    pub(super) fn order(&self) -> (bool, usize, usize) {
        match self {
            Location::File { line, column, .. } => (false, *line, *column),
            Location::Environment(_) | Location::Flag | Location::Nowhere => (true, 0, 0),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File { path, line, .. } => write!(f, "{path}:{line}"),
            Location::Environment(name) => f.write_str(name),
            Location::Flag => f.write_str("--set"),
            Location::Nowhere => f.write_str("default"),
        }
    }
}

/// Everything that is wrong, in the order it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        match self.0.len() {
            1 => write!(f, "1 problem in the configuration; nothing was started"),
            n => write!(f, "{n} problems in the configuration; nothing was started"),
        }
    }
}

impl std::error::Error for Problems {}

/// A configuration file: its path as given and its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub path: String,
    pub text: String,
}

/// How much of a line may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// All of it.
    Line,
    /// What stands before the `=`: the value is secret, or nobody knows whether it is.
    Key,
}

impl Document {
    /// The location of the bytes `span`.
    pub fn location(&self, span: Range<usize>, show: Show) -> Location {
        let start = floor(&self.text, span.start);
        let begin = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let line = self.text[begin..end].trim_end();
        // What stands before an `@` may be a login.
        let show = if line.contains('@') { Show::Key } else { show };
        let source = match (show, line.split_once('=')) {
            (Show::Line, _) => line.to_owned(),
            (Show::Key, Some((key, _))) => format!("{key}= ***"),
            (Show::Key, None) if line.trim_start().starts_with('[') => line.to_owned(),
            (Show::Key, None) => "***".to_owned(),
        };
        let column = self.text[begin..start].chars().count().min(source.chars().count()) + 1;
        let stop = floor(&self.text, span.end).clamp(start, end);
        let width = self.text[start..stop].chars().count().min((source.chars().count() + 1).saturating_sub(column));
        let source = source.chars().map(|c| if c.is_control() && c != '\t' { '?' } else { c }).collect();
        Location::File { path: self.path.clone(), line: self.line(start), column, width, source }
    }

    /// The number of the line that holds the byte `at`, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.text[..floor(&self.text, at)].matches('\n').count() + 1
    }

    /// Whether the line with this number begins a table.
    pub fn is_header(&self, line: usize) -> bool {
        self.text.lines().nth(line - 1).is_some_and(|text| text.trim_start().starts_with('['))
    }
}

/// The nearest place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str, word: &str, show: Show) -> String {
        let document = Document { path: "copydesk.toml".into(), text: text.into() };
        let at = text.find(word).unwrap();
        let location = document.location(at..at + word.len(), show);
        Problem { location, key: "kafka.brokres".into(), message: "unknown key".into() }.to_string()
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        assert_eq!(
            problem("[kafka]\n\tbrokres = \"kafka:9092\"\n", "brokres", Show::Line),
            "copydesk.toml:2:2\n  2 | \tbrokres = \"kafka:9092\"\n    | \t^^^^^^^ kafka.brokres: unknown key"
        );
        let last = problem("# ä\ngrüße = 1", "1", Show::Line);
        assert_eq!(last, "copydesk.toml:2:9\n  2 | grüße = 1\n    |         ^ kafka.brokres: unknown key");
    }

    #[test]
    fn what_may_be_secret_is_left_out() {
        let text = problem("pasword = \"hunter2\"", "pasword", Show::Key);
        assert_eq!(text, "copydesk.toml:1:1\n  1 | pasword = ***\n    | ^^^^^^^ kafka.brokres: unknown key");
        for word in ["hunter2", "hunter3"] {
            assert!(!problem("a = [\n  \"hunter2\",\n]\nb = 'hunter3", word, Show::Key).contains("hunter"));
        }
    }
}
