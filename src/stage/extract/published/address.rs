//! The day or month that an address names. A number that may be something else is none.

use std::ops::RangeInclusive;

use jiff::civil::Date;

/// The day in an address: `/2022/04/20/`, `/2022-04/20/`, `/2022/0420/`, `/2022/apr/20/`, `/2022-04-20-`, `/20220420`,
/// `/20-04-2022`; as a text that the date reader knows.
pub(super) fn day(url: &str) -> Option<String> {
    let path = path(url)?;
    let parts = path.windows(3).find_map(|window| parts(window[0], window[1], window[2]));
    parts
        .or_else(|| path.windows(2).find_map(|window| pair(window[0], window[1])))
        .or_else(|| path.iter().rev().find_map(|part| dated_part(part)))
}

/// Year and month of an address such as `/2022/04/bridge`.
pub(super) fn month(url: &str) -> Option<(i16, i8)> {
    path(url)?.windows(2).find_map(|window| {
        let month = number(window[1], 1..=12).filter(|_| window[1].len() <= 2)?;
        Some((i16::try_from(year(window[0])?).ok()?, i8::try_from(month).ok()?))
    })
}

/// True for a day in that month; the day before and after it too, for the address may be written in another zone.
pub(super) fn agrees((year, month): (i16, i8), day: Date) -> bool {
    let same = |day: Date| (day.year(), day.month()) == (year, month);
    let beside = [day.yesterday(), day.tomorrow()];
    same(day) || beside.into_iter().flatten().any(same)
}

fn path(url: &str) -> Option<Vec<&str>> {
    Some(url.split(['?', '#']).next()?.split('/').skip(3).take(40).collect())
}

fn number(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    text.parse().ok().filter(|value| range.contains(value))
}

fn year(text: &str) -> Option<u32> {
    number(text, 1990..=2099).filter(|_| text.len() == 4)
}

fn parts(first: &str, month: &str, day: &str) -> Option<String> {
    let year = year(first)?;
    let digits = day.bytes().take_while(u8::is_ascii_digit).count();
    let day = number(&day[..digits], 1..=31).filter(|_| digits <= 2)?;
    if let Some(month) = number(month, 1..=12) {
        return Some(format!("{year}-{month:02}-{day:02}"));
    }
    (month.len() >= 3 && month.chars().all(char::is_alphabetic)).then(|| format!("{day} {month} {year}"))
}

/// `2022-04/20` and `2022/0420`.
fn pair(first: &str, second: &str) -> Option<String> {
    let (year_month, day) = match (first.split_once('-'), second.len()) {
        (Some((first, month)), 2) => ((year(first)?, number(month, 1..=12)?), number(second, 1..=31)?),
        (None, 4) => ((year(first)?, number(second.get(..2)?, 1..=12)?), number(second.get(2..)?, 1..=31)?),
        _ => return None,
    };
    Some(format!("{}-{:02}-{day:02}", year_month.0, year_month.1))
}

/// `2022-04-20-bridge`, `bridge-20220420`, `bridge-2022-04-20`, `20-04-2022`.
fn dated_part(part: &str) -> Option<String> {
    let runs: Vec<&str> = part.split(|c: char| !c.is_ascii_digit()).collect();
    let valid = |first: &str, month: &str, day: &str| {
        let small = |text: &str, most: u32| number(text, 1..=most).filter(|_| (1..=2).contains(&text.len()));
        let year_ok = first.len() == 4 && (first.starts_with("19") || first.starts_with("20"));
        let (month, day) = (small(month, 12)?, small(day, 31)?);
        year_ok.then(|| format!("{first}-{month:02}-{day:02}"))
    };
    let apart = runs.windows(3).find_map(|run| valid(run[0], run[1], run[2]));
    let packed = || {
        let packed = runs.iter().filter(|run| run.len() == 8 && run.starts_with("20"));
        packed.filter_map(|run| valid(run.get(..4)?, run.get(4..6)?, run.get(6..)?)).next()
    };
    // the day first only where it can be no month, and where nothing else stands in that part
    let turned = || match runs[..] {
        [day, month, year] if number(day, 13..=31).is_some() => valid(year, month, day),
        _ => None,
    };
    apart.or_else(packed).or_else(turned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_addresses() {
        for (url, expected) in [
            ("https://example.com/news/2022/04/20/bridge", Some("2022-04-20")),
            ("https://example.com/2022/4/2/bridge?x=1", Some("2022-04-02")),
            ("https://example.com/world/2022/apr/20/bridge", Some("20 apr 2022")),
            ("https://example.com/news/2022-04-20-bridge", Some("2022-04-20")),
            ("https://example.com/news/bridge-20220420.html", Some("2022-04-20")),
            ("https://example.com/news/2022-04/20/content_1.htm", Some("2022-04-20")),
            ("https://example.com/n1/2022/0420/c1.html", Some("2022-04-20")),
            ("https://example.com/news/20-04-2022", Some("2022-04-20")),
            ("https://example.com/news/04-05-2022", None),
            ("https://example.com/news/bridge-12345678", None),
            ("https://example.com/2022/04/bridge", None),
            ("https://example.com/2022/1320/bridge", None),
            ("https://example.com/", None),
        ] {
            assert_eq!(day(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_month_in_an_address_binds_the_day_but_for_the_zone() {
        let found = month("https://example.com/2022/04/bridge").unwrap();
        assert_eq!(found, (2022, 4));
        let agrees = |text: &str| agrees(found, text.parse().unwrap());
        assert!(agrees("2022-04-20") && agrees("2022-03-31") && agrees("2022-05-01"));
        assert!(!agrees("2022-03-30") && !agrees("2021-04-20"));
        assert_eq!(month("https://example.com/2022/bridge/04"), None);
    }
}
