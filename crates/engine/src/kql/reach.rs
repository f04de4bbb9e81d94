//! Views that group or join rows over time: which rows they need for those that are asked for. A condition on a view's
//! time stands behind it; the table inside is then read from a little before until a little after, as the view says.

use std::collections::HashMap;
use std::sync::Arc;

use kql::ScalarType;
use kql::bound::{Named, Rows, Scalar, ScalarKind, Source, Step, StepKind};
use kql::syntax::Literal;
use kqleval::Evaluator;

use super::views::{Reach, reach};

/// The time of all tables that views are made of.
const TIME: &str = "TimeGenerated";

/// From a moment to a moment, both in it, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    from: Option<i64>,
    to: Option<i64>,
}

/// Rows that begin with a view as rows that begin with its inside.
pub(super) fn opened(rows: &Rows, evaluator: &Evaluator<'_>) -> Option<Rows> {
    let (name, inside, steps) = match &rows.source {
        Source::View(name, inside) => (name, inside, rows.steps.clone()),
        // A name for the view, or for what is left of its rows.
        Source::Shared(shared) => match &shared.source {
            Source::View(name, inside) => {
                let steps = shared.steps.iter().chain(&rows.steps);
                (name, inside, steps.cloned().collect())
            }
            _ => return None,
        },
        _ => return None,
    };
    let mut opened = Rows::clone(inside);
    if let Some(reach) = reach(name)
        && let Some(at) = place(inside.columns(), reach.time)
    {
        let asked = times(&steps, at, evaluator);
        if asked != Times::default() {
            opened = Restricted::to(asked.widened(reach)).rows(&opened);
        }
    }
    opened.steps.extend(steps);
    opened.is_serialized = rows.is_serialized;
    opened.is_open = rows.is_open;
    opened.name.clone_from(&rows.name);
    Some(opened)
}

fn place(columns: &[kql::bound::Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| *column.name == *name)
}

/// What conditions say of the column of the times, as far as it goes through.
fn times(steps: &[Step], mut at: usize, evaluator: &Evaluator<'_>) -> Times {
    let mut times = Times::default();
    for step in steps {
        match &step.kind {
            StepKind::Filter(condition) => times.narrow(condition, at, evaluator),
            StepKind::Project(outputs) => match outputs.iter().position(|output| is_column(output, at)) {
                Some(place) => at = place,
                None => break,
            },
            StepKind::Sort(_) => {}
            _ => break,
        }
    }
    times
}

fn is_column(output: &Named, at: usize) -> bool {
    matches!(output.value.kind, ScalarKind::Column(held) if held == at)
}

impl Times {
    fn narrow(&mut self, condition: &Scalar, at: usize, evaluator: &Evaluator<'_>) {
        match &condition.kind {
            ScalarKind::Shared(shared) => self.narrow(shared, at, evaluator),
            ScalarKind::Logic(true, terms) => {
                for term in terms {
                    self.narrow(term, at, evaluator);
                }
            }
            ScalarKind::Call(name, arguments) => {
                let is_time = |scalar: &Scalar| matches!(scalar.kind, ScalarKind::Column(held) if held == at);
                let moment =
                    |scalar: &Scalar| match scalar.is_constant() && scalar.gives == ScalarType::Datetime {
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

/// Puts a condition on the time before everything else that is done to a table.
struct Restricted {
    to: Times,
    /// Rows that stand in several places stay one.
    shared: HashMap<*const Rows, Arc<Rows>>,
}

impl Restricted {
    fn to(to: Times) -> Self {
        Self {
            to,
            shared: HashMap::new(),
        }
    }

    fn rows(&mut self, rows: &Rows) -> Rows {
        let mut made = rows.clone();
        match &mut made.source {
            Source::Table(_) => self.begin_with_condition(&mut made, TIME),
            Source::View(name, _) => {
                if let Some(reach) = reach(name) {
                    self.begin_with_condition(&mut made, reach.time);
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

    fn begin_with_condition(&self, rows: &mut Rows, time: &str) {
        let Some(at) = place(&rows.source_columns, time) else {
            return;
        };
        let compared = |operator: &str, ticks: i64| {
            let (kind, span) = (ScalarType::Datetime, rows.span);
            let sides = vec![
                Scalar::column(at, kind, span),
                Scalar::literal(Literal::Datetime(Some(ticks)), kind, span),
            ];
            Scalar {
                kind: ScalarKind::Call(operator.to_owned(), sides),
                gives: ScalarType::Bool,
                span,
            }
        };
        let from = self.to.from.map(|from| compared(">=", from));
        let conditions = from.into_iter().chain(self.to.to.map(|to| compared("<=", to)));
        let steps = conditions.map(|condition| Step {
            kind: StepKind::Filter(condition),
            columns: rows.source_columns.clone(),
            span: rows.span,
        });
        let steps: Vec<Step> = steps.collect();
        rows.steps.splice(0..0, steps);
    }
}
