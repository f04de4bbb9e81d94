//! Following containers for ever: lists and notices say what has changed, and it is stored a moment later.
//!
//! Each container is looked at by a task of its own, which hands on what has changed through one queue of bounded length: where
//! storing is slower than finding, finding waits. Whatever is handed on twice is read once, because the table knows how far
//! each blob was read. A blob that fails is tried again later and later, and left alone after a while; the others go on. Where
//! it is the account that fails, its blobs are tried until it is back.

mod again;
mod changes;
mod look;
mod members;
mod noticed;
mod process;
mod recent;
mod split;
mod storing;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use table::Table;
use tokio_util::sync::CancellationToken;

use crate::container::{BlobError, Container, Listed};
use crate::error::Result;
use crate::outcome::{Outcome, SourceOutcome};
use crate::{IngestOptions, Progress};
use members::Members;
pub use noticed::{Noticed, what_is};
pub use recent::Recent;
use storing::Storing;
pub use upkeep::{Upkeep, UpkeepEvents, UpkeepOptions};

/// A container that is followed.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The container.
    pub container: Arc<dyn Container>,
    /// What the names of its blobs begin with.
    pub prefix: String,
    /// True if there are notices of its changes: then it is listed more rarely.
    pub is_noticed: bool,
}

/// Notices of changed blobs, each given out for a while and then again, until it is done with.
#[async_trait]
pub trait Notices: std::fmt::Debug + Send + Sync {
    /// What they are in, such as the address of a queue.
    fn address(&self) -> &str;

    /// What is there, up to 32: nothing is taken, and there are no receipts.
    async fn peek(&self) -> Result<Vec<Notice>, BlobError>;

    /// What is there, up to 32. Waits for nothing.
    async fn take(&self) -> Result<Vec<Notice>, BlobError>;

    /// It needs not be given out again.
    async fn done(&self, receipt: &str) -> Result<(), BlobError>;

    /// It is for somebody else: it is given out again after that time. Where that is not allowed it comes back by itself.
    async fn give_back(&self, receipt: &str, after: Duration) -> Result<(), BlobError>;
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// By which it is done with.
    pub receipt: String,
    /// So many times it was taken.
    pub taken: u32,
    /// The blobs that changed, each with the address of its container; none if the notice is of something else.
    pub blobs: Vec<(String, Listed)>,
    /// What it is if it is of something else, in words.
    pub other: String,
}

/// How to follow.
#[derive(Clone)]
pub struct CollectOptions {
    /// How sources are read.
    pub ingest: IngestOptions,
    /// Time between two lists of the hours that may grow.
    pub poll: Duration,
    /// Time between two lists of them where notices come: those may be lost.
    pub poll_noticed: Duration,
    /// Time between two looks for notices when there were none.
    pub notice_poll: Duration,
    /// How long an hour's blobs may grow after it has ended.
    pub look_back: Duration,
    /// Time between two lists of everything, which find what came late or was copied in.
    pub sweep: Duration,
    /// How long the first change waits for others, so that they share a commit.
    pub linger: Duration,
    /// Tries of a blob before it is left alone, if it is the blob that fails.
    pub tries_max: u32,
    /// What it is called among those that follow into the same table: another name each time.
    pub name: String,
    /// Time between two signs that it lives.
    pub beat: Duration,
}

impl CollectOptions {
    /// What holds unless somebody says otherwise.
    #[must_use]
    pub fn new(ingest: IngestOptions) -> Self {
        Self {
            ingest,
            poll: Duration::from_secs(30),
            poll_noticed: Duration::from_secs(600),
            notice_poll: Duration::from_secs(1),
            look_back: Duration::from_secs(7200),
            sweep: Duration::from_secs(86_400),
            linger: Duration::from_millis(500),
            tries_max: 5,
            name: name(),
            beat: Duration::from_secs(15),
        }
    }
}

