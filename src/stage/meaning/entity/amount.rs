//! Money and shares, by rule, with their normal forms. What two currencies share, or what has no number, gets none.

mod number;

use std::sync::LazyLock;

use self::number::{NUMBERS, digits_and_scale, number, scale};
use super::found::{Found, Reader};
use crate::article::EntityKind;
use crate::stage::quick::{Map, Set};
use crate::stage::table;

const CURRENCIES: &str = include_str!("../../data/currencies.txt");

/// How the word of a currency may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// Behind any number.
    Behind,
    /// Behind a number with a scale.
    BehindScale,
}

/// The forms of currencies and shares.
struct Words {
    signs: Map<&'static str, &'static str>,
    /// What a sign may begin with: the tokeniser may have split it.
    heads: Set<&'static str>,
    behind: Map<&'static str, (&'static str, Stand)>,
    percents: Vec<Vec<&'static str>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        signs: Map::default(),
        heads: Set::default(),
        behind: Map::default(),
        percents: table::group(NUMBERS, "percent").iter().map(|form| form.split(' ').collect()).collect(),
    };
    words.percents.sort_by_key(|form: &Vec<&str>| std::cmp::Reverse(form.len()));
    for (code, forms) in table::groups(CURRENCIES) {
        for form in forms {
            match form.strip_prefix('=') {
                Some(sign) => {
                    words.signs.insert(sign, code);
                    words.heads.extend(sign.char_indices().map(|(at, c)| &sign[..at + c.len_utf8()]));
                }
                None => {
                    let stand = if form.starts_with('+') { Stand::BehindScale } else { Stand::Behind };
                    words.behind.entry(form.trim_start_matches('+')).or_insert((code, stand));
                }
            }
        }
    }
    words
});

/// All sums and shares.
pub fn read(text: &Reader) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match one(text, at) {
            Some(one) => {
                at = one.end;
                found.push(one);
            }
            None => at += 1,
        }
    }
    // from the end: a sum in brackets goes with what the one before it is paid for
    let mut rate_from = usize::MAX;
    found.reverse();
    found.retain(|one| {
        let after = one.end + usize::from(text.token(one.end) == ")");
        let is_rate = rate(text, after) || (text.token(one.end) == "(" && one.end + 1 == rate_from);
        rate_from = if is_rate { one.start } else { usize::MAX };
        !is_rate
    });
    found.reverse();
    found
}

fn one(text: &Reader, at: usize) -> Option<Found> {
    if !may_begin(text, at) {
        return None;
    }
    money_before(text, at).or_else(|| glued(text, at)).or_else(|| behind(text, at))
}

/// Whether a number or a sign may stand here: to ask this of each word is quicker than to ask what it is.
fn may_begin(text: &Reader, at: usize) -> bool {
    let token = text.token(at);
    token.bytes().any(|b| b.is_ascii_digit()) || WORDS.heads.contains(token) || number::is_word(text.lower(at))
}

/// Whether what stands here makes a rate of an amount: `10 dollars an hour` is a measure of something, no sum.
fn rate(text: &Reader, at: usize) -> bool {
    const TIMES: [&str; 8] = ["second", "minute", "hour", "day", "week", "month", "year", "annum"];
    matches!(text.lower(at), "a" | "an" | "per") && TIMES.contains(&text.lower(at + 1)) && !past(text, at + 2)
}

/// Whether a span of time before this word is one gone by: `a year earlier`, `a year before.`
fn past(text: &Reader, at: usize) -> bool {
    let ends = || !text.token(at + 1).starts_with(char::is_alphanumeric);
    matches!(text.lower(at), "ago" | "earlier" | "previously") || (text.lower(at) == "before" && ends())
}

/// `$ 3.5 million`, `EUR 20`, `dlrs 18`.
fn money_before(text: &Reader, at: usize) -> Option<Found> {
    let (code, next) = sign(text, at)?;
    let number = number(text, next)?;
    // "R 5" and "Sh 5" are too short to stand apart from their number
    let tight = next > at + 1 || text.token(at).len() > 1 || !text.token(at).starts_with(char::is_alphabetic);
    (tight && text.token(next).starts_with(|c: char| c.is_ascii_digit()))
        .then(|| money(at, number.end, code, number.value))
}

