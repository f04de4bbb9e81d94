//! What is ingested of storage accounts: what was named of them, and what the flow logs of the facts write to. Nothing is asked
//! here but the table.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use ingest::{AzureContainer, Container, Listing};
use table::Table;
use tokio_util::sync::CancellationToken;

use super::again::Containers;
use crate::account::{self, AccountFlags, Accounts};
use crate::commands::collect::flow_logs::Inventory;
use crate::exit::Failure;
use crate::ingest_progress::IngestProgress;
use crate::message::{Grade, Message};
use crate::session::Session;

/// Lists of blobs to be ingested.
#[derive(Default)]
pub(crate) struct Lists {
    /// Of what was named.
    pub(super) named: Vec<Listing>,
    /// Who asks the accounts that the facts know of, if those are to be ingested too.
    pub(super) discovers: Option<Accounts>,
}

impl Lists {
    /// Of what was named.
    pub(super) fn of(
        session: &Session,
        flags: &AccountFlags,
        addresses: &[&OsString],
        discovers: bool,
    ) -> Result<Self, Failure> {
        if addresses.is_empty() && !discovers {
            return Ok(Self::default());
        }
        let accounts = Accounts::new(session, flags)?;
        let table = account::table_address(session);
        let named = addresses.iter().map(|address| -> Result<Listing, Failure> {
            let blobs = accounts.blobs(&address.to_string_lossy())?;
            if let Some(table) = &table {
                account::refuse_inside(table, blobs.place())?;
            }
            Ok(account::listing(blobs))
        });
        Ok(Self {
            named: named.collect::<Result<_, _>>()?,
            discovers: discovers.then_some(accounts),
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.named.is_empty() && self.discovers.is_none()
    }

    /// Lists of the containers that flow logs write to, without those that were named. What is not listed is said.
    pub(super) async fn discovered(
        &self,
        session: &Session,
        table: &Table,
        progress: &IngestProgress,
    ) -> Result<Vec<Listing>, Failure> {
        let Some(accounts) = &self.discovers else {
            return Ok(Vec::new());
        };
        let inventory = Inventory::beside(table).await?;
        if inventory.logged.is_empty() {
            return Err(inventory.failure());
        }
        let note = |text: String| session.say(&Message::new(Grade::Note, text));
        for name in &inventory.off {
            note(format!(
                "the flow log `{name}` is switched off, and is not looked for"
            ));
        }
        for name in &inventory.nowhere {
            note(format!(
                "the facts do not say to which account the flow log `{name}` writes"
            ));
        }
        let mut lists = Vec::new();
        for (account, container) in inventory.containers() {
            let blobs = match accounts.container(account, container) {
                Ok(blobs) => blobs,
                Err(failure) => {
                    progress.fail();
                    let text = format!(
                        "`az://{account}/{container}` cannot be listed: {}",
                        failure.message
                    );
                    session.say(&Message {
                        hint: failure.hint,
                        ..Message::new(Grade::Error, text)
                    });
                    continue;
                }
            };
            let whole = format!("{}/", blobs.place().own_address());
            if self
                .named
                .iter()
                .all(|named| !named.address().starts_with(&whole))
            {
                lists.push(account::listing(blobs));
            }
        }
        Ok(lists)
    }
}

/// The containers that were named. Nothing is asked yet.
pub(super) fn containers(
    session: &Session,
    flags: &AccountFlags,
    addresses: &[&OsString],
) -> Result<Containers, Failure> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let accounts = Accounts::new(session, flags)?;
    let containers = addresses.iter().map(|address| {
        let blobs = accounts.blobs(&address.to_string_lossy())?;
        let prefix = blobs.place().prefix().to_owned();
        Ok((AzureContainer::new(blobs) as Arc<dyn Container>, prefix))
    });
    containers.collect()
}

/// Opens the table, or makes it, unless the end is asked for before.
pub(super) async fn opened(
    session: &Session,
    place: &Path,
    cancel: &CancellationToken,
) -> Result<Table, Failure> {
    let opened = cancel.run_until_cancelled(account::open_or_create_table(session, place));
    opened.await.unwrap_or_else(|| {
        let shown = account::shown(place.as_os_str());
        let text = format!("stopped before the table `{shown}` could be opened; nothing was stored");
        Err(Failure::outside(text).hint("run it again when the table can be reached"))
    })
}
