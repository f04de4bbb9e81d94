//! Views that group or join rows over time: which rows they need for those that are asked for. A condition on a view's
//! time stands behind it; the table inside is then read from a little before until a little after, as the view says.

use std::collections::HashMap;
use std::sync::Arc;

use kql::ScalarType;
use kql::bound::{Column, ListItems, Rows, Scalar, ScalarKind, Source, Step, StepKind};
use kqleval::Evaluator;

use super::lower::is_chance;
use super::views::{Reach, reach};

/// The time of all tables that views are made of.
const TIME: &str = "TimeGenerated";

/// From a moment to a moment, both in it, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    from: Option<i64>,
    to: Option<i64>,
}

/// What is asked of the rows of a view: times, and conditions on its keys, over its columns.
#[derive(Debug, Default)]
struct Asked {
    times: Times,
    conditions: Vec<Scalar>,
}

/// Rows that begin with a view as rows that begin with what is inside of it; that may be a view in turn.
pub(super) fn opened(rows: &Rows, evaluator: &Evaluator<'_>) -> Option<Rows> {
    let mut opened = opened_once(rows, evaluator)?;
    while let Some(next) = opened_once(&opened, evaluator) {
        opened = next;
    }
    Some(opened)
}

fn opened_once(rows: &Rows, evaluator: &Evaluator<'_>) -> Option<Rows> {
    let (name, inside, steps) = match &rows.source {
        Source::View(name, inside) => (name, inside, rows.steps.clone()),
        // A name for the view, or for what is left of its rows.
        Source::Shared(shared) => match &shared.source {
            // What groups is made once where it can be.
            Source::View(name, inside) if shared.steps.iter().all(goes_through) => {
                let steps = shared.steps.iter().chain(&rows.steps);
                (name, inside, steps.cloned().collect())
            }
            _ => return None,
        },
        _ => return None,
    };
    let mut opened = Rows::clone(inside);
    if let Some(reach) = reach(name) {
        let asked = asked(&steps, inside.columns(), reach, evaluator);
        let restricted = Restricted {
            to: asked.times.widened(reach),
            conditions: &asked.conditions,
            columns: inside.columns(),
            shared: HashMap::new(),
        };
        opened = restricted.of(&opened);
    }
    opened.steps.extend(steps);
    opened.is_serialized = rows.is_serialized;
    opened.is_open = rows.is_open;
    opened.name.clone_from(&rows.name);
    Some(opened)
}

fn place(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| *column.name == *name)
}

/// True for steps that leave rows as they are, each for itself.
const fn goes_through(step: &Step) -> bool {
    matches!(
        step.kind,
        StepKind::Filter(_) | StepKind::Project(_) | StepKind::Sort(_)
    )
}

/// What conditions say of the view's times and keys, as far as its columns go through.
fn asked(steps: &[Step], columns: &[Column], reach: &Reach, evaluator: &Evaluator<'_>) -> Asked {
    let mut asked = Asked::default();
    // For each column of the step before, the one of the view that it is.
    let mut places: Vec<Option<usize>> = (0..columns.len()).map(Some).collect();
    let is_one_of = |at: Option<usize>, names: &[&str]| {
        let column = at.and_then(|at| columns.get(at));
        column.is_some_and(|column| names.contains(&&*column.name))
    };
    for step in steps {
        match &step.kind {
            StepKind::Filter(condition) => {
                for term in terms(condition, evaluator) {
                    let of_view = |at: usize| places.get(at).copied().flatten();
                    asked
                        .times
                        .narrow(term, &|at| is_one_of(of_view(at), reach.times), evaluator);
                    let key = |at: usize| of_view(at).filter(|at| is_one_of(Some(*at), reach.keys));
                    asked.conditions.extend(renamed(term, &key));
                }
            }
            StepKind::Project(outputs) => {
                let made = outputs.iter().map(|output| match output.value.kind {
                    ScalarKind::Column(at) => places.get(at).copied().flatten(),
                    _ => None,
                });
                places = made.collect();
            }
            StepKind::Sort(_) => {}
            _ => break,
        }
    }
    asked
}

/// What must all hold. Of alternatives those are left out that hold for no row, as parameters that were not given do.
fn terms<'s>(condition: &'s Scalar, evaluator: &Evaluator<'_>) -> Vec<&'s Scalar> {
    match &condition.kind {
        ScalarKind::Shared(shared) => terms(shared, evaluator),
        ScalarKind::Logic(true, parts) => parts.iter().flat_map(|part| terms(part, evaluator)).collect(),
        ScalarKind::Logic(false, parts) => {
            let never =
                |part: &&Scalar| part.is_constant() && matches!(evaluator.truth(part), Ok(Some(false)));
            let mut may = parts.iter().filter(|part| !never(part));
            match (may.next(), may.next()) {
                (Some(only), None) => terms(only, evaluator),
                _ => vec![condition],
            }
        }
        _ => vec![condition],
    }
}

