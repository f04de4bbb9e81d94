//! How many committed blocks the blobs have that are shown: one request for each, some at a time.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use ingest::BlobError;

use super::entry::Entry;
use crate::account;
use crate::message::{Grade, Message};
use crate::session::Session;

/// Requests under way. More make a list no faster than its pages come.
const AT_ONCE: usize = 16;

/// Whether numbers can be had.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// They cannot, which was said once; nobody is asked again.
    pub(super) has_failed: bool,
}

impl Counted {
    /// Counts the blocks of each. One that was deleted meanwhile has no number.
    pub(super) async fn count(&mut self, session: &Session, entries: &mut [Entry]) {
        if self.has_failed {
            return;
        }
        let asked = entries.iter().map(|entry| entry.source.blob.clone());
        let asked: Vec<_> = asked.collect();
        let mut answers = stream::iter(asked)
            .map(|blob| async move {
                let blob = blob?;
                let container = Arc::clone(&blob.container);
                let blocks = container.blocks(&blob.name).await;
                Some(blocks.map(|blocks| blocks.blocks.len() as u64))
            })
            .buffered(AT_ONCE);
        for entry in entries {
            match answers.next().await.flatten() {
                Some(Ok(blocks)) => entry.blocks = Some(blocks),
                None | Some(Err(BlobError::Gone | BlobError::Changed)) => {}
                Some(Err(error)) => {
                    self.has_failed = true;
                    let why = account::unavailable(&entry.source.display, &error);
                    let text = format!("numbers of blocks are not known: {}", why.text);
                    session.say(&Message {
                        hint: why.hint,
                        code: why.code,
                        ..Message::new(Grade::Warning, text)
                    });
                    return;
                }
            }
        }
    }
}
