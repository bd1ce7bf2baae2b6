//! A server on loopback that answers as a test wants it. It judges nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What a test server does with a request.
pub enum Answer {
    /// Sends these bytes and closes.
    Close(Vec<u8>),
    /// Sends these bytes and then nothing more, ever.
    Hang(Vec<u8>),
    /// Sends the first, then the second again and again, with a pause before each.
    Forever(Vec<u8>, Vec<u8>, Duration),
}

/// A server on loopback that counts the connections made to it.
pub struct Site {
    pub address: String,
    hits: Arc<AtomicUsize>,
    /// Bytes that were sent again and again.
    sent: Arc<AtomicUsize>,
}

impl Site {
    /// `answer` gets the path and the number of the connection, from 1.
    pub async fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (hits, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counter, poured, answer) = (hits.clone(), sent.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let hit = counter.fetch_add(1, Ordering::SeqCst) + 1;
                let (answer, poured) = (answer.clone(), poured.clone());
                tokio::spawn(async move {
                    let request = head(&mut stream).await;
                    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                    let (bytes, hang) = match answer(&path, hit) {
                        Answer::Close(bytes) => (bytes, false),
                        Answer::Hang(bytes) => (bytes, true),
                        Answer::Forever(bytes, piece, pause) => {
                            let _ = stream.write_all(&bytes).await;
                            while stream.write_all(&piece).await.is_ok() {
                                poured.fetch_add(piece.len(), Ordering::SeqCst);
                                if !pause.is_zero() {
                                    tokio::time::sleep(pause).await;
                                }
                            }
                            return;
                        }
                    };
                    let _ = stream.write_all(&bytes).await;
                    if hang {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Site { address, hits, sent }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Nobody listens there any more.
    pub fn gone(address: String) -> Site {
        Site { address, hits: Arc::default(), sent: Arc::default() }
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// Bytes that were sent again and again.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

async fn head(stream: &mut tokio::net::TcpStream) -> String {
    let (mut request, mut piece) = (Vec::new(), [0; 1024]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}
