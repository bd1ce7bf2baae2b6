//! The line as a whole: what a defect costs, what is too short, what is filed and what is published.

use super::*;
use crate::record::{Headers, Offset, Position};
use crate::stage::dedupe::ALGORITHM;
use crate::stage::dedupe::ledger::{Applied, Ledger, Word};
use crate::stage::dedupe::print::{Entry, Judging, LogRecord, Print};

/// A stage that panics.
struct Breaks(Stage);

impl Joint for Breaks {
    fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        assert_ne!(stage, self.0, "broken on purpose");
        work()
    }
}

fn record(json: &str) -> Record {
    let headers: Headers = vec![("content-type".into(), Some("application/json".into()))];
    Record { position: None, key: None, headers, timestamp: None, raw: Some(json.to_owned().into()) }
}

fn rules() -> Rules {
    Rules { max_text: 1 << 20, ..Rules::default() }
}

fn story(id: &str, text: &str) -> Record {
    record(&serde_json::json!({ "id": id, "story": text }).to_string())
}

fn cleaned(record: &Record) -> (Keys, Box<CleanArticle>, Wording) {
    match prepare(record, &rules(), |_| None, &mut ()) {
        Ok(Prepared::Clean(keys, article, wording)) => (keys, article, wording),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_panic_before_admission_is_one_dead_letter() {
    for stage in [Stage::Decode, Stage::Dedupe, Stage::Clean] {
        let dead = prepare(&story("a", "The ferry runs."), &rules(), |_| None, &mut Breaks(stage)).unwrap_err();
        assert_eq!((dead.stage, dead.reason), (stage, Reason::Panic));
        assert!(dead.detail.contains("broken on purpose"), "{}", dead.detail);
    }
}

#[test]
fn a_panic_in_extract_costs_the_fields_not_the_article() {
    let (keys, article, _) = cleaned(&story("a", "The ferry runs."));
    let outcome = finish(keys.id, &article, None, None, &rules(), &mut Breaks(Stage::Extract));
    let Outcome::Enriched { id, article } = outcome else { unreachable!("admission was a promise") };
    assert_eq!((id.as_str(), article.text.as_str()), ("a", "The ferry runs."));
    assert_eq!(article.language, None);
}

/// A record without `embargoed_until` may be published at once: what decode and dedupe hold back must bear it, even if nothing
/// else could be read.
#[test]
fn an_embargo_is_one_for_decode_dedupe_and_the_record() {
    for (written, told, until) in [
        ("2026-05-01T10:00:00", "2026-05-01T10:00:00Z", 1_777_629_600_000),
        ("2100-01-01T00:00:00Z", "2100-01-01T00:00:00Z", 4_102_444_800_000),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", i64::MAX),
    ] {
        let record = serde_json::json!({"id": "a", "story": "The ferry runs.", "embargoed_until": written});
        let (keys, article, _) = cleaned(&self::record(&record.to_string()));
        assert_eq!(keys.embargo, Some(until), "{written}");
        let read = finish("a".into(), &article, None, None, &rules(), &mut ());
        let bare = finish("a".into(), &article, None, None, &rules(), &mut Breaks(Stage::Extract));
        for outcome in [read, bare] {
            let Outcome::Enriched { article, .. } = outcome else { unreachable!("admission was a promise") };
            assert_eq!(article.embargoed_until.as_deref(), Some(told), "{written}");
        }
    }
    let vague = serde_json::json!({"id": "a", "story": "The ferry runs.", "embargoed_until": "Friday noon"});
    let dead = prepare(&record(&vague.to_string()), &rules(), |_| None, &mut ()).unwrap_err();
    assert_eq!((dead.stage, dead.reason, dead.id.as_deref()), (Stage::Decode, Reason::WrongType, Some("a")));
    assert!(dead.detail.contains("embargoed_until is \"Friday noon\"; it must be a time"), "{}", dead.detail);
}

/// However a text came, and whoever asks: what it declares at its top holds as if the record had said it.
#[test]
fn an_embargo_that_the_text_declares_is_one_for_dedupe_and_the_record() {
    let told = "The ferry to Kettle Quay runs twice a day again, for the first time since the storm of last autumn, the \
                harbour office said in a statement, and fares stay as they were before the pier was rebuilt.";
    let line = "EMBARGOED UNTIL 10:00 GMT, 6 May 2027";
    for body in [
        serde_json::json!({ "id": "a", "story": format!("{line}\n\n{told}") }),
        serde_json::json!({ "id": "a", "text": format!("Ferry runs again\n{line}\n\n{told}") }),
        serde_json::json!({ "id": "a", "text": told, "headline": format!("{line}: Ferry runs again") }),
        serde_json::json!({ "id": "a", "html": format!("<h1>Ferry runs again</h1><p>{line}</p><p>{told}</p>") }),
    ] {
        let (keys, article, _) = cleaned(&record(&body.to_string()));
        assert_eq!(keys.embargo, Some(1_809_597_600_000), "{body}");
        let read = finish("a".into(), &article, None, None, &rules(), &mut ());
        let bare = finish("a".into(), &article, None, None, &rules(), &mut Breaks(Stage::Extract));
        for outcome in [&read, &bare] {
            let Outcome::Enriched { article, .. } = outcome else { unreachable!("admission was a promise") };
            assert_eq!(article.embargoed_until.as_deref(), Some("2027-05-06T10:00:00Z"), "{body}");
            assert_eq!(article.published_at, None, "{body}");
        }
        let vague = body.to_string().replace("10:00 GMT, 6 May 2027", "10am Thursday");
        let dead = prepare(&record(&vague), &rules(), |_| None, &mut ()).unwrap_err();
        assert_eq!((dead.stage, dead.reason, dead.id.as_deref()), (Stage::Clean, Reason::WrongType, Some("a")));
        assert!(dead.detail.contains("declares an embargo that cannot be read"), "{}", dead.detail);
    }
    // the record's own word counts, and a withdrawal is never held up
    for field in [r#""embargoed_until":"2027-05-06""#, r#""status":"canceled""#] {
        let vague = format!(r#"{{"id":"a","story":"EMBARGOED UNTIL Thursday\n\n{told}",{field}}}"#);
        assert!(prepare(&record(&vague), &rules(), |_| None, &mut ()).is_ok(), "{field}");
    }
    let news = serde_json::json!({ "id": "a", "text": format!("EMBARGO: EU extends oil ban\n\n{told}") });
    assert_eq!(cleaned(&record(&news.to_string())).0.embargo, None);
}

#[test]
fn a_bare_story_is_never_too_short_and_a_text_can_be() {
    let rules = Rules { clean: settings::Clean { min_words: 50 }, ..rules() };
    assert!(prepare(&story("a", "Rain."), &rules, |_| None, &mut ()).is_ok());
    let text =
        record(r#"{"id":"a","text":"The ferry left on time today, for the first time since March of last year."}"#);
    let dead = prepare(&text, &rules, |_| None, &mut ()).unwrap_err();
    assert_eq!((dead.reason, dead.id.as_deref()), (Reason::TooShort, Some("a")));
}

#[test]
fn a_check_for_robots_is_no_version_of_the_story_at_its_address() {
    let page = |headline: &str, text: &str| {
        let html = format!("<title>{headline}</title><article><h1>{headline}</h1><p>{text}</p></article>");
        record(&serde_json::json!({ "id": "a", "url": "https://harbour.test/crane", "html": html }).to_string())
    };
    let check =
        "Please verify you are a human. This may take some seconds, then the page of the harbour opens by itself.";
    let dead = prepare(&page("One moment", check), &rules(), |_| None, &mut ()).unwrap_err();
    assert_eq!((dead.reason, dead.id.as_deref()), (Reason::NoStory, Some("a")));
    assert!(dead.detail.contains("in place of a story"), "{}", dead.detail);
    let told = "Whoever buys a ticket for the ferry must prove since Monday that he is human, the harbour office said.";
    assert!(prepare(&page("Are you a robot?", told), &rules(), |_| None, &mut ()).is_ok());
}

#[test]
fn a_text_larger_than_an_output_record_dies_before_admission() {
    let rules = Rules { max_text: 100, ..rules() };
    let dead = prepare(&story("a", &"word ".repeat(100)), &rules, |_| None, &mut ()).unwrap_err();
    assert_eq!(dead.reason, Reason::TooLarge);
}

#[test]
fn a_withdrawal_needs_no_body() {
    let kill = record(r#"{"id":"a","source":"wire","status":"canceled"}"#);
    let (keys, article, _) = cleaned(&kill);
    let outcome = finish(keys.id, &article, None, None, &rules(), &mut ());
    let Outcome::Enriched { article, .. } = outcome else { unreachable!("{outcome:?}") };
    assert_eq!((article.status, article.text.as_str()), (Status::Canceled, ""));
}

/// Told only by its text or in the record's field, a withdrawal is the same to dedupe and in the record.
#[test]
fn a_withdrawal_that_only_the_text_tells_is_canceled() {
    let kill = "BULLETIN KILL\nEditors: kill the story slugged Ferry; no substitute story will be issued.";
    let notice = record(r#"{"id":"a","text":"MANDATORY KILL\nThe ferry story is wrong."}"#);
    assert_eq!(cleaned(&notice).0.status, Status::Canceled, "too short for a story, and no story");
    for (text, status) in [(kill, Status::Canceled), ("WITHDRAWN: Ferry runs\nThe ferry runs again.", Status::Usable)] {
        let (keys, article, _) = cleaned(&story("a", text));
        assert_eq!(keys.status, status);
        let outcome = finish(keys.id, &article, None, None, &rules(), &mut ());
        let Outcome::Enriched { article, .. } = outcome else { unreachable!("{outcome:?}") };
        assert_eq!(article.status, status);
        let kind = article.editorial.map(|editorial| editorial.kind);
        assert_eq!(kind, Some(crate::article::EditorialKind::Withdrawal), "{text}");
    }
}

#[test]
fn the_pages_canonical_link_counts_for_the_address_key() {
    let page = |url: &str, link: &str| {
        let html =
            format!("<link rel=canonical href='{link}'><h1>A</h1><p>{}</p>", "The ferry runs again today. ".repeat(20));
        record(&serde_json::json!({ "id": url, "url": url, "html": html }).to_string())
    };
    let (one, ..) = cleaned(&page("https://a.test/x?ref=1&p=2", "https://a.test/ferry"));
    let (two, ..) = cleaned(&page("https://a.test/ferry", "https://a.test/ferry"));
    assert_eq!(one.url, two.url);
    assert_ne!(one.id, two.id);
}

#[test]
fn outcomes_say_what_the_desk_decided() {
    let judging = Judging { algorithm: ALGORITHM, window: i64::MAX, max_articles: 9, promise: i64::MAX };
    let mut ledger = Ledger::new(0, judging);
    let mut ask = |at: i64, record: &Record| {
        let (keys, article, wording) = cleaned(record);
        let position = Position { topic: "raw".into(), partition: 0, offset: Offset(at) };
        let print =
            Print { algorithm: ALGORITHM, nonce: 0, position, timestamp: None, claim: 0, value: 0, keys, wording };
        let (id, entry) = (print.keys.id.clone(), Entry::Print(print));
        let Applied::Judged(_, answer) = ledger.apply(at, 0, &LogRecord { desk: 0, entry }) else { unreachable!() };
        match &answer.word {
            Word::Copy(kind, matched) => file(id, *kind, matched, None),
            _ => finish(id, &article, Some(&answer), None, &rules(), &mut ()),
        }
    };
    let first = ask(0, &story("a", "The ferry runs again."));
    let copy = ask(1, &story("b", "The ferry runs again."));
    let changed = ask(2, &story("a", "The ferry runs again, twice a day."));
    assert!(matches!(first, Outcome::Enriched { .. }));
    let Outcome::Duplicate(link) = copy else { unreachable!("{copy:?}") };
    assert_eq!((link.id.as_str(), link.of.as_str(), link.similarity), ("b", "a", Some(1.0)));
    let Outcome::Revision { revises, article, .. } = changed else { unreachable!("{changed:?}") };
    assert_eq!((revises.as_str(), article.story.unwrap().id.as_str()), ("a", "a"));
}

#[test]
fn a_page_that_changed_round_its_article_is_no_revision() {
    let judging = Judging { algorithm: ALGORITHM, window: i64::MAX, max_articles: 9, promise: i64::MAX };
    let mut ledger = Ledger::new(0, judging);
    let mut ask = |at: i64, by: &str, text: &str, list: &str| {
        let html = format!(
            "<h1>Ferry runs again</h1><p class=byline>By {by}</p><p>{}</p><aside><h3>Most read</h3><a href=/x>{list}</a></aside>",
            text.repeat(20)
        );
        let record = record(&serde_json::json!({ "id": "a", "url": "https://a.test/x", "html": html }).to_string());
        let (keys, _, wording) = cleaned(&record);
        let position = Position { topic: "raw".into(), partition: 0, offset: Offset(at) };
        let print =
            Print { algorithm: ALGORITHM, nonce: 0, position, timestamp: None, claim: 0, value: 0, keys, wording };
        let record = LogRecord { desk: 0, entry: Entry::Print(print) };
        let Applied::Judged(_, answer) = ledger.apply(at, 0, &record) else { unreachable!() };
        answer.word
    };
    let text = "The ferry to the island runs again today after the storm. ";
    assert_eq!(ask(0, "Ann Lee", text, "A goat on the pier"), Word::New);
    assert!(matches!(ask(1, "Ann Lee", text, "Nine geese at the quay"), Word::Copy(CopyKind::Exact, _)));
    assert!(matches!(ask(2, "Ann Lea", text, "Nine geese at the quay"), Word::Revision(_)));
    let corrected = text.replace("today", "on Monday");
    assert!(matches!(ask(3, "Ann Lea", &corrected, "Nine geese at the quay"), Word::Revision(_)));
}
