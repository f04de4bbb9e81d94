//! Plugins that find states or conditions one after the other on a timeline.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall};
use kqlfn::dynamic::Dynamic;
use kqlfn::{Cell, Column};

use super::timeline::{Windows, place};
use crate::budget::Budget;
use crate::gathering::Gathering;
use crate::grouping::groups;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, key, whole};
use crate::{Failure, Result};

/// What an event takes beside the bytes of its state.
const EVENT_BYTES: usize = 64;

/// What a state that was reached takes.
const REACHED_BYTES: usize = 48;

/// What each of a row's dimensions and steps is.
struct Steps<'b> {
    budget: &'b Budget<'b>,
    /// How far a step is behind the one before, at most.
    step: i64,
    /// How far the last is behind the first, at most.
    span: i64,
    /// For each step the rows for which it holds, in order.
    rows: Vec<Vec<(i64, usize)>>,
}

impl Evaluator<'_> {
    /// The arguments are place, longest step, longest span, conditions, and dimensions.
    pub(super) fn sequence_detect(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
    ) -> Result<Table> {
        let [times, step, span, more @ ..] = call.arguments.as_slice() else {
            return Err(Failure::new("`sequence_detect` takes more arguments"));
        };
        let times = self.column(times, table)?;
        let length = |argument| -> Result<i64> {
            place(self.constant(argument)?.cell())
                .ok_or_else(|| Failure::new("the windows of `sequence_detect` are lengths of time"))
        };
        let (step, span) = (length(step)?, length(span)?);
        let number = more
            .iter()
            .take_while(|argument| argument.gives == ScalarType::Bool)
            .count();
        let mut columns = Vec::new();
        for argument in more {
            columns.push(self.column(argument, table)?);
        }
        let dimensions = columns.split_off(number);
        let mut out = Gathering::new(&self.budget, schema);
        let groups = groups(&dimensions, table.rows, &self.budget)?;
        for rows in &groups.rows {
            let head: Vec<Value> = dimensions
                .iter()
                .map(|column| Value::from(rows.first().map_or(Cell::Null, |row| column.cell(*row))))
                .collect();
            let mut held = self.budget.hold();
            held.grow(rows.len().saturating_mul(number * size_of::<(i64, usize)>()))?;
            let steps = Steps {
                budget: &self.budget,
                step,
                span,
                rows: columns
                    .iter()
                    .map(|condition| holding(condition, &times, rows))
                    .collect(),
            };
            let mut found = |places: &[(i64, usize)]| {
                let places: Vec<i64> = places.iter().map(|(at, _)| *at).collect();
                let mut row = head.clone();
                row.extend(places.iter().map(|at| whole(times.kind, *at)));
                let duration = places
                    .last()
                    .zip(places.first())
                    .map_or(0, |(last, first)| last.saturating_sub(*first));
                row.push(match times.kind {
                    ScalarType::Datetime | ScalarType::Timespan => Value::Timespan(duration),
                    _ => Value::Long(duration),
                });
                out.row(row)
            };
            for first in steps.rows.first().into_iter().flatten() {
                steps.go_on(&[*first], &mut found)?;
            }
        }
        out.whole()
    }

    /// How many ids have come to each state of a sequence within each period. The arguments are id, place, start, end,
    /// length of the windows, state, sequence and periods.
    pub(super) fn funnel_completion(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
    ) -> Result<Table> {
        let timeline = self.timeline(call, table, call.arguments.len())?;
        let [_, times, _, _, length, states, sequence, periods] = call.arguments.as_slice() else {
            return Err(Failure::new("`funnel_sequence_completion` takes eight arguments"));
        };
        let windows = Windows::of(&self.constant(length)?, timeline.start)?;
        let times = self.column(times, table)?;
        let states = self.column(states, table)?;
        let sequence = items(&self.constant(sequence)?);
        let periods = items(&self.constant(periods)?);
        let mut of_ids: BTreeMap<usize, Vec<(i64, Vec<u8>)>> = BTreeMap::new();
        let mut held = self.budget.hold();
        for row in 0..table.rows {
            self.budget.tick()?;
            if let (Some(id), Some(at)) = (timeline.id(row), place(times.cell(row)))
                && (timeline.start..=timeline.end).contains(&at)
            {
                let state = key(&[states.cell(row).plain()]);
                held.grow(EVENT_BYTES + state.len())?;
                of_ids.entry(id).or_default().push((at, state));
            }
        }
        let keys: Vec<Vec<u8>> = sequence.iter().map(|state| key(&[state.cell()])).collect();
        let mut reached: BTreeMap<(i64, usize, usize), HashSet<usize>> = BTreeMap::new();
        for (id, events) in &mut of_ids {
            events.sort_by_key(|(at, _)| *at);
            for (number, period) in periods.iter().enumerate() {
                let Some(period) = place(period.cell()) else {
                    return Err(Failure::new("the periods are lengths of time"));
                };
                for (window, state) in reached_states(events, &keys, period, windows) {
                    self.budget.tick()?;
                    held.grow(REACHED_BYTES)?;
                    reached.entry((window, number, state)).or_default().insert(*id);
                }
            }
        }
        let starts: HashSet<i64> = reached.keys().map(|(at, ..)| *at).collect();
        let mut starts: Vec<i64> = starts.into_iter().collect();
        starts.sort_unstable();
        let mut out = Gathering::new(&self.budget, schema);
        for at in starts {
            for (number, period) in periods.iter().enumerate() {
                for (state, named) in sequence.iter().enumerate() {
                    let ids = reached.get(&(at, number, state)).map_or(0, HashSet::len);
                    out.row(vec![
                        whole(times.kind, at),
                        named.clone(),
                        period.clone(),
                        Value::Long(i64::try_from(ids).unwrap_or(i64::MAX)),
                    ])?;
                }
            }
        }
        out.whole()
    }
}

