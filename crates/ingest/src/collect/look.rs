//! Looking for changes in one container: the hours that may grow, and beside that everything now and then.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use table::Position;
use tokio::time::{Instant, sleep, sleep_until};

use super::changes::{Change, Closed, Sender};
use super::members::Shares;
use super::split::{Shards, Split};
use super::{CollectOptions, Events, Watched, pause};
use crate::container::BlobError;
use crate::discover::{FlowLogs, Listing, hours_around};
use crate::sources::Source;

/// Looks that may fail in a row before the wait no longer grows.
pub(super) const FAILURES_COUNTED: u32 = 10;

/// Flow logs that came new are found at the latest after this; at every look as long as there is none.
const FLOW_LOGS_EVERY: Duration = Duration::from_secs(60);

/// Lists that are asked for at a time, a page of each in memory.
const LISTS_AT_ONCE: usize = 8;

#[derive(Clone)]
pub(super) struct Look {
    pub(super) options: CollectOptions,
    pub(super) sender: Sender,
    pub(super) shares: Shares,
    pub(super) events: Arc<dyn Events>,
}

/// What a look can end with.
pub(super) enum End {
    Closed,
    Failed(BlobError),
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

impl From<BlobError> for End {
    fn from(error: BlobError) -> Self {
        Self::Failed(error)
    }
}

impl Look {
    /// Lists the hours that may grow, again and again, until nobody takes what is found.
    pub(super) async fn hours(mut self, watched: Watched) {
        let poll = match watched.is_noticed {
            true => self.options.poll_noticed,
            false => self.options.poll,
        };
        let mut seen = Seen::default();
        let mut flow_logs = None;
        let mut failures = 0;
        loop {
            let began = Instant::now();
            let split = self.split();
            // What is somebody else's now may have grown when it comes back.
            seen.keep(&split);
            match self
                .hours_once(&watched, (&mut seen, &split), &mut flow_logs)
                .await
            {
                Ok(()) => {
                    self.list_works(&watched, &mut failures);
                    self.until(began + poll).await;
                }
                Err(End::Closed) => return,
                Err(End::Failed(error)) => self.wait_for_list(&watched, &error, &mut failures).await,
            }
        }
    }

    /// Lists everything, at once and then once a day, and for shards that have become one's own. What waits to be stored of
    /// that comes behind what grows.
    pub(super) async fn everything(mut self, watched: Watched) {
        let source = watched.address();
        let mut failures = 0;
        let mut due = Instant::now();
        // The shards that were looked through since they are one's own.
        let mut through = Shards::default();
        loop {
            let began = Instant::now();
            let own = self.split().shards(&source);
            through = match began >= due {
                true => Shards::default(),
                false => through.and(&own),
            };
            let wanted = own.without(&through);
            let looked = match wanted.count() {
                0 => Ok(()),
                _ => self.everything_once(&watched, &wanted).await,
            };
            match looked {
                Ok(()) => {
                    self.list_works(&watched, &mut failures);
                    through = through.with(&wanted);
                    if began >= due {
                        due = began + self.options.sweep;
                    }
                    self.until(due).await;
                }
                Err(End::Closed) => return,
                Err(End::Failed(error)) => self.wait_for_list(&watched, &error, &mut failures).await,
            }
        }
    }

    /// What is one's own now.
    pub(super) fn split(&mut self) -> Arc<Split> {
        Arc::clone(&self.shares.borrow_and_update())
    }

    /// Sleeps, but not on when shards have moved.
    async fn until(&mut self, time: Instant) {
        tokio::select! {
            () = sleep_until(time) => (),
            moved = self.shares.changed() => if moved.is_err() {
                // Nobody deals any more.
                sleep_until(time).await;
            },
        }
    }

    fn list_works(&self, watched: &Watched, failures: &mut u32) {
        if std::mem::take(failures) > 0 {
            self.events.works(&list_of(watched));
        }
    }

