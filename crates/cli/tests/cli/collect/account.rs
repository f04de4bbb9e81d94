//! A storage account whose blobs grow as Azure lets them grow: an opening block, a data block a minute, a closing block that
//! stays the last. What they hold is a seeded world; what happens to them on the way is drawn from the same seed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use azure::Cloud;
use azure::storage::{Blobs, Condition, Credential, Place, Queue, Settings};
use azurite::{ACCOUNT, Azurite, KEY};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use futures::StreamExt as _;
use futures::stream;
use net::{Client, Proxies, Retry, Secret};
use serde_json::json;
use sim::{Scale, Sums, World, WorldSpec};
use tokio::runtime::Runtime;

use crate::kills::Moments;

/// Blobs that are written at a time.
const AT_ONCE: usize = 8;

/// A container of blobs, one of a table, and a queue, all of one test.
pub(super) struct Account {
    runtime: Runtime,
    blobs: Blobs,
    table: Blobs,
    queue: Queue,
    /// What the container and the queue are called.
    pub(super) name: String,
    /// Notices are put into the queue; of a thousand so many are lost, and as many come twice.
    pub(super) notices: Option<u64>,
}

/// A blob of the world.
struct Grown {
    name: String,
    /// The opening, the data blocks, the closing.
    blocks: Vec<Vec<u8>>,
    /// Data blocks that are committed; none if the blob is not there.
    shown: Option<usize>,
    /// Each time that it is made anew its blocks have other ids.
    life: u64,
    lease: Option<String>,
}

/// The blobs of a world, as far as they have grown.
pub(super) struct Growing {
    blobs: Vec<Grown>,
    notices: u64,
    pub(super) truth: Sums,
}

/// What happens to blobs that Azure does not do every day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mischief {
    /// The same bytes in other blocks.
    Recreated,
    /// The last half of its blocks is gone.
    Truncated,
    /// Of no bytes at all.
    Emptied,
    /// Of no records.
    Bare,
    Deleted,
    /// Somebody holds a lease on it: it can be read, and does not grow for a while.
    Leased,
}

const MISCHIEF: [Mischief; 6] = [
    Mischief::Recreated,
    Mischief::Truncated,
    Mischief::Emptied,
    Mischief::Bare,
    Mischief::Deleted,
    Mischief::Leased,
];

/// A world of this many interfaces and two hours. Its records are the same whenever the seed is; its blobs lie in the hour that
/// is, and the one before, because those are followed.
pub(super) fn world(seed: u64, nics: u32) -> Growing {
    let spec = WorldSpec {
        seed,
        start_day: 20_600,
        hours: 2,
        scale: Scale::Large { nics },
    };
    let now = Utc::now();
    let mut blobs = Vec::new();
    let truth = World::generate(&spec).write(&mut |blob| {
        let (_, name) = blob.path.split_once('/').unwrap();
        let (log, rest) = name.split_once("/y=").unwrap();
        let (_, interface) = rest.split_once("/macAddress=").unwrap();
        let hour = now - TimeDelta::hours(1 - i64::from(blob.key.hour));
        let hour = hour.format("y=%Y/m=%m/d=%d/h=%H/m=00");
        blobs.push(Grown {
            name: format!("{log}/{hour}/macAddress={interface}"),
            blocks: blob.blocks,
            shown: None,
            life: 0,
            lease: None,
        });
    });
    Growing {
        blobs,
        notices: 0,
        truth: truth.total,
    }
}

impl Growing {
    /// Commits so far.
    pub(super) const fn commits(&self) -> u64 {
        self.notices
    }

    /// Every blob, whole, below a folder.
    pub(super) fn write(&self, folder: &Path) {
        for grown in &self.blobs {
            let path = folder.join(&grown.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, grown.blocks.concat()).unwrap();
        }
    }
}

impl Grown {
    fn data(&self) -> usize {
        self.blocks.len() - 2
    }

    fn is_whole(&self) -> bool {
        self.shown == Some(self.data()) && self.lease.is_none()
    }

    /// All ids of a blob are of one length.
    fn id(&self, kind: char, number: usize) -> String {
        STANDARD.encode(format!("{kind}{:06}{number:08}", self.life))
    }

    /// The ids of a commit with so many data blocks.
    fn ids(&self, data: usize) -> Vec<String> {
        let first = std::iter::once(self.id('A', 0));
        let middle = (1..=data).map(|number| self.id('D', number));
        first.chain(middle).chain([self.id('Z', 0)]).collect()
    }

    fn end(&mut self) {
        self.shown = None;
        self.life += 1;
    }
}

/// Tries often and quickly.
fn client() -> Arc<Client> {
    let client = Client::new(&net::Settings {
        user_agent: "flowglass/test".to_owned(),
        proxies: Proxies::default(),
        retry: Retry {
            tries_max: 12,
            first: Duration::from_millis(5),
            longest: Duration::from_millis(500),
            asked_max: Duration::from_secs(1),
        },
        seed: 7,
    });
    Arc::new(client.unwrap())
}

