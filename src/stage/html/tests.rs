//! Trees and text of documents, tidy and torn.

use super::*;

fn doc(html: &str) -> Document<'_> {
    parse(html, &Budget::default()).unwrap()
}

/// The tree in short: `p(b("x") "y")`.
fn shape(html: &str) -> String {
    fn write(doc: &Document, id: NodeId, out: &mut String) {
        for child in doc.children(id) {
            if !out.is_empty() && !out.ends_with('(') {
                out.push(' ');
            }
            if doc.tag(child).is_none() {
                out.push_str(&format!("{:?}", doc.raw_text(child)));
                continue;
            }
            out.push_str(doc.name(child));
            if doc.children(child).next().is_some() {
                out.push('(');
                write(doc, child, out);
                out.push(')');
            }
        }
    }
    let doc = doc(html);
    let mut out = String::new();
    write(&doc, doc.root(), &mut out);
    out
}

#[test]
fn end_tags_may_be_left_out() {
    for (html, tree) in [
        ("<p>a<p>b<div>c</div>d", r#"p("a") p("b") div("c") "d""#),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", r#"ul(li("a") li("b" ul(li("c"))) li("d"))"#),
        ("<dl><dt>a<dd>b<dt>c</dl>", r#"dl(dt("a") dd("b") dt("c"))"#),
        ("<table><tr><td>a<td>b<tr><th>c</table>d", r#"table(tr(td("a") td("b")) tr(th("c"))) "d""#),
        ("<table><td><table><tr><td>a</table>b<td>c", r#"table(td(table(tr(td("a"))) "b") td("c"))"#),
        (
            "<select><option>a<option>b<optgroup><option>c</select>d",
            r#"select(option("a") option("b") optgroup(option("c"))) "d""#,
        ),
        ("<h2>a<h3>b</h3>c", r#"h2("a") h3("b") "c""#),
        ("<head><title>t</title><p>a", r#"head(title("t")) p("a")"#),
        ("<html><head><meta></head><body>a</body></html>b", r#"html(head(meta) body("a" "b"))"#),
        ("<p>a<table><tr><td><p>b</table>", r#"p("a") table(tr(td(p("b"))))"#),
    ] {
        assert_eq!(shape(html), tree, "{html}");
    }
}

#[test]
fn misnested_tags_keep_their_text_in_order() {
    for (html, tree) in [
        ("<b>a<i>b</b>c</i>d", r#"b("a" i("b")) "c" "d""#),
        ("<a><h3>a</a></h3>b", r#"a(h3("a")) "b""#),
        ("<div><form><div>a</form>b</div>c</div>", r#"div(form(div("a" "b")) "c")"#),
        ("<div><span>a</div>b", r#"div(span("a")) "b""#),
        ("<p>a</span></div>b</p>", r#"p("a" "b")"#),
        ("<a>a<a>b</a>", r#"a("a") a("b")"#),
        ("<td></p>a</table>b", r#"td("a" "b")"#),
        ("<x-y><div>a</x-y>b", r#"x-y(div("a")) "b""#),
        ("<svg><path/><g/></svg>a<svg><g><p>b", r#"svg(path g) "a" svg(g) p("b")"#),
        ("<body><div>a<body><html>b", r#"body(div("a" "b"))"#),
    ] {
        assert_eq!(shape(html), tree, "{html}");
    }
}

#[test]
fn text_is_what_a_reader_sees() {
    let doc = doc("<div>a&nbsp;b<script>x<y</script><p> c<br>d <b>e</b>f</p><p>g</p>h<noscript>i</noscript></div>");
    assert_eq!(doc.text(doc.root()), "a b c d ef g h");
    let script = doc.find_all(Tag::Script).next().unwrap();
    assert_eq!(doc.raw_text(script), "x<y");
    assert_eq!(doc.text(script), "x<y");
}

#[test]
fn attributes_are_decoded_and_the_first_counts() {
    let doc = doc("<A HREF='/a?b=1&amp;c=2' href=x Title=\"&quot;\" hidden>");
    let a = doc.find_all(Tag::A).next().unwrap();
    assert_eq!(doc.attr(a, "href").as_deref(), Some("/a?b=1&c=2"));
    assert_eq!(doc.attr(a, "title").as_deref(), Some("\""));
    assert_eq!(doc.attr(a, "hidden").as_deref(), Some(""));
    assert_eq!(doc.attr(a, "class"), None);
    assert_eq!(doc.attrs(a).count(), 4);
}

#[test]
fn nodes_are_walked_without_recursion() {
    let doc = doc("<div><p>a</p><p>b</p></div><hr>");
    let div = doc.find_all(Tag::Div).next().unwrap();
    assert_eq!(doc.descendants(div).count(), 4);
    let text = doc.descendants(div).last().unwrap();
    assert_eq!(doc.ancestors(text).map(|id| doc.name(id)).collect::<Vec<_>>(), ["p", "div", ""]);
    assert_eq!(doc.after(div).map(|id| doc.name(id)), Some("hr"));
    assert!(doc.contains(div, text) && !doc.contains(text, div) && !doc.contains(div, div));
}

#[test]
fn deeper_nodes_are_attached_at_the_limit() {
    let html = format!("{}x{}y", "<div>".repeat(2000), "</div>".repeat(2000));
    let doc = doc(&html);
    let deepest = doc.descendants(doc.root()).map(|id| doc.ancestors(id).count()).max();
    assert_eq!(deepest, Some(513)); // 512 open elements and the root
    assert_eq!(doc.text(doc.root()), "x y");
    let last = doc.descendants(doc.root()).last().unwrap();
    assert_eq!(doc.parent(last), Some(doc.root()));
}

#[test]
fn a_page_over_budget_is_refused_and_attributes_are_cut() {
    let budget = Budget { max_nodes: 10, ..Budget::default() };
    assert_eq!(parse(&"<p>x".repeat(5), &budget).unwrap_err(), OverBudget::Nodes { limit: 10 });
    let many: String = (0..1000).map(|n| format!(" a{n}=v")).collect();
    let html = format!("<p{many} last=1>");
    let doc = doc(&html);
    let p = doc.find_all(Tag::P).next().unwrap();
    assert_eq!(doc.attrs(p).count(), 256);
    assert_eq!(doc.attr(p, "a999"), None);
}

#[test]
fn an_attribute_behind_a_huge_one_is_not_read() {
    let html = format!("<p id=a data-x='{}' class=b>t", "y".repeat(1 << 20));
    let doc = doc(&html);
    let p = doc.find_all(Tag::P).next().unwrap();
    assert_eq!(doc.attr(p, "id").as_deref(), Some("a"));
    assert_eq!(doc.attr(p, "class"), None);
    assert_eq!(doc.text(p), "t");
}
