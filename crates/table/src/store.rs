//! The file system as an object store that survives a power cut. Every file operation of the table
//! goes through here; this is its whole crash contract.
//!
//! - A file appears under its name complete or not at all: it is written under a hidden name, its
//!   bytes are forced to disk, and only then is it linked (create-only) or renamed into place, and
//!   the folder is forced to disk.
//! - Create-only is decided by the file system (`link(2)` fails if the name exists), so two
//!   processes cannot both win.
//! - A full disk, a missing permission or a kill leaves at most a hidden `.tmp-…` file or a data
//!   file that no log names; neither is ever read. `table check` lists them, `table vacuum` removes them.
//!
//! Listing and deleting are `object_store`'s own. What is read is asked for by ranges, so the system is told not to read on
//! behind them: on a machine that reads eight megabytes ahead, the footers of a hundred files would be most of a query.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// Prefix of the names under which files are written before they appear.
pub(crate) const TEMPORARY_PREFIX: &str = ".tmp-";

/// A folder as an object store, with durable writes.
#[derive(Debug)]
pub(crate) struct DurableLocal {
    root: PathBuf,
    inner: LocalFileSystem,
}

impl DurableLocal {
    /// Opens an existing folder.
    ///
    /// # Errors
    /// If the folder does not exist or cannot be resolved.
    pub(crate) fn new(root: &FsPath) -> Result<Self> {
        let root = root.canonicalize().map_err(|source| failed(root, source))?;
        Ok(Self {
            inner: LocalFileSystem::new_with_prefix(&root)?,
            root,
        })
    }

    fn file(&self, location: &Path) -> PathBuf {
        location
            .parts()
            .fold(self.root.clone(), |path, part| path.join(part.as_ref()))
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root.display())
    }
}

fn failed(path: &FsPath, source: io::Error) -> Error {
    let path = path.display().to_string();
    match source.kind() {
        io::ErrorKind::NotFound => Error::NotFound {
            path,
            source: source.into(),
        },
        io::ErrorKind::AlreadyExists => Error::AlreadyExists {
            path,
            source: source.into(),
        },
        io::ErrorKind::PermissionDenied => Error::PermissionDenied {
            path,
            source: source.into(),
        },
        _ => Error::Generic {
            store: "local files",
            source: source.into(),
        },
    }
}

/// A file being written under its hidden name.
struct Hidden {
    file: File,
    hidden: PathBuf,
    path: PathBuf,
}

