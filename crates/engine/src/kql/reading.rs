//! Which rows read tables: those have plans, and all others are computed in memory.

use kql::bound::{ListItems, Rows, Scalar, ScalarKind, Source, StepKind};

/// True if the rows, or those that their steps bring in, come from a table.
pub(super) fn reads_tables(rows: &Rows) -> bool {
    source_reads(&rows.source) || rows.steps.iter().any(|step| step_reads(&step.kind))
}

fn source_reads(source: &Source) -> bool {
    match source {
        Source::Table(_) => true,
        Source::Union(_, inputs) => inputs.iter().any(|input| reads_tables(&input.rows)),
        Source::Shared(shared) | Source::Materialized(shared) => reads_tables(shared),
        _ => false,
    }
}

fn step_reads(step: &StepKind) -> bool {
    match step {
        StepKind::Join { right, .. } => reads_tables(right),
        StepKind::Filter(condition) => scalar_reads(condition),
        _ => false,
    }
}

fn scalar_reads(scalar: &Scalar) -> bool {
    match &scalar.kind {
        ScalarKind::In(_, _, ListItems::Rows(rows)) | ScalarKind::ToScalar(rows) => reads_tables(rows),
        _ => scalar.parts().into_iter().any(scalar_reads),
    }
}
