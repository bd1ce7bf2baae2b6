//! Quotes and their speakers on small texts of our own, and on hostile ones.

use super::*;

fn shown(text: &str, language: &str) -> Vec<(String, Option<String>)> {
    read(text, Some(language), &[])
        .into_iter()
        .map(|quote| (quote.text, quote.speaker.map(|speaker| speaker.name)))
        .collect()
}

fn speaker(text: &str, language: &str) -> Option<String> {
    shown(text, language).pop().and_then(|(_, speaker)| speaker)
}

#[test]
fn who_said_it() {
    for (text, name) in [
        ("“The bridge is safe again,” said Ada Roe, the mayor of Ulm.", "Ada Roe"),
        ("Ada Roe told reporters on Monday: “The bridge is safe again.”", "Ada Roe"),
        ("According to Ada Roe, the bridge “is safe again for everyone”.", "Ada Roe"),
        ("Ada Roe, the mayor, was asked about it. “The bridge is safe again,” she said.", "Ada Roe"),
        ("Mayor Ada Roe met James Poe. “The bridge is safe again,” the mayor said.", "Ada Roe"),
        ("Ada Roe was pleased. “The bridge is safe again,” Roe said. “We will open it on Friday for all.”", "Ada Roe"),
        ("The chair of the bridge board, Ada Roe, said: “The bridge is safe again.”", "Ada Roe"),
        ("“The bridge is safe again,” said the board's director, Ada Roe.", "Ada Roe"),
        ("“The bridge is safe again,” said her neighbour, Ada Roe.", "Ada Roe"),
        ("“The bridge is safe again,” a spokesman for the city said.", "a spokesman"),
    ] {
        assert_eq!(speaker(text, "en").as_deref(), Some(name), "{text}");
    }
}

#[test]
fn other_languages_and_marks() {
    for (language, text, name) in [
        ("de", "„Die Brücke ist wieder sicher“, sagte Bürgermeisterin Ada Roe am Montag.", "Ada Roe"),
        ("de", "Ada Roe sagte: „Die Brücke ist wieder sicher.“", "Ada Roe"),
        ("de", "Der Rat tagte am Montag. „Die Brücke ist sicher“, sagte Ada Roe nach der Sitzung.", "Ada Roe"),
        (
            "de",
            "Der Rat tagte. „Die Brücke ist wieder sicher“, sagte eine Sprecherin der Polizei.",
            "Sprecherin der Polizei",
        ),
        ("de", "„Die Brücke ist sicher“, erklärte Ada Roe nach dem Spiel.", "Ada Roe"),
        ("de", "Nach Angaben der Polizei ist die Brücke „wieder für alle sicher“.", "Polizei"),
        ("es", "El puente abrió. «No está lejos el final», advirtió Ada Roe el lunes.", "Ada Roe"),
        ("es", "«El puente es seguro», ha dicho Ada Roe para defender el plan.", "Ada Roe"),
        ("es", "Ada Roe llegó. «El puente es seguro», insistió.\n\nSegún el Instituto, hay más.", "Ada Roe"),
        ("fr", "« Le pont est sûr », témoigne son voisin, Gérard Morin.", "Gérard Morin"),
        ("fr", "« Le pont est sûr », a déclaré Ada Roe pour défendre son projet.", "Ada Roe"),
        ("fr", "« Le pont est de nouveau sûr », a déclaré Ada Roe lundi.", "Ada Roe"),
        ("fr", "Ada Roe est venue. « Le pont est de nouveau sûr », a-t-elle déclaré.", "Ada Roe"),
        ("de", "Ministerin Ada Roe kam. „Die Brücke ist wieder sicher“, sagte die Ministerin.", "Ada Roe"),
        ("es", "«El puente vuelve a ser seguro», dijo Ada Roe el lunes.", "Ada Roe"),
        ("it", "«Il ponte è di nuovo sicuro», ha detto Ada Roe lunedì.", "Ada Roe"),
        ("pt", "“A ponte é segura outra vez”, disse Ada Roe na segunda-feira.", "Ada Roe"),
        ("nl", "“De brug is weer veilig”, zei Ada Roe maandag.", "Ada Roe"),
    ] {
        assert_eq!(speaker(text, language).as_deref(), Some(name), "{text}");
    }
}

#[test]
fn a_quote_without_a_cue_is_kept_and_a_title_is_not() {
    let kept =
        shown("The hall fell silent.\n\n“We have waited for this day for forty long years and we are glad.”", "en");
    assert_eq!(kept.len(), 1);
    for title in
        ["She appeared on “Meet the Town” on Monday.", "The play, called “Snow on the Bridge,” opens on Friday."]
    {
        assert_eq!(shown(title, "en"), [], "{title}");
    }
}

#[test]
fn offsets_are_code_points_and_the_cue_is_named() {
    let text = "Ünal Öz said: “Für die Brücke ist es zu spät.”";
    let quote = read(text, Some("en"), &[]).pop().unwrap();
    let points: Vec<char> = text.chars().collect();
    let cut = |start: u32, end: u32| points[start as usize..end as usize].iter().collect::<String>();
    assert_eq!(cut(quote.start, quote.end), quote.text);
    let speaker = quote.speaker.unwrap();
    assert_eq!((cut(speaker.start, speaker.end), quote.cue.as_deref()), ("Ünal Öz".to_owned(), Some("said")));
    assert_eq!(quote.kind, QuoteKind::Direct);
}

#[test]
fn a_relative_pronoun_is_nobodys_name() {
    let text = "En la plaza de la ciudad hubo una que dijo: «El puente vuelve a ser seguro».";
    assert_eq!(shown(text, "es"), [("El puente vuelve a ser seguro".to_owned(), None)]);
}

#[test]
fn a_known_person_is_tied_to_the_quote() {
    let text = "Ada Roe smiled. “The bridge is safe again,” she said.";
    let person = Entity {
        id: "e1".to_owned(),
        kind: EntityKind::Person,
        name: "Ada Roe".to_owned(),
        count: 1,
        mentions: vec![[0, 7]],
        norm: None,
        confidence: 0.9,
    };
    let quote = read(text, Some("en"), &[person]).pop().unwrap();
    assert_eq!(quote.speaker.and_then(|speaker| speaker.entity_id).as_deref(), Some("e1"));
}

/// Words of 10,000 letters, a thousand openings, all capitals, a script without spaces: an answer, and soon.
#[test]
fn hostile_texts_end() {
    let million = "Word said “a b c” Roe, told he ".repeat(200_000);
    for text in [
        million.as_str(),
        &"x".repeat(3_000_000),
        &"“".repeat(500_000),
        &"\"a ".repeat(500_000),
        &"A. ".repeat(500_000),
        &"Roe, ".repeat(500_000),
        &"\n“".repeat(500_000),
        &"😀".repeat(300_000),
        &"“SAID ROE ROE” ROE SAID ".repeat(50_000),
        &"「橋は安全だ」と言った。".repeat(50_000),
    ] {
        for quote in read(text, Some("en"), &[]) {
            assert!(quote.start <= quote.end && quote.end as usize <= text.len());
        }
    }
}
