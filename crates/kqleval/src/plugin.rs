//! `evaluate`.

mod activity;
mod cohort;
mod intersection;
mod neighbours;
mod schema_merge;
mod sequence;
mod timeline;

use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall, ScalarKind};
use kqlfn::dynamic::Dynamic;
use kqlfn::{Cell, Column};

use crate::grouping::groups;
use crate::run::Evaluator;
use crate::table::{Table, column_of};
use crate::value::Value;
use crate::{Failure, Result};

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
            "pivot" => self.as_declared(call, self.pivot(call, table)?),
            "narrow" => narrow(schema, table),
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
                None if call.name == "bag_unpack" => column_of(wanted.kind, given.rows, |_| Cell::Null)?,
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
        let members = bag_members(table, at, &ignored);
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
            let column = column_of(kind, table.rows, |row| match table.cell(at, row) {
                Cell::Dynamic(Dynamic::Bag(bag)) => match bag.get(&name) {
                    Some(Dynamic::Null) | None => Cell::Null,
                    Some(value) if kind == ScalarType::Dynamic => Cell::Dynamic(value),
                    Some(value) => Cell::Dynamic(value).plain(),
                },
                _ => Cell::Null,
            })?;
            schema.push(Named::new(given, kind));
            columns.push(column);
        }
        Ok(Table::new(schema, columns, table.rows))
    }

    /// Each value of a column becomes a column.
    fn pivot(&self, call: &PluginCall, table: &Table) -> Result<Table> {
        let pivot = self.plain(call, 0)?;
        let kept = (1..call.arguments.len())
            .map(|at| self.plain(call, at))
            .collect::<Result<Vec<_>>>()?;
        let aggregate = call
            .aggregates
            .first()
            .ok_or_else(|| Failure::new("`pivot` has no aggregate"))?;
        let keys: Vec<Column> = kept
            .iter()
            .filter_map(|place| table.columns.get(*place).cloned())
            .collect();
        let rows_of = groups(&keys, table.rows);
        let mut names: Vec<String> = (0..table.rows)
            .map(|row| table.cell(pivot, row).text().into_owned())
            .collect();
        names.sort();
        names.dedup();
        let mut schema: Vec<Named> = kept
            .iter()
            .filter_map(|place| table.schema.get(*place).cloned())
            .collect();
        let mut columns = Vec::new();
        for key in &keys {
            columns.push(column_of(key.kind, rows_of.len(), |group| {
                rows_of
                    .get(group)
                    .and_then(|rows| rows.first())
                    .map_or(Cell::Null, |row| key.cell(*row))
            })?);
        }
        for name in names {
            let parts: Vec<Vec<usize>> = rows_of
                .iter()
                .map(|rows| {
                    rows.iter()
                        .copied()
                        .filter(|row| table.cell(pivot, *row).text() == name)
                        .collect()
                })
                .collect();
            let mut given = self.aggregate(aggregate, table, &parts)?;
            if let Some(column) = given.pop() {
                schema.push(Named::new(name, column.kind));
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, rows_of.len()))
    }

    fn address_lookup(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
        outer: Option<&Table>,
    ) -> Result<Table> {
        let lookup = match call.tables.first() {
            Some(rows) => self.rows(rows, outer)?,
            None => return Err(Failure::new(format!("`{}` takes a table", call.name))),
        };
        let [address, range, unmatched, keys @ ..] = call.arguments.as_slice() else {
            return Err(Failure::new(format!(
                "`{}` takes an address and ranges",
                call.name
            )));
        };
        let address = self.column(address, table)?;
        let range = self.column(range, &lookup)?;
        let keeps_unmatched = self.constant(unmatched)?.cell().bool() == Some(true);
        let mut pairs = Vec::new();
        for pair in keys.chunks(2) {
            if let [left, right] = pair {
                pairs.push((self.column(left, table)?, self.column(right, &lookup)?));
            }
        }
        let function = if call.name == "ipv6_lookup" {
            "ipv6_is_in_range"
        } else {
            "ipv4_is_in_range"
        };
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for row in 0..table.rows {
            let text = Column {
                is_constant: true,
                ..column_of(ScalarType::String, 1, |_| {
                    Cell::String(match address.cell(row) {
                        Cell::String(text) => text,
                        _ => "",
                    })
                })?
            };
            let inside = self.apply(function, &[text, range.clone()], ScalarType::Bool, lookup.rows)?;
            let mut is_matched = false;
            for partner in 0..lookup.rows {
                let same_keys = pairs.iter().all(|(left, right)| {
                    crate::value::key(&[left.cell(row)]) == crate::value::key(&[right.cell(partner)])
                });
                if inside.cell(partner).bool() == Some(true) && same_keys {
                    is_matched = true;
                    rows.push(side_by_side(call, table.row(row), lookup.row(partner)));
                }
            }
            if !is_matched && keeps_unmatched {
                let nothing = lookup
                    .schema
                    .iter()
                    .map(|column| {
                        if column.kind == ScalarType::String {
                            Cell::String("")
                        } else {
                            Cell::Null
                        }
                    })
                    .collect();
                rows.push(side_by_side(call, table.row(row), nothing));
            }
        }
        Table::of_values(schema, &rows)
    }
}

fn side_by_side(call: &PluginCall, left: Vec<Cell<'_>>, right: Vec<Cell<'_>>) -> Vec<Value> {
    let (first, second) = if call.name == "ipv6_lookup" {
        (right, left)
    } else {
        (left, right)
    };
    first.into_iter().chain(second).map(Value::from).collect()
}

/// A row for each cell.
fn narrow(schema: Vec<Named>, table: &Table) -> Result<Table> {
    let mut rows = Vec::new();
    for row in 0..table.rows {
        for (named, column) in table.schema.iter().zip(&table.columns) {
            rows.push(vec![
                i64::try_from(row).map_or(Value::Null, Value::Long),
                Value::String(named.name.to_string()),
                Value::String(column.cell(row).text().into_owned()),
            ]);
        }
    }
    Table::of_values(schema, &rows)
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

/// The members of the bags of a column in the order of their names, and the type that all values of each have.
fn bag_members(table: &Table, at: usize, ignored: &[String]) -> Vec<(String, Option<ScalarType>)> {
    let mut members: Vec<(String, Option<ScalarType>)> = Vec::new();
    for row in 0..table.rows {
        if let Cell::Dynamic(Dynamic::Bag(bag)) = table.cell(at, row) {
            for (name, value) in bag
                .iter()
                .filter(|(name, _)| !ignored.iter().any(|held| held == name))
            {
                let kind = kind_of(value);
                match members.iter_mut().find(|(held, _)| held == name) {
                    Some((_, held)) => *held = common(*held, kind),
                    None => members.push((name.to_owned(), kind)),
                }
            }
        }
    }
    members.sort_by(|left, right| left.0.cmp(&right.0));
    members
}
