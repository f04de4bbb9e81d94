//! What was recorded, as distinct keys with sums: everything that rules look at, and what was logged of it, interface by interface.
//!
//! The table is read in pieces of whole days. Each is one statement that groups and sorts, spills where it must, and comes in batches:
//! what is held here is one batch, however many flows there are. A key that occurs in two pieces comes twice.

mod row;
mod statement;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use engine::{Engine, EngineError, QueryContext};
use futures::StreamExt;
use model::LogFormat;
use why::LoggedFlow;

use crate::exit::Failure;
use crate::instant::Micros;
use crate::working::engine_failure;

/// So many rows are grouped by one statement, if they are of more than one day.
const PIECE_ROWS: u64 = 16_000_000;

/// From and before.
pub(crate) type Times = (Micros, Micros);

const DAY: Micros = 86_400_000_000;
const HOUR: Micros = 3_600_000_000;

/// How recorded flows are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// Keys have the source port: there are many more of them, and only rules that name source ports need it.
    pub(crate) with_source_ports: bool,
}

/// What is recorded of some times.
pub(crate) struct Recorded<'e> {
    engine: &'e Engine,
    context: QueryContext,
    asked: Asked,
    pieces: Vec<Times>,
    /// Lines by the layout they were read by.
    formats: BTreeMap<String, u64>,
}

/// What could not be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unused {
    /// Lines whose addresses or protocol are none.
    pub(crate) lines: u64,
    /// Keys of these.
    pub(crate) keys: u64,
}

impl<'e> Recorded<'e> {
    /// Looks at what there is. The times are those of the context.
    pub(crate) async fn of(engine: &'e Engine, context: QueryContext, asked: Asked) -> Result<Self, Failure> {
        let (mut days, mut formats) = (BTreeMap::new(), BTreeMap::new());
        each_batch(engine, &context, statement::DAYS, |batch| {
            let (Some(dates), Some(names), Some(counts)) = (
                batch.columns().first(),
                batch.columns().get(1),
                batch.columns().get(2),
            ) else {
                return Ok(());
            };
            let names = row::texts(names)?;
            let dates = dates.as_primitive_opt::<Date32Type>();
            let counts = counts.as_primitive_opt::<Int64Type>();
            for at in 0..batch.num_rows() {
                let lines = counts.map_or(0, |counts| counts.value(at)).unsigned_abs();
                let name = names.at(at).unwrap_or_default();
                *formats.entry(name.to_owned()).or_default() += lines;
                if let Some(dates) = dates.filter(|_| !is_aggregated(name)) {
                    *days.entry(dates.value(at)).or_default() += lines;
                }
            }
            Ok(())
        })
        .await
        .map_err(Broken::failure)?;
        Ok(Self {
            pieces: pieces(&days, context.timespan),
            engine,
            context,
            asked,
            formats,
        })
    }

    /// Lines that are asked for.
    pub(crate) fn lines(&self) -> u64 {
        let held = self.formats.iter().filter(|(name, _)| !is_aggregated(name));
        held.map(|(_, lines)| lines).sum()
    }

    /// Rows of Traffic Analytics, which stand for several flows and are not asked for.
    pub(crate) fn left_out(&self) -> u64 {
        let held = self.formats.iter().filter(|(name, _)| is_aggregated(name));
        held.map(|(_, lines)| lines).sum()
    }

    /// Lines of flow logs of groups, of hours in which the same interface is in a flow log of its network: those count, and these are
    /// not asked for.
    pub(crate) async fn twofold(&self) -> Result<u64, Failure> {
        let mut lines = 0;
        if self.is_twofold() {
            each_batch(self.engine, &self.context, &statement::twofold_lines(), |batch| {
                let counts = batch
                    .columns()
                    .first()
                    .and_then(|held| held.as_primitive_opt::<Int64Type>());
                lines += counts.map_or(0, |counts| counts.iter().flatten().map(i64::unsigned_abs).sum());
                Ok(())
            })
            .await
            .map_err(Broken::failure)?;
        }
        Ok(lines)
    }

    /// The times that are asked for: from the first day with lines to the last, within those of the context.
    pub(crate) fn times(&self) -> Option<Times> {
        Some((self.pieces.first()?.0, self.pieces.last()?.1))
    }

