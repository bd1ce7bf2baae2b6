//! What a page prints around its story is not the story's: teasers, guest books, the day of reading, data of another page.

use super::*;

/// Authors, and the times of publication and change.
fn facts(record: &Article) -> (Vec<&str>, Option<&str>, Option<&str>) {
    let names = record.authors.iter().map(|author| author.name.as_str()).collect();
    (names, record.published_at.as_deref(), record.modified_at.as_deref())
}

fn read(html: &str) -> Article {
    let head = Head { url: Some("https://desk.example/bridge".into()), ..Head::default() };
    let doc = html::parse(html, &Budget::default()).unwrap();
    let mut page = page::read(&doc);
    page.keep_own(head.url.as_deref());
    let headline = page.headline().map(str::to_owned);
    let cleaned = clean::page(&doc, &Anchors { headline, locked: page.locked(), ..Anchors::default() });
    extract(&of(head, page, cleaned))
}

#[test]
fn the_day_of_something_else_is_no_day_of_publication() {
    for own in [
        "<p>Born June 4, 1938 · Died January 30, 2026</p>",
        "<p>When: March 14, 2026, 7 p.m.</p>",
        "<div class=event-date>When: March 14, 2026, 7 p.m.</div>",
        "<figure><img src=/a.jpg><figcaption>The old bridge on July 14, 2023.</figcaption></figure>",
    ] {
        assert_eq!(facts(&read(&story("", own, ""))), (vec![], None, None), "{own}");
    }
    let posted = "<p>Birth date: June 4, 1938</p><p>Posted: February 3, 2026</p>";
    assert_eq!(facts(&read(&story("", posted, ""))).1, Some("2026-02-03"));
}

#[test]
fn a_comment_in_microdata_is_anothers() {
    let own = "<span itemprop=author>Ann Example</span>";
    let comment = "<div itemprop=comment><span itemprop=author>seadog44</span><time itemprop=datePublished datetime=2026-02-01>x</time></div>";
    assert_eq!(facts(&read(&story("", own, comment))), (vec!["Ann Example"], None, None));
}

#[test]
fn what_nobody_filed_has_no_section() {
    let section =
        |name: &str| read(&story(&format!("<meta property=article:section content='{name}'>"), "", "")).section;
    assert_eq!(section("Uncategorized"), None);
    assert_eq!(section("Non classé"), None);
    assert_eq!(section("Harbour").as_deref(), Some("Harbour"));
}

#[test]
fn a_records_fields_hold_no_markup_and_no_tail() {
    let of = |headline: &str, byline: &str| {
        let (headline, byline) = (Some(headline.to_owned()), Some(byline.to_owned()));
        let source = Source { name: Some("Ferrin Courier".into()), ..Source::default() };
        extract(&of_page(&story("", "", ""), Head { headline, byline, source, ..Head::default() }))
    };
    let record = of("<b>Harbour&#8217;s</b> relief - Ferrin Courier", "By <a href='/x'>Ann Example</a>");
    assert_eq!(record.headline.as_deref(), Some("Harbour’s relief"));
    assert_eq!((record.byline.as_deref(), record.authors[0].name.as_str()), (Some("By Ann Example"), "Ann Example"));
    assert_eq!(of("Untitled", "By Ann Example").headline.as_deref(), Some("Old bridge closed over cracks"));
    assert_eq!(of("Ferrin Courier", "By Ann Example").headline.as_deref(), Some("Old bridge closed over cracks"));
}

fn story(before: &str, own: &str, behind: &str) -> String {
    format!(
        "<html lang=en><title>Old bridge closed over cracks</title><body>{before}<main><article>\
         <h1>Old bridge closed over cracks</h1>{own}<div>{BODY}{BODY_MORE}</div></article>{behind}</main></body></html>"
    )
}

const BODY_MORE: &str = "<p>Some 20,000 cars cross the bridge on a normal day, and the two largest shipping lines said that they would move their trucks at night.</p>";

