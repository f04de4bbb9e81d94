//! Looking for changes in one container: everything at first, then the hours that may grow, and notices.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Change, CollectOptions, Events, Notice, Notices, Watched, pause};
use crate::container::BlobError;
use crate::discover::{FlowLogs, Listing, hours_around};
use crate::sources::Source;

/// Looks that may fail in a row before the wait no longer grows.
const FAILURES_COUNTED: u32 = 10;

/// Flow logs that came new are found at the latest after this.
const FLOW_LOGS_EVERY: Duration = Duration::from_secs(600);

pub(super) struct Look {
    pub(super) watched: Watched,
    pub(super) options: CollectOptions,
    pub(super) sender: mpsc::Sender<Change>,
    pub(super) events: Arc<dyn Events>,
}

/// Nobody takes changes any more.
struct Closed;

/// What a look can end with.
enum End {
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
    /// Looks for ever, or until nobody takes what is found.
    pub(super) async fn run(self) {
        match self.watched.notices.clone() {
            Some(notices) => {
                tokio::join!(self.lists(self.options.poll_noticed), self.notices(notices));
            }
            None => self.lists(self.options.poll).await,
        }
    }

    /// Lists everything, and then the hours that may grow, again and again.
    async fn lists(&self, poll: Duration) {
        let mut seen = Seen::default();
        let mut failures = 0;
        let mut sweep = Instant::now();
        let mut flow_logs: Option<(FlowLogs, Instant)> = None;
        loop {
            let began = Instant::now();
            let looked = match began >= sweep {
                true => self.everything(&mut seen).await,
                false => self.hours(&mut seen, &mut flow_logs).await,
            };
            match looked {
                Ok(()) => {
                    failures = 0;
                    if began >= sweep {
                        sweep = began + self.options.sweep;
                    }
                    sleep_until(began + poll).await;
                }
                Err(End::Closed) => return,
                Err(End::Failed(error)) => {
                    failures = (failures + 1).min(FAILURES_COUNTED);
                    self.wait("the list", &error, failures).await;
                }
            }
        }
    }

    async fn wait(&self, what: &str, error: &BlobError, failures: u32) {
        let pause = pause(failures, self.options.ingest.seed);
        let what = format!("{what} of {}", self.watched.container.address());
        self.events.waits(&what, &error.to_string(), pause);
        sleep(pause).await;
    }

    async fn everything(&self, seen: &mut Seen) -> Result<(), End> {
        let container = Arc::clone(&self.watched.container);
        self.list(Listing::new(container, self.watched.prefix.clone()), seen)
            .await
    }

    async fn hours(&self, seen: &mut Seen, flow_logs: &mut Option<(FlowLogs, Instant)>) -> Result<(), End> {
        let container = &self.watched.container;
        let is_known = flow_logs
            .as_ref()
            .is_some_and(|(_, found)| found.elapsed() < FLOW_LOGS_EVERY);
        if !is_known {
            let found = FlowLogs::find(Arc::clone(container), &self.watched.prefix).await?;
            *flow_logs = Some((found, Instant::now()));
        }
        let now = (self.options.ingest.clock)();
        let back = i64::try_from(self.options.look_back.as_micros()).unwrap_or(i64::MAX);
        let hours = hours_around(now, back);
        seen.forget_before(*hours.start());
        if let Some((flow_logs, _)) = flow_logs {
            for listing in flow_logs.listings(hours) {
                self.list(listing, seen).await?;
            }
        }
        Ok(())
    }

    async fn list(&self, mut listing: Listing, seen: &mut Seen) -> Result<(), End> {
        let (mut blobs, mut changed) = (0, 0);
        while let Some(page) = listing.next().await? {
            blobs += page.len();
            for source in page {
                if seen.is_new(&source) {
                    changed += 1;
                    self.hand_on(source, None).await?;
                }
            }
        }
        self.events
            .listed(self.watched.container.address(), blobs, changed);
        Ok(())
    }

    async fn hand_on(
        &self,
        source: Source,
        notice: Option<(Arc<dyn Notices>, String)>,
    ) -> Result<(), Closed> {
        let sent = self.sender.send(Change { source, notice }).await;
        sent.map_err(|_| Closed)
    }

    async fn notices(&self, notices: Arc<dyn Notices>) {
        let mut failures = 0;
        loop {
            match self.some_notices(&notices).await {
                Ok(0) => {
                    failures = 0;
                    sleep(self.options.notice_poll).await;
                }
                Ok(_) => failures = 0,
                Err(End::Closed) => return,
                Err(End::Failed(error)) => {
                    failures = (failures + 1).min(FAILURES_COUNTED);
                    self.wait("the notices", &error, failures).await;
                }
            }
        }
    }

    async fn some_notices(&self, notices: &Arc<dyn Notices>) -> Result<usize, End> {
        let taken = notices.take().await?;
        let count = taken.len();
        for Notice { receipt, blob } in taken {
            match blob.filter(|blob| blob.name.starts_with(&self.watched.prefix)) {
                Some(listed) => {
                    let source = Source::blob(&self.watched.container, listed);
                    self.hand_on(source, Some((Arc::clone(notices), receipt))).await?;
                }
                None => notices.done(&receipt).await?,
            }
        }
        Ok(count)
    }
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

    fn forget_before(&mut self, hour: i32) {
        self.0.retain(|_, (held, _)| *held >= hour);
    }
}
