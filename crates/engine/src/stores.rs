//! Where the files of a table are read from: the snapshot's own store, and nothing else.
//!
//! Each table's folder has an address of its own, `flowglass-table://<folder's URL in hexadecimal>/`,
//! so that a plan names the folder completely and whoever runs it can find the store again. Only
//! registered folders can be read, and only read: there is no local file system and no network
//! behind this, and every operation that writes or lists is refused.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::common::{Result, internal_datafusion_err, internal_err};
use datafusion::execution::object_store::{ObjectStoreRegistry, ObjectStoreUrl};
use futures::StreamExt;
use futures::stream::{BoxStream, once};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult,
};
use url::Url;

const SCHEME: &str = "flowglass-table";

/// The address of a table's folder in plans.
pub(crate) fn store_url(root: &Url) -> Result<ObjectStoreUrl> {
    ObjectStoreUrl::parse(format!("{SCHEME}://{}/", hex::encode(root.as_str())))
}

/// A file's path in plans: under the table's name, because footers are cached by path alone and two
/// tables may hold files of the same relative path.
pub(crate) fn plan_path(table: &str, path: &str) -> Path {
    Path::from(format!("{table}/{path}"))
}

/// The stores of the tables that are open.
#[derive(Debug, Default)]
pub(crate) struct TableStores {
    stores: RwLock<HashMap<String, Arc<dyn ObjectStore>>>,
}

impl ObjectStoreRegistry for TableStores {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.stores
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(url.to_string(), store)
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        let removed = self
            .stores
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(url.as_str());
        removed.ok_or_else(|| internal_datafusion_err!("no table at {url}"))
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        match stores.get(url.as_str()) {
            Some(store) => Ok(Arc::clone(store)),
            None => internal_err!("no table at {url}"),
        }
    }
}

/// A snapshot's store as plans see it: read only, with the table's name in front of every path.
#[derive(Debug)]
pub(crate) struct TableStore {
    table: Path,
    inner: Arc<dyn ObjectStore>,
}

impl TableStore {
    pub(crate) fn new(table: &str, inner: Arc<dyn ObjectStore>) -> Self {
        Self {
            table: Path::from(table),
            inner,
        }
    }

    fn inner_path(&self, location: &Path) -> object_store::Result<Path> {
        match location.prefix_match(&self.table) {
            Some(parts) => Ok(Path::from_iter(parts)),
            None => Err(object_store::Error::NotFound {
                path: location.to_string(),
                source: format!("not a file of `{}`", self.table).into(),
            }),
        }
    }

    fn refuse(&self, operation: &str) -> object_store::Error {
        object_store::Error::NotImplemented {
            operation: operation.to_owned(),
            implementer: self.to_string(),
        }
    }
}

impl fmt::Display for TableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "files of {}", self.table)
    }
}

#[async_trait]
impl ObjectStore for TableStore {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(&self.inner_path(location)?, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> object_store::Result<Vec<Bytes>> {
        self.inner.get_ranges(&self.inner_path(location)?, ranges).await
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> object_store::Result<PutResult> {
        Err(self.refuse("put"))
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        Err(self.refuse("put_multipart"))
    }

    fn delete_stream(
        &self,
        _: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        let refusal = self.refuse("delete");
        once(async move { Err(refusal) }).boxed()
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let refusal = self.refuse("list");
        once(async move { Err(refusal) }).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> object_store::Result<ListResult> {
        Err(self.refuse("list"))
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> object_store::Result<()> {
        Err(self.refuse("copy"))
    }
}
