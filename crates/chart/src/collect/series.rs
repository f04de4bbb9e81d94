//! Which series there are, and which of them are drawn.
//!
//! Beyond the limit the largest are drawn, by the sum of their measures without signs. A name counts with all of its
//! measures, and keeps them. Along times and numbers the largest are first and equal ones go by name, so that the same
//! answer is drawn the same however its rows come; along words, where rows have an order that means something, series
//! stay in it.

use std::collections::HashMap;

use model::limits::{CHART_SERIES_MAX, CHART_SERIES_SEEN_MAX};

use super::marks::Marks;
use crate::{NotDrawn, Scale, Series, label, notes};

/// Where the marks of a series go.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    /// To a series that is drawn, by its place.
    Own(usize),
    /// To what sums those beyond the limit, by its place among such sums.
    Sum(usize),
    Nowhere,
}

/// The series of an answer.
pub(super) struct Kept {
    /// Those that are drawn, without points yet; sums of others stand behind them.
    pub(super) series: Vec<Series>,
    /// How many of them are not sums.
    pub(super) own: usize,
    /// Series beyond the limit, and of how many they are.
    pub(super) left_out: (usize, usize),
    /// For each row the number of its name; none if nothing names series.
    groups: Vec<u32>,
    measures: usize,
    /// For each name and measure where its marks go.
    slots: Vec<Slot>,
}

impl Kept {
    /// The number of the series that a measure of a row is of.
    pub(super) fn number(&self, row: usize, measure: usize) -> usize {
        let group = self.groups.get(row).map_or(0, |group| *group as usize);
        group * self.measures + measure
    }

    pub(super) fn slot(&self, number: usize) -> Slot {
        self.slots.get(number).copied().unwrap_or(Slot::Nowhere)
    }
}

/// Chooses; `sums` tells that what is beyond the limit is summed.
pub(super) fn kept(marks: Marks<'_>, named_by: &[usize], sums: bool) -> Result<Kept, NotDrawn> {
    let measures = marks.chosen.measures.len();
    let (groups, names) = groups(marks, named_by)?;
    let mut kept = Kept {
        series: Vec::new(),
        own: 0,
        left_out: (0, names.len() * measures),
        groups,
        measures,
        slots: vec![Slot::Nowhere; names.len() * measures],
    };
    // What is kept or left out as a whole: a name with its measures, or else a measure.
    let is_named = !named_by.is_empty();
    let whole = if is_named { measures } else { 1 };
    let wholes = kept.slots.len() / whole.max(1);
    let is_over = kept.slots.len() > CHART_SERIES_MAX;
    let is_ranked = is_named && marks.chosen.scale != Scale::Words;
    let mut order: Vec<usize> = (0..wholes).collect();
    if wholes > 1 && (is_ranked || is_over) {
        let weights = weights(marks, &kept, whole)?;
        let weight = |at: &usize| weights.get(*at).copied().unwrap_or_default();
        let name = |at: &usize| names.get(*at).map_or("", String::as_str);
        order.sort_by(|left, right| {
            let by_weight = weight(right).total_cmp(&weight(left));
            by_weight.then_with(|| name(left).cmp(name(right)).then(left.cmp(right)))
        });
    }
    if is_over {
        let room = (CHART_SERIES_MAX / whole).max(1);
        order.truncate(if sums { (room - 1).max(1) } else { room });
        if !is_ranked {
            order.sort_unstable();
        }
    }
    let mut drawn: Vec<usize> = order
        .into_iter()
        .flat_map(|at| at * whole..(at + 1) * whole)
        .collect();
    drawn.truncate(CHART_SERIES_MAX);
    kept.left_out.0 = kept.slots.len() - drawn.len();
    kept.own = drawn.len();
    let measure_name = |number: usize| {
        let column = marks.chosen.measures.get(number);
        let column = column.and_then(|at| marks.rows.schema.get(*at));
        column.map_or("", |column| &*column.name)
    };
    for (place, number) in drawn.iter().enumerate() {
        let (group, measure) = (number / measures, number % measures);
        let group = names.get(group).map_or("", String::as_str);
        let name = match (is_named, measures) {
            (false, _) => measure_name(measure).to_owned(),
            (true, 1) => group.to_owned(),
            (true, _) => format!("{group}:{}", measure_name(measure)),
        };
        kept.series.push(empty(name, measure));
        if let Some(slot) = kept.slots.get_mut(*number) {
            *slot = Slot::Own(place);
        }
    }
    if sums && kept.left_out.0 > 0 {
        sum(&mut kept, whole, &measure_name);
    }
    Ok(kept)
}

const fn empty(name: String, measure: usize) -> Series {
    Series {
        name,
        measure,
        points: Vec::new(),
    }
}

/// A series for the sum of all that have none of their own, one a measure.
fn sum<'n>(kept: &mut Kept, whole: usize, measure_name: &dyn Fn(usize) -> &'n str) {
    for number in 0..whole {
        let name = notes::other(kept.left_out.0 / whole);
        kept.series.push(if whole == 1 {
            empty(name, 0)
        } else {
            empty(format!("{name}:{}", measure_name(number)), number)
        });
    }
    for (number, slot) in kept.slots.iter_mut().enumerate() {
        if matches!(slot, Slot::Nowhere) {
            *slot = Slot::Sum(number % whole);
        }
    }
}

/// For each row the number of what names its series, and the names.
fn groups(marks: Marks<'_>, named_by: &[usize]) -> Result<(Vec<u32>, Vec<String>), NotDrawn> {
    let measures = marks.chosen.measures.len();
    if named_by.is_empty() {
        return Ok((Vec::new(), vec![String::new()]));
    }
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut groups = Vec::with_capacity(marks.rows.rows);
    let mut names = Vec::new();
    let mut next = 0;
    for row in 0..marks.rows.rows {
        marks.watch.step()?;
        let cells = named_by.iter().map(|at| label::cell(marks.rows.cell(*at, row)));
        let name = cells.collect::<Vec<_>>().join(", ");
        if let Some(group) = known.get(&name) {
            groups.push(*group);
            continue;
        }
        names.push(name.clone());
        if names.len() * measures > CHART_SERIES_SEEN_MAX {
            return Err(NotDrawn::new(
                format!("the answer has more than {CHART_SERIES_SEEN_MAX} series"),
                "say what names a series: `with (series = …)`, or summarize: `| summarize count() by bin(TimeGenerated, 1h)`",
            ));
        }
        groups.push(next);
        known.insert(name, next);
        next += 1;
    }
    Ok((groups, names))
}

/// The sums of measures, without their signs.
fn weights(marks: Marks<'_>, kept: &Kept, whole: usize) -> Result<Vec<f64>, NotDrawn> {
    let mut weights = vec![0.0; kept.slots.len() / whole.max(1)];
    for row in 0..marks.rows.rows {
        for measure in 0..kept.measures {
            let at = kept.number(row, measure) / whole.max(1);
            marks.each(row, measure, |point| {
                if let Some(weight) = weights.get_mut(at) {
                    *weight += point.y.abs();
                }
                Ok(())
            })?;
        }
    }
    Ok(weights)
}
