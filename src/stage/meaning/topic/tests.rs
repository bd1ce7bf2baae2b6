use super::*;

fn codes(text: &str, headline: &str, language: &str) -> Vec<String> {
    read(text, Some(headline), Some(language), None).into_iter().map(|topic| topic.qcode).collect()
}

#[test]
fn the_models_can_be_read_and_every_class_has_a_topic() {
    for (model, name) in [(&*SECTIONS, "sections"), (&*MARKETS, "markets")] {
        assert!(!model.words.is_empty());
        for class in &model.classes {
            assert!(code_of(name, class).is_some(), "{name} {class}");
        }
    }
    let shipped =
        include_bytes!("../../data/topic-sections.bin").len() + include_bytes!("../../data/topic-markets.bin").len();
    assert!(shipped < 3 << 20, "{shipped}");
}

#[test]
fn topics_of_small_stories() {
    let sport = "The striker scored twice in the second half as the home side won the cup final against their rivals on Saturday. \
        The coach praised his players after the match, and the captain lifted the trophy before a crowd of forty thousand fans.";
    assert_eq!(codes(sport, "Home side win cup final", "en"), ["medtop:15000000"]);
    let film = "The actress won the award for best film at the festival on Sunday. The director, whose movie opened in cinemas this \
        month, thanked the cast. The band sang a song from the album, and the singer was nominated for best music as well.";
    assert_eq!(codes(film, "Actress wins film award", "en").first().map(String::as_str), Some("medtop:01000000"));
}

#[test]
fn silent_when_unsure() {
    assert_eq!(codes("The man walked along the road.", "", "en"), Vec::<String>::new());
    assert_eq!(codes("", "", "en"), Vec::<String>::new());
    assert_eq!(codes("橋は安全だ", "", "ja"), Vec::<String>::new());
}

#[test]
fn the_publisher_knows_its_section() {
    let found = read("Short.", None, Some("en"), Some("Sports"));
    assert_eq!(found.first().map(|topic| topic.name.as_str()), Some("sport"));
}

#[test]
fn hostile_texts_end() {
    for text in ["goal ".repeat(1_000_000), "x".repeat(3_000_000), "😀".repeat(300_000), "STORM. ".repeat(500_000)] {
        assert!(codes(&text, "", "en").len() <= MAX_TOPICS);
    }
}
