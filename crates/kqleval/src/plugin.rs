//! `evaluate`.

mod activity;
mod cohort;
mod intersection;
mod lookup;
mod neighbours;
mod pivot;
mod schema_merge;
mod sequence;
mod timeline;

use std::collections::BTreeMap;

use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall, ScalarKind};
use kqlfn::dynamic::Dynamic;
use kqlfn::{Cell, Column};

use crate::base::Base;
use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::{Table, spread};
use crate::value::Value;
use crate::{Failure, Result};

/// What a member of bags takes beside its name.
const MEMBER_BYTES: usize = 64;

impl Evaluator<'_> {
    pub(crate) fn plugin(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
        outer: Option<&Table>,
    ) -> Result<Table> {
        match call.name.as_str() {
            "bag_unpack" => self.as_declared(call, self.bag_unpack(call, table)?),
            "pivot" => self.pivot(call, &Base::of_table(table)),
            "narrow" => self.narrow(schema, table),
            "ipv4_lookup" | "ipv6_lookup" => self.address_lookup(schema, call, table, outer),
            "activity_counts_metrics"
            | "activity_metrics"
            | "activity_engagement"
            | "session_count"
            | "sliding_window_counts"
            | "active_users_count" => self.activity(schema, call, table),
            "new_activity_metrics" => self.new_activity(schema, call, table, outer),
            "rolling_percentile" => self.rolling_percentile(schema, call, table),
            "rows_near" => self.rows_near(call, table),
            "dcount_intersect" => self.dcount_intersect(schema, call, table),
            "schema_merge" => self.schema_merge(schema, call, table),
            "sequence_detect" => self.sequence_detect(schema, call, table),
            "funnel_sequence_completion" => self.funnel_completion(schema, call, table),
            name => Err(Failure::unsupported(&format!("the plugin `{name}`"))),
        }
    }

    fn plain(&self, call: &PluginCall, at: usize) -> Result<usize> {
        match call.arguments.get(at).map(|argument| &argument.kind) {
            Some(ScalarKind::Column(place)) => Ok(*place),
            _ => Err(Failure::new(format!("`{}` takes columns", call.name))),
        }
    }

    /// The columns that the call is said to give; members that no bag has are null.
    fn as_declared(&self, call: &PluginCall, given: Table) -> Result<Table> {
        let Some(declared) = &call.declared else {
            return Ok(given);
        };
        let undeclared = given.schema.iter().find(|held| !declared.contains(held));
        if let (Some(column), "pivot") = (undeclared, call.name.as_str()) {
            return Err(Failure::new(format!(
                "`pivot` gives a column `{}` of type {} that is not declared",
                column.name, column.kind
            )));
        }
        let mut columns = Vec::new();
        for wanted in declared {
            let place = given.schema.iter().position(|held| held.name == wanted.name);
            columns.push(match place.and_then(|place| given.columns.get(place)) {
                Some(column) if column.kind == wanted.kind => column.clone(),
                Some(column) if call.name == "bag_unpack" => self.cast(column, wanted.kind, given.rows)?,
                None if call.name == "bag_unpack" => {
                    spread(&Column::null(wanted.kind), given.rows, &self.budget)?
                }
                _ => {
                    return Err(Failure::new(format!(
                        "`{}` gives no column `{}` of type {}",
                        call.name, wanted.name, wanted.kind
                    )));
                }
            });
        }
        Ok(Table::new(declared.clone(), columns, given.rows))
    }

    /// Each member of the bags becomes a column, of the type that all its values have.
    fn bag_unpack(&self, call: &PluginCall, table: &Table) -> Result<Table> {
        let at = self.plain(call, 0)?;
        let prefix = match call.arguments.get(1) {
            Some(prefix) => self.constant(prefix)?.cell().text().into_owned(),
            None => String::new(),
        };
        let option = |at: usize| match call.arguments.get(at) {
            Some(option) => self.constant(option),
            None => Ok(Value::Null),
        };
        let conflict = option(2)?.cell().text().into_owned();
        let ignored: Vec<String> = match option(3)?.cell() {
            Cell::Dynamic(Dynamic::Array(names)) => names.iter().map(Dynamic::to_text).collect(),
            _ => Vec::new(),
        };
        let members = self.bag_members(table, at, &ignored)?;
        let mut held = self.budget.hold();
        let mut schema: Vec<Named> = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for (place, (named, column)) in table.schema.iter().zip(&table.columns).enumerate() {
            if place != at {
                schema.push(named.clone());
                columns.push(column.clone());
            }
        }
        for (name, kind) in members {
            let kind = kind.unwrap_or(ScalarType::Dynamic);
            let given = format!("{prefix}{name}");
            let there = schema.iter().position(|held| *held.name == *given);
            match (there, conflict.as_str()) {
                (None, _) => {}
                // The column stays, and stands where the member would.
                (Some(place), "keep_source") => {
                    let (kept, column) = (schema.remove(place), columns.remove(place));
                    schema.push(kept);
                    columns.push(column);
                    continue;
                }
                (Some(place), "replace_source") => {
                    schema.remove(place);
                    columns.remove(place);
                }
                (Some(_), _) => {
                    return Err(Failure::new(format!(
                        "`bag_unpack` gives a column `{given}` that is there already; `columnsConflict` says which stays"
                    )));
                }
            }
            let column = self.column_in_parts(kind, table.rows, |row| match table.cell(at, row) {
                Cell::Dynamic(Dynamic::Bag(bag)) => match bag.get(&name) {
                    Some(Dynamic::Null) | None => Cell::Null,
                    Some(value) if kind == ScalarType::Dynamic => Cell::Dynamic(value),
                    Some(value) => Cell::Dynamic(value).plain(),
                },
                _ => Cell::Null,
            })?;
            held.keep_array(&column.array)?;
            schema.push(Named::new(given, kind));
            columns.push(column);
        }
        Ok(Table::new(schema, columns, table.rows))
    }

    /// A row for each cell.
    fn narrow(&self, schema: Vec<Named>, table: &Table) -> Result<Table> {
        let mut rows = Gathering::new(&self.budget, schema);
        for row in 0..table.rows {
            for (named, column) in table.schema.iter().zip(&table.columns) {
                rows.row(vec![
                    i64::try_from(row).map_or(Value::Null, Value::Long),
                    Value::String(named.name.to_string()),
                    Value::String(column.cell(row).text().into_owned()),
                ])?;
            }
        }
        rows.whole()
    }

    /// The members of the bags of a column in the order of their names, and the type that all values of each have.
    fn bag_members(
        &self,
        table: &Table,
        at: usize,
        ignored: &[String],
    ) -> Result<BTreeMap<String, Option<ScalarType>>> {
        let mut members: BTreeMap<String, Option<ScalarType>> = BTreeMap::new();
        let mut held = self.budget.hold();
        for row in 0..table.rows {
            let Cell::Dynamic(Dynamic::Bag(bag)) = table.cell(at, row) else {
                continue;
            };
            for (name, value) in bag.iter() {
                self.budget.tick()?;
                if ignored.iter().any(|held| held == name) {
                    continue;
                }
                let kind = kind_of(value);
                match members.get_mut(name) {
                    Some(held) => *held = common(*held, kind),
                    None => {
                        held.grow(MEMBER_BYTES + name.len())?;
                        members.insert(name.to_owned(), kind);
                    }
                }
            }
        }
        Ok(members)
    }
}

/// The type of a value that is no null.
fn kind_of(value: Dynamic<'_>) -> Option<ScalarType> {
    Some(match value {
        Dynamic::Null => return None,
        Dynamic::Bool(_) => ScalarType::Bool,
        Dynamic::Int(_) | Dynamic::Long(_) => ScalarType::Long,
        Dynamic::Real(_) => ScalarType::Real,
        Dynamic::Decimal(_) => ScalarType::Decimal,
        Dynamic::String(_) => ScalarType::String,
        Dynamic::Datetime(_) => ScalarType::Datetime,
        Dynamic::Timespan(_) => ScalarType::Timespan,
        Dynamic::Guid(_) => ScalarType::Guid,
        Dynamic::Array(_) | Dynamic::Bag(_) => ScalarType::Dynamic,
    })
}

fn common(left: Option<ScalarType>, right: Option<ScalarType>) -> Option<ScalarType> {
    match (left, right) {
        (None, held) | (held, None) => held,
        (Some(left), Some(right)) if left == right => Some(left),
        (Some(left), Some(right)) => left.widest(right).or(Some(ScalarType::Dynamic)),
    }
}
