//! The headers that make a message a CloudEvent (1.0.2, Kafka protocol binding, binary mode). The value stays as it is, and
//! its content type is told already. Decides nothing: what it says follows from the record and its outcome.

use bytes::Bytes;

use crate::article::{SCHEMA_ARTICLE, SCHEMA_DUPLICATE, ninjs, rfc3339};
use crate::outcome::OutcomeKind;
use crate::record::{Headers, Record};
use crate::settings::Format;

/// The attributes that describe one event: those of an event that came in do not describe what goes out.
pub(super) const ATTRIBUTES: [&str; 7] =
    ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_dataschema"];

/// The attributes of what a record became; `id` is the article's.
pub(super) fn headers(record: &Record, kind: OutcomeKind, id: &str, format: Format) -> Headers {
    let position = record.position.as_ref();
    // a record that is read again makes the same event: consumers may drop the second by source and id
    let event = position.map_or_else(|| id.to_owned(), |at| format!("{}-{}", at.partition, at.offset.0));
    let source = position.map_or_else(|| "/copydesk".to_owned(), |at| format!("/copydesk/{}", at.topic));
    let values = [
        Some("1.0".to_owned()),
        Some(event),
        Some(source),
        Some(format!("copydesk.article.{}", kind.name())),
        record.timestamp.and_then(rfc3339),
        Some(encoded(id)),
        Some(schema(kind, format)),
    ];
    let named = ATTRIBUTES.into_iter().zip(values);
    named.filter_map(|(name, value)| Some((name.to_owned(), Some(Bytes::from(value?))))).collect()
}

fn schema(kind: OutcomeKind, format: Format) -> String {
    match (kind, format) {
        // A dead letter is no event and never comes here; that of a link is the least it could have.
        (OutcomeKind::Duplicate | OutcomeKind::Dead, _) => format!("urn:{}", SCHEMA_DUPLICATE.replacen('/', ":", 1)),
        (_, Format::Copydesk) => format!("urn:{}", SCHEMA_ARTICLE.replacen('/', ":", 1)),
        (_, Format::Ninjs) => ninjs::SCHEMA.to_owned(),
    }
}

/// Header values are printable ASCII: the binding wants everything else, blanks, `"` and `%` as escaped UTF-8.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'"' | b'%' => out.push_str(&format!("%{byte:02X}")),
            b'!'..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::deliver::output_headers;
    use crate::record::{Offset, Position, header};

    fn record() -> Record {
        let old = |name: &str, value: &'static str| (name.to_owned(), Some(Bytes::from_static(value.as_bytes())));
        Record {
            position: Some(Position { topic: "articles.raw".into(), partition: 4, offset: Offset(17) }),
            key: None,
            headers: vec![
                old("ce_id", "theirs"),
                old("CE_Type", "theirs"),
                old("ce_tenant", "a"),
                old("traceparent", "00-a"),
            ],
            timestamp: Some(1_650_468_180_000),
            raw: None,
        }
    }

    #[test]
    fn an_outcome_is_an_event_that_names_what_it_came_from() {
        let headers = headers(&record(), OutcomeKind::Revision, "Zürich 7", Format::Copydesk);
        let say = |name| header(&headers, name).unwrap().to_owned();
        assert_eq!(
            ATTRIBUTES.map(say),
            [
                "1.0",
                "4-17",
                "/copydesk/articles.raw",
                "copydesk.article.revision",
                "2022-04-20T15:23:00Z",
                "Z%C3%BCrich%207",
                "urn:copydesk:article/1",
            ]
        );
        let link = super::headers(&record(), OutcomeKind::Duplicate, "a", Format::Ninjs);
        assert_eq!(header(&link, "ce_dataschema"), Some("urn:copydesk:duplicate/1"));
    }

    #[test]
    fn the_event_that_came_in_gives_way_and_what_is_foreign_to_it_passes() {
        let names: Vec<_> = output_headers(&record().headers, 2000).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["ce_tenant", "traceparent", "content-type"]);
    }

    #[test]
    fn without_position_and_time_the_id_is_the_articles() {
        let record = Record { position: None, timestamp: None, ..record() };
        let headers = headers(&record, OutcomeKind::Enriched, "a", Format::Ninjs);
        assert_eq!(header(&headers, "ce_id"), Some("a"));
        assert_eq!((header(&headers, "ce_time"), header(&headers, "ce_dataschema")), (None, Some(ninjs::SCHEMA)));
    }
}
