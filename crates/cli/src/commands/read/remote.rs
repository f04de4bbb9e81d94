//! Blobs of storage accounts, read as files are: piece by piece, every piece of one commit. None is held.

use std::ffi::OsString;
use std::io::Read;

use ingest::{Blob, Source};
use model::SourceId;
use tokio::runtime::Runtime;

use super::Reading;
use crate::account::{self, AccountFlags, Accounts, Named};
use crate::exit::Failure;
use crate::message::Message;
use crate::reading::sources;
use crate::session::Session;
use crate::working;

/// What was named of storage accounts.
pub(super) struct Remote {
    runtime: Runtime,
    named: Vec<Named>,
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

    fn open(&self, source: &Source, blob: &Blob) -> Result<Box<dyn Read>, Message> {
        match self.runtime.block_on(ingest::open_blob(blob)) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(account::unavailable(&source.display, &error)),
        }
    }
}

impl Reading<'_> {
    /// Reads them all, in the order in which they were named, and by name within a prefix.
    pub(super) fn read_remote(&mut self, remote: &Remote, numbers: &mut i64) {
        for named in &remote.named {
            match &named.blob {
                Some(source) => self.read_blob(remote, source, numbers),
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
            let page = match remote.runtime.block_on(listing.next()) {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => {
                    self.summary.files.failed += 1;
                    self.say(account::unavailable(&named.address(), &error));
                    return;
                }
            };
            for source in page {
                self.read_blob(remote, &source, numbers);
                if self.is_over() {
                    return;
                }
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

    fn read_blob(&mut self, remote: &Remote, source: &Source, numbers: &mut i64) {
        let Some(blob) = &source.blob else { return };
        *numbers += 1;
        self.read_one(source, SourceId(*numbers), remote.open(source, blob));
    }
}