impl Hidden {
    fn create(path: PathBuf) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(FsPath::new("/")).to_path_buf();
        let hidden = folder.join(format!("{TEMPORARY_PREFIX}{}", uuid::Uuid::new_v4()));
        let open = || OpenOptions::new().write(true).create_new(true).open(&hidden);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&folder)?;
                open()?
            }
            other => other?,
        };
        Ok(Self { file, hidden, path })
    }

    /// Makes the file appear.
    fn publish(self, create_only: bool) -> io::Result<()> {
        let published = self.file.sync_all().and_then(|()| {
            if create_only {
                fs::hard_link(&self.hidden, &self.path).and_then(|()| fs::remove_file(&self.hidden))
            } else {
                fs::rename(&self.hidden, &self.path)
            }
        });
        if let Err(error) = published {
            // Best effort: a hidden file that stays is never read.
            let _ = fs::remove_file(&self.hidden);
            return Err(error);
        }
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

/// Tells the system not to read ahead. What cannot be told is only slower.
fn read_only_what_is_asked(file: &File) {
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Random);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

fn read_at(file: &File, range: &Range<u64>, size: u64) -> io::Result<Bytes> {
    use std::os::unix::fs::FileExt as _;
    let length = range.end.saturating_sub(range.start);
    if size < range.end {
        let text = format!("it ends at byte {size}, before byte {}", range.end);
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let path = self.file(location);
        let create_only = match options.mode {
            PutMode::Overwrite => false,
            PutMode::Create => true,
            PutMode::Update(_) => {
                return Err(Error::NotImplemented {
                    operation: "conditional overwrite".into(),
                    implementer: "local files".into(),
                });
            }
        };
        blocking(move || {
            let write = || {
                let mut hidden = Hidden::create(path.clone())?;
                for part in &payload {
                    if let Err(error) = hidden.file.write_all(part) {
                        let _ = fs::remove_file(&hidden.hidden);
                        return Err(error);
                    }
                }
                hidden.publish(create_only)
            };
            write().map_err(|source| failed(&path, source))?;
            Ok(PutResult {
                e_tag: None,
                version: None,
            })
        })
        .await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let path = self.file(location);
        blocking(move || {
            let hidden = Hidden::create(path.clone()).map_err(|source| failed(&path, source))?;
            Ok(Box::new(Upload {
                hidden: Arc::new(Mutex::new(Some(hidden))),
                offset: 0,
            }) as Box<dyn MultipartUpload>)
        })
        .await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let is_part = options.range.is_some();
        let found = self.inner.get_opts(location, options).await?;
        if let GetResultPayload::File(file, _) = &found.payload
            && is_part
        {
            read_only_what_is_asked(file);
        }
        Ok(found)
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (path, ranges) = (self.file(location), ranges.to_vec());
        blocking(move || {
            let read = || -> io::Result<Vec<Bytes>> {
                let file = File::open(&path)?;
                read_only_what_is_asked(&file);
                let size = file.metadata()?.len();
                ranges.iter().map(|range| read_at(&file, range, size)).collect()
            };
            read().map_err(|source| failed(&path, source))
        })
        .await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        in_order(self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        in_order(self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// Readers of the Delta log rely on the order that real object stores list in; a file system has none.
fn in_order(files: BoxStream<'static, Result<ObjectMeta>>) -> BoxStream<'static, Result<ObjectMeta>> {
    stream::once(sorted(files)).try_flatten().boxed()
}

async fn sorted(
    files: BoxStream<'static, Result<ObjectMeta>>,
) -> Result<impl stream::Stream<Item = Result<ObjectMeta>>> {
    let mut files: Vec<ObjectMeta> = files.try_collect().await?;
    files.sort_by(|left, right| left.location.cmp(&right.location));
    Ok(stream::iter(files.into_iter().map(Ok)))
}

/// A large file being written part by part.
struct Upload {
    hidden: Arc<Mutex<Option<Hidden>>>,
    offset: u64,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload at {}", self.offset)
    }
}

fn write_at(file: &File, mut offset: u64, payload: &PutPayload) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    for part in payload {
        file.write_all_at(part, offset)?;
        offset += part.len() as u64;
    }
    Ok(())
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let offset = self.offset;
        self.offset += data.content_length() as u64;
        let hidden = Arc::clone(&self.hidden);
        Box::pin(blocking(move || {
            let guard = hidden.lock().unwrap_or_else(PoisonError::into_inner);
            match guard.as_ref() {
                // Flushed while the next part is made, so that the end of the file does not wait for all of it.
                Some(hidden) => write_at(&hidden.file, offset, &data)
                    .and_then(|()| hidden.file.sync_data())
                    .map_err(|source| failed(&hidden.path, source)),
                None => Err(ended()),
            }
        }))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let hidden = self
            .hidden
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or_else(ended)?;
        blocking(move || {
            let path = hidden.path.clone();
            hidden.publish(false).map_err(|source| failed(&path, source))?;
            Ok(PutResult {
                e_tag: None,
                version: None,
            })
        })
        .await
    }

    async fn abort(&mut self) -> Result<()> {
        drop(
            self.hidden
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
                .map(Discard),
        );
        Ok(())
    }
}

fn ended() -> Error {
    Error::Generic {
        store: "local files",
        source: "the upload has ended already".into(),
    }
}

/// Removes a hidden file that will not appear.
struct Discard(Hidden);

impl Drop for Discard {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0.hidden);
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        drop(
            self.hidden
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
                .map(Discard),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::ObjectStoreExt;

    fn files(folder: &FsPath) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn create_only_has_one_winner_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(DurableLocal::new(folder.path()).unwrap());
        let put = |n: u8| {
            let store = Arc::clone(&store);
            async move {
                let options = PutOptions {
                    mode: PutMode::Create,
                    ..Default::default()
                };
                store
                    .put_opts(&Path::from("a/b"), vec![n; 10].into(), options)
                    .await
            }
        };
        let results = futures::future::join_all((0..8).map(put)).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert!(
            results
                .iter()
                .filter_map(|result| result.as_ref().err())
                .all(|error| matches!(error, Error::AlreadyExists { .. }))
        );
        assert_eq!(files(&folder.path().join("a")), ["b"]);
    }

    #[tokio::test]
    async fn parts_appear_at_once_and_an_aborted_upload_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = DurableLocal::new(folder.path()).unwrap();
        let mut upload = store.put_multipart(&Path::from("x")).await.unwrap();
        let (first, second) = (
            upload.put_part(vec![1; 1000].into()),
            upload.put_part(vec![2; 10].into()),
        );
        second.await.unwrap();
        first.await.unwrap();
        assert!(!folder.path().join("x").exists());
        upload.complete().await.unwrap();
        let bytes = store.get(&Path::from("x")).await.unwrap().bytes().await.unwrap();
        assert_eq!((bytes.len(), bytes[999], bytes[1000]), (1010, 1, 2));
        let mut aborted = store.put_multipart(&Path::from("y")).await.unwrap();
        aborted.put_part(vec![1; 10].into()).await.unwrap();
        aborted.abort().await.unwrap();
        drop(store.put_multipart(&Path::from("z")).await.unwrap());
        assert_eq!(files(folder.path()), ["x"]);
    }
}
