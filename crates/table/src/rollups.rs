//! Rollups that are kept beside the table: what `FlowsOnce` comes to by the hour, and for which hours that still holds.
//!
//! A rollup is derived: nothing is lost with it. One list `_rollups/NUMBER.json` names every part that counts, for all
//! rollup tables together, and the version of `Flows` up to which its parts are true; a newer list takes the place of the
//! one before, whole. A part covers hours of a day. It does not count for hours that `Flows` has changed in since, nor
//! where other facts, or another definition, would make something else of the same rows: those are computed from rows.
//! What the files hold is the caller's business.

mod forgotten;
mod hours;
mod kept;

pub(crate) use hours::bounds;
pub use hours::{Hours, HoursSet};
pub use kept::{Built, Rollups};
pub(crate) use kept::{KeptFile, List};

use futures::TryStreamExt;
use model::limits::VACUUM_RETAIN_SECS_MIN;
use model::{TableDef, TableVersion};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::error::{Result, TableError};
use crate::facts::FactsFile;
use crate::snapshot::Snapshot;
use crate::table::Table;
use crate::writer::Writer;
use kept::Part;

/// Folder of the lists and of the files that they name.
pub(crate) const FOLDER: &str = "_rollups";
/// The format of a list.
const FORMAT: u32 = 1;

/// What rollups are made by: a text that is another one whenever the same rows would come to something else.
#[derive(Clone, Debug)]
pub struct RollupDefinition {
    /// The tables.
    pub tables: &'static [&'static TableDef],
    /// What tells this definition from others.
    pub hash: String,
}

impl RollupDefinition {
    /// Tables that are made as these texts say.
    #[must_use]
    pub fn new<'t>(tables: &'static [&'static TableDef], texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut hash = Sha256::new();
        for text in texts {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        }
        Self {
            tables,
            hash: short(hash),
        }
    }
}

fn short(hash: Sha256) -> String {
    hex::encode(hash.finalize()).chars().take(32).collect()
}

/// What tells the facts that hold until an instant from others. Before the first ones those hold already, and so does what
/// later ones said first.
fn facts_until(facts: &[FactsFile], before_micros: i64) -> String {
    let first = facts.first().map_or(0, |file| file.taken_micros);
    let mut hash = Sha256::new();
    for file in facts {
        if file.taken_micros < before_micros || file.taken_micros == first || file.is_early {
            hash.update(file.taken_micros.to_le_bytes());
            hash.update(&file.hash);
        }
    }
    short(hash)
}

