//! Which hours of a table changed since a version, as the entries of the log say.

use deltalake_core::kernel::Action;
use deltalake_core::logstore::get_actions;
use model::TableVersion;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use super::{Log, entry, failed};
use crate::error::{Result, TableError};
use crate::rollups::{Hours, HoursSet, bounds};

impl Log {
    /// The hours whose rows may have changed after this version, up to the loaded one; none if entries in between are gone.
    pub(crate) async fn changed_after(&self, version: TableVersion) -> Result<Option<HoursSet>> {
        let after = version.0.saturating_add(1);
        if after > self.version().0 {
            return Ok(Some(HoursSet::default()));
        }
        let mut changed = Vec::new();
        for number in after..=self.version().0 {
            let path = Path::from(format!("_delta_log/{number:020}.json"));
            let unread = |error| TableError::io(format!("read `{}/{path}`", self.table.name), error);
            let found = match self.store.get(&path).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                found => found.map_err(unread)?,
            };
            let bytes = found.bytes().await.map_err(unread)?;
            let actions = get_actions(u64::try_from(number).unwrap_or(0), &bytes)
                .map_err(|error| failed("read an entry of the log", error))?;
            for action in actions {
                changed.extend(self.changed_by(action)?);
            }
        }
        Ok(Some(changed.into_iter().collect()))
    }

    /// The hours that one action changes.
    fn changed_by(&self, action: Action) -> Result<Option<Hours>> {
        let file = match action {
            Action::Add(add) if add.data_change => entry::data_file(self.table, add)?,
            // Its bounds are not said: all of its day.
            Action::Remove(remove) if remove.data_change => {
                entry::data_file(self.table, entry::added(remove))?
            }
            _ => return Ok(None),
        };
        let (first, last) = bounds(&file);
        Ok(Some(Hours::changed_by(first, last)))
    }
}
