//! What clean must do, one case a test: pages and texts with their furniture, invented for the purpose.

use super::*;
use crate::article::DropReason;
use crate::stage::html::{Budget, parse};

const LEDE: &str = "PORT ELLEN (Courier) – The harbour council voted on Monday night to keep the old crane for another ten years, after a campaign by sailors.";
const SECOND: &str =
    "The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.";
const THIRD: &str = "A buyer from the mainland had offered 40,000 crowns, enough to mend the roof of the school.";

fn cleaned(html: &str) -> Cleaned {
    page(&parse(html, &Budget::default()).unwrap(), &Anchors::default())
}

fn reason(cleaned: &Cleaned, text: &str) -> Option<DropReason> {
    cleaned.blocks.iter().find(|b| b.text.contains(text)).unwrap_or_else(|| panic!("no block with {text:?}")).dropped
}

fn whole_page() -> Cleaned {
    cleaned(&format!(
        "<html><head><title>Crane to stay in harbour after council vote | The Courier</title></head><body>
        <nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav>
        <div class=cookie-banner><p>We use cookies to make this site better. By using this site you agree to that.</p></div>
        <article><h1>Crane to stay in harbour after council vote</h1><div class=byline>By Ann Lee</div>
        <p>Published: 4 May 2024, 10:15</p><figure><img src=a><figcaption>The crane on Monday. Photo: Bo Cho</figcaption></figure>
        <p>{LEDE}</p><p>Advertisement</p><div class=share-bar><a href=x>Share on Facebook</a></div><p>{SECOND}</p>
        <h2>The offer</h2><ul><li>40,000 crowns in cash</li><li>A second crane on loan</li></ul><p>{THIRD}</p>
        <blockquote>We could not bear to see that tall old thing go, not this year.</blockquote>
        <table><tr><th>Year<th>Crowns</tr><tr><td>2022<td>1,200</tr></table>
        <p>Read more: <a href=y>Why cranes rust</a></p><p>(Reporting by Ann Lee; editing by Bo Cho)</p>
        <aside><h3>Most read</h3><p>Ten things that nobody told you about ropes and how to mend them in a storm.</p></aside>
        <div class=comments><p>I never liked that crane, and I say so as someone who has lived beside it all my life.</p></div></article>
        <footer><p>© 2024 The Courier. All rights reserved.</p></footer></body></html>"
    ))
}

#[test]
fn a_page_becomes_its_story() {
    let story = [
        LEDE,
        SECOND,
        "The offer",
        "40,000 crowns in cash",
        "A second crane on loan",
        THIRD,
        "We could not bear to see that tall old thing go, not this year.",
        "Year Crowns",
        "2022 1,200",
    ];
    assert_eq!(whole_page().paragraphs, story);
}

#[test]
fn every_dropped_block_says_why() {
    let page = whole_page();
    for (text, why) in [
        ("Home", DropReason::Navigation),
        ("We use cookies", DropReason::Consent),
        ("Crane to stay", DropReason::Headline),
        ("By Ann Lee", DropReason::Byline),
        ("Published: 4 May", DropReason::Stamp),
        ("The crane on Monday", DropReason::Caption),
        ("Advertisement", DropReason::Ad),
        ("Share on Facebook", DropReason::Share),
        ("Read more", DropReason::Related),
        ("(Reporting by", DropReason::Credit),
        ("Ten things", DropReason::Sidebar),
        ("I never liked", DropReason::Comment),
        ("All rights reserved", DropReason::Footer),
    ] {
        assert_eq!(reason(&page, text), Some(why), "{text}");
    }
    assert!(page.truncated.is_none());
}

