//! The headline of a title, a heading, a text.

use super::*;

#[test]
fn the_sites_tail_goes_and_the_headline_stays() {
    let sites = ["dailydesk".to_owned(), "exampledesk".to_owned()];
    for (text, sure, expected) in [
        ("Bridge closed | Daily Desk", true, "Bridge closed"),
        ("Bridge closed - The Daily Desk", true, "Bridge closed"),
        ("Old bridge closed again | Local", true, "Old bridge closed again"),
        ("Old bridge closed - again", true, "Old bridge closed - again"),
        ("Daily Desk | Bridge closed again", true, "Bridge closed again"),
        ("Bridge closed", true, "Bridge closed"),
        ("Daily Desk: Bridge closed again", true, "Bridge closed again"),
        ("Daily: Bridge closed again", true, "Daily: Bridge closed again"),
        ("The old bridge in town is closed over cracks - Local", false, "The old bridge in town is closed over cracks"),
        ("Old bridge closed again » Local", true, "Old bridge closed again"),
        ("Ada Roe says « no » to bridge", true, "Ada Roe says « no » to bridge"),
        ("Ada Roe says « no » to bridge » Local", true, "Ada Roe says « no » to bridge » Local"),
        ("Roe: « The bridge is safe » | Daily Desk", true, "Roe: « The bridge is safe »"),
        ("", true, ""),
    ] {
        assert_eq!(without_tail(text, &sites, sure), expected, "{text}");
    }
}

#[test]
fn guillemets_round_a_quote_stay_and_those_of_a_sites_path_go() {
    let head = |text: &str| {
        let mut found = Vec::new();
        push(&mut found, text, FieldSource::Record, "record", 0.9);
        found.pop().map(|candidate| candidate.value).unwrap_or_default()
    };
    for (text, expected) in [
        ("Roe: «Il ponte è sicuro»", "Roe: «Il ponte è sicuro»"),
        ("«Il ponte è sicuro», dice Roe", "«Il ponte è sicuro», dice Roe"),
        ("Roe : « Le pont est sûr »", "Roe : « Le pont est sûr »"),
        ("»Die Brücke ist sicher«", "»Die Brücke ist sicher«"),
        ("Bridge closed »", "Bridge closed"),
        ("« Bridge closed |", "Bridge closed"),
    ] {
        assert_eq!(head(text), expected, "{text}");
    }
}

const STORY: &str = "The harbour office of Kettle Quay will let the ferry run twice a day again, for the first time since the storm \
                     of last autumn, it said on Monday in a statement.\n\nFares stay as they were before the pier was rebuilt, \
                     and the first boat leaves at six in the morning, the office said.";

fn of_page(html: &str) -> crate::article::Article {
    let doc = crate::stage::html::parse(html, &crate::stage::html::Budget::default()).unwrap();
    let cleaned = crate::stage::clean::page(&doc, &crate::stage::clean::Anchors::default());
    let (blocks, paragraphs, truncated) = (cleaned.blocks, cleaned.paragraphs, cleaned.truncated);
    let (head, page) = (Default::default(), super::super::page::read(&doc));
    super::super::extract(&crate::article::CleanArticle { head, page, blocks, paragraphs, truncated })
}

fn of_text(text: &str) -> crate::article::Article {
    let cleaned = crate::stage::clean::text(text, None);
    let (blocks, paragraphs, truncated) = (cleaned.blocks, cleaned.paragraphs, cleaned.truncated);
    let (head, page) = Default::default();
    super::super::extract(&crate::article::CleanArticle { head, page, blocks, paragraphs, truncated })
}

