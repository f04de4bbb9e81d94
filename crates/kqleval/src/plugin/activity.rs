//! Plugins that count who was active on a timeline. Distinct values are counted exactly.

use std::collections::{BTreeMap, HashMap, HashSet};

use kql::bound::{Column as Named, PluginCall};

use super::timeline::{Slice, Timeline, Windows, place};
use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::Value;
use crate::{Failure, Result};

impl Evaluator<'_> {
    pub(super) fn activity(&self, schema: Vec<Named>, call: &PluginCall, table: &Table) -> Result<Table> {
        let mut out = Gathering::new(&self.budget, schema);
        match call.name.as_str() {
            "activity_counts_metrics" => self.activity_counts(call, table, &mut out)?,
            "activity_metrics" => self.activity_metrics(call, table, &mut out)?,
            "activity_engagement" => self.engagement(call, table, &mut out)?,
            "session_count" => self.sessions(call, table, &mut out)?,
            "sliding_window_counts" => self.sliding_counts(call, table, &mut out)?,
            _ => self.active_users(call, table, &mut out)?,
        }
        out.whole()
    }

    pub(super) fn argument(&self, call: &PluginCall, at: usize) -> Result<Value> {
        match call.arguments.get(at) {
            Some(argument) => self.constant(argument),
            None => Err(Failure::new(format!("`{}` takes more arguments", call.name))),
        }
    }

    /// A length on the timeline.
    fn length(&self, call: &PluginCall, at: usize) -> Result<i64> {
        match place(self.argument(call, at)?.cell()) {
            Some(length) if length > 0 => Ok(length),
            _ => Err(Failure::new(format!(
                "a window of `{}` is longer than 0",
                call.name
            ))),
        }
    }

    fn activity_counts(&self, call: &PluginCall, table: &Table, out: &mut Gathering<'_, '_>) -> Result<()> {
        let timeline = self.timeline(call, table, 5)?;
        let windows = Windows::of(&self.argument(call, 4)?, timeline.start)?;
        for slice in &timeline.slices {
            let mut seen: HashSet<usize> = HashSet::new();
            for (at, rows) in timeline.by_window(slice, windows) {
                let ids = timeline.ids(&rows);
                let new = ids.difference(&seen).count();
                seen.extend(&ids);
                let counted = [rows.len(), ids.len(), new, seen.len()].map(count);
                out.row(timeline.row(&[at], slice, &counted))?;
            }
        }
        Ok(())
    }

    fn activity_metrics(&self, call: &PluginCall, table: &Table, out: &mut Gathering<'_, '_>) -> Result<()> {
        let timeline = self.timeline(call, table, 5)?;
        let windows = Windows::of(&self.argument(call, 4)?, timeline.start)?;
        for slice in &timeline.slices {
            let by_window: BTreeMap<i64, HashSet<usize>> = timeline
                .by_window(slice, windows)
                .into_iter()
                .map(|(at, rows)| (at, timeline.ids(&rows)))
                .collect();
            for (at, ids) in &by_window {
                let before = by_window.get(&windows.before(*at));
                let returned = before.map_or(0, |before| ids.intersection(before).count());
                // Where nobody was there before, nobody was lost.
                let retention = match before {
                    Some(before) if !before.is_empty() => ratio(returned, before.len()),
                    _ => 1.0,
                };
                let counted = [
                    count(ids.len()),
                    count(ids.len() - returned),
                    Value::Real(retention),
                    Value::Real(1.0 - retention),
                ];
                out.row(timeline.row(&[*at], slice, &counted))?;
            }
        }
        Ok(())
    }

    fn engagement(&self, call: &PluginCall, table: &Table, out: &mut Gathering<'_, '_>) -> Result<()> {
        let timeline = self.timeline(call, table, 6)?;
        let windows = Windows::of(&self.argument(call, 4)?, timeline.start)?;
        let reach = windows.reach(self.length(call, 5)?);
        for slice in &timeline.slices {
            let inner = timeline.by_window(slice, windows);
            sliding(&timeline, slice, windows, reach, |at, _, outer| {
                if let Some(rows) = inner.get(&at) {
                    let inside = timeline.ids(rows).len();
                    let counted = [count(inside), count(outer), Value::Real(ratio(inside, outer))];
                    out.row(timeline.row(&[at], slice, &counted))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn sliding_counts(&self, call: &PluginCall, table: &Table, out: &mut Gathering<'_, '_>) -> Result<()> {
        let timeline = self.timeline(call, table, 6)?;
        let windows = Windows::of(&self.argument(call, 5)?, timeline.start)?;
        let reach = windows.reach(self.length(call, 4)?);
        for slice in &timeline.slices {
            sliding(&timeline, slice, windows, reach, |at, rows, ids| {
                if rows > 0 {
                    out.row(timeline.row(&[at], slice, &[count(rows), count(ids)]))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// A session begins where its id has not been there for longer than the window.
    fn sessions(&self, call: &PluginCall, table: &Table, out: &mut Gathering<'_, '_>) -> Result<()> {
        let timeline = self.timeline(call, table, 6)?;
        let windows = Windows::of(&self.argument(call, 4)?, timeline.start)?;
        let lookback = self.length(call, 5)?;
        for slice in &timeline.slices {
            let mut sessions: BTreeMap<i64, usize> = BTreeMap::new();
            for appearances in timeline.appearances(slice).values() {
                let mut before: Option<i64> = None;
                for at in appearances {
                    let begins = before.is_none_or(|before| at.saturating_sub(before) > lookback);
                    if begins && *at >= timeline.start {
                        *sessions.entry(windows.floor(*at)).or_default() += 1;
                    }
                    before = Some(*at);
                }
            }
            for (at, number) in sessions {
                out.row(timeline.row(&[at], slice, &[count(number)]))?;
            }
        }
        Ok(())
    }

    /// Those who have been there in so many periods of the window that ends with an appearance.
    fn active_users(&self, call: &PluginCall, table: &Table, out: &mut Gathering<'_, '_>) -> Result<()> {
        let timeline = self.timeline(call, table, 8)?;
        let lookback = self.length(call, 4)?;
        let periods = Windows::of(&self.argument(call, 5)?, timeline.start)?;
        let wanted = usize::try_from(self.length(call, 6)?).unwrap_or(usize::MAX);
        let windows = Windows::of(&self.argument(call, 7)?, timeline.start)?;
        for slice in &timeline.slices {
            let mut active: BTreeMap<i64, HashSet<usize>> = BTreeMap::new();
            for (id, appearances) in timeline.appearances(slice) {
                for at in active_appearances(&appearances, periods, lookback, wanted) {
                    if at >= timeline.start {
                        active.entry(windows.floor(at)).or_default().insert(id);
                    }
                }
            }
            for (at, ids) in active {
                out.row(timeline.row(&[at], slice, &[count(ids.len())]))?;
            }
        }
        Ok(())
    }
}

/// Goes through the windows of the analysis with the number of rows and of ids up to so far before each.
fn sliding(
    timeline: &Timeline<'_>,
    slice: &Slice,
    windows: Windows,
    reach: i64,
    mut each: impl FnMut(i64, usize, usize) -> Result<()>,
) -> Result<()> {
    let by_window = timeline.until_end(slice, windows);
    let mut held: HashMap<usize, usize> = HashMap::new();
    let mut number = 0;
    let mut coming = by_window.iter().peekable();
    let mut going = by_window.iter().peekable();
    for at in windows.between(timeline.start, timeline.end)? {
        while let Some((_, rows)) = coming.next_if(|(window, _)| **window <= at) {
            number += rows.len();
            for id in rows.iter().filter_map(|row| timeline.id(*row)) {
                *held.entry(id).or_default() += 1;
            }
        }
        let first = at.saturating_sub(reach);
        while let Some((_, rows)) = going.next_if(|(window, _)| **window < first && **window <= at) {
            number -= rows.len();
            for id in rows.iter().filter_map(|row| timeline.id(*row)) {
                if let Some(times) = held.get_mut(&id) {
                    *times -= 1;
                    if *times == 0 {
                        held.remove(&id);
                    }
                }
            }
        }
        timeline.budget.tick()?;
        each(at, number, held.len())?;
    }
    Ok(())
}

/// The appearances before which, and with which, there were so many periods.
fn active_appearances(appearances: &[i64], periods: Windows, lookback: i64, wanted: usize) -> Vec<i64> {
    let mut active = Vec::new();
    let mut held: BTreeMap<i64, usize> = BTreeMap::new();
    let mut going = appearances.iter().peekable();
    for at in appearances {
        *held.entry(periods.floor(*at)).or_default() += 1;
        while let Some(gone) = going.next_if(|gone| **gone <= at.saturating_sub(lookback)) {
            let period = periods.floor(*gone);
            if let Some(times) = held.get_mut(&period) {
                *times -= 1;
                if *times == 0 {
                    held.remove(&period);
                }
            }
        }
        if held.len() >= wanted {
            active.push(*at);
        }
    }
    active
}

pub(super) fn count(number: usize) -> Value {
    Value::Long(i64::try_from(number).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are small")]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
