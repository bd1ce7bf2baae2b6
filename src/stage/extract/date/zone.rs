//! Zones as printed, and what a country tells of a printed time. Abbreviations mean different zones in different countries
//! (IST is India, Ireland or Israel), so the reader passes the country it knows of.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::stage::table;

const ZONES: &str = include_str!("../../data/zones.txt");
const COUNTRIES: &str = include_str!("../../data/countries.txt");

/// One line of zones.txt.
struct Entry {
    region: &'static str,
    zone: TimeZone,
}

static ABBREVIATIONS: LazyLock<HashMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<Entry>> = HashMap::new();
    for (abbreviation, region, zone) in table::lines(ZONES).filter_map(three) {
        if let Some(zone) = named(zone) {
            map.entry(abbreviation).or_default().push(Entry { region, zone });
        }
    }
    map
});

/// What a country tells of a printed time.
struct Country {
    zone: Option<TimeZone>,
    month_first: Option<bool>,
}

static COUNTRY: LazyLock<HashMap<&'static str, Country>> = LazyLock::new(|| {
    table::lines(COUNTRIES)
        .filter_map(three)
        .map(|(country, zone, order)| {
            let month_first = match order {
                "d" => Some(false),
                "m" => Some(true),
                _ => None,
            };
            (country, Country { zone: named(zone), month_first })
        })
        .collect()
});

fn three(line: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?, words.next()?))
}

/// `+05:30` or an IANA name.
fn named(zone: &str) -> Option<TimeZone> {
    match zone.as_bytes() {
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let two = |a: &u8, b: &u8| i32::from(a - b'0') * 10 + i32::from(b - b'0');
            let seconds = two(h1, h2) * 3600 + two(m1, m2) * 60;
            Offset::from_seconds(if *sign == b'-' { -seconds } else { seconds }).ok().map(TimeZone::fixed)
        }
        b"-" => None,
        _ => TimeZone::get(zone).ok(),
    }
}

/// The zone an abbreviation means in `region`, an ISO 3166 country.
pub(super) fn abbreviation(text: &str, region: Option<&str>) -> Option<&'static TimeZone> {
    let entries = ABBREVIATIONS.get(text)?;
    entries.iter().find(|entry| Some(entry.region) == region || entry.region == "*").map(|entry| &entry.zone)
}

/// The zone that nearly all of a country's press keeps.
pub(super) fn of_country(region: &str) -> Option<&'static TimeZone> {
    COUNTRY.get(region)?.zone.as_ref()
}

/// Whether a country writes the month first in 04/05/2022; `None` where both are usual or the country is not known.
pub(super) fn month_first(region: &str) -> Option<bool> {
    COUNTRY.get(region)?.month_first
}

/// True for a country of the table.
pub(super) fn is_country(region: &str) -> bool {
    COUNTRY.contains_key(region)
}

/// The offset of `zone` at a local time; of the two a clock change allows, the earlier.
pub(super) fn offset(zone: &TimeZone, local: DateTime) -> Option<Offset> {
    zone.to_timestamp(local).ok().map(|at| zone.to_offset(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_zone_that_exists_and_the_files_are_sorted() {
        let zones: Vec<_> = table::lines(ZONES).map(|line| three(line).unwrap()).collect();
        for (abbreviation, region, zone) in &zones {
            assert!(named(zone).is_some(), "{abbreviation} {region} {zone}");
        }
        assert!(
            zones
                .windows(2)
                .all(|pair| (pair[0].0, pair[0].1 == "*") < (pair[1].0, pair[1].1 == "*") || pair[0].1 < pair[1].1)
        );
        assert_eq!(zones.len(), ABBREVIATIONS.values().map(Vec::len).sum::<usize>());
        let countries: Vec<_> = table::lines(COUNTRIES).map(|line| three(line).unwrap()).collect();
        assert!(countries.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (country, zone, order) in countries {
            assert!(zone == "-" || named(zone).is_some(), "{country} {zone}");
            assert!(["d", "m", "-"].contains(&order), "{country}");
        }
    }

    #[test]
    fn an_abbreviation_means_what_the_country_means_by_it() {
        let local = jiff::civil::date(2022, 4, 20).at(15, 23, 0, 0);
        let hours =
            |text, region| offset(abbreviation(text, region).unwrap(), local).unwrap().seconds() as f64 / 3600.0;
        assert_eq!(hours("IST", Some("IN")), 5.5);
        assert_eq!(hours("IST", Some("IE")), 1.0);
        assert_eq!(hours("IST", Some("IL")), 3.0);
        assert_eq!(hours("BST", Some("GB")), 1.0);
        assert_eq!(hours("ET", None), -4.0);
        assert!(abbreviation("READ", None).is_none());
    }
}
