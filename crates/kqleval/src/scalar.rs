//! Scalar expressions over rows.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::ArrayRef;
use kql::ScalarType;
use kql::bound::{ListItems, Rows, Scalar, ScalarKind};
use kql::syntax::Literal;
use kqlfn::Computed;
use kqlfn::evaluate::{dynamic_column, literal_column};
use kqlfn::{Call, Cell, Column, registry};

use crate::budget::Held;
use crate::parts::ROWS_TOGETHER;
use crate::run::Evaluator;
use crate::table::{Table, column_of};
use crate::value::Value;
use crate::{Failure, Result};

/// What an expression is computed over.
#[derive(Clone, Copy)]
struct Over<'r> {
    table: &'r Table,
    /// It is a part of the rows that is small enough.
    is_part: bool,
}

impl<'r> Over<'r> {
    const fn part(table: &'r Table) -> Self {
        Self { table, is_part: true }
    }
}

impl Evaluator<'_> {
    /// The value of an expression, for each row or for all.
    pub(crate) fn scalar(&self, scalar: &Scalar, table: &Table) -> Result<Column> {
        self.apart(scalar, table)
            .map_err(|failure| failure.settled().at(scalar.span))
    }

    /// Some rows after the other, unless the expression looks at other rows than its own.
    fn apart(&self, scalar: &Scalar, table: &Table) -> Result<Column> {
        if table.rows <= 1 {
            return self.node(scalar, Over::part(table));
        }
        if is_leaf(scalar) || scalar.has_window() {
            let is_part = false;
            return self.node(scalar, Over { table, is_part });
        }
        // What a list becomes is not made anew for less rows than it has.
        let together = match table.rows > ROWS_TOGETHER {
            true => ROWS_TOGETHER.max(self.longest_list(scalar)?),
            false => ROWS_TOGETHER,
        };
        self.in_parts(table.rows, together, |from, rows| {
            if rows == table.rows {
                return self.node(scalar, Over::part(table));
            }
            self.node(scalar, Over::part(&table.slice(from, rows)))
        })
    }

    fn node(&self, scalar: &Scalar, over: Over<'_>) -> Result<Column> {
        match &scalar.kind {
            ScalarKind::Literal(literal) if literal.kind() == scalar.gives => Ok(literal_column(literal)),
            ScalarKind::Literal(Literal::Long(None)) => Ok(Column::null(scalar.gives)),
            ScalarKind::Literal(literal) => widened(&literal_column(literal), scalar.gives, 1),
            ScalarKind::Dynamic(value) => Ok(dynamic_column(value)),
            ScalarKind::Column(at) => {
                let column = over.table.columns.get(*at).cloned();
                column.ok_or_else(|| Failure::new("a column is not there"))
            }
            ScalarKind::StepColumn(..) => Err(Failure::new("a step's column stands outside of a scan")),
            ScalarKind::Call(name, arguments) => self.call(name, arguments, scalar.gives, over),
            ScalarKind::Window(name, arguments) => self.window(name, arguments, scalar.gives, over.table),
            ScalarKind::Logic(is_and, terms) => self.logic(*is_and, terms, over),
            ScalarKind::In(value, operator, items) => {
                let mut arguments = self.values(std::slice::from_ref(value), over)?;
                let mut held = None;
                match items {
                    ListItems::Values(items) => {
                        let values = self.values(items, over)?;
                        arguments.columns.extend(values.columns);
                        held = Some(values.held);
                    }
                    ListItems::Rows(rows) => arguments.columns.push(self.list(rows)?),
                }
                let given = self.apply(
                    operator.text(),
                    &arguments.columns,
                    ScalarType::Bool,
                    over.table.rows,
                );
                drop(held);
                given
            }
            ScalarKind::ToScalar(rows) => self.first_cell(rows, scalar.gives),
            ScalarKind::Shared(shared) => self.child(shared, over),
            ScalarKind::Widened(inside) => {
                let column = self.child(inside, over)?;
                let rows = if column.is_constant { 1 } else { over.table.rows };
                let held = widened(&column, scalar.gives, rows)?;
                Ok(Column {
                    is_constant: column.is_constant,
                    ..held
                })
            }
            ScalarKind::PackAll(leaves_out) => pack_all(*leaves_out, over.table, self.budget.room()),
        }
        .map_err(|failure| failure.at(scalar.span))
    }

    /// A part of an expression.
    fn child(&self, scalar: &Scalar, over: Over<'_>) -> Result<Column> {
        if over.is_part {
            self.node(scalar, over)
        } else {
            self.apart(scalar, over.table)
        }
    }

    /// Parts of an expression, counted as long as they are needed.
    fn values(&self, scalars: &[impl Borrow<Scalar>], over: Over<'_>) -> Result<Values> {
        let mut held = self.budget.hold();
        let mut columns = Vec::with_capacity(scalars.len());
        for scalar in scalars {
            let column = self.child(scalar.borrow(), over)?;
            held.keep_passing(&column)?;
            columns.push(column);
        }
        Ok(Values { columns, held })
    }

    /// How many rows the longest list has that an expression looks into.
    fn longest_list(&self, scalar: &Scalar) -> Result<usize> {
        let mut longest = match &scalar.kind {
            ScalarKind::In(_, _, ListItems::Rows(rows)) => self.once(rows)?.rows,
            ScalarKind::In(_, _, ListItems::Values(items)) => items.len(),
            _ => 0,
        };
        for part in scalar.parts() {
            longest = longest.max(self.longest_list(part)?);
        }
        Ok(longest)
    }

    /// The different values of the first column of some rows, as one array that holds for all rows.
    pub fn list(&self, rows: &Arc<Rows>) -> Result<Column> {
        let table = self.once(rows)?;
        if let Some(list) = self.known.list(rows) {
            return Ok(list);
        }
        let mut held = HashSet::new();
        let cells = (0..table.rows).map(|row| table.cell(0, row));
        let items = Value::array(cells.filter(|cell| held.insert(Value::from(*cell).bytes())));
        let list = constant_column(&items, ScalarType::Dynamic)?;
        self.known.remember_list(rows, &list)?;
        Ok(list)
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

    fn call(&self, name: &str, arguments: &[Scalar], gives: ScalarType, over: Over<'_>) -> Result<Column> {
        match name {
            "rand" => return self.rand(arguments, over),
            "new_guid" => {
                return column_of(ScalarType::Guid, over.table.rows, |_| {
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
        let arguments = self.values(arguments, over)?;
        self.apply(name, &arguments.columns, gives, over.table.rows)
    }

    fn rand(&self, arguments: &[Scalar], over: Over<'_>) -> Result<Column> {
        let limit = match arguments.first() {
            Some(limit) => self.child(limit, over)?.cell(0).long(),
            None => None,
        };
        column_of(ScalarType::Real, over.table.rows, |_| {
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
        let room = self.budget.room();
        // A value may become as long as all that it is made of together.
        if arguments.len() > 1 && arguments.iter().map(bytes_of_values).sum::<usize>() > room {
            return Err(self.budget.exceeded().of_size());
        }
        let call = Call {
            arguments,
            rows: if is_constant { 1 } else { rows },
            gives,
            bytes_max: room,
        };
        let from_facts = match registry::asks_facts(function.name) {
            true => self.tables.answered_by_facts(function.name, &call),
            false => None,
        };
        let array = self.computed(from_facts.unwrap_or_else(|| (function.kernel)(&call)))?;
        Ok(Column {
            kind: gives,
            array,
            is_constant,
        })
    }

    /// What a kernel has made; more than there is room for may be made of less rows.
    pub(crate) fn computed(&self, made: Computed) -> Result<ArrayRef> {
        made.map_err(|refusal| match refusal.is_too_large {
            true => self.budget.exceeded().of_size(),
            false => Failure::from(refusal),
        })
    }

    fn logic(&self, is_and: bool, terms: &[Scalar], over: Over<'_>) -> Result<Column> {
        let terms = self.values(terms, over)?.columns;
        let is_constant = terms.iter().all(|term| term.is_constant);
        let rows = if is_constant { 1 } else { over.table.rows };
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

/// Arguments, counted as long as they are needed.
struct Values {
    columns: Vec<Column>,
    held: Held,
}

/// True for what is there without computing.
const fn is_leaf(scalar: &Scalar) -> bool {
    matches!(
        scalar.kind,
        ScalarKind::Literal(_) | ScalarKind::Dynamic(_) | ScalarKind::Column(_) | ScalarKind::ToScalar(_)
    )
}

/// How long the texts, arrays and bags of a column are together.
fn bytes_of_values(column: &Column) -> usize {
    if let Some(texts) = column.strings() {
        return texts.total_bytes_len();
    }
    let ends = column.dynamics().map(|values| values.value_offsets());
    match ends.and_then(|ends| ends.first().zip(ends.last())) {
        Some((first, last)) => usize::try_from(last - first).unwrap_or(0),
        None => 0,
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

fn pack_all(leaves_out: bool, table: &Table, bytes_max: usize) -> Result<Column> {
    let call = Call {
        arguments: &[],
        rows: table.rows,
        gives: ScalarType::Dynamic,
        bytes_max,
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
