//! Pages made to hurt: none may panic, none may cost more than its length, and the story in it should survive.

mod made;

use super::*;
use crate::stage::html::{Budget, OverBudget, parse};

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
        // Each byte is looked at at most twice, every tag opens and closes a bounded number of elements, and an end tag of an
        // unknown name is compared with 16 of them.
        let times = if shape.1.contains("</x") { 20 } else { 4 };
        assert!(doc.work() <= times * html.len() as u64 + 1000, "{shape:?}: {} for {}", doc.work(), html.len());
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

/// What reading and cleaning a page cost, in countable things.
struct Cost {
    work: u64,
    nodes: usize,
    blocks: usize,
    bytes: usize,
}

fn cost(html: &str) -> Cost {
    let doc = parse(html, &Budget { max_nodes: usize::MAX, ..Budget::default() }).unwrap();
    let cleaned = page(&doc, &anchors(&doc));
    let bytes = cleaned.blocks.iter().map(|b| b.text.len()).sum();
    Cost { work: doc.work(), nodes: doc.len(), blocks: cleaned.blocks.len(), bytes }
}

/// What the page says of its story, as the line asks it.
fn anchors(doc: &Document) -> Anchors {
    crate::stage::anchors(&crate::stage::extract::page::read(doc), None)
}

#[test]
fn twice_the_page_costs_at_most_twice_the_work() {
    /// What is not repeated: the story before it, and what the ends of a page cost.
    const FIXED: usize = 2_000;
    let deep = |n: usize| format!("{STORY}{}", "<div>".repeat(n / 5));
    let lists = |n: usize| format!("{STORY}{}x", "<ul><li>".repeat(n / 8));
    let attribute = |n: usize| format!("<div data-x=\"{}\">{STORY}</div>", "y ".repeat(n / 2));
    let attributes = |n: usize| format!("<div {}>{STORY}</div>", "class=a ".repeat(n / 8));
    let script = |n: usize| format!("{STORY}<script>{}", "if (a < b) { c() } // </scrip ".repeat(n / 30));
    let comment = |n: usize| format!("{STORY}<!-- {}", "-- > <p>not seen</p> ".repeat(n / 21));
    let soup = |n: usize| format!("{STORY}<p>{}", "<b><i>x</b><a href=y>z</i></a><u>".repeat(n / 33));
    let siblings = |n: usize| format!("{STORY}<div>{}</div>", "<p>a b</p>".repeat(n / 10));
    let links = |n: usize| format!("{STORY}<ul>{}</ul>", "<li><a href=x>A road</a> b".repeat(n / 26));
    let nulls = |n: usize| format!("{STORY}<p>{}</p>", "\0 a\0".repeat(n / 4));
    let names = |n: usize| {
        let open = format!("<x{}>", "y".repeat(n / 32));
        format!("{}{}", open.repeat(16), "</b1>".repeat(n / 10))
    };
    let shapes: [(&str, &dyn Fn(usize) -> String); 11] = [
        ("deep nesting", &deep),
        ("nested lists", &lists),
        ("one attribute", &attribute),
        ("many attributes", &attributes),
        ("unclosed script", &script),
        ("unclosed comment", &comment),
        ("misnested formatting", &soup),
        ("siblings", &siblings),
        ("links", &links),
        ("NULs", &nulls),
        ("end tags of no long name", &names),
    ];
    for (name, shape) in shapes {
        let (once, twice) = (cost(&shape(100_000)), cost(&shape(200_000)));
        assert!(once.work >= 50_000, "{name}: the page was not read: {}", once.work);
        assert!(twice.work <= 2 * once.work + FIXED as u64, "{name}: work {} then {}", once.work, twice.work);
        assert!(twice.nodes <= 2 * once.nodes + FIXED, "{name}: nodes {} then {}", once.nodes, twice.nodes);
        assert!(twice.blocks <= 2 * once.blocks + FIXED, "{name}: blocks {} then {}", once.blocks, twice.blocks);
        assert!(twice.bytes <= 2 * once.bytes + FIXED, "{name}: text {} then {}", once.bytes, twice.bytes);
    }
}

#[test]
fn two_hundred_thousand_siblings_are_refused_or_read_whole() {
    let siblings = |n: usize| format!("{STORY}{}", "<p>a</p>".repeat(n));
    let over = parse(&siblings(200_000), &Budget::default()).err();
    assert_eq!(over, Some(OverBudget::Nodes { limit: 200_000 }));
    let html = siblings(90_000);
    let doc = parse(&html, &Budget::default()).unwrap();
    let cleaned = page(&doc, &Anchors::default());
    assert_eq!(cleaned.blocks.len(), 90_002);
    assert!(cleaned.paragraphs.iter().any(|p| p.contains("harbour council voted")));
}

#[test]
fn hostile_text_is_read() {
    for unit in ["a\n", "\n\n", "word ", "。", "\u{202E}x\n", "By Ann Lee\n", "Comments\n", "- -\n"] {
        let raw = unit.repeat(20_000);
        text(&raw, Some("A headline of some words"));
        assert!(story(&raw).paragraphs.iter().map(String::len).sum::<usize>() <= raw.len());
    }
}
