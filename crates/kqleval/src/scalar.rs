//! Scalar expressions over rows.

use std::sync::Arc;

use kql::ScalarType;
use kql::bound::{ListItems, Rows, Scalar, ScalarKind};
use kql::syntax::Literal;
use kqlfn::evaluate::{dynamic_column, literal_column};
use kqlfn::{Call, Cell, Column, registry};

use crate::run::Evaluator;
use crate::table::{Table, column_of};
use crate::value::Value;
use crate::{Failure, Result};

impl Evaluator<'_> {
    /// The value of an expression, for each row or for all.
    pub(crate) fn scalar(&self, scalar: &Scalar, table: &Table) -> Result<Column> {
        match &scalar.kind {
            ScalarKind::Literal(literal) if literal.kind() == scalar.gives => Ok(literal_column(literal)),
            ScalarKind::Literal(Literal::Long(None)) => Ok(Column::null(scalar.gives)),
            ScalarKind::Literal(literal) => widened(&literal_column(literal), scalar.gives, 1),
            ScalarKind::Dynamic(value) => Ok(dynamic_column(value)),
            ScalarKind::Column(at) => table
                .columns
                .get(*at)
                .cloned()
                .ok_or_else(|| Failure::new("a column is not there")),
            ScalarKind::StepColumn(..) => Err(Failure::new("a step's column stands outside of a scan")),
            ScalarKind::Call(name, arguments) => self.call(name, arguments, scalar.gives, table),
            ScalarKind::Window(name, arguments) => self.window(name, arguments, scalar.gives, table),
            ScalarKind::Logic(is_and, terms) => self.logic(*is_and, terms, table),
            ScalarKind::In(value, operator, items) => {
                let mut arguments = vec![self.scalar(value, table)?];
                match items {
                    ListItems::Values(items) => {
                        for item in items {
                            arguments.push(self.scalar(item, table)?);
                        }
                    }
                    ListItems::Rows(rows) => arguments.push(self.list(rows)?),
                }
                self.apply(operator.text(), &arguments, ScalarType::Bool, table.rows)
            }
            ScalarKind::ToScalar(rows) => self.first_cell(rows, scalar.gives),
            ScalarKind::Shared(shared) => self.scalar(shared, table),
            ScalarKind::Widened(inside) => {
                let column = self.scalar(inside, table)?;
                let rows = if column.is_constant { 1 } else { table.rows };
                let held = widened(&column, scalar.gives, rows)?;
                Ok(Column {
                    is_constant: column.is_constant,
                    ..held
                })
            }
            ScalarKind::PackAll(leaves_out) => pack_all(*leaves_out, table),
        }
    }

    /// The first column of some rows, as one array that holds for all rows.
    pub fn list(&self, rows: &Arc<Rows>) -> Result<Column> {
        let rows = self.once(rows)?;
        let items = Value::array((0..rows.rows).map(|row| rows.cell(0, row)));
        constant_column(&items, ScalarType::Dynamic)
    }

    /// The first cell of some rows, as one value that holds for all rows; null if there are none.
    pub fn first_cell(&self, rows: &Arc<Rows>, gives: ScalarType) -> Result<Column> {
        let rows = self.once(rows)?;
        let first = if rows.rows == 0 {
            Value::Null
        } else {
            Value::from(rows.cell(0, 0))
        };
        constant_column(&first, gives)
    }

    fn call(&self, name: &str, arguments: &[Scalar], gives: ScalarType, table: &Table) -> Result<Column> {
        match name {
            "rand" => return self.rand(arguments, table),
            "new_guid" => {
                return column_of(ScalarType::Guid, table.rows, |_| {
                    let mut guid = [0; 16];
                    for byte in &mut guid {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "below 256"
                        )]
                        let value = (self.chance() * 256.0) as u8;
                        *byte = value;
                    }
                    Cell::Guid(guid)
                });
            }
            _ => {}
        }
        let arguments = arguments
            .iter()
            .map(|argument| self.scalar(argument, table))
            .collect::<Result<Vec<_>>>()?;
        self.apply(name, &arguments, gives, table.rows)
    }

    fn rand(&self, arguments: &[Scalar], table: &Table) -> Result<Column> {
        let limit = match arguments.first() {
            Some(limit) => self.scalar(limit, table)?.cell(0).long(),
            None => None,
        };
        column_of(ScalarType::Real, table.rows, |_| {
            #[expect(clippy::cast_precision_loss, reason = "chance is not exact")]
            let value = match limit {
                Some(limit) if limit > 1 => (self.chance() * limit as f64).floor(),
                _ => self.chance(),
            };
            Cell::Real(value)
        })
    }

    /// Calls a function; what holds for all rows in all arguments holds for all rows.
    pub(crate) fn apply(
        &self,
        name: &str,
        arguments: &[Column],
        gives: ScalarType,
        rows: usize,
    ) -> Result<Column> {
        let function =
            registry::find(name).ok_or_else(|| Failure::unsupported(&format!("the function `{name}`")))?;
        let is_constant = arguments.iter().all(|argument| argument.is_constant);
        let call = Call {
            arguments,
            rows: if is_constant { 1 } else { rows },
            gives,
        };
        let array = (function.kernel)(&call)?;
        Ok(Column {
            kind: gives,
            array,
            is_constant,
        })
    }

    fn logic(&self, is_and: bool, terms: &[Scalar], table: &Table) -> Result<Column> {
        let terms = terms
            .iter()
            .map(|term| self.scalar(term, table))
            .collect::<Result<Vec<_>>>()?;
        let is_constant = terms.iter().all(|term| term.is_constant);
        let rows = if is_constant { 1 } else { table.rows };
        let column = column_of(ScalarType::Bool, rows, |row| {
            let mut held = Some(is_and);
            for term in &terms {
                match term.cell(row).bool() {
                    Some(value) if value != is_and => return Cell::Bool(value),
                    Some(_) => {}
                    None => held = None,
                }
            }
            held.map_or(Cell::Null, Cell::Bool)
        })?;
        Ok(Column {
            is_constant,
            ..column
        })
    }
}

