//! What retention has dropped of a table, as its log says: numbers of transactions that only grow, in the entry that drops.
//!
//! So the rows and what is said of them change in one step, checkpoints keep it, and a reader that knows nothing of it is not
//! in its way.

use std::collections::HashSet;

use deltalake_core::kernel::Transaction;
use deltalake_core::protocol::DeltaOperation;
use model::TableVersion;

use super::{Log, failed};
use crate::error::Result;

/// The first day that was kept.
const FROM_DAY: &str = "flowglass-retained-from";
/// Rows that were dropped so far.
const ROWS: &str = "flowglass-dropped-rows";
/// Tuples that the rows said were stored: of `IngestLog` only.
const STORED: &str = "flowglass-dropped-stored";

/// What was dropped so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DroppedSoFar {
    /// Days before this one were dropped.
    pub(crate) from_day: i32,
    /// How many rows that took.
    pub(crate) rows: u64,
    /// Of `IngestLog`: how many tuples they said were stored.
    pub(crate) stored: u64,
}

impl Log {
    /// What was dropped up to the loaded version; none if nothing ever was.
    pub(crate) async fn dropped_so_far(&self) -> Result<Option<DroppedSoFar>> {
        let Some(from_day) = self.number_of(FROM_DAY).await? else {
            return Ok(None);
        };
        let count = |number: Option<i64>| u64::try_from(number.unwrap_or(0)).unwrap_or(0);
        Ok(Some(DroppedSoFar {
            from_day: i32::try_from(from_day).unwrap_or(i32::MAX),
            rows: count(self.number_of(ROWS).await?),
            stored: count(self.number_of(STORED).await?),
        }))
    }

    async fn number_of(&self, name: &str) -> Result<Option<i64>> {
        let number = self.state.transaction_version(self.log_store.as_ref(), name);
        let number = number.await;
        number.map_err(|error| failed("read what retention has dropped", error))
    }

    /// Takes files out for good, and says what was dropped so far with them. Conflicts as [`Log::replace`].
    pub(crate) async fn drop_for_good(
        &mut self,
        removed: &HashSet<String>,
        so_far: &DroppedSoFar,
        now_millis: i64,
    ) -> Result<TableVersion> {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let mut said = vec![
            Transaction::new(FROM_DAY, i64::from(so_far.from_day)),
            Transaction::new(ROWS, count(so_far.rows)),
        ];
        if so_far.stored > 0 {
            said.push(Transaction::new(STORED, count(so_far.stored)));
        }
        let actions = self.removals(removed, true, now_millis)?;
        let operation = DeltaOperation::Delete { predicate: None };
        self.put_exactly(actions, said, operation).await
    }
}