impl Table {
    /// What is kept, and what of it holds for the loaded version of `Flows` and these facts.
    ///
    /// # Errors
    /// If the newest list or the log cannot be read.
    pub async fn rollups(&self, definition: &RollupDefinition, facts: &[FactsFile]) -> Result<Rollups> {
        let flows = self.flows.snapshot()?;
        let RollupFolder { number, list, files } = self.rollup_folder().await?;
        let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(Arc::clone(&self.store), FOLDER));
        let there = HoursSet::of_files(&flows.files);
        let is_ahead = list.flows_version > flows.version.0;
        let changed = match is_ahead {
            true => None,
            false => self.flows.changed_after(TableVersion(list.flows_version)).await?,
        };
        let counts = |part: &Part| {
            changed.is_some()
                && part.definition == definition.hash
                && part.facts == facts_until(facts, part.hours.before)
                && part.is_there(&files)
        };
        let parts = list.parts.into_iter().filter(counts).collect();
        let changed = changed.unwrap_or_default();
        let of = kept::Of {
            number,
            flows_version: flows.version,
            is_ahead,
        };
        Rollups::new(definition, &store, of, parts, (&there, &changed))
    }

    /// Keeps a part for some hours, in place of all parts that touch them or hold no longer.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if another program has kept something since `rollups` was looked at; or if the list cannot be written.
    pub async fn keep_rollup(
        &self,
        definition: &RollupDefinition,
        facts: &[FactsFile],
        rollups: &Rollups,
        built: Built,
    ) -> Result<()> {
        if rollups.is_ahead() {
            return Err(TableError::Conflict);
        }
        let mut parts: Vec<Part> = rollups.whole_parts().cloned().collect();
        parts.retain(|part| !part.hours.touches(&built.hours));
        let facts = facts_until(facts, built.hours.before);
        parts.push(Part::new(&definition.hash, facts, built));
        parts.sort_by_key(|part| part.hours.from);
        let list = List {
            format: FORMAT,
            flows_version: rollups.flows_version().0,
            parts,
        };
        self.put_list(rollups.number() + 1, &list).await
    }

    /// Writes a list, if nobody has written one of this number.
    async fn put_list(&self, number: u64, list: &List) -> Result<()> {
        let path = list_path(number);
        let text =
            serde_json::to_vec(list).map_err(|error| TableError::io("make a list of rollups", error))?;
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        match self.store.put_opts(&path, text.into(), options).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => Err(TableError::Conflict),
            Err(error) => Err(TableError::io(format!("write `{path}`"), error)),
        }
    }

    /// A writer for rows of a rollup; nothing names its files until they are kept.
    #[must_use]
    pub fn rollup_writer(&self, table: &'static TableDef, now_micros: i64) -> Writer {
        let folder = Path::from(FOLDER).join(table.name);
        let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(Arc::clone(&self.store), folder));
        Writer::new(table, store, now_micros.div_euclid(1000))
    }

    /// Removes lists and files that no list needs which a reader may still have open. Gives how many.
    ///
    /// # Errors
    /// If the folder cannot be listed, or a file cannot be removed.
    pub async fn sweep_rollups(&self, now_micros: i64) -> Result<usize> {
        let retain = i64::try_from(VACUUM_RETAIN_SECS_MIN).unwrap_or(i64::MAX);
        let cutoff = now_micros.div_euclid(1_000_000).saturating_sub(retain);
        let folder = self.rollup_folder().await?;
        let newest = list_path(folder.number);
        let needed: HashSet<Path> = folder.list.files().map(|(path, _)| path).collect();
        let mut removed = 0;
        for (path, file) in &folder.files {
            let is_old = file.written_secs < cutoff;
            if is_old && *path != newest && !needed.contains(path) {
                let gone = self.store.delete(path).await;
                gone.map_err(|error| TableError::io(format!("remove `{path}`"), error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// The newest list, and every file there is. Without a list, and with one that another program wrote in a way that is
    /// not ours, nothing counts: everything can be computed.
    pub(crate) async fn rollup_folder(&self) -> Result<RollupFolder> {
        let listed = |error| TableError::io(format!("list `{FOLDER}`"), error);
        let metas = self.store.list(Some(&Path::from(FOLDER)));
        let metas: Vec<object_store::ObjectMeta> = metas.try_collect().await.map_err(listed)?;
        let file = |meta: object_store::ObjectMeta| {
            let file = FileThere {
                bytes: meta.size,
                written_secs: meta.last_modified.timestamp(),
            };
            (meta.location, file)
        };
        let files: BTreeMap<Path, FileThere> = metas.into_iter().map(file).collect();
        let numbers = files.keys().filter_map(list_number);
        let Some(number) = numbers.max() else {
            return Ok(RollupFolder {
                number: 0,
                list: List::default(),
                files,
            });
        };
        let path = list_path(number);
        let unread = |error| TableError::io(format!("read `{path}`"), error);
        let found = self.store.get(&path).await.map_err(unread)?;
        let text = found.bytes().await.map_err(unread)?;
        let list = serde_json::from_slice::<List>(&text).ok();
        let list = list.filter(|list| list.format == FORMAT).unwrap_or_default();
        Ok(RollupFolder { number, list, files })
    }
}

/// What lies beside the table.
#[derive(Debug)]
pub(crate) struct RollupFolder {
    /// Of the newest list; 0 if there is none.
    number: u64,
    pub(crate) list: List,
    /// All files, lists and files that nothing needs too.
    pub(crate) files: BTreeMap<Path, FileThere>,
}

/// A file as the store lists it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileThere {
    pub(crate) bytes: u64,
    written_secs: i64,
}

fn list_path(number: u64) -> Path {
    Path::from(format!("{FOLDER}/{number:020}.json"))
}

fn list_number(path: &Path) -> Option<u64> {
    let name = path.as_ref().strip_prefix(FOLDER)?.strip_prefix('/')?;
    name.strip_suffix(".json")?.parse().ok()
}

/// Rows of a snapshot within some hours, about: those of a file are taken to lie evenly between its bounds.
#[must_use]
pub fn rows_within(snapshot: &Snapshot, hours: Hours) -> u64 {
    let rows = snapshot.files.iter().map(|file| {
        let (first, last) = bounds(file);
        let from = first.max(hours.from);
        let length = last.saturating_sub(first).saturating_add(1).max(1);
        let common = last
            .saturating_add(1)
            .min(hours.before)
            .saturating_sub(from)
            .max(0);
        let rows = i128::from(file.rows.unwrap_or(0)) * i128::from(common) / i128::from(length);
        u64::try_from(rows).unwrap_or(0)
    });
    rows.sum()
}

/// The files of each rollup table, by its name.
pub(crate) type Files = BTreeMap<String, Vec<kept::KeptFile>>;