#[test]
fn the_next_article_of_an_endless_page_is_dropped() {
    let two = format!(
        "<title>Crane to stay in harbour after vote</title><main><h1>Crane to stay in harbour after vote</h1><p>By Ann Lee</p>\
         <p>{LEDE}</p><p>{SECOND}</p><p>{THIRD}</p><h1>School roof to wait for another winter</h1><p>By Bo Cho</p>\
         <p>The roof of the school will not be mended before spring, the council said on Tuesday.</p></main>"
    );
    let cleaned = cleaned(&two);
    assert_eq!(cleaned.paragraphs, [LEDE, SECOND, THIRD]);
    assert_eq!(reason(&cleaned, "The roof of the school will not"), Some(DropReason::NextArticle));
}

#[test]
fn a_heading_that_is_the_title_behind_a_kicker_is_the_headline() {
    let page = cleaned(&format!(
        "<title>Crane to stay in harbour after vote</title><main><h2><i>Port</i> <i>Crane to stay in harbour after vote</i></h2>\
         <div><p>{LEDE}</p><p>{SECOND}</p><h2>Why the crane to stay in harbour after vote</h2><p>{THIRD}</p></div></main>"
    ));
    assert_eq!(page.paragraphs, [LEDE, SECOND, "Why the crane to stay in harbour after vote", THIRD]);
    assert_eq!(reason(&page, "Port Crane"), Some(DropReason::Headline));
    let page = cleaned(&format!(
        "<title>Crane to stay in harbour after vote</title><main><h1>Crane to stay in harbour after vote</h1>\
         <h2>Why the crane to stay in harbour after vote</h2><p>{LEDE}</p><p>{SECOND}</p></main>"
    ));
    assert_eq!(reason(&page, "Why the crane"), None);
}

#[test]
fn a_day_in_numbers_with_its_times_is_a_stamp_even_where_it_ends_like_a_sentence() {
    let told = "En 2024 fueron 1.200.";
    let page = cleaned(&format!(
        "<main><h1>La grúa se queda</h1><p>2/3/2026 a las 9:30h. Actualizado a las 11:15h.</p><p>{LEDE}</p><p>{told}</p><p>{SECOND}</p></main>"
    ));
    assert_eq!(page.paragraphs, [LEDE, told, SECOND]);
    assert_eq!(reason(&page, "2/3/2026"), Some(DropReason::Stamp));
}

#[test]
fn a_paywall_marks_the_article_truncated() {
    let cut = format!("<main><p>{LEDE}</p><p>{SECOND}</p><p>Subscribe to continue reading</p></main>");
    let cleaned = cleaned(&cut);
    assert!(cleaned.truncated.is_some());
    assert_eq!(cleaned.paragraphs, [LEDE, SECOND]);
}

#[test]
fn paragraphs_that_a_page_names_after_its_paywall_are_the_story() {
    let box_ =
        "<div class='paywall'><p>Support our reporters with a subscription, the first month is on us today.</p></div>";
    let marked = |text: &str| format!("<p class='paywall'>{text}</p>");
    let story: String = (0..12).map(|n| marked(&format!("{n} {SECOND}"))).collect();
    let page = cleaned(&format!(
        "<article><h1>Crane</h1><p>{LEDE}</p>{story}<h2 class='paywall'>Money</h2>{box_}{}</article>",
        marked(THIRD)
    ));
    assert_eq!(page.paragraphs.len(), 15, "{:?}", page.paragraphs);
    assert_eq!(page.paragraphs.last().map(String::as_str), Some(THIRD));
}

#[test]
fn how_signs_are_read_is_no_part_of_the_text() {
    let ruby = "<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>の<ruby>古<rt>ふる</rt></ruby>いクレーンは、あと十年残ることが決まりました。";
    assert_eq!(cleaned(&format!("<p>{ruby}</p>")).paragraphs, ["港の古いクレーンは、あと十年残ることが決まりました。"]);
}

#[test]
fn paragraphs_may_be_divs_or_line_breaks() {
    let divs = format!("<div><div>{LEDE}</div><div>{SECOND}</div></div>");
    assert_eq!(cleaned(&divs).paragraphs, [LEDE, SECOND]);
    let breaks = format!("<td>{LEDE}<br><br>{SECOND}<br>{THIRD}</td>");
    assert_eq!(cleaned(&breaks).paragraphs, [LEDE, SECOND, THIRD]);
}

