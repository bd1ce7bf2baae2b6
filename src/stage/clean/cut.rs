//! Whether a text ends before its story does: the page says so right after it, in its markup, or the text breaks off.
//!
//! A sign counts only where the text ends: "log in" at the head of every page and "read on" under the teasers of other stories
//! say nothing. Never decides what is kept, but for the notice itself when it would be the story's last paragraph.

mod behind;
mod selector;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::candidate::Candidate;
use super::measure::{is_running, weight};
use super::phrase;
use crate::article::{Block, DropReason, Truncation};
use crate::stage::html::{Document, NodeId};
pub(super) use behind::drop_behind;
use selector::Selector;

/// One phrase a line; see the head of the file.
const FILE: &str = include_str!("../data/cut.txt");

/// Blocks after the text among which a notice is looked for: the rest of a subscription box stands around it.
const AFTER: usize = 8;
/// Weight up to which a block can be a notice.
const LONGEST: u32 = 400;
/// Weight of kept running text from which on a part that the page calls locked is there all the same: search engines and
/// scrapers are often given it whole. Lower: a teaser counts as the story.
const WHOLE: u32 = 1200;
/// Elements of a locked part that are looked at.
const ELEMENTS: usize = 64;
/// What services that cut a text write at its end: "[…]", "[+1234 chars]".
const MARKS: [&str; 4] = ["[…]", "[...]", "[. . .]", "[&hellip;]"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Alone,
    Begins,
    Holds,
    Never,
}

/// The phrases, and an automaton of those that need not be the whole block.
struct Phrases {
    list: Vec<(How, &'static str)>,
    found: Option<AhoCorasick>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let list: Vec<_> = FILE.lines().filter_map(read_line).map(|(_, how, phrase)| (how, phrase)).collect();
    let build = AhoCorasick::builder().match_kind(MatchKind::Standard).build(list.iter().map(|(_, phrase)| phrase));
    Phrases { list, found: build.ok() }
});

fn read_line(line: &'static str) -> Option<(&'static str, How, &'static str)> {
    let mut fields = line.splitn(3, ' ');
    let language = fields.next().filter(|field| !field.starts_with('#'))?;
    let how = match fields.next()? {
        "alone" => How::Alone,
        "begins" => How::Begins,
        "holds" => How::Holds,
        "never" => How::Never,
        _ => return None,
    };
    Some((language, how, fields.next()?))
}

/// How much a block says that the text before it goes on elsewhere: [`How::Alone`] for what only counts directly after it.
fn notice(text: &str) -> Option<How> {
    if weight(text) > LONGEST {
        return None;
    }
    let key = phrase::key(text);
    let found = PHRASES.found.as_ref()?.find_overlapping_iter(&key);
    let hits = found.filter_map(|hit| {
        let (how, _) = PHRASES.list.get(hit.pattern().as_usize())?;
        let counts = match how {
            How::Alone => hit.len() == key.len(),
            How::Begins => hit.start() == 0,
            How::Holds | How::Never => true,
        };
        counts.then_some(*how)
    });
    // alone is the weakest: whatever else the block says counts for more
    hits.reduce(|a, b| if a == How::Never || b == How::Alone { a } else { b }).filter(|how| *how != How::Never)
}

/// Names the notices that would be the end of the story.
pub(super) fn drop_notices(blocks: &mut [Block]) {
    while let Some(last) = blocks.iter().rposition(|b| b.dropped.is_none()) {
        if last == 0 || notice(&blocks[last].text).is_none() {
            return;
        }
        blocks[last].dropped = Some(DropReason::Paywall);
    }
}

/// By what the text of judged blocks shows that it is not whole, if it does.
pub(super) fn sign(blocks: &[Block]) -> Option<Truncation> {
    let last = blocks.iter().rposition(|b| b.dropped.is_none())?;
    if ends_with_mark(&blocks[last].text) {
        return Some(Truncation::Mark);
    }
    let shown = |b: &&Block| !matches!(b.dropped, Some(DropReason::Hidden | DropReason::Comment));
    let mut after = blocks[last + 1..].iter().filter(shown).take(AFTER).map(|b| notice(&b.text));
    let directly = after.next().flatten().is_some();
    (directly || after.flatten().any(|how| how != How::Alone)).then_some(Truncation::Notice)
}

/// "…", "[+1234 chars]", "… Continue reading" at the end of a text.
fn ends_with_mark(text: &str) -> bool {
    let text = text.trim_end();
    MARKS.iter().any(|mark| text.ends_with(mark)) || counted(text) || continued(text)
}

