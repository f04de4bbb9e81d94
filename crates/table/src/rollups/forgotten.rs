//! Taking pieces of hours that are no more out of the list: sums of rows that had to go would otherwise lie there until
//! somebody keeps others.

use super::kept::{List, Part};
use crate::error::{Result, TableError};
use crate::table::Table;

/// Tries at the next list, while others write theirs.
const ATTEMPTS_MAX: u32 = 25;

impl Table {
    /// Takes the pieces out that end by this instant, in epoch microseconds, and says how many these were. Their files go with
    /// the next sweep.
    pub(crate) async fn forget_rollups(&self, before: i64) -> Result<u64> {
        for _ in 0..ATTEMPTS_MAX {
            let folder = self.rollup_folder().await?;
            let List { format, parts, .. } = folder.list;
            let (gone, parts): (Vec<Part>, Vec<Part>) =
                parts.into_iter().partition(|part| part.hours.before <= before);
            if gone.is_empty() {
                return Ok(0);
            }
            let list = List {
                format,
                flows_version: folder.list.flows_version,
                parts,
            };
            match self.put_list(folder.number + 1, &list).await {
                Ok(()) => return Ok(gone.len() as u64),
                Err(TableError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(TableError::ConflictAgain {
            attempts: ATTEMPTS_MAX,
        })
    }
}