/// A value as a column that holds for all rows.
pub(crate) fn constant_column(value: &Value, kind: ScalarType) -> Result<Column> {
    let column = column_of(kind, 1, |_| value.cell())?;
    Ok(Column {
        is_constant: true,
        ..column
    })
}

/// A column in another type: numbers are widened or cut, all else as the type allows.
pub fn widened(column: &Column, kind: ScalarType, rows: usize) -> Result<Column> {
    if column.kind == kind {
        return Ok(column.clone());
    }
    let converted = column_of(kind, rows, |row| {
        let cell = column.cell(row);
        match kind {
            ScalarType::Long | ScalarType::Int => match cell.plain() {
                Cell::Bool(value) => Cell::Long(i64::from(value)),
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "saturates, as a cast of Kusto's does"
                )]
                Cell::Real(value) if value.is_finite() => Cell::Long(value as i64),
                cell => cell,
            },
            ScalarType::Bool => match cell.plain().long() {
                Some(number) => Cell::Bool(number != 0),
                None => cell,
            },
            _ => cell,
        }
    })?;
    Ok(Column {
        is_constant: column.is_constant,
        ..converted
    })
}

fn pack_all(leaves_out: bool, table: &Table) -> Result<Column> {
    let call = Call {
        arguments: &[],
        rows: table.rows,
        gives: ScalarType::Dynamic,
    };
    let array = call.dynamics(|row, writer| {
        writer.bag(|members| {
            for (column, named) in table.columns.iter().zip(&table.schema) {
                let cell = column.cell(row);
                let is_empty = cell.is_null() || matches!(cell, Cell::String(""));
                if !(leaves_out && is_empty) {
                    members.push(&named.name, |writer| cell.write(writer));
                }
            }
        });
    })?;
    Ok(Column::new(ScalarType::Dynamic, array))
}
