//! Writing, and the question whether it was ours.
//!
//! A request whose answer was lost is asked again. If the first one was carried out, the second finds that its condition no
//! longer holds. So each writing leaves a mark of its own among the blob's metadata: whoever finds that mark has written it.
//! A mark that somebody else has replaced since tells nothing any more; then the writing is told to have failed.

use bytes::Bytes;
use model::limits::BLOCK_BYTES;
use net::Method;
use tokio::time::{Duration, sleep};
use uuid::Uuid;

use crate::storage::account::Ask;
use crate::storage::blobs::{Blobs, MARK, written};
use crate::storage::error::{Problem, StorageError};
use crate::storage::text::quoted;

/// What must hold for a blob to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing: what is there is replaced.
    Any,
    /// Nothing is there under that name.
    CreateOnly,
    /// It has the contents with this e-tag.
    IfMatch(String),
    /// This lease on it is held, by its id.
    Held(String),
}

impl Condition {
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Any => Vec::new(),
            Self::CreateOnly => vec![("if-none-match", "*".to_owned())],
            Self::IfMatch(etag) => vec![("if-match", quoted(etag))],
            Self::Held(id) => vec![("x-ms-lease-id", id.clone())],
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// By which these contents are known.
    pub etag: String,
    /// When, in microseconds since 1970.
    pub modified_micros: i64,
}

impl Blobs {
    /// Writes a blob. What is larger than a block is sent in blocks.
    ///
    /// # Errors
    /// [`Problem::Exists`] or [`Problem::Changed`] if the condition does not hold; [`Problem::Leased`] if somebody else
    /// holds a lease on it.
    pub async fn put(
        &self,
        name: &str,
        bytes: Bytes,
        condition: &Condition,
    ) -> Result<Written, StorageError> {
        if bytes.len() > BLOCK_BYTES {
            return self.put_blocks(name, &bytes, condition).await;
        }
        let mark = Uuid::new_v4().to_string();
        let mut ask = self
            .account
            .ask(Method::Put, name)?
            .header("x-ms-blob-type", "BlockBlob")
            .header("content-type", "application/octet-stream")
            .header(MARK, &mark)
            .body(bytes);
        ask.headers.extend(condition.headers());
        self.settled(name, &ask, &mark).await
    }

    /// Copies a blob within the account, and waits for it.
    ///
    /// # Errors
    /// If the first is not there, or the condition does not hold of the second.
    pub async fn copy(&self, from: &str, to: &str, condition: &Condition) -> Result<Written, StorageError> {
        let mark = Uuid::new_v4().to_string();
        let source = self.account.source(from).await?;
        let mut ask = self
            .account
            .ask(Method::Put, to)?
            .header("x-ms-copy-source", source.expose())
            .header(MARK, &mark)
            .body(Bytes::new());
        ask.headers.extend(condition.headers());
        let mut written = self.settled(to, &ask, &mark).await?;
        // Within an account it is done at once, as a rule.
        let mut wait = Duration::from_millis(100);
        loop {
            let properties = self.properties(to).await?;
            let is_own = properties.mark.as_ref() == Some(&mark);
            match properties.copying.as_deref() {
                Some("pending") if is_own => sleep(wait).await,
                Some("failed" | "aborted") if is_own => {
                    let reason = "the copy was given up".to_owned();
                    return Err(crate::storage::account::unreadable(&ask.place, reason));
                }
                _ => {
                    if is_own {
                        written.etag = properties.etag;
                        written.modified_micros = properties.modified_micros;
                    }
                    return Ok(written);
                }
            }
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }

    /// Removes a blob; with an e-tag, only if it has those contents.
    ///
    /// # Errors
    /// [`Problem::NoBlob`] if it is not there, [`Problem::Changed`] if it has other contents.
    pub async fn delete(&self, name: &str, if_match: Option<&str>) -> Result<(), StorageError> {
        let mut ask = self.account.ask(Method::Delete, name)?;
        if let Some(etag) = if_match {
            ask = ask.header("if-match", &quoted(etag));
        }
        ask = ask.header("x-ms-delete-snapshots", "include");
        match self.account.send(&ask).await {
            // Our own first try, whose answer was lost, or somebody else's: it is gone.
            Err(error) if error.said.is_unsure && error.is_missing() => Ok(()),
            // What is gone has no e-tag, so that it is told to have another one.
            Err(error) if error.problem == Problem::Changed => match self.properties(name).await {
                Err(gone) if gone.is_missing() && error.said.is_unsure => Ok(()),
                Err(gone) if gone.is_missing() => Err(gone),
                _ => Err(error),
            },
            answer => answer.map(|_| ()),
        }
    }

    /// Sends a writing with its mark, and finds out whether one that seems to have failed has not.
    pub(crate) async fn settled(&self, name: &str, ask: &Ask, mark: &str) -> Result<Written, StorageError> {
        let failure = match self.account.send(ask).await {
            Ok(response) => {
                let (etag, modified_micros) = written(&response, &ask.place)?;
                return Ok(Written {
                    etag,
                    modified_micros,
                });
            }
            Err(failure) => failure,
        };
        let is_told = matches!(
            failure.problem,
            Problem::Exists | Problem::Changed | Problem::Leased | Problem::LeaseLost
        );
        if !failure.said.is_unsure || !(is_told || failure.may_pass()) {
            return Err(failure);
        }
        match self.properties(name).await {
            Ok(properties) if properties.mark.as_deref() == Some(mark) => Ok(Written {
                etag: properties.etag,
                modified_micros: properties.modified_micros,
            }),
            _ => Err(failure),
        }
    }
}
