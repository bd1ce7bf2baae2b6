//! Texts that share much: copies of one story, and other stories that end in the same words.

use super::{Desk, judging, keys, position};
use crate::article::VerdictKind;
use crate::stage::dedupe::ledger::{Applied, Ledger};
use crate::stage::dedupe::print::{Entry, Print};
use crate::stage::dedupe::wording::Wording;

const ABOUT: &str = "About Tarnwood Pumps. Tarnwood Pumps makes pumps for mines, harbours and waterworks and keeps \
    workshops in nine countries. It was founded by two brothers in a shed behind the gasworks and is owned by their \
    grandchildren to this day. This notice speaks of the future. Words such as believes, intends and should give such \
    sentences away. They rest on what the management takes for likely at present; floods, tariffs, strikes, the price of \
    copper and the outcome of lawsuits may turn matters another way, and nobody at the company is bound to say so \
    afterwards unless a court or an exchange demands it.";

const SERVICE: &str = "The service will be held at ten on Friday in the chapel beside the lock, with Pastor Anna Brandt. \
    Guests find a place for their cars behind the old customs house. The family asks everybody to bring a song and no \
    flowers, and to give what they would have cost to the lifeboat. Whoever cannot come may watch on the page of the \
    parish or write some lines into the book of the house of Lindqvist.";

const DAMS: &str = "The water board will open the gates of the upper dam on Monday, nine days earlier than planned, since \
    the snow in the hills is melting faster than its engineers had reckoned. Villages below were told to move their sheep \
    and to leave the meadows along the river. The bridge at Senn stays open for now, said Ole Marten, who has led the \
    board for 14 years. He expects 340 cubic metres a second at the narrows, a third of what came down in the flood that \
    took the mill. Insurers have sent adjusters to the three farms that lie lowest.";

const LOCAL: &str = "Readers of the valley should know that the road by the quarry has been closed since last night, and \
    that the school bus goes round by the upper village until the county says otherwise and the barrier is taken away.";

/// What the desk says of the second of two texts.
fn second(told: (&str, &[&str]), new: (&str, &[&str])) -> VerdictKind {
    let verdicts = all(&[told, new]);
    assert_eq!(verdicts[0], VerdictKind::New);
    verdicts[1]
}

/// What it says of texts of one source, each of an id of its own.
fn all(texts: &[(&str, &[&str])]) -> Vec<VerdictKind> {
    let wording = |(headline, paragraphs): &(&str, &[&str])| {
        let paragraphs: Vec<String> = paragraphs.iter().map(|text| (*text).to_owned()).collect();
        Wording::new(&paragraphs, Some(*headline).filter(|h| !h.is_empty()), Some("one.test"))
    };
    verdicts(texts.iter().map(wording).collect())
}

fn verdicts(wordings: Vec<Wording>) -> Vec<VerdictKind> {
    let mut desk = Desk { ledger: Ledger::new(1, judging()), offset: 0, time: 1_000_000 };
    let ask = |(at, wording): (i64, Wording)| {
        let (algorithm, keys) = (judging().algorithm, keys(&at.to_string(), at as u128));
        let print =
            Print { algorithm, nonce: 5, claim: 3, position: position(at), timestamp: None, value: 1, keys, wording };
        match desk.append(Entry::Print(print)) {
            Applied::Judged(_, answer) => super::says(&answer).0,
            other => unreachable!("{other:?}"),
        }
    };
    (1..).zip(wordings).map(ask).collect()
}

#[test]
fn another_story_that_ends_in_the_same_words_is_new() {
    let recall = "HOLM, 9 May. Tarnwood Pumps takes back 6,200 bilge pumps sold since 2019, after four crews had to be \
        lifted from sinking boats. Owners should switch them off at the fuse.";
    let chief = "HOLM, 5 May. Tarnwood Pumps today named Greta Sund its head of finance from 1 June. She comes from the \
        port of Aal, where she paid off a debt of 40 million in six years.";
    assert_eq!(
        second(("Greta Sund to head finance", &[chief, ABOUT]), ("Pumps recalled", &[recall, ABOUT])),
        VerdictKind::New
    );
    let teacher = "Marta Ilves, 81, who taught half the town to read, died on Monday at home in Quay Street. She leaves a \
        daughter and a parrot that speaks Latin.";
    let smith = "Jens Oder, 67, a smith from Upper Holm, died on 3 May after a long illness. His wife Else and the brothers \
        Karl and Piet survive him, and eleven apprentices.";
    assert_eq!(second(("Marta Ilves", &[teacher, SERVICE]), ("Jens Oder", &[smith, SERVICE])), VerdictKind::New);
    assert_eq!(second(("", &[teacher, SERVICE]), ("", &[smith, SERVICE])), VerdictKind::New, "without a headline");
}

#[test]
fn a_form_that_was_filled_in_with_other_numbers_is_new() {
    let result = |winner: &str, county: &str, share: u32| {
        format!(
            "{winner} has won the race for sheriff of {county} county with {share} percent of the vote, the clerks say, \
            and the runner-up received {} percent. All 31 polling places have reported to the seat of the county. The \
            count is not final before the board has looked at every ballot, for which the law gives it ten days.",
            100 - share
        )
    };
    let (one, two) = (result("Ida Moss", "Fenn", 54), result("Paul Reed", "Garrow", 61));
    assert_eq!(second(("Moss is sheriff", &[&one]), ("Reed is sheriff", &[&two])), VerdictKind::New);
}

