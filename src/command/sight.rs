//! A record of one of our topics as far as a person wants to know it: what it is, of which article, and of which other.

use serde::{Deserialize, Serialize};

use super::when::shown;
use crate::article::{CleanArticle, Origin, VerdictKind};
use crate::explain::terminal::short;
use crate::flow::handover::{self, Handed};
use crate::letter;
use crate::outcome::{CopyKind, OutcomeKind, Route};
use crate::record::{Position, Record};
use crate::settings::{Decode, Topics};
use crate::stage::decode;
use crate::stage::dedupe::keys::keys;
use crate::stage::url::canonical;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Sight {
    /// Where it lies.
    pub position: String,
    /// Message time, RFC 3339.
    pub time: String,
    /// `read`, or the outcome.
    pub what: &'static str,
    /// Article id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Canonical address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The article it repeats or revises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Headline, reason of death, how sure a copy is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The raw record it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip)]
    pub at: Option<i64>,
}

/// The fields that are looked at; a record may have any others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    id: Option<String>,
    url: Option<String>,
    canonical_url: Option<String>,
    headline: Option<String>,
    lead: Option<String>,
    of: Option<String>,
    kind: Option<CopyKind>,
    verdict: Option<Judged>,
    origin: Option<Origin>,
}

#[derive(Debug, Deserialize)]
struct Judged {
    kind: VerdictKind,
    of: Option<String>,
}

/// The route whose topic this is.
pub(super) fn route(topics: &Topics, topic: &str) -> Option<Route> {
    [Route::Raw, Route::Cleaned, Route::Enriched, Route::Duplicates, Route::Dead]
        .into_iter()
        .find(|r| topics.name(*r) == topic)
}

/// What a record of a topic is. Any bytes may lie there: what cannot be read is absent.
pub(super) fn see(record: &Record, route: Route, settings: &Decode) -> Sight {
    let position = record.position.as_ref().map(Position::to_string).unwrap_or_default();
    let blank = Sight {
        position,
        time: shown(record.timestamp),
        what: "read",
        id: None,
        url: None,
        of: None,
        note: None,
        origin: None,
        at: record.timestamp,
    };
    match route {
        Route::Enriched => enriched(told(record), blank),
        Route::Duplicates => duplicate(told(record), blank),
        Route::Dead => dead(record, settings, blank),
        Route::Cleaned => cleaned(record, settings, blank),
        Route::Raw | Route::Prints | Route::Links => raw(record, settings, blank),
    }
}

fn told(record: &Record) -> Told {
    serde_json::from_slice(record.raw.as_deref().unwrap_or_default()).unwrap_or_default()
}

/// An article between the halves of the line.
fn cleaned(record: &Record, settings: &Decode, blank: Sight) -> Sight {
    let blank = Sight { what: "cleaned", ..blank };
    let Ok(Handed { id, article: CleanArticle { head, .. }, judged, origin, .. }) = handover::read(record, settings)
    else {
        return blank;
    };
    let url = head.url.as_deref().and_then(|url| canonical(url, None)).or(head.url);
    let of = judged.and_then(|judged| judged.verdict.of);
    Sight { id: Some(id), url, of, note: head.headline, origin: position(origin), ..blank }
}

fn position(origin: Option<Origin>) -> Option<String> {
    origin.map(|origin| origin.position().to_string())
}

fn enriched(told: Told, blank: Sight) -> Sight {
    let revision = told.verdict.as_ref().is_some_and(|v| matches!(v.kind, VerdictKind::Revision | VerdictKind::Update));
    let what = if revision { OutcomeKind::Revision } else { OutcomeKind::Enriched };
    Sight {
        what: what.name(),
        id: told.id,
        url: told.canonical_url.or(told.url).map(|url| canonical(&url, None).unwrap_or(url)),
        of: told.verdict.and_then(|verdict| verdict.of),
        note: told.headline.or(told.lead),
        origin: position(told.origin),
        ..blank
    }
}

fn duplicate(told: Told, blank: Sight) -> Sight {
    let kind = told.kind.map(|kind| match kind {
        CopyKind::Exact => "exact copy".to_owned(),
        CopyKind::Near => "near copy".to_owned(),
    });
    Sight {
        what: OutcomeKind::Duplicate.name(),
        id: told.id,
        of: told.of,
        note: kind,
        origin: position(told.origin),
        ..blank
    }
}

fn dead(record: &Record, settings: &Decode, blank: Sight) -> Sight {
    let letter = letter::read(&record.headers);
    let was = raw(&letter::original(record), settings, blank);
    let origin = letter.position().map(|position| position.to_string());
    let note = format!("{} {}: {}", letter.stage, letter.reason, letter.message);
    Sight { what: OutcomeKind::Dead.name(), note: Some(note), origin, ..was }
}

