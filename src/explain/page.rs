//! Explanations as one page to mail to an editor: no script, nothing loaded from anywhere, readable in the dark and on a
//! phone. Whatever an article says is escaped.

use super::change::Change;
use super::words::{self, brief, named, shown};
use super::{Explanation, Field, said};
use crate::article::{Block, DropReason};
use crate::outcome::OutcomeKind;

const STYLE: &str = include_str!("page.css");

/// `text` for a page: markup escaped, control characters and those that turn lines around replaced.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The whole page. `changes` are those of a second configuration, one list for each explanation, or none at all.
pub fn render(explanations: &[Explanation], changes: Option<&[Vec<Change>]>) -> String {
    let title = match explanations {
        [one] => format!("copydesk explains {}", one.name),
        many => format!("copydesk explains {} records", many.len()),
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    for (n, explanation) in explanations.iter().enumerate() {
        article(&mut out, explanation);
        if let Some(changes) = changes.and_then(|all| all.get(n)) {
            difference(&mut out, changes);
        }
        out.push_str("</article>\n");
    }
    out.push_str(&format!("<footer>copydesk {}</footer>\n</body>\n</html>\n", env!("CARGO_PKG_VERSION")));
    out
}

fn article(out: &mut String, explanation: &Explanation) {
    let kind = explanation.outcome.kind();
    out.push_str(&format!("<article>\n<h2>{}</h2>\n", escape(&explanation.name)));
    out.push_str(&format!(
        "<p class=\"outcome {}\"><strong>{}</strong><br>published to {}</p>\n",
        class(kind),
        escape(&words::outcome(&explanation.outcome)),
        escape(&words::published(explanation))
    ));
    decode(out, explanation);
    dedupe(out, explanation);
    blocks(out, explanation);
    fields(out, &explanation.fields);
}

fn class(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Enriched | OutcomeKind::Revision => "told",
        OutcomeKind::Duplicate => "copy",
        OutcomeKind::Dead => "dead",
    }
}

fn decode(out: &mut String, explanation: &Explanation) {
    out.push_str(&format!("<h3>What arrived</h3>\n<p>{}</p>\n", escape(&words::recognised(explanation))));
    let Some(decoded) = &explanation.decoded else { return };
    out.push_str("<table>\n");
    for (name, value) in said(&decoded.head) {
        out.push_str(&row(&[&name, &brief(&value)]));
    }
    out.push_str("</table>\n");
}

fn dedupe(out: &mut String, explanation: &Explanation) {
    out.push_str(&format!("<h3>Was it told before?</h3>\n<p>{}</p>\n", escape(&words::asked(explanation))));
    if let Some(logged) = words::logged(explanation) {
        out.push_str(&format!("<p>{}</p>\n", escape(&logged)));
    }
    let Some(matched) = explanation.dedupe.as_ref().and_then(|asked| asked.matched.as_ref()) else { return };
    if matched.only_here.is_empty() && matched.only_there.is_empty() {
        return;
    }
    out.push_str("<table>\n");
    matched.only_here.iter().for_each(|text| out.push_str(&row(&["only here", text])));
    matched.only_there.iter().for_each(|text| out.push_str(&row(&["only there", text])));
    out.push_str("</table>\n");
}

fn row(cells: &[&str]) -> String {
    let (first, rest) = cells.split_first().map_or(("", [].as_slice()), |(first, rest)| (*first, rest));
    let rest: String = rest.iter().map(|cell| format!("<td dir=\"auto\">{}</td>", escape(cell))).collect();
    format!("<tr><th scope=\"row\">{}</th>{rest}</tr>\n", escape(first))
}

fn blocks(out: &mut String, explanation: &Explanation) {
    if explanation.blocks.is_empty() {
        return;
    }
    let of = words::count(explanation.blocks.len(), "block");
    out.push_str(&format!("<h3>The text: kept {} of {of}</h3>\n<ol class=\"blocks\">\n", explanation.kept()));
    explanation.blocks.iter().for_each(|b| out.push_str(&block(b)));
    out.push_str("</ol>\n");
}

fn block(block: &Block) -> String {
    let text = escape(&block.text);
    match &block.dropped {
        None => {
            format!("<li class=\"kept\"><span>{}</span><p dir=\"auto\">{text}</p></li>\n", escape(&named(&block.kind)))
        }
        // Not lost: it is read into a field of its own.
        Some(reason @ (DropReason::Headline | DropReason::Byline | DropReason::Credit | DropReason::Stamp)) => {
            let reason = escape(&named(reason));
            format!(
                "<li class=\"moved\"><span>read as {reason}, no part of the text</span><p dir=\"auto\">{text}</p></li>\n"
            )
        }
        Some(reason) => {
            let reason = escape(&named(reason));
            format!("<li class=\"dropped\"><span>dropped: {reason}</span><p dir=\"auto\"><del>{text}</del></p></li>\n")
        }
    }
}

fn fields(out: &mut String, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    out.push_str("<h3>What was read</h3>\n<table class=\"read\">\n");
    out.push_str("<thead><tr><th>field</th><th>value</th><th>from</th><th>sure</th></tr></thead>\n");
    for field in fields {
        let (from, sure) = field.from.as_ref().map_or_else(Default::default, |from| {
            (
                format!("{}, {}", from.source.name(), from.rule).replace('_', " "),
                format!("{:.0} %", from.confidence * 100.0),
            )
        });
        out.push_str(&row(&[&field.name.replace('_', " "), &shown(&field.value), &from, &sure]));
    }
    out.push_str("</table>\n");
}

fn difference(out: &mut String, changes: &[Change]) {
    out.push_str("<h3>With the second configuration</h3>\n");
    if changes.is_empty() {
        out.push_str("<p>It decides the same.</p>\n");
        return;
    }
    out.push_str("<table>\n<thead><tr><th>what</th><th>first</th><th>second</th></tr></thead>\n");
    changes.iter().for_each(|c| out.push_str(&row(&[&c.what, &c.a, &c.b])));
    out.push_str("</table>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{HOSTILE, explained};

    #[test]
    fn whatever_an_article_says_is_text_on_the_page() {
        let page = render(&[explained(HOSTILE)], None);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("onerror=\""), "{page}");
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains('\u{202e}') && !page.contains('\x1b'));
        assert_eq!(escape("<a href='x'>\"&\u{0}"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}");
    }

    #[test]
    fn the_page_loads_nothing_and_strikes_dropped_blocks_through() {
        let page = render(&[explained(HOSTILE)], None);
        let ours = "!doctype html head meta title style body h1 h2 h3 article p strong br table thead tr th td ol li span del footer";
        for tag in page.split('<').skip(1).map(|rest| rest.trim_start_matches('/')) {
            let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '!').collect();
            assert!(ours.split(' ').any(|our| our == name), "{tag}");
        }
        assert!(!page.contains("@import") && !page.contains("url("), "the style loads nothing");
        assert!(page.contains("<del>") && page.contains("default-src 'none'"));
    }

    #[test]
    fn a_second_configuration_has_its_table() {
        let change = Change { what: "outcome".into(), a: "enriched".into(), b: "<dead>".into() };
        let page = render(&[explained(HOSTILE)], Some(&[vec![change]]));
        assert!(page.contains("&lt;dead&gt;") && page.contains("With the second configuration"));
        assert!(render(&[explained(HOSTILE)], Some(&[vec![]])).contains("It decides the same."));
    }
}
