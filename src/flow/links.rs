//! The fetch flow: links to pages, pages to raw records, in order. What cannot be fetched goes to the dead letters.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;

use super::deliver::{Limits, Message, dead_letter, output_headers, room};
use super::room::{Held, Room};
use super::{Delivery, Flow, Intake, LaneId, Parcel, Taken, hand_on, records};
use crate::fetch::{Fetcher, record};
use crate::metrics::Tally;
use crate::outcome::{Reason, Rejection, Route, Stage};
use crate::record::Record;
use crate::settings::{Fetch, Settings};

/// Fetches the pages that links name.
pub struct Links {
    inner: Arc<Inner>,
    runtime: Handle,
}

struct Inner {
    fetcher: Fetcher,
    attempts: u32,
    /// Requests under way, over all lanes: a page is of unknown size until it is here.
    ahead: usize,
    room: Room,
    limits: Limits,
}

impl Links {
    /// A fetch flow with the limits of `[fetch]`. The pages that are here and not yet written take about `memory` bytes;
    /// those under way come on top, each up to `fetch.max_body`.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(settings: &Settings, limits: Limits, memory: usize, runtime: Handle) -> anyhow::Result<Links> {
        let ahead = settings.fetch.concurrency.max(1);
        // A page that is larger than its topic takes dies anyway; two bytes a character are the most that become one.
        let max_body = settings.fetch.max_body.min(2 * limits.raw as u64);
        let fetcher = Fetcher::new(&Fetch { max_body, ..settings.fetch.clone() })?;
        let (attempts, room) = (settings.fetch.attempts, Room::new(memory, ahead));
        Ok(Links { inner: Arc::new(Inner { fetcher, attempts, ahead, room, limits }), runtime })
    }
}

impl Flow for Links {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        Intake::open(&self.runtime, lane, out, |intake, out| run(self.inner.clone(), lane, intake, out))
    }
}

async fn run(links: Arc<Inner>, lane: LaneId, intake: UnboundedReceiver<Taken>, out: Sender<Delivery>) {
    let done = records(intake, links.room.clone()).map(|(taken, held)| links.fetch(taken, held)).buffered(links.ahead);
    hand_on(lane, done.map(|(record, parcel)| (record, Ok(parcel))), out).await;
}

impl Inner {
    async fn fetch(&self, taken: Taken, mut held: Held) -> (Record, Parcel) {
        let headers = output_headers(&taken.record.headers, self.limits.raw);
        let room = room(self.limits.raw, taken.record.key.as_ref().map_or(0, Bytes::len), &headers);
        let page = match taken.set_aside() {
            Some(rejection) => Err(rejection),
            None => self.page(&taken.record, room).await,
        };
        let record = taken.record;
        let tally = Tally::fetched(page.as_ref().err());
        let message = match page {
            Ok(value) => {
                Message { route: Route::Raw, partition: None, key: record.key.clone(), value: Some(value), headers }
            }
            Err(rejection) => Message { partition: None, ..dead_letter(&record, &rejection, self.limits.dead) },
        };
        held.takes(message.value.as_ref().map_or(0, Bytes::len));
        (record, Parcel { message, tally, told: None, needs: None, held })
    }

    /// The raw record of the page behind a link, which must not have more than `room` bytes.
    async fn page(&self, link: &Record, room: usize) -> Result<Bytes, Rejection> {
        let link = record::link(link.raw.as_deref())?;
        let url = record::url_of(&link)?;
        let page = self.fetcher.fetch(url, self.attempts).await?;
        let value = record::raw_record(&link, page, &jiff::Timestamp::now().to_string());
        if value.len() > room {
            let detail =
                format!("the page at {url} makes a record of {} bytes, too large for the raw topic", value.len());
            return Err(Rejection::new(Stage::Fetch, Reason::TooLarge, detail));
        }
        Ok(Bytes::from(value))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;
    use crate::record::{Offset, Position, header};

    const PATIENCE: Duration = Duration::from_secs(60);
    const LANE: LaneId = LaneId { partition: 0, epoch: 1, claim: 1 };

    /// A site that answers each request with a page of that many bytes. Gives its address.
    fn site(bytes: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                assert!(lines.map_while(Result::ok).any(|line| line.is_empty()), "a whole request");
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
                write!(stream, "{head}Content-Length: {bytes}\r\n\r\n{}", "x".repeat(bytes)).unwrap();
            }
        });
        address
    }

    fn links(address: &str, limits: Limits, memory: usize) -> Links {
        let mut settings = Settings::default();
        settings.fetch = Fetch { allow: vec![address.to_owned()], concurrency: 1, ..settings.fetch };
        Links::new(&settings, limits, memory, Handle::current()).unwrap()
    }

    fn taken(address: &str, offset: i64) -> Taken {
        let record = Record {
            position: Some(Position { topic: "articles.links".into(), partition: 0, offset: Offset(offset) }),
            key: None,
            headers: Vec::new(),
            timestamp: None,
            raw: Some(Bytes::from(format!("http://{address}/{offset}"))),
        };
        Taken { record, aside: None }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_the_raw_topic_does_not_take_is_a_dead_letter() {
        let address = site(15_000);
        let limits = Limits { raw: 10_000, enriched: 1 << 20, cleaned: 1 << 20, duplicates: 10_000, dead: 10_000 };
        let (out, inbox) = channel();
        let intake = links(&address, limits, 1 << 20).open(LANE, out);
        intake.send(taken(&address, 0));
        let parcel = inbox.recv_timeout(PATIENCE).unwrap().result.unwrap();
        assert_eq!(parcel.message.route, Route::Dead);
        assert_eq!(header(&parcel.message.headers, "copydesk-reason"), Some("too_large"));
        let rejection = Rejection::new(Stage::Fetch, Reason::TooLarge, "");
        assert_eq!(parcel.tally, Tally::fetched(Some(&rejection)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pages_take_room_until_they_have_entered_the_transaction() {
        let address = site(5_000);
        let limits = Limits { raw: 1 << 20, enriched: 1 << 20, cleaned: 1 << 20, duplicates: 1 << 20, dead: 1 << 20 };
        let flow = links(&address, limits, 1);
        let (out, inbox) = channel();
        let intake = flow.open(LANE, out);
        (0..3).for_each(|offset| intake.send(taken(&address, offset)));
        for offset in 0..3 {
            let delivery = inbox.recv_timeout(PATIENCE).unwrap();
            let parcel = delivery.result.unwrap();
            assert_eq!((delivery.offset, parcel.message.route), (Offset(offset), Route::Raw));
            assert_eq!(parcel.tally, Tally::fetched(None));
            // The next one waits at the entrance: there is room for one byte.
            assert_eq!(flow.inner.room.used(), parcel.message.value.as_ref().unwrap().len());
        }
    }
}
