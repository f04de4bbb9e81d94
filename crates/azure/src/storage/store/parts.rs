//! A large object, part by part: parts are blocks, and nothing is there before the last word.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use object_store::path::Path;
use object_store::{MultipartUpload, PutPayload, PutResult, UploadPart};

use crate::storage::blobs::{Blobs, Condition, Ids};
use crate::storage::store::outward;

/// A large object that is being written.
pub(super) struct Parts {
    blobs: Blobs,
    name: Arc<str>,
    location: Path,
    ids: Ids,
    sent: Vec<String>,
}

impl Parts {
    pub(super) fn new(blobs: Blobs, name: String, location: Path) -> Self {
        Self {
            blobs,
            name: name.into(),
            location,
            ids: Ids::new(),
            sent: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} parts of {}", self.sent.len(), self.location)
    }
}

#[async_trait]
impl MultipartUpload for Parts {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let id = self.ids.id(self.sent.len());
        self.sent.push(id.clone());
        let (blobs, name, location) = (self.blobs.clone(), Arc::clone(&self.name), self.location.clone());
        async move {
            let sent = blobs.put_block(&name, &id, Bytes::from(data)).await;
            sent.map_err(|error| outward(&location, error))
        }
        .boxed()
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let written = self
            .blobs
            .put_block_list(&self.name, &self.sent, &Condition::Any)
            .await;
        let written = written.map_err(|error| outward(&self.location, error))?;
        Ok(PutResult {
            e_tag: Some(written.etag),
            version: None,
        })
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        // Blocks that no list names go by themselves after a week; nothing else removes them.
        self.sent.clear();
        Ok(())
    }
}
