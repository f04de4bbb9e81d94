//! A container: its blobs listed, read, written and removed. What is read at a time is bounded; what is written under a
//! condition is written once, or the caller is told that it was not.

mod blocks;
mod lease;
mod list;
mod write;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use model::limits::BLOB_RANGE_BYTES_MAX;
use net::{Client, Kind, Method, Response};

use crate::storage::account::{Account, lacking, unreadable};
use crate::storage::credential::Credential;
use crate::storage::error::{Problem, StorageError};
use crate::storage::place::Place;
use crate::storage::text::{etag_of, micros_of, quoted};

pub(crate) use blocks::Ids;
pub use blocks::{Block, BlockList, id_text};
pub use list::{Blob, BlobKind, LeaseState, Page};
pub use write::{Condition, Written};

/// By which a writer knows its own writing again, among a blob's metadata.
pub(crate) const MARK: &str = "x-ms-meta-written";

/// A container.
#[derive(Clone, Debug)]
pub struct Blobs {
    account: Arc<Account>,
}

/// What is known of a blob without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Properties {
    /// Bytes.
    pub size: u64,
    /// Which of its contents these are.
    pub etag: String,
    /// When it was written last, in microseconds since 1970; Azure tells seconds.
    pub modified_micros: i64,
    /// When it was made.
    pub created_micros: Option<i64>,
    /// How it is written.
    pub kind: BlobKind,
    /// Whether somebody holds a lease on it.
    pub lease: LeaseState,
    pub(crate) mark: Option<String>,
    /// While it is a copy that is being made: how far that is.
    pub(crate) copying: Option<String>,
}

/// A piece of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes: as many as were asked for, or fewer where the blob ends before.
    pub bytes: Bytes,
    /// Of the whole blob.
    pub size: u64,
    /// Which of its contents these are.
    pub etag: String,
    /// When it was written last, in microseconds since 1970.
    pub modified_micros: i64,
}

/// What must hold for a blob to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<String>,
    pub(crate) if_unmodified_since: Option<String>,
}

