//! Which columns the steps that run in memory look at: the others need not be read.

use kql::bound::{
    AggregateCall, MvApply, MvExpand, Named, Rows, Scalar, ScalarKind, Scan, Source, Step, StepKind,
};
use kqleval::asks_for_rows;

/// Plugins that give nothing of their rows but what they compute of their arguments.
const GIVES_ITS_OWN: [&str; 12] = [
    "active_users_count",
    "activity_counts_metrics",
    "activity_engagement",
    "activity_metrics",
    "dcount_intersect",
    "funnel_sequence_completion",
    "new_activity_metrics",
    "pivot",
    "rolling_percentile",
    "sequence_detect",
    "session_count",
    "sliding_window_counts",
];

/// Columns by their place: true for those that are looked at.
#[derive(Clone, Debug)]
pub(super) struct Needed(Vec<bool>);

impl Needed {
    fn none(columns: usize) -> Self {
        Self(vec![false; columns])
    }

    fn all(columns: usize) -> Self {
        Self(vec![true; columns])
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place).copied().unwrap_or(true)
    }

    pub(super) fn is_all(&self) -> bool {
        self.0.iter().all(|needed| *needed)
    }

    fn add(&mut self, place: usize) {
        if let Some(needed) = self.0.get_mut(place) {
            *needed = true;
        }
    }

    /// What an expression looks at.
    fn add_all(&mut self, scalar: &Scalar) {
        match &scalar.kind {
            ScalarKind::Column(place) | ScalarKind::StepColumn(_, place) => self.add(*place),
            ScalarKind::PackAll(_) => self.0.fill(true),
            _ => scalar.parts().into_iter().for_each(|part| self.add_all(part)),
        }
    }

    fn add_named(&mut self, named: &[Named]) {
        named.iter().for_each(|named| self.add_all(&named.value));
    }

    fn add_calls(&mut self, calls: &[AggregateCall]) {
        calls
            .iter()
            .flat_map(|call| &call.arguments)
            .for_each(|argument| self.add_all(argument));
    }

    /// The same places of another step's columns.
    fn add_same(&mut self, after: &Self) {
        for (place, needed) in after.0.iter().enumerate() {
            if *needed {
                self.add(place);
            }
        }
    }
}

/// What some steps look at of the columns that they are given: before each step, and after the last. What is not known
/// to be passed over is looked at.
pub(super) fn needed(steps: &[Step], columns: usize) -> Vec<Needed> {
    let width = steps.last().map_or(columns, |step| step.columns.len());
    needed_before(steps, columns, Needed::all(width))
}

/// The same where only some columns are looked at behind them.
fn needed_before(steps: &[Step], columns: usize, after: Needed) -> Vec<Needed> {
    let mut widths = vec![columns];
    widths.extend(steps.iter().map(|step| step.columns.len()));
    let mut all = vec![after];
    for (step, columns) in steps.iter().zip(widths).rev() {
        let here = all.last().map(|after| before(step, columns, after));
        all.extend(here);
    }
    all.reverse();
    all
}

/// What a step and those behind it look at, where those behind it look at so much.
fn before(step: &Step, columns: usize, after: &Needed) -> Needed {
    let mut here = Needed::none(columns);
    match &step.kind {
        StepKind::Filter(condition) => {
            here.add_all(condition);
            here.add_same(after);
        }
        StepKind::Project(outputs) => {
            let kept = outputs.iter().enumerate().filter(|(place, _)| after.has(*place));
            kept.for_each(|(_, output)| here.add_all(&output.value));
        }
        StepKind::Summarize(groups, calls) => {
            here.add_named(groups);
            here.add_calls(calls);
        }
        StepKind::Sort(keys) => {
            keys.iter().for_each(|key| here.add_all(&key.value));
            here.add_same(after);
        }
        StepKind::Top(_, key) => {
            here.add_all(&key.value);
            here.add_same(after);
        }
        StepKind::Take(_) | StepKind::Sample(_) => here.add_same(after),
        StepKind::TopNested(levels) => {
            for level in levels {
                here.add_all(&level.of.value);
                here.add_calls(&level.by);
            }
        }
        StepKind::MvExpand(expand) => expanded(&mut here, expand, after),
        StepKind::Scan(scan) => scanned(&mut here, scan, after),
        StepKind::Plugin(call) if GIVES_ITS_OWN.contains(&call.name.as_str()) && call.tables.is_empty() => {
            call.arguments.iter().for_each(|argument| here.add_all(argument));
            here.add_calls(&call.aggregates);
        }
        StepKind::Partition { by, query, .. } => match needed_within(query, after.clone()) {
            Some(inside) => {
                inside.iter().take(1).for_each(|inside| here.add_same(inside));
                here.add(*by);
            }
            None => return Needed::all(columns),
        },
        StepKind::MvApply(apply) => match looked_at(apply, columns) {
            Some(looked_at) => {
                here.add_same(&looked_at);
                let kept = apply.kept.iter().enumerate();
                kept.filter(|(to, _)| after.has(*to))
                    .for_each(|(_, from)| here.add(*from));
            }
            None => return Needed::all(columns),
        },
        // A column that is parsed into stands at its place before and behind.
        StepKind::Parse(parse) => {
            here.add_all(&parse.value);
            here.add_same(after);
        }
        StepKind::ParseKv(parse) => {
            here.add_all(&parse.value);
            here.add_same(after);
        }
        _ => return Needed::all(columns),
    }
    here
}

/// The declared columns stand behind those of the rows.
fn scanned(here: &mut Needed, scan: &Scan, after: &Needed) {
    for step in &scan.steps {
        here.add_all(&step.condition);
        step.assignments.iter().for_each(|(_, value)| here.add_all(value));
    }
    here.add_same(after);
}

fn expanded(here: &mut Needed, expand: &MvExpand, after: &Needed) {
    expand.items.iter().for_each(|item| here.add_all(&item.value));
    for (from, to) in &expand.kept {
        if after.has(*to) {
            here.add(*from);
        }
    }
}

/// What `mv-apply` computes with, beside what it only keeps; none where that cannot be told.
pub(super) fn looked_at(apply: &MvApply, columns: usize) -> Option<Needed> {
    let items = apply.expand.items.iter().map(|item| &item.value);
    if items.chain(&apply.expand.limit).any(asks_for_rows) {
        return None;
    }
    let inside = needed_within(&apply.query, Needed::all(apply.query.columns().len()))?;
    let mut here = Needed::none(columns);
    expanded(&mut here, &apply.expand, inside.first()?);
    Some(here)
}

/// What a query over the rows of an operator around it looks at of them and of its steps, where some columns are looked
/// at behind it; none where that cannot be told.
pub(super) fn needed_within(query: &Rows, after: Needed) -> Option<Vec<Needed>> {
    if !matches!(query.source, Source::Outer) {
        return None;
    }
    for step in &query.steps {
        // Rows that are asked for inside of an expression may look at any column.
        if scalars(&step.kind)?.into_iter().any(asks_for_rows) {
            return None;
        }
    }
    Some(needed_before(&query.steps, query.source_columns.len(), after))
}

fn scalars(step: &StepKind) -> Option<Vec<&Scalar>> {
    match step {
        StepKind::MvExpand(expand) => Some(expand.items.iter().map(|item| &item.value).collect()),
        step => step.scalars(),
    }
}
