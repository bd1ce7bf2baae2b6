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
fn a_stamp_a_town_and_a_section_are_no_authors() {
    for (html, lang) in [
        ("<p>Publié le 10 mars 2026 à 07:12</p>", "fr"),
        ("<p>Publicado el 10 de marzo de 2026</p>", "es"),
        ("<p>Yayın Tarihi: 11 Mart 2026 14:22</p>", "tr"),
        ("<p>نشر في 10 مارس 2026</p>", "ar"),
        ("<p>Real Estate</p><p>Feb 5, 2026</p>", "en"),
        ("<p>Bad Exemplum <span>11.03.2026, 08:30 Uhr</span></p>", "de"),
        ("<p>Los Angeles</p><p>Feb 5, 2026</p>", "en"),
        ("<p>Den Haag</p><p>6 maart 2026</p>", "nl"),
        ("<p>社会</p><p>2026年3月11日 18:30</p>", "ja"),
        ("<p>2026-03-11 10:22</p><p>昨天下午，一艘货轮在入海口附近搁浅，没有造成人员伤亡。</p>", "zh"),
    ] {
        assert_eq!(beneath(html, lang).authors, [], "{html}");
    }
    for html in ["<p>Ann Zzyzx</p><p>Feb 5, 2026</p>", "<p>Zzyzx Johnson</p><p>Feb 5, 2026</p>"] {
        assert_eq!(beneath(html, "en").authors.len(), 1, "{html}");
    }
}

#[test]
fn what_touches_a_byline_is_no_part_of_it() {
    for (html, lang, name) in [
        ("<span>Par Anne Exemple</span><time>Publié le 13/03/2026 à 07:12</time>", "fr", "Anne Exemple"),
        ("<span>Por Ana Exemplo</span><span>Publicado em 13/03/2026</span>", "pt", "Ana Exemplo"),
        (
            "<span>Von Anna Beispiel</span><span>Veröffentlicht am 13.03.2026</span><span>2 Minuten</span>",
            "de",
            "Anna Beispiel",
        ),
        ("<span>di Anna De Esempio</span><span>13 Marzo 2026</span><span>2 minuti</span>", "it", "Anna De Esempio"),
    ] {
        let record = beneath(&format!("<div class=infos>{html}</div>"), lang);
        assert_eq!(record.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), [name], "{html}");
        assert_eq!(record.published_at.map(|at| at[..10].to_owned()).as_deref(), Some("2026-03-13"), "{html}");
    }
}

#[test]
fn a_printed_byline_is_surer_than_data_that_names_nobody_of_it() {
    let names = |html: &str| {
        let record = beneath(html, "en");
        record.authors.into_iter().map(|author| author.name).collect::<Vec<_>>()
    };
    assert_eq!(names("<meta name=author content='Bob Uploader'><p>By Ann Example</p>"), ["Ann Example"]);
    assert_eq!(names("<meta name=author content=bobu><p>By Ann Example</p>"), ["Ann Example"]);
    assert_eq!(names("<meta name=author content='A. B. Example'><p>By Ann Example</p>"), ["A. B. Example"]);
    assert_eq!(names("<meta name=author content='Bob Uploader'><p>Ann Example</p>"), ["Bob Uploader"]);
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
        ("<p>By Ann Example<br>Associated Press</p>", Some("AP")),
        ("<p>By Ann Reuters</p>", None),
        ("<p>Par La Rédaction avec AFP</p>", Some("AFP")),
        ("<p>Par AFP</p>", Some("AFP")),
        ("<p>EFE / Redacción</p>", Some("EFE")),
        ("<p>ANP</p>", Some("ANP")),
        ("<p>Agência Lusa</p>", Some("Lusa")),
        ("<p>By The Example Press</p>", None),
    ] {
        assert_eq!(beneath(html, "en").agency.map(|agency| agency.name).as_deref(), agency, "{html}");
    }
}
