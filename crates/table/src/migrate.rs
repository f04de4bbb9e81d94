//! Bringing a table to the present format, and checkpoints on demand: what is said of the data, never the
//! data itself.

use model::TableVersion;

use crate::error::{Result, TableError};
use crate::log::{Log, MigrationStep};
use crate::table::Table;

/// What separates one table from the present format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Name of the table.
    pub table: &'static str,
    /// Steps, in order.
    pub steps: Vec<MigrationStep>,
}

/// Tries before giving up on others that commit.
const ATTEMPTS_MAX: usize = 50;

impl Table {
    /// What a migration would do: nothing for a table of the present format.
    ///
    /// # Errors
    /// If a table differs in a way that no step mends.
    pub fn migration(&self) -> Result<Vec<Migration>> {
        let mut all = Vec::new();
        for log in self.logs() {
            let (table, steps) = (log.table().name, log.migration()?);
            if !steps.is_empty() {
                all.push(Migration { table, steps });
            }
        }
        Ok(all)
    }

    /// Brings the tables to the present format, and says what that took. Writes metadata only; what was
    /// stored stays as it is, and is null in new columns.
    ///
    /// # Errors
    /// If a table differs in a way that no step mends, or is for newer programs only.
    pub async fn migrate(&mut self) -> Result<Vec<Migration>> {
        // All or none, as far as can be known beforehand.
        if self.migration()?.is_empty() {
            return Ok(Vec::new());
        }
        let mut done = Vec::new();
        let side = self.ingest_log.iter_mut().chain(&mut self.quarantine);
        for log in std::iter::once(&mut self.flows).chain(side) {
            let (table, steps) = (log.table().name, migrate_log(log).await?);
            if !steps.is_empty() {
                done.push(Migration { table, steps });
            }
        }
        Ok(done)
    }

    /// Writes a checkpoint of each table's newest version, and says which versions these are.
    ///
    /// # Errors
    /// If a log cannot be read or a checkpoint not written.
    pub async fn checkpoint(&mut self) -> Result<Vec<(&'static str, TableVersion)>> {
        self.refresh().await?;
        self.flows.check_writable()?;
        let mut written = Vec::new();
        for log in self.logs() {
            written.push((log.table().name, log.checkpoint().await?));
        }
        Ok(written)
    }
}

async fn migrate_log(log: &mut Log) -> Result<Vec<MigrationStep>> {
    for _ in 0..ATTEMPTS_MAX {
        match log.migrate().await {
            Ok((steps, _)) => return Ok(steps),
            // Another program may have done it.
            Err(TableError::Conflict) => log.refresh().await?,
            Err(other) => return Err(other),
        }
    }
    Err(TableError::Conflict)
}
