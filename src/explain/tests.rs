//! One hostile page explained, and what an explanation of it must hold.

use super::*;
use crate::settings::Settings;

/// A page whose headline and blocks try to be markup, to steer a terminal, to turn lines around.
pub const HOSTILE: &str = "<html><body><nav><a href='/'>Home</a> <a href='/news'>News</a></nav><article>\
    <h1>&lt;script&gt;alert(1)&lt;/script&gt; \u{1b}[31mred\u{202e}</h1>\
    <p>The harbour bridge of Korva stays closed until Friday, the council said on Monday. &lt;img src=x onerror=alert(1)&gt;</p>\
    <p>Ferries run every twenty minutes until then, and the last one leaves at midnight.</p></article>\
    <footer>Imprint and contact</footer></body></html>";

/// A page explained with the default settings.
pub fn explained(html: &str) -> Explanation {
    let (settings, record) = (Settings::default(), record(html.as_bytes().to_vec(), Some("text/html")));
    let rules = Rules { decode: settings.decode.clone(), max_text: 1 << 20, ..Rules::default() };
    let (keys, outcome) = match stage::prepare(&record, &rules, |_| None, &mut ()) {
        Ok(stage::Prepared::Clean(keys, article, _)) => {
            let outcome = stage::finish(keys.id.clone(), &article, None, None, &rules, &mut ());
            (Some(keys), outcome)
        }
        Ok(stage::Prepared::Known(..)) => unreachable!("nothing was known"),
        Err(rejection) => (None, Outcome::Dead(rejection)),
    };
    let topics = Topics::default();
    let decided = Decided {
        rules: &rules,
        topics: &topics,
        output: Default::default(),
        keys: keys.as_ref(),
        answer: None,
        before: Before::Run(&[]),
        outcome,
    };
    Explanation::new("page.html".into(), &record, decided)
}

#[test]
fn an_article_has_its_blocks_its_fields_and_its_topic() {
    let explanation = explained(HOSTILE);
    assert!(explanation.kept() >= 2, "{:?}", explanation.blocks);
    assert!(explanation.blocks.len() > explanation.kept());
    assert_eq!(explanation.published.topic, "articles.enriched");
    let headline = explanation.fields.iter().find(|f| f.name == "headline").unwrap();
    assert!(headline.from.is_some(), "{headline:?}");
}

#[test]
fn a_rejected_page_shows_its_blocks_too() {
    let explanation = explained("<html><body><nav><a href='/'>Home</a></nav><p>Sign in</p></body></html>");
    assert!(matches!(explanation.outcome, Outcome::Dead(_)));
    assert!(!explanation.blocks.is_empty());
    assert_eq!(explanation.dedupe, None);
    assert_eq!(explanation.published.topic, "articles.dead");
}

#[test]
fn bytes_that_are_nothing_are_explained_too() {
    let record = record(vec![0xff, 0x00, 0x1f], None);
    let rules = Rules::default();
    let outcome = Outcome::Dead(stage::prepare(&record, &rules, |_| None, &mut ()).unwrap_err());
    let topics = Topics::default();
    let decided = Decided {
        rules: &rules,
        topics: &topics,
        output: Default::default(),
        keys: None,
        answer: None,
        before: Before::Run(&[]),
        outcome,
    };
    let explanation = Explanation::new("x".into(), &record, decided);
    assert_eq!(explanation.value.bytes, Some(3));
    assert_eq!(explanation.decoded, None);
    assert!(serde_json::to_string(&explanation).unwrap().contains("\"decoded\":null"));
}