    /// Gives each key, interface by interface within a piece.
    pub(crate) async fn each(&self, mut take: impl FnMut(&LoggedFlow<'_>)) -> Result<Unused, Failure> {
        let mut unused = Unused::default();
        let mut pieces = self.pieces.clone();
        pieces.reverse();
        while let Some(piece) = pieces.pop() {
            let mut is_begun = false;
            let keys = statement::keys(self.asked, self.is_twofold());
            let mut context = self.context.clone();
            context.timespan = Some(piece);
            let done = each_batch(self.engine, &context, &keys, |batch| {
                is_begun = true;
                row::each(batch, &mut take, &mut unused)
            })
            .await;
            match (done, halves(piece)) {
                (Ok(()), _) => {}
                // Of what needs too much memory, fewer hours at once need less. What was given is not given again.
                (Err(broken), Some((first, second))) if broken.is_memory() && !is_begun => {
                    pieces.extend([second, first]);
                }
                (Err(broken), _) => return Err(broken.failure()),
            }
        }
        Ok(unused)
    }

    /// Gives each interface with each of the hours in which it logged.
    pub(crate) async fn each_hour(&self, mut take: impl FnMut(Option<&str>, Micros)) -> Result<(), Failure> {
        each_batch(self.engine, &self.context, statement::HOURS, |batch| {
            row::each_hour(batch, &mut take)
        })
        .await
        .map_err(Broken::failure)
    }

    /// An interface may be in flow logs of its group and of its network.
    fn is_twofold(&self) -> bool {
        let has = |is: fn(LogFormat) -> bool| {
            let mut known = self.formats.keys().filter_map(|name| LogFormat::from_text(name));
            known.any(is)
        };
        has(LogFormat::is_nsg) && has(|format| format == LogFormat::Vnet4)
    }
}

fn is_aggregated(format: &str) -> bool {
    LogFormat::from_text(format).is_some_and(LogFormat::is_aggregated)
}

/// Days put together, within the times that are asked for.
fn pieces(days: &BTreeMap<i32, u64>, timespan: Option<Times>) -> Vec<Times> {
    let mut pieces: Vec<(Micros, Micros, u64)> = Vec::new();
    for (day, lines) in days {
        let from = Micros::from(*day) * DAY;
        match pieces.last_mut() {
            Some((_, before, held)) if held.saturating_add(*lines) <= PIECE_ROWS => {
                *before = from + DAY;
                *held += lines;
            }
            _ => pieces.push((from, from + DAY, *lines)),
        }
    }
    let (first, last) = timespan.unwrap_or((Micros::MIN, Micros::MAX));
    let within = pieces
        .into_iter()
        .map(|(from, before, _)| (from.max(first), before.min(last)));
    within.filter(|(from, before)| from < before).collect()
}

/// Two halves, parted at an hour; none of a single hour.
fn halves((from, before): Times) -> Option<(Times, Times)> {
    let middle = from + (before - from) / 2;
    let middle = middle - middle.rem_euclid(HOUR);
    (from < middle && middle < before).then_some(((from, middle), (middle, before)))
}

/// Why the keys ended early.
enum Broken {
    Engine(EngineError),
    Failure(Failure),
}

impl Broken {
    fn is_memory(&self) -> bool {
        matches!(
            self,
            Self::Engine(EngineError::Memory { .. } | EngineError::StepMemory { .. })
        )
    }

    fn failure(self) -> Failure {
        match self {
            Self::Engine(error) => engine_failure(&error),
            Self::Failure(failure) => failure,
        }
    }
}

async fn each_batch(
    engine: &Engine,
    context: &QueryContext,
    text: &str,
    mut take: impl FnMut(&RecordBatch) -> Result<(), Failure>,
) -> Result<(), Broken> {
    let mut stream = engine
        .sql(context, text)
        .await
        .map_err(Broken::Engine)?
        .into_stream();
    while let Some(batch) = stream.next().await {
        take(&batch.map_err(Broken::Engine)?).map_err(Broken::Failure)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_days_are_put_together_and_large_ones_are_not() {
        let days = BTreeMap::from([(1, 6_000_000), (2, 9_000_000), (3, 9_000_000), (7, 40_000_000)]);
        let day = |day: i64| day * DAY;
        assert_eq!(
            pieces(&days, None),
            [(day(1), day(3)), (day(3), day(4)), (day(7), day(8))]
        );
        let noon = day(3) + DAY / 2;
        assert_eq!(pieces(&days, Some((noon, day(7)))), [(noon, day(4))]);
        assert_eq!(pieces(&BTreeMap::new(), None), []);
    }

    #[test]
    fn a_piece_is_halved_at_an_hour_until_it_is_one() {
        assert_eq!(halves((0, 3 * HOUR)), Some(((0, HOUR), (HOUR, 3 * HOUR))));
        assert_eq!(halves((0, 2 * HOUR)), Some(((0, HOUR), (HOUR, 2 * HOUR))));
        assert_eq!(halves((0, HOUR)), None);
        assert_eq!(halves((HOUR / 2, HOUR)), None);
    }
}
