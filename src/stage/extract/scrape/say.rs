//! What class names and ids say: a bit for each list of words, set when one of them occurs anywhere in a name.
//!
//! All lists are looked for at once. Sites name things alike; no word here is the name of one site.

use std::ops::BitOrAssign;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// The lists of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Say {
    /// Comments, related stories, menus.
    Aside,
    /// The layout of the page: whatever else is said, the article may stand in it.
    Layout,
    /// The line under the headline.
    Deck,
    /// The headline.
    Headline,
    /// A time.
    Stamp,
    /// A time of change.
    Modified,
    /// A time of publication.
    Published,
    /// The same, and when it was made.
    Posted,
    /// A byline.
    Byline,
    /// An author, or what stands around one.
    Author,
    /// A portrait of an author, not the name.
    Bio,
    /// The credit of a picture.
    Credit,
}

const LISTS: [(Say, &[&str]); 12] = [
    (
        Say::Aside,
        &[
            "comment-",
            "comments",
            "related",
            "recommend",
            "sidebar",
            "most-read",
            "mostread",
            "popular",
            "trending",
            "newsletter",
            "footer",
            "more-stories",
            "read-next",
            "widget-area",
        ],
    ),
    (
        Say::Layout,
        &[
            "article-body",
            "main-content",
            "has-sidebar",
            "with-sidebar",
            "no-sidebar",
            "content-sidebar",
            "sidebar-right",
            "sidebar-left",
            "commentary",
            "layout",
            "wrapper",
            "container",
            "main",
        ],
    ),
    (
        Say::Deck,
        &[
            "subhead",
            "sub-head",
            "subtitle",
            "sub-title",
            "standfirst",
            "article-deck",
            "headline-deck",
            "dek",
            "article__deck",
            "kicker-text",
        ],
    ),
    (Say::Headline, &["headline", "article-title", "entry-title", "post-title", "article__title"]),
    (
        Say::Stamp,
        &[
            "date",
            "time",
            "publish",
            "posted",
            "datum",
            "fecha",
            "datetime",
            "byline",
            "entry-meta",
            "article-meta",
            "post-meta",
            "article-info",
            "meta-info",
            "pub-",
            "updated",
            "modified",
            "zeit",
            "uhrzeit",
            "article__meta",
            "articlemeta",
            "postmeta",
            "created",
            "dato",
            "tarih",
            "publi",
        ],
    ),
    (Say::Modified, &["updated", "modif", "update"]),
    (Say::Published, &["publish"]),
    (Say::Posted, &["publish", "posted", "pubdate", "created"]),
    (Say::Byline, &["byline", "by-line", "signature"]),
    (
        Say::Author,
        &[
            "author",
            "auteur",
            "autor",
            "writer",
            "reporter",
            "contributor",
            "redakteur",
            "journalist",
            "creator",
            "skribent",
            "firma",
        ],
    ),
    (
        Say::Bio,
        &[
            "bio",
            "avatar",
            "image",
            "photo",
            "description",
            "social",
            "follow",
            "authority",
            "authoriz",
            "author-box",
            "about",
            "share",
        ],
    ),
    (Say::Credit, &["credit", "copyright", "source", "photographer", "byline"]),
];

/// All words, and the list of each.
struct Words {
    found: Option<AhoCorasick>,
    lists: Vec<Say>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let words = LISTS.iter().flat_map(|(_, words)| words.iter());
    let lists = LISTS.iter().flat_map(|(say, words)| words.iter().map(|_| *say)).collect();
    let build = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words);
    Words { found: build.ok(), lists }
});

/// What names say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Said(u16);

impl Said {
    /// What a name says, in any case.
    pub(super) fn of(name: &str) -> Said {
        let Some(words) = &WORDS.found else { return Said::default() };
        let lists = words.find_overlapping_iter(name).filter_map(|hit| WORDS.lists.get(hit.pattern().as_usize()));
        Said(lists.fold(0, |said, list| said | bit(*list)))
    }

    /// True when a word of the list occurs.
    pub(super) fn has(self, what: Say) -> bool {
        self.0 & bit(what) != 0
    }
}

impl BitOrAssign for Said {
    fn bitor_assign(&mut self, other: Said) {
        self.0 |= other.0;
    }
}

fn bit(list: Say) -> u16 {
    1 << list as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_anywhere_in_a_name_counts_in_every_list_that_has_it() {
        for (list, words) in LISTS {
            for word in words {
                assert!(!word.contains(' ') && *word == word.to_ascii_lowercase(), "{word}");
                assert!(Said::of(&format!("x-{}2", word.to_ascii_uppercase())).has(list), "{word}");
            }
        }
        let said = Said::of("c-byline__publishDate");
        let lists = LISTS.map(|(list, _)| list).into_iter().filter(|list| said.has(*list)).collect::<Vec<_>>();
        assert_eq!(lists, [Say::Stamp, Say::Published, Say::Posted, Say::Byline, Say::Credit]);
        assert_eq!(Said::of("grid col-8"), Said::default());
    }
}
