//! `new_activity_metrics`: each cohort of those who are new, and what became of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use kql::bound::{Column as Named, PluginCall};
use kqlfn::Cell;

use super::activity::{count, ratio};
use super::timeline::{Slice, Timeline, Windows, place};
use crate::Result;
use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, key};

impl Evaluator<'_> {
    pub(super) fn new_activity(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
        outer: Option<&Table>,
    ) -> Result<Table> {
        let timeline = self.timeline(call, table, 6)?;
        let windows = Windows::of(&self.argument(call, 4)?, timeline.start)?;
        let all = windows.between(timeline.start, timeline.end)?;
        let cohort = place(self.argument(call, 5)?.cell()).map(|cohort| windows.floor(cohort));
        let known = match call.tables.first() {
            Some(rows) => Some(self.rows(rows, outer)?),
            None => None,
        };
        if cohort.is_none() {
            let pairs = all.len().saturating_mul(all.len()) / 2;
            let rows = pairs.saturating_mul(timeline.slices.len());
            self.budget
                .fits(rows.saturating_mul(schema.len() * size_of::<i64>()))?;
        }
        let mut out = Gathering::new(&self.budget, schema);
        for slice in &timeline.slices {
            let before = known
                .as_ref()
                .map(|known| known_before(&timeline, slice, known))
                .unwrap_or_default();
            let by_window = timeline.by_window(slice, windows);
            let ids = all
                .iter()
                .map(|at| by_window.get(at).map(|rows| timeline.ids(rows)));
            let present = present(ids.map(Option::unwrap_or_default), &before);
            follow(&timeline, slice, &all, cohort, &present, &mut out)?;
        }
        out.whole()
    }
}

/// For each window, how many of each cohort are there. A cohort is the window in which its ids come first.
fn present(
    windows: impl Iterator<Item = HashSet<usize>>,
    before: &HashSet<usize>,
) -> Vec<BTreeMap<usize, usize>> {
    let mut first: HashMap<usize, usize> = HashMap::new();
    windows
        .enumerate()
        .map(|(number, ids)| {
            let mut of_cohorts: BTreeMap<usize, usize> = BTreeMap::new();
            for id in ids.difference(before) {
                *of_cohorts.entry(*first.entry(*id).or_insert(number)).or_default() += 1;
            }
            of_cohorts
        })
        .collect()
}

/// A row for each cohort that is asked for and each window from its own on.
fn follow(
    timeline: &Timeline<'_>,
    slice: &Slice,
    windows: &[i64],
    cohort: Option<i64>,
    present: &[BTreeMap<usize, usize>],
    out: &mut Gathering<'_, '_>,
) -> Result<()> {
    // Those in each window who were not there in the windows so far.
    let mut new: Vec<usize> = present.iter().map(|held| held.values().sum()).collect();
    for (from, from_at) in windows.iter().enumerate() {
        let of = |held: &BTreeMap<usize, usize>| held.get(&from).copied().unwrap_or(0);
        let size = present.get(from).map_or(0, of);
        for ((to_at, held), new) in windows.iter().zip(present).zip(&mut new).skip(from) {
            timeline.budget.tick()?;
            let retained = of(held);
            // In its own window the cohort itself is new.
            let not_seen = if to_at == from_at { *new } else { *new - retained };
            *new -= retained;
            if cohort.is_some_and(|cohort| cohort != *from_at) {
                continue;
            }
            let lost = size.saturating_sub(retained);
            let counted = [
                count(not_seen),
                count(retained),
                count(lost),
                Value::Real(ratio(retained, size)),
                Value::Real(ratio(lost, size)),
            ];
            out.row(timeline.row(&[*from_at, *to_at], slice, &counted))?;
        }
    }
    Ok(())
}

/// Those of a slice who were there before the analysis: by their dimensions, if these are told.
fn known_before(timeline: &Timeline<'_>, slice: &Slice, known: &Table) -> HashSet<usize> {
    let dimensions: Vec<Cell<'_>> = slice.dimensions.iter().map(Value::cell).collect();
    let wanted = key(&dimensions);
    (0..known.rows)
        .take_while(|_| timeline.budget.goes_on())
        .filter(|row| known.columns.len() == 1 || key(known.row(*row).get(1..).unwrap_or(&[])) == wanted)
        .filter_map(|row| timeline.number(known.cell(0, row)))
        .collect()
}
