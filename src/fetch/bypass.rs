//! Links that try to get past the guard: none may reach the canary, none may be taken for a page.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use super::guard::{Guard, Looking};
use super::tests::{Site, page, redirect};
use super::*;

fn links() -> impl Iterator<Item = &'static str> {
    include_str!("bypass.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// Resolves names that say their address; the network is never asked.
fn lookup(name: String) -> Looking {
    Box::pin(std::future::ready(addresses(name.trim_end_matches('.'))))
}

fn addresses(name: &str) -> io::Result<Vec<IpAddr>> {
    let public = IpAddr::from([93, 184, 216, 34]);
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(vec![Ipv4Addr::LOCALHOST.into()]);
    }
    let label = name.strip_suffix(".names.test").ok_or(io::ErrorKind::NotFound)?;
    if label == "mixed" {
        return Ok(vec![public, Ipv4Addr::LOCALHOST.into()]);
    }
    let address = label.strip_prefix("v6-").map(|v6| v6.replace('-', ":"));
    let address = address.as_deref().unwrap_or(label).parse();
    Ok(vec![address.map_err(io::Error::other)?])
}

fn fetcher(allow: Vec<String>) -> Fetcher {
    let settings = Fetch { timeout: Duration::from_secs(5), allow, ..Fetch::default() };
    Fetcher::guarded_by(&settings, Guard::resolving(&settings.allow, lookup)).unwrap()
}

async fn canary() -> Site {
    Site::start(|_, _| page("text/html", b"<p>You should not be here")).await
}

#[test]
fn the_links_are_many_and_none_is_there_twice() {
    let unique: BTreeSet<&str> = links().collect();
    assert_eq!(links().count(), unique.len());
    assert!(unique.len() >= 200, "{}", unique.len());
}

#[tokio::test]
async fn no_link_gets_past_the_guard_and_the_canary_is_never_reached() {
    let (canary, fetcher) = (canary().await, fetcher(Vec::new()));
    let port = canary.address.rsplit(':').next().and_then(|port| port.parse().ok());
    let mut wrong = Vec::new();
    for link in links() {
        let at_canary = Url::parse(link).ok().and_then(|mut url| url.set_port(port).ok().map(|()| url.to_string()));
        for link in [Some(link.to_owned()), at_canary].into_iter().flatten() {
            match fetcher.page(&link).await {
                Err(FetchError::Refused(_)) => {}
                other => wrong.push(format!("{link:?} is not refused: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(canary.hits(), 0);
}

#[tokio::test]
async fn no_redirect_gets_past_it_either() {
    let canary = canary().await;
    let port = canary.address.rsplit(':').next().and_then(|port| port.parse().ok());
    let to_canary = move |link: &str| {
        let moved = Url::parse(link).ok().and_then(|mut url| url.set_port(port).ok().map(|()| url.to_string()));
        moved.unwrap_or_else(|| link.to_owned())
    };
    // What is an address on the site that redirects ends there, at no page.
    let site = Site::start(move |path, _| match path.strip_prefix("/to/").and_then(|n| n.parse::<usize>().ok()) {
        Some(n) => {
            let link = links().nth(n / 2).unwrap_or_default();
            redirect(&if n % 2 == 0 { link.to_owned() } else { to_canary(link) })
        }
        None => page("image/png", b"x"),
    })
    .await;
    let fetcher = fetcher(vec![site.address.clone()]);
    for n in 0..links().count() * 2 {
        let answer = fetcher.page(&site.url(&format!("/to/{n}"))).await;
        assert!(answer.is_err(), "{:?} redirected to a page: {answer:?}", links().nth(n / 2));
    }
    assert_eq!(canary.hits(), 0);
}

#[test]
fn a_name_that_says_a_public_address_is_found() {
    assert_eq!(addresses("8.8.8.8.names.test").unwrap(), [IpAddr::from([8, 8, 8, 8])]);
    assert!(addresses("example.org").is_err());
}
