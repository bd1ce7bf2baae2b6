//! Whole articles through clean and extract: scraped text, a page, a story with a record's fields, hostile input.

mod opening;
mod others;

use super::*;
use crate::article::page::PageFacts;
use crate::article::{CreditRole, EditorialKind, Head};
use crate::stage::clean::{self, Anchors, Cleaned};
use crate::stage::html::{self, Budget};

const TEXT: &str = "Old harbour bridge closed after cracks found in two piers

Published: Mar 14, 2023, 09:05 UTC3min read
By Ann Example PORT SAMPLE (Reuters) – The harbour authority closed the old bridge on Tuesday after engineers found cracks in two of its piers, officials said, and told drivers to use the tunnel.
Most Popular

By Ann Example

PORT SAMPLE (Reuters) – The harbour authority closed the old bridge on Tuesday after engineers found cracks in two of its piers, officials said, and told drivers to use the tunnel.

Engineers will inspect the remaining piers this week, the authority said in a statement, and a first report is expected before the end of the month.

Some 20,000 cars cross the bridge on a normal day, and the port's two largest shipping lines said that they would move their trucks at night.

(Reporting by Ann Example; Additional reporting by Cy Third in Oslo; Editing by Bob Sample)

Sign up for our daily letter
";

const PAGE: &str = r#"<html lang="en-GB"><head><title>Old bridge closed | The Daily Desk</title>
<meta property="og:site_name" content="The Daily Desk"><meta property="og:title" content="Old bridge closed over cracks">
<meta property="og:image" content="/img/bridge-wide-2023.jpg"><link rel="canonical" href="https://www.example.com/news/old-bridge">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Old bridge closed over cracks","datePublished":"2023-03-14T09:05:00Z",
"dateModified":"2023-03-14T11:30:00Z","articleSection":"Local","author":[{"@type":"Person","name":"Ann Example","url":"/people/ann"}],}</script></head>
<body><nav><a href="/">Home</a></nav><article><h1>Old bridge closed over cracks</h1><p class="byline">By <a rel="author" href="/people/ann">Ann Example</a></p>
<figure><img src="/img/bridge-wide-2023.jpg" width="800" height="450"><figcaption>The old bridge. Photo: Bob Sample</figcaption></figure>
<p>The harbour authority closed the old bridge on Tuesday after engineers found cracks in two of its piers, officials said, and told drivers to use the tunnel.</p>
<p>Engineers will inspect the remaining piers this week, the authority said in a statement, and a first report is expected before the end of the month.</p>
<p>Some 20,000 cars cross the bridge on a normal day, and the two largest shipping lines said that they would move their trucks at night.</p></article></body></html>"#;

fn of(head: Head, page: PageFacts, cleaned: Cleaned) -> CleanArticle {
    CleanArticle { head, page, blocks: cleaned.blocks, paragraphs: cleaned.paragraphs, truncated: cleaned.truncated }
}

fn of_page(html: &str, head: Head) -> CleanArticle {
    let doc = html::parse(html, &Budget::default()).unwrap();
    let facts = page::read(&doc);
    let headline = facts.headline().map(str::to_owned);
    let cleaned = clean::page(&doc, &Anchors { headline, locked: facts.locked(), ..Anchors::default() });
    of(head, facts, cleaned)
}

/// They steer terminals, and databases refuse them.
#[test]
fn what_is_read_of_a_page_holds_no_control_character() {
    let page = "<meta property=og:title content='Old\u{1} bri\u{1b}dge&#7; \u{9b} closed'><h1>Old br\u{1}idge</h1>\
                <script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Old\\u0000 bri\\u001bdge\",\
                \"articleSection\":\"\\u0001\"}</script>";
    let facts = page::read(&html::parse(page, &Budget::default()).unwrap());
    assert_eq!(facts.meta(&["og:title"]), Some("Old bridge closed"));
    assert_eq!(facts.headings[0].text, "Old bridge");
    assert_eq!((facts.articles[0].headline.as_deref(), &facts.articles[0].section), (Some("Old bridge"), &None));
}