/// An expression with other columns in place of its own; none if one of them has no other, or if it is more than an
/// expression of values.
fn renamed(scalar: &Scalar, to: &dyn Fn(usize) -> Option<usize>) -> Option<Scalar> {
    let all = |parts: &[Scalar]| {
        parts
            .iter()
            .map(|part| renamed(part, to))
            .collect::<Option<Vec<_>>>()
    };
    let kind = match &scalar.kind {
        ScalarKind::Shared(shared) => return renamed(shared, to),
        ScalarKind::Column(at) => ScalarKind::Column(to(*at)?),
        ScalarKind::Literal(_) | ScalarKind::Dynamic(_) => scalar.kind.clone(),
        ScalarKind::Call(name, _) if is_chance(name) => return None,
        ScalarKind::Call(name, arguments) => ScalarKind::Call(name.clone(), all(arguments)?),
        ScalarKind::Logic(is_and, parts) => ScalarKind::Logic(*is_and, all(parts)?),
        ScalarKind::Widened(inside) => ScalarKind::Widened(Box::new(renamed(inside, to)?)),
        ScalarKind::In(held, operator, items) => {
            let items = match items {
                ListItems::Values(values) => ListItems::Values(all(values)?),
                ListItems::Rows(rows) => ListItems::Rows(rows.clone()),
            };
            ScalarKind::In(Box::new(renamed(held, to)?), *operator, items)
        }
        _ => return None,
    };
    Some(Scalar { kind, ..*scalar })
}

impl Times {
    fn narrow(&mut self, term: &Scalar, is_time: &dyn Fn(usize) -> bool, evaluator: &Evaluator<'_>) {
        let ScalarKind::Call(name, arguments) = &term.kind else {
            return;
        };
        let is_time = |scalar: &Scalar| matches!(scalar.kind, ScalarKind::Column(at) if is_time(at));
        let moment = |scalar: &Scalar| match scalar.is_constant() && scalar.gives == ScalarType::Datetime {
            // What fails is said where the condition is.
            true => evaluator.moment(scalar).ok().flatten(),
            false => None,
        };
        match (name.as_str(), arguments.as_slice()) {
            (">" | ">=", [time, bound]) | ("<" | "<=", [bound, time]) if is_time(time) => {
                self.begin(moment(bound));
            }
            ("<" | "<=", [time, bound]) | (">" | ">=", [bound, time]) if is_time(time) => {
                self.end(moment(bound));
            }
            ("==", [time, bound]) | ("==", [bound, time]) if is_time(time) => {
                self.begin(moment(bound));
                self.end(moment(bound));
            }
            ("between", [time, low, high]) if is_time(time) => {
                self.begin(moment(low));
                self.end(moment(high));
            }
            _ => {}
        }
    }

    fn begin(&mut self, from: Option<i64>) {
        self.from = self.from.max(from);
    }

    fn end(&mut self, to: Option<i64>) {
        self.to = match (self.to, to) {
            (Some(held), Some(to)) => Some(held.min(to)),
            (held, to) => held.or(to),
        };
    }

    fn widened(self, reach: &Reach) -> Self {
        Self {
            from: self.from.map(|from| from.saturating_sub(reach.before)),
            to: self.to.map(|to| to.saturating_add(reach.after)),
        }
    }
}

/// Puts conditions before everything else that is done to a table.
struct Restricted<'r> {
    to: Times,
    /// Over the columns of the view, which the table has by the same names.
    conditions: &'r [Scalar],
    columns: &'r [Column],
    /// Rows that stand in several places stay one.
    shared: HashMap<*const Rows, Arc<Rows>>,
}

impl Restricted<'_> {
    fn of(mut self, rows: &Rows) -> Rows {
        match self.to == Times::default() && self.conditions.is_empty() {
            true => rows.clone(),
            false => self.rows(rows),
        }
    }

    fn rows(&mut self, rows: &Rows) -> Rows {
        let mut made = rows.clone();
        match &mut made.source {
            Source::Table(_) => self.begin_with_conditions(&mut made, TIME),
            Source::View(name, _) => {
                if let Some(time) = reach(name).and_then(|reach| reach.times.first()) {
                    self.begin_with_conditions(&mut made, time);
                }
            }
            Source::Union(_, inputs) => {
                for input in inputs {
                    input.rows = self.rows(&input.rows);
                }
            }
            Source::Shared(shared) | Source::Materialized(shared) => *shared = self.shared(shared),
            Source::Literal(_)
            | Source::Range(..)
            | Source::Print(_)
            | Source::Outer
            | Source::External(..) => {}
        }
        for step in &mut made.steps {
            if let StepKind::Join { right, .. } = &mut step.kind {
                **right = self.rows(right);
            }
        }
        made
    }

    fn shared(&mut self, rows: &Arc<Rows>) -> Arc<Rows> {
        let address = Arc::as_ptr(rows);
        if let Some(made) = self.shared.get(&address) {
            return Arc::clone(made);
        }
        let made = Arc::new(self.rows(rows));
        self.shared.insert(address, Arc::clone(&made));
        made
    }

    fn begin_with_conditions(&self, rows: &mut Rows, time: &str) {
        let Some(at) = place(&rows.source_columns, time) else {
            return;
        };
        let compared = |operator: &str, ticks: i64| Scalar::compared(at, operator, ticks, rows.span);
        let of_table = |at: usize| place(&rows.source_columns, &self.columns.get(at)?.name);
        let from = self.to.from.map(|from| compared(">=", from));
        let to = self.to.to.map(|to| compared("<=", to));
        let keys = self.conditions.iter().filter_map(|one| renamed(one, &of_table));
        let steps = from.into_iter().chain(to).chain(keys).map(|condition| Step {
            kind: StepKind::Filter(condition),
            columns: rows.source_columns.clone(),
            span: rows.span,
        });
        let steps: Vec<Step> = steps.collect();
        rows.steps.splice(0..0, steps);
    }
}
