//! How far a text tells a time, whether or not the time can be read: `10am Thursday` names no day of the calendar, and is no prose
//! either.

use super::scan::{self, Kind, Token};
use super::words::{Meaning, Unit};
use super::{MAX_TEXT, zone};
use crate::stage::text::head;

/// Signs that stand in and around printed times.
const SIGNS: &str = ",.;:-–—/()[]|*~'’\"“”•·+@（）、，。：";

/// Signs that part a time from what follows it.
const ENDS: &str = ".;:-–—)]|*•·。：）";

/// What a text begins with that tells a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Telling {
    /// Bytes from the beginning.
    pub length: usize,
    /// A clock or a day of a month is in it.
    pub clock: bool,
    /// A day of the week or a word such as `tomorrow` is in it.
    pub day: bool,
    /// The text ends with it.
    pub whole: bool,
    /// A sign parts it from what follows, or nothing follows.
    pub apart: bool,
}

/// The time at the beginning of a text. `fillers` may stand in it besides the words of dates, `moments` count as days; both in small
/// letters.
pub fn telling(text: &str, fillers: &[&str], moments: &[&str]) -> Telling {
    let text = head(text, MAX_TEXT);
    let tokens = scan::scan(text);
    let told = tokens.iter().position(|token| !is_told(text, token, &[fillers, moments])).unwrap_or(tokens.len());
    let whole = told == tokens.len();
    // "6 May - the board": the sign ends the time, not the article behind it
    let last = |at: &usize| is_end(&tokens[*at]) && tokens.get(at + 1).is_none_or(|next| next.spaced);
    let end = if whole { Some(told) } else { (0..told).rev().find(last).map(|at| at + 1) };
    let tokens = &tokens[..end.unwrap_or(told)];
    let word = |token: &Token, list: &[&str]| list.contains(&lower(text, token).as_str());
    Telling {
        length: tokens.last().map_or(0, |token| token.end),
        clock: is_clock(text, tokens),
        day: tokens.iter().any(|token| token.means(Meaning::Weekday) || word(token, moments)),
        whole,
        apart: end.is_some(),
    }
}

fn is_told(text: &str, token: &Token, lists: &[&[&str]]) -> bool {
    let listed = |list: &&[&str]| list.contains(&lower(text, token).as_str());
    match token.kind {
        Kind::Number(..) => true,
        Kind::Word([]) => is_zone(text, token) || lists.iter().any(listed),
        Kind::Word(_) => true,
        Kind::Sign(sign) => SIGNS.contains(sign) || lists.iter().any(listed),
    }
}

fn is_end(token: &Token) -> bool {
    matches!(token.kind, Kind::Sign(sign) if ENDS.contains(sign))
}

fn is_zone(text: &str, token: &Token) -> bool {
    let word = text.get(token.start..token.end).unwrap_or("");
    matches!(word, "GMT" | "UTC" | "gmt" | "utc" | "Z") || zone::abbreviation(word, None).is_some()
}

fn lower(text: &str, token: &Token) -> String {
    text.get(token.start..token.end).unwrap_or("").to_lowercase()
}

/// Two numbers that are no years, or one with a month, a mark of hours, or a zone beside it.
fn is_clock(text: &str, tokens: &[Token]) -> bool {
    let marks = [Meaning::Am, Meaning::Pm, Meaning::HourMark, Meaning::MonthMark, Meaning::DayMark];
    let is_month = |token: &Token| token.senses().iter().any(|sense| matches!(sense.meaning, Meaning::Month(_)));
    let is_mark = |token: &Token| {
        marks.iter().any(|mark| token.means(*mark)) || token.means(Meaning::Ago(Unit::Hour)) || is_zone(text, token)
    };
    let numbers = tokens.iter().filter_map(Token::number);
    let small = numbers.clone().filter(|(_, digits)| *digits <= 2).count();
    let marked = tokens.iter().any(is_mark) || small > 0 && tokens.iter().any(is_month);
    small >= 2 || marked && numbers.count() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_ends_where_prose_begins() {
        for (text, told, clock, day, whole) in [
            ("10am Thursday", "10am Thursday", true, true, true),
            (" 00:01, 5/6/2026", " 00:01, 5/6/2026", true, false, true),
            ("0001 hrs GMT on Thursday 6th May 2026.", "0001 hrs GMT on Thursday 6th May 2026.", true, true, true),
            ("Thursday - Board votes on 3 March", "Thursday -", false, true, false),
            ("tomorrow", "tomorrow", false, true, true),
            ("2027", "2027", false, false, true),
        ] {
            let found = telling(text, &[], &["tomorrow"]);
            assert_eq!(
                (&text[..found.length], found.clock, found.day, found.whole),
                (told, clock, day, whole),
                "{text}"
            );
            assert!(found.apart, "{text}");
        }
        assert!(!telling("20 April 2027 hurts farmers", &[], &[]).apart);
        assert_eq!(telling("EU extends oil ban", &[], &[]).length, 0);
    }
}
