//! Spans between quotation marks. Knows marks and paragraphs only; whether a span is a quote is decided elsewhere.
//!
//! A span never leaves its paragraph: one that is left open ends with it, and the next paragraph, opened again without
//! having been closed, is a span of its own that continues the first. Linear in the text.

/// A span between quotation marks; all places are bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The opening mark.
    pub open: usize,
    /// First byte of the words.
    pub start: usize,
    /// One past the last byte of the words.
    pub end: usize,
    /// One past the closing mark.
    pub close: usize,
    /// No closing mark: the speech goes on in the next paragraph, or somebody forgot it.
    pub left_open: bool,
    /// The paragraph before was left open, and this one opens again.
    pub continued: bool,
}

/// Most spans of one text; a text with more is no story.
const MAX_SPANS: usize = 1000;

/// All spans of a text, in order.
pub fn spans(text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let one_mark = !text.contains('“');
    let mut before_open = false;
    let mut base = 0;
    for line in text.split('\n') {
        let first = found.len();
        in_paragraph(line, base, one_mark, &mut found);
        if let Some(opening) = found.get_mut(first) {
            opening.continued = before_open && opening.open == base;
        }
        if !line.is_empty() {
            before_open = found.get(first..).and_then(<[Span]>::last).is_some_and(|last| last.left_open);
        }
        base += line.len() + 1;
        if found.len() >= MAX_SPANS {
            found.truncate(MAX_SPANS);
            break;
        }
    }
    found
}

/// `one_mark`: the text may write `”` on both sides, as Swedish does; elsewhere a `”` that opens is a slip.
fn in_paragraph(line: &str, base: usize, one_mark: bool, found: &mut Vec<Span>) {
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let after = || line[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        match open {
            Some((start, mark)) if closes(mark, c) => {
                found.push(span(line, base, start, at, c.len_utf8()));
                open = None;
            }
            Some((_, '=')) if c == '"' => open = None,
            Some((start, '“' | '"')) if c == '“' => {
                found.push(span(line, base, start, at, 0));
                open = Some((at, c));
            }
            None if c == '"' && before == '=' => open = Some((at, '=')), // an attribute of left-over markup
            None if c == '”' && !one_mark => {}
            None if opens(c, before, after()) => open = Some((at, c)),
            _ => {}
        }
        before = c;
    }
    if let Some((start, _)) = open.filter(|(_, mark)| *mark != '=') {
        found.push(Span { left_open: true, ..span(line, base, start, line.len(), 0) });
    }
}

fn span(line: &str, base: usize, open: usize, close: usize, mark: usize) -> Span {
    let inside = line[open..close].char_indices().nth(1).map_or(close, |(first, _)| open + first);
    let words = &line[inside..close];
    let start = inside + words.len() - words.trim_start().len();
    let end = start.max(inside + words.trim_end().len());
    Span {
        open: base + open,
        start: base + start,
        end: base + end,
        close: base + close + mark,
        left_open: false,
        continued: false,
    }
}

fn opens(c: char, before: char, after: char) -> bool {
    match c {
        '“' | '„' | '‟' | '「' | '『' | '«' => true,
        '"' | '＂' => !before.is_alphanumeric(),
        '»' | '”' => !before.is_alphanumeric() && !after.is_whitespace() && before != '.' && before != ',',
        _ => false,
    }
}

/// Whether `c` ends what `mark` began. German closes with the mark that opens in English, Swedish writes one mark for both.
fn closes(mark: char, c: char) -> bool {
    match mark {
        '“' | '‟' => matches!(c, '”' | '"'),
        '„' => matches!(c, '“' | '”' | '"' | '‟'),
        '"' | '＂' => matches!(c, '"' | '＂' | '”'),
        '「' => c == '」',
        '『' => c == '』',
        '«' => c == '»',
        '»' => c == '«',
        '”' => c == '”',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        spans(text).iter().map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn marks_of_many_languages() {
        for text in [
            "He said “it is late” and left.",
            "He said \"it is late\" and left.",
            "Er sagte „it is late“ und ging.",
            "Il a dit « it is late » et partit.",
            "Er sagte »it is late« und ging.",
            "Hon sade ”it is late” och gick.",
            "彼は「it is late」と言った。",
        ] {
            assert_eq!(words(text), ["it is late"], "{text}");
        }
    }

    #[test]
    fn a_speech_over_paragraphs_is_one_span_a_paragraph() {
        let text = "She said: “One thing.\n\n“And another.\n\n“And a third,” she said.\n\n“New.”";
        let found = spans(text);
        assert_eq!(words(text), ["One thing.", "And another.", "And a third,", "New."]);
        assert_eq!(found.iter().map(|span| span.left_open).collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(found.iter().map(|span| span.continued).collect::<Vec<_>>(), [false, true, true, false]);
    }

    #[test]
    fn what_opens_nothing() {
        assert_eq!(words("a 12\" pipe and 5'10\" men"), Vec::<&str>::new());
        assert_eq!(words("stray” mark"), Vec::<&str>::new());
        assert_eq!(words("“a “b” c"), ["a", "b"]);
        assert_eq!(words("\"\""), [""]);
        assert_eq!(words("<a title=\"not this\">but \"this one\""), ["this one"]);
    }
}