impl Account {
    /// Its containers and its queue are new.
    pub(super) fn new(azurite: &Azurite, name: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let settings = Settings::of(
            &Cloud::of(None, None, None).unwrap(),
            Some(&azurite.blob_endpoint()),
            |variable| (variable == "AZURE_STORAGE_QUEUE_ENDPOINT").then(|| azurite.queue_endpoint()),
        )
        .unwrap();
        let key = || Credential::key("the key", &Secret::new(KEY)).unwrap();
        let (client, settings) = (client(), &settings);
        let blobs = |name: &str| {
            let place = Place::blobs(&format!("az://{ACCOUNT}/{name}"), settings).unwrap();
            Blobs::new(Arc::clone(&client), place, key())
        };
        let place = Place::queue(&format!("azq://{ACCOUNT}/{name}"), settings).unwrap();
        let account = Self {
            runtime,
            blobs: blobs(name),
            table: blobs(&format!("{name}-table")),
            queue: Queue::new(Arc::clone(&client), place, key()),
            name: name.to_owned(),
            notices: None,
        };
        account.runtime.block_on(async {
            account.blobs.create().await.unwrap();
            account.table.create().await.unwrap();
            account.queue.create().await.unwrap();
        });
        account
    }

    /// Notices go into the queue of another one, which has its own there as well.
    pub(super) fn share_queue_of(&mut self, other: &Self) {
        self.queue = other.queue.clone();
    }

    /// Puts a message into the queue.
    pub(super) fn put_message(&self, text: &str) {
        self.runtime.block_on(self.queue.put(text)).unwrap();
    }

    /// So many messages are in the queue, whoever has them.
    pub(super) fn messages(&self) -> u64 {
        self.runtime.block_on(self.queue.count()).unwrap()
    }

    /// The messages that can be taken now, each with how often it was taken before.
    pub(super) fn take_messages(&self) -> Vec<(String, u32)> {
        let taken = self.runtime.block_on(self.queue.take(32, 600)).unwrap();
        taken
            .into_iter()
            .map(|message| (message.text, message.taken - 1))
            .collect()
    }

    /// A blob that is written block by block.
    pub(super) fn blocks_of<'a>(&'a self, name: &'a str) -> Blocks<'a> {
        Blocks {
            account: self,
            name,
            ids: Vec::new(),
        }
    }

    /// What signs for everything in the container, as the query of a URL.
    pub(super) fn signature(&self) -> String {
        self.signature_for("rl")
    }

    /// The same, for less.
    pub(super) fn signature_for(&self, permissions: &'static str) -> String {
        let access = azure::storage::ServiceAccess {
            permissions,
            blob: None,
            from: None,
            until: Utc::now() + TimeDelta::hours(2),
        };
        let signed = access.signed(self.blobs.place(), self.blobs.credential());
        signed.unwrap().expose().to_owned()
    }

    /// Lets every blob grow by up to `most` data blocks in one commit; false once all are whole.
    pub(super) fn grow(&self, growing: &mut Growing, moments: &mut Moments, most: u64) -> bool {
        let mut numbers = growing.notices;
        let mut jobs = Vec::new();
        for grown in &mut growing.blobs {
            let by = usize::try_from(moments.next(most + 1)).unwrap();
            let drawn = moments.next(1000);
            let next = (grown.shown.unwrap_or(0) + by).min(grown.data());
            let times = match self.notices {
                None => 0,
                Some(lost) if drawn < lost => 0,
                Some(lost) if drawn < 2 * lost => 2,
                Some(_) => 1,
            };
            if grown.shown != Some(next) || grown.lease.is_some() {
                numbers += 1;
                jobs.push((grown, next, numbers, times));
            }
        }
        growing.notices = numbers;
        let writing =
            stream::iter(jobs).for_each_concurrent(AT_ONCE, |(grown, next, number, times)| async move {
                if let Some(lease) = grown.lease.take() {
                    // It may have ended by itself.
                    let _ = self.blobs.release(&grown.name, &lease).await;
                }
                self.append(grown, next).await;
                for _ in 0..times {
                    self.notify(&notice(&self.name, &grown.name, number)).await;
                }
            });
        self.runtime.block_on(writing);
        growing.blobs.iter().any(|grown| !grown.is_whole())
    }

    /// Puts a notice. A connection that was kept may be closed in the moment that it is used: then the notice may come twice.
    async fn notify(&self, notice: &str) {
        let mut tries = 0;
        while let Err(error) = self.queue.put(notice).await {
            tries += 1;
            assert!(error.said.is_unsure && tries < 5, "{error:?}");
        }
    }