/// "[+1234 chars]"
fn counted(text: &str) -> bool {
    let inside = text.strip_suffix(" chars]").and_then(|text| text.rsplit_once("[+"));
    inside.is_some_and(|(_, digits)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// "… Continue reading"
fn continued(text: &str) -> bool {
    let end = text.rfind('…').map(|at| at + '…'.len_utf8()).max(text.rfind("...").map(|at| at + 3));
    end.and_then(|end| text.get(end..)).is_some_and(|rest| !rest.is_empty() && notice(rest).is_some())
}

/// True when a page that calls parts of its article locked does not hold them: `selectors` name those parts in CSS. What the
/// page names and yet gives whole is not cut.
pub(super) fn is_withheld(doc: &Document, candidates: &[Candidate], selectors: &[String]) -> bool {
    let parts = locked_parts(doc, selectors);
    let within = |c: &&Candidate| parts.iter().any(|part| doc.contains(*part, c.node));
    let running = candidates.iter().filter(|c| c.is_solid()).filter(within);
    running.map(|c| c.measure.weight).sum::<u32>() < WHOLE
}

/// Names the scraps of a subscription box: of the parts that the page calls locked, where none of them holds any of the story.
pub(super) fn drop_scraps(doc: &Document, candidates: &mut [Candidate], selectors: &[String]) {
    let parts = locked_parts(doc, selectors);
    let within = |c: &Candidate| parts.iter().any(|part| c.node == *part || doc.contains(*part, c.node));
    let is_story = |c: &Candidate| c.block.dropped.is_none() && (is_running(&c.measure) || c.measure.closed);
    // of more parts than are looked at the rest may hold it
    if parts.len() < ELEMENTS && !candidates.iter().any(|c| is_story(c) && within(c)) {
        for c in candidates.iter_mut().filter(|c| c.block.dropped.is_none() && within(c)) {
            c.block.dropped = Some(DropReason::Paywall);
        }
    }
}

/// The elements that selectors name.
fn locked_parts(doc: &Document, selectors: &[String]) -> Vec<NodeId> {
    let mut read: Vec<Selector> = selectors.iter().filter_map(|selector| Selector::of(selector)).collect();
    read.sort_unstable();
    read.dedup();
    let elements = doc.descendants(doc.root()).filter(|id| doc.tag(*id).is_some());
    let parts = elements.filter(|id| read.iter().any(|selector| selector.fits(doc, *id)));
    parts.take(ELEMENTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::{Anchors, Cleaned, page, story, text};
    use crate::stage::html::{Budget, parse};

    const LEDE: &str = "PORT ELLEN (Courier) – The harbour council voted on Monday night to keep the old crane for another ten years, after a campaign by sailors.";
    const SECOND: &str =
        "The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.";

    fn cleaned(html: &str, locked: Option<&[&str]>) -> Cleaned {
        let locked = locked.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect());
        page(&parse(html, &Budget::default()).unwrap(), &Anchors { locked, ..Anchors::default() })
    }

    #[test]
    fn selectors_are_read_once_and_each_once() {
        let selectors = vec![".locked".repeat(80); 144];
        let page = "<i></i>".repeat(150_000);
        assert!(is_withheld(&parse(&page, &Budget::default()).unwrap(), &[], &selectors));
    }

    fn followed_by(after: &str) -> Cleaned {
        cleaned(&format!("<main><p>{LEDE}</p><p>{SECOND}</p>{after}</main>"), None)
    }

    #[test]
    fn a_notice_right_after_the_text_marks_it_in_any_language() {
        for notice in [
            "Subscribe to continue reading",
            "This article is for subscribers only. Already a subscriber? Log in.",
            "You've reached your limit of free articles.",
            "Please sign in to continue reading this story.",
            "Continue reading",
            "Dieser Artikel ist nur für Abonnenten lesbar.",
            "Jetzt weiterlesen",
            "Cet article est réservé aux abonnés.",
            "Suscríbete para seguir leyendo",
            "Per continuare a leggere, abbonati.",
            "Conteúdo exclusivo para assinantes",
            "Dit artikel is alleen voor abonnees.",
            "Aby czytać dalej, wykup dostęp",
            "Чтобы дочитать, оформите подписку",
            "Για να συνεχίσετε την ανάγνωση, συνδεθείτε",
            "订阅后继续阅读",
            "この記事は有料会員限定です",
            "이 기사는 유료 회원 전용입니다",
            "لمتابعة القراءة اشترك الآن",
            "Devamını okumak için abone olun",
        ] {
            let cut = followed_by(&format!("<p>{notice}</p>"));
            assert!(cut.truncated.is_some(), "{notice}");
            assert_eq!(cut.paragraphs, [LEDE, SECOND], "{notice}");
            assert!(text(&format!("{LEDE}\n{SECOND}\n{notice}"), None).truncated.is_some(), "{notice}");
        }
    }

    #[test]
    fn other_things_after_the_text_and_notices_elsewhere_do_not() {
        for after in [
            "",
            "<p>Log in</p><p>Register</p>",
            "<p>Subscribe to our newsletter</p>",
            "<p>Advertisement. Scroll to continue reading.</p>",
            "<p>Subscribe now to keep reading and get access to the full archive.</p>",
            "<h3>More stories</h3><div><p>Roof of the school to wait</p><a href=x>Continue reading</a></div>",
            "<div class=comments><p>Subscribe to continue reading, it says, and I do not like that at all, I must say.</p></div>",
        ] {
            assert!(followed_by(after).truncated.is_none(), "{after}");
        }
        let before = format!("<nav><p>Subscribe to read</p></nav><main><p>{LEDE}</p><p>{SECOND}</p></main>");
        assert!(cleaned(&before, None).truncated.is_none());
    }

    #[test]
    fn a_text_that_breaks_off_is_marked_and_left_as_it_is() {
        for end in ["The buyer said […]", "The buyer from […] [+1234 chars]", "The buyer said… Continue reading"]
        {
            let cut = story(&format!("{LEDE}\n\n{end}"));
            assert!(cut.truncated.is_some(), "{end}");
            assert_eq!(cut.paragraphs, [LEDE, end]);
        }
        for end in ["The buyer said nothing …", "The buyer [+ chars]", "[…] he said, and left.", SECOND] {
            assert!(story(&format!("{LEDE}\n\n{end}")).truncated.is_none(), "{end}");
        }
    }

    #[test]
    fn what_the_page_locks_is_cut_unless_it_is_there() {
        let teaser = format!("<main><p>{LEDE}</p><div class='gate paywall'><p>{SECOND}</p></div></main>");
        assert!(cleaned(&teaser, None).truncated.is_none());
        assert!(cleaned(&teaser, Some(&[])).truncated.is_some());
        assert!(cleaned(&teaser, Some(&[".paywall"])).truncated.is_some());
        let story: String = (0..12).map(|n| format!("<p>{SECOND} That was offer {n} of many, she said.</p>")).collect();
        let whole = format!("<main><p>{LEDE}</p><div class='gate paywall' id=rest>{story}</div></main>");
        for fits in [".paywall", "#rest", "div.gate.paywall", "main > .gate", "article .paywall#rest"] {
            assert!(cleaned(&whole, Some(&[fits])).truncated.is_none(), "{fits}");
        }
        for other in [".premium", "p.paywall", ".pay", "", "[data-x]", ":root", "..", ".paywall#other"] {
            assert!(cleaned(&whole, Some(&[other])).truncated.is_some(), "{other}");
        }
    }

    #[test]
    fn the_scraps_of_a_subscription_box_go_and_a_sentence_in_it_stays() {
        let page = |inside: &str| {
            let box_ = format!("<div class=gate><h2>Read on</h2><p>{inside}</p></div>");
            cleaned(&format!("<main><p>{LEDE}</p><p>{SECOND}</p>{box_}</main>"), Some(&[".gate"])).paragraphs
        };
        assert_eq!(page("Explore all our offers"), [LEDE, SECOND]);
        let spread = format!("<main><p>{LEDE}</p><h2 class=gate>Talks</h2><p class=gate>{SECOND}</p></main>");
        assert_eq!(cleaned(&spread, Some(&[".gate"])).paragraphs, [LEDE, "Talks", SECOND]);
        assert!(page("The crane stays where it is.").contains(&"The crane stays where it is.".to_owned()));
    }

    #[test]
    fn the_phrases_are_sorted_without_duplicates_and_in_the_form_of_keys() {
        let lines: Vec<_> = FILE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 200);
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", lines.windows(2).find(|p| p[0] >= p[1]));
        for line in lines {
            let (language, _, phrase) = read_line(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(language.len(), 2, "{line}");
            assert_eq!(phrase::key(phrase), phrase, "{line}");
        }
    }
}
