//! Pages made to hurt: none may panic, none may cost more than its length, and the story in it should survive.

use super::*;
use crate::stage::html::{Budget, OverBudget, Tag, parse};

const STORY: &str = "<p>The harbour council voted on Monday night to keep the old crane for another ten years.</p>\
    <p>The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.</p>";

/// Shapes of hostile pages: text before, a unit that is repeated, text after.
const SHAPES: [(&str, &str, &str); 30] = [
    ("", "<div>", ""),
    ("", "<ul><li>", ""),
    ("", "<b><i><a href=x>", ""),
    ("", "<p><table><tr><td>", ""),
    ("", "<table><tr><td>x", "</table>"),
    ("", "</div></p></b></x>", ""),
    ("<div><div>", "<a><p></a></p>", "</div>"),
    ("<b>", "<p></b><b>", ""),
    ("", "<x-a><x-b></x-c>", ""),
    ("", "<script>", ""),
    ("", "<title>", ""),
    ("", "<textarea></textare", ""),
    ("", "<style></script>", ""),
    ("", "<!--", ""),
    ("", "<!-- -- --!", "-->"),
    ("", "<![CDATA[", ""),
    ("", "<!doctype", ""),
    ("", "<", ""),
    ("", "</", ""),
    ("", "<p a=\"", ""),
    ("<p ", "a=b ", ">"),
    ("<p a='", "xyz", "'>"),
    ("", "&amp;&#x41;&bogus&notit;", ""),
    ("<p>", "a<br>", "</p>"),
    ("<p>", "<a href=x>b</a><br><br>", "</p>"),
    ("<pre>", "x\n", "</pre>"),
    ("", "\0\u{1}\u{FFFD}\u{202E}", ""),
    ("", "<h1>One and the same title</h1>", ""),
    ("", "<svg><title><p></svg>", ""),
    ("<form>", "<select><option><form><button>", ""),
];

fn hostile(shape: (&str, &str, &str), bytes: usize) -> String {
    let (before, unit, after) = shape;
    format!("{before}{}{after}", unit.repeat(bytes / unit.len()))
}

#[test]
fn hostile_pages_are_read_in_work_proportional_to_their_length() {
    let budget = Budget { max_nodes: usize::MAX, ..Budget::default() };
    for shape in SHAPES {
        let html = hostile(shape, 200_000);
        let doc = parse(&html, &budget).unwrap();
        // Each byte is looked at at most twice, and every tag opens, closes and compares a bounded number of elements.
        assert!(doc.work() <= 4 * html.len() as u64 + 1000, "{shape:?}: {} for {}", doc.work(), html.len());
        let deepest = doc.descendants(doc.root()).map(|id| doc.ancestors(id).take(600).count()).max();
        assert!(deepest.is_none_or(|depth| depth <= budget.max_depth + 1), "{shape:?}");
    }
}

#[test]
fn hostile_pages_are_cleaned_without_a_panic_and_nothing_is_invented() {
    for shape in SHAPES {
        let html = hostile(shape, 60_000);
        for html in [html.clone(), format!("{STORY}{html}"), format!("{html}{STORY}")] {
            match parse(&html, &Budget::default()) {
                Ok(doc) => {
                    let cleaned = page(&doc, &Anchors::default());
                    let kept: usize = cleaned.paragraphs.iter().map(String::len).sum();
                    assert!(kept <= html.len() * 4, "{shape:?}");
                }
                Err(error) => assert_eq!(error, OverBudget::Nodes { limit: 200_000 }),
            }
        }
    }
}

#[test]
fn a_story_before_hostile_markup_survives() {
    for shape in SHAPES.into_iter().filter(|(_, unit, _)| !unit.contains("<h1>") && !unit.starts_with('&')) {
        let html = format!("{STORY}{}", hostile(shape, 2_000));
        let doc = parse(&html, &Budget::default()).unwrap();
        let cleaned = page(&doc, &Anchors::default());
        assert!(
            cleaned.paragraphs.iter().any(|p| p.contains("harbour council voted")),
            "{shape:?}: {:?}",
            cleaned.paragraphs
        );
    }
}

#[test]
fn a_megabyte_in_one_attribute_is_passed_over() {
    let html = format!("<div data-x=\"{}\">{STORY}</div>", "y ".repeat(1 << 19));
    let doc = parse(&html, &Budget::default()).unwrap();
    assert_eq!(page(&doc, &Anchors::default()).paragraphs.len(), 2);
    assert!(doc.work() <= 4 * html.len() as u64);
}

#[test]
fn pieces_of_pages_in_any_order_are_read() {
    const PIECES: [&str; 24] = [
        "<p>",
        "</p>",
        "<div class=comments>",
        "</div>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<a href=x>",
        "</a>",
        "<li>",
        "</ul>",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "Some words here. ",
        "&lt;",
        "\0",
        "<br>",
        "<h2>",
        "é",
    ];
    let mut seed: u64 = 7;
    for round in 0..3000 {
        let start = seed;
        let mut html = String::new();
        for _ in 0..60 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            html.push_str(PIECES[(seed >> 33) as usize % PIECES.len()]);
        }
        let doc = parse(&html, &Budget::default()).unwrap();
        // Every node lies within its parent: descendants are a range.
        for id in doc.descendants(doc.root()) {
            let parent = doc.parent(id).unwrap();
            assert!(doc.contains(parent, id), "seed {start}, round {round}: {html}");
        }
        assert!(doc.find_all(Tag::P).count() <= html.matches("<p>").count());
        page(&doc, &Anchors::default());
        text(&html, None);
    }
}

#[test]
fn hostile_text_is_read() {
    for unit in ["a\n", "\n\n", "word ", "。", "\u{202E}x\n", "By Ann Lee\n", "Comments\n", "- -\n"] {
        let raw = unit.repeat(20_000);
        text(&raw, Some("A headline of some words"));
        assert!(story(&raw).paragraphs.iter().map(String::len).sum::<usize>() <= raw.len());
    }
}