#[test]
fn a_story_in_a_part_with_a_misleading_name_is_kept() {
    let named = format!("<div class='sidebar-left comments-open'><p>{LEDE}</p><p>{SECOND}</p><p>{THIRD}</p></div>");
    assert_eq!(cleaned(&named).paragraphs, [LEDE, SECOND, THIRD]);
}

#[test]
fn other_scripts_are_read_alike() {
    let page = "<nav><a href=/>首页</a></nav><div><h1>港口议会决定保留旧起重机</h1><p>港口议会周一晚间投票决定，旧起重机将再保留十年，水手们为此奔走多月。</p>\
        <p>市长原本打算将其出售，她在投票后表示，将从别处寻找这笔资金。</p><p>责任编辑：李安</p></div>";
    assert_eq!(cleaned(page).paragraphs.len(), 2);
    let page = format!(
        "<div><p>{}</p><p>{}</p><p>Читайте также</p></div>",
        "Совет порта в понедельник вечером проголосовал за то, чтобы оставить старый кран ещё на десять лет.",
        "Мэр, которая хотела его продать, сказала после голосования, что поищет деньги в другом месте."
    );
    assert_eq!(cleaned(&page).paragraphs.len(), 2);
}

#[test]
fn scraped_text_loses_its_furniture_and_nothing_else() {
    let scraped = format!(
        "Crane to stay in harbour after council vote\n\nPublished: May 4, 2024, 10:15 UTC2min read\nBy Ann Lee {LEDE}\nMost Popular\n\n\
         By Ann Lee\n\n{LEDE}\n\nAdvertisement\nYour capital is at risk\n\n{SECOND}\n\n{THIRD}\n\n(Reporting by Ann Lee; Editing by Bo \
         Cho)\n\nSign up for a daily update delivered to your inbox\n\nLatest Articles\n\nSee All"
    );
    let cleaned = text(&scraped, None);
    assert_eq!(cleaned.paragraphs, [LEDE, SECOND, THIRD]);
    assert_eq!(reason(&cleaned, "Crane to stay"), Some(DropReason::Headline));
    assert_eq!(reason(&cleaned, "Published:"), Some(DropReason::Stamp));
    assert_eq!(reason(&cleaned, "By Ann Lee PORT"), Some(DropReason::Repeated));
    assert_eq!(reason(&cleaned, "(Reporting by"), Some(DropReason::Credit));
}

#[test]
fn a_bare_story_is_only_normalised() {
    let story = story("Short.\n\nAdvertisement\n\ncafÃ© &amp; more\u{AD}\n");
    assert_eq!(story.paragraphs, ["Short.", "Advertisement", "café & more"]);
    assert!(story.blocks.iter().all(|b| b.dropped.is_none()));
}

#[test]
fn nothing_in_is_nothing_out() {
    for html in ["", " ", "<html></html>", "<p></p>", "<script>x</script>"] {
        assert!(cleaned(html).paragraphs.is_empty());
    }
    assert!(text("", None).paragraphs.is_empty());
    assert!(story("\n \n").paragraphs.is_empty());
}

#[test]
fn a_no_break_space_that_is_half_of_a_misread_letter_is_kept_until_it_is_repaired() {
    for (html, text) in [
        ("<p>Le cafÃ©, Ã&nbsp; Paris, 10Â&nbsp;euros, dÃ©jÃ\u{A0}</p>", "Le café, à Paris, 10 euros, déjà"),
        ("<p>IRMÃ&nbsp;E, 10&nbsp;euros</p>", "IRMÃ E, 10 euros"),
        ("<p>«&nbsp;Un été&nbsp;», 10&nbsp; euros, chanté&nbsp;– hier</p>", "« Un été », 10 euros, chanté – hier"),
    ] {
        assert_eq!(cleaned(html).blocks[0].text, text);
    }
}
