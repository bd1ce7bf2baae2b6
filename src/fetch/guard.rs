//! Where a link may lead: http and https, ports 80 and 443, public addresses.
//!
//! The URL is checked before every request, redirects included; a name is resolved here, and the connection uses the
//! very addresses that were checked, so a name that changes its answer gains nothing. Never connects by itself.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Address blocks that are not the public internet, after the IANA special-purpose registry: base, prefix length, name.
const BLOCKED_V4: [(Ipv4Addr, u8, &str); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "unspecified"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "carrier-grade NAT"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved or broadcast"),
];

/// The same for IPv6. What remains must also lie in 2000::/3, the only block ever given out for the internet.
const BLOCKED_V6: [(Ipv6Addr, u8, &str); 12] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "IPv4-mapped"),
    (Ipv6Addr::UNSPECIFIED, 96, "IPv4-compatible"),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 32, "NAT64"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "Teredo or protocol assignments"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// Why a link is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; fetch.allow names hosts that are excepted")]
pub struct Blocked(String);

/// By which way a URL may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Only at addresses that the guard has seen.
    Public,
    /// `fetch.allow` names it: at any address and port.
    Allowed,
}

/// The address and port guard. As a resolver it gives addresses only when all of them are public.
#[derive(Debug)]
pub struct Guard {
    allow: BTreeSet<String>,
    lookup: Lookup,
}

/// Finds the addresses of a name.
pub type Lookup = fn(String) -> Looking;
/// The search for them.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks the system.
fn system(name: String) -> Looking {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) })
}

impl Guard {
    /// A guard that makes exceptions for `allow`: `host` or `host:port`.
    pub fn new(allow: &[String]) -> Guard {
        Guard::resolving(allow, system)
    }

    /// A guard that asks `lookup` for addresses.
    pub fn resolving(allow: &[String], lookup: Lookup) -> Guard {
        Guard { allow: allow.iter().map(|entry| entry.trim().to_lowercase()).collect(), lookup }
    }

