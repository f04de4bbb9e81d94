//! Blobs of storage accounts, read as files are: piece by piece, every piece of one commit. None is held.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::Read;

use ingest::{BlobError, BlobFile, Source};
use model::SourceId;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::Reading;
use crate::account::{self, AccountFlags, Accounts, Named};
use crate::exit::Failure;
use crate::message::Message;
use crate::reading::sources;
use crate::session::Session;
use crate::working;

/// Blobs whose first pieces are fetched while another is read: small ones do not wait for each other.
const AHEAD: usize = 8;

/// What was named of storage accounts.
pub(super) struct Remote {
    runtime: Runtime,
    named: Vec<Named>,
}

/// A blob that is being opened.
struct Opening {
    source: Source,
    coming: JoinHandle<Result<BlobFile, BlobError>>,
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.coming.abort();
    }
}

impl Remote {
    /// Looks what was named; nothing is read yet. None if it is nothing.
    pub(super) fn of(
        session: &Session,
        flags: &AccountFlags,
        addresses: &[&OsString],
    ) -> Result<Option<Self>, Failure> {
        if addresses.is_empty() {
            return Ok(None);
        }
        let accounts = Accounts::new(session, flags)?;
        let texts = addresses.iter().map(|address| address.to_string_lossy());
        let texts: Vec<String> = texts.map(std::borrow::Cow::into_owned).collect();
        let runtime = working::runtime(session)?;
        let named = runtime.block_on(accounts.named(&texts))?;
        Ok(Some(Self { runtime, named }))
    }

    fn open(&self, source: Source) -> Option<Opening> {
        let blob = source.blob.clone()?;
        let coming = self.runtime.spawn(async move { ingest::open_blob(&blob).await });
        Some(Opening { source, coming })
    }

    fn opened(&self, opening: &mut Opening) -> Result<Box<dyn Read>, Message> {
        let came = self.runtime.block_on(&mut opening.coming);
        let came = came.unwrap_or_else(|broken| Err(BlobError::failed(broken.to_string())));
        match came {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(account::unavailable(&opening.source.display, &error)),
        }
    }
}

impl Reading<'_> {
    /// Reads them all, in the order in which they were named, and by name within a prefix.
    pub(super) fn read_remote(&mut self, remote: &Remote, numbers: &mut i64) {
        for named in &remote.named {
            match &named.blob {
                Some(source) => self.read_blobs(remote, vec![source.clone()], numbers),
                None => self.read_listed(remote, named, numbers),
            }
            if self.is_over() {
                return;
            }
        }
    }

    fn read_listed(&mut self, remote: &Remote, named: &Named, numbers: &mut i64) {
        let before = *numbers;
        let mut listing = named.listing();
        loop {
            match remote.runtime.block_on(listing.next()) {
                Ok(Some(page)) => self.read_blobs(remote, page, numbers),
                Ok(None) => break,
                Err(error) => {
                    self.summary.files.failed += 1;
                    self.say(account::unavailable(&named.address(), &error));
                    return;
                }
            }
            if self.is_over() {
                return;
            }
        }
        if *numbers == before {
            self.summary.files.failed += 1;
            self.say(named.nothing());
        }
        if let Some(message) = sources::passed_over(&listing.passed_over) {
            self.progress.aside(|| self.session.say(&message));
        }
    }

    fn read_blobs(&mut self, remote: &Remote, blobs: Vec<Source>, numbers: &mut i64) {
        let mut rest = blobs.into_iter().filter_map(|source| remote.open(source));
        let mut coming: VecDeque<Opening> = rest.by_ref().take(AHEAD).collect();
        while let Some(mut opening) = coming.pop_front() {
            *numbers += 1;
            let opened = remote.opened(&mut opening);
            self.read_one(&opening.source, SourceId(*numbers), opened);
            if self.is_over() {
                return;
            }
            coming.extend(rest.next());
        }
    }
}
