//! A small TCP proxy in front of one broker: cuts, slows, delays, swallows; and stops one connection at a request of a kind.
//!
//! It reads what clients send frame by frame (Kafka protocol: length, API key, API version, ...), so that a fault may fall
//! between two requests that take a millisecond.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// API keys of the protocol guide.
pub const TXN_OFFSET_COMMIT: i16 = 28;
pub const END_TXN: i16 = 26;

/// How often a waiting connection looks whether anything changed.
const TICK: Duration = Duration::from_millis(20);

/// What the next request of a kind meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It never arrives; its connection hangs.
    Lost,
    /// It arrives, and nothing comes back: its connection hangs.
    Unanswered,
    /// It arrives, and its connection is cut.
    Cut,
}

struct Trap {
    api: i16,
    fate: Fate,
    sprung: Sender<u16>,
}

#[derive(Default)]
struct Weather {
    cut: AtomicBool,
    silent: AtomicBool,
    bytes_a_second: AtomicU64,
    delay_millis: AtomicU64,
    trap: Mutex<Option<Trap>>,
}

/// A proxy that runs until the program ends.
#[derive(Clone)]
pub struct Proxy(Arc<Weather>);

impl Proxy {
    /// Listens on `port` and passes on to `to`, both on the loopback address.
    pub fn start(port: u16, to: u16) -> std::io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let proxy = Proxy(Arc::default());
        let weather = proxy.0.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // No broker, or a cut: the client sees its connection closed.
                if !weather.cut.load(Ordering::SeqCst)
                    && let Ok(broker) = TcpStream::connect(("127.0.0.1", to))
                {
                    let _ = join(client, broker, &weather);
                }
            }
        });
        Ok(proxy)
    }

    /// Closes all connections and refuses new ones; or lets them in again.
    pub fn cut(&self, cut: bool) {
        self.0.cut.store(cut, Ordering::SeqCst);
    }

    /// Keeps connections and passes nothing on, as a link that died unnoticed; or passes on again.
    pub fn silent(&self, silent: bool) {
        self.0.silent.store(silent, Ordering::SeqCst);
    }

    /// Bytes a second of each connection and direction; 0 is as fast as it goes.
    pub fn pace(&self, bytes_a_second: u64) {
        self.0.bytes_a_second.store(bytes_a_second, Ordering::SeqCst);
    }

    /// Time that each direction takes.
    pub fn delay(&self, delay: Duration) {
        self.0.delay_millis.store(delay.as_millis() as u64, Ordering::SeqCst);
    }

    /// Waits for the next request with an API key and does to it what `fate` says. Gives the client's port then.
    pub fn trap(&self, api: i16, fate: Fate) -> Receiver<u16> {
        let (sprung, springs) = channel();
        *self.0.trap.lock().unwrap() = Some(Trap { api, fate, sprung });
        springs
    }

    /// Takes a trap that was not sprung away.
    pub fn disarm(&self) {
        self.0.trap.lock().unwrap().take();
    }
}

/// One end of a connection through the proxy.
struct Pump {
    from: TcpStream,
    to: TcpStream,
    weather: Arc<Weather>,
    /// Nothing comes back to the client any more.
    hanging: Arc<AtomicBool>,
    /// Of what the client sends: where frames begin, and its port.
    requests: Option<(Frames, u16)>,
}

fn join(client: TcpStream, broker: TcpStream, weather: &Arc<Weather>) -> std::io::Result<()> {
    for stream in [&client, &broker] {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TICK))?;
    }
    let hanging = Arc::<AtomicBool>::default();
    let port = client.peer_addr()?.port();
    let there = (client.try_clone()?, broker.try_clone()?, Some((Frames::default(), port)));
    for (from, to, requests) in [there, (broker, client, None)] {
        let pump = Pump { from, to, weather: weather.clone(), hanging: hanging.clone(), requests };
        std::thread::spawn(move || pump.run());
    }
    Ok(())
}

