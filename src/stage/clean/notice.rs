//! Whether a short page is no story but a notice of its site: prove that you are human, this page is not there, not from your
//! country, consent first, or a list of teasers. What such a page says is about itself, sentence by sentence; a story about such
//! pages tells of them.
//!
//! Takes no block out: a page is a notice as a whole, or it is none.

use std::sync::LazyLock;

use super::measure::{is_dense, weight};
use super::phrase::key;
use crate::stage::extract::stats;
use crate::stage::table;

/// Words up to which a page can be a notice.
const MOST_WORDS: u64 = 200;
/// Share of a page's words from which on it is a wall: a teaser beside one is a story.
const WALL: (u64, u64) = (3, 4);
/// Words at most in place of a gap.
const GAP: usize = 3;
/// Weight from which on a paragraph can be a teaser.
const TEASER: u32 = 60;
/// What sites print where an excerpt breaks off.
const EXCERPTS: [&str; 2] = ["[…]", "[...]"];
/// Signs at which a sentence or a part of one ends.
const ENDS: [char; 12] = ['.', '!', '?', ':', ';', '\u{2026}', '。', '！', '？', '：', '；', '؟'];
/// Signs that begin somebody's words, or the words on somebody's screen.
const QUOTES: [char; 9] = ['"', '\'', '“', '„', '«', '‘', '‚', '「', '『'];

#[derive(Default)]
struct Phrases {
    headlines: Vec<&'static str>,
    begins: Vec<&'static str>,
    ends: Vec<&'static str>,
    walls: Vec<&'static str>,
    lists: Vec<&'static str>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for (how, phrase) in table::lines(FILE).filter_map(read_line) {
        match how {
            "headline" => phrases.headlines.push(phrase),
            "begins" => phrases.begins.push(phrase),
            "wall" => phrases.walls.push(phrase),
            "list" => phrases.lists.push(phrase),
            _ => phrases.ends.push(phrase),
        }
    }
    phrases
});

/// One phrase a line; see the head of the file.
const FILE: &str = include_str!("../data/notices.txt");

fn read_line(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (_, rest) = line.split_once(' ')?;
    rest.split_once(' ')
}

/// The paragraph by which a page shows that it is a notice: most of its words stand in such paragraphs, or one of them under a
/// headline that says the same.
pub fn notice<'t>(headlines: &[&str], paragraphs: &'t [String]) -> Option<&'t str> {
    let words = |text: &String| u64::from(stats::count(text).words);
    if let Some(teaser) = listed(headlines, paragraphs) {
        return Some(teaser);
    }
    let (mut all, mut told, mut walled, mut first) = (0, 0, 0, None);
    for paragraph in paragraphs {
        all += words(paragraph);
        if all > MOST_WORDS {
            return None;
        }
        let (says_so, is_wall) = (says_so(paragraph), is_wall(paragraph));
        told += if says_so { words(paragraph) } else { 0 };
        walled += if says_so || is_wall { words(paragraph) } else { 0 };
        first = first.or((says_so || is_wall).then_some(paragraph.as_str()));
    }
    let headed = || told > 0 && is_headed(headlines, &PHRASES.headlines);
    first.filter(|_| told * 2 > all || walled * WALL.1 >= all * WALL.0 || headed())
}

fn is_headed(headlines: &[&str], phrases: &[&str]) -> bool {
    headlines.iter().map(|text| key(text)).any(|key| any(phrases, &key))
}

/// The first teaser where a page is nothing but teasers of other stories: each breaks off with a mark that says so; at the results
/// of a search an ellipsis will do.
fn listed<'t>(headlines: &[&str], paragraphs: &'t [String]) -> Option<&'t str> {
    let running = || paragraphs.iter().filter(|text| weight(text) >= TEASER);
    let breaks_off = |text: &String| EXCERPTS.iter().any(|mark| text.ends_with(mark));
    let trails = |text: &String| breaks_off(text) || text.ends_with(['…']) || text.ends_with("...");
    let is_list = running().nth(1).is_some() && running().all(trails) && is_headed(headlines, &PHRASES.lists);
    let is_excerpts = || running().nth(2).is_some() && running().all(breaks_off);
    running().next().filter(|_| is_list || is_excerpts()).map(String::as_str)
}

