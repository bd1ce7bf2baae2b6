//! What elements say of themselves: tag, role, class and id, to the part of the page they are.

use std::sync::LazyLock;

use crate::article::DropReason;
use crate::stage::html::{Document, NodeId, Tag, decode};
use crate::stage::quick::{Map, Recent};

/// What an element claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The story's own container.
    Story,
    /// A part that is not the story. `strong`: said by a tag or role, not only by a class name.
    Part { reason: DropReason, strong: bool },
}

/// Characters of class and id that are read. Generated names beyond that say nothing.
const NAME_CHARS: usize = 200;

/// Words in an id that names a part. Longer ones are made from headings, to be linked to.
const LONGEST_ID: usize = 3;

struct Hints {
    words: Map<&'static str, Option<DropReason>>,
    prefixes: Vec<(&'static str, Option<DropReason>)>,
    options: Map<&'static str, ()>,
}

static HINTS: LazyLock<Hints> = LazyLock::new(|| {
    let lines = include_str!("../data/hints.txt").lines().filter(|line| !line.starts_with('#'));
    let mut hints = Hints { words: Map::default(), prefixes: Vec::new(), options: Map::default() };
    for (word, reason) in lines.filter_map(|line| line.split_once(' ')) {
        match word.strip_suffix('*') {
            _ if reason == OPTION => drop(hints.options.insert(word, ())),
            Some(prefix) => hints.prefixes.push((prefix, reason_of(reason))),
            None => drop(hints.words.insert(word, reason_of(reason))),
        }
    }
    hints
});

/// What the table says of words that make a name an option of the page.
const OPTION: &str = "option";

/// `None` for `story`, which is no reason to drop.
pub(super) fn reason_of(word: &str) -> Option<DropReason> {
    serde::Deserialize::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word)).ok()
}

/// What the names of a page claim that were read before.
pub(super) type Known<'h> = Recent<'h, Option<Claim>>;

/// What the element claims to be, if anything.
pub(super) fn claim<'h>(doc: &Document<'h>, id: NodeId, tag: Tag, known: &mut Known<'h>) -> Option<Claim> {
    let mut named = None;
    let mut hidden = false;
    for (name, value) in doc.attributes(id) {
        match name {
            "class" => named = stronger(named, named_claim(value, known)),
            "id" if is_short(value) => named = stronger(named, named_claim(value, known)),
            "role" => {
                if let Some(reason) = role(&decode(value, true)) {
                    return Some(Claim::Part { reason, strong: true });
                }
            }
            "itemprop" if decode(value, true).eq_ignore_ascii_case("articleBody") => return Some(Claim::Story),
            "hidden" => hidden = true,
            "style" => hidden |= hides(&decode(value, true)),
            _ => {}
        }
    }
    let tagged = tag_reason(tag).map(|reason| Claim::Part { reason, strong: tag != Tag::Form });
    let hidden = hidden.then_some(Claim::Part { reason: DropReason::Hidden, strong: false });
    tagged.or(named).or(hidden)
}

/// Of two claims the one that is no story: `class="post-content related"`.
fn stronger(a: Option<Claim>, b: Option<Claim>) -> Option<Claim> {
    match (a, b) {
        (Some(Claim::Story) | None, Some(b)) => Some(b),
        _ => a,
    }
}

fn tag_reason(tag: Tag) -> Option<DropReason> {
    match tag {
        Tag::Nav | Tag::Menu => Some(DropReason::Navigation),
        Tag::Aside => Some(DropReason::Sidebar),
        Tag::Footer => Some(DropReason::Footer),
        Tag::Dialog => Some(DropReason::Dialog),
        Tag::Fieldset | Tag::Label | Tag::Form => Some(DropReason::Control),
        _ => None,
    }
}

fn role(role: &str) -> Option<DropReason> {
    match role {
        "navigation" | "menu" | "menubar" | "search" | "tablist" | "toolbar" => Some(DropReason::Navigation),
        "complementary" => Some(DropReason::Sidebar),
        "contentinfo" => Some(DropReason::Footer),
        "dialog" | "alertdialog" | "alert" | "tooltip" => Some(DropReason::Dialog),
        _ => None,
    }
}

fn hides(style: &str) -> bool {
    let style: String = style.chars().take(NAME_CHARS).filter(|c| !c.is_whitespace()).collect();
    style.to_ascii_lowercase().contains("display:none")
}

fn is_short(id: &str) -> bool {
    decode(id, true).bytes().filter(|b| matches!(b, b'-' | b'_')).count() < LONGEST_ID
}

fn named_claim<'h>(value: &'h str, known: &mut Known<'h>) -> Option<Claim> {
    known.get(value, |value| names_claim(&decode(value, true)))
}

/// Reads a class or id: names split into words, single words and pairs looked up.
fn names_claim(value: &str) -> Option<Claim> {
    let mut found = None;
    for name in value.split_ascii_whitespace().scan(0, within_limit) {
        found = stronger(found, words_claim(&words(name)));
    }
    found
}

