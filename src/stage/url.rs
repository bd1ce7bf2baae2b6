//! Addresses to one form: the same article fetched by way of a newsletter, a phone or a cache has one canonical address.
//!
//! Only what says nothing of the article is taken away (data/url.txt); what may name it stays. The same file tells what a link
//! leads to. Never fetches anything.

use std::sync::LazyLock;

use url::Url;

use super::quick::Set;
use super::table;

const RULES: &str = include_str!("data/url.txt");

/// Longest address read, in bytes. Longer ones are data, not addresses.
pub const MAX_URL: usize = 4 << 10;

static PARAMETERS: LazyLock<Set<&'static str>> = LazyLock::new(|| set("parameter"));
static PREFIXES: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(RULES, "prefix"));
static MOBILE: LazyLock<Set<&'static str>> = LazyLock::new(|| set("mobile"));
static PAIRS: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(RULES, "pair"));
static SUFFIXES: LazyLock<Set<&'static str>> = LazyLock::new(|| set("suffix"));
static AUTHORS: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(RULES, "author"));
static SOCIAL: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(RULES, "social"));
static WORLDWIDE: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(RULES, "worldwide"));

fn set(kind: &str) -> Set<&'static str> {
    table::group(RULES, kind).into_iter().collect()
}

/// The canonical form of `url`; `None` when it is no http(s) address. What the page itself calls canonical wins when it
/// lies on the same site and is not merely the site's front page. The scheme is https whichever was used, so one article
/// read both ways is one article.
pub fn canonical(url: &str, page_canonical: Option<&str>) -> Option<String> {
    let own = unwrap_cache(http(url)?);
    let page = page_canonical.and_then(|page| own.join(page.trim()).ok()).filter(|page| trusted(&own, page));
    Some(normal(page.unwrap_or(own)))
}

/// Host of an address, lower case, without `www.`
pub fn domain(url: &str) -> Option<String> {
    http(url)?.host_str().map(bare_host)
}

/// A host in lower case, without `www.`
pub(super) fn bare_host(host: &str) -> String {
    let host = host.to_lowercase();
    let host = host.trim_end_matches('.');
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// `url` when it is an absolute http(s) address with a host, or completed by `base`; never another scheme, and without a login:
/// what a crawler needs to get in is nobody else's.
pub fn absolute(url: &str, base: Option<&str>) -> Option<String> {
    let joined = || http(base?)?.join(url.trim()).ok().filter(is_http);
    let mut whole = http(url).or_else(joined)?;
    // Neither fails on an address with a host.
    let _ = (whole.set_username(""), whole.set_password(None));
    Some(whole.into())
}

/// True for a link to the page of an author.
pub(super) fn is_author_page(link: &str) -> bool {
    AUTHORS.iter().any(|path| link.contains(path))
}

/// True for an address at a social network.
pub(super) fn is_social(link: &str) -> bool {
    SOCIAL.iter().any(|site| link.contains(site))
}

/// True for the top-level domain of a country that the whole world uses.
pub(super) fn is_worldwide(domain: &str) -> bool {
    WORLDWIDE.iter().any(|own| own.eq_ignore_ascii_case(domain))
}

fn http(url: &str) -> Option<Url> {
    let url = url.trim();
    (url.len() <= MAX_URL).then_some(())?;
    // Written out, each byte may take three.
    Url::parse(url).ok().filter(|url| is_http(url) && url.as_str().len() <= MAX_URL)
}

fn is_http(url: &Url) -> bool {
    // `https://./` has a host of nothing but its full stop, and `https://example.com../` one that no name service knows.
    let host = url.host_str().unwrap_or("");
    let named = !host.strip_suffix('.').unwrap_or(host).split('.').any(str::is_empty);
    matches!(url.scheme(), "http" | "https") && named
}

fn trusted(own: &Url, page: &Url) -> bool {
    is_http(page)
        && page.as_str().len() <= MAX_URL
        && site(own) == site(page)
        && (page.path() != "/" || own.path() == "/")
}

/// The part of the host that one publisher holds: two labels, three under a second-level name such as `co.uk`.
fn site(url: &Url) -> String {
    let host = url.host_str().unwrap_or("").trim_end_matches('.');
    let labels: Vec<&str> = host.rsplit('.').collect();
    let under_country = labels.len() > 2 && labels[0].len() == 2 && SUFFIXES.contains(labels[1]);
    let count = if url.domain().is_none() {
        labels.len()
    } else if under_country {
        3
    } else {
        2
    };
    labels.iter().take(count).rev().copied().collect::<Vec<_>>().join(".")
}

/// The publisher's address inside an AMP cache's.
fn unwrap_cache(url: Url) -> Url {
    let host = url.host_str().unwrap_or("");
    let path = url.path();
    let inner = if host.starts_with("www.google.") {
        path.strip_prefix("/amp/")
    } else if host.ends_with(".cdn.ampproject.org") || host == "cdn.ampproject.org" {
        path.get(2..).and_then(|rest| rest.strip_prefix('/'))
    } else {
        None
    };
    let Some(inner) = inner else { return url };
    let inner = inner.strip_prefix("s/").unwrap_or(inner);
    Url::parse(&format!("https://{inner}")).ok().filter(is_http).unwrap_or(url)
}

fn normal(url: Url) -> String {
    let host = host(&url);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = path(url.path());
    let query = query(&url);
    format!("https://{host}{port}{path}{query}")
}

/// The host without its mobile or AMP label: `m.example.com` is `www.example.com`, `en.m.example.org` is `en.example.org`.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("").trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let site_labels = site(url).split('.').count();
    if url.domain().is_none() || labels.len() <= site_labels {
        return host.to_owned();
    }
    let (sub, site) = labels.split_at(labels.len() - site_labels);
    let kept: Vec<&str> = sub.iter().copied().filter(|label| !MOBILE.contains(label)).collect();
    let kept = if kept.is_empty() { vec!["www"] } else { kept };
    [kept.as_slice(), site].concat().join(".")
}

/// The path without the parts of AMP, print and index pages, doubled and trailing slashes.
fn path(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 && parts.last() == Some(&"amp") {
        parts.pop();
    } else if parts.len() > 1 && parts.first() == Some(&"amp") {
        parts.remove(0);
    }
    // `/media/print` is a section; behind a story's own part it is the story, to be printed.
    if parts.len() > 2 && parts.last() == Some(&"print") || matches!(parts.last(), Some(&("index.html" | "index.htm")))
    {
        parts.pop();
    }
    let mut joined = parts.iter().map(|part| format!("/{part}")).collect::<String>();
    for (form, plain) in [(".amp.html", ".html"), (".amp", ""), (".amp.htm", ".htm")] {
        if let Some(stem) = joined.strip_suffix(form) {
            joined = format!("{stem}{plain}");
        }
    }
    if joined.is_empty() { "/".to_owned() } else { joined }
}

/// The parameters that may name the article, in the order of their names.
fn query(url: &Url) -> String {
    let Some(query) = url.query() else { return String::new() };
    let mut kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !tracks(pair)).collect();
    kept.sort_by_key(|pair| pair.split('=').next());
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}

fn tracks(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or("").to_ascii_lowercase();
    let printed = PAIRS.iter().any(|own| own.eq_ignore_ascii_case(pair));
    printed || PARAMETERS.contains(name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests;