#[test]
fn a_copy_stays_a_copy_whatever_a_site_puts_round_it() {
    let (title, other) = ("Dam opens early", "Snow melts: gates open on Monday");
    let offer = "Sign up for our letter and get the best of the valley every morning.";
    for new in [
        (other, &[DAMS][..]),
        (other, &[offer, DAMS]),
        (other, &[DAMS, offer]),
        (other, &[&DAMS[..DAMS.len() * 2 / 3]]),
        (other, &[&DAMS[DAMS.len() / 3..]]),
    ] {
        assert_eq!(second((title, &[DAMS]), new), VerdictKind::Copy, "{new:?}");
        assert_eq!(second((title, &[LOCAL, DAMS]), new), VerdictKind::Copy, "{new:?}");
    }
    let longer = DAMS.to_owned() + " " + SERVICE + " " + ABOUT;
    assert_eq!(second((title, &[&longer]), (other, &[LOCAL, &longer])), VerdictKind::Copy);
    assert_eq!(
        second((title, &[DAMS]), (other, &[LOCAL, DAMS])),
        VerdictKind::Update,
        "a fourth of it is not in the other"
    );
}

#[test]
fn texts_of_one_headline_are_one_story_however_they_begin() {
    let (before, after) = (
        "Gates stay shut, the board said at noon, and went to lunch at the inn by the weir, all twelve of them, with the mayor and his dog.",
        "Late in the evening a second crack was found below the sluice, so that divers went down with lamps at four and again at six.",
    );
    assert_ne!(second(("Dam", &[before, DAMS]), ("Dam", &[after, DAMS])), VerdictKind::New);
    assert_eq!(second(("Dam", &[before, DAMS]), ("Crack", &[after, DAMS])), VerdictKind::New);
}

#[test]
fn one_story_on_many_pages_of_a_source_stays_one() {
    let lists = ["Most read: a goat", "Most read: nine geese", "Most read: the mill", "Most read: fog and rain"];
    let body = DAMS.to_owned() + " " + ABOUT;
    let pages: Vec<[&str; 2]> = (0..9).map(|n| [body.as_str(), lists[n % lists.len()]]).collect();
    let texts: Vec<(&str, &[&str])> = pages.iter().map(|page| ("Dam opens early", &page[..])).collect();
    let verdicts = all(&texts);
    assert_eq!(verdicts[0], VerdictKind::New);
    assert!(verdicts[1..].iter().all(|verdict| *verdict == VerdictKind::Copy), "{verdicts:?}");
}

#[test]
fn the_first_lines_of_a_long_story_are_a_cut_and_an_item_of_a_round_up_is_none() {
    let long = [DAMS, ABOUT, SERVICE, LOCAL].join(" ");
    let cut = |from: usize, words: usize| long.split_whitespace().skip(from).take(words).collect::<Vec<_>>().join(" ");
    assert_eq!(second(("Dam", &[&long]), ("Gates open", &[&cut(0, 64)])), VerdictKind::Copy);
    assert_ne!(second(("News in brief", &[&long]), ("Pumps", &[&cut(97, 97)])), VerdictKind::Copy);
}

#[test]
fn a_lead_of_its_own_over_a_wires_story_is_no_other_story() {
    let (lead, own) = (
        LOCAL,
        "Whoever keeps sheep by the river has five days to bring them up the hill, because the board does \
        not wait for the feast of the saint and lets go of the water in the night to Monday, come what may and at whatever price.",
    );
    let body = [DAMS, SERVICE, ABOUT].join(" ");
    assert_ne!(second(("Dam", &[lead, &body]), ("Sheep", &[own, &body])), VerdictKind::New);
}

#[test]
fn the_results_of_another_day_are_published() {
    let results = |day: &str, numbers: [u32; 6]| {
        let [a, b, c, d, e, f] = numbers;
        format!(
            "These are the numbers drawn in the valley lottery on {day}. The morning draw gave {a} and {b}, the noon draw {c}. \
            In the evening {d} and {e} fell, with {f} as the bonus. Tickets are sold in every shop with a yellow sign until a \
            quarter of an hour before each draw, and winners of small sums are paid at the counter. Larger sums are paid in \
            the capital, where a form must be signed. A ticket is void when the year is over. Play for fun and not for bread."
        )
    };
    let (one, two) = (results("Monday", [11, 12, 13, 14, 15, 16]), results("Tuesday", [11, 12, 23, 24, 25, 26]));
    assert_ne!(second(("Lottery, Monday", &[&one]), ("Lottery, Tuesday", &[&two])), VerdictKind::Copy);
}

#[test]
fn a_marked_take_is_filed_only_under_itself() {
    let later = DAMS.replace("340", "590");
    let ask = |told: (&str, &str), new: (&str, &str)| {
        let mark = |(headline, text): (&str, &str), updates| {
            let wording = Wording::new(&[text.to_owned()], Some(headline), Some("one.test"));
            Wording { updates, ..wording }
        };
        verdicts(vec![mark(told, false), mark(new, true)])[1]
    };
    assert_eq!(ask(("Dam opens", DAMS), ("Dam opens", &later)), VerdictKind::Update);
    assert_eq!(ask(("Dam opens", DAMS), ("Dam opens at last", DAMS)), VerdictKind::Update);
    assert_eq!(ask(("Dam opens", DAMS), ("Dam opens", DAMS)), VerdictKind::Copy);
}