/// Is told what happens, beside what a [`Progress`] is told.
pub trait Events: Progress {
    /// Hours or all of a container were listed: so many blobs, of which so many had changed.
    fn listed(&self, _container: &str, _blobs: usize, _changed: usize) {}
    /// What had changed is stored.
    fn stored(&self, _outcome: &Outcome) {}
    /// Something failed, and is tried again after a while.
    fn waits(&self, _what: &str, _why: &str, _pause: Duration) {}
    /// What was waited for does what it should again.
    fn works(&self, _what: &str) {}
    /// So many changed blobs were not stored when the end was asked for: their commit failed, or did not end in time.
    fn unfinished(&self, _blobs: usize) {}
    /// A blob has failed so often that it is left alone: until it changes, or for a long while.
    fn poisoned(&self, _outcome: &SourceOutcome, _tries: u32) {}
    /// Everything that was known of is stored.
    fn idle(&self) {}
    /// There is a message in a queue, and what it is. One that is not for us is told of before it is taken, too.
    fn noticed(&self, queue: &str, what: Noticed<'_>, is_taken: bool);
    /// So many of the messages of a queue that were looked at last are not for us.
    fn not_ours(&self, queue: &str, count: usize);
    /// What lies there is part of a table, and is not read. Told with each list.
    fn table_inside(&self, folder: &str);
    /// Another collector of the table has come, or has gone.
    fn collector(&self, name: &str, is_here: bool);
    /// There are so many collectors, and so many of a source's shards are one's own. Told with each beat.
    fn shares(&self, collectors: usize, source: &str, shards: usize);
}

/// A name that nobody has had.
fn name() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let process = std::process::id();
    format!("{process}-{:016x}", RandomState::new().hash_one(process))
}

impl Watched {
    /// What the addresses of its blobs begin with.
    fn address(&self) -> String {
        format!("{}/{}", self.container.address(), self.prefix)
    }

    /// True if a blob of a container is followed.
    fn has(&self, container: &str, name: &str) -> bool {
        self.container.address() == container && name.starts_with(&self.prefix)
    }
}

/// Follows containers until it is cancelled; then what is being stored is finished, if that takes no longer than a moment. `stop`
/// ends it there and then. What is not stored is found again by the next.
///
/// Several that follow into the same table share the work, and each blob is stored once whatever each of them believes.
///
/// # Errors
/// If it was stopped, or a thread died. What else fails is told and tried again.
pub async fn collect(
    table: &mut Table,
    (watched, notices): (Vec<Watched>, Vec<Arc<dyn Notices>>),
    options: &CollectOptions,
    cancel: &CancellationToken,
    stop: &CancellationToken,
    events: Arc<dyn Events>,
) -> Result<()> {
    let (sender, receiver) = changes::queues();
    let ends = cancel.child_token();
    let mut looking = tokio::task::JoinSet::new();
    let sources = watched.iter().map(Watched::address).collect();
    let (mut members, shares) = Members::new(table.collectors(), sources, options, Arc::clone(&events));
    // Before anything is looked at: what it sees from now on is what it has to see.
    let _ = cancel.run_until_cancelled(members.once()).await;
    let (left, living) = (members.leaving(), ends.clone());
    looking.spawn(async move { living.run_until_cancelled(members.run()).await });
    let look = look::Look {
        options: options.clone(),
        sender,
        shares: shares.clone(),
        events: Arc::clone(&events),
    };
    for queue in notices {
        let (look, watched, ends) = (look.clone(), watched.clone(), ends.clone());
        looking.spawn(async move { ends.run_until_cancelled(look.notices(queue, watched)).await });
    }
    for one in watched {
        let (grows, look, ends) = (look.clone(), look.clone(), ends.clone());
        let both = async move { tokio::join!(grows.hours(one.clone()), look.everything(one)) };
        looking.spawn(async move { ends.run_until_cancelled(both).await.map(|_| ()) });
    }
    drop(look);
    let mut storing = Storing::new(table, options, (cancel, stop), events).sharing(shares);
    let done = storing.run(receiver).await;
    ends.cancel();
    looking.shutdown().await;
    tokio::join!(storing.part(), left);
    done
}

/// Doubled waits from a second to a minute, spread so that those who wait do not come back together.
#[must_use]
pub fn pause(tries: u32, seed: u64) -> Duration {
    let whole = 1000_u64 << tries.saturating_sub(1).min(6);
    let spread = (seed ^ u64::from(tries)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
    Duration::from_millis(whole.min(60_000) / 2 + whole.min(60_000) * spread / 2048)
}