/// True for a paragraph that stands before a site: consent, login, subscription.
fn is_wall(paragraph: &str) -> bool {
    let key = key(paragraph);
    let gapped = |(first, second): (&str, &str)| {
        let rest = key.strip_prefix(first).and_then(|rest| rest.strip_prefix(' '));
        let mut behind =
            rest.into_iter().flat_map(|rest| rest.match_indices(' ').take(GAP).map(|(at, _)| &rest[at + 1..]));
        behind.any(|rest| any(&[second], rest))
    };
    !paragraph.starts_with(QUOTES)
        && PHRASES.walls.iter().any(|phrase| phrase.split_once(" _ ").map_or_else(|| any(&[phrase], &key), gapped))
}

/// True for a paragraph with a sentence that a site says to its visitor, and to nobody else.
fn says_so(paragraph: &str) -> bool {
    paragraph.split(ENDS).any(|sentence| {
        let sentence = sentence.trim();
        let key = key(sentence);
        let ends = |phrase: &&str| key.strip_suffix(*phrase).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '));
        !sentence.starts_with(QUOTES) && (any(&PHRASES.begins, &key) || PHRASES.ends.iter().any(ends))
    })
}

fn any(phrases: &[&str], key: &str) -> bool {
    phrases.iter().any(|phrase| {
        let rest = key.strip_prefix(phrase);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || phrase.ends_with(is_dense))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_notice(headline: &str, text: &str) -> bool {
        notice(&[headline], &text.split('|').map(|text| text.trim().to_owned()).collect::<Vec<_>>()).is_some()
    }

    #[test]
    fn checks_for_robots_and_pages_that_are_not_there_are_notices() {
        for (headline, text) in [
            ("harbour.test", "Please verify that you are human. It takes a second."),
            ("One more step", "Enable JavaScript and cookies to continue"),
            ("Harbour Post", "post.test needs to review the security of your connection before proceeding."),
            ("Page not found", "We’re sorry, the page you asked for is not there. | Go back to the harbour."),
            ("This article is no longer available", "The article you are looking for has been taken down."),
            ("Bad gateway", "Visit cloudflare.com for more information."),
            ("Not Found", "The requested URL /crane/12 was not found on this server."),
            ("Harbour Post", "Request unsuccessful. Incapsula incident ID: 12-34"),
            ("Back soon", "Sorry for the inconvenience but we’re performing some maintenance at the moment."),
            ("harbour.test", "The domain harbour.test may be for sale by its owner!"),
            ("Access denied", "Sorry! | You don’t have permission to access this address. | Code 18.a7"),
            (
                "404",
                "Nothing here. | The page you were looking for has sailed. | Try the search, or begin at the quay.",
            ),
            ("Unavailable", "We recognise you are attempting to access this website from a country with other rules."),
            (
                "Seite nicht gefunden",
                "Hoppla! | Die gesuchte Seite liegt nicht mehr an dieser Stelle. | Zur Startseite geht es oben.",
            ),
            ("Page introuvable", "La page que vous cherchez a été déplacée."),
            ("Un momento", "Confirma que no eres un robot para seguir."),
            ("Страница не найдена", "К сожалению, запрашиваемая страница удалена."),
            ("ページが見つかりません", "お探しのページは移動した可能性があります。"),
            ("找不到页面", "抱歉，您访问的页面已经搬走。"),
        ] {
            assert!(is_notice(headline, text), "{headline}: {text}");
        }
    }

    #[test]
    fn walls_and_lists_of_teasers_are_notices() {
        for (headline, text) in [
            (
                "Privacy",
                "We and our 812 partners store information on a device. | With your permission we and our partners may read it.",
            ),
            (
                "Hafenpost",
                "Besuchen Sie hafenpost.test wie gewohnt mit Werbung. | Bereits Pur-Abonnent? Hier anmelden. | Akzeptieren",
            ),
            (
                "Le Quai",
                "Nous et nos 12 partenaires stockons des informations sur un appareil. | Vous pouvez accepter ou refuser ces traitements.",
            ),
            (
                "Log in",
                "Welcome back! Please enter your email address. | Don’t have an account yet? Register and read on.",
            ),
            ("Mill to become flats", "You have read all your free articles for this month. Subscribe for more."),
        ] {
            assert!(is_notice(headline, text), "{headline}: {text}");
        }
        let [crane, ferry, roof] = [
            "The harbour council voted on Monday night to keep the old crane for ten more years, and […]",
            "The ferry between the islands resumed on Wednesday, three days after a storm had torn […]",
            "The roof of the school has leaked for three winters, and nobody on the council has […]",
        ];
        assert!(is_notice("Local news", &format!("Crane stays | {crane} | {ferry} | {roof}")));
        let trailing = |text: &str| text.replace("[…]", "…");
        assert!(is_notice("Search results for: harbour", &trailing(&format!("{crane} | {ferry}"))));
        assert!(!is_notice("Harbour", &trailing(&format!("{crane} | {ferry} | {roof}"))));
        assert!(!is_notice("Local news", &format!("{crane} | {ferry}")));
        assert!(!is_notice(
            "Search results for: harbour",
            &format!("{crane} | The mayor said after the vote that she would look for the money elsewhere.")
        ));
    }

    #[test]
    fn a_teaser_beside_a_wall_is_a_story() {
        let teaser = "The harbour council voted on Monday night to keep the old crane for ten more years.";
        assert!(!is_notice(
            "Crane",
            &format!("{teaser} | You have read all your free articles for this month. Subscribe for more.")
        ));
        assert!(!is_notice("Crane", &format!("{teaser} Subscribe to continue reading.")));
        assert!(!is_notice(
            "Cookies",
            "“We and our 812 partners store information,” the box said, and nobody read on."
        ));
    }

    #[test]
    fn stories_about_them_are_none() {
        let told = "The port authority took its timetable offline on Monday after robots had asked for it two million times. \
            Travellers saw a request to prove that they were human, and some of them gave up after the ninth traffic light.";
        for (headline, text) in [
            ("Are you a robot? Port asks its passengers", told),
            ("404: the page that was never found", told),
            (
                "Captchas",
                "“Please verify you are a human,” said the screen of the ferry office for three days, to the delight of the town.",
            ),
            (
                "Access denied",
                "Divers were denied access to the wreck on Sunday. The page of the coast guard gives no reason.",
            ),
            (
                "Outage",
                &format!("Verify you are human by completing the action below, it said on every screen. | {told}"),
            ),
            (
                "House for sale",
                "The old customs house may be for sale again, its owner said. A buyer was not found on Monday.",
            ),
            ("Just a moment", "Anna Brandt has sailed alone for 40 years and never once looked at a clock, she says."),
            ("Oops", &format!("{} | The page you are looking for is not there.", "word ".repeat(210))),
        ] {
            assert!(!is_notice(headline, text), "{headline}: {text}");
        }
        assert!(notice(&["404"], &[]).is_none());
    }

    #[test]
    fn the_table_is_sorted_without_duplicates_and_in_the_form_of_keys() {
        let lines: Vec<_> = table::lines(FILE).collect();
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", lines.windows(2).find(|p| p[0] >= p[1]));
        for line in lines {
            let (how, phrase) = read_line(line).unwrap();
            assert!(matches!(how, "headline" | "begins" | "ends" | "wall" | "list"), "{line}");
            assert_eq!(key(phrase), phrase.replace(" _ ", " "));
        }
    }
}