fn within_limit<'n>(read: &mut usize, name: &'n str) -> Option<&'n str> {
    *read += name.len();
    (*read <= NAME_CHARS).then_some(name)
}

/// `articleBody__relatedLinks-2` to `article-body-related-links-2`.
fn words(name: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(name.len() + 8);
    let mut lower_before = false;
    for b in name.bytes() {
        if !b.is_ascii_alphanumeric() {
            if out.last() != Some(&b'-') {
                out.push(b'-');
            }
        } else {
            if b.is_ascii_uppercase() && lower_before {
                out.push(b'-');
            }
            out.push(b.to_ascii_lowercase());
        }
        lower_before = b.is_ascii_lowercase();
    }
    String::from_utf8(out).unwrap_or_default() // ASCII
}

fn words_claim(words: &str) -> Option<Claim> {
    let mut found = None;
    let mut before: Option<(usize, usize)> = None;
    let mut start = 0;
    let is_option = |words: &str| HINTS.options.contains_key(words);
    if begins_as_option(words) {
        return None;
    }
    let marks = words.bytes().enumerate().filter(|(_, b)| *b == b'-').map(|(at, _)| at);
    for end in marks.chain([words.len()]) {
        if end > start {
            if is_option(&words[start..end]) || before.is_some_and(|(s, _)| is_option(&words[s..end])) {
                return None;
            }
            let pair = before.and_then(|(s, _)| look_up(&words[s..end]));
            found = stronger(found, pair.or_else(|| look_up(&words[start..end])));
            before = Some((start, end));
        }
        start = end + 1;
    }
    found
}

/// `category-newsletter`: what the article is about, unless the two words together are known.
fn begins_as_option(words: &str) -> bool {
    let Some(at) = words.find('-').filter(|at| HINTS.options.contains_key(&words[..=*at])) else { return false };
    let end = words[at + 1..].find('-').map_or(words.len(), |len| at + 1 + len);
    look_up(&words[..end]).is_none()
}

fn look_up(word: &str) -> Option<Claim> {
    let claim = |reason: Option<DropReason>| match reason {
        Some(reason) => Claim::Part { reason, strong: false },
        None => Claim::Story,
    };
    if let Some(reason) = HINTS.words.get(word) {
        return Some(claim(*reason));
    }
    let begins = |prefix: &str| word.as_bytes().first() == prefix.as_bytes().first() && word.starts_with(prefix);
    HINTS.prefixes.iter().find(|(prefix, _)| begins(prefix)).map(|(_, reason)| claim(*reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::html::{Budget, parse};

    fn claim_of(html: &str) -> Option<Claim> {
        let doc = parse(html, &Budget::default()).unwrap();
        let id = doc.descendants(doc.root()).next().unwrap();
        claim(&doc, id, doc.tag(id).unwrap(), &mut Known::new())
    }

    fn part(reason: DropReason) -> Option<Claim> {
        Some(Claim::Part { reason, strong: false })
    }

    #[test]
    fn names_are_read_word_by_word() {
        assert_eq!(claim_of("<div class='c-relatedLinks'>"), part(DropReason::Related));
        assert_eq!(claim_of("<div id=most_read>"), part(DropReason::Related));
        assert_eq!(claim_of("<div class='article-body x'>"), Some(Claim::Story));
        assert_eq!(claim_of("<div class='post-content share-buttons'>"), part(DropReason::Share));
        assert_eq!(claim_of("<div class='post-cta-card'>"), part(DropReason::Newsletter));
        assert_eq!(claim_of("<div class='loading shadow header'>"), None);
        for option in [
            "page--with-sidebar",
            "comments-open",
            "category-newsletter",
            "field--label-hidden",
            "tag-ads",
            "nav_enabled",
        ] {
            assert_eq!(claim_of(&format!("<div class='{option}'>")), None, "{option}");
        }
        assert_eq!(claim_of("<div class='tag-cloud with-border'>"), part(DropReason::TagList));
        assert_eq!(claim_of("<div class='has-border comments'>"), part(DropReason::Comment));
        assert_eq!(
            claim_of("<nav class=article-body>"),
            Some(Claim::Part { reason: DropReason::Navigation, strong: true })
        );
        assert_eq!(claim_of("<div style='display: none'>"), part(DropReason::Hidden));
    }

    #[test]
    fn the_table_is_sorted_and_every_reason_is_known() {
        let rows: Vec<_> = include_str!("../data/hints.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert!(rows.windows(2).all(|pair| pair[0].split(' ').next() < pair[1].split(' ').next()));
        for row in rows {
            let (word, reason) = row.split_once(' ').unwrap();
            assert!(word.len() > 1, "{row}");
            assert!(reason == "story" || reason == OPTION || reason_of(reason).is_some(), "{row}");
        }
    }
}
