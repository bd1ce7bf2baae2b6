//! The fetch flow: links to pages, pages to raw records, in order. What cannot be fetched goes to the dead letters.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::deliver::{Limits, Message, dead_letter, output_headers};
use super::room::Held;
use super::{Delivery, Flow, Intake, LaneId, Parcel, Taken, hand_on, records};
use crate::fetch::{FetchError, Fetcher, record};
use crate::metrics::{FetchResult, Metrics, Tally};
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
    /// Requests under way, over all lanes.
    slots: Semaphore,
    ahead: usize,
    limits: Limits,
    metrics: Metrics,
}

impl Links {
    /// A fetch flow with the limits of `[fetch]`.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(settings: &Settings, limits: Limits, metrics: Metrics, runtime: Handle) -> anyhow::Result<Links> {
        let ahead = settings.fetch.concurrency.max(1);
        // A page that is larger than its topic takes dies anyway; two bytes a character are the most that become one.
        let max_body = settings.fetch.max_body.min(2 * limits.enriched as u64);
        let fetcher = Fetcher::new(&Fetch { max_body, ..settings.fetch.clone() })?;
        let attempts = settings.fetch.attempts;
        let inner = Inner { fetcher, attempts, slots: Semaphore::new(ahead), ahead, limits, metrics };
        Ok(Links { inner: Arc::new(inner), runtime })
    }
}

impl Flow for Links {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        let (records, intake) = unbounded_channel();
        let task = self.runtime.spawn(run(self.inner.clone(), lane, intake, out));
        Intake::new(records, task.abort_handle())
    }
}

async fn run(links: Arc<Inner>, lane: LaneId, intake: UnboundedReceiver<Taken>, out: Sender<Delivery>) {
    let done = records(intake).map(|taken| links.fetch(taken)).buffered(links.ahead);
    hand_on(lane, done.map(|(record, parcel)| (record, Ok(parcel))), out).await;
}

impl Inner {
    async fn fetch(&self, taken: Taken) -> (Record<()>, Parcel) {
        let page = match taken.set_aside() {
            Some(rejection) => Err(rejection),
            None => self.page(&taken.record).await,
        };
        let record = taken.record;
        let message = match page {
            Ok(value) => {
                self.metrics.fetched(FetchResult::Page);
                let (headers, _) = output_headers(&record.headers, self.limits.enriched);
                Message { route: Route::Raw, partition: None, key: record.key.clone(), value: Some(value), headers }
            }
            Err(rejection) => {
                self.metrics.fetched(FetchResult::Dead);
                self.metrics.dead(&rejection);
                Message { partition: None, ..dead_letter(&record, &rejection, self.limits.dead) }
            }
        };
        (record, Parcel { message, tally: Tally::default(), told: None, needs: None, held: Held::default() })
    }

    async fn page(&self, link: &Record<()>) -> Result<Bytes, Rejection> {
        let link = record::link(link.raw.as_deref())?;
        let url = record::url_of(&link)?;
        let _slot = self.slots.acquire().await.map_err(|_| unreachable("the worker is stopping"))?;
        let page = self.fetcher.fetch(url, self.attempts).await.map_err(|error| failed(&error))?;
        let value = record::raw_record(&link, &page, &jiff::Timestamp::now().to_string());
        if value.len() > self.limits.enriched {
            let detail =
                format!("the page at {url} makes a record of {} bytes, too large for the raw topic", value.len());
            return Err(Rejection::new(Stage::Fetch, Reason::TooLarge, detail));
        }
        Ok(Bytes::from(value))
    }
}

fn failed(error: &FetchError) -> Rejection {
    Rejection::new(Stage::Fetch, error.reason(), error.to_string())
}

fn unreachable(detail: &str) -> Rejection {
    Rejection::new(Stage::Fetch, Reason::Unreachable, detail)
}
