//! What would fail whatever the rows hold, found without any: a pattern that is none, say. It is for those who compute
//! expressions elsewhere, where their places are not known.

use kql::bound::{Column as Named, ListItems, Scalar, ScalarKind};
use kqlfn::Column;

use crate::Result;
use crate::run::Evaluator;
use crate::table::Table;

impl Evaluator<'_> {
    /// Fails where the expression would for any rows of some columns. Other rows that it asks for are not computed.
    pub fn probe(&self, scalar: &Scalar, columns: &[Named]) -> Result<()> {
        if matches!(
            scalar.kind,
            ScalarKind::Column(_) | ScalarKind::Literal(_) | ScalarKind::Dynamic(_)
        ) {
            return Ok(());
        }
        let mut empty: Vec<Column> = Vec::new();
        let mut held = Vec::with_capacity(columns.len());
        for named in columns {
            let known = empty.iter().find(|column| column.kind == named.kind);
            held.push(match known {
                Some(column) => column.clone(),
                None => {
                    let column = Column::new(named.kind, Column::null(named.kind).array.slice(0, 0));
                    empty.push(column.clone());
                    column
                }
            });
        }
        self.probe_over(scalar, &Table::new(columns.to_vec(), held, 0))
    }

    fn probe_over(&self, scalar: &Scalar, empty: &Table) -> Result<()> {
        if !asks_for_rows(scalar) {
            return self.scalar(scalar, empty).map(|_| ());
        }
        scalar
            .parts()
            .into_iter()
            .try_for_each(|part| self.probe_over(part, empty))
    }
}

/// True if some rows must be known to compute it.
#[must_use]
pub fn asks_for_rows(scalar: &Scalar) -> bool {
    matches!(
        scalar.kind,
        ScalarKind::ToScalar(_) | ScalarKind::In(_, _, ListItems::Rows(_)) | ScalarKind::StepColumn(..)
    ) || scalar.parts().into_iter().any(asks_for_rows)
}
