//! Items are valid ninjs 3.1, whatever an article holds.

use std::sync::LazyLock;

use jsonschema::{Registry, Validator};
use proptest::prelude::*;

use super::*;
use crate::article::{Agency, Author, Credit, Dateline, Language, QuoteKind, Source, Speaker, Story};

static NINJS: LazyLock<Validator> = LazyLock::new(|| {
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let geojson = read(include_str!("geojson.json"));
    let registry = Registry::new().add("https://geojson.org/schema/GeoJSON.json", geojson).unwrap().prepare().unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    options.with_registry(&registry).build(&read(include_str!("schema.json"))).unwrap()
});

fn problems(item: &Value) -> String {
    NINJS.iter_errors(item).map(|error| format!("{}: {error}\n", error.instance_path())).collect()
}

#[test]
fn the_schema_refuses_what_is_no_item() {
    for wrong in [
        json!({}),
        json!({"uri": "a b"}),
        json!({"uri": "urn:a:b", "headline": "x"}),
        json!({"uri": "urn:a:b", "firstCreated": "2022-04-20"}),
        json!({"uri": "urn:a:b", "associations": [{"uri": "urn:a:b"}]}),
    ] {
        assert!(!NINJS.is_valid(&wrong), "{wrong}");
    }
}

fn full() -> Article {
    let entity = |kind, name: &str, norm: Option<&str>| Entity {
        id: "e1".into(),
        kind,
        name: name.into(),
        count: 1,
        mentions: vec![[0, 3]],
        norm: norm.map(str::to_owned),
        confidence: 0.9,
    };
    Article {
        id: "Herald 7/ä#1".into(),
        url: Some("https://example.test/a?x=1".into()),
        canonical_url: Some("https://example.test/a".into()),
        source: Source { name: Some("Herald".into()), ..Source::default() },
        headline: Some("Bridge closed".into()),
        subheadline: Some("Engineers found cracks".into()),
        lead: Some("The bridge is closed.".into()),
        text: "The bridge is closed.".into(),
        genre: Some("analysis".into()),
        authors: vec![Author {
            name: "Ann Example".into(),
            role: None,
            url: Some("https://example.test/ann|1".into()),
        }],
        credits: vec![Credit { name: "Bob Sample".into(), role: CreditRole::Editor }],
        agency: Some(Agency { name: "Reuters".into() }),
        published_at: Some("2022-04-20T15:23:00+02:00".into()),
        modified_at: Some("2022-04-21".into()),
        dateline: Some(Dateline {
            text: "LONDON/PARIS".into(),
            places: vec!["London".into(), "Paris".into()],
            date: None,
        }),
        language: Some(Language { code: "en".into(), confidence: 0.99 }),
        editorial: Some(Editorial { kind: EditorialKind::Update, sequence: Some(2), note: None }),
        keywords: vec![Keyword { text: "bridge".into(), score: 0.875 }],
        topics: vec![Topic {
            uri: "http://cv.iptc.org/newscodes/mediatopic/20000771".into(),
            qcode: "medtop:20000771".into(),
            name: "infrastructure".into(),
            confidence: 0.75,
        }],
        entities: vec![
            entity(EntityKind::Person, "Cy Third", None),
            entity(EntityKind::Organisation, "Bridge Board", None),
            entity(EntityKind::Place, "France", Some("FR")),
            entity(EntityKind::Money, "$5 million", Some("USD 5000000")),
        ],
        quotes: vec![Quote {
            text: "It is closed".into(),
            start: 0,
            end: 12,
            kind: QuoteKind::Direct,
            speaker: Some(Speaker {
                name: "Cy Third".into(),
                text: "Third".into(),
                start: 20,
                end: 25,
                entity_id: None,
            }),
            cue: Some("said".into()),
            confidence: 0.9,
        }],
        images: vec![Image {
            url: "https://example.test/ä b.jpg".into(),
            caption: Some("The bridge".into()),
            credit: Some("Di Fourth".into()),
            width: Some(640),
            height: None,
            role: ImageRole::Lead,
        }],
        story: Some(Story { id: "x".into(), sequence: 42, first_seen_at: None }),
        ..Article::default()
    }
}