impl Pump {
    fn run(mut self) {
        let mut buffer = vec![0; 64 * 1024];
        while !self.weather.cut.load(Ordering::SeqCst) {
            if self.weather.silent.load(Ordering::SeqCst) || self.hanging.load(Ordering::SeqCst) {
                if self.gone() {
                    break;
                }
                std::thread::park_timeout(TICK);
                continue;
            }
            match self.from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) if self.pass(&buffer[..read]).is_err() => break,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                }
                Err(_) => break,
            }
        }
        let _ = self.from.shutdown(Shutdown::Both);
        let _ = self.to.shutdown(Shutdown::Both);
    }

    /// A connection on which nothing passes must still end with its client.
    fn gone(&self) -> bool {
        let mut one = [0];
        matches!(self.from.peek(&mut one), Ok(0)) || self.from.take_error().is_ok_and(|error| error.is_some())
    }

    fn pass(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let until = Instant::now() + Duration::from_millis(self.weather.delay_millis.load(Ordering::SeqCst));
        self.wait(until);
        match self.trapped(bytes) {
            None => self.send(bytes),
            Some((trap, upto)) => {
                self.hanging.store(trap.fate != Fate::Cut, Ordering::SeqCst);
                self.send(&bytes[..upto])?;
                let _ = trap.sprung.send(self.requests.as_ref().map_or(0, |(_, port)| *port));
                if trap.fate == Fate::Cut { Err(std::io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
            }
        }
    }

    /// The trap that a request in `bytes` springs, and how much of them still passes.
    fn trapped(&mut self, bytes: &[u8]) -> Option<(Trap, usize)> {
        let (frames, _) = self.requests.as_mut()?;
        frames.read(bytes).into_iter().find_map(|(at, end, api)| {
            let trap = self.weather.trap.lock().unwrap().take_if(|trap| trap.api == api)?;
            let upto = if trap.fate == Fate::Lost { at } else { end.min(bytes.len()) };
            Some((trap, upto))
        })
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let pace = self.weather.bytes_a_second.load(Ordering::SeqCst);
        let piece = if pace == 0 { bytes.len() } else { (pace / 50).max(1) as usize };
        for part in bytes.chunks(piece.max(1)) {
            self.to.write_all(part)?;
            if pace > 0 {
                self.wait(Instant::now() + Duration::from_secs_f64(part.len() as f64 / pace as f64));
            }
        }
        Ok(())
    }

    fn wait(&self, until: Instant) {
        while Instant::now() < until && !self.weather.cut.load(Ordering::SeqCst) {
            std::thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}

/// Finds the requests in a stream of bytes.
#[derive(Default)]
struct Frames {
    /// Bytes of the frame under way that are still to come.
    left: usize,
    /// The beginning of a frame: length and API key.
    head: Vec<u8>,
}

impl Frames {
    /// The frames that begin in `bytes`: where, where they end, and their API key. A frame whose head is torn is given at
    /// the place where its head is whole.
    fn read(&mut self, bytes: &[u8]) -> Vec<(usize, usize, i16)> {
        let (mut at, mut frames) = (0, Vec::new());
        while at < bytes.len() {
            if self.left > 0 {
                let skip = self.left.min(bytes.len() - at);
                self.left -= skip;
                at += skip;
                continue;
            }
            let begun = at.saturating_sub(self.head.len());
            while self.head.len() < 6 && at < bytes.len() {
                self.head.push(bytes[at]);
                at += 1;
            }
            if let [a, b, c, d, e, f] = self.head[..] {
                self.left = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_sub(2);
                frames.push((begun, at + self.left, i16::from_be_bytes([e, f])));
                self.head.clear();
            }
        }
        frames
    }
}

/// The process of this machine that holds a TCP port of the loopback address, among `candidates` (Linux).
pub fn holder(port: u16, candidates: &[u32]) -> Option<u32> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let local = format!("0100007F:{port:04X}");
    let inode = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let inode = inode.filter(|f| f.len() > 9 && f[1] == local && f[9] != "0").map(|f| f[9].to_owned()).next()?;
    let socket = format!("socket:[{inode}]");
    candidates.iter().copied().find(|pid| {
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|link| link.as_os_str() == &*socket)
    })
}