impl Steps<'_> {
    /// Every way to go on from the rows that were taken.
    fn go_on(
        &self,
        taken: &[(i64, usize)],
        found: &mut impl FnMut(&[(i64, usize)]) -> Result<()>,
    ) -> Result<()> {
        let (Some(first), Some(last)) = (taken.first(), taken.last()) else {
            return Ok(());
        };
        self.budget.tick()?;
        let Some(rows) = self.rows.get(taken.len()) else {
            return found(taken);
        };
        let begin = rows.partition_point(|(at, _)| *at < last.0);
        for next in rows.iter().skip(begin) {
            if next.0.saturating_sub(last.0) > self.step || next.0.saturating_sub(first.0) > self.span {
                break;
            }
            if taken.iter().all(|(_, row)| *row != next.1) {
                let mut longer = taken.to_vec();
                longer.push(*next);
                self.go_on(&longer, found)?;
            }
        }
        Ok(())
    }
}

/// The rows for which a condition holds, in order.
fn holding(condition: &Column, times: &Column, rows: &[usize]) -> Vec<(i64, usize)> {
    let mut held: Vec<(i64, usize)> = rows
        .iter()
        .filter(|row| condition.cell(**row).bool() == Some(true))
        .filter_map(|row| Some((place(times.cell(*row))?, *row)))
        .collect();
    held.sort_unstable();
    held
}

/// Which states of a sequence are reached within a period from its first one, each with the window where that was. Each
/// window is looked at by itself.
fn reached_states(
    events: &[(i64, Vec<u8>)],
    sequence: &[Vec<u8>],
    period: i64,
    windows: Windows,
) -> BTreeSet<(i64, usize)> {
    let mut reached = BTreeSet::new();
    // For each state the latest beginning of those that have come so far: no other one can go on for longer.
    let mut begun: Vec<Option<i64>> = vec![None; sequence.len()];
    for (at, state) in events {
        let window = windows.floor(*at);
        // From the last state on, so that an event is taken once.
        for number in (0..sequence.len()).rev() {
            if sequence.get(number) != Some(state) {
                continue;
            }
            let start =
                match number.checked_sub(1) {
                    None => Some(*at),
                    Some(before) => begun.get(before).copied().flatten().filter(|start| {
                        at.saturating_sub(*start) <= period && windows.floor(*start) == window
                    }),
                };
            if let (Some(_), Some(slot)) = (start, begun.get_mut(number)) {
                *slot = start.max(*slot);
                reached.insert((window, number));
            }
        }
    }
    reached
}

/// The elements of a constant array.
fn items(value: &Value) -> Vec<Value> {
    match value.cell() {
        Cell::Dynamic(Dynamic::Array(array)) => array
            .iter()
            .map(|item| Value::from(Cell::Dynamic(item).plain()))
            .collect(),
        cell => vec![Value::from(cell)],
    }
}
