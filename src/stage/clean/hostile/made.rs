//! Pages put together by chance from pieces that hurt, the same in every run.

use super::anchors;
use crate::stage::clean::{Anchors, page, text};
use crate::stage::html::{Budget, Tag, parse};

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

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

/// A page of repeated pieces, with bytes lost or doubled here and there.
fn made(seed: u64) -> String {
    const PIECES: [&str; 32] = [
        "<div class='paywall premium'>",
        "</div>",
        "<article id=\"story\">",
        "</article>",
        "<p>The council voted on Monday to keep the crane, the mayor said. </p>",
        "<p hidden>Subscribe to continue reading</p>",
        "<table><tr><td>1,200",
        "</table>",
        "<ul><li>One<li>",
        "</ol>",
        "<a href='https://example.com/?a=b&c",
        "'>read on</a>",
        "<h1>A headline of some words | The Courier</h1>",
        "<h9><h0></h>",
        "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":false,\"hasPart\":[{",
        "\"cssSelector\":\".paywall,#story\",\"isAccessibleForFree\":\"False\"}]}",
        "</script>",
        "<!--",
        "-->",
        "<![CDATA[ ]]>",
        "&#x110000;&#0;&nbsp;&amp",
        "\0",
        "<meta property=og:title content=\"A headline",
        "<time datetime=2024-05-04T10:15>4 May</time>",
        "<figure><img src=a><figcaption>Photo: Bo Cho",
        "<pre>\n\n x",
        "<svg><foreignObject><p>",
        "<template><body><html lang=en>",
        "港口议会决定保留。",
        "\u{202E}\u{FEFF}e\u{301}",
        "<textarea>",
        "<b><i></b><u></i>",
    ];
    let mut dice = Dice(seed);
    let mut html = String::new();
    for _ in 0..dice.below(40) {
        let often = if dice.below(8) == 0 { dice.below(40) } else { 1 };
        html.push_str(&PIECES[dice.below(PIECES.len())].repeat(often));
    }
    let mut chars: Vec<char> = html.chars().collect();
    for _ in 0..dice.below(6).min(chars.len()) {
        let at = dice.below(chars.len());
        match dice.below(3) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, chars[at]),
            _ => chars.truncate(at),
        }
        if chars.is_empty() {
            break;
        }
    }
    chars.into_iter().collect()
}

#[test]
fn thousands_of_made_pages_are_cleaned_without_a_panic_and_alike_each_time() {
    for seed in 0..3000 {
        let html = made(seed);
        let doc = parse(&html, &Budget::default()).unwrap_or_else(|over| panic!("seed {seed}: {over}"));
        let cleaned = page(&doc, &anchors(&doc));
        let kept = cleaned.blocks.iter().filter(|b| b.dropped.is_none()).count();
        assert_eq!(kept, cleaned.paragraphs.len(), "seed {seed}");
        if seed.is_multiple_of(10) {
            assert_eq!(cleaned, page(&parse(&html, &Budget::default()).unwrap(), &anchors(&doc)), "seed {seed}");
            text(&html, None);
        }
    }
}
