//! What class names and ids say: a bit for each list of words, set when one of them occurs anywhere in a name.
//!
//! All lists are looked for at once. Sites name things alike; no word here is the name of one site.

use std::ops::BitOrAssign;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::closed::closed;
use crate::stage::table;

const FILE: &str = include_str!("../../data/class-words.txt");

closed! {
    /// The lists of words.
    pub enum Say {
        /// Comments, related stories, menus.
        Aside = "aside",
        /// The layout of the page: whatever else is said, the article may stand in it.
        Layout = "layout",
        /// The head of the page, above the story.
        Masthead = "masthead",
        /// The line under the headline.
        Deck = "deck",
        /// The words above the headline.
        Kicker = "kicker",
        /// The headline.
        Headline = "headline",
        /// A time.
        Stamp = "stamp",
        /// A time of change.
        Modified = "modified",
        /// A time of publication.
        Published = "published",
        /// The same, and when it was made.
        Posted = "posted",
        /// A byline.
        Byline = "byline",
        /// An author, or what stands around one.
        Author = "author",
        /// A portrait of an author, not the name.
        Bio = "bio",
        /// The credit of a picture.
        Credit = "credit",
    }
}

/// All words, and the list of each.
struct Words {
    found: Option<AhoCorasick>,
    lists: Vec<Say>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let list = |say: Say| table::group(FILE, say.name()).into_iter().map(move |word| (word, say));
    let (words, lists): (Vec<_>, Vec<_>) = Say::ALL.into_iter().flat_map(list).unzip();
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
        assert!(table::groups(FILE).all(|(key, _)| Say::ALL.iter().any(|list| list.name() == key)));
        for list in Say::ALL {
            let words = table::group(FILE, list.name());
            assert!(!words.is_empty(), "{list:?}");
            for word in words {
                assert!(!word.contains(' ') && word == word.to_ascii_lowercase(), "{word}");
                assert!(Said::of(&format!("x-{}2", word.to_ascii_uppercase())).has(list), "{word}");
            }
        }
        let said = Said::of("c-byline__publishDate");
        let lists = Say::ALL.into_iter().filter(|list| said.has(*list)).collect::<Vec<_>>();
        assert_eq!(lists, [Say::Stamp, Say::Published, Say::Posted, Say::Byline, Say::Credit]);
        assert_eq!(Said::of("grid col-8"), Said::default());
    }
}
