//! `evaluate`.

mod activity;
mod cohort;
mod intersection;
mod neighbours;
mod schema_merge;
mod sequence;
mod timeline;

use std::collections::{BTreeMap, HashMap};

use arrow_array::UInt32Array;
use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall, ScalarKind};
use kqlfn::dynamic::Dynamic;
use kqlfn::{Cell, Column};

use crate::budget::Held;
use crate::gathering::Gathering;
use crate::grouping::{groups, of_groups};
use crate::run::Evaluator;
use crate::scalar::constant_column;
use crate::table::{Table, spread, taken};
use crate::value::Value;
use crate::{Failure, Result};

/// What a pair of rows takes on its way into columns.
const PAIR_BYTES: usize = 16;

/// What a row takes among those of a value of a column.
const PIVOTED_BYTES: usize = 96;

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
            "pivot" => self.as_declared(call, self.pivot(call, table)?),
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
        let groups = groups(&keys, table.rows, &self.budget)?;
        let rows_of = &groups.rows;
        let mut schema: Vec<Named> = kept
            .iter()
            .filter_map(|place| table.schema.get(*place).cloned())
            .collect();
        let mut columns = Vec::new();
        for key in &keys {
            columns.push(of_groups(key, rows_of, &self.budget)?);
        }
        let mut held = self.budget.hold();
        for (name, mut rows) in self.pivot_names(pivot, table, rows_of, &mut held)? {
            let mut parts = Vec::with_capacity(rows_of.len());
            for group in 0..rows_of.len() {
                self.budget.tick()?;
                parts.push(rows.remove(&group).unwrap_or_default());
            }
            let mut given = self.aggregate(aggregate, table, &parts)?;
            if let Some(column) = given.pop() {
                held.keep_array(&column.array)?;
                schema.push(Named::new(name, column.kind));
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, rows_of.len()))
    }

    /// For each value of a column the rows of each group that have it, in the order of the values.
    fn pivot_names(
        &self,
        pivot: usize,
        table: &Table,
        groups: &[Vec<usize>],
        held: &mut Held,
    ) -> Result<BTreeMap<String, HashMap<usize, Vec<usize>>>> {
        let mut names: BTreeMap<String, HashMap<usize, Vec<usize>>> = BTreeMap::new();
        // Beside the rows of one value at a time there are those of all values.
        held.grow(groups.len().saturating_mul(size_of::<Vec<usize>>()))?;
        for (group, rows) in groups.iter().enumerate() {
            for row in rows {
                self.budget.tick()?;
                held.grow(PIVOTED_BYTES)?;
                let text = table.cell(pivot, *row).text();
                match names.get_mut(&*text) {
                    Some(of_groups) => of_groups.entry(group).or_default().push(*row),
                    None => {
                        let of_groups = HashMap::from([(group, vec![*row])]);
                        names.insert(text.into_owned(), of_groups);
                    }
                }
            }
        }
        Ok(names)
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
        let mut held = self.budget.hold();
        held.keep(&lookup)?;
        let (mut left_places, mut right_places) = (Vec::new(), Vec::new());
        for row in 0..table.rows {
            let text = match address.cell(row) {
                Cell::String(text) => Value::String(text.to_owned()),
                _ => Value::String(String::new()),
            };
            let text = constant_column(&text, ScalarType::String)?;
            let inside =
                self.apply_in_parts(function, &[text, range.clone()], ScalarType::Bool, lookup.rows)?;
            let before = left_places.len();
            for partner in 0..lookup.rows {
                self.budget.tick()?;
                let is_partner = inside.cell(partner).bool() == Some(true)
                    && pairs.iter().all(|(left, right)| {
                        crate::value::key(&[left.cell(row)]) == crate::value::key(&[right.cell(partner)])
                    });
                if is_partner {
                    held.grow(PAIR_BYTES)?;
                    left_places.push(u32::try_from(row).ok());
                    right_places.push(u32::try_from(partner).ok());
                }
            }
            if left_places.len() == before && keeps_unmatched {
                held.grow(PAIR_BYTES)?;
                left_places.push(u32::try_from(row).ok());
                right_places.push(None);
            }
        }
        let rows = left_places.len();
        let mut sides = [(table, left_places), (&lookup, right_places)];
        if call.name == "ipv6_lookup" {
            sides.reverse();
        }
        let mut columns = Vec::new();
        for (table, places) in sides {
            let places = UInt32Array::from(places);
            for column in &table.columns {
                let column = taken(column, &places, &self.budget)?;
                held.keep_array(&column.array)?;
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, rows))
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
