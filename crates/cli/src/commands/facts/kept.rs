//! Loads as they are kept: numbered from the oldest on, and named by those who want one of them.

use model::facts::FactSet;
use table::{FactsFile, Table};

use super::snapshots;
use crate::exit::Failure;
use crate::instant::{self, Micros};
use crate::json_text::Json;
use crate::session::Session;
use crate::working::table_failure;

/// So many letters of a snapshot's name are enough to mean it.
const LETTERS_MIN: usize = 8;

/// A load.
#[derive(Clone)]
pub(super) struct Kept {
    /// Its place, from 1 on.
    pub(super) number: usize,
    pub(super) file: FactsFile,
    pub(super) facts: FactSet,
    /// When it was loaded, if the place that keeps it says so.
    pub(super) loaded: Option<Micros>,
}

impl Kept {
    /// `load 2, of 2025-01-02 00:00:00Z, loaded 2026-11-30 08:27:03Z`.
    pub(super) fn words(&self) -> String {
        let taken = instant::words(self.file.taken_micros, true);
        format!("load {}, of {taken}{}", self.number, self.loaded_words())
    }

    /// `, loaded 2026-11-30 08:27:03Z`.
    pub(super) fn loaded_words(&self) -> String {
        let seconds = |micros: Micros| micros - micros.rem_euclid(1_000_000);
        self.loaded.map_or_else(String::new, |loaded| {
            format!(", loaded {}", instant::words(seconds(loaded), true))
        })
    }

    pub(super) fn json(&self) -> Vec<(&'static str, Json)> {
        vec![
            ("number", (self.number as u64).into()),
            ("taken", Json::text(instant::iso(self.file.taken_micros))),
            ("snapshot", Json::text(&self.file.hash)),
            (
                "loaded",
                self.loaded
                    .map_or(Json::Null, |loaded| Json::text(instant::iso(loaded))),
            ),
        ]
    }

    /// True if it is called so: by its number, its name, the beginning of that, or both its time and its name.
    fn is_called(&self, typed: &str) -> bool {
        let hash = match typed.rsplit_once('-') {
            Some((taken, hash)) if taken == instant::iso(self.file.taken_micros) => hash,
            Some(_) => return false,
            None => typed,
        };
        typed.parse() == Ok(self.number) || (hash.len() >= LETTERS_MIN && self.file.hash.starts_with(hash))
    }
}

/// All loads, the oldest first. Where there is none, that is said.
pub(super) async fn all(session: &Session, table: &Table) -> Result<Vec<Kept>, Failure> {
    let mut kept = Vec::new();
    for (at, (file, facts)) in snapshots(session, table).await?.into_iter().enumerate() {
        let loaded = table.facts_loaded(&file).await.map_err(table_failure)?;
        kept.push(Kept {
            number: at + 1,
            file,
            facts,
            loaded,
        });
    }
    Ok(kept)
}

/// The load that is called so.
pub(super) fn named<'k>(kept: &'k [Kept], typed: &str) -> Result<&'k Kept, Failure> {
    let mut called = kept.iter().filter(|one| one.is_called(typed));
    match (called.next(), called.next()) {
        (Some(one), None) => Ok(one),
        (Some(one), Some(other)) => Err(Failure::usage(format!(
            "`{typed}` may be load {} or load {}",
            one.number, other.number
        ))
        .hint("name it by its number, as `flowglass facts show` lists it")),
        (None, _) => Err(Failure::usage(format!("no load is called `{typed}`"))
            .hint("`flowglass facts show` lists them, by number and snapshot")),
    }
}