    /// Whether `url` may be asked for, as far as the URL itself shows.
    pub fn check(&self, url: &Url) -> Result<Trust, Blocked> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Blocked(format!("scheme {:.20} is neither http nor https", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Blocked("a URL with a login in it".to_owned()));
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Blocked("a URL without a host".to_owned()));
        };
        let name = host.to_string();
        if self.allow.contains(&name) || self.allow.contains(&format!("{name}:{port}")) {
            return Ok(Trust::Allowed);
        }
        if !matches!(port, 80 | 443) {
            return Err(Blocked(format!("port {port} is neither 80 nor 443")));
        }
        match host {
            Host::Ipv4(address) => check_address(address.into())?,
            Host::Ipv6(address) => check_address(address.into())?,
            Host::Domain(_) => {}
        }
        Ok(Trust::Public)
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.lookup;
        Box::pin(async move {
            let found = lookup(name.as_str().to_owned()).await?;
            for address in &found {
                check_address(*address)?;
            }
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// Refuses an address that is not on the public internet.
fn check_address(address: IpAddr) -> Result<(), Blocked> {
    let kind = match address {
        IpAddr::V4(v4) => kind_v4(v4),
        IpAddr::V6(v6) => kind_v6(v6),
    };
    kind.map_or(Ok(()), |kind| Err(Blocked(format!("{address} is no public address ({kind})"))))
}

fn kind_v4(address: Ipv4Addr) -> Option<&'static str> {
    let within = |base: Ipv4Addr, length: u8| (address.to_bits() ^ base.to_bits()).leading_zeros() >= u32::from(length);
    BLOCKED_V4.into_iter().find(|(base, length, _)| within(*base, *length)).map(|(_, _, kind)| kind)
}

fn kind_v6(address: Ipv6Addr) -> Option<&'static str> {
    let within = |base: Ipv6Addr, length: u8| (address.to_bits() ^ base.to_bits()).leading_zeros() >= u32::from(length);
    let blocked = BLOCKED_V6.into_iter().find(|(base, length, _)| within(*base, *length)).map(|(_, _, kind)| kind);
    let internet = within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    blocked.or((!internet).then_some("not global unicast"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(address: &str) -> Option<&'static str> {
        match address.parse().unwrap() {
            IpAddr::V4(v4) => kind_v4(v4),
            IpAddr::V6(v6) => kind_v6(v6),
        }
    }

    #[test]
    fn every_block_has_both_edges() {
        let cases = [
            ("0.255.255.255", Some("unspecified"), "1.0.0.0"),
            ("10.255.255.255", Some("private"), "11.0.0.0"),
            ("100.64.0.0", Some("carrier-grade NAT"), "100.63.255.255"),
            ("100.127.255.255", Some("carrier-grade NAT"), "100.128.0.0"),
            ("127.255.255.255", Some("loopback"), "128.0.0.0"),
            ("169.254.169.254", Some("link-local"), "169.255.0.0"),
            ("172.31.255.255", Some("private"), "172.32.0.0"),
            ("172.16.0.0", Some("private"), "172.15.255.255"),
            ("192.0.0.255", Some("protocol assignments"), "192.0.1.0"),
            ("192.0.2.255", Some("documentation"), "192.0.3.0"),
            ("192.88.99.1", Some("6to4 relay"), "192.88.100.0"),
            ("192.168.255.255", Some("private"), "192.169.0.0"),
            ("198.19.255.255", Some("benchmarking"), "198.20.0.0"),
            ("198.51.100.1", Some("documentation"), "198.51.101.0"),
            ("203.0.113.255", Some("documentation"), "203.0.114.0"),
            ("224.0.0.1", Some("multicast"), "223.255.255.255"),
            ("255.255.255.255", Some("reserved or broadcast"), "8.8.8.8"),
            ("::", Some("unspecified"), "2001:4860:4860::8888"),
            ("::1", Some("loopback"), "2606:4700::1"),
            ("::7f00:1", Some("IPv4-compatible"), "2a00::"),
            ("::ffff:8.8.8.8", Some("IPv4-mapped"), "2000::"),
            ("64:ff9b::7f00:1", Some("NAT64"), "2003::"),
            ("64:ff9b:1::1", Some("NAT64"), "2600::"),
            ("2001::1", Some("Teredo or protocol assignments"), "2001:200::"),
            ("2001:1ff:ffff::", Some("Teredo or protocol assignments"), "2001:db7::"),
            ("2001:db8:ffff::", Some("documentation"), "2001:db9::"),
            ("2002:7f00:1::", Some("6to4"), "2400::"),
            ("3fff:fff::", Some("documentation"), "3fff:1000::"),
            ("fdff::1", Some("unique local"), "2800::"),
            ("fe80::1", Some("link-local"), "2c00::"),
            ("ff02::1", Some("multicast"), "2610::"),
            ("fec0::1", Some("not global unicast"), "2620::"),
            ("4000::", Some("not global unicast"), "3ffe::"),
            ("100::1", Some("not global unicast"), "2700::"),
        ];
        for (inside, expected, outside) in cases {
            assert_eq!(kind(inside), expected, "{inside}");
            assert_eq!(kind(outside), None, "{outside}");
        }
    }

    #[test]
    fn allowed_hosts_are_excepted_with_their_port_only_when_it_is_named() {
        let guard = Guard::new(&["127.0.0.1:8080".into(), "Intranet".into(), "[::1]:81".into()]);
        let check = |url: &str| guard.check(&Url::parse(url).unwrap()).ok();
        assert_eq!(check("http://127.0.0.1:8080/"), Some(Trust::Allowed));
        assert_eq!(check("http://127.0.0.1/"), None);
        assert_eq!(check("http://intranet:9000/"), Some(Trust::Allowed));
        assert_eq!(check("http://[::1]:81/"), Some(Trust::Allowed));
        assert_eq!(check("http://user@intranet/"), None);
        assert_eq!(check("ftp://intranet/"), None);
        assert_eq!(check("https://example.org/"), Some(Trust::Public));
        assert_eq!(check("https://example.org:80/"), Some(Trust::Public));
        assert_eq!(check("https://example.org:8443/"), None);
    }
}
