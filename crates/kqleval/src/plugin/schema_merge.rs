//! `schema_merge`: one schema of several, each as `getschema` tells it.

use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall};
use kqlfn::Cell;

use crate::run::Evaluator;
use crate::table::Table;
use crate::value::Value;
use crate::{Failure, Result};

/// What a column has that stands elsewhere in another schema.
const OUT_OF_ORDER: &str = "ERROR(columns are out of order)";

/// A column of the merged schema.
struct Merged {
    name: String,
    first: i64,
    last: i64,
    kind: ScalarType,
}

impl Evaluator<'_> {
    /// The arguments are the places of name, ordinal and type, and whether columns must stay where they are.
    pub(super) fn schema_merge(&self, schema: Vec<Named>, call: &PluginCall, table: &Table) -> Result<Table> {
        let [name, ordinal, kind, preserves] = call.arguments.as_slice() else {
            return Err(Failure::new("`schema_merge` takes one argument"));
        };
        let (names, ordinals, kinds) = (
            self.column(name, table)?,
            self.column(ordinal, table)?,
            self.column(kind, table)?,
        );
        let preserves = self.constant(preserves)?.cell().bool() != Some(false);
        let mut merged: Vec<Merged> = Vec::new();
        for row in 0..table.rows {
            self.budget.check()?;
            let name = names.cell(row).text().into_owned();
            let ordinal = ordinals.cell(row).long().unwrap_or(0);
            let kind = ScalarType::from_name(&kinds.cell(row).text())
                .ok_or_else(|| Failure::new(format!("the column `{name}` has no type that is known")))?;
            match merged.iter_mut().find(|held| held.name == name) {
                Some(held) => {
                    held.kind = common(held.kind, kind).ok_or_else(|| {
                        Failure::new(format!(
                            "the column `{name}` is of type {} and of type {kind}, which have none in common",
                            held.kind
                        ))
                    })?;
                    held.last = held.last.max(ordinal);
                    held.first = held.first.min(ordinal);
                }
                None => merged.push(Merged {
                    name,
                    first: ordinal,
                    last: ordinal,
                    kind,
                }),
            }
        }
        merged.sort_by_key(|column| column.last);
        let mut next = 0;
        let mut rows = Vec::new();
        for column in &merged {
            let moves = preserves && column.first != column.last;
            let (ordinal, data, kind) = if moves {
                (
                    -1,
                    format!("ERROR(unknown CSL type:{OUT_OF_ORDER})"),
                    OUT_OF_ORDER,
                )
            } else {
                next += 1;
                (next - 1, column.kind.dotnet_name().to_owned(), column.kind.name())
            };
            rows.push(vec![
                Value::String(column.name.clone()),
                Value::from(Cell::Long(ordinal)),
                Value::String(data),
                Value::String(kind.to_owned()),
            ]);
        }
        Table::of_values(schema, &rows)
    }
}

/// The type that holds the values of both.
fn common(left: ScalarType, right: ScalarType) -> Option<ScalarType> {
    if left == right {
        Some(left)
    } else {
        left.widest(right)
    }
}
