//! What stands beside the data: facts, and rollups. Neither is of the log, so each file says itself what it should hold.

use std::collections::{BTreeSet, HashSet};

use object_store::path::Path;
use serde::Deserialize;

use crate::check::CheckReport;
use crate::check::data::said;
use crate::checksum;
use crate::error::Result;
use crate::rollups::{KeptFile, RollupFolder};
use crate::table::Table;

impl Table {
    /// That every snapshot of facts and every database holds what its name says.
    pub(super) async fn check_facts(&self, report: &mut CheckReport) -> Result<()> {
        let mut hashes: BTreeSet<String> = self.databases().await?.into_iter().collect();
        for file in self.facts().await? {
            report.facts += 1;
            match self.read_facts(&file).await {
                Ok(text) => hashes.extend(databases_of(&text)),
                Err(error) => report.problems.push(format!(
                    "{error}; remove that file, and load the exports that it was made of again"
                )),
            }
        }
        for hash in hashes {
            report.facts += 1;
            if let Err(error) = self.read_database(&hash).await {
                report
                    .problems
                    .push(format!("{error}; load that database of addresses again"));
            }
        }
        Ok(())
    }

    /// That every file of a rollup that counts is there in its length, and holds what was written if the check is deep.
    pub(super) async fn check_rollups(
        &self,
        named: &mut HashSet<String>,
        report: &mut CheckReport,
    ) -> Result<()> {
        let folder = self.rollup_folder().await?;
        for (path, file) in folder.list.files() {
            named.insert(path.to_string());
            report.rollups.0 += 1;
            report.rollups.1 += file.bytes;
            let problem = match difference(&folder, &path, file) {
                None if report.deep => self.check_sum(&path, file).await,
                found => found,
            };
            // What is not there counts for nothing, and is made anew.
            report.problems.extend(problem.map(|problem| {
                format!("`{path}` {problem}; remove it, and `flowglass table rollup` makes it anew from rows")
            }));
        }
        Ok(())
    }

    async fn check_sum(&self, path: &Path, file: &KeptFile) -> Option<String> {
        match checksum::of_file(&self.store, path.as_ref()).await {
            Ok(found) if found == file.sha256 => None,
            Ok(_) => Some("holds other bytes than were written: its SHA-256 differs".to_owned()),
            Err(error) => Some(format!("cannot be read: {}", said(&error))),
        }
    }
}

/// The databases that a snapshot names; of one that is not understood none, for who asks it says more.
fn databases_of(text: &[u8]) -> Vec<String> {
    #[derive(Default, Deserialize)]
    struct Snapshot {
        #[serde(default)]
        databases: Vec<Database>,
    }
    #[derive(Deserialize)]
    struct Database {
        hash: String,
    }

    let snapshot = serde_json::from_slice::<Snapshot>(text).unwrap_or_default();
    snapshot.databases.into_iter().map(|held| held.hash).collect()
}

fn difference(folder: &RollupFolder, path: &Path, file: &KeptFile) -> Option<String> {
    match folder.files.get(path) {
        None => Some("is not there".to_owned()),
        Some(there) if there.bytes != file.bytes => Some(format!(
            "has {} bytes, where {} were written",
            there.bytes, file.bytes
        )),
        Some(_) => None,
    }
}
