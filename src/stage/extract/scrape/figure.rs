//! Pictures in figures, with caption and credit.

use super::{Known, Names, Say, size};
use crate::article::page::{PageFacts, PageImage};
use crate::stage::extract::page::{MAX_ITEMS, collapse, some};
use crate::stage::html::{Document, NodeId, Tag};

/// Reads one figure.
pub(super) fn figure<'h>(doc: &Document<'h>, id: NodeId, facts: &mut PageFacts, known: &mut Known<'h>) {
    if facts.images.len() >= MAX_ITEMS || size(doc, id) > 200 {
        return;
    }
    let Some(image) = doc.descendants(id).find(|id| doc.tag(*id) == Some(Tag::Img)) else { return };
    let attr = |name: &str| doc.attr(image, name).map(|value| value.trim().to_owned());
    let source = ["src", "data-src", "data-original", "data-lazy-src"]
        .iter()
        .filter_map(|name| attr(name))
        .find(|url| !url.is_empty() && !url.starts_with("data:"));
    let Some(url) = source.or_else(|| largest(&attr("srcset").or_else(|| attr("data-srcset"))?)) else { return };
    let text = doc.descendants(id).find(|id| doc.tag(*id) == Some(Tag::Figcaption));
    let is_credit = |id: &NodeId| doc.tag(*id).is_some() && Names::of(doc, *id, known).say(Say::Credit);
    let credit = doc.descendants(text.unwrap_or(id)).find(is_credit);
    let credit_text = credit.map(|id| collapse(&doc.text(id))).filter(|text| !text.is_empty());
    let caption =
        text.map(|id| collapse(&doc.text(id))).and_then(|caption| without_credit(&caption, credit_text.as_deref()));
    let pixels = |name: &str| {
        attr(name).and_then(|value| value.parse::<u32>().ok()).filter(|pixels| (1..100_000).contains(pixels))
    };
    facts.images.push(PageImage {
        url,
        caption,
        credit: credit_text,
        width: pixels("width"),
        height: pixels("height"),
    });
}

/// The caption without the credit that stands inside it: at its end or beginning, so that a name the caption says too stays there.
fn without_credit(caption: &str, credit: Option<&str>) -> Option<String> {
    let own = |credit: &str| caption.strip_suffix(credit).or_else(|| caption.strip_prefix(credit)).map(str::to_owned);
    let rest = match credit {
        Some(credit) => own(credit).unwrap_or_else(|| caption.replacen(credit, "", 1)),
        None => caption.to_owned(),
    };
    some(rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '|' | '/' | '-' | '–')).to_owned())
}

/// The last address of a srcset, which is the largest by custom.
fn largest(srcset: &str) -> Option<String> {
    let last = srcset.split(", ").filter_map(|part| part.split_whitespace().next()).last()?;
    some(last.trim_end_matches(',').to_owned()).filter(|url| !url.starts_with("data:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credit_is_cut_where_it_stands_apart() {
        for (caption, rest) in [
            ("The crane. (Wire Photo/Ann Example, File)Ann Example", "The crane. (Wire Photo/Ann Example, File)"),
            ("Ann Example The crane, as Ann Example saw it.", "The crane, as Ann Example saw it."),
            ("The crane. Ann Example In May.", "The crane.  In May."),
            ("The crane. | Ann Example", "The crane."),
        ] {
            assert_eq!(without_credit(caption, Some("Ann Example")).as_deref(), Some(rest), "{caption}");
        }
        assert_eq!(without_credit("Ann Example", Some("Ann Example")), None);
    }
}
