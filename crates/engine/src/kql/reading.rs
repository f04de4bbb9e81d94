//! Which rows read tables: those have plans, and all others are computed in memory.

use std::collections::HashSet;
use std::sync::Arc;

use kql::bound::{JoinKind, ListItems, Rows, Scalar, ScalarKind, Source, StepKind};

/// True if the rows, or those that their steps bring in, come from a table.
pub(super) fn reads_tables(rows: &Rows) -> bool {
    Looked::default().rows(rows)
}

/// True if the rows are the same whenever they are read: no step keeps some of many that are as good.
pub(super) fn are_the_same_again(rows: &Rows) -> bool {
    let source = match &rows.source {
        Source::Union(_, inputs) => inputs.iter().all(|input| are_the_same_again(&input.rows)),
        Source::Shared(shared) | Source::View(_, shared) => are_the_same_again(shared),
        _ => true,
    };
    source
        && rows.steps.iter().all(|step| match &step.kind {
            StepKind::Filter(_)
            | StepKind::Project(_)
            | StepKind::Sort(_)
            | StepKind::MvExpand(_)
            | StepKind::Parse(_)
            | StepKind::ParseKv(_) => true,
            StepKind::Join { kind, right, .. } => *kind != JoinKind::InnerUnique && are_the_same_again(right),
            _ => false,
        })
}

/// Rows with names that were looked at and read nothing: a name may stand in many places.
#[derive(Default)]
struct Looked(HashSet<*const Rows>);

impl Looked {
    fn rows(&mut self, rows: &Rows) -> bool {
        self.source(&rows.source) || rows.steps.iter().any(|step| self.step(&step.kind))
    }

    fn shared(&mut self, rows: &Arc<Rows>) -> bool {
        self.0.insert(Arc::as_ptr(rows)) && self.rows(rows)
    }

    fn source(&mut self, source: &Source) -> bool {
        match source {
            Source::Table(_) => true,
            Source::Union(_, inputs) => inputs.iter().any(|input| self.rows(&input.rows)),
            Source::Shared(shared) | Source::Materialized(shared) | Source::View(_, shared) => {
                self.shared(shared)
            }
            _ => false,
        }
    }

    fn step(&mut self, step: &StepKind) -> bool {
        match step {
            StepKind::Join { right, .. } => self.rows(right),
            StepKind::Filter(condition) => self.scalar(condition),
            _ => false,
        }
    }

    fn scalar(&mut self, scalar: &Scalar) -> bool {
        match &scalar.kind {
            ScalarKind::In(_, _, ListItems::Rows(rows)) | ScalarKind::ToScalar(rows) => self.rows(rows),
            _ => scalar.parts().into_iter().any(|part| self.scalar(part)),
        }
    }
}