/// A sign of a currency, which the tokeniser may have split: `US` `$`.
fn sign(text: &Reader, at: usize) -> Option<(&'static str, usize)> {
    let two = || {
        let near = text.touches(at) && text.token(at + 1).chars().count() == 1;
        let both = near.then(|| &text.text[text.tokens[at].start..text.tokens[at + 1].end])?;
        Some((*WORDS.signs.get(both)?, at + 2))
    };
    two().or_else(|| Some((*WORDS.signs.get(text.token(at))?, at + 1)))
}

/// `RM120,000`, `Rs50`: letters and number in one token.
fn glued(text: &Reader, at: usize) -> Option<Found> {
    let token = text.token(at);
    let digits = token.find(|c: char| c.is_ascii_digit()).filter(|digits| *digits > 0)?;
    // R50 is a sum in South Africa and a name of something elsewhere
    let code = *WORDS.signs.get(&token[..digits]).filter(|_| digits > 1 || !token.starts_with('R'))?;
    let (value, scaled) = digits_and_scale(&token[digits..], text.comma_decimal)?;
    let (end, value) = scale(text, at + 1, value, scaled);
    Some(money(at, end, code, Some(value)))
}

/// `10 million dollars`, `3,50 €`, `28 cents`, `12.5 per cent`.
fn behind(text: &Reader, at: usize) -> Option<Found> {
    let number = number(text, at)?;
    if let Some(length) = percent(text, number.end) {
        let norm = number.value.and_then(plain);
        return Some(Found::new(at, number.end + length, EntityKind::Percent, norm, 0.95));
    }
    if let Some(to) = range_end(text, number.end) {
        return Some(Found::new(at, to, EntityKind::Percent, number.value.and_then(plain), 0.8));
    }
    let unit = number.end + usize::from(matches!(text.lower(number.end), "of" | "de" | "di" | "d’" | "d'"));
    if let Some((code, _)) = sign(text, number.end).filter(|_| !text.token(number.end).starts_with(char::is_alphabetic))
    {
        // a sign before the next number belongs to that: "5 $10 notes"
        let next = text.token(number.end + 1).starts_with(|c: char| c.is_ascii_digit());
        return (!next).then(|| money(at, number.end + 1, code, number.value));
    }
    let (length, code, stand) = currency(text, unit)?;
    let fits = stand == Stand::Behind || number.scaled;
    fits.then(|| {
        let cents = matches!(text.lower(unit), "cents" | "cent" | "pence" | "centavos" | "centimes");
        money(at, unit + length, code, number.value.filter(|_| !cents))
    })
}

/// `5 to 10 percent`, `5 or 10 percent`: the first number is a share too. It ends before the second.
fn range_end(text: &Reader, end: usize) -> Option<usize> {
    let links = matches!(text.lower(end), "to" | "or" | "and" | "-" | "–");
    let second = links.then(|| number(text, end + 1)).flatten()?;
    percent(text, second.end).map(|_| end)
}

/// The word of a currency at a token, of up to three words: its length, its code, how it may stand.
fn currency(text: &Reader, at: usize) -> Option<(usize, &'static str, Stand)> {
    // "deux cents" is two hundred
    if text.language == "fr" && matches!(text.lower(at), "cent" | "cents") {
        return None;
    }
    for length in [3, 2, 1] {
        if at + length > text.len() {
            continue;
        }
        let form = (at..at + length).map(|at| text.lower(at)).collect::<Vec<_>>().join(" ");
        if let Some((code, stand)) = WORDS.behind.get(form.trim_start_matches("d'").trim_start_matches("d’")) {
            return Some((length, code, *stand));
        }
    }
    None
}

fn percent(text: &Reader, at: usize) -> Option<usize> {
    let stands = |form: &&Vec<&str>| form.iter().enumerate().all(|(step, word)| text.lower(at + step) == *word);
    WORDS.percents.iter().find(stands).map(Vec::len)
}

fn money(start: usize, end: usize, code: &str, value: Option<f64>) -> Found {
    let norm = value.filter(|_| code != "-").and_then(plain).map(|digits| format!("{code} {digits}"));
    Found::new(start, end, EntityKind::Money, norm, if code == "-" { 0.85 } else { 0.95 })
}

