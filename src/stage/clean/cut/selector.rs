//! CSS selectors as publishers write them to name the locked part of an article.

use crate::stage::html::{Document, NodeId};

/// The last part of a selector: a tag, empty for any, with words of its `id` and `class`. Lists and other forms fit nothing.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Selector<'s> {
    tag: &'s str,
    names: Vec<(&'static str, &'s str)>,
}

impl<'s> Selector<'s> {
    pub(super) fn of(selector: &'s str) -> Option<Selector<'s>> {
        let last = selector.split([' ', '>']).rfind(|part| !part.is_empty())?;
        let starts: Vec<usize> = last.match_indices(['.', '#']).map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([last.len()]);
        let name = |(start, end): (&usize, usize)| {
            let attribute = if last[*start..].starts_with('#') { "id" } else { "class" };
            (attribute, &last[start + 1..end])
        };
        let names = starts.iter().zip(ends).map(name).collect();
        Some(Selector { tag: &last[..starts.first().copied().unwrap_or(last.len())], names })
    }

    pub(super) fn fits(&self, doc: &Document, id: NodeId) -> bool {
        let has = |(attribute, value): &(&str, &str)| {
            doc.attr(id, attribute).is_some_and(|found| found.split_ascii_whitespace().any(|word| word == *value))
        };
        (self.tag.is_empty() || doc.name(id).eq_ignore_ascii_case(self.tag)) && self.names.iter().all(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::html::{Budget, parse};

    #[test]
    fn a_selector_is_as_good_as_its_last_part() {
        let doc = parse("<div class='a b' id=c>", &Budget::default()).unwrap();
        let div = doc.next(doc.root()).unwrap();
        for (selector, fits) in [
            ("main > div.a", true),
            (".b.a#c", true),
            ("DIV", true),
            (".a.c", false),
            ("#a", false),
            ("div:first", false),
        ] {
            assert_eq!(Selector::of(selector).unwrap().fits(&doc, div), fits, "{selector}");
        }
        assert!(Selector::of(" > ").is_none());
    }
}
