//! A listener that cannot be starved: every connection is bounded in bytes and time, and a full house makes room by
//! closing the connection that has been there longest.
//!
//! Prometheus and a kubelet send a short request and read the answer at once. Whatever behaves otherwise loses its
//! connection, never theirs.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections at once. Higher: a flood eats file descriptors that the broker client needs. Lower: several
    /// scrapers and probes at once push each other out.
    pub connections: usize,
    /// Bytes between two answers: head and body of one request.
    pub request: usize,
    /// Time between two answers, and for the first one.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connections: 64, request: 16 << 10, silence: Duration::from_secs(10) }
    }
}

/// Accepts without limit, keeps at most `limits.connections`.
pub(super) struct Bounded {
    listener: TcpListener,
    limits: Limits,
    open: VecDeque<CancellationToken>,
}

impl Bounded {
    pub(super) fn new(listener: TcpListener, limits: Limits) -> Bounded {
        Bounded { listener, limits, open: VecDeque::new() }
    }

    /// Takes a place for one more connection, closing the oldest one when there is none left.
    fn admit(&mut self) -> CancellationToken {
        // A connection that ended by itself cancelled its token.
        self.open.retain(|token| !token.is_cancelled());
        if self.open.len() >= self.limits.connections
            && let Some(oldest) = self.open.pop_front()
        {
            oldest.cancel();
        }
        let token = CancellationToken::new();
        self.open.push_back(token.clone());
        token
    }
}

impl Listener for Bounded {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => return (Connection::new(stream, self.limits, self.admit()), peer),
                // Out of file descriptors, or the peer is gone already. Not logged: a flood would flood the log.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection, within its limits.
pub(super) struct Connection {
    stream: TcpStream,
    limits: Limits,
    /// Bytes read since the last answer.
    read: usize,
    silence: Pin<Box<Sleep>>,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
    token: CancellationToken,
}

impl Connection {
    fn new(stream: TcpStream, limits: Limits, token: CancellationToken) -> Connection {
        Connection {
            stream,
            limits,
            read: 0,
            silence: Box::pin(sleep(limits.silence)),
            closed: Box::pin(token.clone().cancelled_owned()),
            token,
        }
    }

    /// An error once the connection has been closed to make room, or was silent for too long.
    fn allowed(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.closed.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "closed to make room"));
        }
        if self.silence.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no request in time"));
        }
        Ok(())
    }

    /// An answer went out: the next request has its own limits.
    fn answered(&mut self) {
        self.read = 0;
        self.silence.as_mut().reset(Instant::now() + self.limits.silence);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.allowed(cx)?;
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read += buf.filled().len() - before;
        if self.read > self.limits.request {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "request too large")));
        }
        poll
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.allowed(cx)?;
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(_)) = poll {
            self.answered();
        }
        poll
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
