//! The table of printed dates: `cases.txt`, one shape a line, judged by the value that comes out.

use super::*;

const CASES: &str = include_str!("cases.txt");

fn fetched() -> Timestamp {
    "2022-04-22T12:00:00Z".parse().unwrap()
}

#[test]
fn every_shape_of_the_table_is_read_right() {
    let mut wrong = Vec::new();
    let mut languages = std::collections::BTreeSet::new();
    let mut count = 0;
    for line in crate::stage::table::lines(CASES) {
        let parts: Vec<_> = line.splitn(4, " | ").map(str::trim).collect();
        let [language, region, expected, text] = parts[..] else { panic!("malformed case: {line}") };
        let some = |value: &'static str| (value != "-").then_some(value);
        let context =
            Context { language: some(language), region: some(region), fetched: Some(fetched()), later: false };
        let stamp = read(text, &context);
        let mut value = stamp.as_ref().map_or("-".to_owned(), Stamp::value);
        if stamp.as_ref().is_some_and(|stamp| stamp.published.ambiguous) {
            value.push('?');
        }
        if stamp.as_ref().is_some_and(|stamp| stamp.published.zone_source == Some(ZoneSource::Assumed)) {
            value.push('~');
        }
        if value != expected {
            wrong.push(format!("{text:?} ({language}, {region}): {value}, not {expected}"));
        }
        languages.insert(language);
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 150 && languages.len() >= 20, "{count} shapes in {} languages", languages.len());
}

#[test]
fn a_relative_time_without_a_moment_says_nothing() {
    assert_eq!(read("3 hours ago", &Context::default()), None);
    assert_eq!(read("yesterday", &Context::default()), None);
    assert_eq!(read("20 April", &Context::default()), None);
}

#[test]
fn the_printed_form_and_the_assumption_are_told() {
    let stamp = read("Published: Apr 20, 2022, 15:23 UTC2min read", &Context::default()).unwrap();
    assert_eq!(stamp.published.raw, "Apr 20, 2022, 15:23 UTC");
    assert_eq!(stamp.published.precision, Precision::Minute);
    assert_eq!(stamp.published.zone_source, Some(ZoneSource::Explicit));
    let stamp = read("20 April 2022 15:23", &Context { region: Some("IE"), ..Context::default() }).unwrap();
    assert_eq!(stamp.published.zone_source, Some(ZoneSource::Site));
}

#[test]
fn two_stamps_keep_their_labels() {
    let found =
        find("Published 20 April 2022, 15:23 GMT. Last updated on 21 April 2022 at 09:10 GMT", &Context::default());
    let labels: Vec<_> = found.iter().map(|found| (found.label, found.stamp.value())).collect();
    assert_eq!(
        labels,
        [
            (Some(Label::Published), "2022-04-20T15:23:00Z".to_owned()),
            (Some(Label::Updated), "2022-04-21T09:10:00Z".to_owned())
        ]
    );
}

#[test]
fn any_text_is_read_without_harm() {
    for text in
        ["", "0", "/////", "99/99/9999", "0000-00-00", "9999-12-31T23:59:59Z", "2022-02-30", "-1", "20 20 20 20"]
    {
        let _ = read(text, &Context { fetched: Some(fetched()), ..Context::default() });
    }
    assert!(find(&"1:1:1 ".repeat(100_000), &Context::default()).is_empty());
}
