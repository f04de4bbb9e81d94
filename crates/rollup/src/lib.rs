//! Builds rollups: asks the engine what rows of some hours come to, and keeps the answer beside the table.
//!
//! A piece of hours is kept as a whole or not at all, so a build that is cut off goes on where it stopped. What the rollups
//! are is said in KQL (`engine`); for which hours they hold is the table's business (`table::Rollups`).

mod rows;

use std::collections::BTreeMap;

use engine::{Engine, EngineError, KqlFailure, QueryContext, rollup_definition, rollup_query};
use model::columns::ROLLUPS;
use table::{Built, FactsFile, Hours, HoursSet, Rollups, Table, TableError};

/// Rows of `Flows` that are computed at once, about: what they come to is held in memory. Fewer make more files, in which what is
/// grouped lies apart: an overview of half days takes a third longer than one of whole days.
const ROWS_PER_PIECE: u64 = 4_000_000;
/// Rows of a row group: what a reader may pass over at once.
const ROWS_PER_GROUP: usize = 128 * 1024;
/// So many parts more than there need be a day that is over may have.
const SCATTERED: i64 = 3;
/// So many hours before the last one may still grow.
const GROWING: i64 = 2;

/// Why a build ends.
#[derive(Debug, thiserror::Error)]
pub enum RollupError {
    /// The table cannot be read or written; [`TableError::Conflict`] if another build has kept something meanwhile.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The engine has no answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What the engine answered is no rollup: a mistake of ours.
    #[error("rollups of {hours:?} cannot be made: {reason}")]
    Answer {
        /// The hours.
        hours: Hours,
        /// Why not.
        reason: String,
    },
}

impl RollupError {
    /// True where fewer hours at once would do.
    #[must_use]
    pub const fn is_memory(&self) -> bool {
        matches!(
            self,
            Self::Engine(EngineError::Memory { .. } | EngineError::StepMemory { .. })
        )
    }
}

/// What was built of one piece.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// The hours.
    pub hours: Hours,
    /// Rows of all rollups together.
    pub rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// The pieces that are to be built, the newest first: that is what people look at.
///
/// The newest hours are pieces of their own, because rows still come to them. A day that is over is one piece, or as
/// few as its rows allow; hours that were kept one by one become that when they are older.
///
/// # Errors
/// If the table cannot be read.
pub async fn pieces(table: &Table, rollups: &Rollups) -> Result<Vec<Hours>, RollupError> {
    let snapshots = table.snapshots().await?;
    let Some(flows) = snapshots.iter().find(|held| held.table.name == model::FLOWS.name) else {
        return Ok(Vec::new());
    };
    let Some(newest) = rollups.newest() else {
        return Ok(Vec::new());
    };
    let parts_of = |day: Hours| {
        let parts = table::rows_within(flows, day).div_ceil(ROWS_PER_PIECE);
        i64::try_from(parts).unwrap_or(i64::MAX).max(1)
    };
    let is_scattered = |day: Hours, parts: usize| {
        let few = parts_of(day).saturating_add(SCATTERED);
        day.day() < newest.day() && i64::try_from(parts).unwrap_or(i64::MAX) > few
    };
    let scattered = rollups.days().filter(|(day, parts)| is_scattered(*day, *parts));
    let scattered = scattered.map(|(day, _)| day);
    let all: HoursSet = rollups.to_build().iter().chain(scattered).collect();
    let mut pieces = Vec::new();
    for day in all.iter().flat_map(|hours| hours.pieces(24)) {
        let (settled, growing) = day.split(newest.back(GROWING));
        let hours_max = settled.count() / parts_of(settled);
        pieces.extend(settled.pieces(hours_max).chain(growing.pieces(1)));
    }
    pieces.reverse();
    Ok(pieces)
}

/// Makes rollups of a table whose snapshot an engine has.
#[derive(Debug)]
pub struct Builder<'b> {
    /// The table, loaded at the version that the engine answers for.
    pub table: &'b Table,
    /// The facts that the engine has.
    pub facts: &'b [FactsFile],
    /// What answers.
    pub engine: &'b Engine,
    /// As whom, and with how much. Its times and version are of no matter: each piece has its own.
    pub context: &'b QueryContext,
}

impl Builder<'_> {
    /// Builds a piece, and keeps it.
    ///
    /// # Errors
    /// If the engine cannot answer, something cannot be written, or another build was there meanwhile.
    pub async fn build(&self, hours: Hours, now_micros: i64) -> Result<Piece, RollupError> {
        let definition = rollup_definition();
        let rollups = self.table.rollups(&definition, self.facts).await?;
        let query = rollup_query(hours);
        let asked = self.engine.kql(self.context, &query, Vec::new()).await;
        let (answers, _) = asked.map_err(|failure| of_failure(hours, failure))?;
        let mistaken = |reason: String| RollupError::Answer { hours, reason };
        if answers.len() != ROLLUPS.len() {
            return Err(mistaken(format!("{} answers", answers.len())));
        }
        let mut files = BTreeMap::new();
        let (mut rows, mut bytes) = (0_u64, 0_u64);
        for (table, answer) in ROLLUPS.iter().zip(&answers) {
            let batch = rows::batch(table, &answer.rows).map_err(|error| mistaken(error.to_string()))?;
            let mut writer = self.table.rollup_writer(table, now_micros);
            for from in (0..batch.num_rows()).step_by(ROWS_PER_GROUP) {
                let rows = ROWS_PER_GROUP.min(batch.num_rows() - from);
                writer.write(&batch.slice(from, rows)).await?;
            }
            let written = writer.finish().await?;
            rows += batch.num_rows() as u64;
            bytes += written.iter().map(|written| written.file.bytes).sum::<u64>();
            files.insert(table.name.to_owned(), written);
        }
        let built = Built { hours, files };
        let kept = self.table.keep_rollup(&definition, self.facts, &rollups, built);
        kept.await?;
        Ok(Piece { hours, rows, bytes })
    }
}

fn of_failure(hours: Hours, failure: KqlFailure) -> RollupError {
    match failure {
        KqlFailure::Run { error, .. } => RollupError::Engine(*error),
        KqlFailure::Query { message, .. } => RollupError::Answer {
            hours,
            reason: message,
        },
    }
}
