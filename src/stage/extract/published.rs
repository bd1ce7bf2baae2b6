//! When the article was published and changed: every stamp that record, data, markup, lines and address offer.

mod address;
mod meta;

use self::meta::{DATED, MODIFIED, PUBLISHED, is_made_up};
use super::choose::Candidate;
use super::date::{self, Label, Stamp};
use super::scene::Scene;
use crate::article::page::{PageStamp, StampKind, StampMark};
use crate::article::{FieldSource, ZoneSource};

/// A stamp with the words it is chosen by.
type Dated = Candidate<Stamp>;

/// Every time the article may have been published at, given those it may have been changed at.
pub(super) fn published(scene: &Scene, changed: &[Dated]) -> Vec<Dated> {
    let mut found = said(scene);
    lines(scene, &mut found);
    if let Some(month) = scene.url.as_deref().and_then(address::month) {
        found.iter_mut().filter(|candidate| !address::agrees(month, candidate.value.day)).for_each(doubt);
    }
    doubt_dated(&mut found, changed);
    let only = |candidate: &Dated| Candidate {
        confidence: candidate.confidence * 0.4,
        rule: "only_modified",
        ..candidate.clone()
    };
    found.extend(changed.iter().map(only));
    found
}

/// What record, data, meta tags, markup and address say, each believed as far as its place deserves.
fn said(scene: &Scene) -> Vec<Dated> {
    let mut found = Vec::new();
    let context = scene.dates();
    let mut push = |text: &str, source, rule, confidence: f64| {
        if let Some(stamp) = date::read(text, &context).filter(|stamp| plausible(stamp, scene)) {
            let doubt = if stamp.published.ambiguous { 0.1 } else { 0.0 };
            found.push(Candidate::new(stamp, source, rule, confidence - doubt));
        }
    };
    if let Some(text) = scene.article.head.published_at.as_deref() {
        push(text, FieldSource::Record, "record", 0.99);
    }
    for article in &scene.page.articles {
        let sure = super::jsonld::weight(article) >= 5;
        if let Some(text) = article.published.as_deref() {
            push(text, FieldSource::JsonLd, "date_published", if sure { 0.95 } else { 0.72 });
        }
        if let Some(text) = article.created.as_deref() {
            push(text, FieldSource::JsonLd, "date_created", if sure { 0.66 } else { 0.5 });
        }
    }
    for text in scene.page.all(&PUBLISHED) {
        push(text, FieldSource::Meta, "published_time", 0.93);
    }
    for (_, text) in scene.page.metas.iter().filter(|(key, _)| is_made_up(key)) {
        push(text, FieldSource::Meta, "published_name", 0.86);
    }
    if let Some(text) = scene.page.scripted.as_deref() {
        push(text, FieldSource::JsonLd, "script_value", 0.62);
    }
    for text in scene.page.all(&DATED) {
        push(text, FieldSource::Meta, "date", 0.72);
    }
    let event = |text: &str| date::find(text, &context).first().is_some_and(|found| found.label == Some(Label::Other));
    let own = |stamp: &&PageStamp| stamp.kind != StampKind::Modified && !event(&stamp.text);
    for stamp in scene.page.stamps.iter().filter(own) {
        let confidence = markup(scene, stamp.mark, stamp.kind, stamp.place);
        for text in stamp.value.iter().chain(std::iter::once(&stamp.text)) {
            push(text, FieldSource::Html, "marked_time", confidence);
        }
    }
    if let Some(text) = scene.url.as_deref().and_then(address::day) {
        push(&text, FieldSource::Url, "address", 0.8);
    }
    found
}

/// What is printed or marked up outside the month of the address is another story's, or a change.
fn doubt(candidate: &mut Dated) {
    if matches!(candidate.source, FieldSource::Html | FieldSource::Text) {
        candidate.confidence *= 0.5;
    }
}

