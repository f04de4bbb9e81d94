//! Keeping sums by the hour: which are missing, and making them.

use std::time::Duration;

use engine::EngineError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rollup::{Builder, Piece, RollupError};
use table::{Hours, Table, TableError};
use tokio_util::sync::CancellationToken;

use crate::exit::Failure;
use crate::session::Session;
use crate::working::{self, Known, engine_failure, table_failure};

/// What is to be kept of a table.
pub(crate) struct Missing<'t> {
    table: &'t Table,
    known: Known,
    pieces: Vec<Hours>,
}

impl<'t> Missing<'t> {
    /// What is missing with these facts, of pieces that touch some hours or of all.
    pub(crate) async fn of(table: &'t Table, known: Known, asked: Option<Hours>) -> Result<Self, Failure> {
        let rollups = working::rollups(table, &working::files_of(&known)).await?;
        let mut pieces = rollup::pieces(table, &rollups).await.map_err(failure)?;
        pieces.retain(|piece| asked.is_none_or(|asked| asked.touches(piece)));
        Ok(Self { table, known, pieces })
    }

    /// How many hours.
    pub(crate) fn hours(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.count().unsigned_abs()).sum()
    }

    /// Makes and keeps it. Each piece is told when it is kept; one that another program was about to keep ends it.
    pub(crate) async fn keep(
        self,
        session: &Session,
        cancel: &CancellationToken,
        mut told: impl FnMut(&Piece),
    ) -> Result<usize, Kept> {
        if self.pieces.is_empty() {
            return Ok(0);
        }
        let hours = self.hours();
        let facts = working::files_of(&self.known);
        let engine = working::engine_of(self.table, None, self.known).await;
        let engine = engine.map_err(Kept::Failed)?;
        let context = working::context(session, cancel.clone());
        let builder = Builder {
            table: self.table,
            facts: &facts,
            engine: &engine,
            context: &context,
        };
        let progress = KeepingProgress::start(session, hours);
        let mut pieces = self.pieces;
        pieces.reverse();
        while let Some(hours) = pieces.pop() {
            match (builder.build(hours, session.now).await, hours.halves()) {
                (Ok(piece), _) => progress.piece(hours, || told(&piece)),
                // Of what needs too much memory, fewer hours at once need less.
                (Err(error), Some((first, second))) if error.is_memory() => pieces.extend([first, second]),
                (Err(error), _) => return Err(error.into()),
            }
        }
        progress.bar.finish_and_clear();
        Ok(self
            .table
            .sweep_rollups(session.now)
            .await
            .map_err(RollupError::Table)?)
    }
}

/// A line that says how far it has come, for a person at a terminal.
struct KeepingProgress {
    bar: ProgressBar,
}

impl KeepingProgress {
    fn start(session: &Session, hours: u64) -> Self {
        let target = match session.terminal.stderr {
            true => ProgressDrawTarget::stderr_with_hz(8),
            false => ProgressDrawTarget::hidden(),
        };
        let style =
            ProgressStyle::with_template("{spinner} sums by the hour: {pos} of {len} hours, {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(hours), target).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar }
    }

    /// A piece is kept; what is said of it takes the place of the line.
    fn piece(&self, hours: Hours, say: impl FnOnce()) {
        self.bar.suspend(say);
        self.bar.inc(hours.count().unsigned_abs());
    }
}

/// Why something is not kept.
pub(crate) enum Kept {
    /// It was made, and cannot be written.
    Unwritten(TableError),
    /// It cannot be made.
    Failed(Failure),
}

impl From<RollupError> for Kept {
    fn from(error: RollupError) -> Self {
        match error {
            RollupError::Table(error) => Self::Unwritten(error),
            other => Self::Failed(failure(other)),
        }
    }
}

impl From<Kept> for Failure {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Unwritten(error) => failure(RollupError::Table(error)),
            Kept::Failed(failure) => failure,
        }
    }
}

fn failure(error: RollupError) -> Failure {
    match error {
        RollupError::Table(TableError::Conflict) => {
            Failure::outside("another program is keeping sums of this table")
                .hint("what it has kept counts; run it again if hours are still missing")
        }
        RollupError::Table(error) => table_failure(error),
        RollupError::Engine(EngineError::Cancelled) => {
            Failure::outside("keeping sums by the hour was cancelled")
                .hint("what was finished stays kept; `flowglass table rollup` goes on with the rest")
        }
        RollupError::Engine(error @ (EngineError::Memory { .. } | EngineError::StepMemory { .. })) => {
            engine_failure(&error).hint(
                "a single hour's sums need more: allow it with `--memory`; what was finished stays kept",
            )
        }
        RollupError::Engine(error) => engine_failure(&error),
        RollupError::Answer { .. } => Failure::bug(error.to_string()),
    }
}