#[test]
fn a_first_heading_that_names_the_section_is_no_headline() {
    let story = STORY.replace("\n\n", "</p><p>");
    let read = |title: &str, below: &str| {
        let html = format!("<title>{title}</title><h1>Latest News</h1><div>{below}<p>{story}</p></div>");
        of_page(&html).headline
    };
    let title = "Ferry runs twice a day again | Quay Office";
    assert_eq!(read(title, "<h2>Ferry runs twice a day again</h2>").as_deref(), Some("Ferry runs twice a day again"));
    assert_eq!(read("Latest News | Quay Office", "<h2>What to read next</h2>").as_deref(), Some("Latest News"));
}

#[test]
fn a_text_has_the_headline_that_clean_has_marked_and_no_line_around_it() {
    for text in [
        format!(
            "By Ann Example and Bob Sample\nFerry to run twice a day again\n\n{STORY}\n\n© 2026 Quay Post. All rights reserved"
        ),
        format!("bdt0317 4 pl 164 dpa 0388\n\nFerry to run twice a day again\n\n{STORY}"),
        format!(
            "BC-Kettle Quay-Ferry, 2nd Ld-Writethru,240\nFerry to run twice a day again\nEds: UPDATES with fares\n\n{STORY}"
        ),
        format!("PRESS RELEASE\nFor immediate release: 2 March 2026\nFerry to run twice a day again\n\n{STORY}"),
        format!("EMBARGOED UNTIL 06:00 GMT, 2 March 2026\nFerry to run twice a day again\n\n{STORY}"),
        format!("RTRS-UPDATE 2-Ferry to run twice a day again\n(Adds fares)\n\n{STORY}"),
    ] {
        let record = of_text(&text);
        assert_eq!(record.headline.as_deref(), Some("Ferry to run twice a day again"), "{text}");
        assert_eq!(record.editorial.is_some(), text.contains("Writethru") || text.contains("UPDATE 2"), "{text}");
    }
}

#[test]
fn a_short_text_has_the_headline_above_it_and_not_the_line_at_its_foot() {
    let text = "Home\nSport\nFerry to run twice a day\nBy Ann Example\nMarch 2, 2026\nShare\nThe harbour office of Kettle Quay \
                will let the ferry run twice a day again, it said.\nFares stay as they were before the pier was rebuilt, the \
                office said on Monday.\nRead more\nPier to be painted\n© 2026 Quay Post\nPrivacy policy";
    assert_eq!(of_text(text).headline.as_deref(), Some("Ferry to run twice a day"));
}

#[test]
fn a_kicker_in_the_heading_is_no_part_of_the_headline() {
    for (heading, title) in [
        (
            "<h1><span class=c-kicker>Pier open</span><span>Ferry runs again</span></h1>",
            "Pier open: Ferry runs again | Post",
        ),
        ("<h1><b class=eyebrow>Sport</b> <span>Ferry runs again</span></h1>", "Ferry runs again | Post"),
        (
            "<h2 class=headline><i class=kicker>Pier</i> <i>:</i> <i>Ferry runs again</i></h2>",
            "Ferry runs again | Post",
        ),
        ("<h1><span>Pier open</span><span>Ferry runs again</span></h1>", "Ferry runs again | Post"),
        ("<h1>Ferry runs <span class=kicker>again</span></h1>", "Ferry runs again | Post"),
    ] {
        let html = format!("<title>{title}</title>{heading}<p>{}</p>", STORY.replace('\n', " "));
        let record = of_page(&html);
        assert_eq!(record.headline.as_deref(), Some("Ferry runs again"), "{heading}");
    }
}

#[test]
fn a_short_first_paragraph_with_a_dateline_stays_in_the_text() {
    let record = of_text(&format!("OSLO, March 2 (Reuters) - Ferries run.\n\n{STORY}"));
    assert_eq!(record.headline, None);
    assert!(record.text.starts_with("OSLO, March 2 (Reuters) - Ferries run."), "{}", record.text);
    assert_eq!(record.agency.map(|agency| agency.name).as_deref(), Some("Reuters"));
    assert_eq!(record.dateline.map(|line| line.text).as_deref(), Some("OSLO"));
}
