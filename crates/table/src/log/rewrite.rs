//! Entries that take files out of the table: what compaction writes.
//!
//! The library's check for conflicts passes over removals without a change of data, so two programs that
//! fold the same files would both commit, and every row be there twice. So such an entry is written for
//! exactly the version after the one that was looked at, or not at all.

use std::collections::HashSet;

use deltalake_core::kernel::{Action, Transaction};
use deltalake_core::protocol::DeltaOperation;
use model::{Sequence, Shard, TableVersion};

use super::entry::{self, FoldTag};
use super::{Log, properties, transactions};
use crate::error::{Result, TableError};
use crate::snapshot::WrittenFile;

/// A file that takes the place of others.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    pub(crate) written: WrittenFile,
    pub(crate) fold: FoldTag,
}

impl Log {
    /// True if the loaded version has all these files.
    pub(crate) fn has_all(&self, paths: &HashSet<String>) -> Result<bool> {
        let entries = self.entries()?;
        let here = entries.iter().filter(|entry| paths.contains(&entry.path));
        Ok(here.count() == paths.len())
    }

    /// Takes files out and puts those in that hold their rows now.
    ///
    /// [`TableError::Conflict`] if anybody committed anything since this log was loaded.
    pub(crate) async fn replace(
        &mut self,
        removed: &HashSet<String>,
        added: &[NewFile],
        target_bytes: u64,
        now_millis: i64,
    ) -> Result<TableVersion> {
        let operation = DeltaOperation::Optimize {
            predicate: None,
            target_size: i64::try_from(target_bytes).unwrap_or(i64::MAX),
        };
        let mut actions = self.removals(removed, false, now_millis)?;
        let added = added
            .iter()
            .map(|new| entry::add(self.table, &new.written, Some(&new.fold)));
        actions.extend(added.map(Action::Add));
        self.put_exactly(actions, Vec::new(), operation).await
    }

    /// Takes out files whose rows never counted. Conflicts as [`Log::replace`].
    pub(crate) async fn drop_files(
        &mut self,
        removed: &HashSet<String>,
        now_millis: i64,
    ) -> Result<TableVersion> {
        let actions = self.removals(removed, true, now_millis)?;
        let operation = DeltaOperation::Delete { predicate: None };
        self.put_exactly(actions, Vec::new(), operation).await
    }

    /// Takes files out, puts files in and moves these shards to these sequences, all or nothing: rows are replaced. Conflicts as
    /// [`Log::replace`].
    pub(crate) async fn exchange(
        &mut self,
        removed: &HashSet<String>,
        files: &[WrittenFile],
        moved: &[(Shard, Sequence)],
        now_millis: i64,
    ) -> Result<TableVersion> {
        self.check_writable()?;
        let mut actions = self.removals(removed, true, now_millis)?;
        let added = files.iter().map(|written| entry::add(self.table, written, None));
        actions.extend(added.map(Action::Add));
        let properties = properties()
            .with_application_transactions(transactions(moved))
            .with_max_retries(0);
        let operation = DeltaOperation::Update { predicate: None };
        let before = self.version();
        self.put_entry(properties, actions, operation).await?;
        self.have_moved(moved, before).await;
        self.checkpoint_if_due().await;
        Ok(self.version())
    }

    pub(super) fn removals(
        &self,
        paths: &HashSet<String>,
        data_change: bool,
        now_millis: i64,
    ) -> Result<Vec<Action>> {
        let entries = self.entries()?;
        let removals: Vec<Action> = entries
            .iter()
            .filter(|entry| paths.contains(&entry.path))
            .map(|entry| Action::Remove(entry::remove(entry, data_change, now_millis)))
            .collect();
        if removals.len() == paths.len() {
            Ok(removals)
        } else {
            Err(TableError::Conflict)
        }
    }

    pub(super) async fn put_exactly(
        &mut self,
        actions: Vec<Action>,
        said: Vec<Transaction>,
        operation: DeltaOperation,
    ) -> Result<TableVersion> {
        self.check_writable()?;
        let before = self.version();
        let properties = properties()
            .with_application_transactions(said)
            .with_max_retries(0);
        self.put_entry(properties, actions, operation).await?;
        debug_assert_eq!(self.version().0, before.0 + 1);
        self.checkpoint_if_due().await;
        Ok(self.version())
    }
}