#[test]
fn a_wire_story_as_a_scraper_stored_it() {
    let record = extract(&of(Head::default(), PageFacts::default(), clean::text(TEXT, None)));
    assert_eq!(record.headline.as_deref(), Some("Old harbour bridge closed after cracks found in two piers"));
    assert_eq!(record.published_at.as_deref(), Some("2023-03-14T09:05:00Z"));
    assert_eq!(record.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), ["Ann Example"]);
    assert_eq!(record.byline.as_deref(), Some("By Ann Example"));
    assert_eq!(record.agency, Some(Agency { name: "Reuters".into() }));
    assert_eq!(record.subheadline, None);
    let dateline = record.dateline.unwrap();
    assert_eq!((dateline.text.as_str(), dateline.places.as_slice()), ("PORT SAMPLE", &["Port Sample".to_owned()][..]));
    let credits: Vec<_> = record.credits.iter().map(|credit| (credit.name.as_str(), credit.role)).collect();
    assert_eq!(
        credits,
        [
            ("Ann Example", CreditRole::Reporter),
            ("Cy Third", CreditRole::Contributor),
            ("Bob Sample", CreditRole::Editor)
        ]
    );
    assert_eq!(record.language.unwrap().code, "en");
    for field in ["headline", "published_at", "authors", "agency", "dateline", "credits", "language"] {
        assert!(record.provenance.contains_key(field), "{field} does not say where it came from");
    }
}

#[test]
fn a_page_with_data_and_markup() {
    let head = Head { url: Some("https://www.example.com/news/old-bridge?utm_source=x".into()), ..Head::default() };
    let record = extract(&of_page(PAGE, head));
    assert_eq!(record.headline.as_deref(), Some("Old bridge closed over cracks"));
    assert_eq!(record.canonical_url.as_deref(), Some("https://www.example.com/news/old-bridge"));
    assert_eq!(record.source.domain.as_deref(), Some("example.com"));
    assert_eq!(record.source.name.as_deref(), Some("The Daily Desk"));
    assert_eq!(record.published_at.as_deref(), Some("2023-03-14T09:05:00Z"));
    assert_eq!(record.modified_at.as_deref(), Some("2023-03-14T11:30:00Z"));
    assert_eq!(record.section.as_deref(), Some("Local"));
    assert_eq!(record.authors[0].url.as_deref(), Some("https://www.example.com/people/ann"));
    assert_eq!(record.byline.as_deref(), Some("By Ann Example"));
    let image = &record.images[0];
    assert_eq!(image.url, "https://www.example.com/img/bridge-wide-2023.jpg");
    assert_eq!((image.caption.as_deref(), image.credit.as_deref()), (Some("The old bridge."), Some("Bob Sample")));
    assert_eq!(record.images.len(), 1);
}

#[test]
fn the_records_own_fields_win() {
    let head = Head {
        headline: Some("CORRECTED-UPDATE 2-Bridge reopened".into()),
        byline: Some("By Di Fourth and Ed Fifth, Example Press".into()),
        published_at: Some("20 April 2022 15:23 IST".into()),
        url: Some("https://www.example.ie/a".into()),
        ..Head::default()
    };
    let record = extract(&of_page(PAGE, head));
    assert_eq!(record.headline.as_deref(), Some("Bridge reopened"));
    let editorial = record.editorial.unwrap();
    assert_eq!((editorial.kind, editorial.sequence), (EditorialKind::Correction, Some(2)));
    assert_eq!(record.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), ["Di Fourth", "Ed Fifth"]);
    assert_eq!(record.published_at.as_deref(), Some("2022-04-20T15:23:00+01:00"));
    assert_eq!(record.provenance["headline"].source, FieldSource::Record);
}

#[test]
fn nothing_known_is_nothing_said() {
    let record = extract(&of(Head::default(), PageFacts::default(), Cleaned::default()));
    assert_eq!(record.schema, SCHEMA_ARTICLE);
    assert!(
        record.headline.is_none()
            && record.published_at.is_none()
            && record.authors.is_empty()
            && record.language.is_none()
    );
    assert!(record.provenance.is_empty());
}

