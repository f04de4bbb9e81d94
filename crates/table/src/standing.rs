//! Where reading stands in sources, for who only looks: nothing is written, made or brought to another format.

use crate::error::Result;
use crate::positions::Position;
use crate::table::Table;
use crate::transaction::Transaction;

/// Where reading stands, as of one version of the table. What was looked at is held in memory until it is dropped.
pub struct Standing<'t>(Transaction<'t>);

impl Standing<'_> {
    /// Where reading stands in a source; `hour` is the hour of its path, if it has one.
    ///
    /// # Errors
    /// If a position file cannot be read.
    pub async fn position(&mut self, source: &str, hour: Option<i32>) -> Result<Option<Position>> {
        self.0.position(source, hour).await
    }
}

impl Table {
    /// Where reading stands as of the newest version.
    ///
    /// # Errors
    /// If a log cannot be read.
    pub async fn standing(&mut self) -> Result<Standing<'_>> {
        self.refresh().await?;
        Ok(Standing(Transaction::new(self)))
    }
}
