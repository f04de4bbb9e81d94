//! A container, from a beginning of names on, as a store of objects: for a table that lives there.
//!
//! What a table needs is that a file is made once: creating is never replacing. Attributes, tags and versions are refused;
//! blobs whose names no path can have are left out of lists.

mod parts;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use model::limits::{BLOB_PAGE_ENTRIES_MAX, BLOB_RANGE_BYTES_MAX, BLOCK_BYTES};
use object_store::path::Path;
use object_store::{
    Attributes, CopyMode, CopyOptions, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult,
};

use crate::storage::blobs::{Blob, Blobs, Condition, Piece, Properties, Reading};
use crate::storage::error::{Lack, Problem, StorageError};
use crate::storage::text::date_of;

use parts::Parts;

/// What it is called in messages of the library.
const NAME: &str = "Azure Storage";
/// Blobs that are removed side by side.
const REMOVED_AT_ONCE: usize = 8;

type Answer<T> = Result<T, object_store::Error>;

/// A container, from a beginning of names on.
#[derive(Clone, Debug)]
pub struct Store {
    blobs: Blobs,
}

impl Store {
    /// Everything under the prefix of the place of these blobs.
    #[must_use]
    pub const fn new(blobs: Blobs) -> Self {
        Self { blobs }
    }