#[test]
fn every_field_with_a_place_is_there() {
    let item = item(&full());
    assert_eq!(problems(&item), "");
    assert_eq!(item["uri"], "urn:copydesk:Herald%207%2F%C3%A4%231");
    assert_eq!(item["version"], "42");
    assert_eq!(item["headlines"][1]["role"], "sub");
    assert_eq!(item["by"], "Ann Example");
    assert_eq!(item["located"], "London/Paris");
    assert_eq!(item["edNote"], "Update 2");
    assert_eq!((&item["firstCreated"], item.get("versionCreated")), (&json!("2022-04-20T15:23:00+02:00"), None));
    assert_eq!(
        item["people"],
        json!([
            {"name": "Ann Example", "rel": "author", "uri": "https://example.test/ann%7C1"},
            {"name": "Cy Third", "rel": "mentions"},
        ])
    );
    assert_eq!(item["places"][2], json!({"name": "France", "rel": "mentions", "literal": "FR"}));
    assert_eq!((&item["subjects"][0]["confidence"], &item["subjects"][1]["relevance"]), (&json!(75), &json!(88)));
    let sources: Vec<_> = item["infoSources"].as_array().unwrap().iter().map(|s| s["role"].as_str().unwrap()).collect();
    assert_eq!(sources, ["agency", "publisher", "editor"]);
    assert_eq!(item["altIds"][0], json!({"role": "id", "value": "Herald 7/ä#1"}));
    let [picture, quote] = item["associations"].as_array().unwrap().as_slice() else { panic!("two associations") };
    assert_eq!(picture["renditions"][0]["href"], "https://example.test/%C3%A4%20b.jpg");
    assert_eq!(quote["uri"], format!("{}#quote-1", item["uri"].as_str().unwrap()));
    assert_eq!(quote["people"][0]["rel"], "speaker");
    assert!(!item.to_string().contains("5000000"));
}

/// Without one the item would be free to publish.
#[test]
fn an_embargo_is_never_left_out() {
    for (until, told) in [
        ("2026-05-01T10:00:00+02:00", "2026-05-01T10:00:00+02:00"),
        ("2026-05-01", "2026-05-01T12:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00.999999999Z"),
        ("Friday noon", "9999-12-30T22:00:00.999999999Z"),
    ] {
        let item = super::item(&Article { embargoed_until: Some(until.into()), ..full() });
        assert_eq!(item["embargoedUntil"], told, "{until}");
        assert_eq!(problems(&item), "", "{until}");
    }
}

#[test]
fn an_id_that_is_a_uri_stays_and_every_other_keeps_apart() {
    for id in ["https://example.test/a", "urn:newsml:x:1", "tag:example.test,2022:1"] {
        assert_eq!(uri(id), id);
    }
    let odd = ["a", "a b", "a%20b", "https://example.test/a b", "https://example.test/a#b", "://", ""];
    let uris: std::collections::BTreeSet<_> = odd.iter().map(|id| uri(id)).collect();
    assert_eq!(uris.len(), odd.len());
    assert!(uris.iter().all(|uri| uri.starts_with("urn:copydesk:")));
}

/// Text of any kind, more often what fields really hold.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        "https?://[a-z]{1,5}\\.test/[ -~]{0,12}",
        Just("2022-04-20T15:23:00Z".to_owned()),
        Just("2022-04-20".to_owned()),
        Just("9999-12-31T23:59:60Z".to_owned()),
        Just(String::new()),
    ]
}

prop_compose! {
    fn articles()(
        texts in proptest::collection::vec(field(), 20),
        share in prop_oneof![Just(f64::NAN), -1.0..2.0],
        sequence in any::<i64>(),
    ) -> Article {
        let base = full();
        let text = |at: usize| texts[at].clone();
        let image = Image { url: text(0), caption: Some(text(1)), credit: Some(text(2)), ..base.images[0].clone() };
        let speaker = Speaker { name: text(3), text: text(4), start: 0, end: 0, entity_id: None };
        let quote = Quote { text: text(5), speaker: Some(speaker), ..base.quotes[0].clone() };
        let topic = Topic { uri: text(6), name: text(7), confidence: share, ..base.topics[0].clone() };
        let entities = base.entities.iter().map(|e| Entity { name: text(8), norm: Some(text(9)), ..e.clone() });
        Article {
            id: text(10),
            url: Some(text(11)),
            canonical_url: Some(text(12)),
            headline: Some(text(13)),
            text: text(14),
            byline: Some(text(15)),
            authors: vec![Author { name: text(16), role: None, url: Some(text(17)) }],
            published_at: Some(text(18)),
            modified_at: Some(text(19)),
            embargoed_until: Some(text(18)),
            images: vec![image],
            quotes: vec![quote],
            topics: vec![topic],
            entities: entities.collect(),
            keywords: vec![Keyword { text: text(0), score: share }],
            story: Some(Story { id: text(1), sequence, first_seen_at: None }),
            ..base
        }
    }
}

proptest! {
    #[test]
    fn every_article_makes_a_valid_item(article in articles()) {
        prop_assert_eq!(problems(&item(&article)), "");
    }
}
