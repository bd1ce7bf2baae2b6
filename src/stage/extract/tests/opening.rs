//! What stands between headline and story: bylines, agencies, times, the line under the headline.

use super::*;

fn beneath(byline: &str, lang: &str) -> Article {
    let story = PAGE.split_once("</figure>").unwrap().1;
    let page = format!("<html lang={lang}><body><article><h1>Old bridge closed over cracks</h1>{byline}{story}");
    extract(&of_page(&page, Head { language: Some(lang.into()), ..Head::default() }))
}

#[test]
fn a_second_author_that_text_and_meta_tags_name_alike_is_one_though_the_data_has_the_first_alone() {
    let names = |meta: &str| {
        let meta =
            format!("<meta name=twitter:label1 content='Written by'><meta name=twitter:data1 content='{meta}'></head>");
        let line = "<h4 class=post-author-name><a href=/ann>Ann Example</a>, <a href=/bob>Bob Sample</a></h4>";
        let byline = "<p class=\"byline\">By <a rel=\"author\" href=\"/people/ann\">Ann Example</a></p>";
        assert!(PAGE.contains(byline));
        let page = PAGE.replacen("</head>", &meta, 1).replacen(byline, line, 1);
        extract(&of_page(&page, Head::default())).authors.into_iter().map(|author| author.name).collect::<Vec<_>>()
    };
    assert_eq!(names("Ann Example, Bob Sample"), ["Ann Example", "Bob Sample"]);
    assert_eq!(names("Ann Example"), ["Ann Example"]);
}

#[test]
fn a_byline_is_apart_from_its_date_and_its_roles() {
    for (html, byline, names) in [
        (
            "<p>山田健太郎　佐藤美咲子 2026年3月5日 19時00分</p>",
            "山田健太郎 佐藤美咲子",
            &["山田健太郎", "佐藤美咲子"][..],
        ),
        (
            "<p>2026年03月02日 08:15:22 来源：新华社 作者：陈志远 周敏</p>",
            "来源：新华社 作者：陈志远 周敏",
            &["陈志远", "周敏"],
        ),
        ("<p>作者：陈志远 周敏</p>", "作者：陈志远 周敏", &["陈志远", "周敏"]),
        ("<p>Ann Example | 5 March 2026, 19:00</p>", "Ann Example", &["Ann Example"]),
        ("<p>By Ann Example on Thursday, March 5, 2026</p>", "By Ann Example", &["Ann Example"]),
        ("<p>By Ann ExamplePublished: Mar 5, 2026</p>", "By Ann Example", &["Ann Example"]),
        (
            "<p>Words: Ann Example. Pictures: Bob Sample</p>",
            "Words: Ann Example. Pictures: Bob Sample",
            &["Ann Example"],
        ),
        ("<p>De nuestra corresponsal Ana Ejemplo</p>", "De nuestra corresponsal Ana Ejemplo", &["Ana Ejemplo"]),
        ("<p>By Ann Example, InfoWorld</p>", "By Ann Example, InfoWorld", &["Ann Example"]),
        ("<p><b>By Ann Example</b><i>Political editor</i></p>", "By Ann Example Political editor", &["Ann Example"]),
        (
            "<p class=byline><b>Ann Example</b><i>Political editor</i></p>",
            "Ann Example Political editor",
            &["Ann Example"],
        ),
    ] {
        let record = beneath(html, if html.is_ascii() { "en" } else { "zh" });
        assert_eq!(record.byline.as_deref(), Some(byline), "{html}");
        assert_eq!(record.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), names, "{html}");
    }
}

#[test]
fn an_embargo_line_in_capitals_names_nobody() {
    for line in [
        "EMBARGOED UNTIL 00:01 TUESDAY 1 DECEMBER 2026",
        "STRICTLY EMBARGOED UNTIL 0001 HRS TUESDAY 1 DECEMBER 2026",
        "EMBARGOED UNTIL 6 P.M. ET TUESDAY, DEC. 1, 2026",
    ] {
        let record = beneath(&format!("<p><strong>{line}</strong></p>"), "en");
        assert_eq!((record.authors, record.byline), (Vec::new(), None), "{line}");
        let record = beneath(&format!("<p><strong>{line}</strong></p><p>By Ann Example</p>"), "en");
        assert_eq!(record.byline.as_deref(), Some("By Ann Example"), "{line}");
    }
}

#[test]
fn an_author_has_the_page_that_any_mark_links_to() {
    let head = Head { url: Some("https://www.example.com/a".into()), ..Head::default() };
    let byline = "<p>By Ann Example</p><div class=author><a href=/authors/ann-example>Ann Example</a></div>";
    let story = PAGE.split_once("</figure>").unwrap().1;
    let page = format!("<body><article><h1>Old bridge closed over cracks</h1>{byline}{story}");
    let record = extract(&of_page(&page, head));
    assert_eq!(record.authors[0].url.as_deref(), Some("https://www.example.com/authors/ann-example"));
}

#[test]
fn a_zone_printed_once_holds_for_publication_and_change() {
    for line in ["<p>%</p>", "<span class=timestamp>%</span>"] {
        let line = line.replace('%', "Published: 12 Mar 2026 03:15PM (Updated: 12 Mar 2026 05:40PM SGT)");
        let record = beneath(&line, "en");
        assert_eq!(record.published_at.as_deref(), Some("2026-03-12T15:15:00+08:00"), "{line}");
        assert_eq!(record.modified_at.as_deref(), Some("2026-03-12T17:40:00+08:00"), "{line}");
    }
}

#[test]
fn a_byline_is_no_subheadline() {
    let byline = "<p class=byline>Now with Ann Example (earlier Bob Sample and others)</p>";
    assert_eq!(beneath(byline, "en").subheadline, None);
    let deck = "The closing ends fourteen weeks of argument about the two piers";
    for below in ["", "<div class=byline>By <a href=/authors/ann>Ann Example</a></div>"] {
        let record = beneath(&format!("<p class=standfirst>{deck}</p>{below}"), "en");
        assert_eq!(record.subheadline.as_deref(), Some(deck), "{below}");
        assert!(record.lead.unwrap().starts_with("The harbour authority"), "{below}");
    }
}

#[test]
fn an_agency_in_the_place_of_an_author_is_the_agency() {
    for (html, agency) in [
        ("<p>By Agence France-Presse</p>", Some("AFP")),
        ("<p>By AFP</p>", Some("AFP")),
        ("<p>Associated Press</p>", Some("AP")),
        ("<p>dpa, 5 March 2026</p>", Some("dpa")),
        ("<p class=byline>Deutsche Presse-Agentur</p>", Some("dpa")),
        ("<meta name=author content='Agence France-Presse'>", Some("AFP")),
        ("<p>来源：新华社 责任编辑：赵明</p>", Some("Xinhua")),
        ("<figure><figcaption>AFP</figcaption></figure>", None),
        ("<p>By Ann Example</p><p>Oslo</p><p>AFP</p>", None),
        ("<p>By The Example Press</p>", None),
    ] {
        assert_eq!(beneath(html, "en").agency.map(|agency| agency.name).as_deref(), agency, "{html}");
    }
}