impl Reading {
    fn headers(&self) -> Vec<(&'static str, String)> {
        let etag = |held: &Option<String>| {
            let held = held.as_deref()?;
            Some(if held == "*" {
                held.to_owned()
            } else {
                quoted(held)
            })
        };
        [
            ("if-match", etag(&self.if_match)),
            ("if-none-match", etag(&self.if_none_match)),
            ("if-modified-since", self.if_modified_since.clone()),
            ("if-unmodified-since", self.if_unmodified_since.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

impl Blobs {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(client: Arc<Client>, place: Place, credential: Credential) -> Self {
        Self {
            account: Arc::new(Account::new(client, place, credential)),
        }
    }

    /// Where they are.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.account.place
    }

    /// Who asks.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.account.credential
    }

    /// What is known of a blob.
    ///
    /// # Errors
    /// If it is not there, or may not be read.
    pub async fn properties(&self, name: &str) -> Result<Properties, StorageError> {
        self.properties_if(name, &Reading::default()).await
    }

    pub(crate) async fn properties_if(&self, name: &str, when: &Reading) -> Result<Properties, StorageError> {
        let mut ask = self.account.ask(Method::Head, name)?;
        ask.headers = when.headers();
        let response = self.account.send(&ask).await?;
        Properties::of(&response, &ask.place)
    }

    /// Reads a piece of a blob. With an e-tag it is read only of those contents.
    ///
    /// # Errors
    /// [`Problem::Changed`] if it has other contents, [`Problem::NoBlob`] if it is gone, [`Problem::PastEnd`] if it ends
    /// before the piece begins.
    pub async fn range(
        &self,
        name: &str,
        range: Range<u64>,
        if_match: Option<&str>,
    ) -> Result<Piece, StorageError> {
        let when = Reading {
            if_match: if_match.map(str::to_owned),
            ..Reading::default()
        };
        self.range_if(name, range, &when).await
    }

    pub(crate) async fn range_if(
        &self,
        name: &str,
        range: Range<u64>,
        when: &Reading,
    ) -> Result<Piece, StorageError> {
        let mut ask = self.account.ask(Method::Get, name)?;
        let length = range.end.saturating_sub(range.start);
        let wanted = usize::try_from(length)
            .ok()
            .filter(|length| (1..=BLOB_RANGE_BYTES_MAX).contains(length))
            .ok_or_else(|| {
                StorageError::of(Problem::Setting {
                    what: format!("bytes {} to {} are not read at once", range.start, range.end),
                    hint: format!("read between 1 and {BLOB_RANGE_BYTES_MAX} bytes at a time"),
                })
                .at(&ask.place)
            })?;
        ask.headers = when.headers();
        // An error's body is read too, however small the piece is.
        let bytes_max = wanted.max(ask.bytes_max);
        let ask = ask
            .header("x-ms-range", &format!("bytes={}-{}", range.start, range.end - 1))
            .up_to(bytes_max);
        let response = match self.account.send(&ask).await {
            // What is gone has no e-tag, so that some say that it has another one.
            Err(error) if error.problem == Problem::Changed => {
                let gone = self.properties(name).await.err().filter(StorageError::is_missing);
                return Err(gone.unwrap_or(error));
            }
            answer => answer?,
        };
        let size = whole_size(&response, range.start).ok_or_else(|| lacking(&ask.place, "content-range"))?;
        // Some servers answer nothing rather than that there is nothing.
        if size <= range.start {
            return Err(StorageError::of(Problem::PastEnd).at(&ask.place));
        }
        let expected = size.min(range.end).saturating_sub(range.start);
        if u64::try_from(response.body.len()) != Ok(expected) {
            let reason = format!("it has {} bytes instead of {expected}", response.body.len());
            return Err(unreadable(&ask.place, reason));
        }
        let (etag, modified_micros) = written(&response, &ask.place)?;
        Ok(Piece {
            bytes: Bytes::from(response.body),
            size,
            etag,
            modified_micros,
        })
    }

    /// Makes the container. False if it is there already.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn create(&self) -> Result<bool, StorageError> {
        let ask = self.account.ask(Method::Put, "")?;
        let ask = ask
            .query("restype", "container")
            .counted(Kind::List)
            .body(Bytes::new());
        match self.account.send(&ask).await {
            Ok(_) => Ok(true),
            Err(error) if error.problem == Problem::Exists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// True if the container is there.
    ///
    /// # Errors
    /// If that cannot be asked.
    pub async fn exists(&self) -> Result<bool, StorageError> {
        let ask = self.account.ask(Method::Head, "")?;
        match self.account.send(&ask.query("restype", "container")).await {
            Ok(_) => Ok(true),
            Err(error) if error.problem == Problem::NoContainer => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Properties {
    fn of(response: &Response, place: &str) -> Result<Self, StorageError> {
        let (etag, modified_micros) = written(response, place)?;
        let size = response
            .header("content-length")
            .and_then(|size| size.parse().ok());
        Ok(Self {
            size: size.ok_or_else(|| lacking(place, "content-length"))?,
            etag,
            modified_micros,
            created_micros: response.header("x-ms-creation-time").and_then(micros_of),
            kind: BlobKind::of(response.header("x-ms-blob-type").unwrap_or_default()),
            lease: LeaseState::of(response.header("x-ms-lease-state").unwrap_or_default()),
            mark: response.header(MARK).map(str::to_owned),
            copying: response.header("x-ms-copy-status").map(str::to_owned),
        })
    }
}

/// The e-tag of an answer, and when what it is of was written.
fn written(response: &Response, place: &str) -> Result<(String, i64), StorageError> {
    let etag = response.header("etag").map(etag_of);
    let modified = response.header("last-modified").and_then(micros_of);
    Ok((
        etag.ok_or_else(|| lacking(place, "etag"))?,
        modified.ok_or_else(|| lacking(place, "last-modified"))?,
    ))
}

/// The size of the whole, of `bytes 5-9/100`; of an answer with all of it, of its length.
fn whole_size(response: &Response, start: u64) -> Option<u64> {
    let Some(held) = response.header("content-range") else {
        let is_whole = response.status == 200 && start == 0;
        return u64::try_from(response.body.len()).ok().filter(|_| is_whole);
    };
    let (piece, size) = held.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = piece.split_once('-')?;
    (first.parse() == Ok(start)).then(|| size.parse().ok())?
}