    async fn wait_for_list(&self, watched: &Watched, error: &BlobError, failures: &mut u32) {
        *failures = (*failures + 1).min(FAILURES_COUNTED);
        let what = list_of(watched);
        self.wait(&what, error, *failures).await;
    }

    pub(super) async fn wait(&self, what: &str, error: &BlobError, failures: u32) {
        let pause = pause(failures, self.options.ingest.seed);
        self.events.waits(what, &error.to_string(), pause);
        sleep(pause).await;
    }

    async fn everything_once(&self, watched: &Watched, wanted: &Shards) -> Result<(), End> {
        let mut listing = Listing::new(Arc::clone(&watched.container), watched.prefix.clone());
        let (mut blobs, mut changed) = (0, 0);
        while let Some(page) = listing.next().await? {
            blobs += page.len();
            for source in page {
                if wanted.has(Position::shard_of(&source.address)) {
                    changed += 1;
                    self.sender.send_old(Change::of(source)).await?;
                }
            }
        }
        if let Some(table) = listing.table() {
            self.events.table_inside(table);
        }
        self.events.listed(watched.container.address(), blobs, changed);
        Ok(())
    }

    async fn hours_once(
        &self,
        watched: &Watched,
        (seen, split): (&mut Seen, &Split),
        flow_logs: &mut Option<(FlowLogs, Instant)>,
    ) -> Result<(), End> {
        let is_known = flow_logs
            .as_ref()
            .is_some_and(|(held, found)| held.count() > 0 && found.elapsed() < FLOW_LOGS_EVERY);
        if !is_known {
            let found = FlowLogs::find(Arc::clone(&watched.container), &watched.prefix).await?;
            *flow_logs = Some((found, Instant::now()));
        }
        let now = (self.options.ingest.clock)();
        let back = i64::try_from(self.options.look_back.as_micros()).unwrap_or(i64::MAX);
        let hours = hours_around(now, back);
        seen.forget_before(*hours.start());
        let Some((flow_logs, _)) = flow_logs else {
            return Ok(());
        };
        let listings: Vec<Listing> = flow_logs.listings(hours).collect();
        let mut pages = stream::iter(listings)
            .map(|mut listing| async move {
                let page = listing.next().await;
                (listing, page)
            })
            .buffer_unordered(LISTS_AT_ONCE);
        let (mut blobs, mut changed) = (0, 0);
        while let Some((mut listing, first)) = pages.next().await {
            let mut next = first?;
            while let Some(page) = next {
                blobs += page.len();
                for source in page {
                    if split.has(&source.address) && seen.is_new(&source) {
                        changed += 1;
                        self.sender.send(Change::of(source)).await?;
                    }
                }
                next = listing.next().await?;
            }
        }
        self.events.listed(watched.container.address(), blobs, changed);
        Ok(())
    }
}

fn list_of(watched: &Watched) -> String {
    format!("the list of {}", watched.container.address())
}

/// The commits of the blobs of recent hours, so that a list is not compared with the table for those that are as they were.
#[derive(Default)]
struct Seen(HashMap<String, (i32, String)>);

/// Commits that are remembered: 60 MB of names.
const SEEN_MAX: usize = 200_000;

impl Seen {
    fn is_new(&mut self, source: &Source) -> bool {
        let etag = source.blob.as_ref().and_then(|blob| blob.etag.as_deref());
        let (Some(hour), Some(etag)) = (source.hour, etag) else {
            return true;
        };
        if self.0.get(&source.address).is_some_and(|(_, held)| held == etag) {
            return false;
        }
        if self.0.len() < SEEN_MAX || self.0.contains_key(&source.address) {
            self.0.insert(source.address.clone(), (hour, etag.to_owned()));
        }
        true
    }

    fn keep(&mut self, split: &Split) {
        self.0.retain(|address, _| split.has(address));
    }

    fn forget_before(&mut self, hour: i32) {
        self.0.retain(|_, (held, _)| *held >= hour);
    }
}