#[test]
fn a_teaser_under_the_story_gives_neither_author_nor_time() {
    let teaser = "<section><h2>More stories</h2><div><a href=/ferry><h3>Ferry runs again after the storm</h3></a>\
                  <span class=author>By Cy Third</span> <time datetime=2026-01-11T08:00:00Z>1 month ago</time></div></section>";
    assert_eq!(facts(&read(&story("", "", teaser))), (vec![], None, None));
    let own = "<p class=byline>By Ann Example</p><p class=date>April 3, 2026</p>";
    assert_eq!(facts(&read(&story("", own, teaser))), (vec!["Ann Example"], Some("2026-04-03"), None));
}

#[test]
fn a_name_in_the_guest_book_is_no_author() {
    let book = "<h2>Guest book</h2><div><p>She taught me to read, and I have never been without a book.</p>\
                <span>Carla Example, March 10, 2026</span></div>";
    assert_eq!(facts(&read(&story("", "", book))).0, Vec::<&str>::new());
}

#[test]
fn the_day_in_the_head_of_the_page_is_the_readers() {
    let menu = "<nav><ul><li><a href=/news>News</a></li><li><a href=/sport>Sport</a></li></ul></nav>";
    for head in [
        format!("<header><div class=header-date>Wednesday, May 6, 2026</div><a href=/>The Desk</a>{menu}</header>"),
        format!("<div class=topbar><span class=date>Wednesday, May 6, 2026</span></div>{menu}"),
    ] {
        assert_eq!(facts(&read(&story(&head, "", ""))), (vec![], None, None), "{head}");
    }
    let stamp = "<header><time datetime=2026-05-06>May 6, 2026</time></header>";
    for own in [stamp.to_owned(), format!("<article>{stamp}</article>")] {
        assert_eq!(facts(&read(&story(&own, "", ""))).1, Some("2026-05-06"), "{own}");
    }
}

#[test]
fn a_publication_that_only_a_change_tells_says_so() {
    let rule = |own: &str| read(&story("", own, "")).provenance["published_at"].rule.clone();
    assert_eq!(rule("<p>Updated on April 15, 2026</p>"), "only_modified");
    assert_eq!(rule("<p>April 12, 2026</p><p>Updated on April 15, 2026</p>"), "stamp_line");
}

#[test]
fn a_change_without_a_zone_is_in_that_of_the_publication() {
    let own =
        "<meta property=article:published_time content=2026-03-16T14:22:00+09:00><p>Updated: 2026-03-16 16:00</p>";
    let record = read(&story("", own, ""));
    assert_eq!(facts(&record).2, Some("2026-03-16T16:00:00+09:00"));
}

#[test]
fn the_foot_of_a_post_names_its_author_and_time() {
    let foot = "<div class=post-footer>Postado por <span itemprop=author>Ana Exemplo</span> às \
                <abbr class=published itemprop=datePublished title=2026-05-12T09:14:00-03:00>09:14</abbr></div>";
    assert_eq!(facts(&read(&story("", "", foot))), (vec!["Ana Exemplo"], Some("2026-05-12T09:14:00-03:00"), None));
}

#[test]
fn the_newspaper_is_no_person_and_its_agency_is_told() {
    let site = "<meta property=og:site_name content='Le Sample'>";
    for line in ["Par Le Sample avec AFP", "Le Sample avec AFP"] {
        let record = read(&story(site, &format!("<p class=author>{line}</p>"), ""));
        assert_eq!(facts(&record).0, Vec::<&str>::new(), "{line}");
        assert_eq!(record.agency, Some(Agency { name: "AFP".into() }), "{line}");
    }
    for own in ["Anna Example", "Xq Example"] {
        let site = format!("<meta property=og:site_name content='{own}'>");
        let record = read(&story(&site, &format!("<p class=byline>By {own}</p>"), ""));
        assert_eq!(facts(&record).0, [own], "a person's own site");
    }
}

#[test]
fn data_of_another_page_says_nothing_of_this_one() {
    let data = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry runs again","url":"https://desk.example/ferry",
        "datePublished":"2026-01-01T00:00:00Z","author":{"@type":"Person","name":"Cy Third"}}</script>"#;
    let record = read(&story(data, "<p class=byline>By Ann Example</p>", ""));
    assert_eq!(facts(&record), (vec!["Ann Example"], None, None));
    assert_eq!(record.headline.as_deref(), Some("Old bridge closed over cracks"));
}
