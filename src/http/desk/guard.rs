//! Who may ask: a browser on this machine that was sent here by nobody else.
//!
//! A page of another site can send its visitors' browsers to 127.0.0.1, under a name of its own that resolves there (DNS
//! rebinding), and then read what the desk shows. Such a request carries that name in `Host`. A name that cannot be pointed
//! elsewhere is an address or `localhost`, so nothing else is answered.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::refuse;

/// Lets a request through, or refuses it with a sentence that says what to do.
pub(super) async fn check(request: Request, next: Next) -> Response {
    let Some(host) = text(request.headers(), &HOST) else {
        return refuse(StatusCode::BAD_REQUEST, "the request names no host");
    };
    if !cannot_move(host) {
        return refuse(StatusCode::FORBIDDEN, "ask by address or as localhost: other names may lead elsewhere");
    }
    // A browser says which page asks, where that is another one.
    let origin = text(request.headers(), &ORIGIN);
    if origin.is_some_and(|origin| origin.split_once("://").map(|(_, from)| from) != Some(host)) {
        return refuse(StatusCode::FORBIDDEN, "another page asks: open this one itself");
    }
    next.run(request).await
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a `Host` header names an address, or `localhost`.
fn cannot_move(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return address.parse::<Ipv6Addr>().is_ok() && is_port(port);
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    is_port(port) && (name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok())
}

/// Nothing, or a colon and a port.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_cannot_be_pointed_elsewhere_are_answered() {
        for host in ["127.0.0.1:9465", "127.0.0.1", "localhost:9465", "LOCALHOST", "[::1]:9465", "[::1]", "10.0.0.7:80"]
        {
            assert!(cannot_move(host), "{host}");
        }
        for host in [
            "",
            "evil.test",
            "evil.test:9465",
            "localhost.evil.test",
            "127.0.0.1.evil.test:9465",
            "127.0.0.1:x",
            "[::1",
            "[evil]:1",
            "localhost:",
            "::1",
            "127.0.0.1:9465:1",
            "127.0.0.1@evil.test",
        ] {
            assert!(!cannot_move(host), "{host}");
        }
    }
}
