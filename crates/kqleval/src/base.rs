//! Rows that a step asks for again and again, grouped otherwise each time. They are a table, or the beginning of a query
//! that somebody else reads: a step that looks only at groups then never holds all rows.

use kql::bound::{AggregateCall, Column, HIDDEN, JoinKind, Named, Rows, Scalar, Source, Step, StepKind};
use kql::syntax::Literal;
use kql::{ScalarType, Span};
use kqlfn::Cell;

use crate::run::Evaluator;
use crate::table::Table;
use crate::value::Value;
use crate::{Failure, Result};

/// Rows to be grouped.
pub(crate) struct Base<'b> {
    rows: Rows,
    outer: Option<&'b Table>,
}

/// How rows are grouped.
pub(crate) struct Grouping<'g> {
    pub(crate) keys: &'g [&'g Scalar],
    /// They are grouped by so many of the keys.
    pub(crate) groups: usize,
    pub(crate) calls: &'g [AggregateCall],
    /// Only rows whose first keys are such values.
    pub(crate) among: Option<&'g [Vec<Value>]>,
    /// And none whose first keys are such.
    pub(crate) not_among: Option<&'g [Vec<Value>]>,
    pub(crate) span: Span,
}

impl<'b> Base<'b> {
    /// The rows of a table.
    pub(crate) fn of_table(table: &'b Table) -> Self {
        Self {
            rows: Rows::new(Source::Outer, table.schema.clone()),
            outer: Some(table),
        }
    }

    /// Rows that are read each time.
    pub(crate) const fn of_rows(rows: Rows) -> Self {
        Self { rows, outer: None }
    }

    pub(crate) fn columns(&self) -> &[Column] {
        self.rows.columns()
    }

    /// The same columns, and no rows.
    pub(crate) fn nothing(&self) -> Result<Table> {
        Table::of_values(self.columns().to_vec(), &[])
    }

    /// The rows in groups: their keys, and what the aggregates give.
    pub(crate) fn grouped(&self, evaluator: &Evaluator<'_>, grouping: &Grouping<'_>) -> Result<Table> {
        let Grouping {
            keys, groups, span, ..
        } = *grouping;
        let mut rows = self.rows.clone();
        let restrictions = [
            (JoinKind::LeftSemi, grouping.among),
            (JoinKind::LeftAnti, grouping.not_among),
        ];
        for (kind, values) in restrictions {
            if let Some(values) = values {
                let columns = rows.columns().to_vec();
                rows.steps.push(Step {
                    kind: restriction(kind, &columns, keys, values)?,
                    columns,
                    span,
                });
            }
        }
        let mut columns: Vec<Column> = Vec::with_capacity(keys.len() + grouping.calls.len());
        let mut hidden = |kind| {
            let column = Column::new(format!("{HIDDEN}{}", columns.len()), kind);
            columns.push(column.clone());
            column
        };
        let groups = keys.iter().take(groups).map(|key| Named {
            name: hidden(key.gives).name,
            value: (*key).clone(),
        });
        let groups: Vec<Named> = groups.collect();
        let calls = grouping.calls.iter().map(|call| AggregateCall {
            columns: call.columns.iter().map(|column| hidden(column.kind)).collect(),
            ..call.clone()
        });
        let calls = calls.collect();
        rows.steps.push(Step {
            kind: StepKind::Summarize(groups, calls),
            columns,
            span,
        });
        evaluator.rows(&rows, self.outer)
    }
}

/// Keeps or leaves out the rows whose first keys are such values.
fn restriction(
    kind: JoinKind,
    columns: &[Column],
    keys: &[&Scalar],
    values: &[Vec<Value>],
) -> Result<StepKind> {
    let width = values.first().map_or(0, Vec::len).min(keys.len());
    let keys = keys.iter().take(width);
    let right_columns: Vec<Column> = keys
        .clone()
        .enumerate()
        .map(|(at, key)| Column::new(format!("{HIDDEN}key {at}"), key.gives))
        .collect();
    let cell = |(value, column): (&Value, &Column)| {
        let literal = literal(value, column.kind);
        let literal = literal.ok_or_else(|| Failure::new("rows cannot be grouped by a dynamic"))?;
        Ok(Scalar::literal(literal, column.kind, Span::default()))
    };
    let cells = values.iter().map(|row| {
        let cells = row.iter().zip(&right_columns);
        cells.map(cell).collect::<Result<Vec<_>>>()
    });
    let cells = cells.collect::<Result<Vec<_>>>()?;
    let pairs = keys.zip(&right_columns).enumerate().map(|(at, (key, column))| {
        let right = Scalar::column(at, column.kind, Span::default());
        ((*key).clone(), right)
    });
    Ok(StepKind::Join {
        kind,
        keys: pairs.collect(),
        right: Box::new(Rows::new(Source::Literal(cells), right_columns)),
        left_places: (0..columns.len()).collect(),
        right_places: Vec::new(),
    })
}

/// The value as a literal, if there is one for it.
pub(crate) fn literal(value: &Value, kind: ScalarType) -> Option<Literal> {
    Some(match value.cell() {
        Cell::Null if kind == ScalarType::Dynamic => return None,
        Cell::Null => Literal::null(kind),
        Cell::Bool(value) => Literal::Bool(Some(value)),
        Cell::Int(value) => Literal::Int(Some(value)),
        Cell::Long(value) => Literal::Long(Some(value)),
        Cell::Real(value) => Literal::Real(Some(value)),
        Cell::Decimal(digits) => Literal::Decimal(Some(digits.to_owned())),
        Cell::String(text) => Literal::String(text.to_owned()),
        Cell::Datetime(ticks) => Literal::Datetime(Some(ticks)),
        Cell::Timespan(ticks) => Literal::Timespan(Some(ticks)),
        Cell::Guid(guid) => Literal::Guid(Some(guid)),
        Cell::Dynamic(_) => return None,
    })
}
