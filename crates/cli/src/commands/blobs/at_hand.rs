//! What the table knows of blobs, where one is at hand: whose interface it is, and how far each was read. Nothing is written.

use enrich::{Index, Known};
use model::codes::list as code;
use table::Table;

use super::entry::{Entry, Standing};
use crate::account;
use crate::commands::facts;
use crate::config::raw::Origin;
use crate::exit::Failure;
use crate::session::Session;
use crate::working::table_failure;

/// A table, and what it knows.
pub(super) struct AtHand {
    table: Option<Table>,
    index: Option<Index>,
}

impl AtHand {
    /// Opens the table of the settings. One that is not there is none, unless it was named by a flag.
    pub(super) async fn open(session: &Session) -> Result<Self, Failure> {
        let is_named = matches!(session.settings.table.origin, Origin::Flag(_));
        let table = match account::open_table(session).await {
            Ok(table) => table,
            Err(failure) if failure.code == Some(code::TABLE_MISSING) && !is_named => {
                return Ok(Self {
                    table: None,
                    index: None,
                });
            }
            Err(failure) => return Err(failure),
        };
        let has_facts = !table.facts().await.map_err(table_failure)?.is_empty();
        let part = match has_facts {
            true => facts::timeline(session, &table).await?.at(session.now),
            false => None,
        };
        Ok(Self {
            table: Some(table),
            index: part.map(|(part, _)| part.index),
        })
    }

    pub(super) const fn has_table(&self) -> bool {
        self.table.is_some()
    }

    pub(super) const fn has_names(&self) -> bool {
        self.index.is_some()
    }

    /// Looks up the blobs of a page. What is held for that is dropped with the page.
    pub(super) async fn look(&mut self, entries: &mut [Entry]) -> Result<(), Failure> {
        if let Some(index) = &self.index {
            for entry in entries.iter_mut() {
                entry.interface = entry.mac.and_then(|mac| match index.reporter(mac) {
                    Known::One(holder) => Some(holder.name().into_owned()),
                    Known::Nobody | Known::Several(_) => None,
                });
            }
        }
        if let Some(table) = &mut self.table {
            let mut standing = table.standing().await.map_err(table_failure)?;
            for entry in entries.iter_mut() {
                let source = &entry.source;
                let before = standing.position(&source.address, source.hour).await;
                let before = before.map_err(table_failure)?;
                entry.standing = Some(Standing::of(source, before.as_ref()));
            }
        }
        Ok(())
    }
}