fn raw(record: &Record, settings: &Decode, blank: Sight) -> Sight {
    let Ok(article) = decode::decode(record.raw.as_deref(), &record.headers, settings) else {
        let named = decode::names(record.raw.as_deref(), &record.headers, settings);
        let key = || record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok()).map(str::to_owned);
        let url = named.url.as_deref().and_then(|url| canonical(url, None));
        return Sight { id: named.id.or_else(key), note: named.url, url, ..blank };
    };
    let url = article.head.url.as_deref().and_then(|url| canonical(url, None));
    let id = keys(&article, url.as_deref(), None).id;
    Sight { id: Some(id), note: article.head.headline.or(article.head.url), url, ..blank }
}

/// A sight in a line.
pub(super) fn line(sight: &Sight) -> String {
    let id = sight.id.as_deref().unwrap_or("-");
    let of = sight.of.as_deref().map(|of| format!(" of {}", short(of, 40))).unwrap_or_default();
    let note = sight.note.as_deref().map(|note| format!("  {}", short(note, 90))).unwrap_or_default();
    format!("{}  {:<9} {:<28} {}{of}{note}\n", sight.time, sight.what, sight.position, short(id, 40))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(value: serde_json::Value) -> Record {
        let position = "articles.x/0/1".parse().unwrap();
        let raw = Some(value.to_string().into_bytes().into());
        Record { position: Some(position), key: None, headers: Vec::new(), timestamp: Some(1000), raw }
    }

    fn seen(route: Route, value: serde_json::Value) -> Sight {
        see(&record(value), route, &Decode::default())
    }

    #[test]
    fn outcomes_are_seen_with_their_article_and_where_it_came_from() {
        let origin = json!({"topic": "articles.raw", "partition": 2, "offset": 11});
        let told = seen(
            Route::Enriched,
            json!({"id": "a", "headline": "Mill sold", "origin": origin, "verdict": {"kind": "revision", "of": "b"}}),
        );
        assert_eq!((told.what, told.id.as_deref(), told.of.as_deref()), ("revision", Some("a"), Some("b")));
        assert_eq!(told.origin.as_deref(), Some("articles.raw/2/11"));
        let link = seen(Route::Duplicates, json!({"id": "c", "of": "a", "kind": "exact"}));
        assert_eq!((link.what, link.note.as_deref()), ("duplicate", Some("exact copy")));
        assert_eq!(line(&link), "1970-01-01T00:00:01Z  duplicate articles.x/0/1               c of a  exact copy\n");
    }

    #[test]
    fn raw_records_and_letters_are_read_as_the_line_reads_them() {
        let article =
            json!({"url": "https://www.daily.test/mill?utm_source=x", "source": "Daily", "story": "The mill."});
        let read = seen(Route::Raw, article.clone());
        assert_eq!(read.url, canonical("https://www.daily.test/mill?utm_source=x", None));
        assert!(read.id.is_some());
        let mut letter = record(article);
        letter.headers.push(("__streams.errors.topic".into(), Some("articles.raw".into())));
        letter.headers.push(("copydesk-reason".into(), Some("too_short".into())));
        let dead = see(&letter, Route::Dead, &Decode::default());
        assert_eq!((dead.what, &dead.id, &dead.url), ("dead", &read.id, &read.url));
    }

    #[test]
    fn what_died_in_decode_is_found_by_the_names_that_can_be_read() {
        let value = json!({"id": "b4", "url": "https://daily.test/mill?utm_source=x", "embargoed_until": "soon", "story": "The mill."});
        let whole = Record { key: Some("k".into()), ..record(value.clone()) };
        let cut = Record { raw: whole.raw.as_ref().map(|raw| raw.slice(..raw.len() - 9)), ..whole.clone() };
        for record in [&whole, &cut] {
            for route in [Route::Raw, Route::Dead] {
                let sight = see(record, route, &Decode::default());
                assert_eq!((sight.id.as_deref(), sight.url.as_deref()), (Some("b4"), Some("https://daily.test/mill")));
            }
        }
    }

    #[test]
    fn bytes_that_are_nothing_are_seen_too() {
        let odd = Record { raw: Some(vec![0xff, 0].into()), key: Some("k".into()), ..record(json!({})) };
        for route in [Route::Raw, Route::Enriched, Route::Duplicates, Route::Dead] {
            let sight = see(&odd, route, &Decode::default());
            assert_eq!(sight.position, "articles.x/0/1");
            assert!(!line(&sight).is_empty());
        }
    }
}
