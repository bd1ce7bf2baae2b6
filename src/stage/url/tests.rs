//! Addresses: what is one, and when two are the same.

use super::*;

#[test]
fn the_rules_are_sorted_and_none_is_empty_or_twice() {
    for kind in ["parameter", "pair", "prefix", "mobile", "suffix", "author", "social", "worldwide"] {
        let values = table::group(RULES, kind);
        assert!(!values.is_empty(), "{kind}");
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{kind}: out of order or twice");
        assert!(values.iter().all(|value| *value == value.to_lowercase()), "{kind}: not lower case");
    }
}

#[test]
fn one_article_has_one_address() {
    for (url, expected) in [
        ("http://Example.COM:80/a/b/?utm_source=x&id=7#top", "https://example.com/a/b?id=7"),
        ("https://www.example.com:443", "https://www.example.com/"),
        ("https://m.example.co.uk/story", "https://www.example.co.uk/story"),
        ("https://en.m.example.org/wiki/Desk", "https://en.example.org/wiki/Desk"),
        ("https://www.example.com/amp/news/story", "https://www.example.com/news/story"),
        ("https://www.example.com/news/story/amp/", "https://www.example.com/news/story"),
        ("https://www.example.com/news/story.amp.html?amp=1", "https://www.example.com/news/story.html"),
        ("https://www.google.com/amp/s/example.com/story", "https://example.com/story"),
        ("https://example-com.cdn.ampproject.org/c/s/example.com/story", "https://example.com/story"),
        ("https://example.com/a?b=2&a=1&FBCLID=z", "https://example.com/a?a=1&b=2"),
        ("https://example.com/a?view=print&traffic_source=rss&mobile=1&_amp=true", "https://example.com/a"),
        ("https://example.com/a?share=twitter&page=all&source=rss&m=1", "https://example.com/a"),
        ("https://example.com/a?m=11&page=2&share=7", "https://example.com/a?m=11&page=2&share=7"),
        ("https://example.com/a?print=7", "https://example.com/a?print=7"),
        ("https://example.com/story/a/print/", "https://example.com/story/a"),
        ("https://example.com/media/print", "https://example.com/media/print"),
        ("https://example.com/story/a/index.html", "https://example.com/story/a"),
        ("https://example.com//a///b", "https://example.com/a/b"),
        ("http://127.0.0.1:8080/m", "https://127.0.0.1:8080/m"),
        ("https://m.com/x", "https://m.com/x"),
    ] {
        assert_eq!(canonical(url, None).as_deref(), Some(expected), "{url}");
        assert_eq!(canonical(expected, None).as_deref(), Some(expected), "not stable: {url}");
    }
}

#[test]
fn what_is_no_address_has_none() {
    for url in [
        "",
        "story",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/x",
        "mailto:a@example.com",
        "http://",
        "https://./x",
        "https://www.3../x",
        "https://example..com/x",
    ] {
        assert_eq!(canonical(url, Some("https://example.com/x")), None, "{url}");
    }
    for letter in ["x", "é"] {
        assert_eq!(canonical(&format!("https://example.com/{}", letter.repeat(5000)), None), None);
        assert_eq!(
            canonical(&format!("https://example.com/?q={}", letter.repeat(2000)), None).is_some(),
            letter == "x"
        );
    }
}

#[test]
fn the_page_is_believed_only_of_its_own_site() {
    let of = |page| canonical("https://m.example.com/story?id=3&utm_source=y", Some(page));
    assert_eq!(of("https://www.example.com/world/story").as_deref(), Some("https://www.example.com/world/story"));
    assert_eq!(of("/world/story").as_deref(), Some("https://www.example.com/world/story"));
    assert_eq!(of("https://evil.test/story").as_deref(), Some("https://www.example.com/story?id=3"));
    assert_eq!(of("https://www.example.com/").as_deref(), Some("https://www.example.com/story?id=3"));
    assert_eq!(of("javascript:x").as_deref(), Some("https://www.example.com/story?id=3"));
}

#[test]
fn an_address_says_whose_page_it_is() {
    assert!(is_author_page("/autor/ana-ruiz") && !is_author_page("/authority/ana-ruiz"));
    assert!(is_social("https://x.com/ana") && !is_social("https://example.com/ana"));
    assert!(is_worldwide("TV") && is_worldwide("io") && !is_worldwide("DE"));
}

#[test]
fn a_domain_is_lower_case_without_www() {
    for (url, bare) in [
        ("HTTPS://WWW.Example.Com:8443/x?y", Some("example.com")),
        ("http://münchen.example/", Some("xn--mnchen-3ya.example")),
        ("ftp://example.org/", None),
        ("example.com/a", None),
        ("http://", None),
    ] {
        assert_eq!(domain(url).as_deref(), bare, "{url}");
    }
}

#[test]
fn no_address_comes_out_with_a_login() {
    for url in ["https://desk:secret@example.com/x", "https://desk@example.com/x", "https://:secret@example.com/x"] {
        assert_eq!(absolute(url, None).as_deref(), Some("https://example.com/x"));
        assert_eq!(canonical(url, None), canonical("https://example.com/x", None));
        assert_eq!(canonical("https://example.com/y", Some(url)).as_deref(), Some("https://example.com/x"));
        assert_eq!(absolute("/i.jpg", Some(url)).as_deref(), Some("https://example.com/i.jpg"));
        assert_eq!(absolute(&url[6..], Some("https://example.com/")).as_deref(), Some("https://example.com/x"));
        assert_eq!(domain(url).as_deref(), Some("example.com"));
    }
}

#[test]
fn only_http_addresses_come_out_whole() {
    assert_eq!(absolute("/i/a.jpg", Some("https://example.com/x")).as_deref(), Some("https://example.com/i/a.jpg"));
    assert_eq!(
        absolute("//cdn.example.com/a.jpg", Some("https://example.com/x")).as_deref(),
        Some("https://cdn.example.com/a.jpg")
    );
    assert_eq!(absolute("data:image/gif;base64,AA", Some("https://example.com/x")), None);
    assert_eq!(absolute("/a.jpg", None), None);
}
