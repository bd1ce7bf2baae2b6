//! What a service manager is told over its socket (systemd, `Type=notify`): ready, alive, stopping, and why not ready.
//!
//! The protocol is a datagram of `NAME=value` lines. Whether anybody listens changes nothing here: it must never hold the
//! worker up, and a message that cannot be sent is dropped.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::http::Health;

/// Between two signs of life. A manager that watches expects one within its own bound, usually a minute or more.
const EVERY: Duration = Duration::from_secs(1);

/// The manager's socket.
pub struct Service {
    socket: UnixDatagram,
    manager: SocketAddr,
}

impl Service {
    /// Opens the socket that the manager named in NOTIFY_SOCKET: a path, or `@` and an abstract name.
    ///
    /// # Errors
    /// When the name is no address of a socket.
    pub fn at(name: &str) -> std::io::Result<Service> {
        let manager = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Service { socket, manager })
    }

    /// Tells the manager how the worker is, until the task is dropped: alive while the driver makes steps, ready once, and
    /// that it stops once `stop` is cancelled.
    pub async fn report(self, health: Arc<Health>, stop: CancellationToken) {
        let mut told = Told::default();
        let mut seconds = tokio::time::interval(EVERY);
        loop {
            let stopping = stop.is_cancelled();
            let (state, then) = told.next(&health, stopping, Instant::now());
            // The manager may be gone, or slow: the next second says again what it did not take.
            if self.socket.send_to_addr(state.as_bytes(), &self.manager).is_ok() {
                told = then;
            }
            tokio::select! {
                _ = seconds.tick() => {}
                () = stop.cancelled(), if !stopping => {}
            }
        }
    }
}

/// What the manager took already.
#[derive(Default)]
struct Told {
    ready: bool,
    stopping: bool,
    status: String,
}

impl Told {
    /// What is to be said now, and what was said once the manager took it.
    fn next(&self, health: &Health, stopping: bool, now: Instant) -> (String, Told) {
        let status = if stopping { "stopping".to_owned() } else { status(health) };
        let then = Told { ready: self.ready || health.is_ready(), stopping: self.stopping || stopping, status };
        let mut lines = Vec::new();
        if then.ready && !self.ready {
            lines.push("READY=1".to_owned());
        }
        if then.stopping && !self.stopping {
            lines.push("STOPPING=1".to_owned());
        }
        if then.status != self.status {
            lines.push(format!("STATUS={}", then.status));
        }
        if health.stalled(now).is_none() {
            lines.push("WATCHDOG=1".to_owned());
        }
        (lines.join("\n"), then)
    }
}

/// One line: ready, or what it waits for.
fn status(health: &Health) -> String {
    let reasons = health.reasons();
    if reasons.is_empty() {
        return "ready".to_owned();
    }
    let reasons: Vec<String> = reasons.iter().map(|(what, why)| format!("{}: {why}", what.name())).collect();
    format!("waiting for {}", reasons.join("; ").replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Condition;

    fn health() -> Health {
        Health::new(Duration::from_secs(60), &[Condition::PrintLog])
    }

    #[test]
    fn each_thing_is_said_when_it_becomes_true_and_life_every_time() {
        let (health, mut told, now) = (health(), Told::default(), Instant::now());
        let mut say = |stopping, now| {
            let (state, then) = told.next(&health, stopping, now);
            told = then;
            state
        };
        assert_eq!(say(false, now), "STATUS=waiting for print_log: not yet\nWATCHDOG=1");
        assert_eq!(say(false, now), "WATCHDOG=1");
        health.met(Condition::PrintLog);
        assert_eq!(say(false, now), "READY=1\nSTATUS=ready\nWATCHDOG=1");
        health.unmet(Condition::PrintLog, "two\nlines");
        assert_eq!(say(false, now), "STATUS=waiting for print_log: two lines\nWATCHDOG=1");
        health.met(Condition::PrintLog);
        assert_eq!(say(false, now), "STATUS=ready\nWATCHDOG=1", "ready is said once");
        assert_eq!(say(true, now), "STOPPING=1\nSTATUS=stopping\nWATCHDOG=1");
        assert_eq!(say(true, now + Duration::from_secs(100)), "", "a worker that hangs says nothing");
    }

    /// A test has one thread for its tasks: the report runs when the test waits, and then as far as it gets.
    #[tokio::test]
    async fn what_nobody_took_is_said_again() {
        let name = format!("copydesk-test-late-{}", std::process::id());
        let health = Arc::new(health());
        health.met(Condition::PrintLog);
        let service = Service::at(&format!("@{name}")).unwrap();
        let task = tokio::spawn(service.report(health, CancellationToken::new()));
        tokio::task::yield_now().await;
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        manager.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let hear = move || {
            let mut text = [0; 200];
            let bytes = manager.recv(&mut text).unwrap();
            String::from_utf8_lossy(&text[..bytes]).into_owned()
        };
        assert_eq!(tokio::task::spawn_blocking(hear).await.unwrap(), "READY=1\nSTATUS=ready\nWATCHDOG=1");
        task.abort();
    }

    #[tokio::test]
    async fn the_manager_hears_it() {
        let name = format!("copydesk-test-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        manager.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let health = Arc::new(health());
        health.met(Condition::PrintLog);
        let stop = CancellationToken::new();
        let task = tokio::spawn(Service::at(&format!("@{name}")).unwrap().report(health, stop.clone()));
        let hear = move || {
            let mut text = [0; 200];
            let bytes = manager.recv(&mut text).unwrap();
            (String::from_utf8_lossy(&text[..bytes]).into_owned(), manager)
        };
        let (heard, manager) = tokio::task::spawn_blocking(hear).await.unwrap();
        assert_eq!(heard, "READY=1\nSTATUS=ready\nWATCHDOG=1");
        stop.cancel();
        let until_stopping = move || {
            let mut text = [0; 200];
            loop {
                let bytes = manager.recv(&mut text).unwrap();
                if text[..bytes].starts_with(b"STOPPING=1") {
                    return;
                }
            }
        };
        tokio::task::spawn_blocking(until_stopping).await.unwrap();
        task.abort();
    }

    #[test]
    fn a_name_that_is_no_address_is_an_error() {
        assert!(Service::at(&"x".repeat(200)).is_err());
    }
}
