//! Titles without the name of their site.

use crate::stage::extract::opening::key;

/// Signs that part a headline from the name of its site.
const SEPARATORS: [&str; 13] =
    [" | ", " - ", " – ", " — ", " :: ", " » ", " · ", " • ", " // ", " ‹ ", " « ", " ∙ ", " ― "];

/// A title without the site's name at its ends. `sure` titles lose only what is known to be the site's; a title element also a
/// short last part.
pub(super) fn without_tail<'t>(text: &'t str, sites: &[String], sure: bool) -> &'t str {
    let mut text = text.trim();
    for _ in 0..3 {
        let last = separators(text).filter_map(|sign| text.rfind(sign).map(|at| (at, sign.len()))).max();
        let Some((at, length)) = last else { break };
        let (head, tail) = (text[..at].trim(), text[at + length..].trim());
        let bar = text[at..].starts_with(" | ") || text[at..].starts_with(" » ") || text[at..].starts_with(" :: ");
        let short = tail.split_whitespace().count() <= 4 && head.split_whitespace().count() >= 3;
        if !head.is_empty()
            && (is_site(tail, sites) || (short && bar) || (short && !sure && tail.len() < head.len() / 2))
        {
            text = head;
        } else {
            break;
        }
    }
    let first = separators(text).filter_map(|sign| text.find(sign).map(|at| (at, sign.len()))).min();
    match first {
        Some((at, length)) if is_site(&text[..at], sites) && text.len() > at + length + 8 => text[at + length..].trim(),
        _ => without_masthead(text, sites),
    }
}

/// The signs that may part a title.
fn separators(text: &str) -> impl Iterator<Item = &'static str> {
    let quoted = has_guillemets(text);
    SEPARATORS.into_iter().filter(move |sign| !(quoted && matches!(*sign, " » " | " « ")))
}

/// True where guillemets stand in pairs, round what somebody said; alone they lead from part to part of a site.
pub(super) fn has_guillemets(text: &str) -> bool {
    text.contains('«') && text.contains('»')
}

/// A title without `Site name: ` before it. A colon parts headlines too, so here the name must be the site's whole name.
fn without_masthead<'t>(text: &'t str, sites: &[String]) -> &'t str {
    match text.split_once(": ") {
        Some((name, rest)) if rest.len() > 8 && sites.contains(&key(name)) => rest.trim(),
        _ => text,
    }
}

pub(super) fn is_site(text: &str, sites: &[String]) -> bool {
    let own = key(text);
    own.len() >= 2
        && sites.iter().any(|site| {
            *site == own
                || own.len() >= 4
                    && (site.contains(&own)
                        || site.len() >= 5 && own.contains(site.as_str()) && own.len() <= site.len() + 16)
        })
}