#[test]
fn only_http_addresses_come_out() {
    let html = r#"<meta property="og:image" content="javascript:alert(1)"><link rel="canonical" href="data:text/html,x">
        <h1>Old bridge closed</h1><figure><img src="file:///etc/x.jpg"></figure><a rel="author" href="javascript:x">Ann Example</a>"#;
    let record = extract(&of_page(html, Head { url: Some("ftp://example.com/x".into()), ..Head::default() }));
    assert_eq!((record.url, record.canonical_url), (None, None));
    assert!(record.images.is_empty() && record.authors.iter().all(|author| author.url.is_none()));
}

#[test]
fn hostile_pages_and_texts_do_no_harm() {
    let data =
        |body: &str| format!("<script type=\"application/ld+json\">{body}</script><h1>Old bridge closed</h1><p>x</p>");
    let authors = "{\"@type\":\"Person\",\"name\":\"Ann Example\"},".repeat(10_000);
    for html in [
        data(&format!("{{\"@type\":\"Article\",\"author\":[{authors}]}}")),
        data(&"{\"@type\":".repeat(50_000)),
        data(&format!("{{\"@type\":\"Article\",\"headline\":\"{}\"}}", "x".repeat(1_000_000))),
        data("{\"@type\":\"Article\",\"datePublished\":\"0000-00-00\",\"dateModified\":\"9999-12-31T23:59:59Z\"}"),
        "<div class=byline>".repeat(5_000) + "By Ann Example",
        "<time datetime=\"99999-99-99\">\u{202e}2023</time>".repeat(3_000),
    ] {
        let record = extract(&of_page(&html, Head::default()));
        assert!(record.authors.len() <= 24 && record.headline.is_none_or(|headline| headline.len() <= 2_000));
    }
    let long = "By ".repeat(40_000) + &"12/12/2012 ".repeat(40_000);
    let lines = "By Ann Example, 1 May 2020\n".repeat(20_000);
    for text in [long.as_str(), &lines, "\u{0}", "(((((", "By", "é—(–", "UPDATE 99999999999999999999-"] {
        let _ = extract(&of(Head::default(), PageFacts::default(), clean::text(text, Some(text))));
    }
}

fn data(body: &str) -> Article {
    let html = format!(
        "<script type=\"application/ld+json\">{body}</script><h1>Old bridge closed over cracks</h1><p>The council closed it.</p>"
    );
    extract(&of_page(&html, Head::default()))
}

#[test]
fn data_of_a_megabyte_is_read_or_passed_over() {
    let article = |filler: usize| {
        let rows = "{\"a\":1},".repeat(filler);
        data(&format!("{{\"@type\":\"NewsArticle\",\"x\":[{rows}0],\"datePublished\":\"2022-04-20\"}}"))
    };
    let rule = |record: Article| record.provenance["published_at"].rule.clone();
    assert_eq!(rule(article(1_000)), "date_published");
    assert_eq!(rule(article(130_000)), "script_value", "too large to be read as data");
}

#[test]
fn ten_thousand_authors_are_a_few() {
    let authors: String =
        (0..10_000).map(|n| format!("{{\"@type\":\"Person\",\"name\":\"Ann Example{n}\"}},")).collect();
    let record = data(&format!("{{\"@type\":\"NewsArticle\",\"author\":[{authors}]}}"));
    assert!(record.authors.len() <= 24);
    let names = "Ann Example, ".repeat(10_000);
    let byline = Head { byline: Some(format!("By {names}")), ..Head::default() };
    assert!(extract(&of(byline, PageFacts::default(), Cleaned::default())).authors.len() <= 24);
}

#[test]
fn years_out_of_reason_are_absent() {
    for year in ["0000-04-20", "0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59Z", "22022-04-20"] {
        let page =
            data(&format!("{{\"@type\":\"NewsArticle\",\"datePublished\":\"{year}\",\"dateModified\":\"{year}\"}}"));
        assert_eq!((page.published_at, page.modified_at), (None, None), "{year}");
        let head = Head { published_at: Some(year.into()), embargoed_until: Some(year.into()), ..Head::default() };
        let record = extract(&of(head, PageFacts::default(), Cleaned::default()));
        // an embargo that vanishes would mean: free to publish
        assert_eq!((record.published_at, record.embargoed_until.as_deref()), (None, Some(year)), "{year}");
    }
}