/// A number as digits, without a tail of the arithmetic; none for one so large that its digits would be made up.
fn plain(value: f64) -> Option<String> {
    let rounded = (value * 1e6).round() / 1e6;
    (rounded.abs() < 1e18).then(|| rounded.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, language: &str) -> Vec<(String, Option<String>)> {
        let tokens = crate::stage::meaning::entity::token::tokens(text);
        let reader = Reader::new(text, &tokens, language);
        let place = |found: &Found| text[tokens[found.start].start..tokens[found.end - 1].end].to_owned();
        read(&reader).into_iter().map(|found| (place(&found), found.norm)).collect()
    }

    #[test]
    fn sums_and_shares_of_english_news() {
        for (text, form, norm) in [
            ("It cost $3.5 million.", "$3.5 million", Some("USD 3500000")),
            ("profit of £600m fell", "£600m", Some("GBP 600000000")),
            ("a US$1,200 fine", "US$1,200", Some("USD 1200")),
            ("paid one million dollars", "one million dollars", Some("USD 1000000")),
            ("dlrs 220 million was lent", "dlrs 220 million", Some("USD 220000000")),
            ("RM2 billion was lent", "RM2 billion", Some("MYR 2000000000")),
            ("half-a million ringgit", "half-a million ringgit", Some("MYR 500000")),
            ("hundreds of millions of dollars", "hundreds of millions of dollars", None),
            ("for 28 cents each", "28 cents", None),
            ("2 kroner", "2 kroner", None),
            ("up 12.5 per cent", "12.5 per cent", Some("12.5")),
            ("up 3% on", "3%", Some("3")),
            ("five percent", "five percent", Some("5")),
        ] {
            assert_eq!(all(text, "en"), [(form.to_owned(), norm.map(str::to_owned))], "{text}");
        }
        for text in
            ["from $5m a year earlier", "of $5m a year ago.", "than $5m the year before", "than $5m a year before."]
        {
            assert_eq!(all(text, "en"), [("$5m".to_owned(), Some("USD 5000000".to_owned()))], "{text}");
        }
        assert_eq!(all("paid $5m a year before tax", "en"), []);
        assert_eq!(all("from 5 to 15 percent", "en").len(), 2);
        for text in [
            "it weighs 10 pounds",
            "they won 3 games",
            "$ sign",
            "5 people",
            "won 3",
            "R 5",
            "no. 5 5 5",
            "6 dollars an hour",
            "6 kroner ($1) a day",
        ] {
            assert_eq!(all(text, "en"), [], "{text}");
        }
    }

    #[test]
    fn what_is_too_large_for_digits_has_no_normal_form() {
        for text in
            ["999 999 999 999 999 Billionen Euro", "999999999999999 Billionen Euro", "999999999999999 Billionen %"]
        {
            assert_eq!(all(text, "de"), [(text.to_owned(), None)], "{text}");
        }
        let column = all(&format!("{}Euro", "123 ".repeat(300)), "de");
        assert_eq!(
            column.into_iter().map(|(_, norm)| norm).collect::<Vec<_>>(),
            [Some("EUR 123123123123123".to_owned())]
        );
    }

    #[test]
    fn sums_in_other_languages() {
        for (language, text, form, norm) in [
            ("de", "kostet 3,5 Millionen Euro im Jahr", "3,5 Millionen Euro", Some("EUR 3500000")),
            ("de", "für 1.200 Euro", "1.200 Euro", Some("EUR 1200")),
            ("de", "rund 20 Prozent", "20 Prozent", Some("20")),
            ("fr", "pour 1 200 000 euros", "1 200 000 euros", Some("EUR 1200000")),
            ("fr", "5 millions d’euros", "5 millions d’euros", Some("EUR 5000000")),
            ("es", "20 millones de dólares", "20 millones de dólares", Some("USD 20000000")),
            ("pt", "R$ 3,5 bilhões", "R$ 3,5 bilhões", Some("BRL 3500000000")),
            ("it", "3,50 € al chilo", "3,50 €", Some("EUR 3.5")),
        ] {
            assert_eq!(all(text, language), [(form.to_owned(), norm.map(str::to_owned))], "{text}");
        }
        assert_eq!(all("deux cents personnes", "fr"), []);
    }

    #[test]
    fn the_tables_are_in_order_and_whole() {
        let codes: Vec<&str> = table::groups(CURRENCIES).map(|(code, _)| code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        assert!(table::groups(CURRENCIES).all(|(_, forms)| !forms.is_empty()));
        assert!(WORDS.percents.len() > 8);
    }
}