/// A date that does not say what it is cannot be the publication's when the page prints an earlier change; and the first of
/// January without a clock is what templates fill in.
fn doubt_dated(found: &mut [Dated], changed: &[Dated]) {
    let first = changed.iter().filter(|other| other.source == FieldSource::Text).map(|other| other.value.day).min();
    for candidate in found.iter_mut().filter(|candidate| candidate.rule == "date") {
        let day = candidate.value.day;
        let filled = candidate.value.instant.is_none() && day.day_of_year() == 1;
        if filled || first.is_some_and(|first| day > first) {
            candidate.confidence *= 0.5;
        }
    }
}

fn markup(scene: &Scene, mark: StampMark, kind: StampKind, place: u32) -> f64 {
    let base = match (mark, kind) {
        (StampMark::Itemprop, StampKind::Published) => 0.92,
        (StampMark::Itemprop, _) => 0.7,
        (StampMark::Time, StampKind::Published) => 0.82,
        (StampMark::Time, _) => 0.76,
        (StampMark::Class, StampKind::Published) => 0.74,
        (StampMark::Class, _) => 0.68,
    };
    // the headline's neighbours are the article's, far ones may be another story's
    let heading = scene.page.headings.iter().map(|heading| heading.place).find(|at| *at > 0);
    let distance = heading.map_or(0, |heading| heading.abs_diff(place));
    base - (f64::from(distance.min(1000)) / 1000.0) * if mark == StampMark::Itemprop { 0.05 } else { 0.25 }
}

/// Blocks from the headline beyond which a date that says nothing of itself may be another story's.
const FAR: usize = 20;

/// Stamps of the lines around the headline, or labelled as published anywhere.
fn lines(scene: &Scene, found: &mut Vec<Dated>) {
    let far = |at: usize| scene.opening.headline.is_some_and(|(headline, _)| at.abs_diff(headline) > FAR);
    // a birth, an event: no day of publication, though the page may tell no other
    let told = scene.opening.stamps.iter().enumerate().filter(|(_, (_, line))| line.label != Some(Label::Other));
    for (order, (at, line)) in told {
        let confidence = match line.label {
            Some(Label::Published) => 0.74,
            None if far(*at) => 0.45,
            None => 0.66,
            Some(_) => 0.4,
        };
        let weak = if line.weak { 0.08 } else { 0.0 };
        let confidence = confidence - weak - 0.01 * order as f64;
        if plausible(&line.stamp, scene) {
            let rule = if line.label == Some(Label::Updated) { "only_modified" } else { "stamp_line" };
            found.push(Candidate::new(line.stamp.clone(), FieldSource::Text, rule, confidence));
        }
    }
}

/// Every time the article may have been changed at.
pub(super) fn modified(scene: &Scene) -> Vec<Dated> {
    let mut found = Vec::new();
    let context = scene.dates();
    let mut push = |text: &str, source, rule, confidence| {
        if let Some(stamp) = date::read(text, &context).filter(|stamp| plausible(stamp, scene)) {
            found.push(Candidate::new(stamp, source, rule, confidence));
        }
    };
    for article in scene.page.articles.iter().filter(|article| super::jsonld::weight(article) >= 3) {
        if let Some(text) = article.modified.as_deref() {
            push(text, FieldSource::JsonLd, "date_modified", 0.95);
        }
    }
    for text in scene.page.all(&MODIFIED) {
        push(text, FieldSource::Meta, "modified_time", 0.9);
    }
    for stamp in scene.page.stamps.iter().filter(|stamp| stamp.kind == StampKind::Modified) {
        push(stamp.value.as_deref().unwrap_or(&stamp.text), FieldSource::Html, "marked_time", 0.8);
    }
    for (_, line) in scene.opening.stamps.iter().filter(|(_, line)| line.label == Some(Label::Updated)) {
        found.push(Candidate::new(line.stamp.clone(), FieldSource::Text, "stamp_line", 0.7));
    }
    found
}

/// The surest time of a change, unless it lies before the publication. A clock without a zone is in that of the publication.
pub(super) fn changed(candidates: Vec<Dated>, published: Option<&Stamp>) -> Option<Dated> {
    let mut changed = settle(candidates)?;
    let Some(published) = published else { return Some(changed) };
    if let Some((_, offset)) = published.instant.filter(|_| is_told(published) && !is_told(&changed.value))
        && let Some((at, assumed)) = changed.value.instant
        && let Ok(at) = at.checked_add(jiff::SignedDuration::from_secs(i64::from(assumed - offset)))
    {
        changed.value.instant = Some((at, offset));
    }
    let later = match (&changed.value.instant, &published.instant) {
        (Some((changed, _)), Some((first, _))) => changed >= first,
        _ => true,
    };
    (later && changed.value.day >= published.day).then_some(changed)
}