#[test]
fn of_stamps_that_contradict_each_other_the_surest_is_taken_and_no_change_comes_before_it() {
    let record = data(
        "{\"@type\":\"NewsArticle\",\"datePublished\":\"2022-04-20T15:23:00Z\",\"dateModified\":\"2021-01-01T00:00:00Z\"}</script>\
         <meta property=\"article:published_time\" content=\"2019-01-01\"><time datetime=\"2018-01-01\">x</time><script>",
    );
    assert_eq!((record.published_at.as_deref(), record.modified_at), (Some("2022-04-20T15:23:00Z"), None));
    assert_eq!(record.provenance["published_at"].rule, "date_published");
}

const BODY: &str = "<p>The harbour authority closed the old bridge on Tuesday after engineers found cracks in two of its piers, officials said, and told drivers to use the tunnel.</p>\
    <p>Engineers will inspect the remaining piers this week, the authority said in a statement, and a first report is expected before the end of the month.</p>";

fn page_with(head: &str, before: &str, behind: &str, url: &str) -> Article {
    let html = format!(
        "<html lang=en><head>{head}</head><body><article><h1>Old bridge closed over cracks</h1>{before}{BODY}{behind}</article></body></html>"
    );
    extract(&of_page(&html, Head { url: Some(url.into()), ..Head::default() }))
}

#[test]
fn a_label_on_a_line_of_its_own_says_what_the_next_date_is() {
    let stamps = "<div><p>Updated</p><p>July 9, 2022</p><p>Posted on</p><p>July 8, 2022</p></div>";
    let record = page_with("", stamps, "", "https://example.com/a");
    assert_eq!(
        (record.published_at.as_deref(), record.modified_at.as_deref()),
        (Some("2022-07-08"), Some("2022-07-09"))
    );
}

#[test]
fn the_month_in_the_address_and_an_earlier_change_outweigh_a_vague_date() {
    let printed = "<p><time>3 July 2022</time></p><p><time>20 April 2022</time></p>";
    let record = page_with("", printed, "", "https://example.com/2022/04/bridge");
    assert_eq!(record.published_at.as_deref(), Some("2022-04-20"));
    let vague = "<meta name=date content=2022-04-29>";
    let record = page_with(vague, "<p>Last updated: 28 April 2022</p>", "", "https://example.com/a");
    assert_eq!(record.published_at.as_deref(), Some("2022-04-28"));
}

#[test]
fn a_byline_far_from_the_headline_counts_only_when_there_is_one() {
    let names = |behind: &str| {
        let filler = "<h2>More on bridges</h2>".repeat(20);
        let record = page_with("", "", &format!("{filler}{behind}"), "https://example.com/a");
        record.authors.iter().map(|author| author.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("<p>Written by Ann Example</p>"), ["Ann Example"]);
    assert!(names("<p>Written by Ann Example</p><p>x</p><p>Written by Bob Sample</p>").is_empty());
}

#[test]
fn a_name_behind_by_inside_a_line_is_an_author_unless_the_line_speaks_of_other_work() {
    let names = |line: &str| {
        let record = page_with("", &format!("<p>{line}</p>"), "", "https://example.com/a");
        record.authors.iter().map(|author| author.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("Dec 19, 2023 by Ann Example"), ["Ann Example"]);
    assert!(names("Dec 19, 2023, styling by Ann Example").is_empty());
}

#[test]
fn a_persons_own_site_is_the_persons_work() {
    let head = "<meta property=og:site_name content='Anna Example'>";
    let record = page_with(head, "", "", "https://annaexample.com/a");
    assert_eq!(record.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), ["Anna Example"]);
    assert_eq!(record.provenance["authors"].rule, "site_owner");
    assert!(page_with(head, "", "", "https://desk.test/a").authors.is_empty());
}
