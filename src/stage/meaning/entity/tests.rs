//! The reader as a whole, with the weights of the program: what it finds in plain news, and what hostile text costs.

use super::*;

fn model() -> Model {
    Model::embedded().unwrap()
}

fn all(text: &str, language: &str) -> Vec<Entity> {
    read(text, language, Date::new(2026, 3, 4).ok(), &model())
}

fn named(entities: &[Entity], kind: EntityKind) -> Vec<&str> {
    entities.iter().filter(|entity| entity.kind == kind).map(|entity| entity.name.as_str()).collect()
}

const STORY: &str = "LONDON (Reuters) - Prime Minister Anna Bellweather said on Tuesday that Norway would lend $3.5 million.\n\n\
    “We agreed in Oslo,” Bellweather told reporters. Lars Hansen, a spokesman for Equinor, said the loan was 12 percent smaller.";

#[test]
fn plain_news_is_read() {
    let entities = all(STORY, "en");
    assert_eq!(named(&entities, EntityKind::Person), ["Anna Bellweather", "Lars Hansen"]);
    let places = named(&entities, EntityKind::Place);
    assert!(places.contains(&"Norway") && places.contains(&"Oslo"), "{places:?}");
    assert_eq!(named(&entities, EntityKind::Money), ["$3.5 million"]);
    assert_eq!(named(&entities, EntityKind::Percent), ["12 percent"]);
    let of = |name: &str| entities.iter().find(|entity| entity.name == name).unwrap();
    assert_eq!(of("Anna Bellweather").count, 2);
    assert_eq!(of("Norway").norm.as_deref(), Some("NO"));
    assert_eq!(of("$3.5 million").norm.as_deref(), Some("USD 3500000"));
}

#[test]
fn places_count_code_points_and_ids_are_in_order() {
    let text = format!("🙂 é {STORY}");
    let points: Vec<char> = text.chars().collect();
    let entities = all(&text, "en");
    for (entity, number) in entities.iter().zip(1..) {
        assert_eq!(entity.id, format!("e{number}"));
        assert_eq!(entity.count as usize, entity.mentions.len());
        assert!((0.0..=1.0).contains(&entity.confidence));
        let [start, end] = entity.mentions[0];
        let first: String = points[start as usize..end as usize].iter().collect();
        assert!(!first.is_empty() && first.trim() == first, "{first:?}");
    }
    assert!(entities.windows(2).all(|pair| pair[0].mentions[0][0] < pair[1].mentions[0][0]));
}

#[test]
fn a_headline_in_capitals_is_read_by_the_body() {
    let text = "ANNA BELLWEATHER VISITS NORWAY\n\nPrime Minister Anna Bellweather flew to Norway.";
    let entities = all(text, "en");
    let of =
        |name: &str| entities.iter().find(|entity| entity.name.eq_ignore_ascii_case(name)).map(|entity| entity.count);
    assert_eq!((of("Anna Bellweather"), of("Norway")), (Some(2), Some(2)), "{entities:?}");
}

#[test]
fn where_nothing_can_be_told_nothing_is() {
    for (text, language) in [
        ("", "en"),
        ("🙂🙂🙂", "en"),
        ("今日は東京で会議がありました。", "ja"),
        ("it rained and then it stopped", "en"),
    ] {
        assert_eq!(all(text, language), [], "{text}");
    }
}

#[test]
fn other_languages_are_read_with_less_confidence() {
    let entities = all("Bundeskanzlerin Anna Schmidt sprach in Frankreich über 3,5 Millionen Euro.", "de");
    assert_eq!(named(&entities, EntityKind::Person), ["Anna Schmidt"]);
    assert_eq!(named(&entities, EntityKind::Place), ["Frankreich"]);
    assert_eq!(named(&entities, EntityKind::Money), ["3,5 Millionen Euro"]);
    let names = entities.iter().filter(|entity| entity.kind != EntityKind::Money);
    assert!(names.into_iter().all(|entity| entity.confidence < 0.8), "{entities:?}");
}

#[test]
fn a_storm_is_nobody() {
    let entities =
        all("Two people died when Storm Bert hit Norway, and Hurricane Milton was worse, Anna Oak said.", "en");
    assert_eq!(named(&entities, EntityKind::Person), ["Anna Oak"]);
}

/// Texts made to hurt: each of about `size` bytes.
fn hostile(size: usize) -> Vec<String> {
    let repeat = |part: &str| part.repeat(size / part.len() + 1);
    vec![
        repeat("word "),
        repeat("a"),
        repeat("A"),
        repeat("Anna Oak "),
        repeat("ANNA OAK "),
        repeat("Anna-"),
        repeat("A."),
        repeat("🙂"),
        repeat("日本語"),
        repeat("Аnnа Öak 東京 "),
        repeat("$5 million "),
        repeat("1 000 "),
        repeat("123 "),
        repeat("hundreds of "),
        repeat("in 1999 "),
        repeat("(\"'"),
        repeat("New York "),
        repeat("@x.y "),
        (0..size / 9).map(|n| format!("Name{n:04} ")).collect(),
    ]
}

/// Sixty thousand characters: what takes quadratic time would take this test minutes.
#[test]
fn hostile_text_does_not_panic_and_what_it_gives_is_bounded() {
    let model = model();
    for language in ["en", "de"] {
        for text in hostile(60_000) {
            assert!(read(&text, language, None, &model).len() <= 400);
        }
    }
}

#[test]
fn the_built_in_weights_fit_their_limits() {
    let model = model();
    let bytes = include_bytes!("../../data/names/entities.model").len();
    assert!(bytes <= 5 << 20, "{bytes}");
    assert!(model.name().starts_with("1-"));
}
