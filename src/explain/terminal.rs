//! An explanation for a terminal: dropped blocks struck through where there are colours, marked `-` and `+` everywhere.
//!
//! Whatever an article says is escaped: it must never steer the terminal it is read on.

use super::change::{Change, apart_from};
use super::words::{self, brief, named, shown};
use super::{Explanation, Field, said};
use crate::article::Block;

/// Characters of a block or value that are shown in a line.
const SHOWN: usize = 96;

/// How it is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// With colours and strike-through.
    pub color: bool,
    /// Blocks and values whole, not cut to a line.
    pub full: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn struck(self, text: &str) -> String {
        self.paint("2;9", text)
    }

    fn cut(self, text: &str) -> String {
        if self.full { safe(text) } else { short(text, SHOWN) }
    }
}

/// `text` with everything that could steer a terminal or turn its lines around escaped.
pub fn safe(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || c == '\t' {
            out.push(' ');
        } else if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The first `width` characters of `text`, safe to print.
pub fn short(text: &str, width: usize) -> String {
    let mut shown: String = safe(text).chars().take(width + 1).collect();
    if shown.chars().count() > width {
        shown = shown.chars().take(width.saturating_sub(1)).chain(['…']).collect();
    }
    shown
}

/// The whole chain.
pub fn render(explanation: &Explanation, style: Style) -> String {
    let mut out = format!("{}\n", style.bold(&safe(&explanation.name)));
    decode(&mut out, explanation, style);
    dedupe(&mut out, explanation, style);
    clean(&mut out, explanation, style);
    extract(&mut out, explanation, style);
    out.push_str(&format!("  {} {}\n", style.bold("=>"), style.bold(&safe(&words::outcome(&explanation.outcome)))));
    out.push_str(&format!("     {}\n", safe(&words::published(explanation))));
    out
}

fn section(style: Style, name: &str, text: &str) -> String {
    format!("  {}  {text}\n", style.bold(&format!("{name:<7}")))
}

fn decode(out: &mut String, explanation: &Explanation, style: Style) {
    out.push_str(&section(style, "decode", &words::recognised(explanation)));
    let Some(decoded) = &explanation.decoded else { return };
    for (name, value) in said(&decoded.head) {
        out.push_str(&format!("    {} {}\n", style.dim(&format!("{:<16}", safe(&name))), style.cut(&brief(&value))));
    }
}

fn dedupe(out: &mut String, explanation: &Explanation, style: Style) {
    out.push_str(&section(style, "dedupe", &safe(&words::asked(explanation))));
    if let Some(logged) = words::logged(explanation) {
        out.push_str(&format!("    {}\n", safe(&logged)));
    }
    let Some(matched) = explanation.dedupe.as_ref().and_then(|asked| asked.matched.as_ref()) else { return };
    let (here, there) = (&matched.only_here, &matched.only_there);
    for (side, paragraphs, others) in [("only here", here, there), ("only there", there, here)] {
        for text in paragraphs {
            // Two long paragraphs that part late would look the same in a line.
            let shown = if style.full { text } else { apart_from(text, others) };
            let gap = if shown.len() < text.len() { "…" } else { "" };
            out.push_str(&format!("    {} {gap}{}\n", style.dim(&format!("{side:<16}")), style.cut(shown)));
        }
    }
}

fn clean(out: &mut String, explanation: &Explanation, style: Style) {
    if explanation.decoded.is_none() {
        return;
    }
    let blocks = words::count(explanation.blocks.len(), "block");
    out.push_str(&section(style, "clean", &format!("kept {} of {blocks}", explanation.kept())));
    for block in &explanation.blocks {
        out.push_str(&line(block, style));
    }
}

fn line(block: &Block, style: Style) -> String {
    let text = style.cut(&block.text);
    match &block.dropped {
        None => format!("    + {} {text}\n", style.dim(&format!("{:<18}", named(&block.kind)))),
        Some(reason) => format!("    - {:<18} {}\n", named(reason), style.struck(&text)),
    }
}

fn extract(out: &mut String, explanation: &Explanation, style: Style) {
    if explanation.fields.is_empty() {
        return;
    }
    out.push_str(&section(style, "extract", &words::count(explanation.fields.len(), "field")));
    for field in &explanation.fields {
        let value = style.cut(&if style.full { brief(&field.value) } else { shown(&field.value) });
        out.push_str(&format!(
            "    {} {value}{}\n",
            style.dim(&format!("{:<16}", safe(&field.name))),
            from(field, style)
        ));
    }
}

fn from(field: &Field, style: Style) -> String {
    let Some(from) = &field.from else { return String::new() };
    let text = format!("[{}, {}, {:.2}]", from.source.name(), safe(&from.rule), from.confidence);
    format!("  {}", style.dim(&text))
}

/// What differs between two configurations.
pub fn changes(changes: &[Change], style: Style) -> String {
    if changes.is_empty() {
        return "  the second configuration decides the same\n".to_owned();
    }
    let mut out = format!("  the second configuration decides otherwise in {}\n", words::count(changes.len(), "point"));
    for change in changes {
        let side = |text: &str| if text.is_empty() { "(nothing)".to_owned() } else { style.cut(text) };
        out.push_str(&format!("    {}\n", style.bold(&safe(&change.what))));
        out.push_str(&format!("      - {}\n      + {}\n", style.struck(&side(&change.a)), side(&change.b)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{HOSTILE, explained};

    #[test]
    fn dropped_blocks_are_marked_without_colours_and_struck_through_with_them() {
        let explanation = explained(HOSTILE);
        let plain = render(&explanation, Style::default());
        assert!(!plain.contains('\x1b'), "{plain:?}");
        assert!(plain.contains("    + paragraph "), "{plain}");
        assert!(plain.contains("    - "), "{plain}");
        let colored = render(&explanation, Style { color: true, full: false });
        assert!(colored.contains("\x1b[2;9m"), "{colored:?}");
    }

    #[test]
    fn an_article_cannot_steer_the_terminal() {
        let all = render(&explained(HOSTILE), Style { color: false, full: true });
        assert!(all.chars().all(|c| c == '\n' || !c.is_control()), "{all:?}");
        assert!(!all.contains('\u{202e}'), "{all:?}");
        assert_eq!(safe("a\x1b[31mb\u{202e}\tc"), "a\\u{1b}[31mb\\u{202e} c");
        assert_eq!(short("abcdef", 4), "abc…");
        assert_eq!(short("abcd", 4), "abcd");
    }
}
