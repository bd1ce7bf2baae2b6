//! `health`: asks a running worker how it is, for images without a shell and without curl.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context;

use super::{Exit, Global, print};

/// How long an answer may take: shorter than the usual timeout of a probe.
const PATIENCE: Duration = Duration::from_secs(3);

/// Largest answer read; a healthy one has 14 bytes.
const MAX_ANSWER: u64 = 64 << 10;

/// Asks the worker on this machine whether it is ready; ends with 1 when it is not
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Asks whether it makes progress (/livez) instead of whether it is ready (/readyz)
    #[arg(long)]
    live: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let Some(listen) = global.load()?.settings.http.listen else {
        return Err(Exit::Config.because("http.listen is \"off\": there is nothing to ask"));
    };
    if listen.port() == 0 {
        return Err(Exit::Config.because("http.listen has port 0: nobody knows which port the worker took"));
    }
    let address = reachable(listen);
    let path = if args.live { "/livez" } else { "/readyz" };
    match ask(address, path).with_context(|| format!("asking http://{address}{path}")) {
        Ok((200, body)) => print(&format!("{body}\n")).map(|()| Exit::Done),
        Ok((_, body)) => print(&format!("{body}\n")).map(|()| Exit::No),
        Err(error) => Err(Exit::No.of(error)),
    }
}

/// A listener on all addresses is asked on the loopback one.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Status and body of the answer to a GET.
fn ask(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    parse(&String::from_utf8_lossy(&answer)).context("the answer is no HTTP: another program listens there")
}

fn parse(answer: &str) -> Option<(u16, String)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_loopback() {
        let ask = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(ask("0.0.0.0:9464"), "127.0.0.1:9464");
        assert_eq!(ask("[::]:9464"), "[::1]:9464");
        assert_eq!(ask("10.1.2.3:9464"), "10.1.2.3:9464");
    }

    #[test]
    fn an_answer_is_status_and_body() {
        assert_eq!(parse("HTTP/1.1 503 Service Unavailable\r\na: b\r\n\r\n{}"), Some((503, "{}".to_owned())));
        assert_eq!(parse("SSH-2.0-OpenSSH\r\n"), None);
    }
}