    /// What names begin with: nothing, or parts with a slash behind each.
    fn root(&self) -> String {
        match self.blobs.place().prefix().trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        }
    }

    fn name(&self, location: &Path) -> String {
        format!("{}{location}", self.root())
    }

    /// Lists end at a slash: `a/b` does not list what is in `a/bc`.
    fn beginning(&self, prefix: Option<&Path>) -> String {
        match prefix.map(Path::as_ref).filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => format!("{}{prefix}/", self.root()),
            None => self.root(),
        }
    }

    /// None if no path can have its name.
    fn path(&self, name: &str) -> Option<Path> {
        Path::parse(name.strip_prefix(&self.root())?).ok()
    }

    fn meta(&self, blob: &Blob) -> Option<ObjectMeta> {
        if blob.is_folder {
            return None;
        }
        Some(meta(
            self.path(&blob.name)?,
            blob.size,
            &blob.etag,
            blob.modified_micros,
        ))
    }

    /// What is to be read: all that is known before it is asked for.
    async fn wanted(&self, name: &str, options: &GetOptions) -> Result<Wanted, StorageError> {
        let mut when = reading(options);
        let range = match &options.range {
            None => 0..u64::MAX,
            Some(GetRange::Bounded(range)) => range.clone(),
            Some(GetRange::Offset(start)) => *start..u64::MAX,
            // The service reads no last bytes by their number.
            Some(GetRange::Suffix(length)) => {
                let known = self.blobs.properties_if(name, &when).await?;
                let start = known.size.saturating_sub(*length);
                let range = start..known.size;
                if range.is_empty() {
                    return Ok(Wanted::Nothing(known));
                }
                when = Reading {
                    if_match: Some(known.etag),
                    ..Reading::default()
                };
                range
            }
        };
        let piece_bytes = match range.end {
            u64::MAX => BLOCK_BYTES,
            _ => BLOB_RANGE_BYTES_MAX,
        };
        let piece_bytes = u64::try_from(piece_bytes).unwrap_or(u64::MAX);
        let first = range.start..range.end.min(range.start.saturating_add(piece_bytes));
        match self.blobs.range_if(name, first, &when).await {
            Ok(piece) => Ok(Wanted::Piece {
                range: range.start..range.end.min(piece.size),
                piece,
                piece_bytes,
            }),
            // A blob with nothing in it has no first byte.
            Err(error) if error.problem == Problem::PastEnd && range.start == 0 => {
                let known = self.blobs.properties_if(name, &when).await?;
                if known.size == 0 {
                    return Ok(Wanted::Nothing(known));
                }
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// What is to be read.
enum Wanted {
    Nothing(Properties),
    Piece {
        range: Range<u64>,
        piece: Piece,
        piece_bytes: u64,
    },
}

#[async_trait]
impl ObjectStore for Store {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Answer<PutResult> {
        plain(&options.attributes, options.tags.encoded())?;
        let condition = match options.mode {
            PutMode::Overwrite => Condition::Any,
            PutMode::Create => Condition::CreateOnly,
            PutMode::Update(version) => match version.e_tag {
                Some(etag) => Condition::IfMatch(etag),
                None => return Err(refused("replacing a blob without its e-tag")),
            },
        };
        let name = self.name(location);
        let written = self.blobs.put(&name, Bytes::from(payload), &condition).await;
        let written = written.map_err(|error| outward(location, error))?;
        Ok(PutResult {
            e_tag: Some(written.etag),
            version: None,
        })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Answer<Box<dyn MultipartUpload>> {
        plain(&options.attributes, options.tags.encoded())?;
        let parts = Parts::new(self.blobs.clone(), self.name(location), location.clone());
        Ok(Box::new(parts))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Answer<GetResult> {
        if options.version.is_some() {
            return Err(refused("reading a version of a blob"));
        }
        let name = self.name(location);
        let failed = |error| outward(location, error);
        if options.head {
            let known = self
                .blobs
                .properties_if(&name, &reading(&options))
                .await
                .map_err(failed)?;
            return Ok(empty(location, &known));
        }
        if let Some(range) = &options.range {
            range.is_valid().map_err(|error| generic(error.into()))?;
        }
        match self.wanted(&name, &options).await.map_err(failed)? {
            Wanted::Nothing(known) => Ok(empty(location, &known)),
            Wanted::Piece {
                range,
                piece,
                piece_bytes,
            } => {
                let meta = meta(location.clone(), piece.size, &piece.etag, piece.modified_micros);
                let next = range.start + u64::try_from(piece.bytes.len()).unwrap_or(u64::MAX);
                let rest = self.rest(name, location.clone(), next..range.end, piece.etag, piece_bytes);
                let first = stream::once(async { Ok(piece.bytes) });
                Ok(GetResult {
                    payload: GetResultPayload::Stream(first.chain(rest).boxed()),
                    meta,
                    range,
                    attributes: Attributes::default(),
                })
            }
        }
    }

    fn delete_stream(&self, locations: BoxStream<'static, Answer<Path>>) -> BoxStream<'static, Answer<Path>> {
        let own = self.clone();
        let removed = locations.map(move |location| {
            let own = own.clone();
            async move {
                let location = location?;
                let gone = own.blobs.delete(&own.name(&location), None).await;
                gone.map_err(|error| outward(&location, error))?;
                Ok(location)
            }
        });
        removed.buffered(REMOVED_AT_ONCE).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Answer<ObjectMeta>> {
        let own = Arc::new(self.clone());
        let beginning = self.beginning(prefix);
        let pages = stream::try_unfold(Some(None::<String>), move |next| {
            let (own, beginning) = (Arc::clone(&own), beginning.clone());
            async move {
                let Some(marker) = next else {
                    return Ok::<_, object_store::Error>(None);
                };
                let page = own
                    .blobs
                    .list(&beginning, None, marker.as_deref(), BLOB_PAGE_ENTRIES_MAX)
                    .await;
                let page = page.map_err(|error| outward(&Path::default(), error))?;
                let metas: Vec<_> = page
                    .blobs
                    .iter()
                    .filter_map(|blob| own.meta(blob))
                    .map(Ok)
                    .collect();
                Ok(Some((stream::iter(metas), page.next.map(Some))))
            }
        });
        pages.try_flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Answer<ListResult> {
        let beginning = self.beginning(prefix);
        let mut result = ListResult {
            common_prefixes: Vec::new(),
            objects: Vec::new(),
        };
        let mut next = Some(None::<String>);
        while let Some(marker) = next {
            let page = self
                .blobs
                .list(&beginning, Some("/"), marker.as_deref(), BLOB_PAGE_ENTRIES_MAX)
                .await;
            let page = page.map_err(|error| outward(&Path::default(), error))?;
            let prefixes = page.prefixes.iter();
            result
                .common_prefixes
                .extend(prefixes.filter_map(|prefix| self.path(prefix.trim_end_matches('/'))));
            result
                .objects
                .extend(page.blobs.iter().filter_map(|blob| self.meta(blob)));
            next = page.next.map(Some);
        }
        Ok(result)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Answer<()> {
        let condition = match options.mode {
            CopyMode::Overwrite => Condition::Any,
            CopyMode::Create => Condition::CreateOnly,
        };
        let (source, target) = (self.name(from), self.name(to));
        let copied = self.blobs.copy(&source, &target, &condition).await;
        copied.map(|_| ()).map_err(|error| {
            let at = if error.is_missing() { from } else { to };
            outward(at, error)
        })
    }
}

impl Store {
    /// What comes after the first piece, of the same contents.
    fn rest(
        &self,
        name: String,
        location: Path,
        range: Range<u64>,
        etag: String,
        piece_bytes: u64,
    ) -> BoxStream<'static, Answer<Bytes>> {
        let blobs = self.blobs.clone();
        stream::try_unfold(range, move |range| {
            let (blobs, name, location, etag) = (blobs.clone(), name.clone(), location.clone(), etag.clone());
            async move {
                if range.is_empty() {
                    return Ok(None);
                }
                let end = range.end.min(range.start.saturating_add(piece_bytes));
                let piece = blobs.range(&name, range.start..end, Some(&etag)).await;
                let piece = piece.map_err(|error| outward(&location, error))?;
                Ok(Some((piece.bytes, end..range.end)))
            }
        })
        .boxed()
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.blobs.place().fmt(f)
    }
}

fn reading(options: &GetOptions) -> Reading {
    Reading {
        if_match: options.if_match.clone(),
        if_none_match: options.if_none_match.clone(),
        if_modified_since: options.if_modified_since.map(date_of),
        if_unmodified_since: options.if_unmodified_since.map(date_of),
    }
}

fn meta(location: Path, size: u64, etag: &str, modified_micros: i64) -> ObjectMeta {
    ObjectMeta {
        location,
        last_modified: DateTime::<Utc>::from_timestamp_micros(modified_micros).unwrap_or_default(),
        size,
        e_tag: Some(etag.to_owned()),
        version: None,
    }
}

fn empty(location: &Path, known: &Properties) -> GetResult {
    GetResult {
        payload: GetResultPayload::Stream(stream::empty().boxed()),
        meta: meta(location.clone(), known.size, &known.etag, known.modified_micros),
        range: 0..known.size,
        attributes: Attributes::default(),
    }
}

fn plain(attributes: &Attributes, tags: &str) -> Answer<()> {
    if attributes.is_empty() && tags.is_empty() {
        return Ok(());
    }
    Err(refused("writing attributes or tags"))
}

fn refused(operation: &str) -> object_store::Error {
    object_store::Error::NotImplemented {
        operation: operation.to_owned(),
        implementer: NAME.to_owned(),
    }
}

fn generic(source: Box<dyn std::error::Error + Send + Sync>) -> object_store::Error {
    object_store::Error::Generic { store: NAME, source }
}

/// The library's error for one of ours.
pub(super) fn outward(location: &Path, error: StorageError) -> object_store::Error {
    let path = location.to_string();
    let problem = error.problem.clone();
    let source = Box::new(error);
    match problem {
        Problem::NoBlob | Problem::NoContainer => object_store::Error::NotFound { path, source },
        Problem::Exists => object_store::Error::AlreadyExists { path, source },
        Problem::Changed | Problem::Leased | Problem::LeaseLost => {
            object_store::Error::Precondition { path, source }
        }
        Problem::NotModified => object_store::Error::NotModified { path, source },
        Problem::Forbidden {
            lack: Lack::Key | Lack::Signature | Lack::Ended | Lack::Early | Lack::Name | Lack::Keys,
            ..
        }
        | Problem::Credential(_) => object_store::Error::Unauthenticated { path, source },
        Problem::Forbidden { .. } => object_store::Error::PermissionDenied { path, source },
        _ => generic(source),
    }
}