/// True when the zone stood beside the clock.
fn is_told(stamp: &Stamp) -> bool {
    !matches!(stamp.published.zone_source, Some(ZoneSource::Assumed) | None)
}

/// The surest stamp. Where it is a bare day, a clock printed for the same day is taken from the next surest; where it is an
/// instant in UTC, the same instant in the zone the page prints it in.
pub(super) fn settle(candidates: Vec<Dated>) -> Option<Dated> {
    let best = super::choose::best(candidates.iter().cloned())?;
    let Some((instant, offset)) = best.value.instant else {
        let same_day = candidates.into_iter().filter(|other| {
            other.value.instant.is_some() && other.value.day == best.value.day && other.confidence >= 0.6
        });
        return if best.confidence > 0.98 { Some(best) } else { Some(super::choose::best(same_day).unwrap_or(best)) };
    };
    let explicit = best.value.published.zone_source == Some(ZoneSource::Explicit);
    if offset != 0 || !explicit || best.source == FieldSource::Record {
        return Some(best);
    }
    let same = |other: &Dated| {
        other.value.instant.is_some_and(|(at, seconds)| {
            seconds != 0 && at.duration_since(instant).abs() <= jiff::SignedDuration::from_secs(60)
        })
    };
    if let Some(local) = candidates.iter().find(|other| same(other)) {
        let value =
            Stamp { day: local.value.day, instant: Some((instant, local.value.instant?.1)), ..best.value.clone() };
        return Some(Candidate { value, ..best });
    }
    Some(match local(&candidates, instant) {
        Some(value) => Candidate { value: Stamp { published: best.value.published.clone(), ..value }, ..best },
        None => best,
    })
}

/// An instant in UTC in the local time of a page that prints the day before or after: the clock it prints gives the offset,
/// without one the first zone of the press that has that day. The instant stays the same.
fn local(candidates: &[Dated], instant: jiff::Timestamp) -> Option<Stamp> {
    let utc = jiff::tz::TimeZone::UTC.to_datetime(instant);
    let seen = |candidate: &&Dated| {
        matches!(candidate.source, FieldSource::Html | FieldSource::Text | FieldSource::Url)
            && candidate.confidence >= 0.55
    };
    let printed = candidates.iter().filter(seen).map(|candidate| &candidate.value).collect::<Vec<_>>();
    let next = |stamp: &&Stamp| (stamp.day - utc.date()).get_days().abs() == 1;
    // the address is written once, in the site's own zone; a change may be printed beside it
    let address = candidates.iter().find(|candidate| candidate.source == FieldSource::Url).map(|found| &found.value);
    let beside = match address.filter(next) {
        Some(own) => own,
        None if printed.iter().any(|stamp| stamp.day == utc.date()) => return None,
        None => printed.into_iter().find(next)?,
    };
    const PRESS: [&str; 6] =
        ["America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"];
    let zone = PRESS
        .iter()
        .filter_map(|name| jiff::tz::TimeZone::get(name).ok())
        .find(|zone| zone.to_datetime(instant).date() == beside.day)?;
    let seconds = zone.to_offset(instant).seconds();
    Some(Stamp { day: beside.day, instant: Some((instant, seconds)), published: beside.published.clone() })
}

/// No article is published before the web's archives begin or after it was fetched; the first days of 1970 are a zero.
fn plausible(stamp: &Stamp, scene: &Scene) -> bool {
    let early = stamp.day.year() < 1900 || (stamp.day.year() == 1970 && stamp.day.day_of_year() < 3);
    let limit = scene.fetched.and_then(|at| at.checked_add(jiff::SignedDuration::from_hours(48)).ok());
    let late = limit.is_some_and(|limit| super::scene::first_moment(stamp.day).is_some_and(|at| at > limit));
    !early && !late
}
