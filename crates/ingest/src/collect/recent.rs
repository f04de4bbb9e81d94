//! A container without what is older than days are kept: nobody reads a year of logs to drop most of it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use formats::path::BlobPath;
use table::first_day;

use crate::container::{BlobError, Blocks, Container, Page};

const HOURS_OF_DAY: i32 = 24;

/// Lists only what may hold rows of the days that are kept. A day more is listed, for tuples that are written down late.
pub struct Recent {
    container: Arc<dyn Container>,
    days: u32,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl Recent {
    /// Of a container, with so many days before the present one.
    #[must_use]
    pub fn new(
        container: Arc<dyn Container>,
        days: u32,
        clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    ) -> Arc<Self> {
        Arc::new(Self {
            container,
            days,
            clock,
        })
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent")
            .field("container", &self.container)
            .field("days", &self.days)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Container for Recent {
    fn address(&self) -> &str {
        self.container.address()
    }

    async fn list(&self, prefix: &str, by_folder: bool, next: Option<&str>) -> Result<Page, BlobError> {
        let mut page = self.container.list(prefix, by_folder, next).await?;
        let from_day = first_day(self.days, (self.clock)()).saturating_sub(1);
        page.blobs.retain(|listed| {
            let hour = BlobPath::parse(&listed.name).map(|path| path.hours_since_1970());
            hour.is_none_or(|hour| hour.div_euclid(HOURS_OF_DAY) >= from_day)
        });
        Ok(page)
    }

    async fn blocks(&self, name: &str) -> Result<Blocks, BlobError> {
        self.container.blocks(name).await
    }

    async fn range(&self, name: &str, range: Range<u64>, etag: &str) -> Result<Bytes, BlobError> {
        self.container.range(name, range, etag).await
    }
}
