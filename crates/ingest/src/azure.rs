//! Containers and queues of Azure, as a reader and a collector need them.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use ::azure::storage::{Blobs, Message, Problem, Queue, StorageError, events};
use async_trait::async_trait;
use bytes::Bytes;
use model::limits::QUEUE_MESSAGES_AT_ONCE;
use tokio::sync::Semaphore;

use crate::collect::{Notice, Notices};
use crate::container::{BlobError, Block, Blocks, Container, Listed, Page};

/// Requests to one container at a time: enough that a thousand small blobs do not wait for each other.
const REQUESTS_AT_ONCE: usize = 32;
/// Names on one page: the most that there may be.
const PAGE: u32 = 5000;

/// A container of a storage account.
#[derive(Debug)]
pub struct AzureContainer {
    blobs: Blobs,
    address: String,
    requests: Semaphore,
}

impl AzureContainer {
    /// Over its blobs.
    #[must_use]
    pub fn new(blobs: Blobs) -> Arc<Self> {
        Arc::new(Self {
            address: blobs.place().own_address(),
            blobs,
            requests: Semaphore::new(REQUESTS_AT_ONCE),
        })
    }

    /// What was written in one piece, or is no block blob, has no blocks to tell.
    async fn whole(&self, name: &str) -> Result<Blocks, BlobError> {
        let known = self.blobs.properties(name).await.map_err(told)?;
        Ok(Blocks {
            etag: known.etag,
            size: known.size,
            modified: nanos(known.modified_micros),
            blocks: Vec::new(),
        })
    }
}

const fn nanos(micros: i64) -> i64 {
    micros.saturating_mul(1000)
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn told(error: StorageError) -> BlobError {
    match error.problem {
        Problem::NoBlob => BlobError::Gone,
        // Shorter than it was a moment ago.
        Problem::Changed | Problem::PastEnd => BlobError::Changed,
        // A name that leads nowhere for a while says nothing of the blob.
        _ if error.may_pass() || error.problem == Problem::NoAccount => BlobError::Away {
            message: error.to_string(),
            hint: error.hint(),
        },
        _ => BlobError::Failed {
            message: error.to_string(),
            hint: error.hint(),
        },
    }
}

#[async_trait]
impl Container for AzureContainer {
    fn address(&self) -> &str {
        &self.address
    }

    async fn list(&self, prefix: &str, by_folder: bool, next: Option<&str>) -> Result<Page, BlobError> {
        let page = self
            .blobs
            .list(prefix, by_folder.then_some("/"), next, PAGE)
            .await;
        let page = page.map_err(told)?;
        let blobs = page.blobs.into_iter().filter(|blob| !blob.is_folder);
        let listed = blobs.map(|blob| Listed {
            name: blob.name,
            size: blob.size,
            etag: blob.etag,
            modified: nanos(blob.modified_micros),
        });
        Ok(Page {
            blobs: listed.collect(),
            prefixes: page.prefixes,
            next: page.next,
        })
    }

    async fn blocks(&self, name: &str) -> Result<Blocks, BlobError> {
        let _turn = self.requests.acquire().await;
        let list = match self.blobs.block_list(name).await {
            Ok(list) => list,
            Err(error) if error.said.code == "InvalidBlobType" => return self.whole(name).await,
            Err(error) => return Err(told(error)),
        };
        let blocks = list.blocks.into_iter().map(|block| Block {
            id: block.id,
            bytes: block.size,
        });
        Ok(Blocks {
            etag: list.etag,
            size: list.size,
            modified: nanos(list.modified_micros),
            blocks: blocks.collect(),
        })
    }

    async fn range(&self, name: &str, range: Range<u64>, etag: &str) -> Result<Bytes, BlobError> {
        let _turn = self.requests.acquire().await;
        let piece = self.blobs.range(name, range, Some(etag)).await;
        piece.map(|piece| piece.bytes).map_err(told)
    }
}

/// Notices that Event Grid puts into a queue.
#[derive(Debug)]
pub struct AzureNotices {
    queue: Queue,
    address: String,
}

/// A message that was taken comes back after this, if it is not done with: a collector may have died.
const HIDDEN_SECS: u32 = 120;

impl AzureNotices {
    /// Of a queue.
    #[must_use]
    pub fn new(queue: Queue) -> Arc<Self> {
        Arc::new(Self {
            address: queue.place().own_address(),
            queue,
        })
    }

    /// What messages say.
    #[must_use]
    pub fn read(messages: &[Message]) -> Vec<Notice> {
        messages.iter().map(notice).collect()
    }
}

fn notice(message: &Message) -> Notice {
    let read = events::parse(&message.text);
    let blobs = read.written.into_iter().map(|written| {
        let listed = Listed {
            name: written.blob,
            size: written.size.unwrap_or(0),
            etag: written.etag,
            modified: nanos(written.at_micros.unwrap_or(0)),
        };
        (format!("az://{}/{}", written.account, written.container), listed)
    });
    Notice {
        receipt: format!("{} {}", message.id, message.receipt),
        taken: message.taken,
        blobs: blobs.collect(),
        other: read
            .others
            .into_iter()
            .next()
            .unwrap_or_else(|| "a list of no events".to_owned()),
    }
}

fn message_of(receipt: &str) -> Message {
    let (id, receipt) = receipt.split_once(' ').unwrap_or((receipt, ""));
    Message {
        id: id.to_owned(),
        receipt: receipt.to_owned(),
        ..Message::default()
    }
}

fn unless_others(answer: Result<(), StorageError>) -> Result<(), BlobError> {
    match answer {
        // Somebody else has it, or has done with it.
        Err(error) if error.problem == Problem::NoMessage => Ok(()),
        answer => answer.map_err(told),
    }
}

#[async_trait]
impl Notices for AzureNotices {
    fn address(&self) -> &str {
        &self.address
    }

    async fn peek(&self) -> Result<Vec<Notice>, BlobError> {
        let seen = self.queue.peek(QUEUE_MESSAGES_AT_ONCE).await.map_err(told)?;
        Ok(Self::read(&seen))
    }

    async fn take(&self) -> Result<Vec<Notice>, BlobError> {
        let taken = self
            .queue
            .take(QUEUE_MESSAGES_AT_ONCE, HIDDEN_SECS)
            .await
            .map_err(told)?;
        Ok(Self::read(&taken))
    }

    async fn done(&self, receipt: &str) -> Result<(), BlobError> {
        unless_others(self.queue.delete(&message_of(receipt)).await)
    }

    async fn give_back(&self, receipt: &str, after: Duration) -> Result<(), BlobError> {
        let secs = u32::try_from(after.as_secs()).unwrap_or(u32::MAX);
        match self.queue.hold(&mut message_of(receipt), secs).await {
            // `Storage Queue Data Message Processor` does not allow it; the message is hidden for a while as it is.
            Err(error) if matches!(error.problem, Problem::Forbidden { .. }) => Ok(()),
            answer => unless_others(answer),
        }
    }
}
