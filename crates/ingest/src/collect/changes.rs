//! What has changed, on its way from those who look to the one who stores: two queues of bounded length. What grows now overtakes
//! what was there before, which may be months of logs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::Notices;
use crate::sources::Source;

/// Changes that wait to be stored in a queue, at most. Each takes about a kilobyte.
const CHANGES_MAX: usize = 8192;
/// Changes of one commit.
const GROUP_MAX: usize = 4096;
/// Bytes of old blobs in one commit: what grows waits so long.
const OLD_BYTES_MAX: u64 = 128 << 20;

/// What has changed.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) source: Source,
    /// The notice that said so.
    pub(super) notice: Option<(Arc<dyn Notices>, String)>,
    /// It is stored even if it is somebody else's by then: his notice is here.
    pub(super) is_kept: bool,
}

impl Change {
    /// As a list has it.
    pub(super) const fn of(source: Source) -> Self {
        Self {
            source,
            notice: None,
            is_kept: false,
        }
    }
}

/// Nobody takes changes any more.
pub(super) struct Closed;

/// Where changes are handed on. Waits where storing is slower than finding.
#[derive(Clone)]
pub(super) struct Sender {
    new: mpsc::Sender<Change>,
    old: mpsc::Sender<Change>,
}

impl Sender {
    /// Of what grows.
    pub(super) async fn send(&self, change: Change) -> Result<(), Closed> {
        self.new.send(change).await.map_err(|_| Closed)
    }

    /// Of what was there before.
    pub(super) async fn send_old(&self, change: Change) -> Result<(), Closed> {
        self.old.send(change).await.map_err(|_| Closed)
    }
}

/// Where changes are taken.
pub(super) struct Receiver {
    new: mpsc::Receiver<Change>,
    old: mpsc::Receiver<Change>,
}

/// Both ends.
pub(super) fn queues() -> (Sender, Receiver) {
    let (new_sender, new) = mpsc::channel(CHANGES_MAX);
    let (old_sender, old) = mpsc::channel(CHANGES_MAX);
    let sender = Sender {
        new: new_sender,
        old: old_sender,
    };
    (sender, Receiver { new, old })
}

impl Receiver {
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.old.is_empty()
    }

    /// The first change, whichever it is, and whether it is of what grows; none if there will be no more.
    pub(super) async fn first(&mut self) -> Option<(Change, bool)> {
        tokio::select! {
            biased;
            Some(change) = self.new.recv() => Some((change, true)),
            Some(change) = self.old.recv() => Some((change, false)),
            else => None,
        }
    }

    /// Adds what comes within a moment, and then as much of what is old as does not keep it up.
    pub(super) async fn gather(&mut self, changes: &mut Vec<Change>, linger: Duration) {
        let until = Instant::now() + linger;
        while changes.len() < GROUP_MAX {
            match timeout_at(until, self.new.recv()).await {
                Ok(Some(change)) => changes.push(change),
                _ => break,
            }
        }
        let mut bytes = 0;
        while changes.len() < GROUP_MAX && bytes < OLD_BYTES_MAX {
            let Ok(change) = self.old.try_recv() else { break };
            bytes += change.source.bytes;
            changes.push(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(address: &str, bytes: u64) -> Change {
        Change::of(Source {
            address: address.to_owned(),
            display: address.to_owned(),
            path: None,
            pipe: None,
            blob: None,
            bytes,
            new_bytes: bytes,
            modified: 0,
            hour: None,
            named: false,
        })
    }

    #[tokio::test]
    async fn what_grows_does_not_wait_for_what_was_there_before() {
        let (sender, mut receiver) = queues();
        for _ in 0..4 {
            assert!(sender.send_old(change("old", OLD_BYTES_MAX - 1)).await.is_ok());
        }
        for _ in 0..2 {
            assert!(sender.send(change("new", 1 << 40)).await.is_ok());
        }
        let (first, is_new) = receiver.first().await.unwrap();
        assert!(is_new);
        let mut changes = vec![first];
        receiver.gather(&mut changes, Duration::ZERO).await;
        let taken: Vec<&str> = changes
            .iter()
            .map(|change| change.source.address.as_str())
            .collect();
        assert_eq!(taken, ["new", "new", "old", "old"]);
        let (next, is_new) = receiver.first().await.unwrap();
        assert_eq!((next.source.address.as_str(), is_new), ("old", false));
        assert!(!receiver.is_empty());
        drop(sender);
        assert!(receiver.first().await.is_some());
        assert!(receiver.first().await.is_none());
    }
}