    /// Puts what is new and commits it.
    async fn append(&self, grown: &mut Grown, next: usize) {
        let put = async |id: String, block: &[u8]| {
            let bytes = Bytes::copy_from_slice(block);
            self.blobs.put_block(&grown.name, &id, bytes).await.unwrap();
        };
        if grown.shown.is_none() {
            put(grown.id('A', 0), &grown.blocks[0]).await;
            put(grown.id('Z', 0), grown.blocks.last().unwrap()).await;
        }
        for number in grown.shown.unwrap_or(0) + 1..=next {
            put(grown.id('D', number), &grown.blocks[number]).await;
        }
        let ids = grown.ids(next);
        let commit = self.blobs.put_block_list(&grown.name, &ids, &Condition::Any);
        commit.await.unwrap();
        grown.shown = Some(next);
    }

    /// Does something to one blob that has grown a little. None if there is none.
    pub(super) fn disturb(&self, growing: &mut Growing, moments: &mut Moments) -> Option<Mischief> {
        let what = MISCHIEF[usize::try_from(moments.next(MISCHIEF.len() as u64)).unwrap()];
        let drawn = usize::try_from(moments.next(1 << 20)).unwrap();
        let mut there: Vec<&mut Grown> = growing
            .blobs
            .iter_mut()
            .filter(|grown| grown.shown > Some(0) && grown.lease.is_none())
            .collect();
        let count = there.len();
        let grown = there.get_mut(drawn.checked_rem(count)?)?;
        self.runtime.block_on(self.disturb_one(grown, what, drawn));
        Some(what)
    }

    async fn disturb_one(&self, grown: &mut Grown, what: Mischief, drawn: usize) {
        let shown = grown.shown.unwrap();
        match what {
            Mischief::Recreated => {
                grown.end();
                self.append(grown, shown).await;
            }
            Mischief::Truncated => self.append(grown, shown / 2).await,
            Mischief::Bare => self.append(grown, 0).await,
            Mischief::Emptied => {
                let put = self.blobs.put(&grown.name, Bytes::new(), &Condition::Any);
                put.await.unwrap();
                grown.end();
            }
            Mischief::Deleted => {
                self.blobs.delete(&grown.name, None).await.unwrap();
                grown.end();
            }
            Mischief::Leased => {
                let lease = format!("00000000-0000-4000-8000-{drawn:012x}");
                self.blobs.lease(&grown.name, &lease, 60).await.unwrap();
                grown.lease = Some(lease);
            }
        }
    }

    /// The table of the account as a folder: a table is its files, wherever they lie.
    pub(super) fn fetch_table(&self, folder: &Path) {
        let _ = std::fs::remove_dir_all(folder);
        self.runtime.block_on(async {
            let mut next: Option<String> = None;
            loop {
                let page = self.table.list("", None, next.as_deref(), 5000).await.unwrap();
                for blob in page.blobs {
                    let path = folder.join(blob.name.strip_prefix("t/").unwrap());
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    let piece = self.table.range(&blob.name, 0..blob.size, None);
                    // What is gone by now was no part of the table any more.
                    let Ok(piece) = piece.await else { continue };
                    std::fs::write(path, piece.bytes).unwrap();
                }
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
        });
    }
}

/// A blob that is written block by block, and is there once its blocks are committed.
pub(super) struct Blocks<'a> {
    account: &'a Account,
    name: &'a str,
    ids: Vec<String>,
}

impl Blocks<'_> {
    pub(super) const fn count(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn put(&mut self, bytes: Bytes) {
        let id = STANDARD.encode(format!("D{:014}", self.ids.len()));
        let put = self.account.blobs.put_block(self.name, &id, bytes);
        self.account.runtime.block_on(put).unwrap();
        self.ids.push(id);
    }

    pub(super) fn commit(self) {
        let account = self.account;
        let commit = account
            .blobs
            .put_block_list(self.name, &self.ids, &Condition::Any);
        account.runtime.block_on(commit).unwrap();
    }
}

/// A notice of a blob, in turns as Event Grid writes it and as CloudEvents has it; in base64, as Event Grid puts it into queues.
/// <https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage>
pub(super) fn notice(container: &str, name: &str, number: u64) -> String {
    let subject = format!("/blobServices/default/containers/{container}/blobs/{name}");
    let source =
        format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}");
    let time = Utc::now().to_rfc3339();
    let data = json!({
        "api": "PutBlockList", "eTag": format!("0x{number:X}"), "contentLength": 1000, "blobType": "BlockBlob",
        "url": format!("https://{ACCOUNT}.blob.core.windows.net/{container}/{name}"),
    });
    let kind = "Microsoft.Storage.BlobCreated";
    let event = match number % 2 {
        0 => json!({
            "topic": source, "subject": subject, "eventType": kind, "id": number.to_string(),
            "data": data, "dataVersion": "", "metadataVersion": "1", "eventTime": time,
        }),
        _ => json!({
            "specversion": "1.0", "source": source, "subject": subject, "type": kind,
            "id": number.to_string(), "time": time, "data": data,
        }),
    };
    STANDARD.encode(event.to_string())
}
